"""The flow of the rehearsal: with a signature as flows have them."""

from datetime import date

from perijove import flow


@flow(persist_result=False)
def rehearsal(day: date, top: int = 10, tags: list[str] | None = None) -> None:
    """Do nothing."""
