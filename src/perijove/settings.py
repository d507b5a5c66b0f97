"""What a user may set, read once from the environment and from ``perijove.toml`` in the data directory.

======================  ==================================================================================
``PERIJOVE_HOME``       the data directory (default: the platform's user data directory)
``PERIJOVE_API_URL``    another server's API, such as ``http://127.0.0.1:4200/api``; none: the embedded one
``PERIJOVE_API_KEY``    that server's token
``PERIJOVE_PORT``       the embedded server's port on loopback (default 0: any free one)
``PERIJOVE_OFF``        services that the embedded server is to do without, separated by commas (default none)
``PERIJOVE_KEEP_RUNS``  days for which the embedded server keeps runs that ended (default: for ever)
======================  ==================================================================================

The services: ``scheduler`` (makes the runs of schedules), ``late-runs`` (marks them late), ``waiting-runs`` (calls
those that wait for a slot), ``leases`` (takes back the runs of workers that are gone), ``lost-runs`` (ends those that
Prefect's workers lost), ``retention`` (forgets old events), ``old-runs`` (deletes the runs that are no longer to be
kept), ``triggers`` (has automations act).

``perijove.toml`` holds the same names in lower case without the prefix (``api_url = "..."``); the environment wins.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import platformdirs

from perijove.errors import SettingsError

_MOST_DAYS = 36_500
_NAMES = ("api_url", "api_key", "port", "off", "keep_runs")
SERVICES = frozenset(
    {"scheduler", "late-runs", "waiting-runs", "leases", "lost-runs", "retention", "old-runs", "triggers"}
)


@dataclass(frozen=True, slots=True)
class Settings:
    """``home`` is absolute; ``api_url`` None means the embedded server; ``port`` 0 means any free one; ``off``: the
    services that the server does without; ``keep_runs`` None means for ever."""

    home: Path
    api_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    port: int = 0
    off: frozenset[str] = frozenset()
    keep_runs: timedelta | None = None


def read(environ: Mapping[str, str]) -> Settings:
    """The settings that ``environ`` and the data directory's ``perijove.toml`` give.

    Raises SettingsError for a file that is no TOML, an unknown name, or a port or a service that is none.
    """
    home = Path(environ.get("PERIJOVE_HOME") or platformdirs.user_data_path("perijove")).expanduser().absolute()
    values = _from_file(home / "perijove.toml")
    values.update({name: environ[key] for name in _NAMES if environ.get(key := f"PERIJOVE_{name.upper()}")})
    return Settings(
        home=home,
        api_url=str(values["api_url"]).rstrip("/") if "api_url" in values else None,
        api_key=values.get("api_key"),
        port=_port(values.get("port", 0)),
        off=_services(values.get("off", "")),
        keep_runs=_days(values["keep_runs"]) if "keep_runs" in values else None,
    )


@lru_cache(maxsize=1)
def current() -> Settings:
    """This process's settings; read at the first call."""
    return read(os.environ)


def _from_file(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        reason = f"{path} can't be read ({error.strerror})."
        raise SettingsError(f"{reason} Set PERIJOVE_HOME to another directory.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not readable as TOML ({error}). Mend or remove it.") from None
    if unknown := sorted(values.keys() - set(_NAMES)):
        raise SettingsError(f"{path} sets {', '.join(unknown)}, which is not known. Known: {', '.join(_NAMES)}.")
    return values


def _services(value: object) -> frozenset[str]:
    names = value if isinstance(value, list) else str(value).split(",")
    off = frozenset(str(name).strip() for name in names) - {""}
    if unknown := sorted(off - SERVICES):
        raise SettingsError(
            f"PERIJOVE_OFF: there is no service {', '.join(unknown)} to be off. Known: {', '.join(sorted(SERVICES))}."
        )
    return off


def _days(value: object) -> timedelta:
    try:
        days = float(str(value))
    except ValueError:
        days = 0.0
    if not 0 < days <= _MOST_DAYS:
        raise SettingsError(f"PERIJOVE_KEEP_RUNS: {value!r} is no number of days, such as 30 or 0.5.")
    return timedelta(days=days)


def _port(value: object) -> int:
    try:
        port = int(str(value))
    except ValueError:
        port = -1
    if not 0 <= port <= 65535:
        raise SettingsError(f"The port {value!r} is none: PERIJOVE_PORT takes a number from 0 (any) to 65535.")
    return port
