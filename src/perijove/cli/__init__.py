"""The command line: one module a noun, loaded when it is called for."""

import importlib
from typing import Any

import click

from perijove import __version__, progress
from perijove.cli import output
from perijove.errors import PerijoveError, ServerStartError, ServerUnavailable

_NOUNS = {
    "automation": "List, show, pause, resume and delete automations.",
    "demo": "Run the quickstart notebook against a server of its own, and show what happens.",
    "deploy": "Make a flow in a notebook or a file a deployment.",
    "deployment": "List, show, run, pause, resume and delete deployments.",
    "doctor": "Look at what can be wrong with this installation and its server.",
    "export": "Write a notebook's function with all that it needs to a file.",
    "flow-run": "List, show, cancel and retry runs, and show their logs.",
    "migrate": "Carry deployments, schedules, work pools and triggers to another server.",
    "schedule": "Show when deployments run.",
    "server": "Start, stop and find the embedded server.",
    "target": "Show which server commands speak to, or choose another one.",
    "worker": "Run what is due in a work pool.",
}
"""What there is, in words that cost no import. The module is called as the noun."""

NO_SERVER = 1
"""The exit code when no server can be had."""

REFUSED = 2
"""The exit code for everything else that could not be done."""

INTERRUPTED = 130
"""The exit code of a command that its user stopped: 128 and SIGINT's number."""


class _Nouns(click.Group):
    """The nouns, each imported at its first use; what Perijove can explain is one sentence, never a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_NOUNS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _NOUNS:
            return None
        command: click.Command = importlib.import_module(f"{__name__}.{cmd_name.replace('-', '_')}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_NOUNS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        progress.show_on(progress.on_terminal())
        try:
            return super().invoke(ctx)
        except PerijoveError as error:
            output.end(str(error), NO_SERVER if isinstance(error, ServerUnavailable | ServerStartError) else REFUSED)
        except KeyboardInterrupt as interrupt:
            output.end(str(interrupt) or "Interrupted.", INTERRUPTED)


@click.group(cls=_Nouns, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="perijove")
def main() -> None:
    """Flows in notebooks as scheduled deployments: export, deploy, run and watch them."""
