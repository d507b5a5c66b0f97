"""From an entrypoint, as a deployment writes it, to the flow: ``path/to/file.py:name`` or ``package.module.name``."""

import importlib
import importlib.util
import inspect
import linecache
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import Any, Protocol

from perijove.errors import EntrypointError
from perijove.flows.flows import Flow
from perijove.origin import note_cells, where_raised


class PrefectFlow(Protocol):
    """A flow of Prefect's own kind, as far as it is known without Prefect."""

    name: str
    fn: Callable[..., Any]


def load_flow(entrypoint: str, root: Path) -> Flow[..., Any]:
    """``load`` for a flow of Perijove's. Raises EntrypointError for one of Prefect's, too."""
    found = load(entrypoint, root)
    if not isinstance(found, Flow):
        raise EntrypointError(f"{entrypoint} is a flow of Prefect's: import flow from perijove for this.")
    return found


def load(entrypoint: str, root: Path) -> Flow[..., Any] | PrefectFlow:
    """The flow that the entrypoint names, from a module that is made anew at each call.

    ``root``: the directory that a path is relative to and must stay in, and from which the module may import.
    Raises EntrypointError for a file, name or module that is not there, is no flow, or can't be imported; the author's
    own exception is its ``__cause__``, with the author's frames alone.
    """
    place, separator, name = entrypoint.rpartition(":")
    if not separator:
        place, _, name = entrypoint.rpartition(".")
    if not place or not name:
        raise EntrypointError(f"The entrypoint {entrypoint!r} is not one: write 'path/to/file.py:flow_function'.")
    root = root.resolve()
    module = _from_file(_inside(root, place), root) if separator else _from_package(place, root)
    return _flow_in(module, name, place)


def _inside(root: Path, place: str) -> Path:
    """The file that a path means. Symbolic links are followed first, so that none leads out of the root."""
    try:
        path = (root / place).resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        raise EntrypointError(f"There is no file {place!r} in {root}.") from None
    if not path.is_relative_to(root):
        raise EntrypointError(f"The file {place!r} lies outside of {root}; an entrypoint must stay inside.")
    if not path.is_file():
        raise EntrypointError(f"{place!r} in {root} is not a file.")
    return path


class _FreshLoader(SourceFileLoader):
    """Reads the source itself: a cached bytecode file can't tell two versions that were saved within one second."""

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002
        return self.source_to_code(self.get_data(self.path), self.path)


def _from_file(path: Path, root: Path) -> ModuleType:
    name = _module_name(path, root)
    spec = importlib.util.spec_from_file_location(name, path, loader=_FreshLoader(name, str(path)))
    if spec is None or spec.loader is None:
        raise EntrypointError(f"{path} can't be loaded as Python.")
    module = importlib.util.module_from_spec(spec)
    linecache.checkcache(str(path))
    with _importing(root, path.parent), _explaining(path.name, path), _registered(name, module):
        spec.loader.exec_module(module)
    return module


def _from_package(name: str, root: Path) -> ModuleType:
    importlib.invalidate_caches()
    with _importing(root), _explaining(name, root):
        stale = sys.modules.pop(name, None)
        try:
            return importlib.import_module(name)
        except BaseException:
            if stale is not None:
                sys.modules[name] = stale
            raise


def _module_name(path: Path, root: Path) -> str:
    """The name by which the file could be imported from the root, so that what it defines can be found again by it;
    a private one where another module has that name."""
    parts = path.relative_to(root).with_suffix("").parts
    name = ".".join(parts)
    present = sys.modules.get(name)
    taken = present is not None and getattr(present, "__file__", None) != str(path)
    if all(part.isidentifier() for part in parts) and not taken and parts[0] not in sys.stdlib_module_names:
        return name
    return "_perijove_entrypoint_" + "_".join(part if part.isidentifier() else part.encode().hex() for part in parts)


@contextmanager
def _registered(name: str, module: ModuleType) -> Iterator[None]:
    """The module is known by its name, unless it turns out to be broken."""
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        yield
    except BaseException:
        sys.modules.pop(name)
        if before is not None:
            sys.modules[name] = before
        raise


@contextmanager
def _importing(*directories: Path) -> Iterator[None]:
    """Modules in the directories can be imported meanwhile."""
    before = list(sys.path)
    sys.path[:0] = [str(directory) for directory in directories if str(directory) not in sys.path]
    try:
        yield
    finally:
        sys.path[:] = before


@contextmanager
def _explaining(name: str, place: Path) -> Iterator[None]:
    try:
        yield
    except (Exception, SystemExit) as error:  # noqa: BLE001  (an import may raise anything)
        theirs = error.with_traceback(_frames_in(error.__traceback__, place))
        note_cells(theirs)
        line = f", line {theirs.__traceback__.tb_lineno}" if theirs.__traceback__ else ""
        cell = where_raised(theirs)
        line += f" (from {cell})" if cell else ""
        what = "ends the process while it is imported" if isinstance(error, SystemExit) else "can't be imported"
        raise EntrypointError(f"{name}{line} {what}: {type(error).__name__}: {error}") from theirs


def _frames_in(traceback: TracebackType | None, place: Path) -> TracebackType | None:
    """The traceback from the first frame that lies in the author's files on."""
    while traceback and not Path(traceback.tb_frame.f_code.co_filename).is_relative_to(place):
        traceback = traceback.tb_next
    return traceback


def _flow_in(module: ModuleType, name: str, place: str) -> Flow[..., Any] | PrefectFlow:
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            raise EntrypointError(f"There is no {name!r} in {place}{_hint(module, name)}")
        found = getattr(found, part)
    if _is_flow(found):
        flow: Flow[..., Any] | PrefectFlow = found
        return flow
    if inspect.isfunction(found):
        raise EntrypointError(f"{name!r} in {place} is a function, not a flow: write @flow above it.")
    raise EntrypointError(f"{name!r} in {place} is a {type(found).__name__}, not a flow.")


def _is_flow(value: object) -> bool:
    """Whether it is a flow, of Perijove's or of Prefect's kind."""
    kind = type(value)
    return isinstance(value, Flow) or (kind.__name__ == "Flow" and kind.__module__ == "prefect.flows")


def _hint(module: ModuleType, name: str) -> str:
    flows = [key for key, value in vars(module).items() if _is_flow(value)]
    if near := get_close_matches(name, flows, n=1):
        return f": did you mean {near[0]!r}?"
    return f"; its flows: {', '.join(flows)}." if flows else ", and no other flow."
