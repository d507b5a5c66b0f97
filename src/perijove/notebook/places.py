"""Paths that stay inside their root, and files that are replaced whole or not at all."""

import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path, PurePosixPath, PureWindowsPath

from perijove.errors import PathError

_RESERVED = re.compile(r"^(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?$", re.IGNORECASE)
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CLOSED_DIRECTORY = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


def resolve(root: str | Path, user_path: str | Path) -> Path:
    """The absolute path of ``user_path`` under ``root``.

    Raises PathError for a path that is absolute, names a drive, steps up, holds control or direction characters or
    a name that a system reserves, or that a symbolic link leads out of ``root``.
    """
    text = os.fspath(user_path)
    parts = _parts(text)
    base = Path(os.path.realpath(root))
    target = base.joinpath(*parts)
    try:
        inside = Path(os.path.realpath(target)).is_relative_to(base)
    except OSError as error:
        raise PathError(f"{text!r} can't be followed: {error.strerror}. Try again, or name another path.") from error
    if not inside:
        raise PathError(f"{text!r} leads out of {base} by a symbolic link. Name a path inside it.")
    return target


def _parts(text: str) -> tuple[str, ...]:
    if not text.strip():
        raise PathError("The path is empty. Name a file.")
    if _FORBIDDEN.search(text):
        raise PathError(f"{text!r} holds characters that no file's name should. Name a plain path.")
    windows = PureWindowsPath(text)
    if PurePosixPath(text).is_absolute() or windows.drive or windows.root:
        raise PathError(f"{text!r} is an absolute path. Name one inside the notebook's directory.")
    for part in windows.parts:
        if part == "..":
            raise PathError(f"{text!r} steps out of the notebook's directory. Name a path inside it.")
        if _RESERVED.match(part) or part.endswith((" ", ".")) or len(part.encode(errors="replace")) > 255:
            raise PathError(f"{text!r} is no name that every system can store. Choose another.")
    return tuple(part for part in windows.parts if part != ".")


def replace_file(root: Path, target: Path, text: str, check: Callable[[Path], None]) -> None:
    """Write ``text`` beside ``target``, let ``check`` look at it, then put it in the target's place at once.

    Directories under ``root`` are made as needed; no symbolic link below ``root`` is followed. When ``check``
    raises, the target stays as it was. Raises PathError where the file can't be written.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        parts = target.relative_to(root).parts
        directory = _open_directory(root, parts[:-1])
    except OSError as error:
        raise PathError(f"{target.parent} can't be written to: {error.strerror}. Choose another place.") from error
    temporary = f".{target.stem}.{secrets.token_hex(6)}.py"
    try:
        _write_new(directory, temporary, text, target)
        check(target.parent / temporary)
        os.replace(temporary, target.name, src_dir_fd=directory, dst_dir_fd=directory)
        os.fsync(directory)
    except OSError as error:
        raise PathError(f"{target} can't be written: {error.strerror}. Choose another place.") from error
    finally:
        _discard(directory, temporary)
        os.close(directory)


def _open_directory(root: Path, parts: tuple[str, ...]) -> int:
    """A descriptor of ``root/parts``; each step is opened from the last, so that no link can slip in between."""
    current = os.open(root, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    for part in parts:
        try:
            try:
                inner = os.open(part, _CLOSED_DIRECTORY, dir_fd=current)
            except FileNotFoundError:
                os.mkdir(part, dir_fd=current)
                inner = os.open(part, _CLOSED_DIRECTORY, dir_fd=current)
        finally:
            os.close(current)
        current = inner
    return current


def _write_new(directory: int, name: str, text: str, target: Path) -> None:
    if target.is_symlink():
        raise PathError(
            f"{target} is a symbolic link, which an export does not follow. Remove it or choose another name."
        )
    with os.fdopen(os.open(name, _NEW_FILE, 0o666, dir_fd=directory), "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _discard(directory: int, name: str) -> None:
    try:
        os.unlink(name, dir_fd=directory)
    except OSError:
        return
