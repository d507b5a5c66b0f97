"""When a trigger fires: Prefect's counting of events in windows of time, as pure functions.

A trigger has at most one window open for each value of what it is evaluated for each of. A reactive one fires as soon
as its window holds enough events, and a proactive one at its window's end, if it holds too few.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from perijove.schemas.automations import CompoundTrigger, EventTrigger, Match, Posture, SequenceTrigger
from perijove.schemas.events import ROLE, Event
from perijove.server.rules.matching import has_labels, is_like

LOOK_BACK = timedelta(minutes=15)
"""How much earlier than a trigger's first event others may have occurred, and be told later, that still count."""


@dataclass(frozen=True, slots=True)
class Window:
    """Events from ``start`` on and before ``end`` are counted."""

    start: datetime
    end: datetime
    count: int = 0
    last_event: Event | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The window as it is now (None: none is open), and whether the trigger fires."""

    window: Window | None
    fires: bool = False


def covers(trigger: EventTrigger, event: Event) -> bool:
    """Whether the event concerns the trigger."""
    names = [*trigger.expect, *trigger.after]
    related = trigger.match_related if isinstance(trigger.match_related, list) else [trigger.match_related]
    return (
        (not trigger.expect or is_like(event.event, names))
        and has_labels(trigger.match, event.resource)
        and all(_is_met(match, event) for match in related)
    )


def key(trigger: EventTrigger, event: Event) -> list[str]:
    """The values of what the trigger is evaluated for each of."""
    return [_label(event, label) for label in sorted(trigger.for_each)]


def observe(trigger: EventTrigger, window: Window | None, event: Event) -> Outcome:
    """What becomes of the window by an event that concerns the trigger."""
    starts, expected = _starts(trigger, event), _expects(trigger, event)
    if window is None and starts:
        # What both starts and is expected does not count itself.
        window = Window(event.occurred, event.occurred + trigger.within, -1 if expected else 0, event)
    elif window is None and expected and not trigger.after:
        window = Window(event.occurred - LOOK_BACK, event.occurred + trigger.within, 0, event)
    if window is None or not expected:
        return Outcome(window)
    return _evaluate(trigger, window, event.occurred, event)


def expire(trigger: EventTrigger, window: Window, now: datetime) -> Outcome:
    """What becomes of the window by the passing of time."""
    return _evaluate(trigger, window, now, None)


def first(trigger: EventTrigger, now: datetime) -> Window | None:
    """The window that is open before anything has happened: of one that waits for an absence from now on."""
    waits = trigger.posture is Posture.PROACTIVE and not trigger.after and not trigger.for_each
    return Window(now, now + trigger.within) if waits else None


def is_ready(trigger: CompoundTrigger | SequenceTrigger, fired: dict[object, datetime]) -> bool:
    """Whether a composite trigger fires, by when its parts last did."""
    if isinstance(trigger, SequenceTrigger):
        in_order = sorted(fired, key=lambda part: fired[part])
        return in_order == [part.id for part in trigger.triggers]
    needed = {"any": 1, "all": len(trigger.triggers)}.get(str(trigger.require)) or int(trigger.require)
    return len(fired) >= needed


def _evaluate(trigger: EventTrigger, window: Window, now: datetime, event: Event | None) -> Outcome:
    if now < window.start:
        return Outcome(window)  # of a time that is over
    reactive = trigger.posture is Posture.REACTIVE
    counts = event is not None and ((reactive and not trigger.within) or now < window.end)
    if counts:
        window = replace(window, count=window.count + 1, last_event=event)
    enough = window.count >= trigger.threshold
    if (reactive and enough) or (not reactive and window.end <= now and not enough):
        return Outcome(_next(trigger, window, now, left=event is not None and not counts), fires=True)
    if now < window.end:
        return Outcome((_restarted(trigger, event) if not reactive and enough and event else None) or window)
    following = _next(trigger, window, now, left=event is not None and not counts and not reactive)
    if reactive and event is not None and not counts and following is not None:
        return _evaluate(trigger, following, now, event)
    return Outcome(following)


def _restarted(trigger: EventTrigger, event: Event) -> Window | None:
    """The window of a heartbeat: the expected event came, and from now on the next one is waited for."""
    if not (_starts(trigger, event) and _expects(trigger, event)):
        return None
    return Window(event.occurred, event.occurred + trigger.within, 0, event)


def _next(trigger: EventTrigger, window: Window, now: datetime, *, left: bool) -> Window | None:
    """The window after this one, with the event that is ``left`` over; none where something must start it."""
    if trigger.after or not trigger.within:
        return None
    start = max(window.end, now)
    return Window(start, start + trigger.within, int(left))


def _starts(trigger: EventTrigger, event: Event) -> bool:
    return bool(trigger.after) and is_like(event.event, trigger.after)


def _expects(trigger: EventTrigger, event: Event) -> bool:
    return not trigger.expect or is_like(event.event, trigger.expect)


def _is_met(match: Match, event: Event) -> bool:
    return not match or any(has_labels(match, related) for related in event.related)


def _label(event: Event, label: str) -> str:
    if not label.startswith("related:"):
        return event.resource.get(label, "")
    role, _, name = label.removeprefix("related:").partition(":")
    return next((each.get(name, "") for each in event.related if each.get(ROLE) == role), "")
