"""Where code is kept, as values: each says by which pull step it is brought to where it runs."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from perijove.errors import UsageError

SET_WORKING_DIRECTORY = "prefect.deployments.steps.set_working_directory"
"""The pull step by which any worker finds a file that is on its disk: Prefect's name for it."""

_STEPS = "prefect.deployments.steps"
_GIT = re.compile(r"(git\+|git@|ssh://|git://)|.*\.git/?$")
_REMOTE = re.compile(r"[a-z0-9+]{2,}://")
_TEMPLATE = re.compile(r"\{\{.*\}\}")


class Storage(ABC):
    """A place that code is brought from."""

    @abstractmethod
    def step(self) -> dict[str, Any]:
        """The pull step that brings it."""


@dataclass(frozen=True, slots=True)
class GitRepository(Storage):
    """A repository. ``access_token`` names a secret and is none: ``{{ $GIT_TOKEN }}``, of the environment of whoever
    fetches; a deployment can be read by many. Raises UsageError for one that is written out."""

    url: str
    branch: str | None = None
    commit_sha: str | None = None
    include_submodules: bool = False
    directories: Sequence[str] | None = None
    access_token: str | None = None

    def __post_init__(self) -> None:
        if self.access_token and not _TEMPLATE.fullmatch(self.access_token):
            raise UsageError(
                "A token would be written into the deployment: put it into an environment variable, here and where "
                "the flow runs, and name that, such as access_token='{{ $GIT_TOKEN }}'."
            )

    def step(self) -> dict[str, Any]:
        said = {
            "repository": self.url.removeprefix("git+"),
            "branch": self.branch,
            "commit_sha": self.commit_sha,
            "include_submodules": self.include_submodules or None,
            "directories": list(self.directories) if self.directories else None,
            "access_token": self.access_token,
        }
        return {f"{_STEPS}.git_clone": {name: value for name, value in said.items() if value is not None}}


@dataclass(frozen=True, slots=True)
class RemoteStorage(Storage):
    """A folder of an object storage, such as ``s3://bucket/folder``; ``settings`` are its fsspec driver's."""

    url: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    def step(self) -> dict[str, Any]:
        return {f"{_STEPS}.pull_from_remote_storage": {"url": self.url, **self.settings}}


@dataclass(frozen=True, slots=True)
class LocalDirectory(Storage):
    """A directory that is there already where the flow runs."""

    path: str

    def step(self) -> dict[str, Any]:
        return {SET_WORKING_DIRECTORY: {"directory": self.path}}


def storage_of(source: str | Path | Storage) -> Storage | Path:
    """What the text means: a repository (``....git``, ``git@...``), an object storage's address, a directory here."""
    if isinstance(source, Storage | Path):
        return source
    if _GIT.match(source):
        return GitRepository(source)
    return RemoteStorage(source) if _REMOTE.match(source) else Path(source)
