"""What runs returned, beside the server's data: ``<home>/results/<flow run id>.json``, or ``.pickle`` for no JSON.

JSON knows fewer kinds than Python: tuples and sets come back as lists, dates as text, models as objects, keys as text.
What can be neither, or is larger than ``kept.MAX_SIZE``, is not kept, and the state says why.
"""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from perijove import settings
from perijove.errors import MissingResult
from perijove.flows import kept
from perijove.schemas.states import State

_KINDS: tuple[kept.Kind, ...] = ("json", "pickle")
_NOT_KEPT = "unpersisted"


def write(flow_run_id: UUID, value: Any, directory: Path | None = None) -> dict[str, Any]:
    """Keep the run's value, and return what its final state carries as ``data``: where it lies, or why it does not.

    ``directory``: another than that of all results.
    """
    try:
        made = kept.encode(value)
        key = f"{flow_run_id}.{made.kind}"
        kept.write((directory or _directory()) / key, made.content)
    except (ValueError, OSError) as error:
        return {"type": _NOT_KEPT, "reason": f"a {type(value).__name__} that was not kept: {error}"}
    return {"type": made.kind, "storage_key": key, "size": len(made.content)}


def lost(record: dict[str, Any]) -> str | None:
    """What a record that ``write`` gave says is missing; None when the value is kept."""
    return str(record["reason"]) if record["type"] == _NOT_KEPT else None


def read(state: State) -> Any:
    """The value that the run of this final state returned. Raises MissingResult, saying why there is none."""
    data = state.data if isinstance(state.data, dict) else {}
    if data.get("type") == _NOT_KEPT and data.get("reason"):
        raise MissingResult(f"The run returned {data['reason']}.")
    kind = next((each for each in _KINDS if each == data.get("type")), None)
    if kind is None:
        raise MissingResult(f"The run is {state.name}; its result was not kept.")
    path = _directory() / _known_key(str(data.get("storage_key")), kind)
    try:
        return kept.read(path, kind)
    except FileNotFoundError:
        raise MissingResult(f"The result lies on another machine or was removed: there is no {path}.") from None
    except (OSError, ValueError) as error:
        raise MissingResult(f"The result can't be read from {path}: {error}.") from None


def as_text(state: State, most: int) -> str:
    """The kept value as JSON text, its first ``most`` characters. Raises MissingResult, also for a pickled one, which
    nobody but its owner's own code may read."""
    data = state.data if isinstance(state.data, dict) else {}
    if data.get("type") == "pickle":
        raise MissingResult("The result is no JSON: `run.result()` reads it in a cell.")
    return json.dumps(read(state), ensure_ascii=False, indent=2)[:most]


def _directory() -> Path:
    return settings.current().home / "results"


def _known_key(key: str, kind: kept.Kind) -> str:
    """The key, if it is one that ``write`` makes: a state comes from the wire and must not name any other file."""
    try:
        return f"{UUID(key.removesuffix(f'.{kind}'))}.{kind}"
    except ValueError:
        raise MissingResult(f"The result {key!r} was not kept by Perijove and can't be read by it.") from None
