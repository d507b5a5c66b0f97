"""Requests made up from the server's own OpenAPI document: whatever is sent, no answer is a server's error."""

import os
from collections.abc import Callable

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error

from perijove import embed

EXAMPLES = int(os.environ.get("PERIJOVE_EXAMPLES", "2"))
"""Requests made up for each route."""

_FEW = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES < 10,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.timeout(0 if EXAMPLES > 10 else 240)
def test_no_request_makes_the_server_fail(embedded: embed.EmbeddedServer) -> None:
    headers = {"Authorization": f"Bearer {embedded.token()}"}
    schema = schemathesis.openapi.from_url(f"{embedded.url}/openapi.json", headers=headers)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 150
    for operation in operations:
        _try(operation, lambda case: case.call_and_validate(headers=headers, checks=[not_a_server_error], timeout=70))


def _try(operation: schemathesis.APIOperation, call: Callable[[schemathesis.Case], object]) -> None:
    @_FEW
    @given(case=operation.as_strategy())
    def ask(case: schemathesis.Case) -> None:
        call(case)

    ask()
