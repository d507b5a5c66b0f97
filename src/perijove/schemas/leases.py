"""Leases of runs: who runs what, for as long as he is heard from. Ours, not Prefect's."""

from uuid import UUID

from pydantic import Field, model_validator

from perijove.schemas.base import Model, Request
from perijove.schemas.deployments import Deployment
from perijove.schemas.runs import FlowRun


class LeaseRequest(Request):
    """``holder`` takes what is due in a work pool (of these queues alone, if any is named) or of these deployments."""

    holder: UUID
    work_pool: str | None = None
    work_queues: list[str] = Field(default_factory=list, max_length=1000)
    deployment_ids: list[UUID] = Field(default_factory=list, max_length=1000)
    limit: int = Field(default=200, ge=1, le=200)

    @model_validator(mode="after")
    def _one_source(self) -> "LeaseRequest":
        if (self.work_pool is None) == (not self.deployment_ids):
            raise ValueError("name a work_pool or deployment_ids")
        return self


class LeaseRenewal(Request):
    """The holder still has these runs. What else was leased to him he never got, or does not want; ``is_leaving``: it
    is given back at once, for he asks for no more."""

    holder: UUID
    flow_run_ids: list[UUID] = Field(max_length=10_000)
    is_leaving: bool = False


class LeasedRun(Model):
    """A run that is its holder's now, and is Pending. ``deployment`` None: it is gone."""

    flow_run: FlowRun
    deployment: Deployment | None = None
