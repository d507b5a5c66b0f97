"""A request as a value, so that each endpoint is written once and both clients, sync and async, can send it."""

import functools
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, cast, overload

import httpx2 as httpx
from pydantic import BaseModel, TypeAdapter
from pydantic_core import PydanticSerializationError

from perijove.errors import UsageError

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request to the API, and how its answer is read.

    ``wait``: seconds that the server may hold it. ``repeatable``: sent twice, it does what it does sent once.
    """

    method: str
    path: str
    read: Callable[[httpx.Response], T]
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0.0
    repeatable: bool = False


@functools.cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def returns(shape: type[T]) -> Callable[[httpx.Response], T]:
    """Read an answer's JSON as ``shape``: a model, a list of models, a plain type."""
    adapter: TypeAdapter[T] = _adapter(cast("Any", shape))
    return lambda response: adapter.validate_json(response.content)


def nothing(_: httpx.Response) -> None:
    """Read an answer that has no content."""


def text(response: httpx.Response) -> str:
    """Read an answer that is no JSON."""
    return response.text


def encode(body: BaseModel | list[Any] | Mapping[str, Any], *, whole: bool = False) -> bytes:
    """The JSON of a request: of a model, the fields that were set, or with ``whole`` all of them.

    Raises UsageError for a text that UTF-8 has no bytes for: Python's may hold half of a surrogate pair.
    """
    try:
        return _adapter(Any).dump_json(body, exclude_unset=not whole)
    except PydanticSerializationError as error:
        raise UsageError(_no_json(error)) from None


def _no_json(error: PydanticSerializationError) -> str:
    reason = str(error).removeprefix("Error serializing to JSON: ")
    cure = " text.encode(errors='replace').decode() mends such a text." if "surrogates" in reason else ""
    return f"What was to be sent has no form in JSON ({reason}).{cure}"


class AsyncSender(ABC):
    """What an asynchronous client can do with a call."""

    @abstractmethod
    async def send(self, call: Call[T]) -> T:
        """Send the call and read its answer; raises the ServerError tree."""


class SyncSender(ABC):
    """What a blocking client can do with a call."""

    @abstractmethod
    def send(self, call: Call[T]) -> T:
        """Send the call and read its answer; raises the ServerError tree."""


class endpoint(Generic[P, T]):  # noqa: N801  (used as a decorator)
    """A method that makes a Call, as a method that sends it: awaited on an async client, plain on a sync one."""

    def __init__(self, make: Callable[Concatenate[Any, P], Call[T]]) -> None:
        self._make = make
        functools.update_wrapper(cast("Callable[..., Any]", self), make)

    @overload
    def __get__(self, client: AsyncSender, owner: type) -> Callable[P, Awaitable[T]]: ...
    @overload
    def __get__(self, client: SyncSender, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: object, owner: type) -> "Callable[P, Any]": ...
    def __get__(self, client: Any, owner: type) -> Any:
        if client is None:
            return self

        @functools.wraps(self._make)
        def method(*args: P.args, **kwargs: P.kwargs) -> Any:
            return client.send(self._make(client, *args, **kwargs))

        return method
