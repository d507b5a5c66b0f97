"""What can be wrong with the server that commands speak to: gone, of another version, without a worker, off time."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from perijove import __version__, clock, embed, settings
from perijove.client import SyncClient, Target, targets
from perijove.deployments.apply import LOCAL_POOL
from perijove.doctor.report import Finding
from perijove.errors import ServerError, SettingsError
from perijove.schemas.filters import WorkPoolQuery
from perijove.schemas.work import WorkerQuery

MOST_SKEW = timedelta(seconds=5)
"""How far a server's clock may be off before runs begin noticeably early or late."""

PATIENCE = 5.0
"""Seconds for which the embedded server's worker is waited for: it comes a moment after its server."""

_PAUSE = 0.1
_RESTART = "perijove server stop, and then perijove server start"


def findings() -> Iterator[Finding]:
    """How the target answers, in which version, with which workers, and by which clock."""
    try:
        target = targets.find()
    except SettingsError:
        return  # told already
    if target is None:
        yield _stopped()
        return
    if target.kind == "embedded":
        yield _own_version()
    with SyncClient(target) as client:
        try:
            yield Finding("target", f"{target} answers, as Prefect {client.read_version()}")
            yield _workers(client)
            yield _clock(client.read_time(), target)
        except ServerError as error:
            yield Finding("target", f"{target} doesn't answer as it should.", str(error))


def _stopped() -> Finding:
    if (settings.current().home / "perijove.db").exists():
        return Finding("server", "It is stopped: schedules wait until it runs again.", "perijove server start")
    return Finding("server", "not started yet: the first command that needs it starts it")


def _own_version() -> Finding:
    running = embed.find()
    version = running.version if running else "none"
    if version != __version__:
        return Finding("server", f"It is of version {version}, and this is {__version__}.", f"{_RESTART}.")
    return Finding("server", f"runs, in version {version}")


def _workers(client: SyncClient) -> Finding:
    """Whether each work pool that wants one has a worker that was heard from lately."""
    heard = _heard(client)
    silent = [name for name, workers in heard.items() if not workers]
    if not silent:
        told = ", ".join(f"{name}: {len(workers)}" for name, workers in heard.items())
        return Finding("workers", told or "there is no work pool yet that wants one")
    cure = f"perijove worker start --pool {silent[0]}, unless nothing is to run there."
    if client.target.kind == "embedded" and LOCAL_POOL in silent:
        cure = f"worker.log in {settings.current().home} says why; {_RESTART}, starts another one."
    return Finding("workers", f"None was heard from for {', '.join(silent)}.", cure)


def _heard(client: SyncClient) -> dict[str, list[str]]:
    """The workers that each work pool heard from lately; the embedded server's own is waited for."""
    pools = [each.name for each in client.read_work_pools(WorkPoolQuery(limit=200)) if not _pushes(each.type)]
    deadline = clock.monotonic() + (PATIENCE if client.target.kind == "embedded" else 0.0)
    while True:
        heard = {name: _online(client, name) for name in pools}
        if heard.get(LOCAL_POOL, True) or clock.monotonic() > deadline:
            return heard
        time.sleep(_PAUSE)


def _pushes(kind: str) -> bool:
    """Whether runs of pools of this kind are pushed somewhere, and nobody polls for them."""
    return kind.endswith((":push", ":managed"))


def _online(client: SyncClient, pool: str) -> list[str]:
    workers = client.read_workers_for_work_pool(pool, WorkerQuery(limit=200))
    return [each.name for each in workers if each.status == "ONLINE"]


def _clock(stated: str | None, target: Target) -> Finding:
    now = clock.now()
    if not stated:
        return Finding("clock", f"{target} doesn't tell its time")
    skew = _parsed(stated, now) - now
    if abs(skew) > MOST_SKEW:
        cure = "Have both machines' clocks set by NTP: runs begin by the server's."
        return Finding("clock", f"The server's is {skew.total_seconds():+.0f} s off this machine's.", cure)
    return Finding("clock", "the server's and this machine's agree")


def _parsed(stated: str, otherwise: datetime) -> datetime:
    """The time of an HTTP header (RFC 9110), which is in whole seconds."""
    try:
        return parsedate_to_datetime(stated)
    except ValueError:
        return otherwise
