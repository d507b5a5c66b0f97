"""Which interpreter runs a flow: one that is there, or that of an environment which is built for its dependencies."""

import asyncio
import logging
import os
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from perijove.errors import PerijoveError
from perijove.worker.builder import Answer, Wanted, ready
from perijove.worker.launch import Job

_log = logging.getLogger(__name__)


class Environments:
    """The environments that this worker knows of; runs that ask for the same one at once share its building."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, Wanted], asyncio.Task[Path]] = {}
        self._builders: set[Process] = set()

    async def python_of(self, job: Job) -> str:
        """The interpreter that the job asks for. Raises PerijoveError for one that can't be built."""
        python = job.python or sys.executable
        if job.dependencies is None:
            return python
        wanted = Wanted(dependencies=job.dependencies, requires_python=job.requires_python)
        return str(await self._built(python, wanted))

    def close(self) -> None:
        """End what is being built."""
        for builder in self._builders:
            builder.terminate()

    async def _built(self, python: str, wanted: Wanted) -> Path:
        kind = (python, wanted)
        known = self._known.get(kind)
        if known is None or (known.done() and not _is_there(known)):
            known = self._known[kind] = asyncio.create_task(self._build(python, wanted))
        return await known

    async def _build(self, python: str, wanted: Wanted) -> Path:
        _log.info("Seeing to an environment of %s with %s.", python, ", ".join(wanted.dependencies) or "nothing else")
        try:
            builder = await asyncio.create_subprocess_exec(
                python, "-m", "perijove.worker.builder", stdin=PIPE, stdout=PIPE, start_new_session=True
            )
        except OSError as error:
            raise PerijoveError(f"The interpreter {python} can't be started ({error.strerror}).") from None
        self._builders.add(builder)
        try:
            told, _ = await builder.communicate(wanted.model_dump_json().encode())
        finally:
            self._builders.discard(builder)
        answer = Answer.model_validate_json(told or b"{}")
        if answer.python is None:
            reason = answer.reason or f"the program that builds it ended with code {builder.returncode}."
            raise PerijoveError(f"The environment for the flow's dependencies can't be built: {reason}")
        return Path(answer.python)


def _is_there(built: "asyncio.Task[Path]") -> bool:
    """Whether the environment was built and still is there; it is kept for as long as it is used."""
    if built.exception():
        return False
    try:
        os.utime(ready(built.result().parent.parent))
    except FileNotFoundError:
        return False
    return True
