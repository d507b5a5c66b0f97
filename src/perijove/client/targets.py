"""Which server the commands speak to: the one that was named, or else the embedded one."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal

from perijove import embed, servers, settings
from perijove.servers import Server

Kind = Literal["embedded", "remote"]
Scheme = Literal["Bearer", "Basic"]

_chosen: ContextVar[str | None] = ContextVar("perijove-target", default=None)


@dataclass(frozen=True, slots=True)
class Target:
    """A server's address and secret. ``embedded``: ours, on this machine; ``remote``: any other.

    ``token`` is what HTTP's ``scheme`` takes: a token (Bearer), or ``user:password`` (Basic).
    """

    api_url: str
    kind: Kind
    token: str | None = field(default=None, repr=False)
    scheme: Scheme = "Bearer"

    def __str__(self) -> str:
        shown = servers.without_password(self.api_url)
        return f"the embedded server at {shown}" if self.kind == "embedded" else shown

    @property
    def headers(self) -> dict[str, str]:
        """The HTTP headers that carry the secret."""
        if not self.token:
            return {}
        secret = base64.b64encode(self.token.encode()).decode() if self.scheme == "Basic" else self.token
        return {"Authorization": f"{self.scheme} {secret}"}


@contextmanager
def chosen(word: str | None) -> Iterator[None]:
    """Have what is done meanwhile, in this thread or task, speak to the server that ``word`` names (None: that is
    set): an address, ``embedded``, or a profile of Prefect's. Raises SettingsError for a word that names none."""
    settings.server(word)
    before = _chosen.set(word)
    try:
        yield
    finally:
        _chosen.reset(before)


def chosen_word() -> str | None:
    """The word by which a server was chosen for now; None: what is set counts."""
    return _chosen.get()


def named() -> Server | None:
    """The server that was chosen or is set; None: the embedded one, by whatever name. Raises SettingsError."""
    server = settings.server(_chosen.get())
    running = embed.find() if server else None
    return None if server and running and server.api_url == running.api_url else server


def find() -> Target | None:
    """The target as things are: None when none was named and the embedded server doesn't run."""
    if server := named():
        return _remote(server)
    running = embed.find()
    return _embedded(running) if running else None


def require() -> Target:
    """The target; the embedded server is started when it is needed and doesn't run. Raises ServerStartError."""
    server = named()
    return _remote(server) if server else _embedded(embed.start())


def found_again(target: Target) -> Target:
    """The target as it is now: an embedded server that was started anew listens elsewhere."""
    running = embed.find() if target.kind == "embedded" else None
    return _embedded(running) if running else target


def _remote(server: Server) -> Target:
    if server.auth_string:
        return Target(server.api_url, "remote", server.auth_string, "Basic")
    return Target(server.api_url, "remote", server.key)


def _embedded(server: embed.EmbeddedServer) -> Target:
    return Target(server.api_url, "embedded", server.token())
