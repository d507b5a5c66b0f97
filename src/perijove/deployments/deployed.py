"""What a deploy did, or in a dry run would do, as a value that shows itself."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from perijove import recurrence
from perijove.deployments.apply import Applied, Change
from perijove.deployments.define import Source, Wishes
from perijove.deployments.exported import export_facts
from perijove.deployments.schedule import UPCOMING, in_both_zones, upcoming
from perijove.deployments.table import Shown, Table
from perijove.deployments.words import as_words
from perijove.notebook.exporter import Export
from perijove.schemas.deployments import Deployment
from perijove.schemas.schedules import Schedule

_LONGEST = 100
"""Characters of a field's value that are shown where it changed."""


@dataclass(frozen=True, slots=True, repr=False)
class Deployed(Shown):
    """What was deployed, from what, and what that changed. ``applied`` is None after a dry run."""

    source: Source
    wishes: Wishes
    applied: Applied | None
    export: Export | None = None

    @property
    def name(self) -> str:
        """``flow/deployment``"""
        return f"{self.source.flow_name}/{self.wishes.name}"

    @property
    def deployment(self) -> Deployment | None:
        """The deployment as the server has it."""
        return self.applied.deployment if self.applied else None

    @property
    def schedules(self) -> list[Schedule]:
        """The active schedules: the server's, or those that were wished for in a dry run."""
        if self.deployment:
            return [each.schedule for each in self.deployment.schedules if each.active]
        return [each.schedule for each in self.wishes.schedules or () if each.active]

    def table(self) -> Table:
        """The export, the entrypoint, the next runs and what is different from before."""
        facts = export_facts(self.export) if self.export else []
        facts += [
            ("entrypoint", self.source.entrypoint),
            ("environment", self._environment()),
            ("parameters", as_words(self.wishes.parameters)),
            ("schedule", "\n".join(map(recurrence.describe, self.schedules))),
            ("next runs", "\n".join(self._next_runs())),
            ("changed", "\n".join(map(change_words, self.applied.changes)) if self.applied else ""),
        ]
        shown = [(name, fact) for name, fact in facts if fact]
        return Table(shown, title=self._title(), notes=self.export.warnings if self.export else ())

    def _environment(self) -> str:
        dependencies = self.wishes.job_variables.get("dependencies")
        return "" if dependencies is None else f"its own, with {', '.join(dependencies) or 'Perijove alone'}"

    def _title(self) -> str:
        if self.applied is None:
            return f"{self.name} would be deployed (a dry run: nothing was written or changed)"
        if self.applied.before is None:
            return f"{self.name} is deployed"
        return f"{self.name} is deployed anew" if self.applied.changes else f"{self.name} is deployed: nothing changed"

    def _next_runs(self) -> Iterator[str]:
        if self.deployment and self.deployment.paused:
            yield "none: it is paused"
            return
        due = sorted(((instant, each) for each in self.schedules for instant in upcoming(each)), key=itemgetter(0))
        for instant, schedule in due[:UPCOMING]:
            (there,), (here,) = in_both_zones(schedule, [instant])
            yield there if there == here else f"{there}  ({here})"


def change_words(change: Change) -> str:
    """``tags: [] → ["finance"]``"""
    return f"{change.field.replace('_', ' ')}: {_short(change.before)} → {_short(change.after)}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
