"""What every route has: authentication, authorization, a typed body, and errors as JSON that the sidebar can show."""

import functools
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast
from uuid import UUID

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from pydantic import BaseModel, ValidationError
from pydantic_core import to_json
from tornado import web

from perijove.errors import ApiError, NotAuthenticated, NotFound, PerijoveError, ServerError, ServerUnavailable
from perijove.lab.connection import Connection, Stopped

CONNECTION = "perijove_connection"
"""The connection's key among the application's settings."""

B = TypeVar("B", bound=BaseModel)
H = TypeVar("H", bound="Handler")
Method = Callable[..., Awaitable[None]]


class Handler(APIHandler):
    """A route of Perijove's. Its methods are ``route``s."""

    auth_resource = "perijove"

    @property
    def connection(self) -> Connection:
        """The way to the target."""
        return cast("Connection", self.settings[CONNECTION])

    def body(self, shape: type[B]) -> B:
        """The request's body as ``shape``. Raises 422 for one that is none."""
        try:
            return shape.model_validate_json(self.request.body)
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            raise web.HTTPError(422, problems) from None

    def answer(self, content: Any) -> None:
        """Answer with ``content`` as JSON."""
        self.finish(to_json(content))

    def refuse(self, error: PerijoveError) -> None:
        """Answer with what went wrong: ``kind`` is one of the sidebar's states, ``message`` is for the user."""
        status, kind = _told(error)
        self.set_status(status)
        self.finish(json.dumps({"kind": kind, "message": str(error)}))


def route(method: Method) -> Method:
    """A handler's method, for those alone who may use this Jupyter Server; what Perijove can explain is answered."""

    @functools.wraps(method)
    async def explained(self: Handler, *args: str) -> None:
        try:
            await method(self, *args)
        except PerijoveError as error:
            self.refuse(error)

    return cast("Method", web.authenticated(cast("Any", authorized(explained))))


def id_of(text: str) -> UUID:
    """The id in a path. Raises NotFound for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(404, f"{text[:100]!r} is no id.") from None


# Never 401 or 403: to JupyterLab these mean that its own user has to log in again.
def _told(error: PerijoveError) -> tuple[int, str]:
    match error:
        case Stopped():
            return 503, "stopped"
        case ServerUnavailable():
            return 502, "unreachable"
        case NotAuthenticated():
            return 502, "unauthorized"
        case ApiError(status=404):
            return 404, "not_found"
        case ApiError(status=400 | 409 | 422):
            return error.status, "invalid"
        case ApiError():
            return 502, "failed"
        case ServerError():
            return 502, "wrong_target"
        case _:
            return 422, "invalid"
