"""Make another server have what this one has, and tell what that took."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from perijove import recurrence
from perijove.client import SyncClient, Target
from perijove.deployments import policies
from perijove.deployments.apply import foreseen, rescheduled, send
from perijove.deployments.changes import Change, change_words, changes
from perijove.deployments.table import Shown, Table
from perijove.migration import inventory, wanted
from perijove.migration.inventory import Inventory
from perijove.pulling.storages import SET_WORKING_DIRECTORY
from perijove.schemas.automations import AutomationUpdate
from perijove.schemas.base import JsonObject, Stored
from perijove.schemas.deployments import Deployment
from perijove.schemas.flows import FlowCreate
from perijove.schemas.schedules import Catchup, Overlap
from perijove.schemas.work import WorkPoolUpdate, WorkQueueUpdate

NEW, CHANGED, SAME = "new", "changed", "as it is"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing, what becomes of it, and the details, a line each."""

    kind: str
    name: str
    outcome: str
    details: Sequence[str] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Migrated(Shown):
    """What was carried from one server to another; after a rehearsal, what would be."""

    items: Sequence[Item]
    source: Target
    destination: Target
    rehearsed: bool
    notes: Sequence[str]

    @property
    def different(self) -> list[Item]:
        """What is new or changed."""
        return [item for item in self.items if item.outcome != SAME]

    def table(self) -> Table:
        """One row a thing that is new or changed."""
        rows = [(each.kind, each.name, "\n".join((each.outcome, *each.details))) for each in self.different]
        same = len(self.items) - len(rows)
        left = [f"{same} more {'is' if same == 1 else 'are'} there as it is here."] if same and rows else []
        return Table(rows, ("what", "name", "there"), title=self._title(), notes=[*left, *self.notes])

    def _title(self) -> str:
        way = f"from {self.source} to {self.destination}"
        if not self.different:
            return f"There is nothing to carry {way}"
        return f"{'Would be' if self.rehearsed else 'Was'} carried {way}"


def migrate(source: SyncClient, destination: SyncClient, *, rehearse: bool = False) -> Migrated:
    """Have the destination know the source's work pools, deployments and automations; ``rehearse`` only tells.

    What is there already becomes as it is here; only a deployment's pause stays. Nothing is deleted, and the source is
    left as it is. Raises ServerError.
    """
    here, there = inventory.read(source), inventory.read(destination)
    items: list[Item] = []
    for carry in (_pools, _queues, _deployments, _automations):
        items += (carried := list(carry(_Way(here, there, destination, rehearse))))
        if not rehearse and any(each.outcome == NEW for each in carried):
            there = inventory.read(destination)  # the next one is to find what was made
    return Migrated(items, source.target, destination.target, rehearse, list(_notes(here, destination.target)))


@dataclass(frozen=True, slots=True)
class _Way:
    """What the source has, what the destination has, and the client that makes them alike, if it is to."""

    here: Inventory
    there: Inventory
    client: SyncClient
    rehearse: bool

    def do(self, call: Callable[..., object], *arguments: object) -> None:
        """Call, unless this is a rehearsal."""
        if not self.rehearse:
            call(*arguments)


def _pools(way: _Way) -> Iterator[Item]:
    for name, known in way.here.pools.items():
        before = way.there.pools.get(name)
        if before is None:
            way.do(way.client.create_work_pool, wanted.pool(known))
            yield Item("work pool", name, NEW)
        else:
            different = _different(before, known, wanted.POOL)
            if different:
                way.do(way.client.update_work_pool, name, WorkPoolUpdate(**different))
            yield Item("work pool", name, CHANGED if different else SAME, _words(before, different))


def _queues(way: _Way) -> Iterator[Item]:
    for (pool, name), known in way.here.queues.items():
        before = way.there.queues.get((pool, name))
        if before is None:
            way.do(way.client.create_work_queue, pool, wanted.queue(known))
            yield Item("work queue", f"{pool}/{name}", NEW)
        else:
            different = _different(before, known, wanted.QUEUE)
            if different:
                way.do(way.client.update_work_queue, before.id, WorkQueueUpdate(**different))
            yield Item("work queue", f"{pool}/{name}", CHANGED if different else SAME, _words(before, different))


def _deployments(way: _Way) -> Iterator[Item]:
    for name, known in way.here.deployments.items():
        before = way.there.deployments.get(name)
        if before is None:
            if not way.rehearse:
                flow = way.client.create_flow(FlowCreate(name=name.rpartition("/")[0]))
                way.client.create_deployment(wanted.deployment(known, flow.id, way.client.target))
            yield Item("deployment", name, NEW, [recurrence.describe(each.schedule) for each in known.schedules])
        else:
            yield _changed(way, name, before, known)


def _changed(way: _Way, name: str, before: Deployment, known: Deployment) -> Item:
    """The deployment with what is different; nothing is sent where nothing is, so that its runs stay planned."""
    wish = wanted.deployment(known, before.flow_id, way.client.target)
    fields = wish.model_dump(exclude={"name", "flow_id", "paused", "schedules"}, exclude_unset=True)
    fields |= rescheduled(before, wish.schedules)
    different = [change_words(each) for each in changes(before, foreseen(before, fields))]
    if different:
        way.do(send, way.client, before, fields)
    return Item("deployment", name, CHANGED if different else SAME, different)


def _automations(way: _Way) -> Iterator[Item]:
    words, their_words = way.here.words(), way.there.words()
    ids = {word: own for own, word in their_words.items()}
    own = {each: ids[word] for each, word in words.items() if word in ids}
    before = {wanted.place(each, their_words): each for each in way.there.automations}
    for known in way.here.automations:
        there = before.get(wanted.place(known, words))
        wish = wanted.automation(known, own)
        if there is None:
            way.do(way.client.create_automation, wanted.with_owner(wish, way.there.deployments))
            yield Item("automation", known.name, NEW)
        elif wanted.face(there, their_words) == wanted.face(known, words):
            yield Item("automation", known.name, SAME)
        else:
            changes = AutomationUpdate(**wish.model_dump(exclude={"owner_resource"}))
            way.do(way.client.update_automation, there.id, changes)
            yield Item("automation", known.name, CHANGED)


def _different(before: Stored, known: Stored, fields: Iterable[str]) -> JsonObject:
    """The fields in which the two are not alike, as they are to be."""
    return {name: getattr(known, name) for name in fields if getattr(known, name) != getattr(before, name)}


def _words(before: Stored, different: JsonObject) -> list[str]:
    return [change_words(Change(name, getattr(before, name), value)) for name, value in different.items()]


def _notes(here: Inventory, destination: Target) -> Iterator[str]:
    """What whoever carries should know."""
    schedules = [schedule for each in here.deployments.values() for schedule in each.schedules]
    ours = [each for each in schedules if (each.catchup, each.overlap) != (Catchup.LATEST, Overlap.ALLOW)]
    if ours and destination.kind != "embedded":
        yield policies.INSTEAD
    if any(SET_WORKING_DIRECTORY in step for each in here.deployments.values() for step in each.pull_steps or ()):
        yield "Deployments that work in a directory of this machine need workers that have it, too."
    if any(each.active for each in schedules):
        yield "Schedules that are active on both servers ask for runs on both: pause the deployments on one of them."
