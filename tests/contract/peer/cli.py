"""Prefect's CLI, one command after another in one process; commands come and answers go as JSON."""

import json
import sys

from prefect.testing.cli import CycloptsCliRunner


def main() -> None:
    runner = CycloptsCliRunner()
    answers = []
    for command in json.load(sys.stdin):
        result = runner.invoke(command)
        answers.append({"command": command, "code": result.exit_code, "output": result.output})
    print(json.dumps(answers))


main()
