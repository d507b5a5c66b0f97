"""The work pools that nobody has to create: the local worker's, and that of queues for which no pool is named."""

from typing import Any

from perijove.schemas.work import WorkPoolCreate


def _variable(title: str, description: str, **kind: Any) -> dict[str, Any]:
    return {"title": title, "description": description, **kind}


_VARIABLES = {
    "name": _variable("Name", "Name given to the run's process.", type="string"),
    "env": _variable(
        "Environment variables",
        "Environment variables of the run alone.",
        type="object",
        additionalProperties={"type": "string"},
    ),
    "labels": _variable("Labels", "Labels of the run.", type="object", additionalProperties={"type": "string"}),
    "command": _variable("Command", "The program that runs the flow, if not Python alone.", type="string"),
    "stream_output": _variable("Stream output", "Whether what the run prints is kept.", type="boolean", default=True),
    "working_dir": _variable("Working directory", "Where the run works.", type="string", format="path"),
    "python": _variable("Python", "The interpreter that runs the flow.", type="string"),
}

LOCAL_POOL = WorkPoolCreate(
    name="local",
    type="process",
    description="Runs on this machine, each in a process of its own.",
    base_job_template={
        "job_configuration": {name: f"{{{{ {name} }}}}" for name in _VARIABLES},
        "variables": {"type": "object", "properties": _VARIABLES},
    },
)

AGENT_POOL = WorkPoolCreate(
    name="default-agent-pool",
    type="prefect-agent",
    description="The queues for which no work pool was named.",
)
"""Prefect's name for it; made with the first such queue."""
