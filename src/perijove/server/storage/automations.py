"""Automations in the database."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, delete, func, select, update

from perijove.errors import NotFound
from perijove.schemas.automations import Automation, AutomationQuery, AutomationSort
from perijove.server.storage import filters, rows
from perijove.server.storage.tables import automations

_ORDER = {
    AutomationSort.CREATED_DESC: automations.c.created.desc(),
    AutomationSort.UPDATED_DESC: automations.c.updated.desc(),
    AutomationSort.NAME_ASC: automations.c.name.asc(),
    AutomationSort.NAME_DESC: automations.c.name.desc(),
}


class StoredAutomation(Automation):
    """An automation with what only the server knows: its owner, and the last event that does not concern it."""

    owner_resource: str | None = None
    since: int
    paced_until: datetime | None = None


def add(connection: Connection, values: dict[str, Any]) -> UUID:
    """Store a new automation, and return its id."""
    row_id: UUID = rows.add(connection, automations, values)["id"]
    return row_id


def read(connection: Connection, automation_id: UUID) -> Automation:
    """The automation; raises NotFound."""
    row = connection.execute(select(automations).where(automations.c.id == automation_id)).one_or_none()
    if row is None:
        raise _not_found()
    return rows.model(Automation, row)


def search(connection: Connection, query: AutomationQuery) -> list[Automation]:
    """A page of the automations that the query asks for."""
    limit, offset = filters.page(query)
    order = _ORDER[query.sort or AutomationSort.NAME_ASC]
    chosen = select(automations).where(filters.of_automations(query)).order_by(order, automations.c.id)
    return [rows.model(Automation, row) for row in connection.execute(chosen.limit(limit).offset(offset))]


def count(connection: Connection, query: AutomationQuery) -> int:
    """How many automations the query asks for."""
    return connection.scalar(select(func.count()).select_from(automations).where(filters.of_automations(query))) or 0


def every(connection: Connection) -> list[StoredAutomation]:
    """All automations, by name."""
    return [rows.model(StoredAutomation, row) for row in connection.execute(select(automations).order_by("name"))]


def enabled(connection: Connection) -> list[StoredAutomation]:
    """The automations that are in force."""
    chosen = select(automations).where(automations.c.enabled)
    return [rows.model(StoredAutomation, row) for row in connection.execute(chosen)]


class Version(NamedTuple):
    """What differs after every change: how many there are, how many in force, and the last event before a change."""

    number: int
    in_force: int
    since: int


def version(connection: Connection) -> Version:
    """Which automations there are now: equal to what it was as long as none is made, changed or deleted."""
    found = select(func.count(), func.total(automations.c.enabled), func.max(automations.c.since))
    number, in_force, since = connection.execute(found).one()
    return Version(number, int(in_force), since or 0)


def change(connection: Connection, automation_id: UUID, values: dict[str, Any]) -> None:
    """Change fields of the automation, and note the time; raises NotFound."""
    if not rows.change(connection, automations, automation_id, values):
        raise _not_found()


def pace(connection: Connection, automation_id: UUID, until: datetime) -> None:
    """Note by when its runs will have been started. ``updated`` stays: nobody changed it."""
    connection.execute(update(automations).where(automations.c.id == automation_id).values(paced_until=until))


def paced_until(connection: Connection, automation_id: UUID) -> datetime | None:
    """By when its runs that were asked for so far will have been started."""
    found: datetime | None = connection.scalar(
        select(automations.c.paced_until).where(automations.c.id == automation_id)
    )
    return found


def remove(connection: Connection, automation_id: UUID) -> None:
    """Delete the automation with all that its triggers have seen; raises NotFound."""
    if not connection.execute(delete(automations).where(automations.c.id == automation_id)).rowcount:
        raise _not_found()


def _not_found() -> NotFound:
    return NotFound(404, "Automation not found")
