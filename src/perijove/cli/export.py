"""``perijove export``: a function in a notebook becomes a Python file."""

import gc
import json
from pathlib import Path
from typing import Any

import click

from perijove import deployments
from perijove.cli import notebooks, options, output


@click.command()
@click.argument("source", type=click.Path(path_type=Path), metavar="NOTEBOOK")
@click.argument("function")
@options.exporting
@click.option("--explain", is_flag=True, help="Say of each statement why it was kept.")
@click.option("--json", "as_json", is_flag=True, help="Print what was made, and why each statement was kept, as JSON.")
@click.option("--dry-run", is_flag=True, help="Check and show everything; write nothing.")
def command(
    source: Path,
    function: str,
    explain: bool,
    as_json: bool,
    dry_run: bool,
    **words: Any,
) -> None:
    """Write FUNCTION with all that it needs from a notebook to a file, and print the file's path."""
    gc.disable()  # the process ends before it has garbage worth looking for
    told: list[str] = []

    def forewarn(sentence: str) -> None:
        told.append(sentence)
        output.warn([sentence])

    how = notebooks.exporting_of(words, forewarn=forewarn)
    cells = notebooks.notebook_at(source)
    made = cells.rehearse(function, how) if dry_run else cells.export(function, how)
    exported = deployments.exported.Exported(made, explain=explain, dry_run=dry_run)
    if as_json:
        output.show(json.dumps(exported.data(), indent=2, ensure_ascii=False))
    elif explain or dry_run:
        output.show(exported)
    else:
        output.warn(sentence for sentence in made.warnings if sentence not in told)
        output.show(made.path)
