"""Reads a run's pipes as its output comes, and to the last byte once its writers are dead."""

import asyncio
import contextlib
import os
from collections.abc import Callable, Mapping, Sequence

from perijove.schemas.logs import LogCreate
from perijove.worker.output import Output

_CHUNK = 1 << 18


class Intake:
    """The reading ends of a run's pipes, by stream; what they bring goes to ``take`` as log entries.

    ``deliver`` is called when the run asks that all of its output so far be delivered; ``say_delivered`` answers it.
    """

    def __init__(
        self,
        pipes: Mapping[str, int],
        output: Output,
        take: Callable[[Sequence[LogCreate]], None],
        deliver: Callable[[], None],
    ) -> None:
        self._open = dict(pipes)
        self._output = output
        self._take = take
        self._deliver = deliver
        self._loop = asyncio.get_running_loop()
        for stream, descriptor in pipes.items():
            os.set_blocking(descriptor, False)
            self._loop.add_reader(descriptor, self._read, stream)

    @property
    def has_ended(self) -> bool:
        """Whether the run said that the server has its end."""
        return self._output.has_ended

    def say_delivered(self) -> None:
        """Tell the run that what it asked for is done."""
        if "log" in self._open:
            with contextlib.suppress(OSError):  # it did not wait
                os.write(self._open["log"], b"\n")

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
        except ConnectionResetError:  # it ended without having read our answer
            data = b""
        if not data:
            self._close(stream)
            return False
        self._take(self._output.feed(stream, data))
        if self._output.wants_delivery:
            self._output.wants_delivery = False
            self._read_the_others(stream)
            self._deliver()
        return True

    def _read_the_others(self, stream: str) -> None:
        """What was written to the other streams before belongs before."""
        for other in [name for name in self._open if name != stream]:
            while other in self._open and self._read(other):
                pass

    def _close(self, stream: str) -> None:
        descriptor = self._open.pop(stream)
        self._loop.remove_reader(descriptor)
        os.close(descriptor)
