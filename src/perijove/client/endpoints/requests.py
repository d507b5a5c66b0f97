"""The few kinds of request that every endpoint is made of."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import uuid4

from pydantic import BaseModel

from perijove.client.calls import Call, T, encode, nothing, returns
from perijove.schemas.deployments import DeploymentFlowRunCreate
from perijove.schemas.runs import FlowRunCreate

R = TypeVar("R", DeploymentFlowRunCreate, FlowRunCreate)


def get(path: str, shape: type[T]) -> Call[T]:
    """A GET whose answer is read as ``shape``."""
    return Call("GET", path, returns(shape), repeatable=True)


def post(path: str, body: BaseModel | list[Any] | Mapping[str, Any], shape: type[T]) -> Call[T]:
    """A POST whose answer is read as ``shape``."""
    return Call(
        "POST", path, returns(shape), encode(body), repeatable=path.endswith(("/filter", "/count", "/paginate"))
    )


def tell(path: str, body: BaseModel | list[Any] | Mapping[str, Any] | None = None) -> Call[None]:
    """A POST whose answer is of no interest."""
    return Call("POST", path, nothing, None if body is None else encode(body))


def patch(path: str, body: BaseModel | Mapping[str, Any]) -> Call[None]:
    """A PATCH: the fields of the body that were set."""
    return Call("PATCH", path, nothing, encode(body))


def delete(path: str) -> Call[None]:
    """A DELETE."""
    return Call("DELETE", path, nothing)


def keyed(body: R) -> R:
    """The body with an idempotency key, if it has none: when the answer is lost, it can be sent again."""
    return body if body.idempotency_key is not None else body.model_copy(update={"idempotency_key": str(uuid4())})


def repeatable(call: Call[T]) -> Call[T]:
    """The call, which does what it does once however often it is sent."""
    return replace(call, repeatable=True)


def quoted(name: str) -> str:
    """A name as a part of a path."""
    return quote(name, safe="", errors="replace")


def waiting(call: Call[T], seconds: float, headers: Mapping[str, str] | None = None) -> Call[T]:
    """The call with a wish (RFC 7240) that the server hold its answer until there is one worth giving."""
    if not seconds:
        return call
    wishes = {"Prefer": f"wait={seconds:g}", **(headers or {})}
    return replace(call, headers=wishes, wait=seconds)
