"""Lists as tables and as frames."""

import sys
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from perijove.client import Target
from perijove.deployments.listing import Deployments as Listing
from perijove.deployments.listing import NamedDeployment, Runs, Schedules
from perijove.deployments.run import Run
from perijove.deployments.schedule import NamedSchedule
from perijove.deployments.secrets import names
from perijove.errors import UsageError
from perijove.schemas.runs import FlowRun
from perijove.schemas.schedules import CronSchedule

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
STORED = {"id": uuid4(), "created": NOW, "updated": NOW}
EVIL = "<img src=x onerror=alert(1)>\u202e"


def _run(name: str) -> Run:
    flow_run = FlowRun(name=name, flow_id=uuid4(), start_time=NOW, end_time=NOW + timedelta(seconds=3), **STORED)
    return Run.of(flow_run, Target("http://127.0.0.1/api", "embedded"), "report/prod")


def _deployment(**fields: object) -> NamedDeployment:
    return NamedDeployment.model_validate(
        {"name": "prod", "flow_name": "report", "flow_id": uuid4(), **STORED, **fields}
    )


SECRET = {"properties": {"token": {"type": "string", "format": "password"}, "top": {"type": "integer"}}}


def test_no_secret_parameter_is_shown() -> None:
    parameters = {"token": "s3cret", "top": 3}
    flow_run = FlowRun(name="one", flow_id=uuid4(), parameters=parameters, **STORED)
    run = Run.of(flow_run, Target("http://127.0.0.1/api", "embedded"), "report/prod", names(SECRET))
    deployment = _deployment(parameters=parameters, parameter_openapi_schema=SECRET)
    eight = CronSchedule(cron="0 8 * * *")
    schedule = NamedSchedule(deployment="r/p", schedule=eight, parameters=parameters, secret=names(SECRET), **STORED)
    frames = (Runs([run]).to_frame(), Schedules([schedule]).to_frame())
    for shown in (str(run), run._repr_html_(), str(deployment), *(str(frame["parameters"][0]) for frame in frames)):
        assert "s3cret" not in shown
        assert "3" in shown
    assert run.parameters == parameters


def test_runs_become_a_frame_of_values_and_not_of_words() -> None:
    frame = Runs([_run("one"), _run("two")]).to_frame()
    assert list(frame.columns) == list(Runs.columns)
    assert list(frame["run"]) == ["one", "two"]
    assert frame["took"].sum() == timedelta(seconds=6)
    assert frame["start"][0] == NOW
    assert set(frame["deployment"]) == {"report/prod"}


def test_deployments_and_schedules_become_frames_with_when_they_run_next() -> None:
    schedule = NamedSchedule(deployment="report/prod", schedule=CronSchedule(cron="0 8 * * *"), **STORED)
    deployments = Listing([_deployment(schedules=[schedule], tags=["a"]), _deployment(paused=True)])
    frame = deployments.to_frame()
    assert list(frame["paused"]) == [False, True]
    assert frame["next_run"][0].hour == 8
    frame = Schedules([schedule]).to_frame()
    assert (frame["timezone"][0], frame["next_run"][0].hour) == ("UTC", 8)


@pytest.mark.parametrize("kind", [Listing, Runs, Schedules])
def test_an_empty_list_is_a_frame_with_its_columns(kind: type[Runs]) -> None:
    assert list(kind().to_frame().columns) == list(kind.columns)


def test_a_slice_shows_itself_as_the_list_does() -> None:
    runs = Runs([_run("one"), _run("two")])[:1]
    assert isinstance(runs, Runs)
    assert "two" not in str(runs)


def test_without_pandas_a_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match="pip install pandas"):
        Runs().to_frame()


@pytest.mark.parametrize("shown", [Runs([_run(EVIL)]), Listing([_deployment(tags=[EVIL])]), _deployment(tags=[EVIL])])
def test_what_is_shown_has_both_forms_and_no_markup_of_a_users(shown: Runs) -> None:
    bundle = shown._repr_mimebundle_()
    assert bundle.keys() == {"text/plain", "text/html"}
    assert "&lt;img" in bundle["text/html"]
    assert "<img" not in bundle["text/html"]
    assert "\u202e" not in bundle["text/html"] + bundle["text/plain"]
