"""A run's log entries on disk, until the server has them: they outlive a server that is away."""

from collections.abc import Sequence
from pathlib import Path

from perijove.schemas.logs import LogCreate

BATCH_LINES = 200
BATCH_BYTES = 1_000_000


class Spool:
    """An append-only file of entries, and how far it has been delivered. Its directory comes and goes with it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = path.open("a+b")
        self._delivered = self._size = path.stat().st_size

    @property
    def is_empty(self) -> bool:
        """Whether everything has been delivered."""
        return self._delivered >= self._size

    def append(self, entries: Sequence[LogCreate]) -> None:
        """Keep the entries."""
        for entry in entries:
            self._size += self._file.write(entry.model_dump_json().encode() + b"\n")
        self._file.flush()

    def peek(self) -> list[bytes]:
        """The next lines to deliver: few enough for one request, at least one unless all are delivered."""
        self._file.seek(self._delivered)
        lines: list[bytes] = []
        size = 0
        while len(lines) < BATCH_LINES and size < BATCH_BYTES and (line := self._file.readline()):
            lines.append(line)
            size += len(line)
        return lines

    def advance(self, lines: Sequence[bytes]) -> None:
        """The lines, which are the next ones, are delivered."""
        self._delivered += sum(map(len, lines))

    def close(self) -> None:
        """Remove the file when everything is delivered, else leave what isn't to whoever looks into it."""
        self._file.close()
        if self.is_empty:
            self.path.unlink(missing_ok=True)
        else:
            self.path.write_bytes(self.path.read_bytes()[self._delivered :])
