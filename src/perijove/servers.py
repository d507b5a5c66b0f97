"""Other servers than the embedded one, as a user's settings name them: by address, or by a profile of Prefect's.

Prefect's own settings are read as its client reads them: ``PREFECT_API_URL``, ``PREFECT_API_KEY`` and
``PREFECT_API_AUTH_STRING``, each from the environment or else from the active profile of ``profiles.toml``. Its other
files (``.env``, ``prefect.toml``, ``pyproject.toml``) belong to a working directory, which a notebook's kernel, the
sidebar and a terminal don't share, so they name no server here.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from perijove.errors import SettingsError

EMBEDDED = "embedded"
"""The word for the embedded server, where something else would name another one."""

_DEFAULT_PROFILE = "ephemeral"  # the one that Prefect needs no file for; it names no server
_SECRETS = ("key", "auth_string")


@dataclass(frozen=True, slots=True)
class Server:
    """A server's address (without a slash at its end), what named it, and the secret that it asks for.

    ``key`` is a token; ``auth_string``, ``user:password`` for basic authentication, comes before it (Prefect's rule).
    """

    api_url: str
    named_by: str
    key: str | None = field(default=None, repr=False)
    auth_string: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{without_password(self.api_url)} ({self.named_by})"


@dataclass(frozen=True, slots=True)
class PrefectSettings:
    """The server that Prefect's settings name (None: none), and those of all its profiles, by the profiles' names."""

    active: Server | None
    profiles: Mapping[str, Server]


def without_password(url: str) -> str:
    """The address without a name and a password that it may hold."""
    return re.sub(r"//[^/@]*@", "//", url)


def address(url: str, *, named_by: str) -> str:
    """The address without a slash at its end. Raises SettingsError for what is none."""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        shown = without_password(url)
        raise SettingsError(f"{named_by}: {shown!r} is no server's address, such as http://127.0.0.1:4200/api.")
    return url.strip().rstrip("/")


def named(word: str, *, named_by: str, prefect: PrefectSettings) -> Server | None:
    """The server that ``word`` names: an address, a profile of Prefect's, or ``embedded`` (None).

    Raises SettingsError for a word that names none.
    """
    if word == EMBEDDED:
        return None
    if "://" in word:
        return Server(address(word, named_by=named_by), named_by)
    if word in prefect.profiles:
        return prefect.profiles[word]
    raise SettingsError(
        f"{named_by}: {word!r} is no address (http://.../api), not {EMBEDDED}, and no profile of Prefect's that names "
        f"a server.{_likely(word, prefect.profiles)}"
    )


def with_secret(server: Server | None, known: Iterable[Server | None]) -> Server | None:
    """The server with the secret that the first of the known ones has for this very address, and for no other."""
    for each in known:
        if server and each and each.api_url == server.api_url and (each.key or each.auth_string):
            return replace(server, key=each.key, auth_string=each.auth_string)
    return server


def read_prefect(environ: Mapping[str, str]) -> PrefectSettings:
    """What Prefect's settings say. Raises SettingsError for a profile that isn't there, or an unreadable file."""
    path = _profiles_path(environ)
    held = _profiles(path)
    profiles = {name: server for name, said in held.profiles.items() if (server := _server(said, f"profile {name!r}"))}
    name = environ.get("PREFECT_PROFILE") or held.active
    if environ.get("PREFECT_PROFILE") and name not in {*held.profiles, _DEFAULT_PROFILE}:
        raise SettingsError(
            f"PREFECT_PROFILE names {name!r}, and {path} has no such profile.{_likely(str(name), held.profiles)} "
            f"PERIJOVE_API_URL={EMBEDDED} is for doing without Prefect's settings."
        )
    of_profile = held.profiles.get(name or "", {})
    url_by = "PREFECT_API_URL" if "PREFECT_API_URL" in environ else f"profile {name!r}"
    given = {key: value for key, value in environ.items() if key.startswith("PREFECT_API_")}
    return PrefectSettings(_server({**of_profile, **given}, url_by), profiles)


@dataclass(frozen=True, slots=True)
class _Profiles:
    active: str | None
    profiles: Mapping[str, Mapping[str, Any]]


def _profiles_path(environ: Mapping[str, str]) -> Path:
    if path := environ.get("PREFECT_PROFILES_PATH"):
        return Path(path)
    return Path(environ.get("PREFECT_HOME") or Path.home() / ".prefect") / "profiles.toml"


def _profiles(path: Path) -> _Profiles:
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        said = {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"Prefect's profiles in {path} can't be read ({error}). Mend the file, "
            f"or set PERIJOVE_API_URL={EMBEDDED} to do without it."
        ) from None
    held = said.get("profiles", {})
    profiles = {name: each for name, each in held.items() if isinstance(each, dict)} if isinstance(held, dict) else {}
    return _Profiles(said.get("active"), profiles)


def _server(said: Mapping[str, Any], named_by: str) -> Server | None:
    """The server of Prefect's settings, as one profile or the environment says them."""
    url = said.get("PREFECT_API_URL")
    if not url:
        return None
    key, auth_string = (str(said.get(f"PREFECT_API_{name.upper()}") or "") or None for name in _SECRETS)
    prefect = f"Prefect's {named_by}" if named_by.startswith("profile") else named_by
    return Server(address(str(url), named_by=prefect), prefect, key, auth_string)


def _likely(word: str, known: Iterable[str]) -> str:
    names = list(known)
    if near := get_close_matches(word, names, n=1):
        return f" Did you mean {near[0]!r}?"
    return f" There are: {', '.join(names)}." if names else " There are none."
