"""The ``flow`` decorator: a function whose every call is a run."""

import dataclasses
import inspect
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, Self, TypeVar, overload

from perijove import flows
from perijove.flows.definitions import Hook, RunName, default_name, file_version, with_hooks
from perijove.flows.deployable import Deployable

if TYPE_CHECKING:
    from perijove.flows.task_runners import TaskRunner

P = ParamSpec("P")
R = TypeVar("R")


class Flow(Deployable, Generic[P, R]):
    """A flow. Call it as the function it was: it runs, tells the server if there is one, and returns the value."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the flow and return what the function returns (of an async function: something to await).

        Raises what the function raises, unchanged; ParameterError for arguments that it does not take; TimeoutError
        when it took longer than ``timeout_seconds``. With ``return_state=True`` it gives the run's last state in place
        of all that: ``state.result()``.
        """
        value: R = flows.engine.run_flow(self, args, kwargs)
        return value

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """The signature as an OpenAPI-style JSON schema."""
        return flows.parameters.parameter_schema(self.fn)

    def with_options(self, **options: Any) -> Self:
        """The same flow with other options: any of the decorator's."""
        return dataclasses.replace(self, **with_hooks(options, self.hooks))


class _FlowDecorator:
    """``flow``: a decorator, which also knows how to take a flow from elsewhere."""

    from_source = staticmethod(Flow.from_source)

    @overload
    def __call__(self, fn: Callable[P, R], /) -> Flow[P, R]: ...
    @overload
    def __call__(
        self,
        fn: None = None,
        /,
        *,
        name: str | None = None,
        description: str | None = None,
        version: str | None = None,
        retries: int = 0,
        retry_delay_seconds: float = 0.0,
        timeout_seconds: float | None = None,
        flow_run_name: RunName = None,
        task_runner: "TaskRunner | None" = None,
        log_prints: bool | None = None,
        validate_parameters: bool = True,
        persist_result: bool | None = None,
        on_completion: Sequence[Hook] = (),
        on_failure: Sequence[Hook] = (),
        on_cancellation: Sequence[Hook] = (),
        on_crashed: Sequence[Hook] = (),
        on_running: Sequence[Hook] = (),
    ) -> Callable[[Callable[P, R]], Flow[P, R]]: ...
    def __call__(
        self,
        fn: Callable[P, R] | None = None,
        /,
        *,
        name: str | None = None,
        description: str | None = None,
        version: str | None = None,
        **options: Any,
    ) -> Flow[P, R] | Callable[[Callable[P, R]], Flow[P, R]]:
        """Make a function a flow, as ``@flow`` or ``@flow(name=..., ...)``.

        ``name``: default the function's, with hyphens. ``description``: default the docstring. ``version``: default a
        hash of the file. ``retries`` times it is run again after a failure, each ``retry_delay_seconds`` later. After
        ``timeout_seconds`` it is TimedOut. ``flow_run_name``: a template over the parameters, or a function.
        ``task_runner``: where its tasks' ``submit`` runs them (default: threads, as many as are needed).
        ``log_prints``: what it prints is logged (None: if the calling flow's is). ``validate_parameters``: arguments
        are checked against the annotations and coerced. ``persist_result``: keep the value as JSON (None: if it is
        deployed). ``on_completion`` and the like: functions of the flow, the run and its state, called in the run's
        process when it enters such a state; what they raise is logged. Raises UsageError for options that can't be.
        """

        def define(fn: Callable[P, R]) -> Flow[P, R]:
            return Flow(
                fn=fn,
                name=name or default_name(fn),
                description=description or inspect.getdoc(fn),
                version=version or file_version(fn),
                **with_hooks(options, {}),
            )

        return define(fn) if fn is not None else define


flow = _FlowDecorator()
