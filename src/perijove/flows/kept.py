"""Values in files of their owner alone: as JSON where it can say them, else pickled.

A pickle can do anything when it is read, so it is read only where this very user wrote it: from a file, in a directory,
that belong to the user and that nobody else can reach. No server reads any of these files.
"""

import json
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import cloudpickle
from pydantic_core import to_jsonable_python

MAX_SIZE = 256 * 1024 * 1024
"""Bytes that a value may have."""

Kind = Literal["json", "pickle"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A value as bytes: ``reason`` says why it is no JSON."""

    kind: Kind
    content: bytes
    reason: str | None = None


def encode(value: Any) -> Kept:
    """The value as bytes. Raises ValueError for one that is too large or can be neither JSON nor a pickle."""
    try:
        kept = Kept("json", json.dumps(to_jsonable_python(value, fallback=_scalar), ensure_ascii=False).encode())
    except (ValueError, TypeError, RecursionError) as error:
        kept = Kept("pickle", _pickled(value, error), str(error))
    if len(kept.content) > MAX_SIZE:
        raise ValueError(f"it has {len(kept.content):,} bytes, and {MAX_SIZE:,} are the most")
    return kept


def write(path: Path, content: bytes) -> None:
    """Write the file whole or not at all, for its owner alone. Raises OSError."""
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


def read(path: Path, kind: Kind) -> Any:
    """The value in the file. Raises OSError; ValueError for what is damaged, foreign, or can't be made here."""
    if kind == "json":
        return json.loads(path.read_text("utf-8"))
    content = _own(path)
    try:
        return cloudpickle.loads(content)
    except Exception as error:
        raise ValueError(f"it can't be unpickled here: {type(error).__name__}: {error}") from error


def _own(path: Path) -> bytes:
    """The file's content, if this user wrote it and nobody else could have."""
    _check_owner(path.parent.stat(), path.parent)
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:  # noqa: PTH123
        _check_owner(os.fstat(file.fileno()), path)
        return file.read()


def _check_owner(found: os.stat_result, path: Path) -> None:
    if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise ValueError(f"{path} is open to others than you, so that what is pickled there can't be trusted")


def _pickled(value: Any, no_json: Exception) -> bytes:
    try:
        return bytes(cloudpickle.dumps(value))
    except Exception as error:
        raise ValueError(f"{no_json}; nor can it be pickled: {error}") from error


def _scalar(value: Any) -> Any:
    """A number of numpy's as Python's own."""
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        return value.item()
    raise TypeError(f"JSON has no word for {type(value).__module__}.{type(value).__name__}")
