"""What one run needs, as one value: it goes through a pipe, so that neither argv nor environment holds the token."""

import shlex
from typing import Annotated, Any
from uuid import UUID

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from perijove.client.targets import Target
from perijove.schemas.deployments import Deployment
from perijove.schemas.runs import FlowRun
from perijove.schemas.work import EXECUTE


def _requirement(line: str) -> str:
    Requirement(line)
    return line


def _command(line: str) -> str:
    if not shlex.split(line):
        raise ValueError("it names no program")
    return line


def _specifier(text: str) -> str:
    SpecifierSet(text)
    return text


class Job(BaseModel):
    """The job variables that a process can follow; others belong to other kinds of work pools.

    ``python`` is the interpreter that runs the flow (None: the worker's own). ``env`` unsets what it gives as None.
    ``dependencies`` asks for an environment of that interpreter's with these PEP 508 requirements (and Perijove), for
    which ``requires_python`` is a PEP 440 specifier.
    ``command`` is the program that runs the flow, with its words, if not that interpreter by itself: a profiler, say,
    that starts ``python -m perijove.worker.child``. ``stream_output`` False: what the run prints goes nowhere.
    ``preload`` names modules that are imported once, before runs are forked: they then cost none of them anything.
    ``umask`` is octal, as "027"; ``niceness`` is added to the worker's (the higher, the humbler); ``memory_limit_mib``
    holds for each of the run's processes, ``time_limit_seconds`` for the run.
    """

    model_config = ConfigDict(coerce_numbers_to_str=True)

    env: dict[str, str | None] = Field(default_factory=dict)
    working_dir: str | None = None
    python: str | None = None
    dependencies: tuple[Annotated[str, AfterValidator(_requirement)], ...] | None = None
    requires_python: Annotated[str, AfterValidator(_specifier)] | None = None
    command: Annotated[str, AfterValidator(_command)] | None = None
    stream_output: bool = True
    preload: tuple[str, ...] = ()
    umask: str | None = Field(default=None, pattern="^[0-7]{1,4}$")
    niceness: int = Field(default=0, ge=0, le=19)
    memory_limit_mib: int | None = Field(default=None, ge=1)
    time_limit_seconds: float | None = Field(default=None, gt=0)


class Launch(BaseModel):
    """One run, its deployment, and the server that it reports to. ``lease``: on whose behalf it is run, if leased."""

    model_config = ConfigDict(hide_input_in_errors=True)  # it holds the token

    flow_run: FlowRun
    deployment: Deployment
    target: Target
    job: Job
    lease: UUID | None = None

    @property
    def run_id(self) -> UUID:
        return self.flow_run.id

    def encode(self) -> bytes:
        """The launch as one line of JSON, without its end."""
        return self.model_dump_json().encode()


def job_of(deployment: Deployment, flow_run: FlowRun) -> Job:
    """The deployment's job variables, overlaid with the run's own; ``env`` is merged, not replaced (Prefect's rule).

    A ``command`` that tells other workers how to start a flow of ours is left out: it tells this one nothing new.
    Raises pydantic's ValidationError for variables that aren't what they should be.
    """
    own = _set_values(flow_run.job_variables or {})
    common = _set_values(deployment.job_variables)
    env = {**common.pop("env", {}), **own.pop("env", {})}
    job = Job.model_validate({**common, **own, "env": env})
    return job.model_copy(update={"command": None}) if _is_known(job.command) else job


def _is_known(command: str | None) -> bool:
    return bool(command) and tuple(shlex.split(command)[1:]) == EXECUTE


def _set_values(variables: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in variables.items() if value is not None}
