"""The distributions behind a module's imports, with the versions installed here; and the modules that have none."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from perijove.notebook.imports import Import


@dataclass(frozen=True, slots=True)
class Requirements:
    """``lines`` are PEP 508 requirements; ``local`` modules lie beside the notebook; ``missing`` ones nowhere here."""

    lines: tuple[str, ...]
    local: tuple[str, ...]
    missing: tuple[str, ...]


def requirements_of(imports: Iterable[Import], installs: Sequence[str], directory: Path | None) -> Requirements:
    """What the imports need. ``installs`` are what the notebook's pip lines ask for, ``directory`` the notebook's."""
    paths: dict[str, set[str]] = {}
    for item in imports:
        if item.top not in sys.stdlib_module_names:
            paths.setdefault(item.top, set()).add(f"{item.module}.{item.name}" if item.name else item.module)
    local = {top for top in paths if top == "." or is_local(top, directory)}
    wanted = {top: found for top, found in paths.items() if top not in local}
    installed = list(distributions()) if wanted else []
    lines: dict[str, str] = {}
    missing = []
    for top, dotted in sorted(wanted.items()):
        providers = _providers(top, dotted, installed)
        lines.update((canonicalize_name(p.name), f"{p.name}=={p.version}") for p in providers)
        if not providers:
            missing.append(top)
    for line in installs:
        _add_install(line, lines)
    return Requirements(tuple(lines[key] for key in sorted(lines)), tuple(sorted(local)), tuple(missing))


def is_local(module: str, directory: Path | None) -> bool:
    """Whether a module lies beside the notebook."""
    if directory is None:
        return False
    return (directory / f"{module}.py").is_file() or (directory / module / "__init__.py").is_file()


def _providers(top: str, dotted: set[str], installed: Sequence[Distribution]) -> list[Distribution]:
    """The distributions that hold a module; of those that share a namespace, the ones that hold the imported part."""
    found = [item for item in installed if _holds(item, top)]
    if not found:  # an editable install records no files of its own
        return _named(top)
    if len(found) == 1:
        return found
    parts = {path.replace(".", "/") for path in dotted}
    best: list[Distribution] = []
    for part in sorted(parts):
        while "/" in part and not any(_holds(item, part) for item in found):
            part = part.rpartition("/")[0]
        best.extend(item for item in found if _holds(item, part) and item not in best)
    return best


# The record is searched as text: importlib.metadata.packages_distributions parses every file of every one.
def _holds(distribution: Distribution, path: str) -> bool:
    tops = distribution.read_text("top_level.txt")
    if tops is not None and "/" not in path:
        return path in tops.split()
    record = distribution.read_text("RECORD") or ""
    starts = (f"{path}/", f"{path}.py,", f"{path}.cpython", f"{path}.abi3", f"{path}.so", f"{path}.pyd")
    return any(record.startswith(start) or f"\n{start}" in record for start in starts)


def _named(name: str) -> list[Distribution]:
    try:
        return [distribution(name)]
    except (PackageNotFoundError, ValueError):
        return []


def _add_install(line: str, lines: dict[str, str]) -> None:
    try:
        requirement = Requirement(line)
    except InvalidRequirement:
        return
    name = canonicalize_name(requirement.name)
    if name not in lines:
        here = next(iter(_named(requirement.name)), None)
        lines[name] = f"{here.name}=={here.version}" if here else line
