"""A server's automations, as lists that show themselves."""

from collections.abc import Iterator

from perijove.client import SyncClient
from perijove.deployments import names
from perijove.deployments.paging import PAGE
from perijove.deployments.paging import every as every_page
from perijove.deployments.table import Shown, Table
from perijove.deployments.words import did_you_mean
from perijove.errors import NotFound
from perijove.schemas.automations import Automation, AutomationQuery, EventTrigger, Posture, Trigger


class Automations(Shown, list[Automation]):
    """Automations, by name."""

    def table(self) -> Table:
        """One row an automation."""
        if not self:
            return Table([], title="There are no automations yet. %deploy --trigger, or perijove deploy, makes one.")
        rows = [
            (
                each.name,
                "yes" if each.enabled else "no",
                "\n".join(trigger_words(each.trigger)),
                _actions(each),
                str(each.id),
            )
            for each in self
        ]
        return Table(rows, ("automation", "in force", "trigger", "actions", "id"))


def every(client: SyncClient) -> Automations:
    """All of the server's automations."""
    return Automations(every_page(lambda offset: client.read_automations(AutomationQuery(limit=PAGE, offset=offset))))


def named(client: SyncClient, name: str) -> list[Automation]:
    """The automation of this id, or those of this name. Raises NotFound."""
    known = every(client)
    found = [each for each in known if each.name == name or each.id == names.as_id(name)]
    if not found:
        hint = did_you_mean(name, [each.name for each in known])
        raise NotFound(404, f"There is no automation {name!r} on {client.target}.{hint}")
    return found


def trigger_words(trigger: Trigger) -> Iterator[str]:
    """What it waits for, a line each; the parts of a composed one are indented."""
    if not isinstance(trigger, EventTrigger):
        joined = {"any": "any of:", "all": "all of:"}.get(str(getattr(trigger, "require", "all")), "some of:")
        yield "in this order:" if trigger.type == "sequence" else joined
        for part in trigger.triggers:
            yield from (f"  {line}" for line in trigger_words(part))
        return
    absent = "no " if trigger.posture is Posture.PROACTIVE else ""
    often = f" {trigger.threshold} times" if trigger.threshold > 1 else ""
    within = f" within {trigger.within}" if trigger.within else ""
    yield f"{absent}{', '.join(trigger.expect) or 'anything'}{often}{within}"


def _actions(automation: Automation) -> str:
    return "\n".join(each.type for each in (*automation.actions, *automation.actions_on_trigger))
