"""Comments and blank lines stay with the statement that they belong to."""

from perijove.notebook import Cell, write_module


def _body(*cells: str) -> str:
    module = write_module([Cell(source, number) for number, source in enumerate(cells, 1)], "f")
    return module.source.partition("# ///\n")[2]


def test_comments_apart_from_their_statement_by_blank_lines_stay() -> None:
    cell = "# the report\n\n# in euros\n\nRATE = 2\n\n\n# --- helpers ---\n\n# one row\ndef f(): return RATE  # inline"
    assert _body(cell).strip() == f"# %% cell 1\n{cell}"


def test_a_comment_directly_below_a_statement_stays_with_it() -> None:
    cell = "def f():\n    return 1\n    # return 2\n\nx = 1\n# about x"
    assert "    return 1\n    # return 2\n" in _body(cell)
    assert "about x" not in _body(cell)


def test_comments_of_what_is_left_out_are_left_out() -> None:
    assert "noise" not in _body("# noise\n\nprint(1)\n# noise too\n\n\n# kept\ndef f(): return 1")


def test_long_numbers_are_left_as_they_were_written() -> None:
    text = "def f(): return 123456789012345678901234567890, 0x_FF, 1_000_000.000_001, 1e400, 0b1010_1010, 3.0e-05j"
    assert text in _body(text)
