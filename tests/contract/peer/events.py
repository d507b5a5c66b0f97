"""Prefect's own clients of events and logs: emit, hear, and automate. Answers with what they saw."""

import asyncio
import json
import sys
from datetime import timedelta

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId
from prefect.events import Event, Resource
from prefect.events.actions import RunDeployment
from prefect.events.clients import get_events_client, get_events_subscriber
from prefect.events.filters import EventFilter, EventNameFilter
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.logging.clients import get_logs_subscriber


def _ping(number: int) -> Event:
    return Event(event="ping", resource=Resource({"prefect.resource.id": "thing.1"}), payload={"number": number})


async def _hear_pings(count: int) -> list[int]:
    """Those that were, and those that happen while it listens."""
    heard = []
    async with get_events_client() as sender:
        await sender.emit(_ping(0))
        asked = EventFilter(event=EventNameFilter(name=["ping"]))
        async with get_events_subscriber(filter=asked) as subscriber:
            async for event in subscriber:
                heard.append(event.payload["number"])
                if len(heard) == count:
                    return heard
                await sender.emit(_ping(len(heard)))
    return heard


async def _hear_line(flow_run_id: str) -> str:
    async with get_client() as client:
        asked = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[flow_run_id]))
        async with get_logs_subscriber(filter=asked) as subscriber:
            said = {"name": "a", "level": 20, "message": "it said so", "flow_run_id": flow_run_id}
            telling = asyncio.create_task(_tell(client, said))
            try:
                return (await anext(aiter(subscriber))).message
            finally:
                telling.cancel()


async def _tell(client, said) -> None:
    from prefect.client.schemas.actions import LogCreate
    from prefect.types._datetime import now

    while True:  # the stream is live only: whoever listens hears the next line
        await client.create_logs([LogCreate(**said, timestamp=now("UTC"))])
        await asyncio.sleep(0.2)


async def _automate(deployment_id: str) -> dict:
    trigger = EventTrigger(
        expect={"pong"}, match={"prefect.resource.id": "thing.*"}, posture=Posture.Reactive, threshold=1
    )
    action = RunDeployment(
        source="selected", deployment_id=deployment_id, parameters={"x": "{{ event.payload.number }}"},
        schedule_after=timedelta(seconds=0),
    )  # fmt: skip
    async with get_client() as client, get_events_client() as sender:
        made = await client.create_automation(AutomationCore(name="on-pong", trigger=trigger, actions=[action]))
        await sender.emit(
            Event(event="pong", resource=Resource({"prefect.resource.id": "thing.1"}), payload={"number": 7})
        )
        read = await client.read_automation(made)
        return {"id": str(made), "expect": sorted(read.trigger.expect), "within": read.trigger.within.total_seconds()}


async def main(given: dict) -> dict:
    async with asyncio.timeout(90):
        return {
            "pings": await _hear_pings(4),
            "line": await _hear_line(given["flow_run_id"]),
            "automation": await _automate(given["deployment_id"]),
        }


print(json.dumps(asyncio.run(main(json.load(sys.stdin)))))
