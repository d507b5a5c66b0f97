"""Entries outlive a server that is away."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from perijove import clock
from perijove.schemas.logs import LogCreate
from perijove.worker.spool import BATCH_LINES, Spool


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    opened = Spool(tmp_path / "run" / "output.jsonl")
    yield opened
    opened.close()


def entries(*messages: str) -> list[LogCreate]:
    run = uuid4()
    return [LogCreate(name="n", level=20, message=text, timestamp=clock.now(), flow_run_id=run) for text in messages]


def messages(lines: list[bytes]) -> list[str]:
    return [LogCreate.model_validate_json(line).message for line in lines]


def test_lines_come_out_in_order_and_stay_until_they_are_delivered(spool: Spool) -> None:
    spool.append(entries("a", "b"))
    assert messages(spool.peek()) == ["a", "b"]
    spool.append(entries("c"))
    assert messages(spool.peek()) == ["a", "b", "c"]
    spool.advance(spool.peek()[:2])
    assert messages(spool.peek()) == ["c"]
    assert not spool.is_empty
    spool.advance(spool.peek())
    assert spool.is_empty
    assert spool.peek() == []


def test_a_batch_is_bounded(spool: Spool) -> None:
    spool.append(entries(*map(str, range(BATCH_LINES + 1))))
    assert len(spool.peek()) == BATCH_LINES


def test_a_line_larger_than_a_batch_is_still_given(spool: Spool) -> None:
    spool.append(entries("x" * 2_000_000, "y"))
    assert len(spool.peek()) == 1


def test_numbered_entries_have_ids_in_their_order_and_of_no_other_spool(tmp_path: Path) -> None:
    spools = [Spool(tmp_path / name, numbers=True) for name in ("one", "other")]
    for spool in spools:
        spool.append(entries(*"abc"))
    ids = [[LogCreate.model_validate_json(line).id for line in spool.peek()] for spool in spools]
    assert ids[0] == sorted(filter(None, ids[0]))
    assert len({*ids[0], *ids[1]}) == 6
    for spool in spools:
        spool.close()


def test_entries_without_numbers_name_nothing_that_prefects_server_would_refuse(spool: Spool) -> None:
    spool.append(entries("a"))
    assert b'"id"' not in spool.peek()[0]


def test_a_delivered_spool_leaves_no_file(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "output.jsonl")
    spool.append(entries("a"))
    spool.advance(spool.peek())
    spool.close()
    assert list(tmp_path.iterdir()) == []


def test_what_was_not_delivered_stays_on_disk_alone(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "output.jsonl")
    spool.append(entries("delivered", "kept"))
    spool.advance(spool.peek()[:1])
    spool.close()
    assert messages((tmp_path / "output.jsonl").read_bytes().splitlines()) == ["kept"]
