"""What makes two runs of a task the same, so that the second one takes the first one's value: Prefect's policies."""

import hashlib
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cloudpickle
from pydantic_core import to_jsonable_python

from perijove.errors import ParameterError

__all__ = ["DEFAULT", "FLOW_PARAMETERS", "INPUTS", "NO_CACHE", "RUN_ID", "TASK_SOURCE", "CachePolicy"]

Facts = Mapping[str, Any]
"""What a policy looks at: ``inputs``, ``task``, ``flow_parameters``, ``flow_run_id``, ``task_run_id``."""


@dataclass(frozen=True)
class CachePolicy:
    """``a + b``: all of both must be the same. ``INPUTS - "name"``: that argument doesn't matter."""

    parts: tuple[Callable[[Facts], Any], ...] = ()
    ignored: frozenset[str] = frozenset()

    def __add__(self, other: "CachePolicy") -> "CachePolicy":
        return CachePolicy(self.parts + other.parts, self.ignored | other.ignored)

    def __sub__(self, name: str) -> "CachePolicy":
        return CachePolicy(self.parts, self.ignored | {name})

    def key(self, facts: Facts) -> str | None:
        """What is the same for the same runs; None: nothing is. Raises ParameterError for what can't be compared."""
        if not self.parts:
            return None
        inputs = {name: value for name, value in facts["inputs"].items() if name not in self.ignored}
        seen = [part({**facts, "inputs": inputs}) for part in self.parts]
        return hashlib.sha256(b"\0".join(map(_fingerprint, seen))).hexdigest()


def _fingerprint(value: Any) -> bytes:
    try:
        return json.dumps(to_jsonable_python(value), sort_keys=True).encode()
    except (ValueError, TypeError):
        pass
    try:
        return bytes(cloudpickle.dumps(value))
    except Exception as error:  # noqa: BLE001  (the arguments' own code may raise anything)
        raise ParameterError(
            f"A cached task's arguments must be comparable, and these can't be pickled ({error}). "
            "Leave one out with cache_policy=INPUTS - 'name', or give a cache_key_fn."
        ) from None


def _source(facts: Facts) -> str:
    fn = facts["task"].fn
    try:
        return inspect.getsource(fn)
    except (OSError, TypeError):
        code = getattr(fn, "__code__", None)
        return repr((code.co_code, code.co_consts)) if code else repr(type(fn))


INPUTS = CachePolicy((lambda facts: facts["inputs"],))
"""The same arguments."""

TASK_SOURCE = CachePolicy((_source,))
"""The same text of the function itself."""

FLOW_PARAMETERS = CachePolicy((lambda facts: facts["flow_parameters"],))
"""The same parameters of the flow's run."""

RUN_ID = CachePolicy((lambda facts: facts["flow_run_id"] or facts["task_run_id"],))
"""The same run of the flow."""

NO_CACHE = CachePolicy()
"""No two runs are the same."""

DEFAULT = INPUTS + TASK_SOURCE + RUN_ID
"""The same call within one run of a flow, as when the flow is tried again."""
