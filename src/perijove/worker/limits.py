"""What a run's process may use, as its job variables say: set in that process, and inherited by what it starts."""

import os
import resource
import sys

from perijove.worker.launch import Job

_MIB = 1024 * 1024

# Linux counts what a process has allocated; elsewhere only its whole address space can be bounded.
_MEMORY = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS


def apply(job: Job) -> None:
    """Bound this process. What the system does not allow is left as it is: nobody may give himself more."""
    if job.umask is not None:
        os.umask(int(job.umask, 8))
    if job.niceness:
        os.nice(job.niceness)
    if job.memory_limit_mib is not None:
        _, hard = resource.getrlimit(_MEMORY)
        wanted = job.memory_limit_mib * _MIB
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(_MEMORY, (allowed, allowed))
