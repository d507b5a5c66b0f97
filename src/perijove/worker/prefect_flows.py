"""Runs a flow of Prefect's own kind by Prefect's own engine, which reports to the run's server by itself.

Nothing of Prefect is imported before such a flow is met; a zygote that was told to ``preload`` it has it then.
"""

import asyncio
import inspect
import logging
import os
from typing import Any

from perijove.worker.launch import Launch


def run(flow: Any, launch: Launch) -> None:
    """Run the flow as the launch's run. Its failures are told to the server, and not raised."""
    name_server(launch)
    from prefect.client.schemas.objects import FlowRun
    from prefect.context import refresh_global_settings_context
    from prefect.engine import handle_engine_signals
    from prefect.flow_engine import run_flow
    from prefect.logging.configuration import setup_logging

    refresh_global_settings_context()
    setup_logging()
    _say_nothing_twice()
    flow_run = FlowRun.model_validate(launch.flow_run.model_dump(mode="json", exclude_none=True))
    with handle_engine_signals(launch.run_id):
        ended = run_flow(flow, flow_run=flow_run, return_type="state")
        if inspect.iscoroutine(ended):
            asyncio.run(ended)


def name_server(launch: Launch) -> None:
    """Tell Prefect of its server and its run in the environment, from which it reads its settings."""
    os.environ["PREFECT_API_URL"] = launch.target.api_url
    os.environ["PREFECT__FLOW_RUN_ID"] = str(launch.run_id)
    if launch.target.token and launch.target.kind == "embedded":
        # Its WebSockets are told of no other kind of secret, except in Prefect Cloud.
        os.environ["PREFECT_API_AUTH_STRING"] = f"perijove:{launch.target.token}"
    elif launch.target.token:
        secret = "PREFECT_API_AUTH_STRING" if launch.target.scheme == "Basic" else "PREFECT_API_KEY"
        os.environ[secret] = launch.target.token


def _say_nothing_twice() -> None:
    """Prefect sends the runs' own lines to the server: on standard error they would be taken for further ones."""
    for name in ("prefect.flow_runs", "prefect.task_runs"):
        logging.getLogger(name).propagate = False
