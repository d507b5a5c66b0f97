"""What a deploy did, or in a dry run would do, as a value that shows itself."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter

from perijove import recurrence
from perijove.deployments import secrets
from perijove.deployments.apply import Applied
from perijove.deployments.changes import Change, change_words
from perijove.deployments.define import Source, Wishes
from perijove.deployments.exported import export_facts
from perijove.deployments.schedule import UPCOMING, in_both_zones, upcoming
from perijove.deployments.storages.storage import Plan
from perijove.deployments.table import Shown, Table
from perijove.deployments.words import as_words
from perijove.notebook.exporter import Export
from perijove.schemas.deployments import Deployment
from perijove.schemas.schedules import Schedule

_MOST_LINES = 200
"""Lines of a diff that are shown; ``diff`` has them all."""


@dataclass(frozen=True, slots=True, repr=False)
class Deployed(Shown):
    """What was deployed, from what, and what that changed; after a dry run, what would be.

    ``replaced``: the text of the file that the export took the place of; None where there was none. ``plan``: how the
    file was stored for workers that don't share this disk.
    """

    source: Source
    wishes: Wishes
    applied: Applied
    export: Export | None = None
    replaced: str | None = None
    dry_run: bool = False
    plan: Plan | None = None

    @property
    def name(self) -> str:
        """``flow/deployment``"""
        return f"{self.source.flow_name}/{self.wishes.name}"

    @property
    def deployment(self) -> Deployment | None:
        """The deployment as the server has it; None after a dry run."""
        return None if self.dry_run else self.applied.deployment

    @property
    def changes(self) -> list[Change]:
        """What is different from before, field by field; empty for a new deployment."""
        return self.applied.changes

    @property
    def diff(self) -> str:
        """What is different in the exported file, as a unified diff; empty where nothing is, or where it is new."""
        if self.export is None or self.replaced is None:
            return ""
        name = self.source.entrypoint.rpartition(":")[0]
        before, after = (text.splitlines() for text in (self.replaced, self.export.source))
        return "\n".join(difflib.unified_diff(before, after, f"{name} (before)", name, lineterm=""))

    @property
    def schedules(self) -> list[Schedule]:
        """The active schedules, or in a dry run those that it would have."""
        if known := self.applied.deployment:
            return [each.schedule for each in known.schedules if each.active is not False]
        return [each.schedule for each in self.wishes.schedules or () if each.active]

    def table(self) -> Table:
        """The export, the entrypoint, the next runs and what is different from before."""
        facts = export_facts(self.export) if self.export else []
        facts += [
            *(self.plan.facts if self.plan else ()),
            ("entrypoint", self.source.entrypoint),
            ("environment", self._environment()),
            (
                "parameters",
                as_words(secrets.shown(self.wishes.parameters, self.source.parameter_schema)),
            ),
            ("schedule", "\n".join(map(recurrence.describe, self.schedules))),
            ("next runs", "\n".join(self._next_runs())),
            ("would change" if self.dry_run else "changed", "\n".join(map(change_words, self.changes))),
        ]
        shown = [(name, fact) for name, fact in facts if fact]
        notes = (*(self.export.warnings if self.export else ()), *self.wishes.unkept)
        return Table(shown, title=self._title(), notes=notes, code=self._code())

    def _code(self) -> str:
        listing = self.plan.listing if self.plan and self.dry_run else ""
        return "\n".join(filter(None, [listing, _shortened(self.diff)]))

    def _environment(self) -> str:
        dependencies = self.wishes.job_variables.get("dependencies")
        return "" if dependencies is None else f"its own, with {', '.join(dependencies) or 'Perijove alone'}"

    def _title(self) -> str:
        if self.dry_run:
            anew = " anew" if self.applied.before else ""
            return f"{self.name} would be deployed{anew} (a dry run: nothing was written or changed)"
        if self.applied.before is None:
            return f"{self.name} is deployed"
        return f"{self.name} is deployed anew" if self.changes else f"{self.name} is deployed: nothing changed"

    def _next_runs(self) -> Iterator[str]:
        if self.applied.deployment and self.applied.deployment.paused:
            yield "none: it is paused"
            return
        due = sorted(((instant, each) for each in self.schedules for instant in upcoming(each)), key=itemgetter(0))
        for instant, schedule in due[:UPCOMING]:
            (there,), (here,) = in_both_zones(schedule, [instant])
            yield there if there == here else f"{there}  ({here})"


def _shortened(diff: str) -> str:
    lines = diff.splitlines()
    more = [f"... and {len(lines) - _MOST_LINES} more lines"] if len(lines) > _MOST_LINES else []
    return "\n".join([*lines[:_MOST_LINES], *more])
