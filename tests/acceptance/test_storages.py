"""Deployments for workers that don't share the notebook's disk: what a run gets, and what a user's repository keeps."""

import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
import nbformat
import pytest
from click.testing import CliRunner

from perijove import deploy, embed, flow, run_deployment
from perijove.cli import main
from perijove.client import SyncClient
from perijove.deployments import define, deploying
from perijove.deployments.apply import find
from perijove.deployments.deployed import Deployed
from perijove.deployments.exporting import Exporting, Notebook
from perijove.deployments.storages.branches import Branch
from perijove.deployments.storages.storage import Code
from perijove.errors import EntrypointError, UsageError
from perijove.notebook.cells import Cell
from perijove.pulling.lookups import kept
from perijove.schemas.deployments import DeploymentUpdate
from perijove.schemas.work import WorkPoolCreate

PAGE = (Path(__file__).parents[2] / "docs" / "storages.md").read_text("utf-8")
COMMANDS = re.findall(r"^\$ perijove (.+)$", PAGE, re.MULTILINE)
FLOW = "@flow\ndef report(top: int = {top}) -> list[str]:\n    return [__file__, str(top)]"


@flow
def report(top: int = 3) -> list[str]:
    """What a kernel would know of the flow: it spares the tests an interpreter for each export."""
    raise AssertionError(top)


@dataclass(frozen=True)
class Place:
    """A notebook's directory."""

    directory: Path

    def deploy(self, *, top: int = 3, name: str = "away", dry_run: bool = False, **words: Any) -> Deployed:
        cells = [Cell("from perijove import flow", 1), Cell(FLOW.format(top=top), 2)]
        notebook = Notebook(cells=cells, path=self.directory / "report.ipynb")
        live, how = deploying.interface_of(report), Exporting(verify=False)
        return deploying.deploy_notebook(
            notebook, "report", define.wish(name=name, **words), how, live=live, dry_run=dry_run
        )

    def git(self, *words: str) -> str:
        return subprocess.run(["git", *words], cwd=self.directory, check=True, capture_output=True, text=True).stdout

    def files(self) -> dict[str, bytes]:
        """All that lies in the directory, but for git's own."""
        found = (path for path in self.directory.rglob("*") if path.is_file() and ".git" not in path.parts)
        return {str(path.relative_to(self.directory)): path.read_bytes() for path in found}

    def state(self) -> tuple[str, str, bytes]:
        """The branch or commit that is checked out, what is not committed, and the index."""
        head = (self.directory / ".git" / "HEAD").read_text()
        status = self.git("status", "--porcelain", "--", ".", ":!perijove_exports")
        return head, status, (self.directory / ".git" / "index").read_bytes()


@pytest.fixture
def server(shared_server: embed.EmbeddedServer) -> embed.EmbeddedServer:
    return shared_server


@pytest.fixture
def place(tmp_path: Path, server: embed.EmbeddedServer) -> Place:
    (tmp_path / "notebooks").mkdir()
    return Place(tmp_path / "notebooks")


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """An empty repository, as a team shares one."""
    subprocess.run(["git", "init", "--quiet", "--bare", tmp_path / "team.git"], check=True)
    return tmp_path / "team.git"


@pytest.fixture
def cloned(place: Place, remote: Path) -> Place:
    """The notebook's directory is a work tree with a commit, a staged, a changed and an unknown file."""
    place.git("init", "--quiet", "-b", "main")
    place.git("config", "user.name", "n")
    place.git("config", "user.email", "n@example.org")
    place.git("remote", "add", "origin", str(remote))
    for name, text in (("kept.txt", "1"), ("changed.txt", "1")):
        (place.directory / name).write_text(text)
    place.git("add", ".")
    place.git("commit", "--quiet", "-m", "first")
    for name, text in (("staged.txt", "2"), ("changed.txt", "2"), ("unknown.txt", "2")):
        (place.directory / name).write_text(text)
    place.git("add", "staged.txt")
    return place


def _on(remote: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=remote, check=True, capture_output=True, text=True).stdout.strip()


def _away(place: Place) -> list[str]:
    """What a run returns once the notebook's directory is gone: the flow's file, and its parameter."""
    shutil.rmtree(place.directory)
    found: list[str] = run_deployment("report/away", timeout=60).result()
    assert not Path(found[0]).is_relative_to(place.directory)
    return found


