"""What a user may set, read from the environment and from ``perijove.toml`` in the data directory.

============================  ============================================================================
``PERIJOVE_HOME``             the data directory (default: the platform's user data directory)
``PERIJOVE_API_URL``          the server: its API's address, such as ``http://127.0.0.1:4200/api``, ``embedded``,
                              or a profile of Prefect's (default: the one that Prefect's own settings name,
                              or else the embedded one)
``PERIJOVE_API_KEY``          that server's token
``PERIJOVE_API_AUTH_STRING``  ``user:password``, where that server asks for basic authentication
``PERIJOVE_PORT``             the embedded server's port on loopback (default 0: any free one)
``PERIJOVE_OFF``              services that the embedded server is to do without, separated by commas
``PERIJOVE_KEEP_RUNS``        days for which the embedded server keeps runs that ended (default: for ever)
============================  ============================================================================

The services: ``scheduler`` (makes the runs of schedules), ``late-runs`` (marks them late), ``waiting-runs`` (calls
those that wait for a slot), ``leases`` (takes back the runs of workers that are gone), ``lost-runs`` (ends those that
Prefect's workers lost), ``retention`` (forgets old events), ``old-runs`` (deletes the runs that are no longer to be
kept), ``statuses`` (tells of deployments, queues and pools that are ready, or are not any more), ``triggers`` (has
automations act).

``perijove.toml`` holds the same names in lower case without the prefix (``api_url = "..."``); the environment wins.
A secret goes to the server that it was given for: one of the file's, to the file's alone.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import platformdirs

from perijove import servers
from perijove.errors import SettingsError
from perijove.servers import PrefectSettings, Server

_MOST_DAYS = 36_500
FILE = "perijove.toml"
_NAMES = ("api_url", "api_key", "api_auth_string", "port", "off", "keep_runs")
SERVICES = frozenset(
    {
        "scheduler",
        "late-runs",
        "waiting-runs",
        "leases",
        "lost-runs",
        "retention",
        "old-runs",
        "statuses",
        "triggers",
        "worker",
    }
)


@dataclass(frozen=True, slots=True)
class Settings:
    """``home`` is absolute; ``port`` 0 means any free one; ``off``: the services that the embedded server does without;
    ``keep_runs`` None means for ever."""

    home: Path
    port: int = 0
    off: frozenset[str] = frozenset()
    keep_runs: timedelta | None = None


def read(environ: Mapping[str, str]) -> Settings:
    """The settings that ``environ`` and the data directory's ``perijove.toml`` give.

    Raises SettingsError for a file that is no TOML, an unknown name, or a port or a service that is none.
    """
    home = _home(environ)
    values = {**_from_file(home / FILE), **_from_environment(environ)}
    return Settings(
        home=home,
        port=_port(values.get("port", 0)),
        off=_services(values.get("off", "")),
        keep_runs=_days(values["keep_runs"]) if "keep_runs" in values else None,
    )


@lru_cache(maxsize=1)
def current() -> Settings:
    """This process's settings; read at the first call."""
    return read(os.environ)


def read_server(environ: Mapping[str, str], word: str | None = None) -> Server | None:
    """The server that is spoken to, with its secret; None: the embedded one.

    ``word`` names it: an address, ``embedded`` or a profile of Prefect's. None: what is set does, in this order:
    PERIJOVE_API_URL, ``perijove.toml``, PREFECT_API_URL, the active profile of Prefect's. Raises SettingsError.
    """
    given, filed = _from_environment(environ), _from_file(_home(environ) / FILE)
    set_word: str | None = given.get("api_url") or filed.get("api_url")
    chosen = word or set_word
    if chosen == servers.EMBEDDED:
        return None
    prefect = servers.read_prefect(environ)
    if chosen is None:
        return prefect.active
    named_by = "--target" if word else "PERIJOVE_API_URL" if "api_url" in given else FILE
    server = servers.named(chosen, named_by=named_by, prefect=prefect)
    own = [_with_secrets(set_word, given, prefect), _with_secrets(filed.get("api_url"), filed, prefect)]
    return servers.with_secret(server, [*own, server, prefect.active, *prefect.profiles.values()])


def server(word: str | None = None) -> Server | None:
    """The server that is spoken to; None: the embedded one. Read anew each time, so that all heed a change at once.

    ``word`` and errors are those of ``read_server``.
    """
    return read_server(os.environ, word)


def aim(word: str) -> None:
    """Have this process, and those that it starts, speak to the server that ``word`` names. Raises SettingsError.

    A secret in the environment was given for the server that the environment names, and goes to no other.
    """
    if _api_url(server(word)) != _api_url(server()):
        for name in ("PERIJOVE_API_KEY", "PERIJOVE_API_AUTH_STRING"):
            os.environ.pop(name, None)
    os.environ["PERIJOVE_API_URL"] = word


def is_aimed() -> bool:
    """Whether the environment names the server, and so comes before ``perijove.toml``."""
    return bool(os.environ.get("PERIJOVE_API_URL"))


def _api_url(server: Server | None) -> str | None:
    return server.api_url if server else None


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("PERIJOVE_HOME") or platformdirs.user_data_path("perijove")).expanduser().absolute()


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    return {name: environ[key] for name in _NAMES if environ.get(key := f"PERIJOVE_{name.upper()}")}


def _with_secrets(word: str | None, said: Mapping[str, Any], prefect: PrefectSettings) -> Server | None:
    """The server that ``word`` names with the secrets that are set for it; None where it names none."""
    if not word:
        return None
    place = prefect.profiles[word].api_url if word in prefect.profiles else word
    secrets = (str(said[name]) if name in said else None for name in ("api_key", "api_auth_string"))
    return Server(place.rstrip("/"), "", *secrets)


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
