"""Conversations in Prefect's REST vocabulary, the same with the embedded server and with a real Prefect server.

Each file of ``dialogues/`` holds some, under a title each. A line is a request and what must be answered::

    POST /flows/ {"name": "report"} => 201 {"tags": []} as flow

The answer has at least what is written: an object the named fields, a list its elements one by one, ``"~text"``
contains the text, and ``"*"`` stands for anything. ``as flow`` lets later lines say ``{flow.id}``; ``{new}`` is a text
that no other conversation has. ``=> 422 (Prefect 500)`` is a difference that the page on compatibility tells of.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2 as httpx
import pytest

from .conftest import AUTH_STRING, prefect_server

pytestmark = pytest.mark.timeout(300)
BUSY = 503
_LINE = re.compile(r"(?P<method>[A-Z]+) (?P<path>\S+)(?: (?P<body>.+?))? => (?P<status>\d+)(?P<rest>.*)")
_REST = re.compile(
    r"(?: \(Prefect (?P<theirs>\d+)\))?(?: (?P<answer>[\[{\"].*?|\d+|null|true|false))?(?: as (?P<name>\w+))?"
)
_NAMED = re.compile(r"\{(\w+)((?:\.\w+)*)\}")


@dataclass(frozen=True)
class Turn:
    """A request, the status of its answer (``theirs``: Prefect's, where it differs), what it holds, and its name."""

    method: str
    path: str
    body: str | None
    status: int
    theirs: int | None
    answer: str | None
    name: str | None


@dataclass
class Speaker:
    """Talks to one of the servers, and remembers what it was told."""

    client: httpx.Client
    is_prefect: bool
    told: dict[str, Any] = field(default_factory=dict)

    def take(self, turn: Turn) -> None:
        """Ask, and compare the answer with what it must be."""
        body = json.loads(self._filled(turn.body)) if turn.body else None
        answered = self._ask(turn.method, self._filled(turn.path), body)
        differs = self.is_prefect and turn.theirs is not None
        assert answered.status_code == (turn.theirs if differs else turn.status), f"{turn}: {answered.text[:500]}"
        if turn.name:
            self.told[turn.name] = answered.json()
        if turn.answer and not differs:
            wanted, found = json.loads(self._filled(turn.answer)), answered.json()
            assert _holds(found, wanted), f"{turn}: {json.dumps(found)[:2000]}"

    def _ask(self, method: str, path: str, body: Any) -> httpx.Response:
        """Ask, and again where Prefect's server could not get at its database, as Prefect's client does."""
        for _ in range(10):
            answered = self.client.request(method, path, json=body)
            if not (self.is_prefect and answered.status_code == BUSY):
                break
        return answered

    def _filled(self, text: str) -> str:
        return _NAMED.sub(lambda named: self._value(named[1], named[2]) or named[0], text)

    def _value(self, name: str, path: str) -> str | None:
        value = self.told.get(name)
        for part in path.split(".")[1:]:
            value = value[int(part) if part.isdigit() else part]
        return None if value is None else str(value)


def _turn(line: str) -> Turn:
    said = _LINE.fullmatch(line)
    rest = _REST.fullmatch(said["rest"]) if said else None
    assert said, f"no line of a dialogue: {line}"
    assert rest, f"no answer of a dialogue: {line}"
    theirs = int(rest["theirs"]) if rest["theirs"] else None
    return Turn(said["method"], said["path"], said["body"], int(said["status"]), theirs, rest["answer"], rest["name"])


def _holds(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(key in found and _holds(found[key], wanted[key]) for key in wanted)
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(_holds, found, wanted))
    if isinstance(wanted, str) and wanted.startswith("~"):
        return wanted[1:] in str(found)
    return wanted == "*" or bool(found == wanted)


def _dialogues() -> Iterator[Any]:
    for file in sorted((Path(__file__).parent / "dialogues").glob("*.txt")):
        for part in file.read_text("utf-8").split("\n# ")[1:]:
            title, *lines = part.splitlines()
            turns = [_turn(line) for line in lines if line.strip() and not line.startswith("--")]
            yield pytest.param(turns, id=f"{file.stem}: {title}")


def _client(api_url: str, **options: Any) -> httpx.Client:
    """A client of a connection for each request: Prefect's server drops the one on which it failed."""
    return httpx.Client(base_url=api_url, timeout=60, limits=httpx.Limits(max_keepalive_connections=0), **options)


@pytest.fixture(scope="module", params=["embedded", pytest.param("prefect", marks=pytest.mark.full)])
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[httpx.Client, bool]]:
    """A client of one server or the other, and whether it is Prefect's."""
    if request.param == "embedded":
        server = request.getfixturevalue("shared_server")
        with _client(server.api_url, headers={"Authorization": f"Bearer {server.token()}"}) as ours:
            yield ours, False
        return
    user, password = AUTH_STRING.split(":")
    with (
        prefect_server(tmp_path_factory.mktemp("prefect")) as target,
        _client(target.api_url, auth=(user, password)) as theirs,
    ):
        yield theirs, True


@pytest.mark.parametrize("turns", list(_dialogues()))
def test_both_servers_answer_alike(client: tuple[httpx.Client, bool], turns: list[Turn]) -> None:
    speaker = Speaker(*client, {"new": uuid4().hex})
    for turn in turns:
        speaker.take(turn)
