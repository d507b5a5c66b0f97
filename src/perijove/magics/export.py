"""``%export``: a function of this notebook becomes a file."""

import argparse
from typing import TYPE_CHECKING

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import magics_class

from perijove import deployments
from perijove.magics import options, scope
from perijove.magics.commands import Commands, argument, command
from perijove.notebook import Recorder

if TYPE_CHECKING:
    from perijove.deployments.deployed import Exported


@magics_class
class ExportMagic(Commands):
    """``%export``"""

    def __init__(self, shell: InteractiveShell, recorder: Recorder) -> None:
        super().__init__(shell)
        self._recorder = recorder

    @command
    @argument("function", help="The function, of any kind, that a cell defines.")
    @options.exporting
    @argument("--explain", action="store_true", help="Say of each statement why it was kept.")
    def export(self, args: argparse.Namespace) -> "Exported":
        """Write a function with all that it needs from this notebook to a Python file, and nothing else.

        Examples::

            %export daily_report
            %export daily_report -o jobs/report.py --freeze threshold --explain
        """
        source = scope.notebook(self.namespace, self._recorder)
        written = source.export(args.function, options.exporting_of(args))
        return deployments.deployed.Exported(written, explain=args.explain)
