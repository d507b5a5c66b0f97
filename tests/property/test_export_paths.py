"""No path that a user can write leads an export out of its root."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perijove.errors import PathError
from perijove.notebook import places

PART = st.one_of(
    st.sampled_from(
        ["..", ".", "", "a", "link", "inside", "CON", "nul.py", "..%2f", "~", "a b", "\u202etxt", "x" * 300, "…"]
    ),
    st.text(max_size=8),
)
PATH = st.tuples(
    st.sampled_from(["", "/", "//", "\\", "C:\\", "C:", "./", "../", "\\\\host\\share\\", "file:///"]),
    st.lists(PART, min_size=1, max_size=6),
    st.sampled_from(["/", "\\", "//"]),
).map(lambda drawn: drawn[0] + drawn[2].join(drawn[1]))


def _jail(scratch: str) -> Path:
    root = Path(scratch) / "root"
    (root / "inside").mkdir(parents=True)
    (Path(scratch) / "rootsibling").mkdir()
    (root / "link").symlink_to(Path(scratch) / "rootsibling", target_is_directory=True)
    return root


def _check(paths: list[str]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        root = _jail(scratch)
        for path in paths:
            try:
                target = places.resolve(root, path)
                places.replace_file(Path(os.path.realpath(root)), target, "text", lambda _: None)
            except PathError:
                continue
        outside = {p for p in Path(scratch).rglob("*") if p.is_file() and not p.is_relative_to(root)}
        assert not outside
        assert {p.name for p in Path(scratch).iterdir()} == {"root", "rootsibling"}


@settings(max_examples=200, deadline=None)
@given(st.lists(PATH, min_size=10, max_size=10))
def test_nothing_is_written_outside_the_root(paths: list[str]) -> None:
    _check(paths)


@pytest.mark.full
@pytest.mark.timeout(3600)
@settings(max_examples=10_000, deadline=None)
@given(st.lists(PATH, min_size=10, max_size=10))
def test_a_hundred_thousand_paths_write_nothing_outside_the_root(paths: list[str]) -> None:
    _check(paths)
