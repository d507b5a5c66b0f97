"""The command line, as real processes."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

CELLS = (
    "from perijove import flow",
    "RATE = 2\nunused = 'never exported'",
    '''@flow(log_prints=True)
def report(region: str = "EU", top: int = 3) -> dict:
    """The report of the day."""
    print("\\x1b[2Jfor", region)
    return {"sum": top * RATE}''',
    "@flow\ndef failing():\n    raise ValueError('no data')",
    "import ipywidgets\nslider = ipywidgets.IntSlider()",
    "def needs_lost():\n    return lost + 1",
)


@dataclass(frozen=True)
class Shell:
    """A directory in which commands are run, with a data directory of its own."""

    directory: Path
    home: Path

    def script(self, path: Path, *words: str) -> str:
        """What a script of the user's prints."""
        done = self._run(str(path), *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def __call__(self, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return self._run("-m", "perijove", *words, **environment)

    def _run(self, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("PERIJOVE_", "PREFECT_"))
        }
        return subprocess.run(
            [sys.executable, *words],
            cwd=self.directory,
            env={**inherited, "PERIJOVE_HOME": str(self.home), "PERIJOVE_API_URL": "embedded", **environment},
            capture_output=True,
            text=True,
            timeout=90,
        )


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A shell beside a notebook and a file with flows."""
    directory = tmp_path_factory.mktemp("notebooks")
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS]),
        directory / "report.ipynb",
    )
    (directory / "flows.py").write_text("\n\n".join((CELLS[0], CELLS[1], CELLS[3])))
    opened = Shell(directory, tmp_path_factory.mktemp("home"))
    yield opened
    opened("server", "stop")


@pytest.fixture(scope="module")
def deployed(shell: Shell) -> str:
    """The name of a deployment of the notebook's flow."""
    words = ("--name", "prod", "--cron", "0 8 * * 1-5", "--timezone", "Europe/Berlin", "-p", "region=US", "--tag", "a")
    done = shell("deploy", "report.ipynb", "report", *words)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("report/prod is deployed\n")
    assert done.stdout.count("08:00 CE") == 5
    return "report/prod"


def test_status_exits_with_1_while_no_server_runs_and_tells_where_it_is_once_one_does(tmp_path: Path) -> None:
    shell = Shell(tmp_path, tmp_path / "home")
    idle = shell("server", "status", "--json")
    assert (idle.returncode, idle.stdout) == (1, "")
    assert "perijove server start" in idle.stderr
    try:
        assert shell("server", "start").returncode == 0
        told = json.loads(shell("server", "status", "--json").stdout)
        assert set(told) == {"url", "pid", "version", "data_directory", "token_file"}
        assert told["data_directory"] == str(shell.home)
        token = Path(told["token_file"]).read_text().strip()
        assert token not in shell("server", "status").stdout
        assert "runs already" in shell("server", "start").stdout
    finally:
        stopped = shell("server", "stop")
    assert "is stopped" in stopped.stdout
    assert shell("server", "stop").stdout == "No server runs.\n"


def test_a_port_that_is_taken_is_refused_by_its_number(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused = Shell(tmp_path, tmp_path / "home")("server", "start", "--port", port)
    assert refused.returncode == 1
    assert port in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_directory_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    refused = Shell(tmp_path, closed / "home")("deployment", "ls")
    assert refused.returncode == 1
    assert str(closed / "home") in refused.stderr


def test_a_data_directory_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused = Shell(tmp_path, tmp_path / "file")("deployment", "ls")
    assert refused.returncode != 0
    assert str(tmp_path / "file") in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_a_server_that_nobody_runs_is_a_sentence(shell: Shell) -> None:
    gone = shell("deployment", "ls", PERIJOVE_API_URL="http://127.0.0.1:9/api")
    assert gone.returncode == 1
    target, sentence = gone.stderr.splitlines()
    assert target == "Target: http://127.0.0.1:9/api (PERIJOVE_API_URL)"
    assert sentence.startswith("Nothing answers at http://127.0.0.1:9/api. Is the address right?")


def test_export_prints_the_path_of_what_it_wrote(shell: Shell) -> None:
    done = shell("export", "report.ipynb", "report")
    assert done.returncode == 0, done.stderr
    written = Path(done.stdout.strip())
    assert written == shell.directory / "perijove_exports" / "report.py"
    assert "RATE = 2" in written.read_text()
    assert "never exported" not in written.read_text()


def test_export_refuses_what_can_not_be_a_module_and_names_the_cell(shell: Shell) -> None:
    refused = shell("export", "report.ipynb", "needs_lost", "-o", "lost.py")
    assert refused.returncode == 2
    assert "`lost`" in refused.stderr
    assert "cell 6" in refused.stderr
    assert not (shell.directory / "lost.py").exists()


def test_export_explains_on_request(shell: Shell) -> None:
    assert "kept: " in shell("export", "report.ipynb", "report", "-o", "explained.py", "--explain").stdout


def test_a_file_is_deployed_where_it_stands(shell: Shell) -> None:
    done = shell("deploy", "flows.py", "failing", "--name", "d")
    assert done.returncode == 0, done.stderr
    assert "flows.py:failing" in done.stdout
    watched = shell("deployment", "run", "failing/d", "--watch")
    assert watched.returncode == 1
    assert "Failed" in watched.stdout
    assert "no data" in watched.stdout


def test_a_failed_run_tells_the_notebooks_cell_and_line_in_its_state_and_its_log(shell: Shell) -> None:
    done = shell("deploy", "report.ipynb", "failing", "--name", "cells")
    assert done.returncode == 0, done.stderr
    assert shell("deployment", "run", "failing/cells", "--watch", "--name", "broken").returncode == 1
    place = "report.ipynb, cell 4, line 3 (perijove_exports/failing.py:"
    assert place in shell("flow-run", "inspect", "broken").stdout
    logs = shell("flow-run", "logs", "broken").stdout
    assert "Traceback" in logs
    assert f"in {place}" in logs


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("deploy", "report.ipynb", "reprot"), "reprot"),
        (("deploy", "missing.ipynb", "report"), "missing.ipynb can't be read"),
        (("deploy", "missing.py", "report"), "missing.py can't be read"),
        (("deploy", "report.ipynb", "report", "--name", "bad", "--cron", "* * * * * *"), "6 fields"),
        (
            ("deploy", "report.ipynb", "report", "--name", "bad", "--cron", "@daily", "--timezone", "Europe/Berlni"),
            "Berlin",
        ),
        (("deploy", "report.ipynb", "report", "--name", "bad", "-p", "top=many"), "'many' is not of type 'integer'"),
        (("deploy", "report.ipynb", "report", "--name", "a/b"), "can't name a deployment"),
        (("deploy", "report.ipynb", "report", "--name", "bad", "--pool", "lokal"), "Did you mean 'local'"),
        (("deploy", "report.ipynb", "report", "--name", "bad", "-o", "../out.py"), "steps out of"),
        (("deployment", "run", "report/nothing"), "no deployment 'report/nothing'"),
        (("deployment", "run", "report/prod", "-p", "top=many"), "'many' is not of type 'integer'"),
        (("deployment", "run", "report/prod", "--at", "tomorrow"), "'tomorrow' is no time"),
        (("deployment", "inspect", "report/prd"), "Did you mean 'report/prod'?"),
        (("flow-run", "logs", "nobody"), "no flow run 'nobody'"),
        (("flow-run", "ls", "--state", "fialed"), "Did you mean 'failed'?"),
    ],
)
def test_bad_input_is_a_sentence_and_changes_nothing(
    shell: Shell, deployed: str, words: tuple[str, ...], sentence: str
) -> None:
    files = sorted(shell.directory.rglob("*"))
    refused = shell(*words)
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert sentence in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert sorted(shell.directory.rglob("*")) == files


