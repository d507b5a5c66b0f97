"""Automations: what is done when something happens, or does not; as Prefect words them.

Metric triggers, webhooks and notifications are refused: nothing that an automation does leaves this server.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self, TypeVar
from uuid import UUID, uuid4

from pydantic import Field, field_validator, model_validator

from perijove.schemas.base import JsonObject, Model, Request, Stored
from perijove.schemas.filters import Among, Filter, Page, Span, Tags
from perijove.schemas.schedules import Seconds
from perijove.schemas.states import StateType

SHORTEST_PROACTIVE = timedelta(seconds=10)
"""The shortest time in which an absence can be noticed."""

MOST_PARTS = 20
"""Triggers that one trigger may be composed of."""

A = TypeVar("A", bound=Model)

Match = dict[str, str | list[str]]
"""What labels of a resource must be like; ``*`` stands for anything, and a leading ``!`` means the opposite."""


class Posture(StrEnum):
    """Whether a trigger fires at the presence of events, or at their absence."""

    REACTIVE = "Reactive"
    PROACTIVE = "Proactive"


class EventTrigger(Model):
    """Fires when ``threshold`` of the expected events happen ``within`` a time, or fewer of them where it is proactive.

    ``after``: only once one of these has happened. ``for_each``: labels (``related:ROLE:LABEL`` for a related
    resource's) for each value of which it is evaluated by itself.
    """

    type: Literal["event"] = "event"
    id: UUID = Field(default_factory=uuid4)
    match: Match = Field(default_factory=dict)
    match_related: Match | list[Match] = Field(default_factory=dict)
    after: list[str] = Field(default_factory=list)
    expect: list[str] = Field(default_factory=list)
    for_each: list[str] = Field(default_factory=list)
    posture: Posture = Posture.REACTIVE
    threshold: int = 1
    within: Seconds = Field(default=timedelta(0), ge=timedelta(0))

    @model_validator(mode="after")
    def _leave_time(self) -> Self:
        if self.posture is Posture.PROACTIVE and not self.within:
            self.within = SHORTEST_PROACTIVE
        if self.posture is Posture.PROACTIVE and self.within < SHORTEST_PROACTIVE:
            raise ValueError("`within` for Proactive triggers must be greater than or equal to 10 seconds")
        return self


class _Composite(Model):
    id: UUID = Field(default_factory=uuid4)
    triggers: "list[Trigger]" = Field(min_length=1, max_length=MOST_PARTS)
    within: Seconds | None = None


class CompoundTrigger(_Composite):
    """Fires when so many of its parts have fired within a time (None: whenever)."""

    type: Literal["compound"] = "compound"
    require: int | Literal["any", "all"] = "all"

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if isinstance(self.require, int) and not 1 <= self.require <= len(self.triggers):
            raise ValueError("require must be at least 1, and at most the number of triggers")
        return self


class SequenceTrigger(_Composite):
    """Fires when its parts have fired in their order within a time (None: whenever)."""

    type: Literal["sequence"] = "sequence"


Trigger = Annotated[EventTrigger | CompoundTrigger | SequenceTrigger, Field(discriminator="type")]


def _named_or_inferred(action: A, source: str, field: str) -> A:
    """The action; raises ValueError unless it names what it acts on exactly where that is not to be inferred."""
    if (source == "selected") is not (getattr(action, field) is not None):
        raise ValueError(f"{field} is {'required' if source == 'selected' else 'not allowed'}")
    return action


class DoNothing(Model):
    type: Literal["do-nothing"]


class _OnDeployment(Model):
    """``inferred``: the deployment that the event is about."""

    source: Literal["selected", "inferred"] = "selected"
    deployment_id: UUID | None = None

    @model_validator(mode="after")
    def _is_named_or_inferred(self) -> Self:
        return _named_or_inferred(self, self.source, "deployment_id")


class RunDeployment(_OnDeployment):
    """Texts in the parameters may be Jinja templates: ``{{ event.resource.name }}``, ``{{ flow_run.name }}``."""

    type: Literal["run-deployment"] = "run-deployment"
    parameters: JsonObject | None = None
    job_variables: JsonObject | None = None
    schedule_after: Seconds = Field(default=timedelta(0), ge=timedelta(0))


class PauseDeployment(_OnDeployment):
    type: Literal["pause-deployment"]


class ResumeDeployment(_OnDeployment):
    type: Literal["resume-deployment"]


class CancelFlowRun(Model):
    """Cancels the flow run that the event is about."""

    type: Literal["cancel-flow-run"]


class ChangeFlowRunState(Model):
    """Changes the state of the flow run that the event is about."""

    type: Literal["change-flow-run-state"]
    name: str | None = None
    state: StateType
    message: str | None = None
    force: bool = False


class SuspendFlowRun(Model):
    """Suspends the flow run that the event is about."""

    type: Literal["suspend-flow-run"]


class ResumeFlowRun(Model):
    """Lets the flow run that the event is about go on."""

    type: Literal["resume-flow-run"]


class DeleteFlowRun(Model):
    """Deletes the flow run that the event is about."""

    type: Literal["delete-flow-run"]


class _OnWorkPool(Model):
    """``inferred``: the work pool that the event is about."""

    source: Literal["selected", "inferred"] = "selected"
    work_pool_id: UUID | None = None

    @model_validator(mode="after")
    def _is_named_or_inferred(self) -> Self:
        return _named_or_inferred(self, self.source, "work_pool_id")


class PauseWorkPool(_OnWorkPool):
    type: Literal["pause-work-pool"]


class ResumeWorkPool(_OnWorkPool):
    type: Literal["resume-work-pool"]


class _OnWorkQueue(Model):
    """``inferred``: the work queue that the event is about."""

    source: Literal["selected", "inferred"] = "selected"
    work_queue_id: UUID | None = None

    @model_validator(mode="after")
    def _is_named_or_inferred(self) -> Self:
        return _named_or_inferred(self, self.source, "work_queue_id")


class PauseWorkQueue(_OnWorkQueue):
    type: Literal["pause-work-queue"]


class ResumeWorkQueue(_OnWorkQueue):
    type: Literal["resume-work-queue"]


class _OnAutomation(Model):
    """``inferred``: the automation that the event is about."""

    source: Literal["selected", "inferred"] = "selected"
    automation_id: UUID | None = None

    @model_validator(mode="after")
    def _is_named_or_inferred(self) -> Self:
        return _named_or_inferred(self, self.source, "automation_id")


class PauseAutomation(_OnAutomation):
    type: Literal["pause-automation"]


class ResumeAutomation(_OnAutomation):
    type: Literal["resume-automation"]


Action = Annotated[
    DoNothing
    | RunDeployment
    | PauseDeployment
    | ResumeDeployment
    | CancelFlowRun
    | ChangeFlowRunState
    | SuspendFlowRun
    | ResumeFlowRun
    | DeleteFlowRun
    | PauseWorkPool
    | ResumeWorkPool
    | PauseWorkQueue
    | ResumeWorkQueue
    | PauseAutomation
    | ResumeAutomation,
    Field(discriminator="type"),
]


class AutomationUpdate(Request):
    name: str = Field(min_length=1)
    description: str = ""
    enabled: bool = True
    tags: list[str] = Field(default_factory=list)
    trigger: Trigger
    actions: list[Action]
    actions_on_trigger: list[Action] = Field(default_factory=list)
    actions_on_resolve: list[Action] = Field(default_factory=list)

    @field_validator("description", mode="before")
    @classmethod
    def _none_is_empty(cls, value: Any) -> Any:
        return "" if value is None else value


class AutomationCreate(AutomationUpdate):
    """``owner_resource``: what it belongs to, such as ``prefect.deployment.ID``."""

    owner_resource: str | None = None


class AutomationPartialUpdate(Request):
    enabled: bool = True


class Automation(Stored):
    name: str
    description: str = ""
    enabled: bool = True
    tags: list[str] = Field(default_factory=list)
    trigger: Trigger
    actions: list[Action]
    actions_on_trigger: list[Action] = Field(default_factory=list)
    actions_on_resolve: list[Action] = Field(default_factory=list)


class AutomationFilter(Filter):
    id: Among[UUID] | None = None
    name: Among[str] | None = None
    created: Span | None = None
    tags: Tags | None = None


class AutomationSort(StrEnum):
    CREATED_DESC = "CREATED_DESC"
    UPDATED_DESC = "UPDATED_DESC"
    NAME_ASC = "NAME_ASC"
    NAME_DESC = "NAME_DESC"


class AutomationQuery(Page):
    automations: AutomationFilter | None = None
    sort: AutomationSort | None = None
