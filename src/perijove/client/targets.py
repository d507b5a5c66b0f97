"""Which server the commands speak to: the one that was named, or else the embedded one."""

from dataclasses import dataclass, field
from typing import Literal

from perijove import embed, settings

Kind = Literal["embedded", "remote"]


@dataclass(frozen=True, slots=True)
class Target:
    """A server's address and token. ``embedded``: ours, on this machine; ``remote``: named by PERIJOVE_API_URL."""

    api_url: str
    kind: Kind
    token: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"the embedded server at {self.api_url}" if self.kind == "embedded" else self.api_url


def find() -> Target | None:
    """The target as things are: None when none was named and the embedded server doesn't run."""
    if named := _named():
        return named
    running = embed.find()
    return _embedded(running) if running else None


def require() -> Target:
    """The target; the embedded server is started when it is needed and doesn't run. Raises ServerStartError."""
    return _named() or _embedded(embed.start())


def found_again(target: Target) -> Target:
    """The target as it is now: an embedded server that was started anew listens elsewhere."""
    return (target.kind == "embedded" and find()) or target


def _named() -> Target | None:
    chosen = settings.current()
    return Target(chosen.api_url, "remote", chosen.api_key) if chosen.api_url else None


def _embedded(server: embed.EmbeddedServer) -> Target:
    return Target(server.api_url, "embedded", server.token())
