"""Perijove's half of the comparison; prints its figures as JSON. Run by ``benchmarks.main``."""

import json
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.sampling import APART, repeated

HERE = Path(__file__).parent
IMPORT = "import time; start = time.perf_counter(); {}; print(time.perf_counter() - start)"
LOAD_EXT = (
    "from IPython.core.interactiveshell import InteractiveShell; shell = InteractiveShell(); "
    "import time; start = time.perf_counter(); shell.run_line_magic('load_ext', 'perijove'); "
    "print(time.perf_counter() - start)"
)


def in_fresh_process(code: str, times: int) -> list[float]:
    """What the code prints, each time in a new interpreter."""
    command = [sys.executable, "-c", code]
    return [float(subprocess.check_output(command).split()[-1]) for _ in range(times)]


def start_and_stop() -> float:
    """Seconds from nothing to a server that answers."""
    from perijove import embed

    taken = repeated(1, embed.start)[0]
    embed.stop()
    return taken


def main(times: int) -> None:
    """Measure, and print."""
    os.environ["PERIJOVE_HOME"] = tempfile.mkdtemp(prefix="perijove-bench-")
    figures = {
        "import": in_fresh_process(IMPORT.format("from perijove import flow"), times),
        "load_ext": in_fresh_process(LOAD_EXT, times),
        "server start": [start_and_stop() for _ in range(times)],
    }
    from perijove import embed, run_deployment
    from perijove.deployments.define import Wishes
    from perijove.deployments.deploying import deploy_file

    embed.start()
    try:
        deploy = partial(deploy_file, HERE / "empty_flow.py", "nothing", Wishes(name="bench"))
        deploy()
        figures["deploy"] = repeated(times, deploy)
        run = partial(run_deployment, "nothing/bench")
        run()
        figures["run_deployment"] = repeated(3 * times, run, APART)
        figures["run_deployment, no pause"] = repeated(3 * times, run)
    finally:
        embed.stop()
    print(json.dumps(figures))


if __name__ == "__main__":
    main(int(sys.argv[1]))
