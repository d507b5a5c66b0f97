"""No path that a user can write leads an export out of its root."""

import contextlib
import itertools
import os
import tempfile
import threading
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


@pytest.mark.timeout(600)
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


def _races(tries: int) -> int:
    """How many of so many writes went astray while a directory on the way was now itself, now a link to another."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(os.path.realpath(_jail(scratch)))
        outside, inside = root.parent / "rootsibling", root / "inside"
        over = threading.Event()

        def swap() -> None:
            for number in itertools.count():
                with contextlib.suppress(OSError):  # the writer makes a directory that is not there
                    inside.rename(root / f"away{number}")
                with contextlib.suppress(OSError):
                    inside.symlink_to(outside, target_is_directory=True)
                with contextlib.suppress(OSError):
                    inside.unlink()
                if over.is_set():
                    return

        attacker = threading.Thread(target=swap)
        attacker.start()
        written = 0
        for number in range(tries):
            try:
                target = places.resolve(root, f"inside/{number}.py")
                places.replace_file(root, target, "text", lambda _: None)
                written += 1
            except PathError:
                continue
        over.set()
        attacker.join()
        assert written
        return len(list(outside.iterdir()))


def test_no_link_that_slips_in_between_wins_the_race() -> None:
    assert _races(300) == 0


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_no_link_wins_ten_thousand_races() -> None:
    assert _races(10_000) == 0
