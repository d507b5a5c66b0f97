"""One writer, several readers, and nothing lost or half done."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import OperationalError

from perijove.server.storage import rows
from perijove.server.storage.database import Database, driver_of
from perijove.server.storage.tables import flows

pytestmark = pytest.mark.anyio


def _add(connection: Connection, name: str) -> None:
    connection.execute(insert(flows).values(rows.stamped({"name": name, "tags": [], "labels": {}})))


def _names(connection: Connection) -> list[str]:
    return list(connection.scalars(select(flows.c.name).order_by(flows.c.name)))


async def test_what_was_written_is_read_by_the_next_reader(database: Database) -> None:
    await database.write(lambda connection: _add(connection, "a"))
    assert await database.read(_names) == ["a"]


async def test_a_write_that_fails_undoes_its_own_part_only(database: Database) -> None:
    def fail(connection: Connection) -> None:
        _add(connection, "lost")
        raise ValueError("on purpose")

    written = [database.write(lambda connection, name=name: _add(connection, name)) for name in "ab"]
    results = await asyncio.gather(written[0], database.write(fail), written[1], return_exceptions=True)
    assert isinstance(results[1], ValueError)
    assert await database.read(_names) == ["a", "b"]


async def test_an_error_of_the_driver_itself_is_told_as_any_other_of_the_database(database: Database) -> None:
    with pytest.raises(OperationalError, match="nowhere"):
        await database.write(lambda connection: driver_of(connection).execute("INSERT INTO nowhere VALUES (1)"))


async def test_a_hundred_writers_at_once_lose_nothing(database: Database) -> None:
    def count_up(connection: Connection) -> None:
        known = connection.scalar(select(func.count()).select_from(flows)) or 0
        _add(connection, f"{known:03}")

    await asyncio.gather(*(database.write(count_up) for _ in range(100)))
    assert await database.read(_names) == [f"{number:03}" for number in range(100)]


async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(OperationalError, match="readonly"):
        await database.read(lambda connection: _add(connection, "a"))


async def test_closing_finishes_what_was_asked(tmp_path: Path) -> None:
    database = Database(tmp_path / "perijove.db")
    writes = [asyncio.ensure_future(database.write(lambda c, n=n: _add(c, str(n)))) for n in range(5)]
    await asyncio.sleep(0)  # let each of them queue its work
    database.close()
    await asyncio.gather(*writes)
    again = Database(tmp_path / "perijove.db")
    assert len(await again.read(_names)) == 5
    again.close()
