"""``%deploy``, ``perijove deploy`` and ``perijove.deploy()`` take the same words."""

from typing import Any, cast

from perijove.cli import deploy as command
from perijove.deployments.deploy_flow import Words
from perijove.magics.deploy import DeployMagic

PROMISED = (
    "name cron interval every rrule timezone anchor param schedule-param tag description version paused pool queue "
    "job-var concurrency catchup overlap trigger env out freeze include exclude force dry-run target"
)
IN_PYTHON = {"params": "param", "tags": "tag", "schedule_params": "schedule-param", "job_variables": "job-var",
             "verify": "no-verify"}  # fmt: skip
PREFECTS = {"job-variable"}
"""What the command calls as Prefect's does, too."""


def _of_the_magic() -> set[str]:
    parser = cast("Any", DeployMagic.deploy).parser
    return {text for action in parser._actions for text in action.option_strings} - {"-h", "--help"}


def _of_the_command() -> set[str]:
    return {text for option in command.command.params for text in option.opts}


def _long(texts: set[str]) -> set[str]:
    return {text.removeprefix("--") for text in texts if text.startswith("--")}


def test_the_magic_takes_every_word_that_is_promised() -> None:
    assert set(PROMISED.split()) <= _long(_of_the_magic())


def test_the_command_takes_the_same_words() -> None:
    assert _long(_of_the_command()) - PREFECTS == _long(_of_the_magic())


def test_the_function_takes_the_same_words() -> None:
    in_python = {IN_PYTHON.get(word, word.replace("_", "-")) for word in Words.__annotations__}
    assert in_python == _long(_of_the_magic())
