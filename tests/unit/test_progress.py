"""The line for long work."""

import threading

import pytest

from perijove import progress


class Kept(progress.Place):
    """Keeps what is shown."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.has_come = threading.Event()

    def show(self, line: str) -> None:
        self.lines.append(line)
        self.has_come.set()

    def clear(self) -> None:
        self.lines.append("")

    def wait(self) -> None:
        """Until another line has come."""
        self.has_come.clear()
        assert self.has_come.wait(10)


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Kept:
    """A place that is spoken to soon."""
    kept = Kept()
    monkeypatch.setattr(progress, "PATIENCE", 0.01)
    monkeypatch.setattr(progress, "_PACE", 0.02)
    monkeypatch.setattr(progress, "_place", kept)
    return kept


def test_what_takes_long_is_told_until_it_is_done(place: Kept) -> None:
    with progress.doing("Counting sheep"):
        place.wait()
    assert place.lines[0] == "Counting sheep… 0 s"
    assert place.lines[-1] == ""
    assert "perijove-progress" not in {thread.name for thread in threading.enumerate()}


def test_what_is_soon_done_is_not_told(place: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 60.0)
    with progress.doing("Blinking"):
        pass
    assert place.lines == []


def test_a_part_of_the_work_is_told_in_its_place(place: Kept) -> None:
    with progress.doing("Exporting"):
        place.wait()
        with progress.doing("Checking"):
            place.wait()
            place.wait()
        place.wait()
        place.wait()
    told = [line.partition("…")[0] for line in place.lines]
    assert list(dict.fromkeys(told)) == ["Exporting", "Checking", ""]
    assert told[-2] == "Exporting"


def test_work_that_fails_leaves_no_line(place: Kept) -> None:
    @progress.doing("Counting sheep")
    def count() -> None:
        place.wait()
        raise ValueError("wool")

    with pytest.raises(ValueError, match="wool"):
        count()
    assert place.lines[-1] == ""


def test_nothing_is_told_where_there_is_no_place_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_place", None)
    with progress.doing("Counting sheep"):
        assert "perijove-progress" not in {thread.name for thread in threading.enumerate()}
