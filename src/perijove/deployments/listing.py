"""What a server holds, as lists that show themselves: deployments, their schedules and their runs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from perijove import clock
from perijove.client import SyncClient
from perijove.deployments import names, secrets
from perijove.deployments.listed import Listed
from perijove.deployments.run import Run, took
from perijove.deployments.schedule import NamedSchedule, next_run, schedule_words
from perijove.deployments.table import Shown, Table
from perijove.deployments.words import as_words, did_you_mean, distance, moment
from perijove.errors import NotFound, UsageError
from perijove.schemas.deployments import Deployment
from perijove.schemas.filters import (
    Among,
    FlowRunFilter,
    FlowRunQuery,
    FlowRunSort,
    Span,
    StateFilter,
    Text,
)
from perijove.schemas.runs import FlowRun
from perijove.schemas.states import StateName, StateType


class NamedDeployment(Shown, Deployment):
    """A deployment that knows its flow's name."""

    flow_name: str

    @property
    def full_name(self) -> str:
        return f"{self.flow_name}/{self.name}"

    @property
    def next_run(self) -> datetime | None:
        """When its schedules next ask for a run; None while it is paused or has none."""
        return None if self.paused else next_run(self.schedules)

    def table(self) -> Table:
        """The deployment at a glance."""
        facts = {
            "description": self.description or "",
            "entrypoint": self.entrypoint or "",
            "version": self.version or "",
            "parameters": as_words(secrets.shown(self.parameters, self.parameter_openapi_schema)),
            "schedules": _all_words(self),
            "paused": "yes" if self.paused else "",
            "next run": moment(self.next_run) if self.next_run else "",
            "tags": ", ".join(self.tags),
            "work pool": "/".join(filter(None, (self.work_pool_name, self.work_queue_name))),
            "job variables": as_words(self.job_variables),
            "id": str(self.id),
        }
        return Table([(name, fact) for name, fact in facts.items() if fact], title=self.full_name)


class Deployments(Listed[NamedDeployment]):
    """Deployments, by name."""

    columns = ("deployment", "schedule", "next_run", "paused", "tags", "work_pool", "work_queue", "version", "id")

    @staticmethod
    def record(one: NamedDeployment) -> dict[str, Any]:
        place = {"work_pool": one.work_pool_name, "work_queue": one.work_queue_name}
        told = {"schedule": _all_words(one), "next_run": one.next_run, "paused": one.paused, "tags": one.tags}
        return {"deployment": one.full_name, **told, **place, "version": one.version, "id": str(one.id)}

    def table(self) -> Table:
        """One row a deployment."""
        if not self:
            return Table([], title="There are no deployments yet. %deploy, or perijove deploy, makes one.")
        now = clock.now()
        rows = [
            (each.full_name, _all_words(each), _when(each, now), ", ".join(each.tags), each.work_pool_name or "")
            for each in self
        ]
        return Table(rows, ("deployment", "schedule", "next run", "tags", "work pool"))


class Schedules(Listed[NamedSchedule]):
    """Schedules, by their deployments' names, each with the next instants at which it asks for a run."""

    columns = ("deployment", "schedule", "timezone", "active", "next_run", "parameters", "slug", "id")

    @staticmethod
    def record(one: NamedSchedule) -> dict[str, Any]:
        active = one.active and one.in_force
        shown = secrets.hidden(one.parameters, one.secret)
        due = {"active": active, "next_run": next(iter(one.upcoming(1)), None) if active else None}
        told = {"schedule": schedule_words(one), "timezone": one.schedule.timezone or "UTC", **due}
        return {"deployment": one.deployment, **told, "parameters": shown, "slug": one.slug, "id": str(one.id)}

    def table(self) -> Table:
        """One row a schedule; the instants in its timezone, and in this machine's where that differs."""
        if not self:
            return Table([], title="There are no schedules.")
        rows = [each.row() for each in self]
        columns = ("deployment", "schedule", "next runs", "here")
        shown = 4 if any(here != there for *_, there, here in rows) else 3
        return Table([row[:shown] for row in rows], columns[:shown])


class Runs(Listed[Run]):
    """Flow runs, the latest first."""

    columns = ("run", "deployment", "state", "due", "start", "end", "took", "parameters", "tags", "id")

    @staticmethod
    def record(one: Run) -> dict[str, Any]:
        took = one.end_time - one.start_time if one.start_time and one.end_time else None
        times = {"due": one.expected_start_time, "start": one.start_time, "end": one.end_time, "took": took}
        told = {"deployment": one.of_what, "state": one.state_name, **times}
        return {"run": one.name, **told, "parameters": one.shown_parameters, "tags": one.tags, "id": str(one.id)}

    def table(self) -> Table:
        """One row a run."""
        if not self:
            return Table([], title="There are no such runs.")
        now = clock.now()
        rows = [(run.name, run.of_what, run.state_name or "", _since(run, now), took(run), str(run.id)) for run in self]
        return Table(rows, ("run", "deployment", "state", "start", "took", "id"))


