"""A search of text finds the same by the rules, in the database and in a stream."""

from datetime import UTC, datetime

import pytest

from perijove.client import AsyncClient
from perijove.schemas.events import Event, EventFilter, EventNameFilter, EventQuery
from perijove.schemas.filters import LogFilter, LogQuery
from perijove.schemas.logs import LogCreate
from perijove.schemas.text_search import TextSearch
from perijove.server.rules import log_matching, matching, text_search

pytestmark = pytest.mark.anyio
TEXTS = ["connection timeout in Berlin", "timeout of the connection", 'said "no" \\ once', "100% of all", ""]
SEARCHES = [
    ("TIMEOUT", [0, 1]),
    ("berlin all", [0, 3]),
    ('"connection timeout"', [0]),
    ("connection -berlin", [1]),
    ("!connection", [2, 3, 4]),
    ("+connection +berlin", [0]),
    ("timeout +all", []),
    ("0%", [3]),
    ("- timeout", [0, 1]),
    ("", [0, 1, 2, 3, 4]),
    (' "" ', [0, 1, 2, 3, 4]),
]


@pytest.mark.parametrize(("query", "found"), [*SEARCHES, ('"\\"no\\""', [2]), ('"no\\" \\\\ once', [2])])
async def test_log_lines_are_found_by_their_text(client: AsyncClient, query: str, found: list[int]) -> None:
    assert [number for number, text in enumerate(TEXTS) if text_search.is_found(TextSearch(query=query), text)] == found
    now, asked = datetime.now(UTC), LogFilter(text=TextSearch(query=query))
    await client.create_logs(
        [LogCreate(name="n", level=at, message=each, timestamp=now) for at, each in enumerate(TEXTS)]
    )
    stored = await client.read_logs(LogQuery())
    assert sorted(line.level for line in stored if log_matching.includes(asked, line)) == found
    assert sorted(line.level for line in await client.read_logs(LogQuery(logs=asked))) == found


@pytest.mark.parametrize(("query", "found"), SEARCHES)
async def test_events_are_found_by_what_is_in_them(client: AsyncClient, query: str, found: list[int]) -> None:
    happened = [
        Event(event=f"e.{at}", resource={"prefect.resource.id": "r", "x": each}) for at, each in enumerate(TEXTS)
    ]
    await client.create_events(happened)
    asked = EventFilter(event=EventNameFilter(prefix=["e."]), text=TextSearch(query=query))
    names = [f"e.{number}" for number in found]
    assert [one.event for one in happened if matching.includes(asked, one)] == names
    assert sorted(one.event for one in (await client.read_events(EventQuery(filter=asked))).events) == names
