"""What a run or a deployment belongs to, as the related resources of its events."""

import json
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from perijove.schemas.deployments import Deployment
from perijove.schemas.events import ID, NAME, ROLE, Resource
from perijove.schemas.runs import CreatedBy, FlowRun
from perijove.server.storage.database import driver_of
from perijove.server.storage.tables import task_runs

_CREATORS = {"AUTOMATION": "automation", "DEPLOYMENT": "deployment"}

# Every change of a run's state comes by here. On the driver itself it costs a fifth of SQLAlchemy's way.
_HOME = """
    SELECT flows.name, flows.tags, deployments.name, deployments.tags,
        work_queues.name, work_pools.id, work_pools.name, work_pools.type
    FROM flows
    LEFT JOIN deployments ON deployments.id = ?
    LEFT JOIN work_queues ON work_queues.id = ?
    LEFT JOIN work_pools ON work_pools.id = work_queues.work_pool_id
    WHERE flows.id = ?
"""


class _Home(NamedTuple):
    """Names, tags as JSON, and the pool's id as hexadecimal digits; None where there is no such thing."""

    flow: str
    flow_tags: str
    deployment: str | None
    deployment_tags: str | None
    queue: str | None
    pool_id: str
    pool: str
    pool_type: str


def to_flow_run(connection: Connection, run: FlowRun) -> list[Resource]:
    """The run's flow, deployment, queue, pool, the task run that it is a subflow of, its tags and its maker."""
    home = _home(connection, run.flow_id, run.deployment_id, run.work_queue_id)
    found = [_role("flow", run.flow_id, home.flow)]
    if home.deployment is not None:
        found.append(_role("deployment", run.deployment_id, home.deployment))
    found += _queue_and_pool(home, run.work_queue_id)
    if run.parent_task_run_id is not None:
        name = connection.scalar(select(task_runs.c.name).where(task_runs.c.id == run.parent_task_run_id))
        found.append(_role("task-run", run.parent_task_run_id, name or ""))
    tags = {*run.tags, *json.loads(home.flow_tags), *json.loads(home.deployment_tags or "[]")}
    return found + [{ID: f"prefect.tag.{tag}", ROLE: "tag"} for tag in sorted(tags)] + _creator(run.created_by)


def to_deployment(connection: Connection, deployment: Deployment) -> list[Resource]:
    """The deployment's flow, queue and pool."""
    home = _home(connection, deployment.flow_id, None, deployment.work_queue_id)
    return [_role("flow", deployment.flow_id, home.flow), *_queue_and_pool(home, deployment.work_queue_id)]


def _home(connection: Connection, flow_id: UUID, deployment_id: UUID | None, queue_id: UUID | None) -> _Home:
    ids = [each.hex if each else None for each in (deployment_id, queue_id, flow_id)]
    return _Home(*driver_of(connection).execute(_HOME, ids).fetchone())


def _queue_and_pool(home: _Home, queue_id: UUID | None) -> list[Resource]:
    if home.queue is None:
        return []
    pool = _role("work-pool", UUID(home.pool_id), home.pool)
    return [_role("work-queue", queue_id, home.queue), {**pool, "prefect.work-pool.type": home.pool_type}]


def _role(kind: str, thing: object, name: str) -> Resource:
    return {ID: f"prefect.{kind}.{thing}", ROLE: kind, NAME: name}


def _creator(created_by: CreatedBy | None) -> list[Resource]:
    """Who made a run, where that was an automation or a deployment."""
    kind = _CREATORS.get(created_by.type or "") if created_by else None
    if created_by is None or kind is None:
        return []
    return [{ID: f"prefect.{kind}.{created_by.id}", ROLE: "creator", NAME: created_by.display_value or ""}]
