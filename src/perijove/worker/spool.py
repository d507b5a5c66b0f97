"""A run's log entries on disk, until the server has them: they outlive a server that is away."""

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from uuid import UUID, uuid4

from perijove.schemas.logs import LogCreate

BATCH_LINES = 200
BATCH_BYTES = 1_000_000

_SEQUENCE_BITS = 48


class Spool:
    """An append-only file of entries, and how far it has been delivered. Its directory comes and goes with it.

    ``numbers``: each entry gets an id, by which a server knows it when it comes again.
    """

    def __init__(self, path: Path, *, numbers: bool = False) -> None:
        self.path = path
        self._ids = _numbered(uuid4()) if numbers else None
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
            numbered = entry.model_copy(update={"id": next(self._ids)}) if self._ids else entry
            self._size += self._file.write(numbered.model_dump_json(exclude_none=True).encode() + b"\n")
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


def _numbered(spool: UUID) -> Iterator[UUID]:
    """Ids of a spool's entries: its own random one, with the entry's sequence number in the last 48 bits."""
    for number in count():
        yield UUID(int=(spool.int >> _SEQUENCE_BITS << _SEQUENCE_BITS) + number)
