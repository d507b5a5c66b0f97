"""Builds an environment for a file's dependencies, once for each set of them: ``python -m perijove.worker.builder``.

It is run by the interpreter that the environment is made from. Standard input tells what is asked for, as JSON; the
answer on standard output is the environment's interpreter, or why there is none.
"""

import hashlib
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import filelock
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from pydantic import BaseModel, ConfigDict

import perijove
from perijove import clock, settings
from perijove.errors import PerijoveError
from perijove.worker import links, processes

KEPT = 30 * 86_400.0
"""Seconds that an environment is kept after the last run in it."""

_SHOWN = 3


class Wanted(BaseModel):
    """``dependencies`` are PEP 508 requirements, ``requires_python`` is a PEP 440 specifier: a file's own words."""

    model_config = ConfigDict(frozen=True)

    dependencies: tuple[str, ...]
    requires_python: str | None = None


class Answer(BaseModel):
    """Either of them."""

    python: str | None = None
    reason: str | None = None


def main() -> None:
    """Answer standard input."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # takes the installer along
    processes.die_with_parent(os.getppid(), signal.SIGTERM)
    try:
        answer = Answer(python=str(built(Wanted.model_validate_json(sys.stdin.read()))))
    except PerijoveError as error:
        answer = Answer(reason=str(error))
    sys.stdout.write(answer.model_dump_json())


def built(wanted: Wanted) -> Path:
    """The interpreter of an environment that has what is wanted, and Perijove. Raises PerijoveError."""
    _require_python(wanted)
    home = settings.current().home / "environments"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = home / _key(wanted)
    with filelock.FileLock(f"{place}.lock"):
        if not ready(place).exists():
            _build_whole(place, wanted)
            _forget_unused(home)
    return place / "bin" / "python"


def ready(place: Path) -> Path:
    """The mark of an environment that is whole; its time is that of the last use."""
    return place / ".ready"


def _require_python(wanted: Wanted) -> None:
    if not SpecifierSet(wanted.requires_python or "").contains(platform.python_version(), prereleases=True):
        raise PerijoveError(
            f"The file asks for Python {wanted.requires_python}, and {sys.executable} is {platform.python_version()}. "
            "The job variable python names another interpreter."
        )


def _key(wanted: Wanted) -> str:
    """The same for the same dependencies, interpreter and Perijove."""
    own = [f"{each.name}=={each.version}" for each in links.needed()]
    facts = [sorted(wanted.dependencies), sys.version, sys.executable, perijove.__file__, own]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _build_whole(place: Path, wanted: Wanted) -> None:
    """Build it, or leave nothing of it."""
    shutil.rmtree(place, ignore_errors=True)
    try:
        _build(place, wanted)
        ready(place).touch()
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def _build(place: Path, wanted: Wanted) -> None:
    lines = [line for line in wanted.dependencies if canonicalize_name(Requirement(line).name) != links.NAME]
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    log = Path(f"{place}.log")
    log.unlink(missing_ok=True)
    if uv:
        _run([uv, "venv", "--python", sys.executable, str(place)], log)
    else:
        _run([sys.executable, "-m", "venv", *([] if lines else ["--without-pip"]), str(place)], log)
    if lines:
        _install(place, lines, uv, log)
    links.make(place / "perijove")
    site = Path(sysconfig.get_path("purelib", "venv", vars={"base": str(place), "platbase": str(place)}))
    (site / "perijove.pth").write_text(f"{place / 'perijove'}\n", "utf-8")
    log.unlink()


def _install(place: Path, lines: Sequence[str], uv: str | None, log: Path) -> None:
    python = str(place / "bin" / "python")
    # By files: a requirement may hold a password, and every user of the machine sees a program's words.
    requirements, constraints = place / "requirements.txt", place / "constraints.txt"
    requirements.write_text("\n".join(lines), "utf-8")
    constraints.write_text("\n".join(links.bounds()), "utf-8")
    installer = [uv, "pip"] if uv else [python, "-m", "pip", "--no-input", "--disable-pip-version-check"]
    chosen = ["--python", python] if uv else []
    _run([*installer, "install", *chosen, "-r", str(requirements), "-c", str(constraints)], log)


def _run(words: Sequence[str], log: Path) -> None:
    """Run the program, its output kept in the log. Raises PerijoveError with the reason that it gives."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)
    except OSError as error:
        raise PerijoveError(f"{words[0]} can't be run ({error.strerror}).") from None
    with log.open("a", encoding="utf-8") as said:
        said.write(done.stdout + done.stderr)
    if done.returncode:
        raise PerijoveError(f"{_reason(done.stdout + done.stderr)} All that was said is in {log}")


def _reason(output: str) -> str:
    """What pip marks as an error; of another program, its last lines."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return " ".join(errors[:_SHOWN] or lines[-_SHOWN:])


def _forget_unused(home: Path) -> None:
    for mark in home.glob("*/.ready"):
        if mark.stat().st_mtime < clock.now().timestamp() - KEPT:
            shutil.rmtree(mark.parent, ignore_errors=True)
            Path(f"{mark.parent}.lock").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
