"""The deployments' names, for completion: a little old at times, and never worth waiting for."""

import threading

from perijove import clock, deployments
from perijove.errors import PerijoveError

FRESH = 5.0
"""Seconds for which the names are taken to be true."""

PATIENCE = 0.25
"""Seconds that a user who pressed Tab may wait for them."""


class DeploymentNames:
    """Reads the names in another thread, so that a server that is slow or gone keeps nobody waiting."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._read_at = float("-inf")
        self._reader: threading.Thread | None = None

    def known(self) -> list[str]:
        """The names as far as they are known by now; the server is not started for them."""
        if clock.monotonic() - self._read_at > FRESH:
            if self._reader is None or not self._reader.is_alive():
                self._reader = threading.Thread(target=self._read, daemon=True, name="perijove-completion")
                self._reader.start()
            self._reader.join(PATIENCE)
        return self._names

    def _read(self) -> None:
        try:
            self._names = deployments.names.of_running_server()
            self._read_at = clock.monotonic()
        except PerijoveError:
            self._names = []
