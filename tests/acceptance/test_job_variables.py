"""What a deployment's job variables ask for holds in its runs, and in them alone."""

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from perijove import embed, run_deployment, settings
from perijove.deployments import Run
from perijove.deployments.define import Wishes
from perijove.deployments.deploying import deploy_file

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="runs are forked on Linux only")

FLOWS = """\
import os
import sys
import time

from perijove import flow


@flow
def surroundings() -> dict:
    old = os.umask(0)
    os.umask(old)
    return {"umask": f"{old:03o}", "niceness": os.nice(0), "preloaded": "colorsys" in sys.modules}


@flow
def talking() -> dict:
    print("aloud")
    return {"development": sys.flags.dev_mode, "executable": sys.executable, **surroundings()}


@flow
def hungry() -> int:
    return len(bytearray(1 << 30))


@flow(retries=3)
def slow() -> None:
    time.sleep(600)
"""


@pytest.fixture(scope="module", autouse=True)
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A server with the flows deployed to its own pool."""
    directory = tmp_path_factory.mktemp("flows")
    (directory / "flows.py").write_text(FLOWS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERIJOVE_HOME", str(tmp_path_factory.mktemp("home")))
        settings.current.cache_clear()
        embed.start()
        for name in ("surroundings", "talking", "hungry", "slow"):
            deploy_file(directory / "flows.py", name, Wishes(name="d"))
        yield
        embed.stop()
    settings.current.cache_clear()


def _run(name: str, **job_variables: Any) -> Run:
    return run_deployment(f"{name}/d", job_variables=job_variables, timeout=60)


def test_umask_niceness_and_preloaded_modules_are_the_runs_own() -> None:
    plain = _run("surroundings").result()
    assert plain["preloaded"] is False
    asked = _run("surroundings", umask="027", niceness=3, preload=["colorsys"]).result()
    assert asked == {"umask": "027", "niceness": plain["niceness"] + 3, "preloaded": True}
    assert _run("surroundings").result() == plain


def test_what_a_run_prints_goes_nowhere_where_that_is_asked() -> None:
    for kept in (True, False):
        run = _run("talking", stream_output=kept)
        lines = {(line.name, line.message) for line in run.logs()}
        assert (("stdout", "aloud") in lines) is kept
        assert "perijove.flow_runs" in {name for name, _ in lines}


def test_a_run_is_of_the_command_that_is_named_and_the_other_variables_hold_in_it_once() -> None:
    plain = _run("talking").result()
    asked = _run("talking", command="python -X dev -m perijove.worker.child", niceness=3, umask="027").result()
    assert asked == {**plain, "development": True, "niceness": plain["niceness"] + 3, "umask": "027"}


def test_a_command_that_is_not_there_fails_the_run_with_a_sentence() -> None:
    run = _run("talking", command="/no/such/program --at all")
    assert run.state is not None
    assert (run.state_name, run.state.message) == (
        "Failed",
        "The program '/no/such/program' of the job variable command can't be run (No such file or directory).",
    )


def test_more_memory_than_allowed_is_an_error_of_the_flow_and_the_next_run_is_free() -> None:
    run = _run("hungry", memory_limit_mib=512)
    assert run.state_name == "Failed"
    assert run.state is not None
    assert "MemoryError" in (run.state.message or "")
    if os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") > 4 << 30:
        assert _run("hungry").result() == 1 << 30


def test_a_run_over_its_time_limit_is_stopped_and_says_so_and_is_not_retried() -> None:
    run = _run("slow", time_limit_seconds=0.5)
    assert run.state_name == "TimedOut"
    assert run.state is not None
    assert run.state.message == "The run took longer than its time limit of 0.5 s."


@pytest.mark.parametrize(
    "wrong", [{"umask": "9"}, {"niceness": -5}, {"memory_limit_mib": 0}, {"preload": "x y"}, {"command": " "}]
)
def test_a_variable_that_can_not_be_followed_is_named_and_nothing_is_started(wrong: dict[str, Any]) -> None:
    run = _run("surroundings", **wrong)
    assert run.state_name == "Crashed"
    assert run.state is not None
    assert next(iter(wrong)) in (run.state.message or "")
