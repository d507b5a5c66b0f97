"""The sidebar's way to a server: a Jupyter Server extension. Only Jupyter Server imports what is in here."""

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """What Jupyter Server asks an extension's package for."""
    from perijove.lab.app import PerijoveApp

    return [{"module": "perijove.lab", "app": PerijoveApp}]