@pytest.mark.parametrize("detached", [False, True], ids=["on a branch", "detached"])
def test_a_run_clones_its_file_and_the_users_work_tree_stays_as_it_is(
    cloned: Place, remote: Path, detached: bool
) -> None:
    if detached:
        cloned.git("checkout", "--quiet", "--detach")
    before = cloned.state()
    told = cloned.deploy(storage="git")
    assert cloned.state() == before
    assert _on(remote, "for-each-ref", "--format=%(refname)") == "refs/heads/perijove/report/away"
    assert _on(remote, "ls-tree", "-r", "--name-only", "perijove/report/away") == "perijove_exports/report.py"
    assert told.deployment is not None
    assert told.deployment.pull_steps == [
        {"prefect.deployments.steps.git_clone": {"repository": remote.as_uri(), "branch": "perijove/report/away"}}
    ]
    assert f"perijove/report/away of {remote.as_uri()}" in str(told)
    file, top = _away(cloned)
    assert (file.endswith("team-perijove-report-away/perijove_exports/report.py"), top) == (True, "3")


def test_the_same_again_makes_no_commit_and_a_change_goes_on_from_the_last(cloned: Place, remote: Path) -> None:
    cloned.deploy(storage="git", branch="flows")
    first = _on(remote, "rev-parse", "flows")
    assert cloned.deploy(storage="git", branch="flows").changes == []
    assert _on(remote, "rev-parse", "flows") == first
    cloned.deploy(storage="git", branch="flows", top=4)
    assert _on(remote, "rev-parse", "flows^") == first
    assert _away(cloned)[1] == "4"


def test_a_branch_that_has_other_files_keeps_them(cloned: Place, remote: Path) -> None:
    cloned.git("push", "--quiet", "origin", "main:flows")
    cloned.deploy(storage="git", branch="flows")
    names = ["changed.txt", "kept.txt", "perijove_exports/report.py"]
    assert _on(remote, "ls-tree", "-r", "--name-only", "flows").split() == names
    assert _on(remote, "show", "flows:changed.txt") == "1"


def test_a_notebook_in_a_folder_of_its_repository_is_found_there(cloned: Place, remote: Path) -> None:
    inner = Place(cloned.directory / "deep" / "er")
    inner.directory.mkdir(parents=True)
    inner.deploy(storage="git")
    assert _away(cloned)[0].endswith("/deep/er/perijove_exports/report.py")


def test_every_command_of_the_page_does_its_work(
    cloned: Place, remote: Path, containers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = [nbformat.v4.new_code_cell(source) for source in ("from perijove import flow", FLOW.format(top=3))]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), cloned.directory / "report.ipynb")
    monkeypatch.chdir(cloned.directory)
    assert len(COMMANDS) == 4
    for command in COMMANDS:
        words = [word.replace("$PWD", str(cloned.directory)) for word in shlex.split(command)]
        done = CliRunner().invoke(main, words)
        assert done.exit_code == 0, f"{command}\n{done.output}"
    assert _on(remote, "for-each-ref", "--format=%(refname)") == "refs/heads/perijove/report/default"


def test_a_secret_in_the_code_is_told_of_before_it_is_pushed(cloned: Place, remote: Path) -> None:
    told: list[tuple[str, str]] = []
    how = Exporting(verify=False, forewarn=lambda sentence: told.append((sentence, _on(remote, "for-each-ref"))))
    cells = [Cell("from perijove import flow\nPASSWORD = 'hunter2-and-more'", 1)]
    cells += [Cell("@flow\ndef report(top: int = 3):\n    return PASSWORD", 2)]
    notebook = Notebook(cells=cells, path=cloned.directory / "report.ipynb")
    wishes = define.wish(name="open", storage="git")
    deploying.deploy_notebook(notebook, "report", wishes, how, live=deploying.interface_of(report))
    assert [("`PASSWORD` looks like a secret" in sentence, refs) for sentence, refs in told] == [(True, "")]


def test_a_branch_that_somebody_moves_meanwhile_is_left_to_them(cloned: Place, remote: Path) -> None:
    cloned.deploy(storage="git", branch="flows")
    code = Code(
        flow_name="report",
        deployment="ours",
        path=cloned.directory / "ours.py",
        directory=cloned.directory,
        function="report",
        text="pass\n",
        version="0" * 64,
    )
    planned = Branch("flows").plan(code)
    cloned.deploy(storage="git", branch="flows", top=5)
    theirs = _on(remote, "rev-parse", "flows")
    with pytest.raises(UsageError, match=r"git push failed: \[rejected\] flows \(.*\)\. Nothing was changed"):
        planned.carry_out()
    assert _on(remote, "rev-parse", "flows") == theirs


def test_a_flow_of_a_file_is_stored_as_it_stands(place: Place, tmp_path: Path) -> None:
    (place.directory / "flows.py").write_text("from perijove import flow\n" + FLOW.format(top=6))
    found = flow.from_source(str(place.directory), "flows.py:report")
    told = deploy(found, name="away", storage=f"file://{tmp_path}/bucket", dry_run=True)
    assert f" file://{tmp_path}/bucket/report-" in str(told)
    deploy(found, name="away", storage=f"file://{tmp_path}/bucket")
    assert _away(place)[1] == "6"