def test_what_was_refused_was_not_deployed(shell: Shell, deployed: str) -> None:
    assert "/bad" not in shell("deployment", "ls").stdout


def test_a_deployment_is_listed_shown_and_run(shell: Shell, deployed: str) -> None:
    assert deployed in shell("deployment", "ls").stdout
    shown = shell("deployment", "inspect", deployed).stdout
    assert "The report of the day." in shown
    assert 'region="US"' in shown
    done = shell("deployment", "run", deployed, "-p", "top=5", "--watch", "--name", "by-hand")
    assert done.returncode == 0, done.stderr
    assert "Completed" in done.stdout
    assert "by-hand" in shell("flow-run", "ls", deployed).stdout
    assert 'region="US", top=5' in shell("flow-run", "inspect", "by-hand").stdout


def test_a_log_can_not_steer_the_terminal(shell: Shell, deployed: str) -> None:
    shell("deployment", "run", deployed, "--watch", "--name", "printing")
    logs = shell("flow-run", "logs", "printing").stdout
    assert "[2Jfor US" in logs
    assert "\x1b" not in logs


def test_without_watch_a_run_is_only_created(shell: Shell, deployed: str) -> None:
    later = shell("deployment", "run", deployed, "--in", "1h", "--name", "later")
    assert later.returncode == 0
    assert "Scheduled" in later.stdout
    assert "later" in shell("flow-run", "ls", "--state", "scheduled").stdout


