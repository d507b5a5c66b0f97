"""What a run shows of its work."""

import asyncio
import json

import pytest

from perijove.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    track,
    update_progress_artifact,
)
from perijove.client import SyncClient
from perijove.errors import UsageError
from perijove.flows import flow, reporting, runtime, task
from perijove.schemas.artifacts import ArtifactQuery
from perijove.schemas.events import ID, NAME, EventFilter, EventNameFilter, EventOrder, EventQuery


def test_artifacts_belong_to_their_run_and_hold_what_was_shown(client: SyncClient) -> None:
    @task
    def show() -> str | None:
        create_table_artifact([{"a": 1}, {"a": 2}], key="rows", description="All of them.")
        return runtime.task_run.id

    @flow
    def report() -> tuple[str | None, str | None]:
        create_link_artifact("https://example.org/x", "there", key="link")
        return runtime.flow_run.id, show()

    flow_run, task_run = report()
    table, link = client.read_latest_artifact("rows"), client.read_latest_artifact("link")
    assert (table.type, json.loads(table.data), table.description) == ("table", [{"a": 1}, {"a": 2}], "All of them.")
    assert (str(table.flow_run_id), str(table.task_run_id)) == (flow_run, task_run)
    assert (link.data, link.task_run_id) == ("[there](https://example.org/x)", None)


def test_a_tracked_loop_comes_to_its_end(client: SyncClient) -> None:
    @flow
    def looping() -> list[int]:
        return list(track([1, 2, 3], "Numbers", key="numbers"))

    assert looping() == [1, 2, 3]
    assert reporting.find()
    (shown,) = client.read_artifacts(ArtifactQuery())
    assert (shown.type, shown.data, shown.description) == ("progress", 100.0, "Numbers")


def test_what_is_shown_is_told_with_its_run(client: SyncClient) -> None:
    @flow
    def report() -> str | None:
        update_progress_artifact(create_progress_artifact(10, key="p"), 50)
        return runtime.flow_run.id

    flow_run = report()
    reporter = reporting.find()
    assert reporter
    assert reporter.flush(10)
    asked = EventFilter(event=EventNameFilter(prefix=["prefect.artifact."]), order=EventOrder.ASC)
    told = client.read_events(EventQuery(filter=asked)).events
    assert [each.event for each in told] == ["prefect.artifact.created", "prefect.artifact.updated"]
    assert [[one[ID] for one in each.related] for each in told] == [[f"prefect.flow-run.{flow_run}"]] * 2
    assert (told[0].resource[NAME], told[1].payload) == ("p", {"data": 50.0})


def test_an_artifact_may_be_awaited(client: SyncClient) -> None:
    @flow
    async def report() -> object:
        known = await create_progress_artifact(10, key="p")
        return await update_progress_artifact(known, 50, "half")

    assert asyncio.run(report()) == client.read_latest_artifact("p").id


def test_without_a_server_a_run_goes_on() -> None:
    @flow
    def report() -> int:
        create_markdown_artifact("# Hello")
        return sum(track(iter([1, 2])))

    assert report() == 3


def test_what_can_not_be_shown_is_refused() -> None:
    with pytest.raises(UsageError, match="small letters"):
        create_markdown_artifact("x", key="No Spaces")
    with pytest.raises(UsageError, match="0 to 100"):
        create_progress_artifact(101)
