import datetime as dt
import stat
import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from pydantic import BaseModel

from perijove.errors import MissingResult
from perijove.flows import kept, results
from perijove.schemas.states import State, StateType


class Row(BaseModel):
    name: str
    day: dt.date


def completed(data: Any) -> State:
    return State(type=StateType.COMPLETED, data=data)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (None, None),
        ({"a": [1, 2.5, "x", True]}, {"a": [1, 2.5, "x", True]}),
        ((1, 2), [1, 2]),
        ([Row(name="x", day=dt.date(2026, 1, 2))], [{"name": "x", "day": "2026-01-02"}]),
        ({"total": np.int64(3), "mean": np.float64(0.5)}, {"total": 3, "mean": 0.5}),
        (float("inf"), float("inf")),
    ],
)
def test_a_value_comes_back_as_json_means_it(value: Any, kept: Any) -> None:
    assert results.read(completed(results.write(uuid4(), value))) == kept


def test_results_are_their_owners_alone(home: Path) -> None:
    run = uuid4()
    results.write(run, 1)
    assert stat.S_IMODE((home / "results").stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "results" / f"{run}.json").stat().st_mode) == 0o600
    assert [path.name for path in (home / "results").iterdir()] == [f"{run}.json"]


def test_what_json_has_no_word_for_comes_back_to_its_owner(home: Path) -> None:
    run = uuid4()
    data = results.write(run, {1: (1, 2), "when": slice(3)})
    assert data["type"] == "pickle"
    assert results.read(completed(data)) == {1: (1, 2), "when": slice(3)}
    assert stat.S_IMODE((home / "results" / f"{run}.pickle").stat().st_mode) == 0o600


@pytest.mark.parametrize("opened", ["file", "directory"])
def test_a_pickle_that_others_could_have_written_is_not_read(home: Path, opened: str, tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "canary",)

    data = results.write(uuid4(), Bomb())
    path = home / "results" / data["storage_key"]
    (path if opened == "file" else path.parent).chmod(0o777)
    with pytest.raises(MissingResult, match="open to others"):
        results.read(completed(data))
    assert not (tmp_path / "canary").exists()


def test_a_pickle_behind_a_link_is_not_read(home: Path, tmp_path: Path) -> None:
    data = results.write(uuid4(), slice(1))
    path = home / "results" / data["storage_key"]
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(MissingResult, match="can't be read"):
        results.read(completed(data))


def test_what_can_be_neither_json_nor_a_pickle_is_not_kept_and_says_so() -> None:
    data = results.write(uuid4(), {"lock": threading.Lock()})
    assert data["type"] == "unpersisted"
    with pytest.raises(MissingResult, match=r"returned a dict that was not kept: .*no word for .*lock; nor can it"):
        results.read(completed(data))


def test_a_result_that_holds_itself_comes_back_so() -> None:
    knot: list[Any] = []
    knot.append(knot)
    back = results.read(completed(results.write(uuid4(), knot)))
    assert back[0] is back


def test_a_result_that_is_too_large_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MAX_SIZE", 100)
    with pytest.raises(MissingResult, match="it has 202 bytes, and 100 are the most"):
        results.read(completed(results.write(uuid4(), "x" * 200)))


def test_a_data_directory_that_can_not_be_written_costs_the_result_alone(home: Path) -> None:
    home.mkdir()
    (home / "results").write_text("in the way")
    assert results.write(uuid4(), 1)["type"] == "unpersisted"


@pytest.mark.parametrize("data", [None, {"type": "unpersisted"}, {"type": "other", "storage_key": "x"}, 3])
def test_a_state_without_a_result_says_so(data: Any) -> None:
    with pytest.raises(MissingResult, match="The run is Completed; its result was not kept."):
        results.read(completed(data))


@pytest.mark.parametrize("key", ["../../etc/passwd", "/etc/passwd", "x.json", ""])
def test_a_key_that_names_another_file_is_refused(key: str) -> None:
    with pytest.raises(MissingResult, match="was not kept by Perijove"):
        results.read(completed({"type": "json", "storage_key": key}))


def test_a_result_that_is_elsewhere_is_missed() -> None:
    with pytest.raises(MissingResult, match="lies on another machine or was removed"):
        results.read(completed({"type": "json", "storage_key": f"{uuid4()}.json"}))


def test_a_page_shows_json_and_never_reads_a_pickle() -> None:
    shown = results.as_text(completed(results.write(uuid4(), {"a": ["é"] * 50})), 40)
    assert shown.startswith('{\n  "a": [\n    "é"')
    assert len(shown) == 40
    with pytest.raises(MissingResult, match="reads it in a cell"):
        results.as_text(completed(results.write(uuid4(), object())), 40)
