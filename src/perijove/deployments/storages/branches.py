"""A file on a branch of the notebook's repository: committed and pushed with nothing else of the work tree.

The commit is made in an index of its own. The user's index, branches, files and what they have not committed stay as
they are, whatever state they are in.
"""

import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from perijove import progress
from perijove.deployments.storages.repositories import Repository, repository_of
from perijove.deployments.storages.storage import Code, Plan, Storage, slug
from perijove.errors import UsageError
from perijove.pulling.git import REF
from perijove.pulling.storages import GitRepository

PREFIX = "perijove"
"""What the branches that no user named begin with."""


@dataclass(frozen=True, slots=True)
class Branch(Storage):
    """``name``: None for a branch of the deployment's own. ``access_token`` names the secret by which workers read the
    repository, as ``GitRepository`` has it. Raises UsageError for what names no branch, and for a written-out token.
    """

    name: str | None = None
    access_token: str | None = None

    def __post_init__(self) -> None:
        if self.name is not None and not REF.fullmatch(self.name):
            raise UsageError(f"{self.name!r} can't name a branch.")
        GitRepository("", access_token=self.access_token)

    def plan(self, code: Code) -> Plan:
        branch = self.name or f"{PREFIX}/{slug(code.flow_name)}/{slug(code.deployment)}"
        repository = repository_of(code.directory)
        repository.require_branch_name(branch)
        address = repository.address(secret=self.access_token)
        tip = repository.tip(branch)
        inner = repository.inner_path(code.path)
        return Plan(
            entrypoint=f"{inner}:{code.function}",
            pull_steps=[GitRepository(address, branch=branch, access_token=self.access_token).step()],
            facts=[
                ("branch", f"{branch} of {address}{'' if tip else ' (new)'}"),
                ("fetched by", "Perijove's and Prefect's workers that have git and can read it"),
            ],
            carry_out=partial(_publish, repository, branch, tip, inner, code),
        )


def _publish(repository: Repository, branch: str, tip: str | None, inner: str, code: Code) -> None:
    """Let the branch hold the file. A branch that has it stays as it is."""
    if tip:
        repository.fetch(branch)
    with tempfile.TemporaryDirectory(prefix="perijove-") as scratch:
        tree = repository.with_index(Path(scratch) / "index").tree(tip, inner, code.text)
    if tip and tree == repository.tree_of(tip):
        return
    message = f"Deploy {code.full_name}\n\n{inner}, version {code.version}"
    with progress.doing(f"Pushing {branch}"):
        repository.push(repository.commit(tree, tip, message), branch)
