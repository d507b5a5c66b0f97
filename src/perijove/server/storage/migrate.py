"""Bring a database to the newest schema: numbered SQL files, each applied once, whole or not at all."""

import sqlite3
from importlib import resources

from sqlalchemy import Connection

from perijove.errors import ServerStartError


def steps() -> list[tuple[int, str]]:
    """Each migration's number (from 1) and its SQL, in order."""
    files = resources.files("perijove.server.storage") / "migrations"
    named = sorted((file.name, file) for file in files.iterdir() if file.name.endswith(".sql"))
    return [(int(name[:4]), file.read_text("utf-8")) for name, file in named]


def to_newest(connection: Connection) -> None:
    """Apply the migrations that this database lacks.

    Raises ServerStartError, and leaves the file as it is, when a newer Perijove made it.
    """
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101  (the only one that is ever opened)
    version: int = driver.execute("PRAGMA user_version").fetchone()[0]
    known = steps()
    if version > known[-1][0]:
        raise ServerStartError(
            f"The database has schema {version}, and this Perijove knows up to {known[-1][0]}: "
            "a newer Perijove made it. Upgrade Perijove, or set PERIJOVE_HOME to another directory."
        )
    for number, sql in known:
        if number > version:
            driver.executescript(f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")