@pytest.fixture
def secret(server: embed.EmbeddedServer) -> Iterator[str]:
    """The name of a secret block, made as Prefect's clients make one."""
    with httpx.Client(base_url=server.api_url, auth=("perijove", server.token() or "")) as http:

        def make(what: str, said: dict[str, Any]) -> str:
            return str(http.post(f"/{what}/", json=said).raise_for_status().json()["id"])

        kind = make("block_types", {"name": "Secret", "slug": "secret"})
        fields = {"type": "object", "properties": {"value": {}}, "secret_fields": ["value"]}
        schema = make("block_schemas", {"fields": fields, "block_type_id": kind})
        of = {"block_schema_id": schema, "block_type_id": kind}
        make("block_documents", {"name": "forge", "data": {"value": {"token": "t0ken"}}, **of})
        yield "forge"
        http.delete(f"/block_types/{kind}")


def test_a_run_reads_the_secret_that_a_pull_step_names(
    place: Place, client: SyncClient, secret: str, tmp_path: Path
) -> None:
    made = place.deploy(storage=f"file://{tmp_path}/bucket").deployment
    assert made is not None
    compare = {"script": f"test {{{{ prefect.blocks.secret.{secret}.token }}}} = t0ken"}
    steps = [{"prefect.deployments.steps.run_shell_script": compare}, *(made.pull_steps or [])]
    client.update_deployment(made.id, DeploymentUpdate(pull_steps=steps))
    assert _away(place)[1] == "3"


def test_what_a_block_stands_for_is_its_value_or_the_part_that_is_named(client: SyncClient, secret: str) -> None:
    assert kept(client, f"blocks.secret.{secret}") == {"token": "t0ken"}
    assert (
        kept(client, f"blocks.secret.{secret}.token") == kept(client, f"blocks.secret.{secret}.value.token") == "t0ken"
    )
    with pytest.raises(EntrypointError, match="and the block has no such part"):
        kept(client, f"blocks.secret.{secret}.user")
    with pytest.raises(EntrypointError, match=r"\{\{ prefect.blocks.secret.nobody \}\} can't be read"):
        kept(client, "blocks.secret.nobody")


def _unreachable(place: Place, remote: Path) -> None:
    shutil.rmtree(remote)


def _refusing(place: Place, remote: Path) -> None:
    hook = remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'only robots push here' >&2\nexit 1\n")
    hook.chmod(hook.stat().st_mode | stat.S_IXUSR)


def _without_remote(place: Place, remote: Path) -> None:
    place.git("remote", "remove", "origin")


def _with_several(place: Place, remote: Path) -> None:
    place.git("remote", "rename", "origin", "one")
    place.git("remote", "add", "two", "elsewhere")


def _without_repository(place: Place, remote: Path) -> None:
    shutil.rmtree(place.directory / ".git")


def _of_a_strange_kind(place: Place, remote: Path) -> None:
    place.git("remote", "set-url", "origin", "ext::sh -c true")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_unreachable, "git ls-remote failed: .*does not appear to be a git repository"),
        (_refusing, "git push failed: only robots push here; .*pre-receive hook declined"),
        (_without_remote, "has no remote to push to: `git remote add"),
        (_with_several, r"several remotes \(one, two\) and none is called origin"),
        (_without_repository, "is in no git repository: `git init`"),
        (_of_a_strange_kind, "No worker could clone from the remote 'origin'"),
    ],
)
def test_what_can_not_be_pushed_is_told_in_a_sentence_and_nothing_is_changed(
    cloned: Place, remote: Path, client: SyncClient, spoil: Callable[[Place, Path], None], sentence: str
) -> None:
    spoil(cloned, remote)
    before = cloned.files()
    with pytest.raises(UsageError, match=sentence) as refused:
        cloned.deploy(storage="git", name="refused")
    assert "\n" not in str(refused.value)
    assert cloned.files() == before
    assert find(client, "report/refused") is None
    assert not remote.exists() or _on(remote, "for-each-ref") == ""


@pytest.mark.parametrize("words", [{"storage": "git"}, {"storage": "file://{}/flows"}, {"image": "team/flows"}])
def test_a_dry_run_tells_all_and_does_nothing(
    cloned: Place, remote: Path, client: SyncClient, containers: str, words: dict[str, str]
) -> None:
    words = {name: word.format(remote.parent) for name, word in words.items()}
    before = cloned.files(), cloned.git("for-each-ref"), cloned.git("count-objects")
    told = str(cloned.deploy(dry_run=True, name="dry", pool=containers, **words))
    assert (cloned.files(), cloned.git("for-each-ref"), cloned.git("count-objects")) == before
    assert _on(remote, "for-each-ref") == ""
    assert not (remote.parent / "flows").exists()
    assert find(client, "report/dry") is None
    expected = {
        "git": f"perijove/report/dry of {remote.as_uri()} (new)",
        f"file://{remote.parent}/flows": f" file://{remote.parent}/flows/report-",
        "team/flows": f"FROM python:{sys.version_info.major}.{sys.version_info.minor}-slim\n",
    }
    assert expected[next(iter(words.values()))] in told


