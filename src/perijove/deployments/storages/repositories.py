"""The user's own git repository: what is asked of it, and the little that is done in it."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from perijove.errors import EntrypointError, UsageError
from perijove.pulling.git import address_of
from perijove.pulling.git_program import Git

_OF_ANOTHER_PLACE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX")
"""Variables by which a git that called us would have ours work in its place."""

_PASSWORD = re.compile(r"(?<=://)([^/@:]*):[^/@]*(?=@)")
_TELLING = re.compile(r"^(?:(?:fatal|error|remote|ssh): *)+|^ ! *|^\*+ *|(?=.*denied)")
_NEEDLESS = re.compile(r"[0-9a-f]{40,64} -> |^failed to push some refs.*")


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository by the root of its work tree, with the remote that is pushed to.

    Its methods raise UsageError, in a sentence, where git refuses.
    """

    git: Git
    remote: str

    @property
    def root(self) -> Path:
        return self.git.place

    def inner_path(self, path: Path) -> str:
        """The path from the root on. Raises UsageError for one outside."""
        if not path.is_relative_to(self.root):
            raise UsageError(f"{path} lies outside of the repository {self.root}: name a file inside it with --out.")
        return path.relative_to(self.root).as_posix()

    def require_branch_name(self, branch: str) -> None:
        """Raise UsageError for what git doesn't take as a branch's name."""
        try:
            self.git.run("check-ref-format", f"refs/heads/{branch}")
        except EntrypointError:
            raise UsageError(f"{branch!r} can't name a branch.") from None

    def address(self, *, secret: str | None) -> str:
        """The remote's address as a worker clones it, without credentials. ``secret``: whether one will be sent."""
        said = _run(self.git, "remote", "get-url", "--", self.remote)
        try:
            address, _ = address_of(self._as_url(said), secret)
        except EntrypointError as error:
            raise UsageError(f"No worker could clone from the remote {self.remote!r}: {error}") from None
        return _without_password(address)

    def _as_url(self, said: str) -> str:
        """A remote that is a directory's path, as an address."""
        if "://" in said or re.match(r"[^/]+:", said):
            return said
        return (self.root / said).resolve().as_uri()

    def tip(self, branch: str) -> str | None:
        """The commit that the remote's branch is at; None where there is no such branch."""
        said = _run(self.git, "ls-remote", "--refs", "--", self.remote, f"refs/heads/{branch}")
        return said.split()[0] if said else None

    def fetch(self, branch: str) -> None:
        """Have the objects of the remote's branch."""
        how = ("--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no")
        _run(self.git, "fetch", *how, "--", self.remote, f"refs/heads/{branch}")

    def with_index(self, file: Path) -> "Repository":
        """The same with another index than the user's."""
        environment = {**self.git.environment, "GIT_INDEX_FILE": str(file)}
        return replace(self, git=replace(self.git, environment=environment))

    def tree(self, base: str | None, inner: str, text: str) -> str:
        """A tree of what the commit ``base`` has, and the file. Takes an index of its own."""
        blob = _run(self.git, "hash-object", "-w", "--stdin", told=text.encode())
        _run(self.git, "read-tree", *([base] if base else ["--empty"]))
        _run(self.git, "update-index", "--add", "--replace", "--cacheinfo", f"100644,{blob},{inner}")
        return _run(self.git, "write-tree")

    def tree_of(self, commit: str) -> str:
        return _run(self.git, "rev-parse", "--verify", f"{commit}^{{tree}}")

    def commit(self, tree: str, parent: str | None, message: str) -> str:
        """A commit that no branch here has yet."""
        parents = ["-p", parent] if parent else []
        return _run(self.git, "commit-tree", tree, *parents, "-F", "-", told=message.encode())

    def push(self, commit: str, branch: str) -> None:
        """Let the remote's branch be at the commit, if that goes on from where it is."""
        how = ("--quiet", "--no-follow-tags", "--recurse-submodules=no")
        _run(self.git, "push", *how, "--", self.remote, f"{commit}:refs/heads/{branch}")


def repository_of(directory: Path) -> Repository:
    """The repository that the directory is in. Raises UsageError where it is in none, or nobody can push from it."""
    inherited = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER_PLACE}
    git = Git(directory, {**inherited, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"})
    try:
        root = git.run("rev-parse", "--show-toplevel")
    except EntrypointError as error:
        if "not a git repository" not in str(error):
            raise UsageError(_sentence(error)) from None
        raise UsageError(
            f"{directory} is in no git repository: `git init` makes one, or use another storage."
        ) from None
    git = replace(git, place=Path(root))
    return Repository(git, _remote(git))


def _remote(git: Git) -> str:
    """The remote of the branch that is checked out, else ``origin``, else the only one."""
    known = _run(git, "remote").split("\n")
    branch = _unless_told(git, "symbolic-ref", "--quiet", "--short", "HEAD")
    followed = _unless_told(git, "config", "--get", f"branch.{branch}.remote") if branch else ""
    for name in [followed, "origin", *(known if len(known) == 1 else [])]:
        if name and name in known:
            return name
    if known == [""]:
        raise UsageError(
            f"The repository {git.place} has no remote to push to: `git remote add origin URL` gives it one."
        )
    raise UsageError(
        f"The repository {git.place} has several remotes ({', '.join(known)}) and none is called origin: "
        "let the branch that is checked out follow one, with `git branch --set-upstream-to`."
    )


def _unless_told(git: Git, *words: str) -> str:
    """What git prints; nothing where it has nothing to tell."""
    try:
        return git.run(*words)
    except EntrypointError:
        return ""


def _run(git: Git, *words: str, told: bytes = b"") -> str:
    try:
        return git.run(*words, told=told)
    except EntrypointError as error:
        raise UsageError(_sentence(error)) from None


def _sentence(error: EntrypointError) -> str:
    """git's reasons, without its advice, in a sentence."""
    first, *lines = str(error).split("\n")
    step, _, said = first.partition(" failed: ")
    reasons = list(dict.fromkeys(_reasons([said, *lines])))
    return f"{step} failed: {'; '.join(reasons)}. Nothing was changed." if said else f"{first} Nothing was changed."


def _reasons(lines: list[str]) -> Iterator[str]:
    telling = [_TELLING.sub("", line, count=1) for line in lines if _TELLING.match(line)] or lines[:1]
    for line in telling:
        if reason := " ".join(_NEEDLESS.sub("", line).split()).rstrip("."):
            yield reason


def _without_password(address: str) -> str:
    return _PASSWORD.sub(r"\1", address)
