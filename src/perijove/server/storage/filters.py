"""Filters of the wire as SQL conditions."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, exists, false, func, or_, select, true
from sqlalchemy import Text as SqlText

from perijove.errors import Invalid
from perijove.schemas import filters as wire
from perijove.schemas.artifacts import ArtifactQuery, KeyFilter
from perijove.schemas.automations import AutomationQuery
from perijove.schemas.blocks import BlockDocumentFilter, BlockQuery
from perijove.schemas.text_search import TextSearch
from perijove.schemas.variables import VariableQuery
from perijove.server.storage import text_search
from perijove.server.storage.tables import (
    artifacts,
    automations,
    block_documents,
    block_schemas,
    block_types,
    concurrency_limits,
    deployments,
    flow_runs,
    flows,
    logs,
    task_runs,
    variables,
    work_pools,
    work_queues,
)

Condition = ColumnElement[bool]

DEFAULT_LIMIT = 200
"""Things on a page, where nobody says how many, and at most."""


def page(query: wire.Page) -> tuple[int, int]:
    """The query's limit and offset; raises Invalid (422) for too large a page."""
    limit = DEFAULT_LIMIT if query.limit is None else query.limit
    if limit > DEFAULT_LIMIT:
        raise Invalid(422, f"Invalid limit: must be less than or equal to {DEFAULT_LIMIT}.")
    return limit, query.offset or 0


def of_flows(query: wire.Query) -> Condition:
    """The flows that ``query`` asks for."""
    of_deployment = (_deployment(query.deployments), _in_queues(deployments.c.work_queue_id, query))
    of_run = (_flow_run(query.flow_runs), _with_task_runs(query))
    return _all(
        _flow(query.flows),
        _linked(flows.c.id, deployments.c.flow_id, _both(*of_deployment)),
        _linked(flows.c.id, flow_runs.c.flow_id, _both(*of_run)),
    )


def of_deployments(query: wire.Query) -> Condition:
    """The deployments that ``query`` asks for."""
    return _all(
        _deployment(query.deployments),
        _linked(deployments.c.flow_id, flows.c.id, _flow(query.flows)),
        _linked(deployments.c.id, flow_runs.c.deployment_id, _both(_flow_run(query.flow_runs), _with_task_runs(query))),
        _in_queues(deployments.c.work_queue_id, query),
    )


def of_flow_runs(query: wire.Query) -> Condition:
    """The flow runs that ``query`` asks for."""
    return _all(_flow_runs_beyond(query), _with_task_runs(query))


def of_task_runs(query: wire.Query) -> Condition:
    """The task runs that ``query`` asks for."""
    return _all(
        _task_run(query.task_runs),
        _linked(task_runs.c.flow_run_id, flow_runs.c.id, _flow_runs_beyond(query)),
    )


def of_work_pools(query: wire.WorkPoolQuery) -> Condition:
    """The work pools that ``query`` asks for."""
    return _all(_fields(query.work_pools, work_pools))


def of_work_queues(query: wire.WorkQueueQuery) -> Condition:
    """The work queues that ``query`` asks for."""
    return _all(_fields(query.work_queues, work_queues))


def of_variables(query: VariableQuery) -> Condition:
    """The variables that ``query`` asks for."""
    return _all(_fields(query.variables, variables))


def of_automations(query: AutomationQuery) -> Condition:
    """The automations that ``query`` asks for."""
    return _all(_fields(query.automations, automations))


def of_artifacts(query: ArtifactQuery) -> Condition:
    """The artifacts that ``query`` asks for."""

    def latest(wanted: wire.Among[Any]) -> _Asked:
        return _criterion(artifacts.c.id, wanted)

    return _all(
        _fields(query.artifacts, artifacts, key=_artifact_key, latest_id=latest),
        _linked(artifacts.c.flow_run_id, flow_runs.c.id, _flow_runs_beyond(query)),
        _linked(artifacts.c.task_run_id, task_runs.c.id, _task_run(query.task_runs)),
    )


def of_block_types(query: BlockQuery) -> Condition:
    """The block types that ``query`` asks for."""
    return _all(
        _fields(query.block_types, block_types),
        _linked(block_types.c.id, block_schemas.c.block_type_id, _of_schemas(query)),
    )


def of_block_schemas(query: BlockQuery) -> Condition:
    """The block schemas that ``query`` asks for."""
    return _all(_of_schemas(query))


def of_block_documents(query: BlockQuery) -> Condition:
    """The blocks that ``query`` asks for; the nameless ones only where it says so."""
    asked = query.block_documents or BlockDocumentFilter()
    return _all(
        _fields(asked, block_documents),
        _linked(block_documents.c.block_type_id, block_types.c.id, _fields(query.block_types, block_types)),
        _linked(block_documents.c.block_schema_id, block_schemas.c.id, _of_schemas(query)),
    )


