"""Puts a deployment's file where workers get at it that don't share this disk, if the user wishes that."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from perijove.client import SyncClient
from perijove.deployments.define import Source, Wishes
from perijove.deployments.storages.storage import Code, Plan
from perijove.errors import UsageError
from perijove.notebook.emit import fingerprint


def plan(client: SyncClient, source: Source, wishes: Wishes, text: str) -> tuple[Source, Wishes, Plan | None]:
    """The source and the wishes as they are once the plan, if there is one, is carried out; nothing is changed yet.

    ``text`` is the file's. The wishes are placed. Raises UsageError where the file can't be stored as they say.
    """
    if wishes.storage is None:
        return source, wishes, None
    if source.pull_steps is not None:
        raise UsageError(f"The flow {source.flow_name!r} is fetched from elsewhere already: leave out the storage.")
    code = _code(source, wishes, text)
    code.require_alone()
    planned = wishes.storage.plan(code)
    _require_pool_knows(client, wishes.work_pool or "", planned.job_variables)
    if wishes.isolated and wishes.storage.has_interpreter:
        raise UsageError("The image has what the file depends on: leave out --env isolated.")
    stored = replace(source, entrypoint=planned.entrypoint, pull_steps=list(planned.pull_steps))
    return stored, replace(wishes, job_variables={**wishes.job_variables, **planned.job_variables}), planned


def _code(source: Source, wishes: Wishes, text: str) -> Code:
    file, _, function = source.entrypoint.rpartition(":")
    path = (source.directory / file).resolve()
    if not file or not path.is_relative_to(source.directory.resolve()):
        raise UsageError(f"{source.entrypoint} is no file below {source.directory}, of which one could be stored.")
    return Code(
        flow_name=source.flow_name,
        deployment=wishes.name,
        path=path,
        directory=source.directory.resolve(),
        function=function,
        text=text,
        version=fingerprint(text),
    )


def _require_pool_knows(client: SyncClient, pool: str, variables: Mapping[str, Any]) -> None:
    """Raise UsageError for a work pool whose workers would not heed the job variables."""
    if not variables:
        return
    found = client.read_work_pool(pool)
    known = found.base_job_template.get("variables", {}).get("properties", {})
    if unknown := sorted(variables.keys() - known.keys()):
        raise UsageError(
            f"The work pool {pool!r} is of type {found.type}, which has no job variable {', '.join(unknown)}: "
            "name one whose workers start containers, such as of type docker, with --pool."
        )
