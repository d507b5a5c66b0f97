"""git as a program: by its words, never by a shell, and with what it said where it fails."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from perijove.errors import EntrypointError

TIMEOUT = 600.0
"""Seconds that one call of git may take."""

_LAST_WORDS = 500
_USERINFO = re.compile(r"(?<=://)[^/@\s]*@")


@dataclass(frozen=True, slots=True)
class Git:
    """git in a directory, with the variables of an environment."""

    place: Path
    environment: Mapping[str, str]

    def run(self, *words: str, told: bytes = b"") -> str:
        """What git prints, to these words and with ``told`` as its input. Raises EntrypointError with its last words,
        which hold no credentials of an address."""
        program = shutil.which("git")
        if program is None:
            raise EntrypointError("there is no git here. Install it.")
        try:
            done = subprocess.run(
                [program, *words],
                cwd=self.place,
                env=dict(self.environment),
                input=told,
                capture_output=True,
                timeout=TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise EntrypointError(f"git {words[0]} took longer than {TIMEOUT:g} s.") from None
        if done.returncode:
            said = _USERINFO.sub("", done.stderr.decode("utf-8", "replace").strip())
            raise EntrypointError(f"git {words[0]} failed: {said[-_LAST_WORDS:]}")
        return done.stdout.decode("utf-8", "surrogateescape").strip()
