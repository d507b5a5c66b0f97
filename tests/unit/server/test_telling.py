"""What becomes of the things that clients keep is told, as Prefect's events."""

import pytest

from perijove.client import AsyncClient
from perijove.schemas.artifacts import ArtifactCreate
from perijove.schemas.concurrency import ConcurrencyLimitCreate, ConcurrencyLimitUpdate
from perijove.schemas.events import NAME, EventFilter, EventNameFilter, EventOrder, EventQuery, ReceivedEvent
from perijove.schemas.flows import FlowCreate, FlowUpdate
from perijove.schemas.variables import VariableCreate, VariableUpdate

pytestmark = pytest.mark.anyio


async def _told(client: AsyncClient, kind: str) -> list[ReceivedEvent]:
    asked = EventFilter(event=EventNameFilter(prefix=[f"prefect.{kind}."]), order=EventOrder.ASC)
    return (await client.read_events(EventQuery(filter=asked))).events


def _whats(told: list[ReceivedEvent]) -> list[str]:
    return [one.event.rpartition(".")[2] for one in told]


async def test_a_variable_a_limit_and_a_flow_are_told_with_their_values(client: AsyncClient) -> None:
    await client.create_variable(VariableCreate(name="a", value=1))
    await client.update_variable("a", VariableUpdate(name="b", value=2))
    await client.delete_variable_by_name("b")
    told = await _told(client, "variable")
    assert _whats(told) == ["created", "updated", "deleted"]
    assert (told[1].resource[NAME], told[1].payload) == ("b", {"name": "b", "value": 2, "tags": []})

    await client.create_global_concurrency_limit(ConcurrencyLimitCreate(name="l", limit=1))
    await client.update_global_concurrency_limit("l", ConcurrencyLimitUpdate(limit=2))
    assert [one.payload["limit"] for one in await _told(client, "concurrency-limit")] == [1, 2]

    flow = await client.create_flow(FlowCreate(name="report"))
    await client.create_flow(FlowCreate(name="report"))
    await client.update_flow(flow.id, FlowUpdate(tags=["x"]))
    await client.delete_flow(flow.id)
    assert _whats(await _told(client, "flow")) == ["created", "updated", "deleted"]


async def test_artifacts_of_one_key_are_told_as_one_thing(client: AsyncClient) -> None:
    first = await client.create_artifact(ArtifactCreate(key="found", type="markdown", data="# 1"))
    second = await client.create_artifact(ArtifactCreate(key="found", type="markdown", data="# 2"))
    await client.create_artifact(ArtifactCreate(data="of no key"))
    for one in (first, second):
        await client.delete_artifact(one.id)
    told = await _told(client, "artifact-collection")
    assert _whats(told) == ["created", "updated", "deleted"]
    assert len({one.resource["prefect.resource.id"] for one in told}) == 1
    assert told[1].payload["data"] == "# 2"
    assert [one["prefect.resource.role"] for one in told[1].related] == ["latest"]
