"""Create and change work pools: what their templates must hold, and which names are free to take."""

from sqlalchemy import Connection

from perijove.errors import ApiError
from perijove.schemas.work import WorkPool, WorkPoolCreate, WorkPoolUpdate
from perijove.server.rules import job_variables
from perijove.server.storage import work_pools

_RESERVED = "prefect"


def create(connection: Connection, wanted: WorkPoolCreate) -> WorkPool:
    """A new pool; raises ApiError (403) for a reserved name, Invalid for a template that can't be filled."""
    _refuse_reserved(wanted.name)
    job_variables.check_template(wanted.base_job_template)
    return work_pools.create(connection, wanted)


def change(connection: Connection, name: str, changes: WorkPoolUpdate) -> None:
    """Change what was set in ``changes``; raises as ``create`` does, and NotFound."""
    if changes.base_job_template is not None:
        job_variables.check_template(changes.base_job_template)
    work_pools.change(connection, name, changes)


def remove(connection: Connection, name: str) -> None:
    """Delete the pool; raises NotFound, and ApiError (403) for a reserved one."""
    _refuse_reserved(name)
    work_pools.remove(connection, name)


def _refuse_reserved(name: str) -> None:
    if name.lower().startswith(_RESERVED):
        raise ApiError(403, "Worker pools starting with 'Prefect' are reserved for internal use.")
