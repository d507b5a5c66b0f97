"""Watch what happens, and have automations act: each trigger once for an event, whatever becomes of this process.

All that follows from some events (windows counted, triggers fired, runs made) is one transaction, in which it is also
noted how far the triggers have come. Between events the loop sleeps until the first window ends.
"""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row

from perijove import clock
from perijove.errors import Invalid
from perijove.schemas.automations import (
    Action,
    Automation,
    CompoundTrigger,
    EventTrigger,
    Posture,
    SequenceTrigger,
    Trigger,
)
from perijove.schemas.events import ID, NAME, ROLE, Event, ReceivedEvent, Resource
from perijove.server.rules import windows
from perijove.server.rules.windows import Outcome, Window
from perijove.server.services import actions
from perijove.server.services.actions import Occasion
from perijove.server.services.signals import EVENTS, RUNS, SCHEDULES, SLOTS, Signals, sleep_until
from perijove.server.storage import automations, events, triggers
from perijove.server.storage.automations import StoredAutomation
from perijove.server.storage.database import Database, Work
from perijove.server.storage.events import Recorded

DEEPEST = 10
"""How many automations may set off one another in a row."""

PAGE = 200
"""Events that are looked at at once."""

PIECE = 10
"""Events that concern a trigger, of which all that follows is one transaction: others want to write, too."""

PAUSE = 0.1
"""Seconds from an event to the look at it while there is no automation: who runs a flow needs the processor more."""

log = logging.getLogger(__name__)

Composite = CompoundTrigger | SequenceTrigger


class Triggers:
    """The loop that evaluates triggers."""

    def __init__(self, database: Database, signals: Signals) -> None:
        self._database = database
        self._signals = signals
        self._in_force: list[StoredAutomation] = []
        self._version: object = None

    async def run(self) -> None:
        """Evaluate until cancelled."""
        position = await self._database.read(triggers.progress)
        with self._signals.listen(EVENTS) as changed:
            while True:
                changed.clear()
                position = await self._catch_up(position)
                next_end = await self._next_end()
                if next_end is not None and next_end <= clock.now():
                    await self._write(_expire)
                else:
                    await sleep_until(next_end, changed)
                    if not self._in_force:
                        await asyncio.sleep(PAUSE)

    async def _catch_up(self, position: int) -> int:
        """Evaluate all that happened after the position; the position of the last of it."""
        while True:
            seen = await self._database.read(partial(_look, position=position, version=self._version))
            if seen.in_force is not None:
                self._in_force, self._version = seen.in_force, seen.version
                if _proactive(seen.in_force):
                    await self._database.write(_open_first)
            if not seen.page:
                return seen.position
            concerned = [one for one in seen.page if _concerns_any(self._in_force, one.event)]
            for start in range(0, len(concerned), PIECE):
                await self._write(partial(_observe, happened=concerned[start : start + PIECE]))
            position = seen.position

    async def _next_end(self) -> datetime | None:
        """When the first window of a proactive trigger ends; others' only matter when the next event comes."""
        waiting = [trigger.id for _, trigger, _ in _proactive(self._in_force)]
        if not waiting:
            return None
        return await self._database.read(partial(triggers.first_end, trigger_ids=waiting))

    async def _write(self, work: Work[int]) -> None:
        if await self._database.write(work):
            self._signals.notify(RUNS, SCHEDULES, SLOTS)


@dataclass(frozen=True, slots=True)
class _Seen:
    """Some events, the position of the last, and the automations as they were then (None: as they were before)."""

    page: list[Recorded]
    position: int
    version: object
    in_force: list[StoredAutomation] | None


def _look(connection: Connection, position: int, version: object) -> _Seen:
    """See both at one instant, so that no event is passed over which an automation was just made for."""
    now = automations.version(connection)
    in_force = automations.enabled(connection) if now != version else None
    if not now.in_force:
        return _Seen([], events.last_position(connection), now, in_force)
    page = events.after(connection, position, PAGE)
    return _Seen(page, page[-1].position if page else position, now, in_force)


