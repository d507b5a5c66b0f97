"""The page on compatibility tells of every group of routes that the server has, and of none that it lacks."""

from pathlib import Path

from fastapi.routing import APIRoute

from perijove.server.app import ROUTERS

PAGE = (Path(__file__).parents[2] / "docs" / "compatibility.md").read_text("utf-8")
ABSENT = ("saved_searches", "task_workers", "graph", "concurrency_status", "work_queue_check")
BLOCKS = {"block_types", "block_schemas", "block_documents", "block_capabilities"}


def _paths() -> set[str]:
    return {route.path for part in ROUTERS for route in part.router.routes if isinstance(route, APIRoute)}


def test_every_group_of_routes_is_on_the_page() -> None:
    groups = {path.split("/")[1] for path in _paths()} - {"v2"}
    named = groups - BLOCKS | {"blocks"}
    assert [group for group in sorted(named) if group not in PAGE and group.replace("_", " ") not in PAGE] == []


def test_what_the_page_says_is_absent_is_absent() -> None:
    assert [path for path in _paths() if any(name in path for name in ABSENT)] == []
