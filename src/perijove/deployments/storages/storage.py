"""What all storages of code have in common: each plans, which changes nothing, and a plan can be carried out."""

import ast
import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar

from perijove.errors import UsageError
from perijove.notebook.imports import imports_of
from perijove.notebook.requirements import is_local
from perijove.schemas.deployments import PullStep

_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """The file of a deployment: ``text``, which lies or will lie at ``path`` (absolute) below ``directory``.

    ``version`` is the hash of its content, ``function`` the flow in it.
    """

    flow_name: str
    deployment: str
    path: Path
    directory: Path
    function: str
    text: str
    version: str

    @property
    def full_name(self) -> str:
        """``flow/deployment``"""
        return f"{self.flow_name}/{self.deployment}"

    @property
    def inner_path(self) -> str:
        """The path from the directory on."""
        return self.path.relative_to(self.directory).as_posix()

    def require_alone(self) -> None:
        """Raise UsageError for a file that imports what lies beside it: only the file itself is stored."""
        imported = {
            item.top
            for node in ast.walk(ast.parse(self.text))
            for item in imports_of(node)
            if item.top not in sys.stdlib_module_names
        }
        beside = sorted(top for top in imported if top == "." or is_local(top, self.directory))
        if beside:
            raise UsageError(
                f"{self.path.name} imports {', '.join(beside)}, which lies beside it and would not be there where "
                "it runs: move what it needs of that into a cell, or into a package that is installed there."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a storage makes of a file, and how its runs get at that. ``carry_out`` does it.

    ``facts`` are labels and values for the user; ``listing`` is a text that is shown in full.
    """

    entrypoint: str
    pull_steps: Sequence[PullStep]
    facts: Sequence[tuple[str, str]]
    carry_out: Callable[[], None]
    job_variables: Mapping[str, Any] = field(default_factory=dict)
    listing: str = ""


class Storage(ABC):
    """A place that files are put in."""

    has_interpreter: ClassVar[bool] = False
    """Whether it holds all that runs the file, too."""

    @abstractmethod
    def plan(self, code: Code) -> Plan:
        """What it would do. Changes nothing. Raises UsageError for what it can't."""


def slug(name: str) -> str:
    """The name in letters that branches, folders and images may have; another name gives another slug."""
    fit = _UNFIT.sub("-", name).strip("-")
    return fit if fit == name else f"{fit}-{sha256(name.encode()).hexdigest()[:8]}".lstrip("-")