def event_triggers(trigger: Trigger) -> Iterator[tuple[EventTrigger, tuple[Composite, ...]]]:
    """The triggers that events concern, each with the composite ones that it is a part of, the innermost first."""
    if isinstance(trigger, EventTrigger):
        yield trigger, ()
    else:
        for part in trigger.triggers:
            for found, parents in event_triggers(part):
                yield found, (*parents, trigger)


def _concerns_any(in_force: list[StoredAutomation], event: Event) -> bool:
    return any(windows.covers(trigger, event) for each in in_force for trigger, _ in event_triggers(each.trigger))


def _proactive(
    in_force: list[StoredAutomation],
) -> list[tuple[StoredAutomation, EventTrigger, tuple[Composite, ...]]]:
    return [
        (each, trigger, parents)
        for each in in_force
        for trigger, parents in event_triggers(each.trigger)
        if trigger.posture is Posture.PROACTIVE
    ]


# -- what follows, in a transaction -------------------------------------------------------------------------------


def _observe(connection: Connection, happened: list[Recorded]) -> int:
    """All that follows from the events; how many automations acted."""
    fired = 0
    in_force = automations.enabled(connection)
    for one in happened:
        acted = sum(_observe_one(connection, each, one) for each in in_force if one.position > each.since)
        if acted:  # and may have put others in force, or out of it
            in_force = automations.enabled(connection)
        fired += acted
    triggers.advance(connection, happened[-1].position)
    return fired


def _observe_one(connection: Connection, automation: StoredAutomation, one: Recorded) -> int:
    fired = 0
    for trigger, parents in event_triggers(automation.trigger):
        if windows.covers(trigger, one.event):
            key = windows.key(trigger, one.event)
            known = _window(triggers.window(connection, trigger.id, key))
            outcome = windows.observe(trigger, known, one.event)
            _keep(connection, automation, trigger, key, outcome)
            if outcome.fires and triggers.note_firing(connection, trigger.id, one.event.id):
                fired += _fire(connection, automation, trigger, parents, key, one)
    return fired


def _open_first(connection: Connection) -> int:
    """Open the windows of those who wait for an absence from the start."""
    for automation, trigger, _ in _proactive(automations.enabled(connection)):
        window = windows.first(trigger, clock.now())
        if window is not None and triggers.window(connection, trigger.id, []) is None:
            _keep(connection, automation, trigger, [], Outcome(window))
    return 0


def _expire(connection: Connection) -> int:
    """All that follows from the ends of windows; how many windows had ended."""
    now, ended = clock.now(), 0
    for automation, trigger, parents in _proactive(automations.enabled(connection)):
        for row in triggers.ended(connection, trigger.id, now):
            ended += 1
            known = _window(row)
            assert known is not None  # noqa: S101  (it was read from a row)
            outcome = windows.expire(trigger, known, now)
            _keep(connection, automation, trigger, row.key, outcome)
            if outcome.fires:
                last = Recorded(0, 0, known.last_event) if isinstance(known.last_event, ReceivedEvent) else None
                _fire(connection, automation, trigger, parents, row.key, last)
    return ended


def _window(row: Row[tuple[object, ...]] | None) -> Window | None:
    if row is None:
        return None
    last = ReceivedEvent.model_validate(row.last_event) if row.last_event else None
    return Window(row.start, row.end, row._mapping["count"], last)


def _keep(
    connection: Connection, automation: Automation, trigger: EventTrigger, key: list[str], outcome: Outcome
) -> None:
    window = outcome.window
    if window is None:
        triggers.close_window(connection, trigger.id, key)
        return
    values = {"trigger_id": trigger.id, "key": key, "automation_id": automation.id, "last_event": None}
    if window.last_event is not None:
        values["last_event"] = window.last_event.model_dump(mode="json")
    times = {"start": window.start, "end": window.end, "count": window.count}
    triggers.put_window(connection, {**values, **times})


