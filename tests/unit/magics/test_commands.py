"""A magic's words, and how it refuses."""

import argparse
from datetime import date
from typing import Any

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import magics_class

from perijove.errors import ExportError, UsageError
from perijove.magics.commands import Commands, Refused, argument, command, with_variables


@magics_class
class _Echo(Commands):
    @command
    @argument("word")
    @argument("more", nargs="*")
    @argument("--param", action="append", default=[])
    def echo(self, args: argparse.Namespace) -> dict[str, Any]:
        """Give back what was said."""
        if args.word == "refuse":
            raise ExportError("Cell 3 can't be exported.")
        if args.word == "break":
            raise ZeroDivisionError
        return vars(args)


@pytest.fixture
def shell() -> InteractiveShell:
    opened = InteractiveShell()
    opened.register_magics(_Echo(opened))
    return opened


def test_quotes_hold_words_together_and_are_taken_off(shell: InteractiveShell) -> None:
    said = shell.run_line_magic("echo", "\"0 8 * * 1-5\" --param 'a=b c'")
    assert said == {"word": "0 8 * * 1-5", "more": [], "param": ["a=b c"]}


def test_json_is_left_as_it_was_written(shell: InteractiveShell) -> None:
    said = shell.run_line_magic("echo", """x --param 'limits={"most": 5}'""")
    assert said["param"] == ['limits={"most": 5}']


def test_what_can_be_explained_is_shown_as_one_sentence(shell: InteractiveShell) -> None:
    with pytest.raises(Refused) as refusal:
        shell.run_line_magic("echo", "refuse")
    assert refusal.value._render_traceback_() == ["Cell 3 can't be exported."]


def test_a_fault_of_ours_keeps_its_traceback(shell: InteractiveShell) -> None:
    with pytest.raises(ZeroDivisionError):
        shell.run_line_magic("echo", "break")


@pytest.mark.parametrize("line", ["", "x --nothing", 'x "open'])
def test_words_that_can_not_be_understood_point_to_the_help(shell: InteractiveShell, line: str) -> None:
    with pytest.raises(Refused, match=r"^%echo: .*`%echo\?` shows how it is used\.$"):
        shell.run_line_magic("echo", line)


def test_a_variable_stands_for_its_value_as_json() -> None:
    namespace = {"limit": 3, "place": "EU", "days": [1, 2]}
    words = ["top=$limit", "region=$place", "days=$days", "cost=$5", "text=a $b"]
    assert with_variables(words, namespace) == ["top=3", 'region="EU"', "days=[1, 2]", "cost=$5", "text=a $b"]


def test_a_variable_of_another_kind_stands_for_its_nearest_json() -> None:
    namespace = {"day": date(2026, 11, 24), "count": np.int64(3), "share": np.float32(0.5)}
    words = ["day=$day", "count=$count", "share=$share"]
    assert with_variables(words, namespace) == ['day="2026-11-24"', "count=3", "share=0.5"]


def test_words_and_options_may_come_in_any_order(shell: InteractiveShell) -> None:
    assert shell.run_line_magic("echo", "--param a=1 x --param b=2 y z") == {
        "word": "x",
        "more": ["y", "z"],
        "param": ["a=1", "b=2"],
    }


def test_a_variable_that_is_not_there_is_named() -> None:
    with pytest.raises(UsageError, match="no variable 'limit' for parameter 'top'"):
        with_variables(["top=$limit"], {})
