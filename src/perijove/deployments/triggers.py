"""What sets a deployment off beside its schedules: triggers in Prefect's shape, or in a few words."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from pydantic import BaseModel, TypeAdapter, ValidationError

from perijove.client import SyncClient
from perijove.deployments import names
from perijove.deployments.words import did_you_mean
from perijove.errors import UsageError
from perijove.schemas.automations import AutomationCreate, RunDeployment, Trigger
from perijove.schemas.base import JsonObject
from perijove.schemas.events import ID
from perijove.schemas.states import StateName

_AFTER = re.compile(r"after\s+(?P<name>\S.*?/.*?)(?:\s+(?P<state>\w+))?\s*", re.IGNORECASE)
_WORDS = "'after FLOW/DEPLOYMENT Completed'"
_OF_AUTOMATION = ("name", "description", "enabled")
_OF_RUN = ("parameters", "job_variables", "schedule_after")
_SHAPE: TypeAdapter[Trigger] = TypeAdapter(Trigger)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentTrigger:
    """A trigger, and what is said of the automation and of the runs that it makes.

    ``after``: the full name of another deployment whose runs it looks at; its id is not known yet.
    """

    trigger: Trigger
    automation: Mapping[str, Any] = field(default_factory=dict)
    run: Mapping[str, Any] = field(default_factory=dict)
    after: str | None = None


def read(given: Iterable[object]) -> list[DeploymentTrigger]:
    """The triggers that a user gives: ``after FLOW/DEPLOYMENT [STATE]``, JSON, mappings or Prefect's own models.

    Raises UsageError for what is none.
    """
    return [_read(one) for one in given]


def settled(client: SyncClient, wanted: Sequence[DeploymentTrigger] | None) -> list[DeploymentTrigger] | None:
    """The triggers with the ids of the deployments that they name. Raises NotFound for one that isn't there."""
    return None if wanted is None else [_settled(client, one) for one in wanted]


def apply(client: SyncClient, wanted: Sequence[DeploymentTrigger], deployment_id: UUID, name: str) -> None:
    """Have the deployment set off by these triggers and no others that belong to it."""
    owner = f"prefect.deployment.{deployment_id}"
    client.delete_resource_owned_automations(owner)
    for number, one in enumerate(wanted, start=1):
        run = RunDeployment(deployment_id=deployment_id, **one.run)
        said = {"name": f"{name}__automation_{number}", **one.automation}
        client.create_automation(AutomationCreate(**said, trigger=one.trigger, actions=[run], owner_resource=owner))


def _read(given: object) -> DeploymentTrigger:
    if isinstance(given, DeploymentTrigger):
        return given
    if isinstance(given, BaseModel):
        return _from_json(given.model_dump(mode="json"))
    if isinstance(given, Mapping):
        return _from_json(dict(given))
    if isinstance(given, str) and given.lstrip().startswith("{"):
        try:
            return _from_json(json.loads(given))
        except (json.JSONDecodeError, RecursionError) as error:
            raise UsageError(f"The trigger {given!r} is no JSON: {error}.") from None
    if isinstance(given, str):
        return _from_words(given)
    raise UsageError(f"{given!r} is no trigger: write {_WORDS}, or one in Prefect's shape.")


def _from_words(words: str) -> DeploymentTrigger:
    found = _AFTER.fullmatch(words.strip())
    if found is None:
        raise UsageError(
            f"{words!r} is no trigger: write 'after FLOW/DEPLOYMENT Completed', or JSON in Prefect's shape."
        )
    state = _state(found["state"] or StateName.COMPLETED.value)
    return DeploymentTrigger(
        trigger=_SHAPE.validate_python({"type": "event", "expect": [f"prefect.flow-run.{state}"]}), after=found["name"]
    )


def _state(word: str) -> str:
    known = {each.value.casefold(): each.value for each in StateName}
    if word.casefold() not in known:
        raise UsageError(f"There is no state {word!r}.{did_you_mean(word.casefold(), list(known))}")
    return known[word.casefold()]


def _from_json(said: JsonObject) -> DeploymentTrigger:
    """Prefect's shape: a trigger's fields, its automation's and its runs' side by side; unsaid, its type is guessed."""
    given = {key: value for key, value in said.items() if value is not None}
    automation = {key: given.pop(key) for key in _OF_AUTOMATION if key in given}
    run = {key: given.pop(key) for key in _OF_RUN if key in given}
    try:
        trigger = _SHAPE.validate_python({"type": _type(given), **given})
        RunDeployment(deployment_id=UUID(int=0), **run)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in problem["loc"]) or "it"
        raise UsageError(f"The trigger can't be used: {place}: {problem['msg']}.") from None
    return DeploymentTrigger(trigger=trigger, automation=automation, run=run)


def _type(said: JsonObject) -> str:
    if "triggers" in said:
        return "compound" if "require" in said else "sequence"
    return "metric" if said.get("posture") == "Metric" else "event"


def _settled(client: SyncClient, wanted: DeploymentTrigger) -> DeploymentTrigger:
    if wanted.after is None:
        return wanted
    found, _ = names.read(client, wanted.after)
    match = {"match_related": {ID: f"prefect.deployment.{found.id}"}}
    return replace(wanted, trigger=wanted.trigger.model_copy(update=match), after=None)
