"""``perijove export``: a function in a notebook becomes a Python file."""

from pathlib import Path

import click

from perijove import deployments, notebook
from perijove.cli import options, output


@click.command()
@click.argument("source", type=click.Path(path_type=Path), metavar="NOTEBOOK")
@click.argument("function")
@options.exporting
@click.option("--no-verify", is_flag=True, help="Don't import the result in a clean process.")
@click.option("--explain", is_flag=True, help="Say of each statement why it was kept.")
def command(
    source: Path,
    function: str,
    out: Path | None,
    freeze: tuple[str, ...],
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    force: bool,
    no_verify: bool,
    explain: bool,
) -> None:
    """Write FUNCTION with all that it needs from a notebook to a file, and print the file's path."""
    how = deployments.deploying.Exporting(
        out=out, freeze=freeze, include=include, exclude=exclude, force=force, verify=not no_verify
    )
    cells = deployments.deploying.Notebook(cells=notebook.read_notebook(source), path=source.absolute())
    written = cells.export(function, how)
    output.warn(written.warnings)
    output.show(deployments.deployed.Exported(written, explain=True) if explain else written.path)
