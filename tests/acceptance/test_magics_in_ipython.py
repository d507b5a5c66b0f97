"""The magics in plain IPython, in a terminal."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from perijove import embed

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_PROMPT = re.compile(r"In \[\d+\]: $")


@pytest.fixture
def terminal(home: Path, tmp_path: Path) -> Iterator["pexpect.spawn[str]"]:
    """IPython with its plain prompt, in an empty directory."""
    child = pexpect.spawn(
        sys.executable,
        ["-m", "IPython", "--simple-prompt", "--no-banner", "--colors=nocolor", "--no-confirm-exit"],
        cwd=str(tmp_path),
        env={**os.environ, "IPYTHONDIR": str(tmp_path / "ipython"), "TERM": "dumb", "COLUMNS": "200"},
        encoding="utf-8",
        timeout=60,
        dimensions=(50, 200),
    )
    child.expect(_PROMPT)
    yield child
    child.close(force=True)
    embed.stop()


def _say(terminal: "pexpect.spawn[str]", line: str) -> str:
    """What IPython answers."""
    terminal.sendline(line)
    terminal.expect(_PROMPT)
    return _ESCAPES.sub("", terminal.before or "").replace("\r\n", "\n")


def _paste(terminal: "pexpect.spawn[str]", cell: str) -> None:
    terminal.sendline("%cpaste -q")
    for line in (*cell.splitlines(), "--"):
        terminal.sendline(line)
    terminal.expect(_PROMPT)


def test_a_flow_is_deployed_run_and_listed_as_aligned_text(terminal: "pexpect.spawn[str]") -> None:
    _say(terminal, "%load_ext perijove")
    _say(terminal, "from perijove import flow")
    _paste(terminal, "@flow\ndef report(top: int = 2) -> int:\n    return top * 3\n")
    told = _say(terminal, "%deploy report --name prod --every 1h")
    assert "report/prod is deployed\n" in told
    assert "\nentrypoint  perijove_exports/report.py:report\n" in told
    assert "<table>" not in told
    assert "\nreport/prod  every hour" in _say(terminal, "%deployments")
    assert "Completed" in _say(terminal, "run = %run_deployment report/prod top=7") + _say(terminal, "run")
    assert "21" in _say(terminal, "run.result()")


def test_a_refusal_is_a_sentence_without_a_traceback(terminal: "pexpect.spawn[str]") -> None:
    _say(terminal, "%load_ext perijove")
    told = _say(terminal, "%deploy reprot")
    assert "There is no flow `reprot` in this notebook." in told
    assert "Traceback" not in told
    assert len(told.strip().splitlines()) == 2
