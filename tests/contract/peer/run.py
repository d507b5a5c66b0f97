"""Run deployments by ``run_deployment``; what to run comes, and how it ended goes, as JSON."""

import json
import sys

from prefect.deployments import run_deployment


def main() -> None:
    ended = {}
    for name, options in json.load(sys.stdin).items():
        run = run_deployment(name, poll_interval=0.2, **options)
        ended[name] = {"id": str(run.id), "state": run.state.name, "message": run.state.message}
    print(json.dumps(ended))


main()
