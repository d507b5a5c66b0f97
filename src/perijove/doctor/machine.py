"""What can be wrong on this machine: settings, files that can't be written or that others can read, time zones."""

import os
import stat
import zoneinfo
from collections.abc import Iterator
from pathlib import Path

from perijove import servers, settings
from perijove.client import targets
from perijove.doctor.report import Finding
from perijove.errors import SettingsError

EXPORTS = "perijove_exports"
"""The directory, beside a notebook, that exports are written to."""

_PROBES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata")


def findings(directory: Path) -> Iterator[Finding]:
    """How the settings, the data directory, the token's file, the time zones and the exports' place are."""
    yield _settings()
    home = settings.current().home
    yield _writable("data directory", home, "Make it writable, or set PERIJOVE_HOME to a directory that is.")
    yield _token_file(home / "token")
    yield _time_zones()
    yield _writable("exports", directory / EXPORTS, "Make it writable, or give another place to --out.")


def _settings() -> Finding:
    try:
        server = targets.named()
    except SettingsError as error:
        return Finding("settings", "They name no server.", str(error))
    return Finding("settings", f"target: {server or servers.EMBEDDED}")


def _writable(what: str, directory: Path, cure: str) -> Finding:
    """Whether the directory, or the first above it that is there, can be written to."""
    there = next(each for each in (directory, *directory.parents) if each.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return Finding(what, f"{directory} {'is writable' if there == directory else 'can be made'}")
    return Finding(what, f"{there} can't be written.", cure)


def _token_file(path: Path) -> Finding:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return Finding("token", "none yet: the server's first start makes it")
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Finding("token", f"{path} can be read by others (mode {mode:o}).", f"chmod 600 {path}")
    return Finding("token", f"{path} is its owner's alone")


def _time_zones() -> Finding:
    try:
        for name in _PROBES:
            zoneinfo.ZoneInfo(name)
    except zoneinfo.ZoneInfoNotFoundError as error:
        cure = "Install it again: pip install --force-reinstall tzdata"
        return Finding("time zones", f"There is no time zone data ({error}).", cure)
    return Finding("time zones", f"{len(zoneinfo.available_timezones())} are known")
