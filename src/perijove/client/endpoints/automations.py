"""Requests about automations."""

from uuid import UUID

from perijove.client.calls import Call, encode, endpoint, nothing, returns
from perijove.client.endpoints.requests import delete, get, patch, post, quoted
from perijove.schemas.automations import (
    Automation,
    AutomationCreate,
    AutomationPartialUpdate,
    AutomationQuery,
    AutomationUpdate,
)


class Automations:
    """Automations."""

    @endpoint
    def create_automation(self, automation: AutomationCreate) -> Call[Automation]:
        return Call("POST", "/automations/", returns(Automation), encode(automation, whole=True))

    @endpoint
    def update_automation(self, automation_id: UUID, automation: AutomationUpdate) -> Call[None]:
        return Call("PUT", f"/automations/{automation_id}", nothing, encode(automation, whole=True))

    @endpoint
    def read_automation(self, automation_id: UUID) -> Call[Automation]:
        return get(f"/automations/{automation_id}", Automation)

    @endpoint
    def read_automations(self, query: AutomationQuery) -> Call[list[Automation]]:
        return post("/automations/filter", query, list[Automation])

    @endpoint
    def read_resource_related_automations(self, resource_id: str) -> Call[list[Automation]]:
        return get(f"/automations/related-to/{quoted(resource_id)}", list[Automation])

    @endpoint
    def pause_automation(self, automation_id: UUID) -> Call[None]:
        return patch(f"/automations/{automation_id}", AutomationPartialUpdate(enabled=False))

    @endpoint
    def resume_automation(self, automation_id: UUID) -> Call[None]:
        return patch(f"/automations/{automation_id}", AutomationPartialUpdate(enabled=True))

    @endpoint
    def delete_automation(self, automation_id: UUID) -> Call[None]:
        return delete(f"/automations/{automation_id}")

    @endpoint
    def delete_resource_owned_automations(self, resource_id: str) -> Call[None]:
        return delete(f"/automations/owned-by/{quoted(resource_id)}")
