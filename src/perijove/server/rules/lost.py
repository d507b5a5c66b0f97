"""Whether a run that nobody leased is lost: claimed and never begun, or left by a worker that is gone.

Prefect's own workers and runners hold no leases, and a Prefect server leaves such runs as they are, for ever.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from perijove.schemas.states import StateCreate, StateType

PENDING_FOR = timedelta(minutes=15)
"""How long a claimed run may take to begin; images are pulled and machines started in it."""

CANCELLING_FOR = timedelta(minutes=5)
"""How long a run may take to end once it is to be cancelled (Prefect's own limit)."""

SILENT_FOR = timedelta(minutes=5)
"""How long a run whose worker is gone may say nothing: its process may well live on."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known of a run's life. ``worker_seen`` None: it has no worker, or one that is well."""

    state: StateType
    since: datetime
    last_word: datetime
    worker: str | None
    worker_seen: datetime | None


def verdict(signs: Signs, now: datetime) -> StateCreate | None:
    """The state that a lost run belongs in, with the reason; None for a run that may well live."""
    if signs.state is StateType.CANCELLING and now - signs.since > CANCELLING_FOR:
        return StateCreate(type=StateType.CANCELLED, message="Nobody confirmed the cancellation in five minutes.")
    if signs.worker_seen is not None and now - max(signs.last_word, signs.since) > SILENT_FOR:
        return _crashed(
            f"Its worker {signs.worker!r} was last heard from at {signs.worker_seen:%Y-%m-%d %H:%M:%S} UTC."
        )
    if signs.state is StateType.PENDING and now - signs.since > PENDING_FOR:
        minutes = PENDING_FOR // timedelta(minutes=1)
        return _crashed(f"It was claimed at {signs.since:%H:%M:%S} UTC and did not begin within {minutes} minutes.")
    return None


def _crashed(reason: str) -> StateCreate:
    return StateCreate(type=StateType.CRASHED, message=reason)
