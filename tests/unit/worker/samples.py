"""Runs and deployments as a server would answer them."""

from typing import Any
from uuid import uuid4

from perijove import clock
from perijove.client import Target
from perijove.schemas.deployments import Deployment
from perijove.schemas.runs import FlowRun
from perijove.worker.launch import Launch, job_of


def deployment(**fields: Any) -> Deployment:
    now = clock.now()
    return Deployment(id=uuid4(), created=now, updated=now, name="prod", flow_id=uuid4(), **fields)


def flow_run(**fields: Any) -> FlowRun:
    now = clock.now()
    return FlowRun(id=uuid4(), created=now, updated=now, name="able-otter", flow_id=uuid4(), **fields)


def launch(token: str = "secret", **fields: Any) -> Launch:
    run, deployed = flow_run(), deployment(**fields)
    target = Target("http://127.0.0.1:9/api", "remote", token)
    return Launch(flow_run=run, deployment=deployed, target=target, job=job_of(deployed, run))
