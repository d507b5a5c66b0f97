"""What a file says of its dependencies, in the header that PEP 723 gives to scripts, as job variables."""

import re
import tomllib
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from perijove.errors import UsageError
from perijove.schemas.base import JsonObject

ISOLATED = "isolated"
"""An environment of the deployment's own; the other is the one that it was deployed from."""

_BLOCK = re.compile(r"(?m)^# /// script$\s(?P<content>(?:^#(?:| .*)$\s)+)^# ///$")
_CURE = 'Write them above its code: # /// script, # dependencies = ["pandas>=2"], # ///, each on a line of its own.'


def is_isolated(env: str | None) -> bool:
    """Whether the word asks for an environment of its own. Raises UsageError for a word that means nothing."""
    if env not in (None, ISOLATED):
        raise UsageError(f"There is no environment {env!r}: say isolated, or leave it out for the one that is here.")
    return env is not None


def job_variables(text: str, *, of: str) -> JsonObject:
    """The job variables by which a worker gives the runs of a file of this text what it depends on.

    ``of`` names the file. Raises UsageError where it says nothing of its dependencies, or what can't be read.
    """
    blocks = [match["content"] for match in _BLOCK.finditer(text)]
    if len(blocks) != 1:
        raise UsageError(f"{of} says {'twice' if blocks else 'nowhere'} what it depends on. {_CURE}")
    try:
        return _variables(tomllib.loads("\n".join(line[2:] for line in blocks[0].splitlines())))
    except (tomllib.TOMLDecodeError, TypeError, InvalidRequirement, InvalidSpecifier) as error:
        raise UsageError(f"What {of} says of its dependencies can't be read: {error}. {_CURE}") from None


def _variables(said: dict[str, Any]) -> JsonObject:
    lines = [str(Requirement(line)) for line in said.get("dependencies", [])]
    python = said.get("requires-python")
    return {"dependencies": lines} | ({"requires_python": str(SpecifierSet(python))} if python else {})
