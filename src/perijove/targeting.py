"""The server that commands speak to, as a user sees it and changes it: kept in the data directory's perijove.toml."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import tomlkit
from tomlkit.exceptions import ParseError

from perijove import embed, servers, settings
from perijove.deployments.table import Shown, Table
from perijove.errors import SettingsError
from perijove.servers import Server

_SECRETS = ("api_key", "api_auth_string")


@dataclass(frozen=True, slots=True, repr=False)
class Choice(Shown):
    """The server that commands speak to (None: the embedded one), and what there is to say of it."""

    server: Server | None
    notes: tuple[str, ...] = ()

    def table(self) -> Table:
        """The server's address, what named it, and which kind of secret it gets; the secret is never shown."""
        if self.server is None:
            running = embed.find()
            where = running.url if running else "not running; the first command that needs it starts it"
            return Table([("target", "the embedded server"), ("address", where)], notes=self.notes)
        facts = [
            ("target", servers.without_password(self.server.api_url)),
            ("named by", self.server.named_by),
            ("secret", _kind_of_secret(self.server)),
        ]
        return Table(facts, notes=self.notes)


def current() -> Choice:
    """The server that commands speak to. Raises SettingsError for settings that name none."""
    return Choice(settings.server())


def choose(word: str | None, key: str | None = None) -> Choice:
    """Have commands speak to the server that ``word`` names from now on, here and in every other process.

    ``word``: an address, ``embedded``, or a profile of Prefect's; None: what is set elsewhere counts again.
    ``key``: the server's token, kept in the same file, which is its owner's alone. Raises SettingsError.
    """
    server = settings.server(word) if word else None
    notes = _keep(word, key, server)
    if settings.is_aimed() and settings.server() != server:
        notes.append("PERIJOVE_API_URL is set in the environment, and comes before perijove.toml. Unset it there.")
    return Choice(settings.server(), tuple(notes))


def _keep(word: str | None, key: str | None, server: Server | None) -> list[str]:
    """Write the choice down; the file's secret was given for the server that it named, and stays for no other."""
    path = settings.current().home / settings.FILE
    file = _read(path)
    told = []
    before = str(file.get("api_url", ""))
    if word is None or before.rstrip("/") != word.rstrip("/"):
        told = [f"The {name} in {path} was for {_shown(before)}, and is removed." for name in _SECRETS if name in file]
        for name in _SECRETS:
            file.pop(name, None)
    file.pop("api_url", None)
    if word is not None:
        file["api_url"] = word if server is None or "://" not in word else server.api_url
    if key:
        file["api_key"] = key
    _write(path, file.as_string())
    return told


def _read(path: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(path.read_text("utf-8"))
    except FileNotFoundError:
        return tomlkit.document()
    except (OSError, UnicodeDecodeError, ParseError) as error:
        raise SettingsError(f"{path} can't be read ({error}). Mend or remove it.") from None


def _write(path: Path, text: str) -> None:
    """Put the file in its place at once and whole, readable by its owner alone."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as aside:
            aside.write(text)
        Path(aside.name).replace(path)
    except OSError as error:
        raise SettingsError(f"{path} can't be written ({error.strerror}). Make its directory writable.") from None


def _shown(word: str) -> str:
    return servers.without_password(word) or "another server"


def _kind_of_secret(server: Server) -> str:
    if server.auth_string:
        return "a user and a password"
    return "a token" if server.key else "none"
