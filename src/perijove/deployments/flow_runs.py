"""``run_deployment``: trigger a run of a deployment from anywhere, and wait for it or not."""

import functools
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from perijove.client import SyncClient, Target
from perijove.deployments import names, secrets, subflows, waiting
from perijove.deployments.anywhere import anywhere, asynchronously
from perijove.deployments.conversation import Conversation
from perijove.deployments.parameters import check_names, jsonable
from perijove.deployments.run import Run
from perijove.errors import ApiError, ParameterError
from perijove.flows.steps import Steps, Work
from perijove.schemas.deployments import Deployment, DeploymentFlowRunCreate
from perijove.schemas.states import StateCreate, StateDetails, StateType

_known: dict[tuple[Target, str], tuple[Deployment, str]] = {}
"""Deployments of embedded servers, as they were when a run was last asked for by this name: who asks again needs not
read them again, for such a server refuses if they have been changed since."""


def _run_deployment(
    conversation: Conversation,
    name: str | UUID,
    parameters: Mapping[str, Any] | None = None,
    scheduled_time: datetime | None = None,
    flow_run_name: str | None = None,
    timeout: float | None = None,
    poll_interval: float = 5.0,
    tags: Iterable[str] | None = None,
    idempotency_key: str | None = None,
    as_subflow: bool = True,
    job_variables: Mapping[str, Any] | None = None,
) -> Steps[Run]:
    """Run a deployment, wait for the run to end, and return it as last read.

    ``run_deployment`` blocks, in scripts and in notebook cells; in an asynchronous flow it is to be awaited.
    ``arun_deployment`` is the same for any other asynchronous code. Interrupting stops the waiting, not the run, and
    says so (``waiting.Stopped``).

    - name: ``flow/deployment``, or the deployment's id.
    - parameters: what differs from the deployment's own.
    - scheduled_time: when the run shall start (a naive time is UTC); None: now.
    - timeout: seconds to wait; 0 returns at once, None waits without limit.
    - poll_interval: seconds between questions to a server that can't tell by itself when the run has ended.
    - tags: added to the deployment's own.
    - idempotency_key: the same key again gives the same run again.
    - as_subflow: when called in a flow, show the run as a part of that flow's run.
    - job_variables: what differs from the deployment's own.

    Raises ValueError for a negative timeout, NotFound for an unknown deployment, ParameterError or Invalid for
    parameters that the flow refuses, and ServerError when the server can't be asked. A run that fails raises nothing
    here: ``run.state`` tells, and ``run.result()`` raises.
    """
    if timeout is not None and timeout < 0:
        raise ValueError("A timeout is a number of seconds from 0 (don't wait), or None (wait without limit).")
    wanted = DeploymentFlowRunCreate(
        name=flow_run_name,
        parameters=jsonable(parameters or {}),
        tags=list(tags or ()),
        idempotency_key=idempotency_key,
        job_variables=jsonable(job_variables or {}),
    )
    start = functools.partial(_start, conversation, name, wanted, start=scheduled_time, as_subflow=as_subflow)
    run: Run | None = None
    try:
        run = yield Work(start)
        return (yield from Run.ending(conversation, run, timeout, poll_interval))
    except waiting.Stopped:
        raise
    except KeyboardInterrupt:
        raise (waiting.StoppedWaiting(run) if run else waiting.StoppedAsking(str(name))) from None


run_deployment = anywhere(_run_deployment, name="run_deployment")
arun_deployment = asynchronously(_run_deployment, name="arun_deployment")


def create_run(
    client: SyncClient,
    deployment: Deployment,
    full_name: str,
    wanted: DeploymentFlowRunCreate,
    *,
    start: datetime | None = None,
    as_of: str | None = None,
) -> Run:
    """Create the run that is wanted, at ``start`` (None: now), and return it without waiting.

    ``as_of``: the deployment's entity tag, where it was read before. Raises ParameterError, and ServerError.
    """
    if deployment.enforce_parameter_schema:
        check_names(wanted.parameters, deployment.parameter_openapi_schema, of=full_name)
    if start is not None:
        details = StateDetails.model_validate({"scheduled_time": start})
        wanted = wanted.model_copy(update={"state": StateCreate(type=StateType.SCHEDULED, state_details=details)})
    made = client.create_flow_run_from_deployment(deployment.id, wanted, as_of=as_of)
    return Run.of(made, client.target, full_name, secrets.names(deployment.parameter_openapi_schema))


def _start(
    conversation: Conversation,
    name: str | UUID,
    wanted: DeploymentFlowRunCreate,
    *,
    start: datetime | None,
    as_subflow: bool,
) -> Run:
    client = conversation.sync
    known = _known.get((client.target, str(name)))
    deployment, full_name = known or names.read(client, name)
    if as_subflow and (parent := subflows.link(full_name, wanted.parameters)):
        wanted.parent_task_run_id = parent
    if known:
        try:
            return create_run(client, deployment, full_name, wanted, start=start, as_of=deployment.entity_tag)
        except (ParameterError, ApiError):  # it may be what the deployment was that refuses, or it is gone
            _known.pop((client.target, str(name)), None)
            deployment, full_name = names.read(client, name)
    run = create_run(client, deployment, full_name, wanted, start=start)
    if client.target.kind == "embedded":
        _known[client.target, str(name)] = deployment, full_name
    return run
