"""Where the flow that shall be deployed lies: its file or its module, as an entrypoint."""

import contextlib
import hashlib
import inspect
import json
import shutil
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perijove import settings
from perijove.client import get_client
from perijove.deployments.define import Source
from perijove.errors import UsageError
from perijove.flows.definitions import FlowDefinition, Origin
from perijove.flows.deployable import EntrypointType
from perijove.flows.entrypoint import load_flow
from perijove.flows.parameters import parameter_schema
from perijove.pulling.lookups import kept
from perijove.pulling.steps import run_steps
from perijove.pulling.storages import Storage, storage_of

if TYPE_CHECKING:
    from perijove.flows.flows import Flow


def of(flow: FlowDefinition, entrypoint_type: EntrypointType = "file_path") -> Source:
    """The flow's source. Raises UsageError for one that no run can find again."""
    origin = getattr(flow, "origin", None) or _written(flow, entrypoint_type)
    return Source(
        flow_name=flow.name,
        entrypoint=origin.entrypoint,
        directory=origin.directory,
        parameter_schema=parameter_schema(flow.fn),
        description=flow.description,
        version=flow.version,
        pull_steps=list(origin.pull_steps) or None,
    )


def from_source(source: str | Path | Storage, entrypoint: str) -> "Flow[..., Any]":
    """The flow that lies in the source, as ``Flow.from_source`` gives it."""
    storage = storage_of(source)
    if isinstance(storage, Path):
        directory, steps = storage.expanduser().resolve(), []
    else:
        steps = [storage.step()]
        directory = _fetched(steps)
    found = load_flow(entrypoint, directory)
    return replace(found, origin=Origin(entrypoint, directory, tuple(steps)))


def _fetched(steps: list[dict[str, Any]]) -> Path:
    """The directory with what the pull steps bring, which is fetched anew."""
    place = settings.current().home / "sources" / hashlib.sha256(json.dumps(steps).encode()).hexdigest()[:16]
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True, mode=0o700)
    with contextlib.chdir(place), get_client(sync_client=True) as client:
        run_steps(steps, partial(kept, client))
        return Path.cwd()


def _written(flow: FlowDefinition, entrypoint_type: EntrypointType) -> Origin:
    name = _name(flow)
    if entrypoint_type == "module_path":
        if flow.fn.__module__ == "__main__":
            raise UsageError(f"The flow {flow.name!r} is in the script that runs, which no run can import as a module.")
        return Origin(f"{flow.fn.__module__}.{name}", Path.cwd(), ())
    path = file_of(flow)
    root = Path.cwd() if path.is_relative_to(Path.cwd()) else path.parent
    return Origin(f"{path.relative_to(root).as_posix()}:{name}", root, ())


def file_of(flow: FlowDefinition) -> Path:
    """The file that holds the flow. Raises UsageError where none does."""
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
