"""What the running code may know of its run: ``runtime.flow_run.id``, ``runtime.deployment.name`` and the like.

Outside of a run every attribute is empty. ``PREFECT__RUNTIME__FLOW_RUN__NAME=x`` (and so on for each attribute of each
thing) makes it say something else, read as the attribute's type (lists and objects as JSON): Prefect's way for tests.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from perijove import clock
from perijove.flows import environment, runs
from perijove.flows.runs import LiveFlowRun
from perijove.schemas.deployments import Deployment
from perijove.schemas.runs import FlowRun

__all__ = ["deployment", "flow_run", "task_run"]

PATIENCE = 10.0
"""Seconds that an attribute which only the server knows may take."""

T = TypeVar("T")


class _Attribute(Generic[T]):
    """A property that the environment can override."""

    def __init__(self, read: Callable[[Any], T], convert: Callable[[str], Any]) -> None:
        self._read, self._convert, self.__doc__ = read, convert, read.__doc__

    def __get__(self, thing: Any, owner: "type[_Thing]") -> T:
        override = environment.runtime_override(owner.name_in_environment, self._read.__name__)
        value: T = self._read(thing) if override is None else self._convert(override)
        return value


def _attribute(convert: Callable[[str], Any]) -> Callable[[Callable[[Any], T]], _Attribute[T]]:
    """Make a method an attribute; ``convert`` reads the override's text."""
    return lambda read: _Attribute(read, convert)


class _Thing:
    """A bearer of attributes. One that it doesn't know may be made up by the environment all the same, as text."""

    name_in_environment: ClassVar[str]

    def __getattr__(self, name: str) -> str:
        override = environment.runtime_override(self.name_in_environment, name)
        if override is None:
            raise AttributeError(f"runtime.{self.name_in_environment} has no attribute {name!r}")
        return override


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


class _FlowRun(_Thing):
    """The flow run that the running code belongs to."""

    name_in_environment = "flow_run"

    @_attribute(str)
    def id(self) -> str | None:
        run = runs.current_flow_run()
        return str(run.id) if run else None

    @_attribute(str)
    def name(self) -> str | None:
        run = runs.current_flow_run()
        return run.name if run else None

    @_attribute(str)
    def flow_name(self) -> str | None:
        run = runs.current_flow_run()
        return run.definition.name if run else None

    @_attribute(str)
    def flow_version(self) -> str | None:
        run = runs.current_flow_run()
        return run.definition.version if run else None

    @_attribute(json.loads)
    def parameters(self) -> dict[str, Any]:
        run = runs.current_flow_run()
        return dict(run.parameters) if run else {}

    @_attribute(json.loads)
    def tags(self) -> list[str]:
        record = _record()
        return list(record.tags) if record else []

    @_attribute(_instant)
    def scheduled_start_time(self) -> datetime:
        """When the run was to begin; for one that nobody scheduled, and outside of a run, now."""
        record = _record()
        return (record.expected_start_time if record else None) or clock.now()

    @_attribute(int)
    def run_count(self) -> int:
        """How often the run was begun: 2 in its first retry."""
        run = runs.current_flow_run()
        return run.run_count if run else 0

    @_attribute(str)
    def parent_flow_run_id(self) -> str | None:
        run = runs.current_flow_run()
        return _parent(run) if run else None

    @_attribute(str)
    def parent_deployment_id(self) -> str | None:
        """The deployment that the parent's run is of."""
        run = runs.current_flow_run()
        parent_id = _parent(run) if run else None
        parent = _read_flow_run(parent_id) if parent_id else None
        return str(parent.deployment_id) if parent and parent.deployment_id else None

    @_attribute(str)
    def root_flow_run_id(self) -> str | None:
        """The run that stands at the top of the run's parents; the run itself where it has none."""
        run = runs.current_flow_run()
        if run is None:
            return None
        while run.parent:
            run = run.parent
        known, parent = str(run.id), _parent(run)
        while parent:
            known, record = parent, _read_flow_run(parent)
            parent = _parent_of(record) if record else None
        return known

    @_attribute(json.loads)
    def job_variables(self) -> dict[str, Any] | None:
        """What differs from the deployment's own job variables."""
        record = _record()
        return record.job_variables if record else None

    @_attribute(str)
    def api_url(self) -> str | None:
        """The API of the server that knows of the run."""
        return _api_url()

    @_attribute(str)
    def ui_url(self) -> str | None:
        """Where Prefect's own pages show the run; the embedded server has none."""
        run = runs.current_flow_run()
        return f"{pages}/runs/flow-run/{run.id}" if run and (pages := _pages()) else None


