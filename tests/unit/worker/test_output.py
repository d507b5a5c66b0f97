"""A run's bytes become log entries."""

from uuid import uuid4

import pytest

from perijove import clock
from perijove.schemas.logs import LogCreate
from perijove.worker.output import LINE_LIMIT, Lines, Output

RUN = uuid4()


def test_lines_are_cut_at_their_ends_wherever_the_reads_fall() -> None:
    lines = Lines()
    assert lines.feed(b"one\ntw") == [b"one"]
    assert lines.feed(b"o\r") == []
    assert lines.feed(b"\n\nthree") == [b"two", b""]
    assert lines.end() == [b"three"]
    assert lines.end() == []


def test_a_line_without_an_end_becomes_several_and_loses_nothing() -> None:
    lines = Lines(limit=10)
    found = lines.feed(b"x" * 25) + lines.feed(b"y" * 3 + b"\n") + lines.end()
    assert b"".join(found) == b"x" * 25 + b"yyy"
    assert max(map(len, found)) <= 10


def test_the_streams_are_told_apart_by_logger_and_level() -> None:
    output = Output(RUN)
    (out,) = output.feed("stdout", b"hello\n")
    (err,) = output.feed("stderr", b"careful\n")
    assert (out.name, out.level, out.message, out.flow_run_id) == ("stdout", 20, "hello", RUN)
    assert (err.name, err.level, err.message) == ("stderr", 30, "careful")


def test_lines_of_one_read_keep_their_order_in_time() -> None:
    entries = Output(RUN).feed("stdout", b"a\nb\nc\n")
    instants = [entry.timestamp for entry in entries]
    assert instants == sorted(set(instants))


def test_entries_that_come_as_json_stay_as_they_are() -> None:
    entry = LogCreate(name="mine", level=40, message="two\nlines", timestamp=clock.now(), flow_run_id=RUN)
    assert Output(RUN).feed("log", entry.model_dump_json().encode() + b"\n") == [entry]


def test_what_is_no_entry_on_the_log_stream_is_kept_as_text() -> None:
    (entry,) = Output(RUN).feed("log", b'{"name": "half\n')
    assert (entry.name, entry.message) == ("log", '{"name": "half')


def test_bytes_that_are_no_text_are_kept_as_replacement_characters() -> None:
    (entry,) = Output(RUN).feed("stdout", b"caf\xe9\n")
    assert entry.message == "caf\ufffd"


def test_over_the_limit_bytes_are_counted_and_the_last_line_says_how_many() -> None:
    output = Output(RUN, limit=10)
    assert [entry.message for entry in output.feed("stdout", b"0123456789\n")] == ["0123456789"]
    assert output.feed("stdout", b"never seen\n") == []
    assert output.feed("stderr", b"nor this\n") == []
    assert [entry.message for entry in output.end()] == ["truncated 20 bytes"]
    assert output.end() == []


@pytest.mark.parametrize("size", [LINE_LIMIT - 1, LINE_LIMIT, LINE_LIMIT + 1, 3 * LINE_LIMIT])
def test_long_lines_lose_nothing_either(size: int) -> None:
    entries = Output(RUN).feed("stdout", b"x" * size + b"\n")
    assert sum(len(entry.message) for entry in entries) == size
