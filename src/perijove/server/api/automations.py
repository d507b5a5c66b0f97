"""Routes of automations."""

from functools import partial
from uuid import UUID

from fastapi import APIRouter, status

from perijove.schemas.automations import (
    Automation,
    AutomationCreate,
    AutomationPartialUpdate,
    AutomationQuery,
    AutomationUpdate,
)
from perijove.server.api.backend import Injected
from perijove.server.services import automating
from perijove.server.storage import automations

router = APIRouter(prefix="/automations", tags=["automations"])


@router.post("/", status_code=status.HTTP_201_CREATED)
async def create_automation(automation: AutomationCreate, backend: Injected) -> Automation:
    return await backend.write(partial(automating.create, wanted=automation))


@router.post("/filter")
async def read_automations(query: AutomationQuery, backend: Injected) -> list[Automation]:
    return await backend.read(partial(automations.search, query=query))


@router.post("/count")
async def count_automations(backend: Injected, query: AutomationQuery | None = None) -> int:
    return await backend.read(partial(automations.count, query=query or AutomationQuery()))


@router.get("/{automation_id:uuid}")
async def read_automation(automation_id: UUID, backend: Injected) -> Automation:
    return await backend.read(partial(automations.read, automation_id=automation_id))


@router.put("/{automation_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def update_automation(automation_id: UUID, automation: AutomationUpdate, backend: Injected) -> None:
    """Make the automation what is given; its triggers count anew."""
    work = partial(automating.replace, automation_id=automation_id, wanted=automation)
    await backend.write(work)


@router.patch("/{automation_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def switch_automation(automation_id: UUID, changes: AutomationPartialUpdate, backend: Injected) -> None:
    """Put the automation in force, or out of it."""
    work = partial(automating.switch, automation_id=automation_id, changes=changes)
    await backend.write(work)


@router.delete("/{automation_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_automation(automation_id: UUID, backend: Injected) -> None:
    await backend.write(partial(automating.remove, automation_id=automation_id))


@router.get("/related-to/{resource_id}")
async def read_automations_related_to(resource_id: str, backend: Injected) -> list[Automation]:
    """The automations that belong to a resource, or act on it."""
    return await backend.read(partial(automating.related_to, resource_id=resource_id))


@router.delete("/owned-by/{resource_id}", status_code=status.HTTP_202_ACCEPTED)
async def delete_automations_owned_by(resource_id: str, backend: Injected) -> None:
    """Delete the automations that belong to a resource."""
    await backend.write(partial(automating.remove_owned, resource_id=resource_id))
