"""Parameters that are secrets are in no view."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pydantic import BaseModel, SecretStr

from perijove.deployments.secrets import HIDDEN, hidden, names, restored
from perijove.flows.parameters import parameter_schema
from perijove.schemas.runs import FlowRun

BEGAN = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Account(BaseModel):
    user: str
    word: SecretStr


def load(
    region: str, token: SecretStr, accounts: list[Account], spare: Account | None = None, top: int = 3
) -> None: ...


def _run(parameters: dict[str, Any]) -> FlowRun:
    return FlowRun(id=uuid4(), created=BEGAN, updated=BEGAN, name="n", flow_id=uuid4(), parameters=parameters)


def test_a_parameter_is_a_secret_if_it_holds_one_anywhere() -> None:
    assert names(parameter_schema(load)) == {"token", "accounts", "spare"}
    assert names(None) == frozenset()


def test_a_secret_is_hidden_and_comes_back_as_it_was_unless_it_is_changed() -> None:
    run = _run({"token": "s3cret", "region": "EU"})
    shown = hidden(run.parameters, frozenset({"token"}))
    assert shown == {"token": HIDDEN, "region": "EU"}
    assert run.parameters["token"] == "s3cret"
    assert restored({**shown, "region": "US"}, run) == {"token": "s3cret", "region": "US"}
    assert restored({"token": "another"}, run) == {"token": "another"}
