"""Where the flow that shall be deployed lies: its file or its module, as an entrypoint."""

import inspect
import sys
from pathlib import Path

from perijove.deployments.define import Source
from perijove.errors import UsageError
from perijove.flows.definitions import FlowDefinition, Origin
from perijove.flows.deployable import EntrypointType
from perijove.flows.parameters import parameter_schema


def of(flow: FlowDefinition, entrypoint_type: EntrypointType = "file_path") -> Source:
    """The flow's source. Raises UsageError for one that no run can find again."""
    origin = flow.origin or _written(flow, entrypoint_type)
    return Source(
        flow_name=flow.name,
        entrypoint=origin.entrypoint,
        directory=origin.directory,
        parameter_schema=parameter_schema(flow.fn),
        description=flow.description,
        version=flow.version,
        pull_steps=list(origin.pull_steps) or None,
    )


def _written(flow: FlowDefinition, entrypoint_type: EntrypointType) -> Origin:
    name = _name(flow)
    if entrypoint_type == "module_path":
        if flow.fn.__module__ == "__main__":
            raise UsageError(f"The flow {flow.name!r} is in the script that runs, which no run can import as a module.")
        return Origin(f"{flow.fn.__module__}.{name}", Path.cwd(), ())
    path = _file(flow)
    root = Path.cwd() if path.is_relative_to(Path.cwd()) else path.parent
    return Origin(f"{path.relative_to(root).as_posix()}:{name}", root, ())


def _file(flow: FlowDefinition) -> Path:
    path = Path(inspect.getsourcefile(inspect.unwrap(flow.fn)) or "")
    if not path.is_file():
        raise UsageError(
            f"The flow {flow.name!r} lies in no file that a run could load. In a notebook, "
            f"%deploy {flow.fn.__name__} or %serve {flow.fn.__name__} writes one with all that it needs."
        )
    return path.resolve()


def _name(flow: FlowDefinition) -> str:
    """What its module calls the flow; the function's own name may be that of another flow made of it."""
    module = vars(sys.modules.get(flow.fn.__module__, sys))
    name = next((name for name, value in module.items() if value is flow), flow.fn.__qualname__)
    if "<" in name:
        raise UsageError(f"The flow {flow.name!r} is made inside of a function: move it to the top of its file.")
    return name
