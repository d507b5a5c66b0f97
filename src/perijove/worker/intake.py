"""Reads a run's pipes as its output comes, and to the last byte once its writers are dead."""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence

from perijove.schemas.logs import LogCreate
from perijove.worker.output import Output

_CHUNK = 1 << 18


class Intake:
    """The reading ends of a run's pipes, by stream; what they bring goes to ``take`` as log entries."""

    def __init__(self, pipes: Mapping[str, int], output: Output, take: Callable[[Sequence[LogCreate]], None]) -> None:
        self._open = dict(pipes)
        self._output = output
        self._take = take
        self._loop = asyncio.get_running_loop()
        for stream, descriptor in pipes.items():
            os.set_blocking(descriptor, False)
            self._loop.add_reader(descriptor, self._read, stream)

    def drain(self) -> None:
        """Take in all that has been written, also a line that has no end yet."""
        for stream in list(self._open):
            while self._read(stream):
                pass
        self._take(self._output.end())

    def close(self) -> None:
        """Read no more."""
        for stream in list(self._open):
            self._close(stream)

    def _read(self, stream: str) -> bool:
        """Take in a chunk; whether there may be more at once."""
        try:
            data = os.read(self._open[stream], _CHUNK)
        except BlockingIOError:
            return False
        if not data:
            self._close(stream)
            return False
        self._take(self._output.feed(stream, data))
        return True

    def _close(self, stream: str) -> None:
        descriptor = self._open.pop(stream)
        self._loop.remove_reader(descriptor)
        os.close(descriptor)
