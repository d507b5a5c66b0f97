"""Export: cells in, a verified module on disk out; the analysis is pure, the effects are here."""

import difflib
import platform
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perijove import progress
from perijove.errors import ExportError
from perijove.notebook import places
from perijove.notebook.cells import Cell
from perijove.notebook.credentials import secrets_in
from perijove.notebook.drift import drift
from perijove.notebook.emit import fingerprint, recorded_fingerprint, render
from perijove.notebook.explain import Dropped, Kept, dropped_cells, kept_statements
from perijove.notebook.frozen import frozen_values, told_of_frozen
from perijove.notebook.imports import imports_of
from perijove.notebook.live import require_kernel_agrees
from perijove.notebook.requirements import Requirements, requirements_of
from perijove.notebook.scripts import with_scripts
from perijove.notebook.slice import Slice, slice_function
from perijove.notebook.stars import names_of_star
from perijove.notebook.statements import parse
from perijove.notebook.verify import Interface, interface_of, require_same
from perijove.notebook.verify import verify as verify_import
from perijove.origin import origin_of

DIRECTORY = "perijove_exports"


@dataclass(frozen=True, slots=True)
class Export:
    """A written module. ``entrypoint`` is ``file.py:function``; ``fingerprint`` the SHA-256 of its content.

    ``warnings`` are sentences for the user; ``interface`` is what a clean process found, None when not verified.
    """

    path: Path
    source: str
    entrypoint: str
    fingerprint: str
    kept: tuple[Kept, ...]
    dropped: tuple[Dropped, ...]
    warnings: tuple[str, ...]
    requirements: tuple[str, ...]
    local_modules: tuple[str, ...]
    interface: Interface | None


@dataclass(frozen=True, slots=True)
class Module:
    """A function as a module's text, before anything is written."""

    source: str
    sliced: Slice
    requirements: Requirements
    warnings: tuple[str, ...]


def export(
    cells: Iterable[Cell],
    name: str,
    *,
    notebook: Path | None = None,
    out: Path | None = None,
    live_namespace: Mapping[str, Any] | None = None,
    freeze: Collection[str] = (),
    include: Collection[str] = (),
    exclude: Collection[str] = (),
    force: bool = False,
    verify: bool = True,
    timeout: float = 60.0,
    forewarn: Callable[[str], object] | None = None,
) -> Export:
    """Write the function ``name`` and all it needs to a module, verified by importing it in a clean process.

    ``out`` is by default ``perijove_exports/<name>.py`` beside the notebook; a relative one stays inside that
    directory's parent. ``timeout`` (seconds) bounds the verification. ``forewarn`` is given a sentence on
    each secret before anything is written. Raises ExportError naming the cell and the
    way out, or PathError; then nothing was written.
    """
    directory = (notebook.parent if notebook else Path()).resolve()
    module = write_module(
        cells, name, notebook=notebook, live_namespace=live_namespace, freeze=freeze, include=include, exclude=exclude
    )
    root, path = target(directory, out, name)
    require_unedited(path, module.source, force=force)
    if forewarn is not None:
        for sentence in secrets_in(module.sliced.statements):
            forewarn(sentence)
    origin = origin_of(module.source)
    verified = None

    def check(written: Path) -> None:
        nonlocal verified
        if verify and origin:
            with progress.doing(f"Checking {shown(path, directory)} in a clean process"):
                verified = verify_import(written, name, directory=directory, locate=origin.locate, timeout=timeout)
            live = interface_of((live_namespace or {}).get(name), name)
            if live is not None:
                require_same(live, verified.interface)

    places.replace_file(root, path, module.source, check)
    return Export(
        path=path,
        source=module.source,
        entrypoint=f"{shown(path, directory)}:{name}",
        fingerprint=fingerprint(module.source),
        kept=kept_statements(module.sliced),
        dropped=dropped_cells(module.sliced),
        warnings=module.warnings + (verified.warnings if verified else ()),
        requirements=module.requirements.lines,
        local_modules=module.requirements.local,
        interface=verified.interface if verified else None,
    )


def write_module(
    cells: Iterable[Cell],
    name: str,
    *,
    notebook: Path | None = None,
    live_namespace: Mapping[str, Any] | None = None,
    freeze: Collection[str] = (),
    include: Collection[str] = (),
    exclude: Collection[str] = (),
) -> Module:
    """The module's text and what is to say about it; nothing is written or run."""
    if not name.isidentifier():
        raise ExportError(f"{name!r} is no function's name. Name a function that a cell defines.")
    directory = (notebook.parent if notebook else Path()).resolve()
    program = parse(with_scripts(cells, directory))
    frozen = frozen_values(freeze, live_namespace)
    sliced = slice_function(program, name, frozen=frozen, include=include, exclude=exclude, star_names=names_of_star)
    if live_namespace is not None:
        require_kernel_agrees(sliced, live_namespace)
    imports = [item for s in sliced.statements for node in s.nodes for item in imports_of(node)]
    requirements = requirements_of(imports, program.installs, directory)
    version = platform.python_version_tuple()
    source = render(
        sliced,
        notebook=notebook.name if notebook else None,
        requirements=requirements.lines,
        local=requirements.local,
        python=f">={version[0]}.{version[1]}",
    )
    told = [*sliced.doubts, *secrets_in(sliced.statements), *_about(requirements)]
    if live_namespace is not None:
        told.extend([*told_of_frozen(freeze, live_namespace), *drift(sliced.statements, notebook)])
    return Module(source, sliced, requirements, tuple(told))


def _about(requirements: Requirements) -> list[str]:
    """What is to say about modules that no distribution of this interpreter holds."""
    told = [
        f"`{module}` lies beside the notebook: a run must have that directory as its own, as a deployment's path does."
        for module in requirements.local
    ]
    return told + [f"`{module}` is not installed here, so its version is not known." for module in requirements.missing]


def target(directory: Path, out: Path | None, name: str) -> tuple[Path, Path]:
    """The root that bounds the write, and the file: a full path is the caller's own choice, a relative one is not."""
    if out is None:
        return directory, places.resolve(directory, Path(DIRECTORY) / f"{name}.py")
    if out.is_absolute():
        return out.parent, out
    return directory, places.resolve(directory, out)


def shown(path: Path, directory: Path) -> str:
    """The path as an entrypoint has it: from ``directory`` on, where it lies there."""
    return path.relative_to(directory).as_posix() if path.is_relative_to(directory) else str(path)


def require_unedited(path: Path, source: str, *, force: bool) -> None:
    """Refuse to overwrite a file that was changed since its export, or that is none of ours."""
    if force or not path.is_file():
        return
    before = path.read_text(encoding="utf-8", errors="replace")
    recorded = recorded_fingerprint(before)
    if recorded == fingerprint(before):
        return
    why = "was changed by hand since its export" if recorded else "is no file that Perijove exported"
    diff = "".join(
        difflib.unified_diff(
            before.splitlines(keepends=True), source.splitlines(keepends=True), str(path), "the new export"
        )
    )
    raise ExportError(f"{path} {why}. Give --force to replace it, or -o another file.\n{diff}")
