"""A file in a container image, with what it says that it depends on: built and pushed by Docker."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import ClassVar

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from perijove import progress
from perijove.deployments import dependencies
from perijove.deployments.storages.storage import Code, Plan, Storage
from perijove.errors import UsageError
from perijove.pulling.storages import LocalDirectory

HOME = "/opt/perijove"
"""The directory of the image that holds the file."""

ENGINE = "prefect>=3,<4"
"""What the image's runs are started by: the workers that start containers are Prefect's."""

TIMEOUT = 3600.0
"""Seconds that building, or pushing, may take."""

_NAME = re.compile(r"(?=.{1,255}$)(?:[\w.-]+(?::\d+)?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_HASH = 12
_LAST_WORDS = 500
_PYTHONS = [sys.version_info[:2], *((3, minor) for minor in range(11, 15))]
"""What the image may have: this interpreter's version if the file allows it, else the least that it does."""


@dataclass(frozen=True, slots=True)
class Image(Storage):
    """An image by its name, ``registry/team/flows:tag``; without a tag, the version's hash is the tag.

    Raises UsageError for what names no image.
    """

    has_interpreter: ClassVar[bool] = True

    name: str

    def __post_init__(self) -> None:
        name, tag = self._parts()
        if not _NAME.fullmatch(name) or (tag and not _TAG.fullmatch(tag)):
            raise UsageError(f"{self.name!r} names no image: write it as registry.example.org/team/flows:tag.")

    def plan(self, code: Code) -> Plan:
        name, tag = self._parts()
        image = f"{name}:{tag or code.version[:_HASH]}"
        text = dockerfile(code)
        return Plan(
            entrypoint=f"{code.inner_path}:{code.function}",
            pull_steps=[LocalDirectory(HOME).step()],
            job_variables={"image": image},
            facts=[("image", image), ("fetched by", "workers that start containers, such as Prefect's of type docker")],
            listing=text,
            carry_out=partial(_publish, image, text, code.text),
        )

    def _parts(self) -> tuple[str, str]:
        """The name and the tag; a colon before a slash is of the registry's port."""
        name, colon, tag = self.name.rpartition(":")
        return (name, tag) if colon and "/" not in tag else (self.name, "")


def dockerfile(code: Code) -> str:
    """The Dockerfile of the file's image. Raises UsageError for one that doesn't say what it depends on.

    What the file says is put into lists of words, which no shell reads.
    """
    said = dependencies.job_variables(code.text, of=code.path.name)
    install = ["python", "-m", "pip", "install", "--no-cache-dir", *_with_engine(said["dependencies"])]
    place = str(PurePosixPath(HOME) / code.inner_path).replace("$", r"\$")
    return "\n".join(
        [
            f"# {json.dumps(code.inner_path)}, with what it says that it depends on.",
            f"FROM python:{_python(said.get('requires_python', ''), of=code.path.name)}-slim",
            f"RUN {json.dumps(install)}",
            f"WORKDIR {HOME}",
            f"COPY {json.dumps(['flow.py', place])}",
            "",
        ]
    )


def _with_engine(requirements: list[str]) -> list[str]:
    named = {canonicalize_name(Requirement(line).name) for line in requirements}
    return requirements if "prefect" in named else [*requirements, ENGINE]


def _python(specifier: str, *, of: str) -> str:
    for major, minor in _PYTHONS:
        if SpecifierSet(specifier).contains(f"{major}.{minor}.99"):
            return f"{major}.{minor}"
    raise UsageError(f"{of} asks for Python {specifier}, for which no image is known: change its requires-python.")


def _publish(image: str, text: str, flow: str) -> None:
    with tempfile.TemporaryDirectory(prefix="perijove-") as scratch:
        (Path(scratch) / "Dockerfile").write_text(text, "utf-8")
        (Path(scratch) / "flow.py").write_text(flow, "utf-8")
        _docker("version", "--format", "{{.Server.Version}}")
        with progress.doing(f"Building {image}"):
            _docker("build", "--tag", image, scratch)
        with progress.doing(f"Pushing {image}"):
            _docker("push", image)


def _docker(*words: str) -> None:
    """Run Docker by its words. Raises UsageError with its last line."""
    program = shutil.which("docker")
    if program is None:
        raise UsageError(
            "There is no Docker here to build the image with: install it, or use --storage. "
            "--dry-run shows the Dockerfile."
        )
    try:
        done = subprocess.run(
            [program, *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"docker {words[0]} took longer than {TIMEOUT:g} s.") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][-_LAST_WORDS:]
        raise UsageError(f"docker {words[0]} failed: {said.rstrip('.')}. --dry-run shows the Dockerfile.")
