"""States that flows and tasks may return: Prefect's ``prefect.states``."""

from perijove.flows.returned import Cancelled, Completed, Failed, ReturnedState

__all__ = ["Cancelled", "Completed", "Failed", "ReturnedState"]