def of_logs(query: wire.LogQuery) -> Condition:
    """The log lines that ``query`` asks for."""

    def found(wanted: TextSearch) -> _Asked:
        return text_search.is_found(wanted, logs.c.message + " " + logs.c.name)

    return _all(_fields(query.logs, logs, text=found))


# A criterion that asks nothing is None here, so that it counts neither among those that must all hold nor among those
# of which one must.
_Asked = Condition | None
_Special = Callable[[Any], _Asked]


def _of_schemas(query: BlockQuery) -> _Asked:
    def able(wanted: wire.Tags) -> _Asked:
        return _criterion(block_schemas.c.capabilities, wanted)

    return _fields(query.block_schemas, block_schemas, block_capabilities=able)


def _all(*asked: _Asked) -> Condition:
    return and_(true(), *(one for one in asked if one is not None))


def _any(*asked: _Asked) -> Condition:
    return or_(false(), *(one for one in asked if one is not None))


def _both(*asked: _Asked) -> _Asked:
    """All that is asked; None where nothing is."""
    return _all(*asked) if any(one is not None for one in asked) else None


def _with_task_runs(query: wire.Query) -> _Asked:
    """The flow runs that have one of the task runs that ``query`` asks for."""
    return _linked(flow_runs.c.id, task_runs.c.flow_run_id, _task_run(query.task_runs))


def _flow_runs_beyond(query: wire.Query) -> _Asked:
    """The flow runs that ``query`` asks for by what they are and belong to, whatever task runs they have."""
    asked = (
        _flow_run(query.flow_runs),
        _linked(flow_runs.c.flow_id, flows.c.id, _flow(query.flows)),
        _linked(flow_runs.c.deployment_id, deployments.c.id, _deployment(query.deployments)),
        _in_queues(flow_runs.c.work_queue_id, query),
    )
    return _both(*asked)


def _flow(asked: wire.FlowFilter | None) -> _Asked:
    def deployed(wanted: wire.Among[Any]) -> _Asked:
        is_deployed = exists(select(deployments.c.id).where(deployments.c.flow_id == flows.c.id))
        return None if wanted.is_null_ is None else (~is_deployed if wanted.is_null_ else is_deployed)

    return _fields(asked, flows, deployment=deployed)


def _task_run(asked: wire.TaskRunFilter | None) -> _Asked:
    def subflow(wanted: wire.Exists) -> _Asked:
        child = exists(select(flow_runs.c.id).where(flow_runs.c.parent_task_run_id == task_runs.c.id))
        return None if wanted.exists_ is None else (child if wanted.exists_ else ~child)

    return _fields(asked, task_runs, subflow_runs=subflow)


def _deployment(asked: wire.DeploymentFilter | None) -> _Asked:
    def either(wanted: wire.Text) -> Condition:
        of_flow = _linked(deployments.c.flow_id, flows.c.id, _criterion(flows.c.name, wanted))
        return _any(_criterion(deployments.c.name, wanted), of_flow)

    def limited(wanted: wire.Level) -> _Asked:
        if wanted.is_null_ is not None:
            column = deployments.c.concurrency_limit_id
            return column.is_(None) if wanted.is_null_ else column.is_not(None)
        within = _criterion(concurrency_limits.c.limit, wanted)
        return _linked(deployments.c.concurrency_limit_id, concurrency_limits.c.id, within)

    queue = partial(_of_queue, deployments.c.work_queue_id)
    special: dict[str, _Special] = {
        "flow_or_deployment_name": either,
        "work_queue_name": queue,
        "concurrency_limit": limited,
    }
    return _fields(asked, deployments, **special)


def _flow_run(asked: wire.FlowRunFilter | None) -> _Asked:
    def child(wanted: wire.Among[Any]) -> _Asked:
        return _linked(flow_runs.c.parent_task_run_id, task_runs.c.id, _criterion(task_runs.c.flow_run_id, wanted))

    queue = partial(_of_queue, flow_runs.c.work_queue_id)
    return _fields(asked, flow_runs, parent_flow_run_id=child, work_queue_name=queue, created_by=_made_by)


def _made_by(wanted: wire.CreatedByFilter) -> _Asked:
    maker = flow_runs.c.created_by
    asked: list[Condition] = []
    if wanted.id_ is not None:
        asked.append(func.json_extract(maker, "$.id", type_=SqlText).in_([str(one) for one in wanted.id_]))
    if wanted.type_ is not None:
        asked.append(func.json_extract(maker, "$.type", type_=SqlText).in_(wanted.type_))
    if wanted.is_null_ is not None:
        asked.append(maker.is_(None) if wanted.is_null_ else maker.is_not(None))
    if not asked:
        return None
    return _any(*asked) if wanted.operator == "or_" else _all(*asked)