class _Deployment(_Thing):
    """The deployment that the run is of, or that its parent's run is of."""

    name_in_environment = "deployment"

    @_attribute(str)
    def id(self) -> str | None:
        record = _deployed_record()
        return str(record.deployment_id) if record else None

    @_attribute(str)
    def flow_run_id(self) -> str | None:
        record = _deployed_record()
        return str(record.id) if record else None

    @_attribute(json.loads)
    def parameters(self) -> dict[str, Any]:
        """What the deployed run was given, before it was coerced."""
        record = _deployed_record()
        return dict(record.parameters) if record else {}

    @_attribute(str)
    def name(self) -> str | None:
        deployment = _read_deployment()
        return deployment.name if deployment else None

    @_attribute(str)
    def version(self) -> str | None:
        deployment = _read_deployment()
        return deployment.version if deployment else None


class _TaskRun(_Thing):
    """The task run that the running code belongs to."""

    name_in_environment = "task_run"

    @_attribute(str)
    def id(self) -> str | None:
        run = runs.current_task_run()
        return str(run.id) if run else None

    @_attribute(str)
    def name(self) -> str | None:
        run = runs.current_task_run()
        return run.name if run else None

    @_attribute(str)
    def task_name(self) -> str | None:
        run = runs.current_task_run()
        return run.definition.name if run else None

    @_attribute(json.loads)
    def parameters(self) -> dict[str, Any]:
        run = runs.current_task_run()
        return dict(run.parameters) if run else {}

    @_attribute(json.loads)
    def tags(self) -> list[str]:
        run = runs.current_task_run()
        return sorted(run.definition.tags) if run else []

    @_attribute(int)
    def run_count(self) -> int:
        run = runs.current_task_run()
        return run.run_count if run else 0

    @_attribute(str)
    def api_url(self) -> str | None:
        """The API of the server that knows of the run."""
        return _api_url()

    @_attribute(str)
    def ui_url(self) -> str | None:
        """Where Prefect's own pages show the run; the embedded server has none."""
        run = runs.current_task_run()
        return f"{pages}/runs/task-run/{run.id}" if run and (pages := _pages()) else None


def _api_url() -> str | None:
    run = runs.current_flow_run()
    return run.reporter.target.api_url if run and run.reporter else None


def _pages() -> str | None:
    run = runs.current_flow_run()
    if run is None or run.reporter is None or run.reporter.target.kind == "embedded":
        return None
    return run.reporter.target.api_url.removesuffix("/api")


def _record() -> FlowRun | None:
    run = runs.current_flow_run()
    return run.record if run else None


def _deployed_record() -> FlowRun | None:
    run = _deployed_run()
    return run.record if run else None


def _deployed_run() -> LiveFlowRun | None:
    """The run itself or the nearest of its parents that is of a deployment."""
    run = runs.current_flow_run()
    while run and not (run.record and run.record.deployment_id):
        run = run.parent
    return run


def _read_deployment() -> Deployment | None:
    run = _deployed_run()
    if run is None or run.reporter is None or run.record is None or run.record.deployment_id is None:
        return None
    deployment_id = run.record.deployment_id
    return run.reporter.ask(lambda client: client.read_deployment(deployment_id)).result(PATIENCE)


def _parent(run: LiveFlowRun) -> str | None:
    """Known here for a subflow; for a deployed run that another flow started, the server knows."""
    if run.parent:
        return str(run.parent.id)
    return _parent_of(run.record) if run.record else None


def _parent_of(record: FlowRun) -> str | None:
    run, task_run_id = runs.current_flow_run(), record.parent_task_run_id
    if run is None or run.reporter is None or task_run_id is None:
        return None
    task_run = run.reporter.ask(lambda client: client.read_task_run(task_run_id)).result(PATIENCE)
    return str(task_run.flow_run_id) if task_run.flow_run_id else None


def _read_flow_run(flow_run_id: str) -> FlowRun | None:
    run = runs.current_flow_run()
    if run is None or run.reporter is None:
        return None
    return run.reporter.ask(lambda client: client.read_flow_run(UUID(flow_run_id))).result(PATIENCE)


flow_run = _FlowRun()
deployment = _Deployment()
task_run = _TaskRun()
