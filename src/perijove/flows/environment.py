"""What a run is told by the process that launched it. The only reader of the environment beside ``perijove.settings``,
for what belongs to one run and not to the user: it is read when it is asked for.

``PERIJOVE_LOG_FD``                         the file descriptor that takes this process's log lines
``PREFECT__RUNTIME__<THING>__<ATTRIBUTE>``  Prefect's way of overriding ``runtime`` in tests
"""

import os


def log_descriptor() -> int | None:
    """The file descriptor that takes log lines, one JSON object a line; None: there is none."""
    value = os.environ.get("PERIJOVE_LOG_FD", "")
    return int(value) if value.isdecimal() else None


def runtime_override(thing: str, attribute: str) -> str | None:
    """What ``runtime`` shall say instead of the truth (``thing``: flow_run, deployment, task_run)."""
    return os.environ.get(f"PREFECT__RUNTIME__{thing}__{attribute}".upper())
