"""What Tab offers after a magic's name: flows, deployments, timezones and the magic's own options."""

import zoneinfo
from collections.abc import Callable, Iterable
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from perijove.magics.deployment_names import DeploymentNames
from perijove.magics.deployments import ACTIONS as DEPLOYMENT_ACTIONS
from perijove.magics.deployments import EDIT, EXPLORE
from perijove.magics.perijove import ACTIONS as PERIJOVE_ACTIONS
from perijove.magics.runs import ACTIONS as RUN_ACTIONS
from perijove.magics.schedules import ACTIONS as SCHEDULE_ACTIONS
from perijove.magics.schedules import CALENDAR
from perijove.magics.scope import flows_in

Offer = Callable[[InteractiveShell], Iterable[str]]

_NAMES = DeploymentNames()


def _flows(shell: InteractiveShell) -> Iterable[str]:
    return flows_in(shell.user_ns)


def _functions(shell: InteractiveShell) -> Iterable[str]:
    own = shell.user_ns.items()
    return [name for name, value in own if callable(value) and getattr(value, "__module__", None) == "__main__"]


def _deployments(_: InteractiveShell) -> Iterable[str]:
    return _NAMES.known()


MAGICS: dict[str, Offer] = {
    "deploy": _flows,
    "serve": _flows,
    "export": _functions,
    "run_deployment": _deployments,
    "deployments": _deployments,
    "schedules": _deployments,
    "runs": _deployments,
    "perijove": lambda _: (),
}
"""Every magic, and what its first word may be."""

_ACTIONS: dict[str, Iterable[str]] = {
    "deployments": (*DEPLOYMENT_ACTIONS, EDIT, EXPLORE),
    "perijove": PERIJOVE_ACTIONS,
    "runs": RUN_ACTIONS,
    "schedules": (*SCHEDULE_ACTIONS, CALENDAR),
}


def offer(shell: InteractiveShell) -> None:
    """Let Tab know of the magics' words."""
    for name in MAGICS:
        for sign in ("%", "%%"):
            shell.set_hook("complete_command", _complete, str_key=f"{sign}{name}")  # type: ignore[no-untyped-call]


def _complete(shell: InteractiveShell, event: Any) -> list[str]:
    words = event.text_until_cursor.split()
    magic = words[0].lstrip("%")
    before = words[:-1] if event.symbol else words
    return sorted(word for word in _candidates(shell, magic, before, event.symbol) if word.startswith(event.symbol))


def _candidates(shell: InteractiveShell, magic: str, before: list[str], symbol: str) -> Iterable[str]:
    if symbol.startswith("-"):
        parser = shell.magics_manager.magics["line"][magic].parser
        return [option for action in parser._actions for option in action.option_strings]
    if before[-1] == "--timezone":
        return zoneinfo.available_timezones()
    actions = _ACTIONS.get(magic, ())
    if len(before) == 1:
        return [*actions, *MAGICS[magic](shell)]
    return _deployments(shell) if magic in ("deployments", "schedules") and before[1] in actions else []
