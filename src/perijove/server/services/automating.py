"""Create, change and delete automations."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection

from perijove.errors import Invalid
from perijove.schemas.automations import (
    Automation,
    AutomationCreate,
    AutomationPartialUpdate,
    AutomationUpdate,
    EventTrigger,
    RunDeployment,
    Trigger,
)
from perijove.server.rules import lifecycle, templates
from perijove.server.storage import automations, events, triggers


def create(connection: Connection, wanted: AutomationCreate) -> Automation:
    """A new automation. Events from now on concern it. Raises Invalid (422) for templates that can't be read."""
    made = automations.add(connection, {**_values(connection, wanted), "owner_resource": wanted.owner_resource})
    return _told(connection, automations.read(connection, made), "created")


def replace(connection: Connection, automation_id: UUID, wanted: AutomationUpdate) -> None:
    """Make the automation what is wanted; its triggers count anew. Raises NotFound, Invalid."""
    automations.change(connection, automation_id, _values(connection, wanted))
    triggers.forget(connection, automation_id)
    _told(connection, automations.read(connection, automation_id), "updated")


def switch(connection: Connection, automation_id: UUID, changes: AutomationPartialUpdate) -> None:
    """Put the automation in force or out of it; what happened meanwhile does not concern it. Raises NotFound."""
    values = {"enabled": changes.enabled, "since": events.last_position(connection)}
    automations.change(connection, automation_id, values)
    triggers.forget(connection, automation_id)
    _told(connection, automations.read(connection, automation_id), "updated")


def remove(connection: Connection, automation_id: UUID) -> None:
    """Delete the automation. Raises NotFound."""
    gone = automations.read(connection, automation_id)
    automations.remove(connection, automation_id)
    _told(connection, gone, "deleted")


def remove_owned(connection: Connection, resource_id: str) -> None:
    """Delete the automations that belong to a resource."""
    for each in automations.every(connection):
        if each.owner_resource == resource_id:
            remove(connection, each.id)


def related_to(connection: Connection, resource_id: str) -> list[Automation]:
    """The automations that belong to a resource, or act on it."""
    return [
        Automation.model_validate(each.model_dump())
        for each in automations.every(connection)
        if each.owner_resource == resource_id or resource_id in _targets(each)
    ]


def _targets(automation: Automation) -> set[str]:
    actions = (*automation.actions, *automation.actions_on_trigger, *automation.actions_on_resolve)
    kinds = ("deployment", "automation", "work_pool", "work_queue")
    return {
        f"prefect.{kind.replace('_', '-')}.{getattr(each, f'{kind}_id', None)}" for each in actions for kind in kinds
    }


def _values(connection: Connection, wanted: AutomationUpdate) -> dict[str, Any]:
    for action in (*wanted.actions, *wanted.actions_on_trigger, *wanted.actions_on_resolve):
        if isinstance(action, RunDeployment):
            try:
                templates.check(action.parameters)
            except templates.BadTemplate as error:
                raise Invalid(422, f"Invalid parameters: {error}") from None
    own = wanted.model_copy(update={"trigger": _with_own_ids(wanted.trigger)})
    values = own.model_dump(mode="json", exclude={"owner_resource"})
    return {**values, "since": events.last_position(connection)}


def _with_own_ids(trigger: Trigger) -> Trigger:
    """The trigger and its parts under ids that no other has: what they count is kept by them."""
    parts = () if isinstance(trigger, EventTrigger) else trigger.triggers
    own = [_with_own_ids(part) for part in parts]
    return trigger.model_copy(update={"id": uuid4(), **({"triggers": own} if own else {})})


def _told(connection: Connection, automation: Automation, what: str) -> Automation:
    payload = automation.model_dump(mode="json")
    event = lifecycle.changed("automation", automation.id, automation.name, what, payload=payload)
    events.record(connection, [event])
    return automation
