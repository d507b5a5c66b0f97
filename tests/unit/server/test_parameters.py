"""What parameters may be: of the right kind, within bounds of size and of time, and filled in where they say so."""

import time

import pytest

from perijove.client import AsyncClient
from perijove.errors import Invalid
from perijove.schemas.deployments import Deployment, DeploymentCreate, DeploymentFlowRunCreate
from perijove.schemas.flows import FlowCreate
from perijove.schemas.runs import FlowRun
from perijove.schemas.variables import VariableCreate
from perijove.server.rules import parameters

pytestmark = pytest.mark.anyio
LETTERS = {"type": "object", "properties": {"x": {"pattern": r"^(a+)+$"}}}


async def _deployment(client: AsyncClient, **fields: object) -> Deployment:
    flow = await client.create_flow(FlowCreate(name="report"))
    return await client.create_deployment(DeploymentCreate(name="prod", flow_id=flow.id, **fields))


async def _run(client: AsyncClient, **given: object) -> FlowRun:
    deployment = await _deployment(client)
    return await client.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate(parameters=given))


def test_a_pattern_that_would_take_for_ever_takes_no_time() -> None:
    began = time.monotonic()
    with pytest.raises(Invalid, match="does not match"):
        parameters.check({"x": "a" * 60 + "!"}, LETTERS, what="run", whole=True)
    assert time.monotonic() - began < 1
    parameters.check({"x": "a" * 60}, LETTERS, what="run", whole=True)


@pytest.mark.parametrize("pattern", [r"(?=a)b", r"(a)\1"])
def test_a_pattern_that_has_no_bound_is_refused(pattern: str) -> None:
    with pytest.raises(Invalid, match="is not a 'regex'"):
        parameters.check({"x": "a"}, {"properties": {"x": {"pattern": pattern}}}, what="run", whole=True)


def test_a_schema_without_a_bottom_harms_nobody() -> None:
    parameters.check({"x": 1}, {"$ref": "#"}, what="run", whole=True)
    nested: dict[str, object] = {}
    for _ in range(500):
        nested = {"properties": {"x": nested}}
    with pytest.raises(Invalid, match="can't be used"):
        parameters.check({"x": 1}, nested, what="run", whole=True)


@pytest.mark.parametrize(
    ("schema", "given", "fits"),
    [
        ({"patternProperties": {"^n": {"type": "integer"}}}, {"n1": 1, "other": "x"}, True),
        ({"patternProperties": {"^n": {"type": "integer"}}}, {"n1": "one"}, False),
        ({"patternProperties": {"^n": {}}, "additionalProperties": False}, {"n1": 1}, True),
        ({"patternProperties": {"^n": {}}, "additionalProperties": False}, {"m": 1}, False),
        ({"properties": {"a": {}}, "additionalProperties": {"type": "integer"}}, {"a": "x", "b": 1}, True),
        ({"properties": {"a": {}}, "additionalProperties": {"type": "integer"}}, {"b": "x"}, False),
    ],
)
def test_names_are_matched_as_the_standard_says(
    schema: dict[str, object], given: dict[str, object], fits: bool
) -> None:
    if fits:
        parameters.check(given, schema, what="run", whole=True)
        return
    with pytest.raises(Invalid):
        parameters.check(given, schema, what="run", whole=True)


async def test_parameters_larger_than_half_a_mebibyte_are_refused_with_what_to_do_instead(client: AsyncClient) -> None:
    large = {"x": "a" * 600_000}
    with pytest.raises(Invalid, match="600,008 bytes .* Keep large data in a file"):
        await _deployment(client, parameters=large)
    with pytest.raises(Invalid, match="600,008 bytes"):
        await _run(client, **large)


async def test_parameters_that_stand_for_others_are_filled_in(client: AsyncClient) -> None:
    await client.create_variable(VariableCreate(name="limits", value={"top": 3}))
    run = await _run(
        client,
        a={"__prefect_kind": "json", "value": "[1, 2]"},
        b=[{"__prefect_kind": "workspace_variable", "variable_name": "limits"}],
        c={"__prefect_kind": "none", "value": "{{ as it is }}"},
        d={"plain": 1},
    )
    assert run.parameters == {"a": [1, 2], "b": [{"top": 3}], "c": "{{ as it is }}", "d": {"plain": 1}}


@pytest.mark.parametrize(
    "given",
    [
        {"__prefect_kind": "json", "value": "{"},
        {"__prefect_kind": "workspace_variable", "variable_name": "nothing"},
        {"__prefect_kind": "jinja", "template": "{% for i in range(9) %}{{ i }}{% endfor %}"},
    ],
)
async def test_parameters_that_stand_for_nothing_are_refused(client: AsyncClient, given: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        await _run(client, x=given)
    assert refused.value.status == 400
