"""Tagged tasks share the slots that a server's limits have for their tags."""

import threading
import time
from collections.abc import Iterator

import pytest

from perijove.client import SyncClient
from perijove.flows import flow, reporting, slots, task
from perijove.schemas.concurrency import TagLimitCreate


@pytest.fixture(autouse=True)
def _fresh_reporter(client: SyncClient) -> Iterator[None]:
    """What is left to report is delivered while the test's server is there."""
    yield
    reporting.close()
    slots._unlimited.clear()


class Count:
    """How many are inside at once, and the most that ever were."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.now = self.most = 0

    def __enter__(self) -> None:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.now -= 1


def _active(client: SyncClient) -> int:
    return client.read_global_concurrency_limit_by_name("tag:database").active_slots


def test_no_more_tasks_of_a_tag_run_at_once_than_its_limit_has_slots(client: SyncClient) -> None:
    client.create_concurrency_limit(TagLimitCreate(tag="database", concurrency_limit=2))
    inside = Count()
    held: list[int] = []

    @task(tags=["database", "other"])
    def query(number: int) -> int:
        with inside:
            held.append(_active(client))
            time.sleep(0.1)
            return number

    @flow
    def report() -> int:
        return sum(query.map(range(5)).result())

    assert report() == 10
    assert inside.most == 2
    assert max(held) == 2
    reporting.close()
    assert _active(client) == 0


def test_a_task_that_awaits_its_retry_holds_no_slot(client: SyncClient) -> None:
    client.create_concurrency_limit(TagLimitCreate(tag="database", concurrency_limit=1))
    tries: list[str] = []

    @task(tags=["database"], retries=1, retry_delay_seconds=1.5)
    def first() -> None:
        tries.append("first")
        if len(tries) == 1:
            raise ValueError("again")

    @task(tags=["database"])
    def second() -> None:
        tries.append("second")

    @flow
    def report() -> None:
        begun = first.submit()
        while not tries:
            time.sleep(0.01)
        second.submit().result()
        begun.result()

    report()
    assert tries == ["first", "second", "first"]


def test_tags_without_a_limit_are_asked_for_once(client: SyncClient) -> None:
    @task(tags=["free"])
    def query() -> None: ...

    @flow
    def report() -> None:
        for _ in range(50):
            query()

    report()
    assert list(slots._unlimited) == [(client.target.api_url, frozenset({"free"}))]
