"""What ties a shepherd to whoever started it: one line says what to run, and its end that the run is to end."""

import asyncio
import os

_CHUNK = 1 << 16


class Lifeline:
    """``launch`` is done with the first line, or with nothing when the end comes first; ``ended`` with the end."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._received = b""
        self._loop = asyncio.get_running_loop()
        self.launch: asyncio.Future[bytes] = self._loop.create_future()
        self.ended: asyncio.Future[None] = self._loop.create_future()
        os.set_blocking(descriptor, False)
        self._loop.add_reader(descriptor, self._read)

    def _read(self) -> None:
        data = os.read(self._descriptor, _CHUNK)
        if not self.launch.done():
            self._received += data
            line, found, _ = self._received.partition(b"\n")
            if found or not data:
                self.launch.set_result(line if found else b"")
        if not data:
            self._loop.remove_reader(self._descriptor)
            self.ended.set_result(None)