def deployment(client: SyncClient, name: str | UUID) -> NamedDeployment:
    """One deployment, by ``flow/deployment`` or its id. Raises NotFound."""
    found, full_name = names.read(client, name)
    return _named(found, full_name)


def deployments(client: SyncClient) -> Deployments:
    """All of the server's deployments."""
    return Deployments(_named(each, full_name) for full_name, each in names.read_all(client).items())


def schedules(client: SyncClient, name: str | None = None) -> Schedules:
    """The schedules of one deployment, or of all. Raises NotFound."""
    chosen = [deployment(client, name)] if name else deployments(client)
    return Schedules(
        NamedSchedule(
            deployment=each.full_name,
            in_force=not each.paused,
            secret=secrets.names(each.parameter_openapi_schema),
            **schedule.model_dump(),
        )
        for each in chosen
        for schedule in each.schedules
    )


def runs(client: SyncClient, name: str | None = None, *, state: str | None = None, limit: int = 10) -> Runs:
    """The latest runs of one deployment, or of all; ``state`` is a state's type or name.

    Runs that are due later count only where ``state`` asks for them. Raises NotFound, UsageError.
    """
    wanted = FlowRunFilter(state=state_filter(state)) if state else FlowRunFilter(expected_start_time=_until_now())
    if name:
        wanted.deployment_id = Among(any_=[names.read(client, name)[0].id])
    order = FlowRunSort.EXPECTED_START_TIME_DESC
    return _runs(client, FlowRunQuery(flow_runs=wanted, sort=order, limit=limit))


def run(client: SyncClient, name: str) -> Run:
    """One run, by its id or by its name (the latest of that name). Raises NotFound."""
    run_id = names.as_id(name)
    wanted = FlowRunFilter(id=Among(any_=[run_id])) if run_id else FlowRunFilter(name=Text(any_=[name]))
    found = _runs(client, FlowRunQuery(flow_runs=wanted, sort=FlowRunSort.EXPECTED_START_TIME_DESC, limit=1))
    if not found:
        raise NotFound(404, f"There is no flow run {name!r} on {client.target}. %runs, or flow-run ls, lists them.")
    return found[0]


def state_filter(word: str) -> StateFilter:
    """What chooses runs in a state, given by its type or its name in any case. Raises UsageError."""
    types = {each.value.casefold(): each for each in StateType}
    named = {each.value.casefold(): each.value for each in StateName}
    if (state_type := types.get(word.casefold())) is not None:
        return StateFilter(type=Among(any_=[state_type]))
    if (state_name := named.get(word.casefold())) is not None:
        return StateFilter(name=Among(any_=[state_name]))
    hint = did_you_mean(word.casefold(), [*types, *named]) or f" States are: {', '.join(types)}."
    raise UsageError(f"There is no state {word!r}.{hint}")


def _named(found: Deployment, full_name: str) -> NamedDeployment:
    """With its schedules in the order in which they were made: servers put what changed last first."""
    named = NamedDeployment(flow_name=full_name.removesuffix(f"/{found.name}"), **found.model_dump())
    named.schedules.sort(key=lambda schedule: schedule.created)
    return named


def _all_words(each: Deployment) -> str:
    return "\n".join(map(schedule_words, each.schedules))


def _when(each: NamedDeployment, now: datetime) -> str:
    if each.paused:
        return "paused"
    return distance(each.next_run, now) if each.next_run else ""


def _since(each: Run, now: datetime) -> str:
    start = each.start_time or each.expected_start_time
    return distance(start, now) if start else ""


def _until_now() -> Span:
    return Span(before_=clock.now())


def _runs(client: SyncClient, query: FlowRunQuery) -> Runs:
    found = client.read_flow_runs(query)
    known = {each.id: (full_name, each) for full_name, each in names.read_all(client).items()}
    flows = names.flow_names(client, {each.flow_id for each in found if each.deployment_id not in known})

    def run(each: FlowRun) -> Run:
        if each.deployment_id not in known:
            return Run.of(each, client.target, flows.get(each.flow_id, ""))
        full_name, of = known[each.deployment_id]
        return Run.of(each, client.target, full_name, secrets.names(of.parameter_openapi_schema))

    return Runs(map(run, found))
