"""Prefect's CLI, one command after another in one process; commands come and answers go as JSON."""

import json
import sys

try:
    from prefect.testing.cli import CycloptsCliRunner

    invoke = CycloptsCliRunner().invoke
except ImportError:  # an older release
    from functools import partial

    from prefect.cli.root import app
    from typer.testing import CliRunner

    invoke = partial(CliRunner().invoke, app)


def main() -> None:
    answers = []
    for command in json.load(sys.stdin):
        result = invoke(command)
        answers.append({"command": command, "code": result.exit_code, "output": result.output})
    print(json.dumps(answers))


main()
