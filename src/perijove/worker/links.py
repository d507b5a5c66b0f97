"""Perijove in an environment that it is not installed in: links to this interpreter's own files of it.

So a run's process and its worker are of one version, nothing has to be fetched, and what the environment itself has
comes first.
"""

from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import perijove

NAME = "perijove"


def needed() -> list[Distribution]:
    """Perijove's distribution and all that it needs, as they are installed here, in the order of their names."""
    found: dict[str, Distribution] = {}
    _collect(Requirement(NAME), found)
    return [found[name] for name in sorted(found)]


def bounds() -> list[str]:
    """The versions that Perijove works with, as constraints for an installer."""
    return [f"{each.name}{each.specifier}" for each in _requirements(distribution(NAME), ()) if each.specifier]


def make(directory: Path) -> None:
    """Fill the directory with links, so that Perijove can be imported where it is on the path."""
    directory.mkdir()
    (directory / NAME).symlink_to(Path(perijove.__file__).parent)
    for each in needed():
        for top in _tops(each):
            link = directory / top
            if not link.is_symlink():
                link.symlink_to(Path(str(each.locate_file(top))))


def _collect(wanted: Requirement, found: dict[str, Distribution]) -> None:
    name = canonicalize_name(wanted.name)
    if name in found:
        return
    try:
        found[name] = distribution(name)
    except PackageNotFoundError:
        return  # what is missing here is missed by its name when it is imported
    for requirement in _requirements(found[name], wanted.extras):
        _collect(requirement, found)


def _requirements(of: Distribution, extras: Iterable[str]) -> Iterator[Requirement]:
    """What the distribution requires on this machine, with these extras of it."""
    for requirement in map(Requirement, of.requires or ()):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield requirement


def _tops(of: Distribution) -> set[str]:
    """Its files and directories at the top of site-packages; an editable one's path files are none of its code."""
    tops = {path.parts[0] for path in of.files or ()}
    return {top for top in tops if top not in ("..", "__pycache__") and not top.endswith(".pth")}
