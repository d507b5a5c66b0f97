"""What a client asks before anything else: who is there, and in which version."""

import re
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException

from perijove.schemas.base import JsonObject
from perijove.server.local_pool import LOCAL_POOL

PREFECT_VERSION = "3.8.8"
API_VERSION = "0.8.4"

router = APIRouter(tags=["admin"])
_CLIENT = re.compile(r"\bprefect/(\d+\.\d+\.\d+)")


@router.get("/admin/version")
async def read_version(user_agent: Annotated[str, Header()] = "") -> str:
    """The version of Prefect that this server speaks as: the asking client's own, so that it finds no fault."""
    asked = _CLIENT.search(user_agent)
    return asked[1] if asked else PREFECT_VERSION


@router.get("/version")
async def read_api_version() -> str:
    """The version of the REST API."""
    return API_VERSION


@router.get("/admin/storage")
async def read_result_storage() -> dict[str, None]:
    """Where results are kept by default: nowhere in particular."""
    return {"default_result_storage_block_id": None}


@router.get("/collections/views/aggregate-worker-metadata")
async def read_worker_metadata() -> JsonObject:
    """The kinds of worker that this server knows of: those that run processes, with the template of its own pool."""
    process = {
        "type": LOCAL_POOL.type,
        "display_name": "Process",
        "description": LOCAL_POOL.description,
        "default_base_job_configuration": LOCAL_POOL.base_job_template,
        "install_command": "pip install prefect",
    }
    return {"prefect": {LOCAL_POOL.type: process}}


@router.get("/health")
async def health() -> bool:
    """Whether the server can answer."""
    return True


@router.get("/ready")
async def ready() -> dict[str, str]:
    """That the server can answer, in other words."""
    return {"message": "OK"}


@router.get("/hello")
async def hello() -> str:
    """A greeting."""
    return "\N{WAVING HAND SIGN}"


@router.get("/csrf-token")
async def csrf_token() -> None:
    """No such token is needed: every request carries the server's own."""
    raise HTTPException(422, "CSRF protection is disabled.")
