"""The run monitor: a flow run's state, tasks and log as they change, with what can be done about it.

The page asks for everything when it opens, and then hears what is new. It is told in the wire's own names. Cells go
on meanwhile: a thread of its own listens to the server.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import anywidget
import traitlets
from ipywidgets import VBox

import perijove
from perijove import deployments
from perijove.deployments import secrets
from perijove.deployments.run import Run
from perijove.errors import PerijoveError, UsageError
from perijove.schemas.runs import FlowRun
from perijove.schemas.states import FINAL
from perijove.widgets import picture, showing
from perijove.widgets.background import begin
from perijove.widgets.known import News
from perijove.widgets.watching import Watch

if TYPE_CHECKING:
    from concurrent.futures import Future

    from IPython.display import DisplayHandle

    from perijove.client import Target

MOST_AT_ONCE = 2_000
"""Log lines in one message to the page."""


class RunMonitor(anywidget.AnyWidget):
    """A live view of one flow run.

    ``secret``: the names of parameters that are not shown; ``is_open``: all of it is shown, not its first line alone.
    """

    _esm = showing.script("monitor")
    _css = showing.style("monitor")
    is_open = traitlets.Bool(True).tag(sync=True)

    def __init__(self, run: Run, secret: frozenset[str], *, is_open: bool = True) -> None:
        super().__init__(is_open=is_open)
        self._secret = secret
        self.pictured: DisplayHandle | None = None
        self.on_msg(self._hear)
        self._begin(run)

    @property
    def run(self) -> Run:
        """The run as it is known by now."""
        return Run.of(self._watch.known.run, self._target, self._of_what, self._secret)

    def close(self) -> None:
        """Stop watching; the run goes on."""
        self._following.cancel()
        super().close()

    def picture(self) -> str:
        """What is known, as HTML that needs no kernel, widget or script."""
        return picture.html(replace(self._watch.known, run=self._shown(self._watch.known.run)), self._of_what)

    def __repr__(self) -> str:
        return str(self.run.table())

    def _shown(self, run: FlowRun) -> FlowRun:
        return run.model_copy(update={"parameters": secrets.hidden(run.parameters, self._secret)})

    def _begin(self, run: Run) -> None:
        """Follow this run, from its beginning."""
        self._target: Target = run.target
        self._of_what = run.of_what
        self._watch = Watch(run, run.target, self._tell)
        self._following: Future[None] = begin(self._follow(self._watch))

    async def _follow(self, watch: Watch) -> None:
        try:
            await watch.follow()
        except* PerijoveError as group:
            self._say_problem(group.exceptions[0])

    def _tell(self, news: News) -> None:
        """Send news, and keep the saved notebook's picture true."""
        logs = news.logs
        for start in range(0, max(len(logs), 1), MOST_AT_ONCE):
            part = News(logs=logs[start : start + MOST_AT_ONCE])
            if not start:
                run = news.run and self._shown(news.run)
                part = News(run, news.states, news.progress, news.task_runs, part.logs)
            self.send({"type": "news", **part.json()})
        if news.run and news.run.state_type in FINAL:
            showing.draw_anew(self.pictured, self.picture())

    def _say_problem(self, error: BaseException) -> None:
        self.send({"type": "problem", "message": str(error)})

    # -- what the page asks for ------------------------------------------------------------------------------------

    def _hear(self, _: object, message: Any, __: object) -> None:
        match message:
            case {"type": "attach"}:
                self.send({"type": "all", "of_what": self._of_what})
                self._tell(self._watch.known.all())
            case {"type": "cancel"}:
                begin(self._do(self.run.cancel))
            case {"type": "retry"}:
                begin(self._do(self._retry))
            case {"type": "rerun", "parameters": dict() as parameters}:
                begin(self._do(lambda: self._rerun(parameters)))

    async def _do(self, action: Any) -> None:
        try:
            await asyncio.to_thread(action)
        except PerijoveError as error:
            self._say_problem(error)

    def _retry(self) -> None:
        self._replace(self.run.retry())

    def _rerun(self, parameters: Mapping[str, Any]) -> None:
        run = self._watch.known.run
        if run.deployment_id is None:
            raise UsageError("Only the run of a deployment can be run with other parameters.")
        self._replace(deployments.run_deployment(run.deployment_id, secrets.restored(parameters, run), timeout=0))

    def _replace(self, run: Run) -> None:
        """Watch this run from now on."""
        self._following.cancel()
        self.send({"type": "all", "of_what": self._of_what})
        self._begin(run)

    # -- how it is shown -------------------------------------------------------------------------------------------

    def _ipython_display_(self) -> None:
        """The live view, and under it the picture that a saved notebook keeps; the view hides it while it lives."""
        _show(self, str(self), [self])


class RunMonitors(VBox):  # type: ignore[misc]
    """Live views of several flow runs, each one line until it is opened."""

    def _ipython_display_(self) -> None:
        _show(self, "\n".join(map(repr, self.children)), self.children)


def monitor(runs: Run | UUID | str | Iterable[Run | UUID | str]) -> RunMonitor | RunMonitors:
    """A live view of a flow run, or of several, each given as a run, by its id, or by its name (the latest of it).

    The run's end, a closed notebook and a new kernel leave the run alone; ``monitor`` takes it up again by its id.
    Raises NotFound.
    """
    if isinstance(runs, Run | UUID | str):
        return RunMonitor(*_found([runs])[0])
    return RunMonitors([RunMonitor(run, secret, is_open=False) for run, secret in _found(runs)])


def _found(runs: Iterable[Run | UUID | str]) -> list[tuple[Run, frozenset[str]]]:
    """The runs, and the names of each one's secret parameters."""
    with perijove.get_client(sync_client=True) as client:
        found = [each if isinstance(each, Run) else deployments.listing.run(client, str(each)) for each in runs]
        return [(run, secrets.of(client, run)) for run in found]


def _show(widget: Any, text: str, monitors: Iterable[RunMonitor]) -> None:
    """Publish a widget, and under it the picture of each run."""
    showing.show(widget, text)
    for each in monitors:
        each.pictured = showing.show_picture(each.picture())
