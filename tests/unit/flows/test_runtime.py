from datetime import UTC, datetime

import pytest

from perijove.client import SyncClient
from perijove.flows import flow, runtime, task


def test_outside_of_a_run_everything_is_empty() -> None:
    assert (runtime.flow_run.id, runtime.flow_run.name, runtime.flow_run.tags) == (None, None, [])
    assert (runtime.deployment.id, runtime.deployment.name, runtime.deployment.parameters) == (None, None, {})
    assert (runtime.task_run.id, runtime.task_run.run_count) == (None, 0)


def test_a_run_knows_itself() -> None:
    @task(tags=["b", "a"])
    def step(number: int) -> tuple[str | None, dict[str, int], list[str]]:
        return runtime.task_run.name, runtime.task_run.parameters, runtime.task_run.tags

    @flow(version="7", flow_run_name="report of {region}")
    def report(region: str = "EU") -> None:
        assert runtime.flow_run.name == "report of EU"
        assert runtime.flow_run.flow_name == "report"
        assert runtime.flow_run.flow_version == "7"
        assert runtime.flow_run.parameters == {"region": "EU"}
        assert runtime.flow_run.api_url is None
        assert runtime.task_run.id is None
        assert step(3) == ("step-0", {"number": 3}, ["a", "b"])

    report()


def test_a_subflow_knows_its_parent() -> None:
    @flow
    def child() -> str | None:
        return runtime.flow_run.parent_flow_run_id

    @flow
    def parent() -> bool:
        return child() == runtime.flow_run.id

    assert parent()


def test_a_run_knows_the_root_of_its_parents_and_where_it_is_told_of(client: SyncClient) -> None:
    @flow
    def inner() -> tuple[str | None, ...]:
        told = runtime.flow_run
        return told.root_flow_run_id, told.parent_deployment_id, told.ui_url, told.api_url

    @flow
    def middle() -> tuple[str | None, ...]:
        return inner()

    @flow
    def outer() -> tuple[bool, tuple[str | None, ...]]:
        root, *rest = middle()
        return root == runtime.flow_run.id == runtime.flow_run.root_flow_run_id, tuple(rest)

    assert outer() == (True, (None, None, client.target.api_url))


def test_the_environment_overrides_with_values_of_the_right_type(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "FLOW_RUN__NAME": "mocked",
        "FLOW_RUN__RUN_COUNT": "3",
        "FLOW_RUN__PARAMETERS": '{"region": "US"}',
        "FLOW_RUN__SCHEDULED_START_TIME": "2026-01-02T03:04:05+01:00",
        "DEPLOYMENT__NAME": "prod",
        "TASK_RUN__TAGS": '["a"]',
        "FLOW_RUN__JOB_VARIABLES": '{"python": "x"}',
        "FLOW_RUN__ROOT_FLOW_RUN_ID": "r",
        "FLOW_RUN__MADE_UP": "x",
    }.items():
        monkeypatch.setenv(f"PREFECT__RUNTIME__{name}", value)
    assert runtime.flow_run.name == "mocked"
    assert runtime.flow_run.run_count == 3
    assert (runtime.flow_run.job_variables, runtime.flow_run.root_flow_run_id) == ({"python": "x"}, "r")
    assert runtime.flow_run.parameters == {"region": "US"}
    assert runtime.flow_run.scheduled_start_time == datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert runtime.deployment.name == "prod"
    assert runtime.task_run.tags == ["a"]
    assert runtime.flow_run.made_up == "x"


def test_an_attribute_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(AttributeError, match=r"runtime.flow_run has no attribute 'nmae'"):
        _ = runtime.flow_run.nmae
