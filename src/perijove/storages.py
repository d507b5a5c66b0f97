"""Where code is kept, for ``flow.from_source``: Prefect's ``prefect.runner.storage``."""

from perijove.pulling.storages import GitRepository, RemoteStorage

__all__ = ["GitRepository", "RemoteStorage"]
