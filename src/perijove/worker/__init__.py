"""Takes a work pool's due runs and runs each in a process tree of its own, which leaves nothing behind.

::

    worker (poll) ── launcher ──┬─ zygote: an interpreter with everything imported, which forks
                                │    └─ shepherd: one a run; owns its output, ships it, says how it ended
                                │         └─ child: the run itself, and whatever it starts
                                └─ ... one zygote for each interpreter that deployments name

A run survives nothing above it: when the worker is stopped, its runs have a grace to end by themselves and are then
stopped and reported as Crashed; when it is killed, they are stopped at once, and their shepherds still report it.
"""
