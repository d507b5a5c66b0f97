"""Pull steps: their order, what they give to one another, and what none of them may be made to do."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from perijove.errors import EntrypointError
from perijove.pulling.steps import run_steps

STEPS = "prefect.deployments.steps"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two commits on main, and a branch."""
    root = tmp_path_factory.mktemp("origin") / "work"
    root.mkdir()
    (root / "flows").mkdir()
    (root / "flows" / "a.py").write_text("1")
    (root / "other").mkdir()
    (root / "other" / "b.py").write_text("1")
    _git(root, "init", "-q", "-b", "main")
    _commit(root)
    (root / "flows" / "a.py").write_text("2")
    _commit(root)
    _git(root, "checkout", "-q", "-b", "feature/x")
    (root / "flows" / "a.py").write_text("x")
    _commit(root)
    _git(root, "checkout", "-q", "main")
    return root


def _git(root: Path, *words: str) -> str:
    identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
    return subprocess.run(["git", *identity, *words], cwd=root, check=True, capture_output=True, text=True).stdout


def _commit(root: Path) -> None:
    _git(root, "add", ".")
    _git(root, "commit", "-q", "-m", "change")


def run(name: str, **inputs: Any) -> dict[str, Any]:
    return run_steps([{f"{STEPS}.{name}": inputs}], no_variable)


def no_variable(name: str) -> Any:
    raise AssertionError(name)


def test_what_a_step_gives_can_be_used_by_those_after_it() -> None:
    steps = [
        {f"{STEPS}.run_shell_script": {"id": "made", "script": "mkdir inner\necho inner", "stream_output": False}},
        {f"{STEPS}.set_working_directory": {"directory": "{{ made.stdout }}"}},
        {f"{STEPS}.run_shell_script": {"script": "echo {{ stdout }} {{ $COLOUR }} {{ prefect.variables.day }}"}},
    ]
    os.environ["COLOUR"] = "red"
    try:
        outputs = run_steps(steps, {"variables.day": "Monday"}.__getitem__)
    finally:
        del os.environ["COLOUR"]
    assert outputs["stdout"] == "inner red Monday"
    assert Path.cwd().name == "inner"


def test_a_name_that_nothing_gives_is_told() -> None:
    with pytest.raises(EntrypointError, match=r"\{\{ nobody.stdout \}\} is asked for, and no step before gives it"):
        run("set_working_directory", directory="{{ nobody.stdout }}")


def test_a_script_is_words_and_a_shell_only_by_name(place: Path) -> None:
    assert run("run_shell_script", script="echo a; touch canary | cat")["stdout"] == "a; touch canary | cat"
    assert not (place / "canary").exists()
    assert run("run_shell_script", script="echo a | tr a b", shell=True)["stdout"] == "b"
    assert run("run_shell_script", script="echo $X", env={"X": "a; b"}, expand_env_vars=True)["stdout"] == "a; b"


def test_a_failing_program_is_told_without_its_words() -> None:
    with pytest.raises(EntrypointError, match="line 2 ended with code 3") as caught:
        run("run_shell_script", script=f"true\n{sys.executable} -c 'exit(3)' s3cret")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(("branch", "content"), [(None, "2"), ("main", "2"), ("feature/x", "x")])
def test_a_branch_is_cloned(repository: Path, branch: str | None, content: str) -> None:
    directory = Path(run("git_clone", repository=f"file://{repository}", branch=branch)["directory"])
    assert (directory / "flows" / "a.py").read_text() == content
    assert Path.cwd() == directory
    assert directory.name == ("work" if branch is None else f"work-{branch.replace('/', '-')}")


def test_a_commit_and_sub_folders_are_cloned(repository: Path) -> None:
    first = _git(repository, "rev-list", "--max-parents=0", "HEAD").strip()
    wanted = {"repository": f"file://{repository}", "commit_sha": first, "directories": ["flows"]}
    directory = Path(run("git_clone", **wanted, clone_directory_name="code")["directory"])
    assert (directory / "flows" / "a.py").read_text() == "1"
    assert not (directory / "other").exists()


