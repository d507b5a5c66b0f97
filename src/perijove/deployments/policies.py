"""Catch-up and overlap, which are Perijove's own: what becomes of them on Prefect's servers."""

from collections.abc import Sequence

from perijove.client import Target
from perijove.errors import ScheduleError
from perijove.schemas.schedules import DeploymentScheduleCreate

OURS = frozenset({"catchup", "overlap"})

INSTEAD = (
    "Prefect has no catch-up and no overlap of a schedule: it runs late what was scheduled already when it stopped, "
    "makes up for nothing else, and lets runs overlap unless the deployment has a --concurrency of 1."
)
"""What happens there, in words."""


def taken(target: Target, schedules: Sequence[DeploymentScheduleCreate]) -> list[DeploymentScheduleCreate]:
    """The schedules as the server takes them."""
    if target.kind == "embedded":
        return list(schedules)
    return [DeploymentScheduleCreate(**each.model_dump(exclude=set(OURS), exclude_unset=True)) for each in schedules]


def unkept(target: Target, schedules: Sequence[DeploymentScheduleCreate] | None) -> list[str]:
    """What the server does in place of what the schedules say; nothing where they say none of it."""
    said = any(OURS & each.model_fields_set for each in schedules or ())
    return [INSTEAD] if said and target.kind != "embedded" else []


def require(target: Target, schedules: Sequence[DeploymentScheduleCreate] | None) -> None:
    """Raise ScheduleError where the server would not do what the schedules say."""
    for sentence in unkept(target, schedules):
        raise ScheduleError(f"{sentence} Leave out --catchup and --overlap on {target}.")
