"""The changes that a need must weigh: what is done for one need is done for all, so none is weighed for ever."""

from collections.abc import Container

from perijove.notebook.history import History
from perijove.notebook.things import Change, Thing, merged


class OpenChanges:
    """The changes of each object that are not ``done`` (by statement index), which its owner adds to.

    Of those that are done, the names that they may look up are remembered: each need asks for them as they were then.
    """

    def __init__(self, history: History, done: Container[int]) -> None:
        self._history, self._done = history, done
        self._open: dict[Thing, list[tuple[int, bool]]] = {}
        self._until: dict[Thing, int] = {}
        self._late: dict[Thing, dict[str, int]] = {}

    def before(self, name: str, at: int) -> tuple[list[Change], dict[str, int]]:
        """The open changes, before statement ``at``, of what ``name`` stands for then, or holds.

        And the names that the others may look up, each with the first statement that does.
        """
        things = self._history.reached(name, at)
        changes = merged((thing, self._before(thing, at)) for thing in things)
        late: dict[str, int] = {}
        for thing in things & self._late.keys():
            for found, index in self._late[thing].items():
                if index < at:
                    late[found] = min(index, late.get(found, index))
        return changes, late

    def _before(self, thing: Thing, at: int) -> list[tuple[int, bool]]:
        known = self._open.get(thing, [])
        until = self._until.get(thing, 0)
        if at > until:
            known = known + thing.changes_between(until, at)
            self._until[thing] = at
        still = []
        for change in known:
            if change[0] in self._done:
                self._remember(thing, change[0])
            else:
                still.append(change)
        if known:
            self._open[thing] = still
        return [change for change in still if change[0] < at]

    def _remember(self, thing: Thing, index: int) -> None:
        for name in self._history.facts[index].late:
            late = self._late.setdefault(thing, {})
            late[name] = min(index, late.get(name, index))
