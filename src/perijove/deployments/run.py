"""A flow run in the hand: its state, result and logs, and a way to wait for it."""

from collections.abc import Generator
from typing import Any, Self, TypeVar

from pydantic import PrivateAttr

from perijove import clock
from perijove.client import SyncClient, Target, targets
from perijove.deployments import secrets, waiting
from perijove.deployments.anywhere import anywhere, asynchronously
from perijove.deployments.conversation import Conversation
from perijove.deployments.paging import PAGE, every
from perijove.deployments.table import Shown, Table, plain, preformatted
from perijove.deployments.words import as_words, length, moment
from perijove.errors import FlowRunFailed, MissingResult, UsageError
from perijove.flows import results
from perijove.flows.steps import Steps
from perijove.schemas.base import JsonObject
from perijove.schemas.filters import Among, LogFilter, LogQuery, LogSort
from perijove.schemas.logs import Log
from perijove.schemas.runs import FlowRun, SetStateStatus
from perijove.schemas.states import StateCreate, StateName, StateType

T = TypeVar("T")
R = TypeVar("R", bound="Run")

_LEVELS = {10: "DEBUG", 20: "INFO", 30: "WARNING", 40: "ERROR", 50: "CRITICAL"}


class Run(Shown, FlowRun):
    """A flow run as its server last told it. It may also be awaited, which gives it back at once."""

    _target: Target = PrivateAttr()
    _deployment: str = PrivateAttr(default="")
    _secret: frozenset[str] = PrivateAttr(default=frozenset())

    @classmethod
    def of(cls, flow_run: FlowRun, target: Target, deployment: str = "", secret: frozenset[str] = frozenset()) -> Self:
        """The run of ``target``'s server with behaviour; ``deployment`` is the full name of what it is a run of, and
        ``secret`` the names of parameters that are not shown."""
        run = cls.model_validate(flow_run.model_dump())
        run._target, run._deployment, run._secret = target, deployment, secret
        return run

    @property
    def of_what(self) -> str:
        """The full name of its deployment, or the name of its flow; empty where unknown."""
        return self._deployment

    @property
    def shown_parameters(self) -> JsonObject:
        """The parameters as they may be shown: secrets hidden, as far as the deployment's schema names them."""
        return secrets.hidden(self.parameters, self._secret)

    @property
    def target(self) -> Target:
        """The server that it is a run of."""
        return self._target

    def refresh(self) -> Self:
        """Read the run anew, and return it."""
        with self._client() as client:
            return self._become(client.read_flow_run(self.id))

    async def await_end(self, timeout: float | None = None, *, poll_interval: float = 5.0) -> Self:  # noqa: ASYNC109
        """``wait``, for asynchronous code of any kind."""
        return await asynchronously(Run.ending, name="await_end", target=self._target)(self, timeout, poll_interval)

    def wait(self, timeout: float | None = None, *, poll_interval: float = 5.0) -> Self:
        """Block until the run has ended or ``timeout`` seconds have passed (None: no limit); the run as last read.

        In an asynchronous flow it is to be awaited, and doesn't block. Interrupting stops the waiting, not the run.
        """
        return anywhere(Run.ending, name="wait", target=self._target)(self, timeout, poll_interval)

    def cancel(self) -> Self:
        """Have the run ended, and return it as it then is: Cancelled if it had not begun, else Cancelling until its
        process has ended. Raises UsageError for one that is over."""
        return self._propose(StateCreate(type=StateType.CANCELLING), "be cancelled")

    def retry(self) -> Self:
        """Have an ended run run again, with the same parameters, and return it. Raises UsageError for one that is not
        over, that is no deployment's, or that completed with a result that is kept."""
        again = StateCreate(type=StateType.SCHEDULED, name=StateName.AWAITING_RETRY)
        if not waiting.is_final(self.refresh()):
            raise UsageError(f"{self._said()} is {self.state_name}: there is nothing to retry before it has ended.")
        ended = self.state_id
        if self._propose(again, "run again").state_id == ended:
            raise UsageError(
                f"{self._said()} is {self.state_name}, and its result is kept: run_deployment() makes a new run."
            )
        return self

    def _propose(self, state: StateCreate, what: str) -> Self:
        with self._client() as client:
            answer = client.set_flow_run_state(self.id, state)
            if answer.status is SetStateStatus.ABORT:
                reason = answer.details.get("reason", "the server refuses")
                raise UsageError(f"{self._said()} can't {what}: {reason}")
            return self._become(client.read_flow_run(self.id))

    def result(self) -> Any:
        """What the flow returned. Doesn't wait.

        Raises FlowRunFailed for a run that ended otherwise than completed, MissingResult for one that has not ended or
        whose result was not kept.
        """
        if not waiting.is_final(self):
            self.refresh()
        state = self.state
        if state is None or not state.is_final:
            raise MissingResult(f"{self._said()} is {self.state_name}: it has no result yet. run.wait() waits for it.")
        if state.type is not StateType.COMPLETED:
            raise FlowRunFailed(f"{self._said()} ended as {state.name}{f': {state.message}' if state.message else '.'}")
        return results.read(state)

    def logs(self) -> "Logs":
        """The run's log lines so far, oldest first."""
        wanted = LogFilter(flow_run_id=Among(any_=[self.id]))
        with self._client() as client:
            return Logs(
                every(
                    lambda offset: client.read_logs(
                        LogQuery(logs=wanted, sort=LogSort.TIMESTAMP_ASC, limit=PAGE, offset=offset)
                    )
                )
            )

    def table(self) -> Table:
        """The run at a glance."""
        facts = {
            "state": f"{self.state_name or 'none'}{f': {message}' if (message := self._message()) else ''}",
            "deployment": self._deployment,
            "parameters": as_words(self.shown_parameters),
            "tags": ", ".join(self.tags),
            "due": moment(self.next_scheduled_start_time) if self.next_scheduled_start_time else "",
            "started": moment(self.start_time) if self.start_time else "",
            "took": took(self),
            "id": str(self.id),
        }
        return Table([(name, fact) for name, fact in facts.items() if fact], title=f"Flow run {self.name}")

    def __await__(self) -> Generator[Any, None, Self]:
        return _itself(self).__await__()

    @staticmethod
    def ending(conversation: Conversation, run: R, timeout: float | None, poll_interval: float) -> Steps[R]:
        """Wait for the run's end, or for so many seconds; what is said to the server meanwhile."""
        latest = yield from waiting.until_final(conversation, run, timeout=timeout, poll_interval=poll_interval)
        return run._become(latest)

    def _client(self) -> SyncClient:
        return SyncClient(targets.found_again(self._target))

    def _become(self, latest: FlowRun) -> Self:
        for name in FlowRun.model_fields:
            setattr(self, name, getattr(latest, name))
        return self

    def _message(self) -> str:
        return (self.state.message or "") if self.state else ""

    def _said(self) -> str:
        return f"Flow run {self.name!r}{f' of {self._deployment}' if self._deployment else ''}"


class Logs(list[Log]):
    """Log lines, oldest first; shown as text."""

    def __str__(self) -> str:
        return "\n".join(plain(line(log)) for log in self) or "No log lines."

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return preformatted(str(self))


async def _itself(run: T) -> T:
    return run


def line(log: Log) -> str:
    """One log line as a terminal shows it, in this machine's time."""
    level = _LEVELS.get(log.level, str(log.level))
    return f"{log.timestamp.astimezone():%H:%M:%S.%f}"[:-3] + f" | {level:<7} | {log.name} - {log.message}"


def took(run: FlowRun) -> str:
    """How long the run took, or has been running for; nothing for one that never started."""
    if run.start_time is None:
        return ""
    return length((run.end_time or clock.now()) - run.start_time)
