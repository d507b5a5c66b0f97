"""What triggers have seen, in the database: how far they came, their open windows, and what they fired for."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, delete, func, literal_column, select, text, update
from sqlalchemy.dialects.sqlite import insert

from perijove import clock
from perijove.server.storage.tables import trigger_firings, trigger_parts, trigger_progress, trigger_windows

DEPTH = "perijove.automation-depth"
"""The label of a run that an automation made: how many automations stand behind it, one having set off the next."""

_DEPTH_OF_RUNS = text(f"""
    WITH RECURSIVE family (id) AS (
        SELECT value FROM json_each(:runs)
        UNION
        SELECT task_runs.flow_run_id FROM family
        JOIN flow_runs ON flow_runs.id = family.id
        JOIN task_runs ON task_runs.id = flow_runs.parent_task_run_id
    )
    SELECT max(CAST(json_extract(labels, '$."{DEPTH}"') AS INTEGER)) FROM flow_runs WHERE id IN (SELECT id FROM family)
""")  # noqa: S608


def progress(connection: Connection) -> int:
    """The position of the last event that triggers have seen."""
    return connection.scalar(select(trigger_progress.c.position)) or 0


def advance(connection: Connection, position: int) -> None:
    """Note that triggers have seen the events up to here."""
    if not connection.execute(update(trigger_progress).values(position=position)).rowcount:  # it was cleared
        connection.execute(insert(trigger_progress).values(position=position))


def window(connection: Connection, trigger_id: UUID, key: list[str]) -> Row[Any] | None:
    """The trigger's open window for these values, if there is one."""
    table = trigger_windows.c
    chosen = select(trigger_windows).where(table.trigger_id == trigger_id, table.key == key)
    return connection.execute(chosen).one_or_none()


def ended(connection: Connection, trigger_id: UUID, now: datetime) -> list[Row[Any]]:
    """The trigger's windows that are over."""
    table = trigger_windows.c
    chosen = select(trigger_windows).where(table.trigger_id == trigger_id, table.end <= now).limit(100)
    return list(connection.execute(chosen))


def first_end(connection: Connection, trigger_ids: Iterable[UUID]) -> datetime | None:
    """When the first of the triggers' windows is over."""
    table = trigger_windows.c
    first: datetime | None = connection.scalar(select(func.min(table.end)).where(table.trigger_id.in_(trigger_ids)))
    return first


def put_window(connection: Connection, values: dict[str, Any]) -> None:
    """Open a window, or put it in the place of the one that is open."""
    statement = insert(trigger_windows).values(values)
    keys = [trigger_windows.c.trigger_id, trigger_windows.c.key]
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=values))


def close_window(connection: Connection, trigger_id: UUID, key: list[str]) -> None:
    """Close the trigger's window for these values."""
    table = trigger_windows.c
    connection.execute(delete(trigger_windows).where(table.trigger_id == trigger_id, table.key == key))


def forget(connection: Connection, automation_id: UUID) -> None:
    """Close every window of an automation that was changed."""
    connection.execute(delete(trigger_windows).where(trigger_windows.c.automation_id == automation_id))
    connection.execute(delete(trigger_parts).where(trigger_parts.c.automation_id == automation_id))


def note_firing(connection: Connection, trigger_id: UUID, event_id: UUID) -> bool:
    """Note that the trigger fires for the event; whether it has not done so before."""
    row = {"trigger_id": trigger_id, "event_id": event_id, "fired": clock.now()}
    return connection.execute(insert(trigger_firings).on_conflict_do_nothing(), row).rowcount > 0


def forget_firings(connection: Connection, before: datetime, limit: int) -> int:
    """Forget the first ``limit`` firings that were before the instant; how many these were."""
    rowid: ColumnElement[int] = literal_column("trigger_firings.rowid")
    chosen = select(rowid).select_from(trigger_firings).where(trigger_firings.c.fired < before).limit(limit)
    return connection.execute(delete(trigger_firings).where(rowid.in_(chosen.scalar_subquery()))).rowcount


def put_part(connection: Connection, automation_id: UUID, parent_id: UUID, trigger_id: UUID, fired: datetime) -> None:
    """Note that a part of a composite trigger has fired."""
    values = {"parent_id": parent_id, "trigger_id": trigger_id, "automation_id": automation_id, "fired": fired}
    keys = [trigger_parts.c.parent_id, trigger_parts.c.trigger_id]
    connection.execute(
        insert(trigger_parts).values(values).on_conflict_do_update(index_elements=keys, set_={"fired": fired})
    )


def parts(connection: Connection, parent_id: UUID, since: datetime | None) -> dict[object, datetime]:
    """When each of the composite trigger's parts fired, those that did since then; older ones are forgotten."""
    table = trigger_parts.c
    if since is not None:
        connection.execute(delete(trigger_parts).where(table.parent_id == parent_id, table.fired < since))
    chosen = select(table.trigger_id, table.fired).where(table.parent_id == parent_id)
    return {row.trigger_id: row.fired for row in connection.execute(chosen)}


def clear_parts(connection: Connection, parent_id: UUID) -> None:
    """Forget that the composite trigger's parts have fired."""
    connection.execute(delete(trigger_parts).where(trigger_parts.c.parent_id == parent_id))


def depth_of_runs(connection: Connection, flow_run_ids: list[UUID]) -> int:
    """How many automations stand behind the deepest of the runs, or of those whose subflows they are."""
    runs = "[" + ",".join(f'"{each.hex}"' for each in flow_run_ids) + "]"
    return connection.execute(_DEPTH_OF_RUNS, {"runs": runs}).scalar() or 0