def _fire(
    connection: Connection,
    automation: StoredAutomation,
    trigger: EventTrigger,
    parents: tuple[Composite, ...],
    key: list[str],
    one: Recorded | None,
) -> int:
    """The trigger fires: its automation acts, unless other parts of a composite trigger are still missing."""
    now, part = clock.now(), trigger.id
    for parent in parents:
        triggers.put_part(connection, automation.id, parent.id, part, now)
        since = now - parent.within if parent.within is not None else None
        if not windows.is_ready(parent, triggers.parts(connection, parent.id, since)):
            return 0
        triggers.clear_parts(connection, parent.id)
        part = parent.id
    labels = dict(zip(sorted(trigger.for_each), key, strict=True))
    depth = _depth(connection, one) + 1 if one else 1
    act(connection, automation, Occasion(automation, one.event if one else None, labels, depth))
    return 1


def _depth(connection: Connection, one: Recorded) -> int:
    """How many automations stand behind the event: by itself, or by the runs that it involves."""
    return max(one.depth, triggers.depth_of_runs(connection, list(actions.object_ids(one.event, "flow-run"))))


def act(connection: Connection, automation: Automation, occasion: Occasion) -> None:
    """Perform the automation's actions, and record that it was triggered and what became of each."""
    with events.behind(connection, occasion.depth):
        triggered = _triggered(automation, occasion)
        events.record(connection, [triggered])
        for index, action in enumerate((*automation.actions, *automation.actions_on_trigger)):
            _attempt(connection, action, index, occasion, triggered)


def _attempt(connection: Connection, action: Action, index: int, occasion: Occasion, triggered: Event) -> None:
    about: dict[str, object] = {"action_index": index, "action_type": action.type, "invocation": str(uuid4())}
    try:
        if occasion.depth > DEEPEST:
            raise Invalid(422, f"{DEEPEST} automations have set off one another; this is not the next.")
        with connection.begin_nested():
            done_to = actions.perform(connection, action, occasion)
    except actions.REFUSALS as refusal:
        reason = getattr(refusal, "detail", None) or str(refusal)
        log.warning("Automation %s could not %s: %s", occasion.automation.name, action.type, reason)
        outcome, done_to, payload = "action.failed", [], {**about, "reason": reason}
    else:
        outcome, payload = "action.executed", about
    began = _told("action.triggered", about, done_to, occasion, triggered)
    events.record(connection, [began, _told(outcome, payload, done_to, occasion, triggered)])


def _triggered(automation: Automation, occasion: Occasion) -> Event:
    event = occasion.event
    payload = {
        "triggering_labels": occasion.labels,
        "triggering_event": event.model_dump(mode="json", exclude={"payload"}) if event else None,
    }
    return Event.model_construct(
        event="prefect.automation.triggered",
        resource=_resource(automation),
        related=_cause(event.id, "triggering-event") if event else [],
        payload=payload,
    )


def _told(
    what: str, payload: dict[str, object], related: list[Resource], occasion: Occasion, triggered: Event
) -> Event:
    causes = _cause(triggered.id, "automation-triggered-event")
    if occasion.event is not None:
        causes += _cause(occasion.event.id, "triggering-event")
    return Event.model_construct(
        event=f"prefect.automation.{what}",
        resource={**_resource(occasion.automation), "prefect.trigger-type": occasion.automation.trigger.type},
        related=[*related, *causes],
        payload=payload,
        follows=triggered.id,
    )


def _resource(automation: Automation) -> Resource:
    posture = {}
    if isinstance(automation.trigger, EventTrigger):
        posture = {"prefect.posture": automation.trigger.posture.value}
    return {ID: f"prefect.automation.{automation.id}", NAME: automation.name, **posture}


def _cause(event_id: UUID, role: str) -> list[Resource]:
    return [{ID: f"prefect.event.{event_id}", ROLE: role}]
