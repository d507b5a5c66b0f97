"""What a kernel's namespace tells: the flows in it, and the notebook's own path."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython

from perijove import deployments, widgets
from perijove.errors import UsageError
from perijove.notebook import Recorder

if TYPE_CHECKING:
    from perijove.deployments import Run
    from perijove.deployments.exporting import Notebook
    from perijove.widgets import RunMonitor, RunMonitors


def is_flow(value: object) -> bool:
    """Whether ``value`` is a flow, of Perijove's or of Prefect's kind."""
    return type(value).__name__ == "Flow" and callable(getattr(value, "fn", None)) and hasattr(value, "name")


def flows_in(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """The flows by the names that cells call them."""
    return {name: value for name, value in namespace.items() if not name.startswith("_") and is_flow(value)}


def flow_named(namespace: Mapping[str, Any], name: str) -> Any:
    """The flow called ``name`` in the namespace. Raises UsageError, with the likeliest name."""
    if is_flow(found := namespace.get(name)):
        return found
    if callable(found):
        raise UsageError(f"`{name}` is not a flow: write @flow above it and run its cell again.")
    known = flows_in(namespace)
    hint = deployments.words.did_you_mean(name, known) or (f" Flows here: {', '.join(known)}." if known else "")
    raise UsageError(f"There is no flow `{name}` in this notebook.{hint} Run the cell that defines it first.")


def watched(run: "Run") -> "Run | RunMonitor | RunMonitors":
    """A live view of the run, in a notebook; in a terminal, the run once it has ended."""
    return widgets.monitor(run) if hasattr(get_ipython(), "kernel") else run.wait()


def notebook(namespace: Mapping[str, Any], recorder: Recorder) -> "Notebook":
    """This notebook, as the source of an export."""
    return deployments.kernels.notebook(namespace, recorder)