def test_schedules_are_told_in_words_and_as_instants(shell: Shell, deployed: str) -> None:
    assert "08:00, Monday to Friday (Europe/Berlin)" in shell("schedule", "ls", deployed).stdout
    calendar = shell("schedule", "calendar", deployed.partition("/")[0], "--timezone", "Asia/Tokyo").stdout
    assert "(Asia/Tokyo)" in calendar.splitlines()[0]
    assert deployed in calendar
    instants = shell("schedule", "next", deployed, "-n", "3").stdout.split()
    assert len(instants) == 3
    assert all(instant.endswith("+00:00") for instant in instants)


def test_schedules_are_added_set_paused_resumed_and_deleted(shell: Shell, deployed: str) -> None:
    assert "every hour" in shell("schedule", "add", deployed, "--every", "1h").stdout
    refused = shell("schedule", "delete", deployed)
    assert refused.returncode == 2
    assert "say which by its number" in refused.stderr
    assert "(paused)" in shell("schedule", "pause", deployed, "2").stdout
    assert "(paused)" not in shell("schedule", "resume", deployed, "2").stdout
    assert "every 2 hours" in shell("schedule", "set", deployed, "2", "--every", "2h").stdout
    assert "every 2 hours" not in shell("schedule", "delete", deployed, "2").stdout


def test_a_paused_deployment_has_no_next_run_until_it_is_resumed(shell: Shell, deployed: str) -> None:
    assert shell("deployment", "pause", deployed).stdout == f"{deployed} is paused.\n"
    assert shell("schedule", "next", deployed).stdout == ""
    assert "paused" in shell("deployment", "ls").stdout
    assert "Next run: " in shell("deployment", "resume", deployed).stdout


def test_a_deleted_deployment_is_gone(shell: Shell) -> None:
    shell("deploy", "flows.py", "failing", "--name", "doomed")
    assert shell("deployment", "delete", "failing/doomed").returncode == 0
    assert shell("deployment", "inspect", "failing/doomed").returncode == 2


def test_help_names_every_noun_and_loads_no_client(shell: Shell) -> None:
    loaded = (
        "import sys, perijove.cli; perijove.cli.main(['--help'], standalone_mode=False); print(sorted(sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout
    for noun in ("demo", "deploy", "deployment", "export", "flow-run", "schedule", "server"):
        assert f"\n  {noun} " in told
    for module in ("'httpx2'", "'pydantic'", "'IPython'", "'fastapi'"):
        assert module not in told


def test_the_doctor_says_what_is_wrong_and_exits_with_1(tmp_path: Path) -> None:
    told = Shell(tmp_path, tmp_path / "home")("doctor", PERIJOVE_API_URL="nowhere")
    assert told.returncode == 1
    assert "'nowhere' is no address" in told.stdout
    assert "to be seen to" in told.stdout


def test_a_deployment_is_edited_and_a_redeploy_tells_what_is_different(shell: Shell, deployed: str) -> None:
    told = shell("deployment", "edit", deployed, "--param", "top=9", "--version", "mine")
    assert 'parameters: {"region": "US"} → {"region": "US", "top": 9}' in told.stdout, told.stderr
    notebook = shell.directory / "report.ipynb"
    before = notebook.read_text()
    notebook.write_text(before.replace("RATE = 2", "RATE = 3"))
    words = ("deploy", "report.ipynb", "report", "--name", "prod", "-p", "region=US", "--tag", "a")
    foreseen, happened = shell(*words, "--dry-run"), shell(*words)
    notebook.write_text(before)
    for told in (foreseen, happened):
        assert "-RATE = 2\n+RATE = 3" in told.stdout, told.stderr
        assert 'parameters: {"region": "US", "top": 9} → {"region": "US"}' in told.stdout


def test_a_script_deploys_its_flow_by_the_same_words(shell: Shell) -> None:
    script = shell.directory / "script.py"
    calls = 'deploy(report, name="script", every="1h", params={"top": 4}, tags="a", dry_run="--dry" in sys.argv)'
    text = "\n\n".join(("import sys", CELLS[0], CELLS[1], CELLS[2]))
    script.write_text(f'{text}\n\nfrom perijove import deploy\nif __name__ == "__main__":\n    print({calls})\n')
    assert "would be deployed" in shell.script(script, "--dry")
    told = shell.script(script)
    assert "report/script is deployed\n" in told
    assert "script.py:report" in told
    assert "is deployed: nothing changed" in shell.script(script)
