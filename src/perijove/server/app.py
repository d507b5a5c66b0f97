"""The embedded server as one ASGI application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic_core import to_jsonable_python
from sqlalchemy import Connection
from starlette.types import ASGIApp

from perijove.errors import ApiError, NotFound, ScheduleError
from perijove.server.api import admin, deployments, flow_runs, flows, logs, task_runs, work_pools
from perijove.server.api.backend import Backend
from perijove.server.guard import Guard
from perijove.server.local_pool import LOCAL_POOL
from perijove.server.services.late_runs import LateRuns
from perijove.server.services.scheduler import Scheduler
from perijove.server.services.signals import Signals
from perijove.server.storage import work_pools as stored_pools
from perijove.server.storage.database import Database

_ROUTERS = (admin, flows, deployments, flow_runs, task_runs, logs, work_pools)


def create_app(database: Database, signals: Signals, token: str) -> ASGIApp:
    """The server over ``database``, for those who carry ``token``; ``signals.close()`` lets it end at once."""
    return Guard(create_api(database, signals), token)


def create_api(database: Database, signals: Signals) -> FastAPI:
    """Every route, and the loops that run beside them while the application lives; without the guard."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.backend = Backend(database, signals)
        await _ensure_local_pool(database)
        loops = [
            asyncio.create_task(loop.run()) for loop in (Scheduler(database, signals), LateRuns(database, signals))
        ]
        yield
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)

    app = FastAPI(title="Perijove", lifespan=lifespan, docs_url=None, redoc_url=None)
    for part in _ROUTERS:
        app.include_router(part.router, prefix="/api")
    app.add_api_route("/ready", _ready)
    app.add_exception_handler(ApiError, _refused)
    app.add_exception_handler(ScheduleError, _no_schedule)
    app.add_exception_handler(RequestValidationError, _no_request)
    return app


async def _ready() -> dict[str, str]:
    return {"message": "OK"}


async def _ensure_local_pool(database: Database) -> None:
    def work(connection: Connection) -> None:
        try:
            stored_pools.read(connection, LOCAL_POOL.name)
        except NotFound:
            stored_pools.create(connection, LOCAL_POOL)

    await database.write(work)


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)  # noqa: S101  (that is what it is registered for)
    return JSONResponse({"detail": error.detail}, error.status)


async def _no_schedule(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, 422)


async def _no_request(_: Request, error: Exception) -> JSONResponse:
    """A body that has not the right shape, told as Prefect's server tells it."""
    assert isinstance(error, RequestValidationError)  # noqa: S101  (that is what it is registered for)
    problems = [{"loc": one["loc"], "msg": one["msg"], "type": one["type"]} for one in error.errors()]
    content = {"exception_message": "Invalid request received.", "exception_detail": to_jsonable_python(problems)}
    return JSONResponse({**content, "request_body": to_jsonable_python(error.body)}, 422)
