"""A deployment that asks for an environment of its own has what its file depends on, and nothing else."""

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from perijove import embed, run_deployment, settings
from perijove.deployments import Run
from perijove.deployments.define import Wishes
from perijove.deployments.deploying import deploy_file
from perijove.errors import UsageError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="runs are forked on Linux only")

FLOW = """\
# /// script
# requires-python = "{python}"
# dependencies = ["perijove", "{dependency}"]
# ///
import importlib.util
import sys

from perijove import flow


@flow
def greet() -> dict:
    import greeting
    return {{"said": greeting.HELLO, "prefix": sys.prefix, "pytest": importlib.util.find_spec("pytest") is not None}}
"""


@pytest.fixture(scope="module", autouse=True)
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERIJOVE_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("PIP_NO_INDEX", "1")  # whatever a run needs is on this machine
        patch.setenv("UV_NO_INDEX", "1")
        settings.current.cache_clear()
        embed.start()
        yield settings.current().home
        embed.stop()
    settings.current.cache_clear()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A package that is installed nowhere."""
    path = tmp_path_factory.mktemp("wheels") / "greeting-1.0-py3-none-any.whl"
    info = "greeting-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("greeting.py", "HELLO = 'hello'\n")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return f"greeting @ {path.as_uri()}"


def _run(directory: Path, dependency: str, *, python: str = ">=3.11") -> Run:
    (directory / "flows.py").write_text(FLOW.format(dependency=dependency, python=python))
    deploy_file(directory / "flows.py", "greet", Wishes(name="d", isolated=True))
    return run_deployment("greet/d", timeout=90)


def test_a_file_has_its_dependencies_and_nothing_of_the_environment_that_it_was_deployed_from(
    tmp_path: Path, wheel: str, server: Path
) -> None:
    run = _run(tmp_path, wheel)
    first = run.result()
    assert first["said"] == "hello"
    assert Path(first["prefix"]).parent == server / "environments"
    assert first["pytest"] is False
    assert run.logs()[0].message.startswith("Seeing to an environment with perijove, greeting")
    built = Path(first["prefix"], "pyvenv.cfg").stat().st_mtime_ns
    assert _run(tmp_path, wheel).result() == first
    assert Path(first["prefix"], "pyvenv.cfg").stat().st_mtime_ns == built


def test_dependencies_that_can_not_be_had_are_named_in_the_runs_state(tmp_path: Path) -> None:
    run = _run(tmp_path, "no-such-distribution==7")
    assert run.state_name == "Crashed"
    assert run.state is not None
    assert "environment for the flow's dependencies can't be built" in (run.state.message or "")
    assert "no-such-distribution==7" in (run.state.message or "")


def test_a_python_that_the_file_does_not_take_is_told_with_the_cure(tmp_path: Path, wheel: str) -> None:
    run = _run(tmp_path, wheel, python=">=4")
    assert run.state is not None
    assert "The file asks for Python >=4" in (run.state.message or "")
    assert "job variable python" in (run.state.message or "")


def test_a_file_that_does_not_say_what_it_depends_on_is_refused_before_anything_is_changed(tmp_path: Path) -> None:
    (tmp_path / "flows.py").write_text("from perijove import flow\n\n\n@flow\ndef silent(): ...\n")
    with pytest.raises(UsageError, match="flows.py says nowhere what it depends on"):
        deploy_file(tmp_path / "flows.py", "silent", Wishes(name="d", isolated=True))
