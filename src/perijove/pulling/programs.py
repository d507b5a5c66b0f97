"""Programs as pull steps. Each is run by its own words; a shell is run only where it is asked for by name."""

import os
import shlex
import string
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perijove.errors import EntrypointError
from perijove.pulling.directories import inside


def run_shell_script(
    script: str,
    directory: str | None = None,
    env: Mapping[str, str] | None = None,
    stream_output: bool = True,
    expand_env_vars: bool = False,
    shell: bool = False,
) -> dict[str, str]:
    """Run each line of the script as a program with its words. Gives ``stdout`` and ``stderr``.

    Pipes, ``;`` and the like are words, too, unless ``shell``: then /bin/sh reads each line. ``expand_env_vars``: puts
    variables in place of ``$NAME``, in words that the line has already. Raises EntrypointError when a program fails.
    """
    environment = {**os.environ, **{name: str(value) for name, value in (env or {}).items()}}
    told = {"stdout": "", "stderr": ""}
    for number, line in enumerate(script.splitlines(), 1):
        words = ["/bin/sh", "-c", line] if shell and line.strip() else _words(line, number)
        if expand_env_vars and not shell:
            words = [string.Template(word).safe_substitute(environment) for word in words]
        if words:
            done = _run(words, f"line {number}", directory, environment, stream_output)
            told = {"stdout": told["stdout"] + done.stdout, "stderr": told["stderr"] + done.stderr}
    return {stream: text.strip() for stream, text in told.items()}


def pip_install_requirements(
    directory: str | None = None, requirements_file: str = "requirements.txt", stream_output: bool = True
) -> dict[str, str]:
    """Install what a file in the directory lists, into the interpreter that runs the flow. Raises EntrypointError."""
    file = inside(Path(directory or "."), requirements_file)
    if not file.is_file():
        raise EntrypointError(f"there is no {requirements_file} in {directory or Path.cwd()}.")
    words = [sys.executable, "-m", "pip", "install", "-r", str(file)]
    done = _run(words, "pip", directory, {**os.environ}, stream_output)
    return {"stdout": done.stdout.strip(), "stderr": done.stderr.strip()}


def _words(line: str, number: int) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise EntrypointError(f"line {number} can't be read ({str(error).lower()}).") from None


def _run(
    words: list[str], what: str, directory: str | None, environment: dict[str, str], stream_output: bool
) -> "subprocess.CompletedProcess[str]":
    options: dict[str, Any] = {"cwd": directory, "env": environment, "stdin": subprocess.DEVNULL, "check": False}
    try:
        done = subprocess.run(words, capture_output=True, text=True, errors="replace", **options)
    except (OSError, ValueError) as error:
        raise EntrypointError(f"{what} can't be run: {getattr(error, 'strerror', None) or error}.") from None
    if stream_output:
        sys.stdout.write(done.stdout)
        sys.stderr.write(done.stderr)
    if done.returncode:
        # The words may hold a secret; the program's own output is in the log.
        raise EntrypointError(f"{what} ended with code {done.returncode}; the run's log has what it said.")
    return done
