"""PostgreSQL for Prefect's server: a cluster of the test's own, by the machine's programs."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from .conftest import free_port


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """A new database as Prefect's settings name it."""
    programs, port = _programs(), free_port()
    with tempfile.TemporaryDirectory(prefix="perijove-postgresql-") as place:
        yield from _served(programs, Path(place), port)


def _served(programs: Path, data: Path, port: int) -> Iterator[str]:
    user = _user_for(data)
    run = partial(subprocess.run, user=user, cwd=data, check=True, stdout=subprocess.DEVNULL)
    run([programs / "initdb", "-D", data, "-U", "prefect", "--auth", "trust", "--no-sync"])
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    run([programs / "pg_ctl", "-D", data, "-o", options, "-l", data / "log", "--wait", "start"])
    try:
        run([programs / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "prefect", "prefect"])
        yield f"postgresql+asyncpg://prefect@127.0.0.1:{port}/prefect"
    finally:
        run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"])


def _programs() -> Path:
    """Where the server's programs are: Debian keeps them out of PATH, by version."""
    found = shutil.which("pg_ctl")
    places = [Path(found)] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if not places:
        pytest.skip("No PostgreSQL: `make .venv/postgresql` installs it.")
    return places[-1].resolve().parent


def _user_for(data: Path) -> str | None:
    """Who runs it: PostgreSQL refuses to be root's."""
    if os.getuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        pwd.getpwnam("postgres")
        shutil.chown(data, "postgres")
        return "postgres"
    pytest.skip("PostgreSQL refuses to be run by root, and there is no user postgres.")
