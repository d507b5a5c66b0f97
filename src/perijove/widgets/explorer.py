"""The deployment explorer: what is deployed, as a table to search in, and of one deployment its runs and their times.

The page says which rows it wants, some at a time, and asks for no others; what changes on the server comes as events.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, get_args
from uuid import UUID

import traitlets

import perijove
from perijove import clock, deployments
from perijove.client import AsyncClient, Target
from perijove.deployments import rows
from perijove.deployments.rows import Cursor, Page, Row, RowQuery, Status, Strip
from perijove.deployments.schedule import UPCOMING, upcoming
from perijove.deployments.table import Table
from perijove.deployments.words import distance
from perijove.errors import UsageError
from perijove.schemas.deployments import DeploymentFlowRunCreate
from perijove.widgets import showing
from perijove.widgets.changes import Changed
from perijove.widgets.live_view import LiveView
from perijove.widgets.picture import SIGNS

if TYPE_CHECKING:
    from perijove.deployments.listing import NamedDeployment

HISTORY = 50
"""Latest runs of the open deployment that are drawn."""


class DeploymentExplorer(LiveView):
    """A table of the deployments that ``wanted`` asks for. ``selected``: the full name of the one that is open."""

    _esm = showing.script("explorer", "runs")
    _css = showing.style("explorer", "runs")
    wanted = traitlets.Dict().tag(sync=True)
    selected = traitlets.Unicode().tag(sync=True)

    def __init__(self, target: Target, wanted: RowQuery) -> None:
        super().__init__(target, wanted=wanted.model_dump(mode="json", exclude={"cursor"}))
        self._cursor = Cursor()
        self._page = Page(rows=[], next=None, total=0)
        self._strips: dict[UUID, Strip] = {}
        self._open: UUID | None = None
        self._history = Strip(flow_runs=[], next_run=None)
        self.observe(lambda _: self._turn(Cursor()), "wanted")

    @property
    def deployment(self) -> "NamedDeployment | None":
        """The deployment that is open, as its server has it now; None where none is. Raises NotFound."""
        if not self.selected:
            return None
        with perijove.get_client(sync_client=True) as client:
            return deployments.listing.deployment(client, self.selected)

    def table(self) -> Table:
        """The rows that are shown."""
        if not self._page.rows:
            return Table([], title="There are no such deployments, or none yet: %deploy makes one.")
        told = [_told(row, self._strips.get(row.id)) for row in self._page.rows]
        notes = [f"{len(told)} of {self._page.total:,} deployments"]
        return Table(told, ("deployment", "schedule", "next run", "last runs", "tags"), notes=notes)

    def picture(self) -> str:
        return f'<div class="perijove-picture">{self.table().html()}</div>'

    def __repr__(self) -> str:
        return str(self.table())

    # -- what the page asks for ------------------------------------------------------------------------------------

    def _heard(self, message: Any) -> None:
        match message:
            case {"type": "turn", "cursor": dict() as cursor}:
                self._turn(Cursor.model_validate(cursor))
            case {"type": "open", "id": str(one)}:
                self._open = UUID(one)
                self._do(self._show_history())
            case {"type": "close"}:
                self._open = None
                self.selected = ""
            case {"type": "run" | "pause" | "resume" as action, "id": str(one)}:
                self._do(self._act(action, UUID(one)))

    def _turn(self, cursor: Cursor) -> None:
        """Show the rows from there on."""
        self._cursor = cursor
        self._do(self._read_all())

    async def _show_history(self) -> None:
        async with self._client() as client:
            await self._read_history(client)
        self._tell_history()

    async def _act(self, action: str, one: UUID) -> None:
        async with self._client() as client:
            match action:
                case "run":
                    await client.create_flow_run_from_deployment(one, DeploymentFlowRunCreate())
                case "pause":
                    await client.pause_deployment(one)
                case "resume":
                    await client.resume_deployment(one)
        if action != "run":  # which is heard of; of a pause, not every kind of server tells
            await self._read_all()

    # -- what is read, and told ------------------------------------------------------------------------------------

    async def _read(self, client: AsyncClient) -> None:
        asked = self._asked()
        page = await rows.page(client, asked)
        strips = await rows.strips(client, [row.id for row in page.rows])
        if asked == self._asked():  # else the page has asked for others meanwhile
            self._page, self._strips = page, strips

    def _asked(self) -> RowQuery:
        return RowQuery(**self.wanted, cursor=self._cursor)

    async def _read_history(self, client: AsyncClient) -> None:
        if self._open is not None:
            self._history = await rows.strip(client, self._open, count=HISTORY)

    async def _take(self, client: AsyncClient, changed: Changed) -> None:
        if changed.deployments:
            await self._read(client)
            self._tell()
        elif ran := changed.ran & self._strips.keys():
            strips = await rows.strips(client, list(ran))
            self._strips |= strips
            self.send({"type": "strips", "strips": _json(strips)})
        if self._open in changed.ran | changed.deployments:
            await self._read_history(client)
            self._tell_history()

    def _tell(self) -> None:
        page = self._page.model_dump(mode="json")
        self.send({"type": "page", **page, "strips": _json(self._strips), "cursor": self._cursor.model_dump()})
        if self._open:
            self._tell_history()

    def _tell_history(self) -> None:
        coming = [{"instant": instant.isoformat(), "zone": zone} for instant, zone in self._coming()]
        runs = self._history.model_dump(mode="json")["flow_runs"]
        self.send({"type": "history", "id": str(self._open), "flow_runs": runs, "coming": coming})

    def _coming(self) -> list[tuple[datetime, str]]:
        """When the open one is next due, and in which timezones that was said."""
        row = next((row for row in self._page.rows if row.id == self._open and not row.paused), None)
        active = [each.schedule for each in row.schedules if each.active] if row else []
        due = [(instant, each.timezone or "UTC") for each in active for instant in upcoming(each)]
        return sorted(due)[:UPCOMING]


def explore(search: str = "", *, tags: Iterable[str] = (), status: Status | None = None) -> DeploymentExplorer:
    """A live table of the deployments: search, open one for its run history and durations, run, pause or resume it.

    - search: a part of the flow's or the deployment's name.
    - tags: only those that have all of them.
    - status: ``active``, ``paused``, or with a run that is ``running`` or ``failed``.

    Raises UsageError for another status, and ServerError.
    """
    if status not in (None, *get_args(Status)):
        raise UsageError(f"There is no status {status!r} of deployments: it is {', '.join(get_args(Status))}.")
    with perijove.get_client(sync_client=True) as client:
        explorer = DeploymentExplorer(client.target, RowQuery(search=search, tags=list(tags), status=status))
    explorer.read()
    return explorer


def _told(row: Row, strip: Strip | None) -> tuple[str, str, str, str, str]:
    words = [each.words + ("" if each.active else " (paused)") for each in row.schedules]
    when = "paused" if row.paused else distance(row.next_run, clock.now()) if row.next_run else ""
    runs = strip.flow_runs if strip else ()
    signs = "".join(SIGNS.get(run.state_type, "?") if run.state_type else "?" for run in runs)
    return f"{row.flow_name}/{row.name}", "\n".join(words), when, signs, ", ".join(row.tags)


def _json(strips: dict[UUID, Strip]) -> dict[str, Any]:
    return {str(one): strip.model_dump(mode="json") for one, strip in strips.items()}
