"""What storages write into a deployment and a Dockerfile, and the words that they refuse."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from perijove.deployments import define
from perijove.deployments.storages.branches import Branch
from perijove.deployments.storages.folders import Folder
from perijove.deployments.storages.images import dockerfile
from perijove.deployments.storages.repositories import repository_of
from perijove.deployments.storages.storage import Code, slug
from perijove.errors import UsageError

REFERENCE = "{{ prefect.blocks.secret.forge }}"
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


def _code(text: str = "", directory: Path = Path("/notebooks")) -> Code:
    path = directory / "perijove_exports" / "report.py"
    return Code(
        flow_name="my report",
        deployment="prod",
        path=path,
        directory=directory,
        function="report",
        text=text,
        version="0123456789abcdef",
    )


def _header(*lines: str) -> str:
    return "".join(f"# {line}\n" for line in ("/// script", *lines, "///"))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"storage": "s3"}, "is no storage: say git, or a folder's address"),
        ({"storage": "s3://"}, "is no storage"),
        ({"storage": "simplecache::s3://bucket/x"}, "is no storage"),
        ({"storage": "memory://x"}, "which no worker sees"),
        ({"storage": "https://me:secret@example.org/x"}, "Credentials would be written"),
        ({"storage": "az://container/x?sig=secret"}, "Credentials would be written"),
        ({"storage": "s3://bucket/x", "branch": "b"}, "give --storage git, too"),
        ({"access_token": REFERENCE}, "give --storage git, too"),
        ({"storage": "git", "image": "x"}, "either --storage or --image"),
        ({"storage": "git", "branch": "-x"}, "can't name a branch"),
        ({"storage": "git", "branch": "a..b"}, "can't name a branch"),
        ({"storage": "git", "access_token": "t0ken"}, "would be written into the deployment"),
        ({"image": "Team/Flows"}, "names no image"),
        ({"image": "team/flows:a b"}, "names no image"),
        ({"image": "--push"}, "names no image"),
    ],
)
def test_words_that_say_no_storage_are_refused_at_once(words: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence) as refused:
        define.wish(**words)
    assert "secret@" not in str(refused.value)
    assert "t0ken" not in str(refused.value)


@pytest.fixture
def cloned(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    return tmp_path


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://me:t0ken@example.org/team/flows.git", "https://example.org/team/flows.git"),
        ("https://t0ken@example.org/team/flows.git", "https://example.org/team/flows.git"),
        ("ssh://git:t0ken@example.org:22/flows.git", "ssh://git@example.org:22/flows.git"),
        ("git@example.org:team/flows.git", "git@example.org:team/flows.git"),
        ("/srv/a b/flows.git", "file:///srv/a%20b/flows.git"),
    ],
)
def test_workers_are_given_the_remotes_address_without_credentials(cloned: Path, remote: str, address: str) -> None:
    subprocess.run(["git", "remote", "add", "origin", remote], cwd=cloned, check=True)
    assert repository_of(cloned).address(secret=None) == address


def test_a_token_for_an_address_that_would_not_keep_it_secret_is_refused(cloned: Path) -> None:
    subprocess.run(["git", "remote", "add", "origin", "http://example.org/flows.git"], cwd=cloned, check=True)
    with pytest.raises(UsageError, match="a token is sent by https alone"):
        Branch(access_token=REFERENCE).plan(_code(directory=cloned))


def test_the_remote_that_the_branch_follows_comes_first(cloned: Path) -> None:
    for name in ("origin", "mine"):
        subprocess.run(["git", "remote", "add", name, f"https://example.org/{name}.git"], cwd=cloned, check=True)
    subprocess.run(["git", "checkout", "--quiet", "-B", "work"], cwd=cloned, check=True)
    assert repository_of(cloned).remote == "origin"
    subprocess.run(["git", "config", "branch.work.remote", "mine"], cwd=cloned, check=True)
    assert repository_of(cloned).remote == "mine"


def test_names_that_differ_give_folders_and_branches_that_differ() -> None:
    assert slug("my_report-2") == "my_report-2"
    assert len({slug(name) for name in ("a b", "a-b", "a/b", "a.b", "ä", "..", "a.lock")}) == 7
    assert not any({" ", "/", "."} & set(slug(name)) for name in ("a b", "a/b", "a.lock", "..", "ä"))


def test_a_driver_that_is_not_here_is_named() -> None:
    with pytest.raises(UsageError, match=r"oci://bucket/x: no driver for it is here"):
        Folder("oci://bucket/x").plan(_code())


def test_a_dockerfile_has_the_files_python_and_dependencies_and_what_starts_its_runs() -> None:
    text = _header('requires-python = ">=3.11"', 'dependencies = ["pandas==2.2", "odd"]')
    install = ["python", "-m", "pip", "install", "--no-cache-dir", "pandas==2.2", "odd", "prefect>=3,<4"]
    assert dockerfile(_code(text)).splitlines()[1:] == [
        f"FROM python:{HERE}-slim",
        f"RUN {json.dumps(install)}",
        "WORKDIR /opt/perijove",
        'COPY ["flow.py", "/opt/perijove/perijove_exports/report.py"]',
    ]


def test_a_dockerfile_installs_the_prefect_that_the_file_names() -> None:
    assert dockerfile(_code(_header('dependencies = ["Prefect==3.8.8"]'))).count("refect=") == 1


def test_a_python_that_no_image_has_and_a_file_that_says_nothing_are_refused() -> None:
    with pytest.raises(UsageError, match="asks for Python <3, for which no image is known"):
        dockerfile(_code(_header('requires-python = "<3"')))
    with pytest.raises(UsageError, match="says nowhere what it depends on"):
        dockerfile(_code("print()"))
