"""What is shown can't steer a terminal or a page."""

from perijove.deployments.table import Shown, Table, plain, preformatted


class _Name(Shown):
    def table(self) -> Table:
        return Table([("name", "<b>x</b>")], title="A <script>")


def test_control_characters_never_reach_a_terminal() -> None:
    assert plain("a\x1b[2Jb\x07c\x9bd\r\x00") == "a[2Jbcd"


def test_characters_that_turn_the_direction_of_text_are_left_out() -> None:
    assert plain("safe\u202egpj.exe") == "safegpj.exe"


def test_line_ends_tabs_and_letters_of_every_script_stay() -> None:
    assert plain("größe\t東京\nline") == "größe\t東京\nline"


def test_columns_line_up_under_their_names() -> None:
    text = str(Table([("a", "long cell", "x"), ("bcd", "y", "z")], ("one", "two", "three")))
    assert text.splitlines() == ["one  two        three", "a    long cell  x", "bcd  y          z"]


def test_a_cell_of_several_lines_gets_several_lines() -> None:
    text = str(Table([("a", "1\n2", "x"), ("b", "3", "y")]))
    assert text.splitlines() == ["a  1  x", "   2", "b  3  y"]


def test_a_cell_can_not_forge_a_row_with_an_escape() -> None:
    assert str(Table([("a\x1b[1A", "b")])) == "a[1A  b"


def test_html_shows_markup_as_text() -> None:
    page = _Name()._repr_html_()
    assert "<script>" not in page
    assert "A &lt;script&gt;" in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page


def test_html_follows_the_theme() -> None:
    assert "var(--jp-ui-font-family" in _Name()._repr_html_()


def test_a_log_is_escaped_in_html() -> None:
    assert "<img" not in preformatted("<img src=x onerror=alert(1)>")


def test_a_shown_value_reads_the_same_in_a_terminal_and_in_python() -> None:
    assert repr(_Name()) == str(_Name()) == "A <script>\nname  <b>x</b>"
