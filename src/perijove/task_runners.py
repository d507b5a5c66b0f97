"""Where submitted tasks run: Prefect's ``prefect.task_runners``."""

from perijove.flows.task_runners import ProcessPoolTaskRunner, TaskRunner, ThreadPoolTaskRunner

__all__ = ["ProcessPoolTaskRunner", "TaskRunner", "ThreadPoolTaskRunner"]
