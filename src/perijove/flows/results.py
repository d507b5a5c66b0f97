"""What runs returned, kept as JSON beside the server's data: ``<home>/results/<flow run id>.json``.

JSON knows fewer kinds than Python: tuples and sets come back as lists, dates as text, models as objects, keys as text.
Nothing is ever unpickled. What can't be JSON, or is larger than ``MAX_SIZE``, is not kept, and the state says why.
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python

from perijove import settings
from perijove.errors import MissingResult
from perijove.schemas.states import State

MAX_SIZE = 16 * 1024 * 1024
"""Bytes of JSON that a result may have."""

_KEPT = "json"
_NOT_KEPT = "unpersisted"


def write(flow_run_id: UUID, value: Any) -> dict[str, Any]:
    """Keep the run's value, and return what its final state carries as ``data``: where it lies, or why it does not."""
    try:
        content = _encode(value)
        _replace(_directory() / _key(flow_run_id), content)
    except (ValueError, TypeError, RecursionError, OSError) as error:
        return {"type": _NOT_KEPT, "reason": f"a {type(value).__name__} that was not kept: {error}"}
    return {"type": _KEPT, "storage_key": _key(flow_run_id), "size": len(content)}


def lost(record: dict[str, Any]) -> str | None:
    """What a record that ``write`` gave says is missing; None when the value is kept."""
    return str(record["reason"]) if record["type"] == _NOT_KEPT else None


def read(state: State) -> Any:
    """The value that the run of this final state returned. Raises MissingResult, saying why there is none."""
    data = state.data if isinstance(state.data, dict) else {}
    if data.get("type") == _NOT_KEPT and data.get("reason"):
        raise MissingResult(f"The run returned {data['reason']}.")
    if data.get("type") != _KEPT:
        raise MissingResult(f"The run is {state.name}; its result was not kept.")
    path = _directory() / _known_key(str(data.get("storage_key")))
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise MissingResult(f"The result lies on another machine or was removed: there is no {path}.") from None
    except (OSError, ValueError) as error:
        raise MissingResult(f"The result can't be read from {path}: {error}.") from None


def _encode(value: Any) -> bytes:
    content = json.dumps(to_jsonable_python(value, fallback=_scalar), ensure_ascii=False).encode()
    if len(content) > MAX_SIZE:
        raise ValueError(f"its JSON has {len(content):,} bytes, and {MAX_SIZE:,} are the most")
    return content


def _scalar(value: Any) -> Any:
    """A number of numpy's as Python's own."""
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        return value.item()
    raise TypeError(f"JSON has no word for {type(value).__module__}.{type(value).__name__}")


def _directory() -> Path:
    return settings.current().home / "results"


def _key(flow_run_id: UUID) -> str:
    return f"{flow_run_id}.json"


def _known_key(key: str) -> str:
    """The key, if it is one that ``write`` makes: a state comes from the wire and must not name any other file."""
    try:
        return _key(UUID(key.removesuffix(".json")))
    except ValueError:
        raise MissingResult(f"The result {key!r} was not kept by Perijove and can't be read by it.") from None


def _replace(path: Path, content: bytes) -> None:
    """Write the file whole or not at all, for its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.parent.chmod(0o700)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
