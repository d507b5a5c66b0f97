"""What can be done with a deployment's schedules, one at a time: add, set, pause, resume, delete."""

from collections.abc import Sequence

from perijove import recurrence
from perijove.client import SyncClient
from perijove.deployments import define, listing, policies
from perijove.deployments.listing import NamedDeployment, Schedules
from perijove.errors import ScheduleError, UsageError
from perijove.schemas.schedules import DeploymentSchedule, DeploymentScheduleCreate, DeploymentScheduleUpdate


def add(
    client: SyncClient, name: str, wanted: Sequence[DeploymentScheduleCreate] | None, words: Sequence[str] = ()
) -> Schedules:
    """Give the deployment the schedules, beside those that it has. ``words``: their runs' own parameters.

    Raises ScheduleError, ParameterError, and NotFound for the deployment.
    """
    policies.require(client.target, wanted)
    found = listing.deployment(client, name)
    client.create_deployment_schedules(found.id, _with_parameters(found, wanted, words))
    return listing.schedules(client, name)


def change(
    client: SyncClient,
    name: str,
    which: str | None,
    wanted: Sequence[DeploymentScheduleCreate] | None,
    words: Sequence[str] = (),
) -> Schedules:
    """Put another schedule in the place of one, which keeps its id, slug and pause. Raises as ``add`` and ``pick``."""
    policies.require(client.target, wanted)
    found = listing.deployment(client, name)
    chosen = pick(found, which)
    new = _with_parameters(found, wanted, words)
    if len(new) > 1:
        raise ScheduleError("One schedule takes the place of one: give a single --cron, --interval or --rrule.")
    changes = DeploymentScheduleUpdate(**new[0].model_dump(exclude_unset=True))
    client.update_deployment_schedule(found.id, chosen.id, changes)
    return listing.schedules(client, name)


def set_active(client: SyncClient, name: str, which: str | None, *, active: bool) -> Schedules:
    """Pause or resume one schedule of the deployment. Raises as ``pick``."""
    found = listing.deployment(client, name)
    client.update_deployment_schedule(found.id, pick(found, which).id, DeploymentScheduleUpdate(active=active))
    return listing.schedules(client, name)


def delete(client: SyncClient, name: str, which: str | None) -> Schedules:
    """Remove one schedule of the deployment, with the runs that it asked for. Raises as ``pick``."""
    found = listing.deployment(client, name)
    client.delete_deployment_schedule(found.id, pick(found, which).id)
    return listing.schedules(client, name)


def pick(found: NamedDeployment, which: str | None) -> DeploymentSchedule:
    """The schedule that is meant: by its number as they are listed (from 1), its slug or its id; None: the only one.

    Raises UsageError.
    """
    known = found.schedules
    if which is None and len(known) == 1:
        return known[0]
    numbered = {str(number): each for number, each in enumerate(known, 1)}
    named = {str(each.id): each for each in known} | {each.slug: each for each in known if each.slug}
    if which is not None and (chosen := numbered.get(which) or named.get(which)):
        return chosen
    raise UsageError(_unclear(found, which))


def _unclear(found: NamedDeployment, which: str | None) -> str:
    if not found.schedules:
        return f"{found.full_name} has no schedule. `schedules add` gives it one."
    listed = "; ".join(
        f"{number}: {recurrence.describe(each.schedule)}" for number, each in enumerate(found.schedules, 1)
    )
    said = f"has no schedule {which!r}" if which else f"has {len(found.schedules)} schedules"
    return f"{found.full_name} {said}: say which by its number. {listed}."


def _with_parameters(
    found: NamedDeployment, wanted: Sequence[DeploymentScheduleCreate] | None, words: Sequence[str]
) -> list[DeploymentScheduleCreate]:
    if not wanted:
        raise ScheduleError("Say when: give --cron, --interval or --rrule.")
    if not words:
        return list(wanted)
    return define.scheduled(wanted, words, found.parameter_openapi_schema, of=found.full_name)
