"""``perijove deploy``: a flow in a notebook or a file becomes a deployment."""

from pathlib import Path
from typing import Any

import click

from perijove import deployments
from perijove.cli import notebooks, options, output
from perijove.cli.connection import aimed


@click.command()
@click.argument("source", type=click.Path(path_type=Path), metavar="NOTEBOOK_OR_FILE")
@click.argument("function")
@click.option("--name", default="default", show_default=True, help="The deployment's name.")
@options.scheduling
@options.param
@options.tag
@click.option("--description", help="What it is for (default: the flow's docstring).")
@click.option("--version", help="Its version (default: the hash of the export, or of the file).")
@click.option("--paused", is_flag=True, default=None, help="Its schedules ask for no runs until it is resumed.")
@click.option("--pool", help="The work pool that runs it (default: this machine's own).")
@click.option("--queue", help="The queue in that work pool.")
@options.concurrency
@options.env
@options.job_variable
@options.storage
@options.trigger
@options.exporting
@click.option("--dry-run", is_flag=True, help="Check and show everything; write and change nothing.")
@aimed
def command(
    source: Path,
    function: str,
    dry_run: bool,
    **words: Any,
) -> None:
    """Deploy the flow FUNCTION of a notebook (.ipynb), exported first, or of a Python file, as it stands."""
    how = notebooks.exporting_of(words, forewarn=lambda sentence: output.warn([sentence]))
    wishes = deployments.define.wish(**words)
    if source.suffix != ".ipynb":
        output.show(deployments.deploying.deploy_file(source, function, wishes, dry_run=dry_run))
        return
    cells = notebooks.notebook_at(source)
    output.show(deployments.deploying.deploy_notebook(cells, function, wishes, how, dry_run=dry_run))
