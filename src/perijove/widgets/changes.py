"""What changes on a server, gathered a little: which deployments, and which of their runs."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

from perijove import clock
from perijove.client import Events, Target
from perijove.schemas.events import ID, ROLE, EventFilter, EventNameFilter, ReceivedEvent

GATHERED = 0.5
"""Seconds for which changes are gathered before they are told."""

RESTS = 8
"""How many times longer than it was at work the teller rests: kernels have other things to do."""

_DEPLOYMENT = "prefect.deployment."
_FLOW_RUN = "prefect.flow-run."
_ASKED = EventFilter(event=EventNameFilter(prefix=[_DEPLOYMENT, _FLOW_RUN]))


@dataclass(slots=True)
class Changed:
    """``deployments`` that were made, changed or deleted; ``flow_runs`` in another state, and what they ``ran``."""

    deployments: set[UUID] = field(default_factory=set)
    flow_runs: set[UUID] = field(default_factory=set)
    ran: set[UUID] = field(default_factory=set)

    def add(self, event: ReceivedEvent) -> None:
        """Take in what an event tells."""
        if event.event.startswith(_DEPLOYMENT):
            self.deployments |= _ids(event.resource)
            return
        self.flow_runs |= _ids(event.resource)
        for resource in event.related:
            if resource[ROLE] == "deployment":
                self.ran |= _ids(resource)


async def follow(target: Target, tell: Callable[[Changed], Awaitable[None]]) -> None:
    """Tell what changes, until cancelled. What comes while ``tell`` is at work, or rests from it, is told together.

    Raises ServerError, in a group, where the server refuses, stays away, or tells of no events.
    """
    changed, has_come = Changed(), asyncio.Event()

    async def hear() -> None:
        async for event in Events(_ASKED, target):
            changed.add(event)
            has_come.set()

    async with asyncio.TaskGroup() as group:
        group.create_task(hear())
        while True:
            await has_come.wait()
            await asyncio.sleep(GATHERED)
            has_come.clear()
            news, changed = changed, Changed()
            began = clock.monotonic()
            await tell(news)
            await asyncio.sleep(RESTS * (clock.monotonic() - began))


def _ids(resource: dict[str, str]) -> set[UUID]:
    """The id of the thing, where its name ends in one."""
    with contextlib.suppress(ValueError):
        return {UUID(resource[ID].rpartition(".")[2])}
    return set()
