"""The contract with other releases of Prefect: ``python -m tests.contract.releases [RELEASE...]``, beside the project.

Each release gets an environment of its own, ``.venv-prefect-RELEASE``, with the packages of the days it came out: those
of today are not what it was made for. Without words all that are named below are tried; ``newest`` is what the package
registry has today, with today's packages.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

RELEASES = {
    "3.6.14": "2026-01-31",
    "3.7.8": "2026-07-11",
    "3.9.1": "2026-11-01",
}
"""From the oldest that works to the newest that is known, each with the day that its packages are of."""

OVERRIDES = "certifi\n"
"""Packages that may be of any release: 3.9 asks for newer certificates than some registries have, no test for any."""

TESTS = ("both_servers", "four_cells", "migration", "prefect_*")
"""The files that hold Prefect's client to our server, and our client and worker to Prefect's."""


def main(wanted: list[str]) -> int:
    """Try the releases one after another; the exit code is that of the first that fails."""
    return next((code for release in wanted or list(RELEASES) if (code := _tried(release))), 0)


def _tried(release: str) -> int:
    python = _made(release)
    print(f"\nPrefect {_version(python)}", flush=True)
    files = sorted(str(file) for name in TESTS for file in Path(__file__).parent.glob(f"test_{name}.py"))
    command = [sys.executable, "-m", "pytest", "-m", "full or not full", "-q", *files]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "PERIJOVE_PREFECT_PYTHON": str(python)}).returncode


def _made(release: str) -> Path:
    """The interpreter of the release's environment, which is made where there is none; the newest, each time."""
    place = ROOT / f".venv-prefect-{release}"
    python, ready = place / "bin" / "python", place / "ready"
    if ready.exists() and release != "newest":
        return python
    subprocess.run([sys.executable, "-m", "venv", "--clear", place], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "uv>=0.9"], check=True)
    known = RELEASES.get(release)
    what = ["prefect"] if release == "newest" else [f"prefect=={release}"]
    when = ["--exclude-newer", known] if known else []
    (place / "overrides.txt").write_text(OVERRIDES)
    install = [place / "bin" / "uv", "pip", "install", "--quiet", "--python", python]
    subprocess.run([*install, "--override", place / "overrides.txt", *when, *what], check=True)
    ready.touch()
    return python


def _version(python: Path) -> str:
    command = [python, "-c", "import prefect; print(prefect.__version__)"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
