"""Blocks, over the wire as Prefect's clients use it."""

from typing import Any

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
