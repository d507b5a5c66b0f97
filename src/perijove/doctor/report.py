"""What was looked at and how it is, as a value that shows itself."""

from dataclasses import dataclass

from perijove.deployments.table import Shown, Table


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``cure``: what to do next, where it is wrong; empty where it is not."""

    what: str
    how: str
    cure: str = ""

    @property
    def is_wrong(self) -> bool:
        """Whether something is to be done."""
        return bool(self.cure)


class Report(Shown, list[Finding]):
    """Findings, in the order in which they were looked at."""

    @property
    def wrong(self) -> list[Finding]:
        """Those where something is to be done."""
        return [each for each in self if each.is_wrong]

    def table(self) -> Table:
        """One row a finding; below, how many want something done."""
        rows = [("wrong" if each.is_wrong else "ok", each.what, "\n".join(_lines(each))) for each in self]
        count = len(self.wrong)
        told = f"{count} of {len(self)} things are to be seen to." if count else "Nothing is wrong."
        return Table(rows, notes=(told,))


def _lines(finding: Finding) -> list[str]:
    return [finding.how, *([finding.cure] if finding.cure else [])]
