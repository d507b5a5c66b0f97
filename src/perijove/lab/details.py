"""Routes of the pages of a deployment and a flow run: what these tell beside what the wire says."""

import asyncio
import contextlib
import re
from uuid import UUID

from perijove.deployments import secrets
from perijove.deployments.automations import trigger_words
from perijove.errors import MissingResult, NotFound
from perijove.flows import results
from perijove.lab.handlers import Handler, id_of, route
from perijove.schemas.automations import Trigger
from perijove.schemas.states import State

_DEPLOYMENT = re.compile(r"prefect\.deployment\.([0-9a-f-]{36})")

LONGEST = 20_000
"""Characters of a result that a page shows."""


class TriggersHandler(Handler):
    """The automations that belong to a deployment or act on it, in words."""

    @route
    async def get(self, deployment_id: str) -> None:
        own_id = id_of(deployment_id)
        found = await self.connection.read_resource_related_automations(f"prefect.deployment.{own_id}")
        self.answer(
            [
                {
                    "id": each.id,
                    "name": each.name,
                    "enabled": each.enabled,
                    "when": list(trigger_words(each.trigger)),
                    "of": await self._named(each.trigger, own_id),
                    "actions": [action.type for action in (*each.actions, *each.actions_on_trigger)],
                }
                for each in found
            ]
        )

    async def _named(self, trigger: Trigger, own_id: UUID) -> list[str]:
        """The other deployments whose events it waits for, as ``flow/deployment``; those that are gone have no name."""
        names = []
        for other in sorted(set(_DEPLOYMENT.findall(trigger.model_dump_json())) - {str(own_id)}):
            with contextlib.suppress(NotFound):
                deployment = await self.connection.read_deployment(UUID(other))
                flow = await self.connection.read_flow(deployment.flow_id)
                names.append(f"{flow.name}/{deployment.name}")
        return names


class SecretsHandler(Handler):
    """A deployment's parameters that are secrets, which no page shows."""

    @route
    async def get(self, deployment_id: str) -> None:
        deployment = await self.connection.read_deployment(id_of(deployment_id))
        self.answer(sorted(secrets.names(deployment.parameter_openapi_schema)))


class ResultHandler(Handler):
    """What a flow run returned, as JSON text; ``told`` says why there is none. No pickle is ever read for it."""

    @route
    async def get(self, flow_run_id: str) -> None:
        flow_run = await self.connection.read_flow_run(id_of(flow_run_id))
        self.answer(await asyncio.to_thread(_result, flow_run.state))


def _result(state: State | None) -> dict[str, str | None]:
    if state is None:
        return {"text": None, "told": "The run has no state yet."}
    try:
        return {"text": results.as_text(state, LONGEST), "told": ""}
    except MissingResult as error:
        return {"text": None, "told": str(error)}
