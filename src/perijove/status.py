"""The embedded server's life as a user sees it: started, stopped, and where it is."""

import dataclasses
from dataclasses import dataclass

from perijove import embed
from perijove.deployments.table import Shown, Table
from perijove.embed import EmbeddedServer


@dataclass(frozen=True, slots=True, repr=False)
class Status(Shown):
    """The embedded server (None: it doesn't run), and what was just done about it."""

    server: EmbeddedServer | None
    did: str = ""

    def table(self) -> Table:
        """Where it is; its token is in the file that is named."""
        if self.server is None:
            return Table(
                [], title=self.did or "No server runs. `perijove server start`, or %perijove start, starts it."
            )
        facts = dataclasses.asdict(self.server)
        return Table([(name.replace("_", " "), str(fact)) for name, fact in facts.items()], title=self.did)


def current() -> Status:
    """The embedded server as it is."""
    return Status(embed.find())


def start() -> Status:
    """Start the embedded server if it doesn't run. Raises ServerStartError."""
    if running := embed.find():
        return Status(running, "The server runs already.")
    return Status(embed.start(), "The server is started.")


def stop() -> Status:
    """Stop the embedded server and what it started."""
    stopped = embed.stop()
    return Status(None, f"The server at {stopped.url} is stopped." if stopped else "No server runs.")
