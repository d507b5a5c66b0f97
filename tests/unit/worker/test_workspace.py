"""Where a run's process lives."""

import os
import sys
from pathlib import Path

import pytest

from perijove.errors import EntrypointError
from perijove.worker import workspace

from . import samples

SET = "prefect.deployments.steps.set_working_directory"


@pytest.fixture(autouse=True)
def _restored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["first", "second"])
    monkeypatch.setattr(os, "environ", os.environ.copy())


def directory(parent: Path, name: str) -> str:
    (parent / name).mkdir()
    return str(parent / name)


def test_the_last_pull_step_has_the_last_word_on_the_directory(tmp_path: Path) -> None:
    path, job, pulled = (directory(tmp_path, name) for name in ("path", "job", "pulled"))
    launch = samples.launch(
        path=path,
        job_variables={"working_dir": job},
        pull_steps=[{SET: {"directory": job}}, {SET: {"directory": pulled}}],
    )
    assert workspace.enter(launch) == Path(pulled) == Path.cwd()


def test_without_pull_steps_the_job_variable_goes_before_the_path(tmp_path: Path) -> None:
    path, job = directory(tmp_path, "path"), directory(tmp_path, "job")
    assert workspace.enter(samples.launch(path=path, job_variables={"working_dir": job})) == Path(job)
    assert workspace.enter(samples.launch(path=path)) == Path(path)


def test_a_relative_pull_step_starts_from_the_job_variables_directory(tmp_path: Path) -> None:
    job = directory(tmp_path, "job")
    inner = directory(tmp_path / "job", "inner")
    launch = samples.launch(job_variables={"working_dir": job}, pull_steps=[{SET: {"directory": "inner"}}])
    assert workspace.enter(launch) == Path(inner)


def test_a_run_without_a_place_gets_one_of_its_own(home: Path) -> None:
    launch = samples.launch()
    assert workspace.enter(launch) == home / "runs" / str(launch.run_id)


def test_the_directory_comes_first_on_the_path_in_place_of_the_worker_s(tmp_path: Path) -> None:
    workspace.enter(samples.launch(path=str(tmp_path)))
    assert sys.path == [str(tmp_path), "second"]


def test_variables_are_set_and_unset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONE", "1")
    workspace.enter(samples.launch(path=str(tmp_path), job_variables={"env": {"SET": "x", "GONE": None}}))
    assert os.environ["SET"] == "x"
    assert "GONE" not in os.environ


def test_a_directory_that_is_gone_is_named() -> None:
    with pytest.raises(EntrypointError, match="/no/such/place can't be entered \\(No such file or directory\\)"):
        workspace.enter(samples.launch(job_variables={"working_dir": "/no/such/place"}))


def test_a_step_that_is_not_known_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(EntrypointError, match="os.system is not known"):
        workspace.enter(samples.launch(path=str(tmp_path), pull_steps=[{"os.system": {"command": "true"}}]))


def test_a_step_without_a_directory_is_refused() -> None:
    with pytest.raises(EntrypointError, match="missing a required argument: 'directory'"):
        workspace.enter(samples.launch(pull_steps=[{SET: None}]))


def test_what_pull_steps_bring_is_removed_with_the_run(home: Path) -> None:
    script = {"prefect.deployments.steps.run_shell_script": {"script": "touch brought.py"}}
    launch = samples.launch(pull_steps=[script])
    place = workspace.enter(launch)
    assert (place / "brought.py").exists()
    workspace.leave(launch.run_id)
    assert not workspace.run_directory(launch.run_id).exists()
