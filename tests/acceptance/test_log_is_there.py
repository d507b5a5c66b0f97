"""A run's log is complete when the run says that it has ended."""

from pathlib import Path

import pytest

from perijove import embed, run_deployment
from perijove.deployments import define
from perijove.deployments.deploying import deploy_file

FLOW = """
import os, sys
from perijove import flow, get_run_logger

@flow(log_prints=True)
def talkative(lines: int = 100):
    for number in range(lines):
        get_run_logger().info("log %d", number)
    print("printed")
    os.write(1, b"written\\n")
    print("to stderr", file=sys.stderr)
"""


@pytest.mark.usefixtures("server")
def test_whoever_waited_for_a_run_finds_all_of_its_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert embed.find() is not None
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "talkative.py"
    file.write_text(FLOW)
    deploy_file(file, "talkative", define.wish(name="x"))
    for _ in range(5):
        run = run_deployment("talkative/x", timeout=60)
        assert run.state_name == "Completed"
        messages = [line.message for line in run.logs()]
        assert [message for message in messages if message.startswith("log ")] == [f"log {n}" for n in range(100)]
        assert {"printed", "written", "to stderr"} <= set(messages)
