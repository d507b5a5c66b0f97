"""The embedded server as one ASGI application."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Container, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic_core import PydanticSerializationError, to_json
from sqlalchemy.exc import IntegrityError, OperationalError
from starlette.types import ASGIApp

from perijove.errors import ApiError, ScheduleError
from perijove.server.api import (
    admin,
    artifacts,
    automations,
    blocks,
    concurrency_limits,
    deployments,
    events,
    flow_run_inputs,
    flow_runs,
    flows,
    graphs,
    history,
    leases,
    log_files,
    logs,
    tag_limits,
    task_runs,
    testing,
    variables,
    work_pools,
    work_queues,
)
from perijove.server.api.backend import Backend
from perijove.server.guard import Guard
from perijove.server.local_pool import LOCAL_POOL
from perijove.server.searches import Searches
from perijove.server.services import pools
from perijove.server.services.feed import Feed
from perijove.server.services.keeping import Service, keep_running
from perijove.server.services.late_runs import LateRuns
from perijove.server.services.leases import Leases
from perijove.server.services.lost_runs import LostRuns
from perijove.server.services.old_runs import OldRuns
from perijove.server.services.retention import Retention
from perijove.server.services.scheduler import Scheduler, switch_off
from perijove.server.services.signals import EVENTS, Signals
from perijove.server.services.statuses import Statuses
from perijove.server.services.triggers import Triggers
from perijove.server.services.waiting_runs import WaitingRuns
from perijove.server.storage.database import Database
from perijove.server.storage.events import Recorded

log = logging.getLogger(__name__)
_PRIMARY = 0xFF
"""What of an SQLite error's code is its kind (sqlite.org/rescode.html); the rest says more of it."""
_DISK = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
ROUTERS = (  # in this order they are looked through: what every run needs comes first
    flow_runs,
    leases,
    logs,
    deployments,
    admin,
    flows,
    history,
    flow_run_inputs,
    graphs,
    log_files,
    task_runs,
    events,
    artifacts,
    automations,
    variables,
    blocks,
    concurrency_limits,
    tag_limits,
    work_queues,
    work_pools,
)


def create_app(
    database: Database,
    signals: Signals,
    token: str,
    *,
    off: Container[str] = (),
    keep_runs: timedelta | None = None,
    for_tests: bool = False,
) -> ASGIApp:
    """The server over ``database``, for those who carry ``token``; ``signals.close()`` lets it end at once.

    ``off``: the services that it does without (``settings.SERVICES``); ``keep_runs``: how long runs that ended are kept
    (None: for ever); ``for_tests``: its database can be cleared.
    """
    return Guard(create_api(database, signals, off=off, keep_runs=keep_runs, for_tests=for_tests), token)


def create_api(
    database: Database,
    signals: Signals,
    *,
    off: Container[str] = (),
    keep_runs: timedelta | None = None,
    for_tests: bool = False,
) -> FastAPI:
    """Every route, and the loops that run beside them while the application lives; without the guard."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        held, feed = Leases(database, signals), Feed()
        scheduler = Scheduler(database, signals)
        database.listen(feed.hear)
        database.listen(partial(_wake, signals))
        app.state.backend = Backend(database, signals, held, feed)
        if "worker" not in off:
            await database.write(partial(pools.ensure, pool=LOCAL_POOL))
        if "scheduler" in off:
            await database.write(switch_off)
        services: dict[str, Service] = {
            "scheduler": scheduler,
            "late-runs": LateRuns(database, signals),
            "waiting-runs": WaitingRuns(database, signals),
            "leases": held,
            "lost-runs": LostRuns(database, signals),
            "retention": Retention(database),
            "old-runs": OldRuns(database, keep_runs),
            "statuses": Statuses(database),
            "triggers": Triggers(database, signals),
        }
        if "scheduler" not in off:
            await scheduler.refill()  # what was missed is decided before anybody asks what is due
        loops = [asyncio.create_task(keep_running(one)) for name, one in services.items() if name not in off]
        yield
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)

    # Prefect's clients before 3.7 don't say that they send JSON; whose requests are heard is the guard's affair.
    app = FastAPI(title="Perijove", lifespan=lifespan, docs_url=None, redoc_url=None, strict_content_type=False)
    for part in (*ROUTERS, testing) if for_tests else ROUTERS:
        app.include_router(part.router, prefix="/api")
    app.add_api_route("/ready", _ready)
    app.add_middleware(Searches)
    app.add_exception_handler(ApiError, _refused)
    app.add_exception_handler(ScheduleError, _no_schedule)
    app.add_exception_handler(RequestValidationError, _no_request)
    app.add_exception_handler(IntegrityError, _conflict)
    app.add_exception_handler(OperationalError, _not_now)
    for unstorable in (OverflowError, UnicodeEncodeError, RecursionError):
        app.add_exception_handler(unstorable, _unstorable)
    return app


def _wake(signals: Signals, told: Sequence[object]) -> None:
    if any(isinstance(message, Recorded) for message in told):
        signals.notify(EVENTS)


async def _ready() -> dict[str, str]:
    return {"message": "OK"}


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)  # noqa: S101  (that is what it is registered for)
    return JSONResponse({"detail": error.detail}, error.status)


async def _no_schedule(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, 422)


async def _no_request(_: Request, error: Exception) -> Response:
    """A body that has not the right shape, told as Prefect's server tells it."""
    assert isinstance(error, RequestValidationError)  # noqa: S101  (that is what it is registered for)
    problems = [{"type": one["type"], "loc": one["loc"], "msg": one["msg"]} for one in error.errors()]
    content = {"exception_message": "Invalid request received.", "exception_detail": problems}
    try:
        told = to_json({**content, "request_body": error.body}, inf_nan_mode="null")
    except PydanticSerializationError:  # what can't even be read back
        told = to_json(content)
    return Response(told, 422, media_type="application/json")


async def _conflict(_: Request, error: Exception) -> JSONResponse:
    log.warning("A request would have broken the data: %s", error)
    return JSONResponse({"detail": "Data integrity conflict. This usually means a unique or foreign key."}, 409)


async def _not_now(_: Request, error: Exception) -> JSONResponse:
    """The disk is full or fails, or another program holds the database: what was asked has not been done."""
    assert isinstance(error, OperationalError)  # noqa: S101  (that is what it is registered for)
    log.error("The database can't be used: %s", error.orig)
    told = f"The database can't be used now ({error.orig}); nothing was changed."
    if getattr(error.orig, "sqlite_errorcode", 0) & _PRIMARY in _DISK:
        told += " See whether the server's disk has space left: it goes on as soon as there is."
    return JSONResponse({"detail": told}, 503, {"Retry-After": "1"})


async def _unstorable(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": f"A value can't be stored: {error}"}, 422)
