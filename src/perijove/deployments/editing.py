"""Change single things of a deployment that is there: its file and its flow stay as they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perijove.client import SyncClient
from perijove.deployments import define, listing, parameters, policies, triggers
from perijove.deployments.apply import foreseen, rescheduled, send
from perijove.deployments.changes import Change, change_words, changes
from perijove.deployments.define import Wishes
from perijove.deployments.listing import NamedDeployment
from perijove.deployments.table import Shown, Table
from perijove.errors import UsageError
from perijove.schemas.base import JsonObject
from perijove.schemas.deployments import Deployment


def is_said(word: object) -> bool:
    """Whether an option of this value was given."""
    return word is not None and word is not False and word != () and word != []


@dataclass(frozen=True, slots=True, repr=False)
class Edited(Shown):
    """A deployment that was changed; after a dry run, what would be changed."""

    name: str
    before: Deployment
    deployment: Deployment
    triggers: int | None = None
    dry_run: bool = False

    @property
    def changes(self) -> list[Change]:
        """What is different from before, field by field."""
        return list(changes(self.before, self.deployment))

    def table(self) -> Table:
        """The changes, a line each."""
        told = [change_words(each) for each in self.changes]
        told += [] if self.triggers is None else [f"triggers: {self.triggers}"]
        done = "would be changed (a dry run)" if self.dry_run else "is changed"
        rows = [("" if number else "changed", line) for number, line in enumerate(told)]
        return Table(rows, title=f"{self.name} {done}" if told else f"{self.name}: nothing changed")


def edit(client: SyncClient, name: str, said: Mapping[str, Any], *, dry_run: bool = False) -> Edited:
    """Change what the options say, by ``define.wish``'s names, and leave the rest.

    Parameters and job variables that are named are set beside those that are there; tags, schedules and triggers take
    the place of all. Raises UsageError where nothing is said, NotFound, ScheduleError, ParameterError, ServerError.
    """
    given = {option: word for option, word in said.items() if is_said(word)}
    if not given:
        raise UsageError("Say what is to change, such as --tag finance or --param top=5.")
    found = listing.deployment(client, name)
    schema = found.parameter_openapi_schema or {}
    wishes = define.wish(**given)
    policies.require(client.target, wishes.schedules)
    wishes = define.settle(wishes, flow_name=found.flow_name, parameter_schema=schema)
    fields = _fields(found, wishes, given)
    after = foreseen(found, fields) if dry_run else send(client, found, fields)
    wanted = triggers.settled(client, wishes.triggers)
    if wanted is not None and not dry_run:
        triggers.apply(client, wanted, found.id, found.name)
    return Edited(found.full_name, found, after, None if wanted is None else len(wanted), dry_run)


def _fields(found: NamedDeployment, wishes: Wishes, given: Mapping[str, Any]) -> JsonObject:
    """What to send: the options that were given, by the wire's names."""
    plain = {"description": wishes.description, "version": wishes.version, "paused": wishes.paused}
    fields: JsonObject = {name: word for name, word in plain.items() if name in given}
    if "tags" in given:
        fields["tags"] = list(dict.fromkeys(wishes.tags))
    if "params" in given:
        fields["parameters"] = {**found.parameters, **wishes.parameters}
        parameters.check(fields["parameters"], found.parameter_openapi_schema, of=found.full_name)
    if "job_variables" in given:
        fields["job_variables"] = {**found.job_variables, **wishes.job_variables}
    if {"pool", "queue"} & given.keys():
        fields["work_pool_name"] = wishes.work_pool or found.work_pool_name
        fields["work_queue_name"] = wishes.work_queue
    if wishes.schedules is not None:
        fields |= rescheduled(found, wishes.schedules)
    return {**fields, **define.limits(wishes.concurrency_limit)}
