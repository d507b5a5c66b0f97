"""The schema that the migrations make, and the one that the code believes in."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect

from perijove.errors import ServerStartError
from perijove.server.storage import migrate
from perijove.server.storage.database import Database
from perijove.server.storage.tables import metadata


def test_the_tables_are_what_the_migrations_make(connection: Connection) -> None:
    made = {
        table: {column["name"] for column in inspect(connection).get_columns(table)}
        for table in inspect(connection).get_table_names()
    }
    assert made == {name: set(table.columns.keys()) for name, table in metadata.tables.items()}


def test_every_migration_has_the_number_after_the_one_before() -> None:
    assert [number for number, _ in migrate.steps()] == list(range(1, len(migrate.steps()) + 1))


def test_opening_a_database_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "perijove.db"
    Database(path).close()
    before = path.read_bytes()
    Database(path).close()
    assert path.read_bytes() == before


def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "perijove.db"
    Database(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA user_version = 999")
    raw.close()
    with pytest.raises(ServerStartError, match="newer Perijove"):
        Database(path)
