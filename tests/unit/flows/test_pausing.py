"""Runs that wait for a person."""

import threading
import time

import pytest
from pydantic import BaseModel

from perijove import clock, pause_flow_run, resume_flow_run, run_deployment
from perijove.client import SyncClient
from perijove.errors import UsageError
from perijove.flows import flow, task
from perijove.flows.entrypoint import load_flow
from perijove.schemas.filters import FlowRunQuery
from perijove.schemas.runs import FlowRun


class Approval(BaseModel):
    by: str
    amount: int = 0


def _waiting(client: SyncClient, name: str = "Paused") -> FlowRun:
    deadline = clock.monotonic() + 40
    while clock.monotonic() < deadline:
        for run in client.read_flow_runs(FlowRunQuery()):
            if run.state_name == name:
                return run
        time.sleep(0.05)
    raise AssertionError("no run waits")


def test_a_paused_run_goes_on_with_the_input_that_it_asked_for(client: SyncClient) -> None:
    refused: list[str] = []

    def approve() -> None:
        run = _waiting(client)
        try:
            resume_flow_run(run.id, {"amount": 3})
        except UsageError as error:
            refused.append(str(error))
        resume_flow_run(run.id, {"by": "the treasurer", "amount": 3})

    @flow
    def payment() -> Approval:
        approval: Approval = pause_flow_run(wait_for_input=Approval, timeout=60)
        return approval

    helper = threading.Thread(target=approve)
    helper.start()
    paid = payment()
    helper.join()
    assert (paid.by, paid.amount) == ("the treasurer", 3)
    assert "by" in refused[0]


def test_a_pause_that_nobody_ends_fails_the_run(client: SyncClient) -> None:
    @flow
    def forgotten() -> None:
        pause_flow_run(timeout=0.2)

    with pytest.raises(TimeoutError, match="Nobody resumed"):
        forgotten()


def test_a_suspended_run_leaves_its_process_and_comes_back(client: SyncClient, tmp_path: object) -> None:
    from pathlib import Path

    place = Path(str(tmp_path))
    (place / "later.py").write_text(
        "from perijove import flow, suspend_flow_run\n\n"
        "@flow\ndef later() -> int:\n    return 2 * suspend_flow_run(wait_for_input=int)\n"
    )
    deployment = load_flow("later.py:later", place).deploy("x", print_next_steps=False)
    run = run_deployment(deployment, timeout=0)
    resume_flow_run(_waiting(client, "Suspended").id, {"value": 21})
    assert run.wait(60).result() == 42


def test_what_no_server_knows_and_a_task_can_not_be_paused(home: object) -> None:
    @flow
    def plain() -> None:
        pause_flow_run()

    with pytest.raises(UsageError, match="that a server knows of"):
        plain()


def test_a_task_can_not_be_paused(client: SyncClient) -> None:
    @task
    def step() -> None:
        pause_flow_run()

    @flow
    def report() -> None:
        step()

    with pytest.raises(UsageError, match="A task can't be paused"):
        report()
