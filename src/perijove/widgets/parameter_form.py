"""The parameter form: a deployment's parameters as fields, checked as they are typed, and a run of them.

The page holds what is typed, and the kernel what it means. A secret never becomes a part of the widget's state, which
notebooks save.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets
from ipywidgets import VBox

import perijove
from perijove import deployments
from perijove.client import SyncClient, targets
from perijove.deployments import secrets
from perijove.deployments.flow_runs import create_run
from perijove.deployments.table import Table
from perijove.errors import PerijoveError
from perijove.schemas.base import JsonObject
from perijove.schemas.deployments import DeploymentFlowRunCreate
from perijove.widgets import form_fields, showing
from perijove.widgets.background import begin
from perijove.widgets.form_fields import MISSING, Field
from perijove.widgets.run_monitor import RunMonitor
from perijove.widgets.typed import Problems, Reading, shown

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

    from perijove.client import Target
    from perijove.deployments.listing import NamedDeployment
    from perijove.deployments.run import Run

_REFUSAL = re.compile(r"Validation failed(?: for field '([^']+)')?\. Failure reason: (.+)", re.DOTALL)


class ParameterForm(anywidget.AnyWidget):
    """The fields of a deployment's parameters. ``on_run`` is called, in a thread, with those that were changed."""

    _esm = showing.script("form")
    _css = showing.style("form")
    title = traitlets.Unicode().tag(sync=True)
    fields: traitlets.List[JsonObject] = traitlets.List().tag(sync=True)
    typed = traitlets.Dict().tag(sync=True)
    problems = traitlets.Dict().tag(sync=True)
    is_busy = traitlets.Bool().tag(sync=True)

    def __init__(self, deployment: "NamedDeployment", on_run: Any) -> None:
        self._deployment = deployment
        schema = deployment.parameter_openapi_schema
        self._schema = schema if deployment.enforce_parameter_schema else None
        self._fields = form_fields.fields(schema, deployment.parameters)
        self._secrets: dict[str, str] = {}
        self._on_run = on_run
        super().__init__(
            title=deployment.full_name,
            fields=[each.json() for each in self._fields],
            typed={each.name: shown(each, each.value) for each in self._fields},
        )
        self.problems = self.read().problems
        self.observe(self._check, "typed")
        self.on_msg(self._hear)

    def read(self) -> Reading:
        """What the fields hold, and what is wrong with it."""
        reading = Reading.of(self._fields, self.typed, self._secrets)
        reading.check(self._deployment.parameters, self._schema)
        return reading

    def table(self) -> Table:
        """The parameters, what they are where nothing is typed, and what they are for."""
        rows = [(each.name, _own(each), each.help) for each in self._fields]
        return Table(rows, ("parameter", "value", "meaning"), title=f"Parameters of {self.title}")

    def _check(self, _: object = None) -> None:
        self.problems = self.read().problems

    def _hear(self, _: object, message: Any, __: object) -> None:
        match message:
            case {"type": "attach"}:
                self.send({"type": "attached"})
            case {"type": "secret", "place": str(place), "text": str(text)}:
                self._secrets[place] = text
                self._check()
            case {"type": "removed", "place": str(place), "number": int(number)}:
                self._secrets = _without(self._secrets, place, number)
            case {"type": "run"}:
                self._check()
                if not self.problems and not self.is_busy:
                    self.is_busy = True
                    begin(self._run(self.read().parameters))

    async def _run(self, parameters: JsonObject) -> None:
        try:
            await asyncio.to_thread(self._on_run, parameters)
        except PerijoveError as error:
            self.problems = _refusal(str(error))
        finally:
            self.is_busy = False


class RunForm(VBox):  # type: ignore[misc]
    """A form of a deployment's parameters, and under it the monitor of the last run that it began."""

    def __init__(self, deployment: "NamedDeployment", target: "Target") -> None:
        self._deployment, self._target = deployment, target
        self._pictured: DisplayHandle | None = None
        self._monitor: RunMonitor | None = None
        self.run: Run | None = None
        self.form = ParameterForm(deployment, self._begin)
        super().__init__([self.form])

    def picture(self) -> str:
        """The deployment's parameters, as HTML that needs no kernel, widget or script."""
        return f'<div class="perijove-picture">{self.form.table().html()}</div>'

    def __repr__(self) -> str:
        name = self._deployment.full_name
        return (
            f"The form of {name} needs a notebook. Here, run_deployment({name!r}, parameters={{...}}) runs it; "
            f"its parameters: {', '.join(each['name'] for each in self.form.fields) or 'none'}."
        )

    def close(self) -> None:
        """Take the form away; a run that it began goes on."""
        for each in filter(None, (self.form, self._monitor)):
            each.close()
        super().close()

    def _begin(self, parameters: JsonObject) -> None:
        wanted = DeploymentFlowRunCreate(parameters=parameters)
        with SyncClient(targets.found_again(self._target)) as client:
            self.run = create_run(client, self._deployment, self._deployment.full_name, wanted)
        monitor = RunMonitor(self.run, secrets.names(self._deployment.parameter_openapi_schema))
        monitor.pictured = self._pictured
        former = self._monitor
        self.children = (self.form, monitor)
        self._monitor = monitor
        if former is not None:
            former.close()

    def _ipython_display_(self) -> None:
        showing.show(self, repr(self))
        self._pictured = showing.show_picture(self.picture())


def run_form(deployment: str) -> RunForm:
    """A form of a deployment's parameters, named ``flow/deployment`` or by its id, that runs it and shows the run.

    Only what is changed in it goes with the run. Raises NotFound.
    """
    with perijove.get_client(sync_client=True) as client:
        return RunForm(deployments.listing.deployment(client, deployment), client.target)


def _own(field: Field) -> str:
    if field.value is MISSING:
        return "(needed)" if field.is_required else ""
    return "(a secret)" if field.kind == "secret" else json.dumps(field.value, ensure_ascii=False)


def _without(secrets: Mapping[str, str], place: str, number: int) -> dict[str, str]:
    """The secrets by their places, when an item of the list at ``place`` is gone: those behind it move up."""
    head = f"{place}."
    left = {key: text for key, text in secrets.items() if not key.startswith(head)}
    for key in secrets.keys() - left.keys():
        index, dot, rest = key.removeprefix(head).partition(".")
        if (own := int(index)) != number:
            left[f"{head}{own - (own > number)}{dot}{rest}"] = secrets[key]
    return left


def _refusal(message: str) -> Problems:
    """What the server refuses, at its field, or as a whole."""
    found = _REFUSAL.search(message)
    return {found[1] or "": found[2]} if found else {"": message}
