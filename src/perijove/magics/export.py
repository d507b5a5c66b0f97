"""``%export``: a function of this notebook becomes a file."""

import argparse
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import magics_class

from perijove import deployments
from perijove.magics import options, scope
from perijove.magics.commands import Commands, argument, command
from perijove.notebook import Recorder

if TYPE_CHECKING:
    from perijove.deployments.exported import Exported


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
    @argument("--json", action="store_true", help="Give what was made, and why each statement was kept, as plain data.")
    @argument("--dry-run", action="store_true", help="Check and show everything; write nothing.")
    def export(self, args: argparse.Namespace) -> "Exported | dict[str, Any]":
        """Write a function with all that it needs from this notebook to a Python file, and nothing else.

        Examples::

            %export daily_report
            %export daily_report -o jobs/report.py --freeze threshold --explain
        """
        source = scope.notebook(self.namespace, self._recorder)
        how = options.exporting_of(args)
        made = source.rehearse(args.function, how) if args.dry_run else source.export(args.function, how)
        exported = deployments.exported.Exported(made, explain=args.explain, dry_run=args.dry_run)
        return exported.data() if args.json else exported
