"""A storm of events fires a trigger once for each of them, though the server be killed in it."""

import time
from functools import partial
from uuid import uuid4

from perijove.client import SyncClient
from perijove.schemas.automations import AutomationCreate, DoNothing, EventTrigger
from perijove.schemas.events import Event, EventFilter, EventNameFilter, EventOrder, EventQuery

from . import stage

BATCH = 100


def weathered(number: int) -> float:
    """As many events, and a kill in the middle of them; the seconds until each has fired its trigger."""
    name = f"storm.{uuid4()}"
    action = DoNothing(type="do-nothing")
    wanted = AutomationCreate(name=name, trigger=EventTrigger(expect=[name]), actions=[action])
    automation = stage.patiently(lambda client: client.create_automation(wanted))
    start = time.monotonic()
    sent = [Event(event=name, resource={"prefect.resource.id": f"drop.{at}"}) for at in range(number)]
    for at in range(0, number, BATCH):
        stage.patiently(partial(_send, happened=sent[at : at + BATCH]))
        if at // BATCH == number // BATCH // 2:
            stage.kill_server()
    fired = EventFilter(event=EventNameFilter(name=["prefect.automation.triggered"]), order=EventOrder.ASC)
    stage.until(lambda: _total(fired) >= number, max(60.0, number / 50))
    took = time.monotonic() - start
    assert _total(fired) == number, "an event has fired twice"
    stage.patiently(lambda client: client.delete_automation(automation.id))
    return took


def _send(client: SyncClient, happened: list[Event]) -> None:
    client.create_events(happened)


def _total(asked: EventFilter) -> int:
    return stage.patiently(lambda client: client.read_events(EventQuery(filter=asked, limit=1))).total