def test_each_version_has_a_folder_of_its_own_in_an_object_storage(place: Place, tmp_path: Path) -> None:
    for top in (3, 4):
        place.deploy(storage=f"file://{tmp_path}/bucket/", top=top)
    stored = sorted((tmp_path / "bucket").rglob("*.py"))
    assert [path.relative_to(tmp_path / "bucket").parts[1:] for path in stored] == [
        ("perijove_exports", "report.py")
    ] * 2
    assert _away(place)[1] == "4"


def test_a_storage_that_can_not_be_written_is_named(place: Place, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(UsageError, match=r"/file/flows can't be written to \(NotADirectoryError"):
        place.deploy(storage=f"file://{tmp_path}/file/flows", name="refused")
    assert place.files() == {}


def test_a_file_that_imports_what_lies_beside_it_is_refused(place: Place, tmp_path: Path) -> None:
    (place.directory / "helpers.py").write_text("RATE = 2\n")
    (place.directory / "flows.py").write_text(
        "from perijove import flow\nfrom helpers import RATE\n\n@flow\ndef report(): ...\n"
    )
    with pytest.raises(UsageError, match="imports helpers, which lies beside it"):
        deploying.deploy_file(place.directory / "flows.py", "report", define.wish(storage=f"file://{tmp_path}/bucket"))
    assert not (tmp_path / "bucket").exists()


@pytest.fixture
def containers(client: SyncClient) -> Iterator[str]:
    """A work pool whose workers start containers."""
    known = {"type": "object", "properties": {"image": {"type": "string"}}}
    template = {"job_configuration": {"image": "{{ image }}"}, "variables": known}
    client.create_work_pool(WorkPoolCreate(name="containers", type="docker", base_job_template=template))
    yield "containers"
    client.delete_work_pool("containers")


DOCKER = """#!/bin/sh
echo "$@" >> {log}
if [ "$1" = build ]; then cp "$4"/* {log}.context; fi
if [ "$1" = "{broken}" ]; then echo 'step 1' >&2; echo 'denied: who are you?' >&2; exit 1; fi
"""


def _docker(place: Path, monkeypatch: pytest.MonkeyPatch, broken: str = "") -> Path:
    """A program that notes what Docker is asked for: no test machine needs the real one."""
    program = place / "bin" / "docker"
    program.parent.mkdir()
    (place / "log.context").mkdir()
    program.write_text(DOCKER.format(log=place / "log", broken=broken))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return place / "log"


def test_an_image_is_built_and_pushed_before_it_is_deployed(
    place: Place, tmp_path: Path, containers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = _docker(tmp_path, monkeypatch)
    deployed = place.deploy(image="registry.example.org:5000/team/flows", pool=containers, name="boxed").deployment
    assert deployed is not None
    image = f"registry.example.org:5000/team/flows:{(deployed.version or '')[:12]}"
    assert deployed.job_variables == {"image": image}
    assert deployed.pull_steps == [{"prefect.deployments.steps.set_working_directory": {"directory": "/opt/perijove"}}]
    asked = [line.split() for line in log.read_text().splitlines()]
    assert [words[0] for words in asked] == ["version", "build", "push"]
    assert (asked[1][2], asked[2][1:]) == (image, [image])
    context = {path.name: path.read_text() for path in (tmp_path / "log.context").iterdir()}
    assert context["flow.py"] == (place.directory / "perijove_exports" / "report.py").read_text()
    assert 'COPY ["flow.py", "/opt/perijove/perijove_exports/report.py"]' in context["Dockerfile"]


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        ("version", "docker version failed: denied: who are you"),
        ("push", "docker push failed"),
        (None, "no Docker here"),
    ],
)
def test_an_image_that_can_not_be_made_is_refused_and_nothing_is_deployed(
    place: Place,
    tmp_path: Path,
    client: SyncClient,
    containers: str,
    monkeypatch: pytest.MonkeyPatch,
    broken: str | None,
    sentence: str,
) -> None:
    if broken is None:
        monkeypatch.setenv("PATH", str(tmp_path))
    else:
        _docker(tmp_path, monkeypatch, broken)
    with pytest.raises(UsageError, match=sentence):
        place.deploy(image="team/flows", pool=containers, name="refused")
    assert place.files() == {}
    assert find(client, "report/refused") is None


def test_a_pool_that_starts_no_containers_takes_no_image(place: Place) -> None:
    with pytest.raises(UsageError, match="'local' is of type process, which has no job variable image"):
        place.deploy(image="team/flows", dry_run=True)
