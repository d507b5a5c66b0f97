"""The life of every run, flow or task: it begins, its function is called, it ends, or begins again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from perijove import clock
from perijove.flows import states
from perijove.flows.conclusions import Unsettled, conclusion
from perijove.flows.hooks import call_hooks, call_hooks_of_stopped
from perijove.flows.logs import RunLogger, run_logger
from perijove.flows.parameters import arguments
from perijove.flows.prints import logged_prints
from perijove.flows.runs import LiveRun, current
from perijove.flows.signals import Suspended, Terminated
from perijove.flows.steps import Invocation, Pause, Steps, Work
from perijove.flows.timeouts import TimedOut
from perijove.origin import note_cells
from perijove.schemas.states import State, StateType

Propose = Callable[[State], Steps[State]]
"""Puts a state to the authority over the run, and gives the state that the run then has."""

Keep = Callable[[Any], dict[str, Any] | None]
"""Gives what the final state carries of the value."""

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to: a value, or the exception that ended it. ``called`` False: it was not let run at all."""

    state: State
    value: Any = None
    error: BaseException | None = None
    called: bool = True


def live(run: LiveRun, propose: Propose, keep: Keep) -> Steps[Outcome]:
    """Begin the run and call its function, again after a failure for as long as the authority says so."""
    try:
        return (yield from _live(run, propose, keep))
    except Terminated as error:  # before its function was called, or between two tries
        run.give_up(error)
        if run.supervised and not run.state.is_final and run.state.type is not StateType.CANCELLING:
            yield from call_hooks_of_stopped(run)
        raise


def _live(run: LiveRun, propose: Propose, keep: Keep) -> Steps[Outcome]:
    log = run_logger(run)
    propose = _with_hooks(run, propose)
    outcome = Outcome((yield from propose(states.running())), called=False)
    if run.supervised and run.state.type is StateType.CANCELLING:  # it was claimed, and is not to begin any more
        yield from call_hooks(run, State(type=StateType.CANCELLED))
    while run.state.type is StateType.RUNNING:
        outcome = yield from _attempt(run, propose, keep, log)
        if outcome.state.type is not StateType.SCHEDULED or outcome.error is None:
            if not run.supervised:  # it said so before it asked for that state
                say_end(run, outcome.state)
            break
        yield from _again(outcome, propose, log)
    return outcome


def _with_hooks(run: LiveRun, propose: Propose) -> Propose:
    """``propose`` that also calls the author's hooks, where there are any."""
    if not run.definition.hooks:
        return propose

    def propose_and_call(state: State) -> Steps[State]:
        entered = yield from propose(state)
        if entered is run.state:  # and not one that was refused
            yield from call_hooks(run, entered)
        return entered

    return propose_and_call


def _attempt(run: LiveRun, propose: Propose, keep: Keep, log: RunLogger) -> Steps[Outcome]:
    args, kwargs = arguments(run.definition.fn, run.parameters)
    run.error = None
    try:
        call = Invocation(lambda: run.call(args, kwargs), lambda: _inside(run), run.definition.timeout_seconds)
        value = yield call
        yield from _settle(run)
        ended = conclusion(value)
        if isinstance(ended, Unsettled):
            ended = yield ended
    except GeneratorExit:
        raise
    except Suspended:
        return Outcome(run.state)  # which the server has given to it already
    except Terminated as error:
        run.give_up(error)
        # Who launched a deployed run and ends its process knows why, and says so.
        if not run.supervised:
            return Outcome((yield from propose(states.crashed(error))), error=error)
        yield from call_hooks_of_stopped(run)
        return Outcome(run.state, error=error)
    except Exception as error:
        run.error = error
        yield from _settle(run)
        error.__traceback__ = _authors_frames(error.__traceback__)
        note_cells(error)
        # An exception that is the limit's own came out of no line of the author's.
        log.error("Encountered %r", error, exc_info=None if isinstance(error, TimedOut) else error)  # noqa: TRY400
        return Outcome((yield from propose(states.failed(error, run.kind))), error=error)
    except BaseException as error:  # noqa: BLE001  (likewise)
        run.give_up(error)
        return Outcome((yield from propose(states.crashed(error))), error=error)
    run.error = ended.error
    data = keep(ended.value) if ended.error is None else None
    return Outcome((yield from propose(ended.state(data))), ended.value, ended.error)


def _settle(run: LiveRun) -> Steps[None]:
    """Wait for what the run submitted, which is a part of it."""
    if run.is_busy:
        yield Work(run.settle)


def _again(outcome: Outcome, propose: Propose, log: RunLogger) -> Steps[State]:
    due = outcome.state.state_details.scheduled_time or clock.now()
    seconds = max(0.0, (due - clock.now()).total_seconds())
    log.info("It failed, and will be tried again in %.3g s.", seconds)
    yield Pause(seconds)
    return (yield from propose(states.retrying()))


@contextmanager
def _inside(run: LiveRun) -> Iterator[None]:
    with current(run), logged_prints(run):
        yield


def say_end(run: LiveRun, state: State) -> None:
    """Log how the run ended."""
    level = 20 if state.type is StateType.COMPLETED else 40
    run_logger(run).log(level, "%s %r: finished in state %s", run.kind, run.name, state)


def _authors_frames(traceback: TracebackType | None) -> TracebackType | None:
    """The traceback without the engine's own frames at its start."""
    first = traceback
    while first and Path(first.tb_frame.f_code.co_filename).parent == _HERE:
        first = first.tb_next
    return first or traceback
