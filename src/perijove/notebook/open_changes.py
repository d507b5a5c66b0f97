"""The changes that a need must weigh: what is settled for one need is settled for all, so none is weighed for ever."""

from collections.abc import Container

from perijove.notebook.history import History
from perijove.notebook.things import Change, Thing, merged


class OpenChanges:
    """The changes of each object that are not ``settled`` (by statement index), which its owner adds to."""

    def __init__(self, history: History, settled: Container[int]) -> None:
        self._history, self._settled = history, settled
        self._open: dict[Thing, list[tuple[int, bool]]] = {}
        self._until: dict[Thing, int] = {}

    def before(self, name: str, at: int) -> list[Change]:
        """The open changes, before statement ``at``, of what ``name`` stands for then, or holds."""
        return merged((thing, self._before(thing, at)) for thing in self._history.reached(name, at))

    def _before(self, thing: Thing, at: int) -> list[tuple[int, bool]]:
        earlier = self._open.get(thing, [])
        until = self._until.get(thing, 0)
        if at > until:
            earlier = earlier + thing.changes_between(until, at)
            self._until[thing] = at
        still = self._open[thing] = [change for change in earlier if change[0] not in self._settled]
        return [change for change in still if change[0] < at]
