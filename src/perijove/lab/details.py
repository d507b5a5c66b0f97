"""Routes of the pages of a deployment and a flow run: what these tell beside what the wire says."""

import asyncio

from perijove.deployments.automations import trigger_words
from perijove.errors import MissingResult
from perijove.flows import results
from perijove.lab.handlers import Handler, id_of, route
from perijove.schemas.states import State

LONGEST = 20_000
"""Characters of a result that a page shows."""


class TriggersHandler(Handler):
    """The automations that belong to a deployment or act on it, in words."""

    @route
    async def get(self, deployment_id: str) -> None:
        resource = f"prefect.deployment.{id_of(deployment_id)}"
        found = await self.connection.read_resource_related_automations(resource)
        self.answer(
            [
                {
                    "id": each.id,
                    "name": each.name,
                    "enabled": each.enabled,
                    "when": list(trigger_words(each.trigger)),
                    "actions": [action.type for action in (*each.actions, *each.actions_on_trigger)],
                }
                for each in found
            ]
        )


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
