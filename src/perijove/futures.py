"""Waiting for submitted tasks: Prefect's ``prefect.futures``."""

from perijove.flows.futures import PerijoveFuture, PerijoveFutureList, as_completed, wait

__all__ = ["PerijoveFuture", "PerijoveFutureList", "as_completed", "wait"]
