"""Put values in the place of what stands for them, variables among it."""

from typing import Any

from sqlalchemy import Connection

from perijove.errors import NotFound
from perijove.schemas.base import JsonObject
from perijove.server.rules import hydration
from perijove.server.storage import variables


def hydrated(connection: Connection, given: JsonObject, *, what: str) -> JsonObject:
    """``given`` with the values that it stands for; raises Invalid (400), with ``what`` in the message."""

    def variable(name: str) -> Any:
        try:
            return variables.read(connection, name).value
        except NotFound:
            raise LookupError(f"Variable {name!r} not found in workspace.") from None

    found: JsonObject = hydration.hydrate(given, variable, what=what)
    return found
