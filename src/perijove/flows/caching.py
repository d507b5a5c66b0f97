"""Values of tasks that were run before, in ``<home>/cache``: where the same run comes again, it is not run."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from perijove import clock, settings
from perijove.flows import kept
from perijove.flows.cache_policies import DEFAULT
from perijove.flows.logs import run_logger
from perijove.flows.runs import LiveTaskRun


@dataclass(frozen=True, slots=True)
class Cached:
    """A value that was found."""

    value: Any


def key_of(run: LiveTaskRun) -> str | None:
    """The run's cache key; None: it is to be run whatever ran before. Raises ParameterError."""
    task = run.definition
    if task.cache_key_fn:
        return task.cache_key_fn(run.record_in(run.state), run.parameters)
    policy = task.cache_policy or (DEFAULT if task.persist_result else None)
    return policy.key(_facts(run)) if policy else None


def find(run: LiveTaskRun, key: str) -> Cached | None:
    """The value under the key, unless it is too old, was damaged, or the task wants it anew."""
    if run.definition.refresh_cache:
        return None
    try:
        told = json.loads(_path(key, "told").read_text("utf-8"))
        if told["expires"] and datetime.fromisoformat(told["expires"]) <= clock.now():
            return None
        return Cached(kept.read(_path(key, told["kind"]), told["kind"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError) as error:
        run_logger(run).warning("The cached value can't be read, so the task is run: %s", error)
        return None


def keep(run: LiveTaskRun, key: str, value: Any) -> None:
    """Keep the value under the key for as long as the task says. One that can't be kept costs a warning."""
    age = run.definition.cache_expiration
    try:
        made = kept.encode(value)
        kept.write(_path(key, made.kind), made.content)
        told = {"kind": made.kind, "expires": (clock.now() + age).isoformat() if age else None}
        kept.write(_path(key, "told"), json.dumps(told).encode())
    except (ValueError, OSError) as error:
        run_logger(run).warning("The task's value is not cached: %s", error)


def _facts(run: LiveTaskRun) -> dict[str, Any]:
    flow_run = run.flow_run
    return {
        "inputs": run.parameters,
        "task": run.definition,
        "flow_parameters": flow_run.parameters if flow_run else {},
        "flow_run_id": str(flow_run.id) if flow_run else None,
        "task_run_id": str(run.id),
    }


def _path(key: str, kind: str) -> Path:
    return settings.current().home / "cache" / f"{hashlib.sha256(key.encode()).hexdigest()}.{kind}"
