"""The notebook that this very process runs: the cells of its kernel or shell, and where the notebook's file is."""

import builtins
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perijove.deployments.exporting import Notebook
from perijove.notebook.recorder import Recorder, recorder_of


def running() -> Notebook | None:
    """The notebook, with what its cells have run so far; None outside of IPython."""
    get_ipython = getattr(builtins, "get_ipython", None)
    shell = get_ipython() if get_ipython else None
    return notebook(shell.user_ns, recorder_of(shell)) if shell else None


def notebook(namespace: Mapping[str, Any], recorder: Recorder) -> Notebook:
    """The notebook of a kernel's namespace and recorder, as the source of an export."""
    return Notebook(cells=recorder.cells(), path=notebook_path(namespace), live=namespace)


def notebook_path(namespace: Mapping[str, Any]) -> Path | None:
    """The notebook's file, as far as the kernel was told it: by Jupyter Server or by VS Code."""
    for name in ("__session__", "__vsc_ipynb_file__"):
        path = Path(str(namespace.get(name) or ""))
        if path.suffix == ".ipynb" and path.is_file():
            return path.absolute()
    return None
