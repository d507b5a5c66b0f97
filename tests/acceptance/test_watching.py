"""What a monitor learns of a real run on a real server."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from perijove import clock, deployments, embed, widgets
from perijove.client import AsyncClient, SyncClient
from perijove.deployments.run import Run
from perijove.errors import NotFound
from perijove.widgets.known import Known, News
from perijove.widgets.watching import Watch

FLOWS = """
from perijove import flow, task
from perijove.artifacts import track

@task
def load(n: int) -> int:
    print("loaded", n)
    return n

@flow(log_prints=True)
def report(count: int = 3) -> int:
    return sum(load(n) for n in track(range(count), "loading"))
"""


@pytest.fixture
def deployed(server: embed.EmbeddedServer, tmp_path: Path) -> str:
    """A deployment of the flow."""
    file = tmp_path / "flows.py"
    file.write_text(FLOWS)
    wishes = deployments.define.Wishes(name="prod")
    return deployments.deploying.deploy_file(file, "report", wishes).name


def _followed(run: Run) -> tuple[Known, list[News]]:
    told: list[News] = []

    async def follow() -> Known:
        watch = Watch(run, run.target, told.append)
        await asyncio.wait_for(watch.follow(), 60)
        return watch.known

    return asyncio.run(follow()), told


def test_a_run_is_followed_to_its_end_with_all_its_tasks_lines_and_progress(deployed: str) -> None:
    run = deployments.run_deployment(deployed, {"count": 30}, timeout=0)
    known, told = _followed(run)
    assert [state.name for state in known.states] == ["Scheduled", "Pending", "Running", "Completed"]
    assert [(bar.name, bar.state_name) for bar in known.begun()] == [(f"load-{n}", "Completed") for n in range(30)]
    assert [artifact.data for artifact in known.progress] == [100.0]
    heard = [log.id for news in told for log in news.logs]
    assert len(heard) == len(set(heard)) == len(run.logs())


def test_task_runs_whose_ends_were_heard_are_not_read_again(deployed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    questions: list[str] = []
    send = AsyncClient.send

    def noted(self: AsyncClient, call: Any) -> Any:
        questions.append(call.path)
        return send(self, call)

    monkeypatch.setattr(AsyncClient, "send", noted)
    run = deployments.run_deployment(deployed, {"count": 30}, clock.now() + timedelta(seconds=1), timeout=0)
    known, _ = _followed(run)
    assert [bar.state_name for bar in known.begun()] == ["Completed"] * 30
    assert questions.count("/task_runs/filter") == 1


def test_a_run_that_has_ended_is_read_once(deployed: str) -> None:
    known, told = _followed(deployments.run_deployment(deployed))
    assert len(told) == 1
    assert len(known.begun()) == 3


def test_what_does_not_exist_is_not_watched(client: SyncClient) -> None:
    with pytest.raises(NotFound, match="no flow run 'tall-otter'"):
        widgets.monitor("tall-otter")


def test_a_terminal_waits_where_a_notebook_has_a_live_view(deployed: str) -> None:
    run = deployments.run_deployment(deployed, timeout=0)
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "perijove")
    try:
        ended = shell.run_line_magic("runs", f"watch {run.id}")
    finally:
        shell.run_line_magic("unload_ext", "perijove")
        InteractiveShell.clear_instance()
    assert ended.state_name == "Completed"
