"""The work pool that is there from the start, and that the local worker serves."""

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
