"""Whether JupyterLab, where it is in this environment, has the sidebar and its server extension."""

import importlib
import importlib.util
from typing import Any

from perijove.doctor.report import Finding

_NAME = "perijove"
_SERVER_EXTENSION = "perijove.lab"


def finding() -> Finding:
    """How the sidebar is: it is in the package, and can be missing, or disabled, in one half or the other."""
    if importlib.util.find_spec("jupyterlab_server") is None:
        return Finding("sidebar", "there is no JupyterLab in this environment to show it")
    paths = importlib.import_module("jupyter_core.paths")
    if not _server_extension(paths):
        enable = f"jupyter server extension enable {_SERVER_EXTENSION}"
        return Finding("sidebar", "Its server extension is not enabled.", f"{enable}, and start JupyterLab again.")
    page = _page_config(paths)
    if _NAME not in {each["name"] for each in page.get("federated_extensions", ())}:
        cure = "Install Perijove's wheel here (pip install --force-reinstall perijove), and start JupyterLab again."
        return Finding("sidebar", "It is not among this environment's JupyterLab extensions.", cure)
    if _is_disabled(page.get("disabledExtensions", ())):
        return Finding("sidebar", "It is disabled.", f"jupyter labextension enable {_NAME}, and reload JupyterLab.")
    return Finding("sidebar", "installed and enabled")


def _server_extension(paths: Any) -> bool:
    config = importlib.import_module("jupyter_server.extension.config")
    manager = config.ExtensionConfigManager(read_config_path=paths.jupyter_config_path())
    return bool(manager.get_jpserver_extensions().get(_SERVER_EXTENSION))


def _page_config(paths: Any) -> dict[str, Any]:
    """What JupyterLab's page is told of its extensions."""
    config = importlib.import_module("jupyterlab_server.config")
    page: dict[str, Any] = config.get_page_config(paths.jupyter_path("labextensions"))
    return page


def _is_disabled(names: Any) -> bool:
    """Whether the whole extension, or a part of it, is; the list is a mapping to yes or no in older files."""
    disabled = [name for name, off in names.items() if off] if isinstance(names, dict) else list(names)
    return any(name.partition(":")[0] == _NAME for name in disabled)
