"""Filters of the wire as SQL conditions."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, exists, false, func, or_, select, true
from sqlalchemy import Text as SqlText

from perijove.schemas import filters as wire
from perijove.server.storage.tables import deployments, flow_runs, flows, logs, task_runs, work_pools, work_queues

Condition = ColumnElement[bool]

_DEFAULT_LIMIT = 200


def page(query: wire.Page) -> tuple[int, int]:
    """The query's limit and offset."""
    return _DEFAULT_LIMIT if query.limit is None else query.limit, query.offset or 0


def of_flows(query: wire.Query) -> Condition:
    """The flows that ``query`` asks for."""
    return and_(
        _fields(query.flows, flows),
        _linked(flows.c.id, deployments.c.flow_id, _fields(query.deployments, deployments), query.deployments),
        _linked(flows.c.id, flow_runs.c.flow_id, _flow_run(query.flow_runs), query.flow_runs),
    )


def of_deployments(query: wire.Query) -> Condition:
    """The deployments that ``query`` asks for."""
    return and_(
        _deployment(query.deployments),
        _linked(deployments.c.flow_id, flows.c.id, _fields(query.flows, flows), query.flows),
        _linked(deployments.c.id, flow_runs.c.deployment_id, _flow_run(query.flow_runs), query.flow_runs),
        _in_queues(deployments.c.work_queue_id, query),
    )


def of_flow_runs(query: wire.Query) -> Condition:
    """The flow runs that ``query`` asks for."""
    return and_(
        _flow_run(query.flow_runs),
        _linked(flow_runs.c.flow_id, flows.c.id, _fields(query.flows, flows), query.flows),
        _linked(flow_runs.c.deployment_id, deployments.c.id, _deployment(query.deployments), query.deployments),
        _linked(flow_runs.c.id, task_runs.c.flow_run_id, _fields(query.task_runs, task_runs), query.task_runs),
        _in_queues(flow_runs.c.work_queue_id, query),
    )


def of_task_runs(query: wire.Query) -> Condition:
    """The task runs that ``query`` asks for."""
    return and_(
        _fields(query.task_runs, task_runs),
        _linked(task_runs.c.flow_run_id, flow_runs.c.id, of_flow_runs_of_task_runs(query), query.flow_runs),
    )


def of_flow_runs_of_task_runs(query: wire.Query) -> Condition:
    """The flow runs whose task runs ``query`` asks for."""
    return _flow_run(query.flow_runs)


def of_work_pools(query: wire.WorkPoolQuery) -> Condition:
    """The work pools that ``query`` asks for."""
    return _fields(query.work_pools, work_pools)


def of_logs(query: wire.LogQuery) -> Condition:
    """The log lines that ``query`` asks for."""
    asked = query.logs
    if asked is None:
        return true()
    text = _criterion(logs.c.message, asked.text) if asked.text else true()
    return and_(_fields(asked.model_copy(update={"text": None}), logs), text)


def _deployment(asked: wire.DeploymentFilter | None) -> Condition:
    if asked is None:
        return true()
    either = asked.flow_or_deployment_name
    plain = _fields(asked.model_copy(update={"flow_or_deployment_name": None, "work_queue_name": None}), deployments)
    by_queue = _linked(
        deployments.c.work_queue_id,
        work_queues.c.id,
        _criterion(work_queues.c.name, asked.work_queue_name) if asked.work_queue_name else true(),
        asked.work_queue_name,
    )
    if either is None:
        return and_(plain, by_queue)
    flow_name = _linked(deployments.c.flow_id, flows.c.id, _criterion(flows.c.name, either), either)
    return and_(plain, by_queue, or_(_criterion(deployments.c.name, either), flow_name))


def _flow_run(asked: wire.FlowRunFilter | None) -> Condition:
    if asked is None:
        return true()
    odd = {"parent_flow_run_id": None, "work_queue_name": None}
    parents = asked.parent_flow_run_id
    return _combined(
        asked.operator,
        [
            _fields(asked.model_copy(update=odd), flow_runs),
            _linked(
                flow_runs.c.parent_task_run_id,
                task_runs.c.id,
                _criterion(task_runs.c.flow_run_id, parents) if parents else true(),
                parents,
            ),
            _linked(
                flow_runs.c.work_queue_id,
                work_queues.c.id,
                _criterion(work_queues.c.name, asked.work_queue_name) if asked.work_queue_name else true(),
                asked.work_queue_name,
            ),
        ],
    )


def _in_queues(queue_id: ColumnElement[Any], query: wire.Query) -> Condition:
    if query.work_pools is None and query.work_pool_queues is None:
        return true()
    pools = select(work_pools.c.id).where(_fields(query.work_pools, work_pools))
    queues = select(work_queues.c.id).where(
        work_queues.c.work_pool_id.in_(pools), _fields(query.work_pool_queues, work_queues)
    )
    return queue_id.in_(queues)


def _linked(
    column: ColumnElement[Any], other: ColumnElement[Any], condition: Condition, asked: object | None
) -> Condition:
    """The rows whose ``column`` is the ``other`` of a row for which ``condition`` holds; all, when nothing is asked."""
    return true() if asked is None else column.in_(select(other).where(condition))


def _fields(asked: wire.Filter | None, table: Table) -> Condition:
    if asked is None:
        return true()
    named = ((name, getattr(asked, name)) for name in type(asked).model_fields if name != "operator")
    return _combined(asked.operator, [_field(table, name, value) for name, value in named if value is not None])


def _field(table: Table, name: str, criterion: object) -> Condition:
    if isinstance(criterion, wire.StateFilter):
        parts = [
            _criterion(table.c.state_type, criterion.type) if criterion.type else None,
            _criterion(table.c.state_name, criterion.name) if criterion.name else None,
        ]
        return _combined(criterion.operator, [part for part in parts if part is not None])
    if name == "deployment":
        return true()
    return _criterion(table.c[name], criterion)


def _combined(operator: str, conditions: Iterable[Condition]) -> Condition:
    together = list(conditions)
    return (or_ if operator == "or_" and together else and_)(true() if operator == "and_" else false(), *together)


def _criterion(column: ColumnElement[Any], criterion: object) -> Condition:
    match criterion:
        case wire.Among():
            return and_(true(), *_among(column, criterion))
        case wire.Tags():
            return and_(true(), *_tags(column, criterion))
        case wire.Span():
            return and_(true(), *_span(column, criterion))
        case wire.Flag(eq_=bool() as wanted):
            return column.is_(wanted)
        case wire.Level():
            lowest = column >= criterion.ge_ if criterion.ge_ is not None else true()
            return and_(lowest, column <= criterion.le_ if criterion.le_ is not None else true())
    return true()


def _among(column: ColumnElement[Any], criterion: wire.Among[Any]) -> Iterable[Condition]:
    if criterion.any_ is not None:
        yield column.in_(criterion.any_)
    if criterion.not_any_ is not None:
        yield or_(column.is_(None), column.not_in(criterion.not_any_))
    if criterion.is_null_ is not None:
        yield column.is_(None) if criterion.is_null_ else column.is_not(None)
    if isinstance(criterion, wire.Text):
        if criterion.like_ is not None:
            yield column.icontains(criterion.like_, autoescape=True)
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
