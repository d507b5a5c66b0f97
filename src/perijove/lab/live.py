"""From the target's events to Jupyter's own: what JupyterLab's pages are told the moment that it happens."""

import asyncio
import contextlib
import logging
from pathlib import Path
from typing import Any

from jupyter_events import EventLogger

from perijove.client import Events, Target
from perijove.errors import PerijoveError
from perijove.lab.connection import Connection, Stopped
from perijove.schemas.events import ID, NAME, ROLE, EventFilter, EventNameFilter, ReceivedEvent

SCHEMA = Path(__file__).with_name("change.yaml")
CHANGE = "https://events.perijove.dev/change/v1"

_PARTS = {"prefect.task-run.": "task_runs", "prefect.artifact.": "artifacts"}
"""What belongs to a flow run, by the beginning of its events' names, and what its changes are called."""

_TOLD = EventFilter(event=EventNameFilter(prefix=["prefect.flow-run.", "prefect.deployment.", *_PARTS]))
_GATHERED = 0.1  # seconds for which changes of a run's parts are gathered: there may be thousands
_PAUSE = 2.0  # seconds until the next look for a target that was not there

log = logging.getLogger(__name__)


class Live:
    """Tells every page of this Jupyter Server what changes, numbered, so that a page knows when it missed something.

    A number is one more than the last; a page that sees another one, or a first one, reads everything anew.
    """

    def __init__(self, connection: Connection, events: EventLogger) -> None:
        self._connection = connection
        self._events = events
        self._number = 0
        self._gathering: set[tuple[str, str]] = set()
        events.register_event_schema(SCHEMA)

    async def tell(self) -> None:
        """Tell what happens, for as long as Jupyter Server lives, whatever becomes of the target."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._tell_of_target())
            tasks.create_task(self._tell_of_events())

    async def _tell_of_target(self) -> None:
        """Tell when the target comes or goes: a look at a lock file now and then, no request."""
        before: Target | None = None
        while True:
            found: Target | None = None
            with contextlib.suppress(PerijoveError):
                found = await self._connection.target()
            if found != before:
                self._emit({"kind": "connected"})
            before = found
            await asyncio.sleep(_PAUSE)

    async def _tell_of_events(self) -> None:
        while True:
            with contextlib.suppress(Stopped):
                try:
                    target = await self._connection.target()
                    async for event in Events(_TOLD, target):
                        self._tell_of(event)
                except PerijoveError as error:
                    log.info("Changes are not told at the moment: %s", error)
            await asyncio.sleep(_PAUSE)

    def _tell_of(self, event: ReceivedEvent) -> None:
        part = next((part for prefix, part in _PARTS.items() if event.event.startswith(prefix)), None)
        if part is None:
            self._emit(_change(event))
        elif flow_run_id := _id(_related(event, "flow-run")):
            self._gather(part, flow_run_id)

    def _gather(self, part: str, flow_run_id: str) -> None:
        if (part, flow_run_id) not in self._gathering:
            self._gathering.add((part, flow_run_id))
            asyncio.get_running_loop().call_later(_GATHERED, self._tell_of_part, part, flow_run_id)

    def _tell_of_part(self, part: str, flow_run_id: str) -> None:
        self._gathering.discard((part, flow_run_id))
        self._emit({"kind": part, "flow_run_id": flow_run_id})

    def _emit(self, change: dict[str, Any]) -> None:
        self._number += 1
        self._events.emit(schema_id=CHANGE, data={"number": self._number, **change})


def _change(event: ReceivedEvent) -> dict[str, Any]:
    """What the pages are told of an event: which thing it is about, and a run's state; nothing that could be secret."""
    of_deployment = event.event.startswith("prefect.deployment.")
    deployment = event.resource if of_deployment else _related(event, "deployment")
    change = {"kind": "deployment" if of_deployment else "flow_run", "deployment_id": _id(deployment)}
    if not of_deployment:
        change |= {
            "flow_run_id": _id(event.resource),
            "name": event.resource.get(NAME, ""),
            "state_type": event.resource.get("prefect.state-type", ""),
            "state_name": event.resource.get("prefect.state-name", ""),
        }
    return change


def _related(event: ReceivedEvent, role: str) -> dict[str, str]:
    return next((each for each in event.related if each.get(ROLE) == role), {})


def _id(resource: dict[str, str]) -> str:
    return resource.get(ID, "").rpartition(".")[2]