def _artifact_key(wanted: KeyFilter) -> _Asked:
    key = artifacts.c.key
    exist = None if wanted.exists_ is None else (key.is_not(None) if wanted.exists_ else key.is_(None))
    like = _criterion(key, wanted)
    return None if exist is None and like is None else _all(exist, like)


def _of_queue(queue_id: ColumnElement[Any], wanted: wire.Text) -> _Asked:
    return _linked(queue_id, work_queues.c.id, _criterion(work_queues.c.name, wanted))


def _in_queues(queue_id: ColumnElement[Any], query: wire.Query) -> _Asked:
    asked = (
        _linked(work_queues.c.work_pool_id, work_pools.c.id, _fields(query.work_pools, work_pools)),
        _fields(query.work_pool_queues, work_queues),
        _fields(query.work_queues, work_queues),
    )
    return _linked(queue_id, work_queues.c.id, _both(*asked))


def _linked(column: ColumnElement[Any], other: ColumnElement[Any], condition: _Asked) -> _Asked:
    """The rows whose ``column`` is the ``other`` of a row for which ``condition`` holds."""
    return None if condition is None else column.in_(select(other).where(condition))


def _fields(asked: wire.Filter | None, table: Table, **special: _Special) -> _Asked:
    """The filter's fields, each on the column of its name or by a function of its own; None when it has none."""
    if asked is None:
        return None
    given = {name: value for name in type(asked).model_fields if (value := getattr(asked, name)) is not None}
    del given["operator"]
    conditions = [
        special[name](value) if name in special else _field(table, name, value) for name, value in given.items()
    ]
    if not any(one is not None for one in conditions):
        return None
    return _any(*conditions) if asked.operator == "or_" else _all(*conditions)


def _field(table: Table, name: str, criterion: object) -> _Asked:
    if not isinstance(criterion, wire.StateFilter):
        return _criterion(table.c[name], criterion)
    parts = [
        _criterion(table.c.state_type, criterion.type) if criterion.type else None,
        _criterion(table.c.state_name, criterion.name) if criterion.name else None,
    ]
    if not any(one is not None for one in parts):
        return None
    return _any(*parts) if criterion.operator == "or_" else _all(*parts)


def _criterion(column: ColumnElement[Any], criterion: object) -> _Asked:
    asked = list(_conditions(column, criterion))
    if not asked:
        return None
    return _any(*asked) if isinstance(criterion, wire.Tags) and criterion.operator == "or_" else _all(*asked)


def _conditions(column: ColumnElement[Any], criterion: object) -> Iterable[Condition]:
    match criterion:
        case wire.Among():
            yield from _among(column, criterion)
        case wire.Tags():
            yield from _tags(column, criterion)
        case wire.Span():
            yield from _span(column, criterion)
        case wire.Flag(eq_=bool() as wanted):
            yield column.is_(wanted)
        case wire.Level():
            if criterion.ge_ is not None:
                yield column >= criterion.ge_
            if criterion.le_ is not None:
                yield column <= criterion.le_
            if criterion.is_null_ is not None:
                yield column.is_(None) if criterion.is_null_ else column.is_not(None)


def _among(column: ColumnElement[Any], criterion: wire.Among[Any]) -> Iterable[Condition]:
    if criterion.any_ is not None:
        yield column.in_(criterion.any_)
    if criterion.not_any_ is not None:
        yield column.not_in(criterion.not_any_)
    if criterion.is_null_ is not None:
        yield column.is_(None) if criterion.is_null_ else column.is_not(None)
    if isinstance(criterion, wire.Text):
        if criterion.like_ is not None:
            yield column.ilike(f"%{criterion.like_}%")
        if criterion.startswith_ is not None:
            yield or_(false(), *(column.startswith(start, autoescape=True) for start in criterion.startswith_))


def _tags(column: ColumnElement[Any], criterion: wire.Tags) -> Iterable[Condition]:
    each = func.json_each(column.cast(SqlText)).table_valued("value")
    for tag in criterion.all_ or ():
        yield exists(select(each.c.value).where(each.c.value == tag))
    if criterion.any_ is not None:
        yield exists(select(each.c.value).where(each.c.value.in_(criterion.any_)))
    if criterion.is_null_ is not None:
        empty = func.json_array_length(column.cast(SqlText)) == 0
        yield empty if criterion.is_null_ else ~empty


def _span(column: ColumnElement[Any], criterion: wire.Span) -> Iterable[Condition]:
    if (earliest := criterion.after_ or criterion.start_) is not None:
        yield column >= earliest
    if (latest := criterion.before_ or criterion.end_) is not None:
        yield column <= latest
    if criterion.is_null_ is not None:
        yield column.is_(None) if criterion.is_null_ else column.is_not(None)
