"""A repository's files, by git: nothing of what it is asked for can be taken for an option or another program.

A token goes to git in its environment alone: it is in no argument, file, log or error.
"""

import base64
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from perijove.errors import EntrypointError
from perijove.pulling.directories import inside
from perijove.pulling.git_program import Git

REF = re.compile(r"(?!-)(?!.*\.\.)[\w./-]+")
"""What may name a branch."""

_COMMIT = re.compile(r"[0-9a-fA-F]{4,64}")
_SCP = re.compile(r"[\w.-]+@[\w.-]+:[\w./~-]+")
_SCHEMES = ("https", "http", "ssh", "git", "file")


def git_clone(
    repository: str,
    branch: str | None = None,
    commit_sha: str | None = None,
    include_submodules: bool = False,
    access_token: str | None = None,
    credentials: Mapping[str, Any] | None = None,
    directories: Sequence[str] | None = None,
    clone_directory_name: str | None = None,
) -> dict[str, str]:
    """Clone a branch's, or a commit's, newest files into the working directory. Gives ``directory``.

    ``directories``: these sub-folders alone. ``access_token``, or ``credentials`` with ``username`` and ``password`` or
    ``token``: for HTTPS. ``clone_directory_name``: default the repository's name, and the branch's.
    Raises EntrypointError.
    """
    address, secret = address_of(repository, _secret(access_token, credentials))
    _check(REF, branch, "branch")
    _check(_COMMIT, commit_sha, "commit")
    place = inside(Path.cwd(), clone_directory_name or _name(address, branch))
    if place.exists():
        shutil.rmtree(place)
    place.mkdir(parents=True)
    git = Git(place, _environment(address, secret))
    git.run("init", "--quiet")
    git.run("remote", "add", "--", "origin", address)
    if directories:
        git.run("sparse-checkout", "set", "--", *(_sub_folder(place, each) for each in directories))
    git.run("fetch", "--quiet", "--depth", "1", "--", "origin", commit_sha or branch or "HEAD")
    git.run("checkout", "--quiet", "--force", "FETCH_HEAD", "--")
    if include_submodules:
        git.run("submodule", "--quiet", "update", "--init", "--recursive", "--depth", "1")
    return {"directory": str(place)}


def _environment(address: str, secret: str | None) -> dict[str, str]:
    """git's environment: it asks nobody, uses no other program for a transport, and reads nobody's configuration."""
    settings = {"protocol.ext.allow": "never", "credential.helper": "", "core.hooksPath": os.devnull}
    if secret:
        place = urlsplit(address)
        encoded = base64.b64encode(secret.encode()).decode()
        settings[f"http.{place.scheme}://{place.netloc}/.extraHeader"] = f"Authorization: Basic {encoded}"
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": ":".join(_SCHEMES)}
    environment["GIT_CONFIG_COUNT"] = str(len(settings))
    for number, (key, value) in enumerate(settings.items()):
        environment[f"GIT_CONFIG_KEY_{number}"], environment[f"GIT_CONFIG_VALUE_{number}"] = key, value
    return environment


def address_of(repository: str, secret: str | None) -> tuple[str, str | None]:
    """The repository's address without credentials, and ``user:password`` for it. Raises EntrypointError."""
    if not isinstance(repository, str) or any(ord(char) < 33 for char in repository) or repository.startswith("-"):
        raise EntrypointError("the repository's address is none.")
    if _SCP.fullmatch(repository):
        return repository, None
    parts = _parts(repository)
    if parts.scheme not in _SCHEMES:
        raise EntrypointError(f"a repository's address begins with one of {', '.join(_SCHEMES)}: or is user@host:path.")
    if parts.scheme in ("http", "https") and parts.username:
        secret = secret or f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        parts = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    if secret and parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
        raise EntrypointError("a token is sent by https alone.")
    return parts.geturl(), secret


def _parts(repository: str) -> SplitResult:
    try:
        return urlsplit(repository)
    except ValueError:
        raise EntrypointError("the repository's address is none.") from None


def _secret(access_token: str | None, credentials: Mapping[str, Any] | None) -> str | None:
    """``user:password``, as HTTP's basic authentication takes it; GitHub and GitLab heed the token alone."""
    known = credentials or {}
    token = access_token or known.get("access_token") or known.get("token") or known.get("password")
    return f"{known.get('username') or 'x-access-token'}:{token}" if token else None


def _check(pattern: re.Pattern[str], given: str | None, what: str) -> None:
    if given is not None and not (isinstance(given, str) and pattern.fullmatch(given)):
        raise EntrypointError(f"{given!r:.66} can't be a {what}.")


def _sub_folder(place: Path, given: str) -> str:
    return inside(place, str(given)).relative_to(place.resolve()).as_posix()


def _name(address: str, branch: str | None) -> str:
    """Prefect's name for the directory."""
    name = address.rstrip("/").rpartition("/")[2].rpartition(":")[2].removesuffix(".git")
    return f"{name}-{branch.replace('/', '-')}" if branch else name