def test_a_token_is_in_no_argument_file_or_error(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "seen"
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(
        f'#!/bin/sh\necho "$@" >> {seen}\n[ "$1" = fetch ] && env | grep GIT_CONFIG >> {seen}.env && exit 9\nexit 0\n'
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("TOKEN", "t0ken")
    with pytest.raises(EntrypointError, match="git fetch failed") as caught:
        run("git_clone", repository="https://me:pa55@example.org/a/b.git", access_token="{{ $TOKEN }}")
    told = (
        seen.read_text() + str(caught.value) + "".join(path.read_text() for path in place.rglob("*") if path.is_file())
    )
    assert not [secret for secret in ("t0ken", "pa55") if secret in told]
    assert "https://example.org/a/b.git" in told
    assert "http.https://example.org/.extraHeader" in Path(f"{seen}.env").read_text()


def test_a_token_is_sent_by_https_alone() -> None:
    with pytest.raises(EntrypointError, match="by https alone"):
        run("git_clone", repository="http://example.org/a/b.git", access_token="t0ken")


def test_requirements_are_installed_from_a_file_inside(place: Path) -> None:
    (place / "requirements.txt").write_text("# nothing\n")
    assert "ERROR" not in run("pip_install_requirements", stream_output=False)["stderr"]
    with pytest.raises(EntrypointError, match="leads out"):
        run("pip_install_requirements", requirements_file="../requirements.txt")


def test_files_come_from_remote_storage(place: Path, tmp_path: Path) -> None:
    (tmp_path / "store" / "deep").mkdir(parents=True)
    (tmp_path / "store" / "deep" / "f.py").write_text("1")
    run("pull_from_remote_storage", url=f"file://{tmp_path}/store")
    assert (place / "deep" / "f.py").read_text() == "1"
    with pytest.raises(EntrypointError, match="nothing at"):
        run("pull_from_remote_storage", url=f"file://{tmp_path}/nowhere")


def test_any_function_of_ones_own_may_be_a_step(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "mine.py").write_text(
        "async def fetch(n):\n    return {'twice': 2 * n}\n\ndef bad():\n    raise ValueError('s3cret')\n"
    )
    monkeypatch.syspath_prepend(str(place))
    assert run_steps([{"mine.fetch": {"n": 2}}], no_variable) == {"twice": 4}
    with pytest.raises(EntrypointError, match=r"mine.bad raised ValueError\.$"):
        run_steps([{"mine.bad": {}}], no_variable)


@pytest.mark.parametrize(
    "name", ["os.system", "subprocess.run", "builtins.eval", "shutil.rmtree", "pty.spawn", "x", "", "a b.c", "mine;.f"]
)
def test_what_is_no_function_of_ones_own_is_no_step(name: str) -> None:
    with pytest.raises(EntrypointError, match="is not known"):
        run_steps([{name: {}}], no_variable)


CANARY = "touch canary"
PAYLOADS = [
    template.format(command)
    for command in (CANARY, "sh -c 'touch canary'", "touch\tcanary")
    for template in (
        "$({})", "`{}`", ";{}", "; {} #", "|{}", "&& {}", "\n{}", "\r\n{}", "x\0{}", "-c core.sshCommand='{}'",
        "--upload-pack={}", "-u{}", "--exec={}", "ext::sh -c {}", "ext::{}", "fd::17/{}", "../../{}", "..\\{}", "%0a{}",
        "\u2028{}", "\uff1b{}", "--config=core.fsmonitor={}", "-oProxyCommand={}", "ssh://-oProxyCommand={}/x",
        "ssh://a@-oProxyCommand={}/x", "file:///nowhere/$({})", "{{{{ ''.__class__ }}}}{}", "{{{{ $({}) }}}}",
    )
]  # fmt: skip


@pytest.mark.parametrize("field", ["repository", "branch", "commit_sha", "directories", "clone_directory_name"])
def test_nothing_that_git_is_asked_for_is_a_command(
    repository: Path, place: Path, tmp_path: Path, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_SSH_COMMAND", "false")
    wanted = {"repository": f"file://{repository}"}
    cloning = field in ("directories", "clone_directory_name")  # a good part of these is cloned, which takes its time
    for payload in PAYLOADS[::5] if cloning else PAYLOADS:
        given: dict[str, Any] = {**wanted, field: [payload] if field == "directories" else payload}
        try:
            run("git_clone", **given)
        except EntrypointError:
            os.chdir(place)
        os.chdir(place)
    assert not [path for path in tmp_path.rglob("*") if path.name == "canary"]
    assert not (tmp_path.parent / "canary").exists()


def test_nothing_in_a_line_of_words_is_a_command(place: Path) -> None:
    for payload in PAYLOADS:
        try:
            run("run_shell_script", script=f"echo {payload.splitlines()[0]}", stream_output=False)
        except EntrypointError:
            continue
    assert not (place / "canary").exists()
