"""Flows as a user of Prefect writes them."""

import time

from prefect import flow, suspend_flow_run, task
from prefect.artifacts import create_markdown_artifact, create_progress_artifact, update_progress_artifact
from prefect.blocks.system import Secret
from prefect.deployments import run_deployment
from prefect.runtime import flow_run, task_run
from prefect.variables import Variable


@task(retries=1, retry_delay_seconds=0, tags=["database"])
def flaky(number: int) -> int:
    """Fail the first time."""
    if task_run.run_count == 1:
        raise ValueError("the first time")
    return number


@flow
def child(number: int = 0) -> int:
    """Add one."""
    return number + 1


@flow(log_prints=True)
def report(number: int = 1, fail: bool = False) -> int:
    """Use what a flow may use."""
    print("number is", number)
    found = child(flaky(number))
    create_markdown_artifact("# Found", key="found")
    progress = create_progress_artifact(0.0)
    update_progress_artifact(progress, 50.0)
    Variable.set("found", found, overwrite=True)
    Secret(value="hush").save("password", overwrite=True)
    assert Secret.load("password").get() == "hush"
    if fail:
        raise RuntimeError("on purpose")
    return found


@flow(retries=1)
def again() -> None:
    """Fail the first time."""
    if flow_run.run_count == 1:
        raise ValueError("the first time")


@flow
def slow() -> None:
    """Go on until cancelled."""
    for _ in range(600):
        time.sleep(0.1)


@flow
def suspended() -> None:
    """Leave the process, and come back."""
    suspend_flow_run(timeout=300)


@task
def inside(name: str) -> str:
    """Run a deployment in a task."""
    return run_deployment(name, timeout=60, poll_interval=0.2).state.name


@flow
def parent(name: str) -> None:
    """Run a deployment in a flow and in a task."""
    assert run_deployment(name, timeout=60, poll_interval=0.2).state.name == "Completed"
    assert inside(name) == "Completed"
