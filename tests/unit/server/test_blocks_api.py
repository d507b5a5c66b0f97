"""Blocks, over the wire as Prefect's clients use it."""

from typing import Any
from uuid import UUID

import httpx2 as httpx
import pytest
from fastapi import FastAPI

pytestmark = pytest.mark.anyio
FIELDS = {"type": "object", "properties": {"value": {}}, "secret_fields": ["value"], "block_type_slug": "secret"}


class Wire:
    """Requests that must be answered as is said."""

    def __init__(self, api: FastAPI) -> None:
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(app=api), base_url="http://127.0.0.1/api")

    async def __call__(self, method: str, path: str, body: object = None, status: int = 200) -> Any:
        answer = await self._http.request(method, path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None


async def test_a_secret_is_shown_only_to_who_asks_for_it_and_stars_do_not_overwrite_it(api: FastAPI) -> None:
    wire = Wire(api)
    kind = await wire("POST", "/block_types/", {"name": "Secret", "slug": "secret"}, 201)
    schema = {"fields": FIELDS, "block_type_id": kind["id"]}
    made = await wire("POST", "/block_schemas/", schema, 201)
    again = await wire("POST", "/block_schemas/", schema, 200)
    assert made["id"] == again["id"]
    wanted = {"name": "password", "data": {"value": "hush"}, "block_schema_id": made["id"], "block_type_id": kind["id"]}
    block = await wire("POST", "/block_documents/", wanted, 201)
    assert block["data"] == {"value": "********"}
    await wire("PATCH", f"/block_documents/{block['id']}", {"data": {"value": "********"}}, 204)
    by_name = "/block_types/slug/secret/block_documents/name/password"
    assert (await wire("GET", f"{by_name}?include_secrets=true"))["data"] == {"value": "hush"}
    assert (await wire("GET", by_name))["data"] == {"value": "********"}
    assert await wire("POST", "/block_documents/count", {}) == 1
    await wire("DELETE", f"/block_types/{kind['id']}", status=204)
    await wire("GET", by_name, status=404)


async def test_the_checksum_of_a_schema_is_the_one_that_prefects_clients_reckon(api: FastAPI) -> None:
    wire = Wire(api)
    kind = await wire("POST", "/block_types/", {"name": "X", "slug": "x"}, 201)
    made = await wire("POST", "/block_schemas/", {"fields": {"a": 1}, "block_type_id": kind["id"]}, 201)
    # printf '[[{"a": 1}], {}]' | sha256sum
    assert made["checksum"] == "sha256:686906d736a598fdfa80d6828549a85fa8af192f26b0da5158b8db6042e622bd"
    assert (await wire("GET", f"/block_schemas/checksum/{made['checksum']}"))["id"] == made["id"]


async def _block(wire: Wire, slug: str, name: str, data: object, capabilities: tuple[str, ...] = ()) -> Any:
    """A block of a type of its own."""
    kind = await wire("POST", "/block_types/", {"name": slug, "slug": slug}, 201)
    said = {"fields": {"title": slug}, "block_type_id": kind["id"], "capabilities": capabilities}
    schema = await wire("POST", "/block_schemas/", said, 201)
    wanted = {"name": name, "data": data, "block_schema_id": schema["id"], "block_type_id": kind["id"]}
    return await wire("POST", "/block_documents/", wanted, 201)


async def test_a_block_shows_the_block_that_it_refers_to_as_long_as_that_is_there(api: FastAPI) -> None:
    wire = Wire(api)
    inner = await _block(wire, "inner", "in", {"x": 1})
    reference = {"$ref": {"block_document_id": inner["id"]}}
    outer = await _block(wire, "outer", "out", {"b": reference, "z": 2})
    assert outer["data"] == {"b": {"x": 1}, "z": 2}
    told = outer["block_document_references"]["b"]["block_document"]
    assert (told["id"], told["name"], told["block_type"]["slug"]) == (inner["id"], "in", "inner")
    await wire("DELETE", f"/block_documents/{inner['id']}", status=204)
    assert (await wire("GET", f"/block_documents/{outer['id']}"))["data"] == {"z": 2}
    assert len(await wire("POST", "/block_documents/filter", {})) == 1


@pytest.mark.parametrize(
    ("reference", "status"),
    [({}, 400), ({"block_document_id": "x"}, 400), ({"block_document_id": str(UUID(int=1))}, 409)],
)
async def test_a_reference_to_no_block_is_refused(api: FastAPI, reference: object, status: int) -> None:
    wire = Wire(api)
    block = await _block(wire, "a", "a", {"x": 1})
    await wire("PATCH", f"/block_documents/{block['id']}", {"data": {"x": {"$ref": reference}}}, status)


async def test_a_block_that_would_contain_itself_is_refused(api: FastAPI) -> None:
    wire = Wire(api)
    block = await _block(wire, "a", "a", {"x": 1})
    itself = {"data": {"x": {"$ref": {"block_document_id": block["id"]}}}}
    await wire("PATCH", f"/block_documents/{block['id']}", itself, 422)
    assert (await wire("GET", f"/block_documents/{block['id']}"))["data"] == {"x": 1}


async def test_blocks_and_their_types_are_found_by_what_their_schemas_can(api: FastAPI) -> None:
    wire = Wire(api)
    await _block(wire, "bird", "robin", {}, ("fly",))
    await _block(wire, "fish", "tench", {}, ("swim",))
    await _block(wire, "duck", "mallard", {}, ("swim", "fly"))
    query = {"block_schemas": {"block_capabilities": {"all_": ["fly"]}}}
    assert [one["slug"] for one in await wire("POST", "/block_types/filter", query)] == ["bird", "duck"]
    assert {one["name"] for one in await wire("POST", "/block_documents/filter", query)} == {"robin", "mallard"}


async def test_a_default_of_a_pools_variable_is_of_its_kind_and_may_be_what_a_block_holds(api: FastAPI) -> None:
    wire = Wire(api)
    block = await _block(wire, "settings", "all", {"image": "python"})

    async def pool(kind: str, default: object, status: int) -> Any:
        variables = {"properties": {"made": {"type": kind, "default": default}}}
        template = {"job_configuration": {"image": "{{ made }}"}, "variables": variables}
        wanted = {"name": f"{kind}-{status}", "base_job_template": template}
        return await wire("POST", "/work_pools/", wanted, status)

    held = {"$ref": {"block_document_id": block["id"]}}
    await pool("object", held, 201)
    assert "{'image': 'python'} is not of type 'string'" in (await pool("string", held, 422))["detail"]
    assert "7 is not of type 'string'" in (await pool("string", 7, 422))["detail"]
    assert (await pool("string", {"$ref": {"block_document_id": "none"}}, 404))["detail"] == "Block not found."
