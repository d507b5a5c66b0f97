"""Conversations that plain code, notebook cells and asynchronous flows can all have."""

import functools
import inspect
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, TypeVar, cast, get_args

from perijove.client import Target
from perijove.deployments.conversation import Conversation
from perijove.deployments.subflows import in_async_flow
from perijove.flows.steps import Steps, adrive, drive

P = ParamSpec("P")
T = TypeVar("T")
Script = Callable[Concatenate[Conversation, P], Steps[T]]


def anywhere(script: Script[P, T], *, name: str, target: Target | None = None) -> Callable[P, T]:
    """The script as a function that blocks, except in an asynchronous flow, where it is to be awaited.

    An event loop that merely runs, as in every notebook cell, makes no difference: whoever did not write ``async def``
    gets a result and never a coroutine. What an asynchronous flow awaits must be awaitable: T gives itself.
    """
    later = asynchronously(script, name=name, target=target)

    def plain(*args: P.args, **kwargs: P.kwargs) -> T:
        if in_async_flow():
            return cast("T", later(*args, **kwargs))
        with Conversation(target) as conversation:
            return drive(script(conversation, *args, **kwargs))

    return _named(plain, script, name)


def asynchronously(
    script: Script[P, T], *, name: str, target: Target | None = None
) -> Callable[P, Coroutine[Any, Any, T]]:
    """The script as a coroutine function. Cancelling it stops the waiting, not the run."""

    async def later(*args: P.args, **kwargs: P.kwargs) -> T:
        async with Conversation(target) as conversation:
            return await adrive(script(conversation, *args, **kwargs))

    return _named(later, script, name)


def _named(function: T, script: Callable[..., Any], name: str) -> T:
    """The function with the script's name, words and signature, without the conversation."""
    named: Any = functools.update_wrapper(cast("Any", function), script)
    signature = inspect.signature(script)
    _, *parameters = signature.parameters.values()
    *_, returned = get_args(signature.return_annotation)
    named.__signature__ = signature.replace(parameters=parameters, return_annotation=returned)
    named.__name__ = named.__qualname__ = name
    return cast("T", named)
