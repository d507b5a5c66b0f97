"""A bound on the search for a rule's next instants, counted in steps, so that a busy machine changes nothing."""

from perijove.errors import ScheduleError


class Budget:
    """So many steps, of about half a microsecond, may be spent before the next renewal."""

    def __init__(self, steps: int) -> None:
        self._steps = self._left = steps

    def spend(self, steps: int) -> None:
        """Take steps off. Raises ScheduleError when there are no more."""
        self._left -= steps
        if self._left < 0:
            raise ScheduleError(
                "The rrule fires too seldom, or never, for how finely it counts: "
                "use a coarser FREQ or a smaller INTERVAL, and UNTIL where COUNT is in the thousands."
            )

    def renew(self) -> None:
        self._left = self._steps
