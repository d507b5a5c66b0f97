"""Log lines of runs."""

from uuid import UUID

from perijove.schemas.base import Instant, Request, Stored


class LogCreate(Request):
    """``level`` is the standard library's number (20 is INFO).

    ``id`` is ours, not Prefect's: a line with one is stored once, however often it is sent.
    """

    id: UUID | None = None
    name: str
    level: int
    message: str
    timestamp: Instant
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None


class Log(Stored):
    name: str
    level: int
    message: str
    timestamp: Instant
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None
