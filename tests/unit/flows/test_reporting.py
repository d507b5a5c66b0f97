"""Runs that are reported to a real embedded server, and servers that are not there."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from perijove import embed, settings
from perijove.client import SyncClient
from perijove.errors import FlowRunFailed
from perijove.flows import Flow, flow, get_run_logger, reporting, results, runtime, task
from perijove.flows.engine import run_deployed
from perijove.schemas.deployments import DeploymentCreate, DeploymentFlowRunCreate
from perijove.schemas.filters import (
    Among,
    FlowRunFilter,
    FlowRunQuery,
    LogFilter,
    LogQuery,
    LogSort,
    TaskRunFilter,
    TaskRunQuery,
)
from perijove.schemas.flows import FlowCreate
from perijove.schemas.logs import Log
from perijove.schemas.runs import FlowRun, TaskRun
from perijove.schemas.states import State, StateCreate, StateType


@pytest.fixture(autouse=True)
def _fresh_reporter() -> Iterator[None]:
    yield
    if reporting._reporter:
        reporting._reporter.close()
        reporting._forget()


def only_run(client: SyncClient) -> FlowRun:
    [run] = client.read_flow_runs(FlowRunQuery())
    return run


def names(client: SyncClient, run: FlowRun) -> list[str]:
    return [state.name for state in client.read_flow_run_states(run.id)]


def task_runs(client: SyncClient, run: FlowRun) -> list[TaskRun]:
    return client.read_task_runs(TaskRunQuery(task_runs=TaskRunFilter(flow_run_id=Among(any_=[run.id]))))


def logs(client: SyncClient, run: FlowRun) -> list[Log]:
    assert reporting._reporter is not None
    assert reporting._reporter.flush(20)
    found = LogFilter(flow_run_id=Among(any_=[run.id]))
    return client.read_logs(LogQuery(logs=found, sort=LogSort.TIMESTAMP_ASC))


def test_a_plain_call_is_a_run_on_the_server(client: SyncClient) -> None:
    @task(retries=1, tags=["etl"])
    def flaky(number: int) -> int:
        if runtime.task_run.run_count == 1:
            raise ValueError("not yet")
        return number

    @flow(version="7", log_prints=True)
    def daily_report(region: str, top: int = 10) -> int:
        print("region is", region)
        get_run_logger().warning("careful")
        return flaky(top)

    assert daily_report("EU") == 10
    run = only_run(client)
    assert (run.state_name, run.run_count, run.flow_version) == ("Completed", 1, "7")
    assert run.parameters == {"region": "EU", "top": 10}
    assert client.read_flow(run.flow_id).name == "daily-report"
    assert names(client, run) == ["Pending", "Running", "Completed"]
    [step] = task_runs(client, run)
    assert (step.name, step.state_name, step.run_count, step.tags) == ("flaky-0", "Completed", 2, ["etl"])
    said = [(line.level, line.message.splitlines()[0]) for line in logs(client, run)]
    assert said == [
        (20, f"Beginning flow run {run.name!r} for flow 'daily-report'"),
        (20, "region is EU"),
        (30, "careful"),
        (40, "Encountered ValueError('not yet')"),
        (20, "It failed, and will be tried again in 0 s."),
        (20, "Task run 'flaky-0': finished in state Completed()"),
        (20, f"Flow run {run.name!r}: finished in state Completed()"),
    ]


def test_a_failure_is_told_with_its_reason(client: SyncClient) -> None:
    @flow
    def fails() -> None:
        raise KeyError("region")

    with pytest.raises(KeyError):
        fails()
    state = only_run(client).state
    assert state is not None
    assert (state.type, state.message) == (StateType.FAILED, "Flow run encountered an exception: KeyError: 'region'")


def test_a_retry_is_the_servers_to_grant(client: SyncClient) -> None:
    @flow(retries=1)
    def flaky() -> int:
        if runtime.flow_run.run_count == 1:
            raise ValueError("not yet")
        return 1

    assert flaky() == 1
    run = only_run(client)
    assert names(client, run) == ["Pending", "Running", "AwaitingRetry", "Retrying", "Completed"]
    assert run.run_count == 2


def test_a_run_that_took_too_long_is_timed_out(client: SyncClient) -> None:
    @flow(timeout_seconds=0.1)
    def endless() -> None:
        time.sleep(60)

    with pytest.raises(TimeoutError):
        endless()
    run = only_run(client)
    assert (run.state_type, run.state_name) == (StateType.FAILED, "TimedOut")


def test_an_interrupted_run_is_crashed(client: SyncClient) -> None:
    @flow
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    state = only_run(client).state
    assert state is not None
    assert (state.name, state.message) == ("Crashed", "Execution was aborted by an interrupt signal.")


def test_a_subflow_hangs_on_a_task_run_of_its_parent(client: SyncClient) -> None:
    @flow
    def child(number: int) -> None: ...

    @flow
    def parent() -> None:
        child(1)

    parent()
    runs = {run.parent_task_run_id: run for run in client.read_flow_runs(FlowRunQuery())}
    [stand_in] = task_runs(client, runs[None])
    assert (stand_in.name, stand_in.state_name) == ("child-0", "Completed")
    assert runs[stand_in.id].parameters == {"number": 1}
    parent_of = FlowRunFilter(parent_task_run_id=Among(any_=[stand_in.id]))
    assert [run.id for run in client.read_flow_runs(FlowRunQuery(flow_runs=parent_of))] == [runs[stand_in.id].id]


def test_an_argument_that_json_can_not_show_is_recorded_by_its_type(client: SyncClient) -> None:
    flow(name="f")(lambda data, size: None)(object(), "x" * 100_000)
    assert only_run(client).parameters == {"data": "<object>", "size": "<str>"}


def test_every_task_run_is_known_when_the_flow_run_is_over(client: SyncClient) -> None:
    step = task(name="step")(lambda number: number)
    flow(name="f")(lambda: [step(number) for number in range(150)])()
    run = only_run(client)
    assert run.state_name == "Completed"
    assert len(task_runs(client, run)) == 150
    assert {step.state_name for step in task_runs(client, run)} == {"Completed"}


def test_a_terminated_process_says_that_its_run_crashed(client: SyncClient) -> None:
    script = (
        "import time\nfrom perijove import flow\n@flow\ndef waits():\n"
        "    print('running', flush=True)\n    time.sleep(60)\nwaits()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"running\n"
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGTERM
    state = only_run(client).state
    assert state is not None
    assert (state.name, state.message) == ("Crashed", "Execution was aborted by a termination signal.")


def test_a_server_that_starts_anew_in_the_middle_hears_all_of_it(server: embed.EmbeddedServer) -> None:
    @task
    def step() -> None: ...

    @flow
    def patient() -> str | None:
        step()
        embed.stop()
        step()
        embed.start(testing=True)
        return runtime.flow_run.id

    run_id = patient()
    target = reporting._reporter.target if reporting._reporter else None
    assert target is not None
    with SyncClient(target) as client:
        run = client.read_flow_run(UUID(run_id))
        assert run.state_name == "Completed"
        assert {step.state_name for step in task_runs(client, run)} == {"Completed"}
        assert len(task_runs(client, run)) == 2


def test_a_server_that_is_not_there_costs_one_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PERIJOVE_API_URL", "http://127.0.0.1:9/api")
    settings.current.cache_clear()
    add = flow(name="add")(lambda a, b: a + b)
    assert add(1, 2) == 3
    started = time.monotonic()
    assert add(3, 4) == 7
    assert time.monotonic() - started < 0.5
    assert [record.message.partition(":")[0] for record in caplog.records if record.name == "perijove.reporting"] == [
        "Runs go on without being reported to http"
    ]


def test_log_lines_go_to_the_descriptor_that_the_launcher_gave(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    reading, writing = os.pipe()
    monkeypatch.setenv("PERIJOVE_LOG_FD", str(writing))
    flow(name="f", log_prints=True)(lambda: print("said"))()
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        lines = [json.loads(line) for line in pipe]
    assert [line["message"].partition(" ")[0] for line in lines] == ["Beginning", "said", "Flow"]
    assert {line["level"] for line in lines} == {20}
    assert capfd.readouterr() == ("", "")


# -- deployed runs --------------------------------------------------------------------------------------------------


def claimed(client: SyncClient, subject: Flow[..., object], parameters: dict[str, object]) -> FlowRun:
    """A run of a deployment of the flow, as a worker hands it over."""
    known = client.create_flow(FlowCreate(name=subject.name))
    deployment = client.create_deployment(DeploymentCreate(name=f"d-{uuid4()}", flow_id=known.id))
    request = DeploymentFlowRunCreate(parameters=parameters, enforce_parameter_schema=False, tags=["nightly"])
    run = client.create_flow_run_from_deployment(deployment.id, request)
    client.set_flow_run_state(run.id, StateCreate(type=StateType.PENDING))
    return client.read_flow_run(run.id)


def run_it(client: SyncClient, subject: Flow[..., object], run: FlowRun) -> State:
    return run_deployed(subject, run, client.target)


def test_a_deployed_run_keeps_its_result(client: SyncClient) -> None:
    @flow(flow_run_name="report of {region}")
    def report(region: str, top: int = 10) -> dict[str, object]:
        return {
            "region": region,
            "top": top,
            "tags": runtime.flow_run.tags,
            "deployment": runtime.deployment.name,
            "parameters": runtime.deployment.parameters,
        }

    run = claimed(client, report, {"region": "EU", "top": "3"})
    state = run_it(client, report, run)
    assert state.name == "Completed"
    told = client.read_flow_run(run.id)
    assert told.name == "report of EU"
    assert told.state is not None
    value = results.read(told.state)
    assert value["deployment"].startswith("d-")
    assert {key: value[key] for key in ("region", "top", "tags", "parameters")} == {
        "region": "EU",
        "top": 3,
        "tags": ["nightly"],
        "parameters": {"region": "EU", "top": "3"},
    }


def test_a_deployed_async_flow_runs_too(client: SyncClient) -> None:
    @flow
    async def report() -> int:
        return 1

    assert results.read(run_it(client, report, claimed(client, report, {}))) == 1


def test_a_deployed_run_that_raises_is_failed_and_nothing_is_raised(client: SyncClient) -> None:
    @flow
    def fails() -> None:
        raise ValueError("broken")

    state = run_it(client, fails, claimed(client, fails, {}))
    assert (state.name, state.message) == ("Failed", "Flow run encountered an exception: ValueError: broken")


def test_parameters_that_the_flow_refuses_fail_the_deployed_run_in_a_sentence(client: SyncClient) -> None:
    called = []

    @flow(retries=3)
    def report(top: int) -> None:
        called.append(top)

    state = run_it(client, report, claimed(client, report, {"tpo": 1}))
    assert state.name == "Failed"
    assert str(state.message).endswith("report() has no parameter 'tpo': did you mean 'top'?")
    assert called == []


def test_a_run_that_was_cancelled_meanwhile_is_not_begun(client: SyncClient) -> None:
    called = []

    @flow(on_running=[lambda *_: called.append(2)])
    def report() -> None:
        called.append(1)

    run = claimed(client, report, {})
    client.set_flow_run_state(run.id, StateCreate(type=StateType.CANCELLED), force=True)
    state = run_it(client, report, run)
    assert not called
    assert state.type is not StateType.COMPLETED
    assert client.read_flow_run(run.id).state_name == "Cancelled"


def test_a_run_that_is_being_cancelled_before_it_began_calls_its_hooks_once_and_nothing_else(
    client: SyncClient,
) -> None:
    called: list[str] = []

    @flow(
        on_cancellation=[lambda _flow, _run, state: called.append(state.name)],
        on_running=[lambda *_: called.append("running")],
        on_crashed=[lambda *_: called.append("crashed")],
    )
    def report() -> None:
        called.append("begun")

    run = claimed(client, report, {})
    client.set_flow_run_state(run.id, StateCreate(type=StateType.CANCELLING))
    assert run_it(client, report, run).type is StateType.CANCELLING
    assert called == ["Cancelled"]


def test_a_plain_call_that_the_server_refuses_says_so(client: SyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from perijove.flows import flow_runs

    create = flow_runs._create

    def create_and_cancel(*args: object) -> FlowRun:
        run: FlowRun = create(*args)  # type: ignore[arg-type]
        client.set_flow_run_state(run.id, StateCreate(type=StateType.CANCELLED, message="not today"), force=True)
        return run

    monkeypatch.setattr(flow_runs, "_create", create_and_cancel)
    with pytest.raises(FlowRunFailed, match="did not let the run begin"):
        flow(name="f")(lambda: 1)()


def test_a_system_exit_of_a_deployed_run_ends_the_process_after_it_is_told(client: SyncClient, home: Path) -> None:
    @flow
    def leaves() -> None:
        sys.exit(3)

    run = claimed(client, leaves, {})
    with pytest.raises(SystemExit):
        run_it(client, leaves, run)
    assert client.read_flow_run(run.id).state_name == "Crashed"
