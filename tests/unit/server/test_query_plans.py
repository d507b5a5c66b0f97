"""No question that is asked often looks through all finished runs: SQLite's own plan of each says so."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, text

from perijove.schemas.filters import (
    Among,
    DeploymentQuery,
    FlowRunFilter,
    FlowRunQuery,
    FlowRunSort,
    LogFilter,
    LogQuery,
    StateFilter,
)
from perijove.schemas.states import StateType
from perijove.server.storage import deployments, flow_runs, logs, task_runs

NOW = datetime(2026, 3, 1, tzinfo=UTC)
GROWS = re.compile(r"\bSCAN (flow_runs|flow_run_states|task_runs|task_run_states|logs)\b(?! USING (COVERING )?INDEX)")


def _sorted(sort: FlowRunSort, **fields: Any) -> FlowRunQuery:
    return FlowRunQuery(sort=sort, flow_runs=FlowRunFilter(**fields), limit=20)


QUESTIONS = {
    "the newest runs": lambda c: flow_runs.search(c, _sorted(FlowRunSort.START_TIME_DESC)),
    "the last that ended": lambda c: flow_runs.search(c, _sorted(FlowRunSort.END_TIME_DESC)),
    "the next": lambda c: flow_runs.search(c, _sorted(FlowRunSort.EXPECTED_START_TIME_ASC)),
    "of a deployment": lambda c: flow_runs.search(
        c, _sorted(FlowRunSort.EXPECTED_START_TIME_DESC, deployment_id=Among(any_=[uuid4()]))
    ),
    "those that run": lambda c: flow_runs.count(
        c, FlowRunQuery(flow_runs=FlowRunFilter(state=StateFilter(type=Among(any_=[StateType.RUNNING]))))
    ),
    "one run": lambda c: flow_runs.existing(c, [uuid4()]),
    "by its key": lambda c: flow_runs.find_by_key(c, uuid4(), "k"),
    "due": lambda c: flow_runs.due(c, [uuid4()], before=NOW, after=None, limit=10),
    "next due": lambda c: flow_runs.next_due(c, [uuid4()], after=NOW),
    "due of deployments": lambda c: flow_runs.due_of_deployments(c, [uuid4()], before=NOW, limit=10),
    "late": lambda c: flow_runs.overdue(c, NOW),
    "waiting": lambda c: flow_runs.first_waiting(c),
    "waiting for a slot": lambda c: flow_runs.awaiting_slots(c),
    "under way": lambda c: flow_runs.under_way(c, uuid4(), uuid4()),
    "unleased": lambda c: flow_runs.unleased(c, NOW),
    "lease holders": lambda c: flow_runs.lease_holders(c),
    "leased": lambda c: flow_runs.leased(c, uuid4()),
    "missed": lambda c: flow_runs.remove_missed(
        c, uuid4(), "slot", since=NOW, until=NOW + timedelta(hours=1), keep=[NOW]
    ),
    "scheduled": lambda c: flow_runs.remove_scheduled(c, uuid4()),
    "deployments": lambda c: deployments.search(c, DeploymentQuery(limit=20)),
    "refill": lambda c: deployments.to_refill(c, NOW, 100),
    "log": lambda c: logs.search(c, LogQuery(logs=LogFilter(flow_run_id=Among(any_=[uuid4()])))),
    "last line": lambda c: logs.last_of(c, uuid4()),
    "last task": lambda c: task_runs.last_of(c, uuid4()),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_looks_through_all_that_is_over(connection: Connection, question: str) -> None:
    asked: list[str] = []
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.set_trace_callback(asked.append)
    QUESTIONS[question](connection)
    driver.set_trace_callback(None)
    plans = [
        row[3]
        for statement in asked
        if statement.lstrip().startswith(("SELECT", "DELETE", "UPDATE"))
        for row in connection.execute(text("EXPLAIN QUERY PLAN " + statement.replace(":", r"\:")))
    ]
    assert plans
    assert [plan for plan in plans if GROWS.search(plan)] == []
