"""Files are replaced whole or not at all, and no link is followed."""

import contextlib
import os
import threading
from pathlib import Path

import pytest

from perijove.errors import ExportError, PathError
from perijove.notebook import places


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../x.py", "a/../../x.py", "C:\\x.py", "\\x.py", "a\0b", "", "CON", "a\u202eb", "x" * 300]
)
def test_a_path_that_could_leave_the_root_is_refused(path: str, tmp_path: Path) -> None:
    with pytest.raises(PathError):
        places.resolve(tmp_path, path)


def test_a_link_out_of_the_root_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to(tmp_path)
    with pytest.raises(PathError, match="symbolic link"):
        places.resolve(root, "link/x.py")


def test_a_sibling_whose_name_begins_alike_is_outside(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "roots").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path / "roots")
    with pytest.raises(PathError):
        places.resolve(tmp_path / "root", "link/x.py")


def test_a_refused_file_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "x.py"
    places.replace_file(tmp_path, target, "good", lambda _: None)

    def refuse(path: Path) -> None:
        assert path.read_text() == "bad"
        raise ExportError("no")

    with pytest.raises(ExportError):
        places.replace_file(tmp_path, target, "bad", refuse)
    assert target.read_text() == "good"
    assert os.listdir(target.parent) == ["x.py"]  # noqa: PTH208 - hidden files count


def test_a_directory_swapped_for_a_link_wins_no_race(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    outside.mkdir()
    (root / "sub").mkdir(parents=True)
    done = threading.Event()

    def swap() -> None:
        number = 0
        while not done.is_set():
            number += 1
            with contextlib.suppress(OSError):  # the writer may have made the directory anew
                (root / "sub").rename(root / f"aside{number}")
                (root / "sub").symlink_to(outside)
                (root / "sub").unlink()

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for _ in range(300):
            try:
                places.replace_file(root, places.resolve(root, "sub/x.py"), "text", lambda _: None)
            except PathError:
                continue
    finally:
        done.set()
        thread.join()
    assert list(outside.iterdir()) == []


def test_a_link_in_the_files_place_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other.py"
    other.write_text("mine")
    (tmp_path / "x.py").symlink_to(other)
    with pytest.raises(PathError, match="symbolic link"):
        places.replace_file(tmp_path, tmp_path / "x.py", "text", lambda _: None)
    assert other.read_text() == "mine"
