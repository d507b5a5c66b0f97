"""Create runs: of a deployment, or by themselves."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from perijove import clock
from perijove.errors import ApiError, Invalid
from perijove.schemas.base import JsonObject
from perijove.schemas.deployments import Deployment, DeploymentFlowRunCreate
from perijove.schemas.runs import FlowRun, FlowRunCreate, TaskRun, TaskRunCreate
from perijove.schemas.states import StateCreate, StateDetails, StateType
from perijove.server.rules import job_variables, parameters
from perijove.server.services import orchestration, pools
from perijove.server.services.hydrating import hydrated
from perijove.server.storage import deployments, flow_runs, flows, task_runs, work_pools

_CREATING, _UPDATING = "Error creating flow run", "Error updating flow run"


def of_deployment(
    connection: Connection,
    deployment_id: UUID,
    wanted: DeploymentFlowRunCreate,
    created_by: dict[str, Any] | None = None,
    as_of: str | None = None,
) -> tuple[FlowRun, bool]:
    """A run of the deployment, and whether it is new: a second one with the same idempotency key is the first.

    ``created_by``: who makes it, where that is the server itself. ``as_of``: the entity tag that the deployment must
    have.
    Raises NotFound, Invalid (409) for parameters that the schema refuses, and ApiError (412) for another entity tag.
    """
    deployment = deployments.read(connection, deployment_id)
    if as_of not in (None, deployment.entity_tag):
        raise ApiError(412, "The deployment has been changed since.")
    if known := _known(connection, deployment.flow_id, wanted.idempotency_key):
        return known, False
    given = hydrated(connection, {**deployment.parameters, **wanted.parameters}, what="flow run parameters")
    parameters.check_size(given, what=_CREATING)
    enforced = wanted.enforce_parameter_schema
    if deployment.enforce_parameter_schema if enforced is None else enforced:
        schema = deployment.parameter_openapi_schema
        parameters.check(given, schema, what=_CREATING, whole=True)
    if wanted.job_variables and deployment.work_pool_name is not None:
        template = work_pools.read(connection, deployment.work_pool_name).base_job_template
        job_variables.check(wanted.job_variables, template, what=_CREATING)
    row = flow_runs.new_row(
        deployment.flow_id,
        {
            **wanted.model_dump(
                include={"name", "idempotency_key", "context", "parent_task_run_id", "empirical_policy"}
            ),
            "deployment_id": deployment.id,
            "deployment_version": deployment.version,
            "work_queue_id": _queue(connection, deployment, wanted.work_queue_name),
            "parameters": given,
            "tags": sorted({*deployment.tags, *wanted.tags}),
            "labels": {**deployment.labels, **(wanted.labels or {}), "prefect.deployment.id": str(deployment.id)},
            "job_variables": wanted.job_variables or {},
            "created_by": created_by,
        },
    )
    return _start(connection, row, wanted.state or StateCreate(type=StateType.SCHEDULED)), True


def by_itself(connection: Connection, wanted: FlowRunCreate) -> tuple[FlowRun, bool]:
    """A run that its own process reports, and whether it is new.

    Raises NotFound for the flow, the deployment and the pool, Invalid (422) for too large parameters.
    """
    flow = flows.read(connection, wanted.flow_id)
    if known := _known(connection, flow.id, wanted.idempotency_key):
        return known, False
    parameters.check_size(wanted.parameters, what=_CREATING)
    if wanted.deployment_id is not None:
        deployments.read(connection, wanted.deployment_id)
    values = wanted.model_dump(
        exclude={"flow_id", "state", "work_pool_name", "work_queue_name", "infrastructure_document_id"}
    )
    values["job_variables"] = wanted.job_variables or {}
    values["labels"] = {"prefect.flow.id": str(flow.id), **(wanted.labels or {})}
    values["work_queue_id"] = pools.queue_named(connection, wanted.work_pool_name, wanted.work_queue_name)
    row = flow_runs.new_row(flow.id, values)
    return _start(connection, row, wanted.state or StateCreate(type=StateType.PENDING)), True


def of_task(connection: Connection, wanted: TaskRunCreate) -> tuple[TaskRun, bool]:
    """The task run of this flow run, task key and dynamic key, and whether it is new. Raises NotFound, Invalid."""
    values = wanted.model_dump(exclude={"state"})
    if wanted.flow_run_id is not None:
        parent = flow_runs.read(connection, wanted.flow_run_id)
        own = {"prefect.flow.id": str(parent.flow_id), "prefect.flow-run.id": str(parent.id)}
        values["labels"] = {**parent.labels, **own, **(wanted.labels or {})}
    run, is_new = task_runs.ensure(connection, values)
    if is_new:
        orchestration.propose_for_task(connection, run.id, wanted.state or StateCreate(type=StateType.PENDING))
    return (task_runs.read(connection, run.id) if is_new else run), is_new


def change(connection: Connection, flow_run_id: UUID, values: dict[str, Any]) -> None:
    """Change fields of the run.

    Raises NotFound, and Invalid for parameters that are too large (422) and for job variables (400) that come too late
    to be heeded.
    """
    known = flow_runs.read(connection, flow_run_id)
    parameters.check_size(values.get("parameters") or {}, what=_UPDATING)
    if values.get("job_variables") is not None:
        _check_job_variables(connection, known, values["job_variables"])
    flow_runs.change(connection, flow_run_id, values)


def _check_job_variables(connection: Connection, run: FlowRun, given: JsonObject) -> None:
    if run.state is None:
        raise Invalid(400, "Flow run state is required to update job variables but none exists")
    if run.state.type is not StateType.SCHEDULED:
        state = run.state.type.name
        raise Invalid(400, f"Job variables for a flow run in state {state} cannot be updated")
    if run.deployment_id is None:
        raise Invalid(400, "A deployment for the flow run could not be found")
    pool = deployments.read(connection, run.deployment_id).work_pool_name
    if pool is not None:
        template = work_pools.read(connection, pool).base_job_template
        job_variables.check(given, template, what=_UPDATING)


def _known(connection: Connection, flow_id: UUID, key: str | None) -> FlowRun | None:
    return flow_runs.find_by_key(connection, flow_id, key) if key is not None else None


def _queue(connection: Connection, deployment: Deployment, name: str | None) -> UUID | None:
    if name is None:
        return deployment.work_queue_id
    if deployment.work_pool_name is None:
        raise Invalid(400, f"The deployment has no work pool, so its run can't wait in the work queue {name!r}.")
    return work_pools.queue_for(connection, deployment.work_pool_name, name)


def _start(connection: Connection, row: dict[str, Any], state: StateCreate) -> FlowRun:
    if state.type is StateType.SCHEDULED and state.state_details.scheduled_time is None:
        details = StateDetails(**{**state.state_details.model_dump(), "scheduled_time": clock.now()})
        state = state.model_copy(update={"state_details": details})
    return orchestration.begin(connection, row, state)
