"""What one run needs, as one value."""

import pytest
from pydantic import ValidationError

from perijove.worker.launch import Launch, job_of

from . import samples


def test_a_run_overlays_its_deployments_job_variables_and_merges_env() -> None:
    deployed = samples.deployment(
        job_variables={"working_dir": "/a", "python": "/usr/bin/python3", "env": {"A": "1", "B": "1"}}
    )
    run = samples.flow_run(job_variables={"working_dir": "/b", "python": None, "env": {"B": "2", "C": 3}})
    job = job_of(deployed, run)
    assert (job.working_dir, job.python) == ("/b", "/usr/bin/python3")
    assert job.env == {"A": "1", "B": "2", "C": "3"}


def test_job_variables_of_other_kinds_of_pools_are_no_hindrance() -> None:
    assert job_of(samples.deployment(job_variables={"image": "x", "command": "y"}), samples.flow_run()).env == {}


@pytest.mark.parametrize(
    ("command", "kept"),
    [
        ("/opt/python -m perijove flow-run execute", None),
        ("python -m profiled", "python -m profiled"),
    ],
)
def test_what_tells_other_workers_how_to_start_a_flow_is_left_out(command: str, kept: str | None) -> None:
    assert job_of(samples.deployment(job_variables={"command": command}), samples.flow_run()).command == kept


def test_an_environment_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="env"):
        job_of(samples.deployment(job_variables={"env": {"A": ["list"]}}), samples.flow_run())


def test_a_launch_is_one_line_and_comes_back_as_it_was() -> None:
    sent = samples.launch(parameters={"text": "two\nlines"}, entrypoint="f.py:f")
    assert b"\n" not in sent.encode()
    assert Launch.model_validate_json(sent.encode()) == sent


def test_a_launch_shown_in_a_log_or_a_traceback_does_not_show_the_token() -> None:
    assert "canary" not in repr(samples.launch("canary"))
