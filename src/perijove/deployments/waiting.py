"""Wait for a run to end: by requests that the server holds, or by asking again where it holds none."""

import math

from perijove import clock, progress
from perijove.client import targets
from perijove.deployments.conversation import Ask, Conversation
from perijove.errors import ServerUnavailable
from perijove.flows.steps import Pause, Steps
from perijove.schemas.runs import FlowRun

HOLD = 30.0
"""Seconds for which one request asks to be held."""

PATIENCE = 60.0
"""Seconds for which a server that went away is looked for: it may be starting anew."""

_SLACK = 0.05  # seconds; an answer without news that comes sooner than asked, by more than this, was not held
_PAUSE = 0.5


class Stopped(KeyboardInterrupt):
    """The user interrupted a call; it says what goes on all the same."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback."""
        return [str(self)]


class StoppedWaiting(Stopped):
    """A wait was interrupted. The run that was waited for goes on."""

    def __init__(self, run: FlowRun) -> None:
        super().__init__(
            f"Stopped waiting; the run itself goes on. %runs watch {run.name} shows it, and %runs cancel {run.name} "
            f"ends it; in a terminal, perijove flow-run logs {run.name} and perijove flow-run cancel {run.name}."
        )


class StoppedAsking(Stopped):
    """The request for a run of ``deployment`` was interrupted before its answer came."""

    def __init__(self, deployment: str) -> None:
        super().__init__(
            f"Stopped before the server had answered: a run of {deployment} may have been made, and then goes on. "
            "%runs shows the latest ones, and %runs cancel NAME ends one; in a terminal, perijove flow-run ls and "
            "perijove flow-run cancel NAME."
        )


def until_final(
    conversation: Conversation, run: FlowRun, *, timeout: float | None, poll_interval: float
) -> Steps[FlowRun]:
    """The run as last read: ended, or as it was when ``timeout`` seconds had passed (None: no limit).

    Raises ServerUnavailable when the server stays away, NotFound when the run was deleted, and StoppedWaiting when the
    user interrupts.
    """
    try:
        with progress.doing(f"Waiting for flow run {run.name} to end"):
            return (yield from _until_final(conversation, run, timeout, poll_interval))
    except KeyboardInterrupt:
        raise StoppedWaiting(run) from None


def _until_final(
    conversation: Conversation, run: FlowRun, timeout: float | None, poll_interval: float
) -> Steps[FlowRun]:
    deadline = math.inf if timeout is None else clock.monotonic() + timeout
    lost_at: float | None = None
    while not is_final(run) and (left := deadline - clock.monotonic()) > 0:
        try:
            run, lost_at = (yield from _news(conversation, run, min(left, HOLD), poll_interval)), None
        except ServerUnavailable:
            lost_at = lost_at or clock.monotonic()
            if clock.monotonic() - lost_at > PATIENCE:
                raise
            yield Pause(_PAUSE)
            conversation.turn_to(targets.found_again(conversation.target))
    return run


def is_final(run: FlowRun) -> bool:
    """Whether the run is over."""
    return run.state is not None and run.state.is_final


def _news(conversation: Conversation, run: FlowRun, hold: float, poll_interval: float) -> Steps[FlowRun]:
    asked = clock.monotonic()
    latest: FlowRun = yield Ask(conversation, lambda api: api.read_flow_run(run.id, wait=hold, until_final=True))
    early = hold - (clock.monotonic() - asked)
    if not is_final(latest) and early > _SLACK:
        yield Pause(min(poll_interval, early))
    return latest
