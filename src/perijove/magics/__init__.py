"""``%load_ext perijove``: the commands as magics. One module a magic; each parses, calls and returns a value.

Loading must cost nearly nothing, so what the magics call is loaded when the first of them runs.
"""

from IPython.core.interactiveshell import InteractiveShell

from perijove.magics import completion, progress_line
from perijove.magics.deploy import DeployMagic
from perijove.magics.deployments import DeploymentsMagic
from perijove.magics.export import ExportMagic
from perijove.magics.perijove import PerijoveMagic
from perijove.magics.run_deployment import RunDeploymentMagic
from perijove.magics.runs import RunsMagic
from perijove.magics.schedules import SchedulesMagic
from perijove.magics.serve import ServeMagic
from perijove.notebook.recorder import forget, recorder_of


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Give the shell the magics, and record what it runs from now on."""
    recorder = recorder_of(shell)
    for magic in (
        DeployMagic(shell, recorder),
        ExportMagic(shell, recorder),
        ServeMagic(shell, recorder),
        RunDeploymentMagic(shell),
        DeploymentsMagic(shell),
        SchedulesMagic(shell),
        RunsMagic(shell),
        PerijoveMagic(shell),
    ):
        shell.register_magics(magic)
    completion.offer(shell)
    progress_line.show_in(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Record nothing further, and forget the magics."""
    forget(shell)
    progress_line.leave(shell)
    for name in completion.MAGICS:
        for kind in ("line", "cell"):
            shell.magics_manager.magics[kind].pop(name, None)
