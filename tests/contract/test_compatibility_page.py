"""The page on compatibility tells of every endpoint that the server has, and of none that it lacks."""

import re
from pathlib import Path

from fastapi.routing import APIRoute, APIWebSocketRoute

from perijove.server.app import ROUTERS

PAGE = (Path(__file__).parents[2] / "docs" / "compatibility.md").read_text("utf-8")
_ROW = re.compile(r"^\| `(/[^`]*)` \| ((?:GET|POST|PUT|PATCH|DELETE|WebSocket)(?: [A-Z]+)*) \|$", re.MULTILINE)


def _plain(path: str) -> str:
    """The path without the names of its parameters."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def _endpoints() -> set[tuple[str, str]]:
    routes = [route for part in ROUTERS for route in part.router.routes]
    sockets = {(_plain(one.path), "WebSocket") for one in routes if isinstance(one, APIWebSocketRoute)}
    return sockets | {(_plain(one.path), how) for one in routes if isinstance(one, APIRoute) for how in one.methods}


def test_every_endpoint_is_on_the_page_and_every_one_of_the_page_is_there() -> None:
    told = {(_plain(path), method) for path, methods in _ROW.findall(PAGE) for method in methods.split()}
    assert told == _endpoints()


def test_what_the_page_says_is_absent_is_absent() -> None:
    section = PAGE.partition("## What there is not")[2].partition("\n## ")[0]
    rows = [line.split(" | ")[0] for line in section.splitlines() if line.startswith("| `") and "but for" not in line]
    absent = {_plain(path) for row in rows if " by " not in row for path in re.findall(r"`(/[^`]*)`", row)}
    assert len(absent) > 5
    assert absent & {path for path, _ in _endpoints()} == set()
