"""What a saved notebook keeps: it reads without a kernel, without widgets, and in other formats."""

from pathlib import Path

import nbclient
import nbconvert
import nbformat
import pytest

from perijove import embed

EVIL = "<img src=x onerror=alert(1)>"
CELLS = (
    "%load_ext perijove\nfrom perijove import flow",
    "@flow\ndef report(top: int = 3) -> int:\n    return top",
    f"%deploy report --name prod --cron '0 8 * * *' --timezone Europe/Berlin --tag '{EVIL}'",
    "%export report --dry-run",
    "%run_deployment report/prod --name first",
    "%deployments",
    "%deployments report/prod",
    "%schedules",
    "runs = %runs\nruns",
    "runs[0].logs()",
    "done = %runs --state completed\ndone.to_frame()[['run', 'state']]",
)


@pytest.fixture
def saved(home: Path, tmp_path: Path) -> nbformat.NotebookNode:
    """A notebook that was executed in a real kernel and saved."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    nbclient.NotebookClient(notebook, timeout=90, resources={"metadata": {"path": str(tmp_path)}}).execute()
    embed.stop()
    path = tmp_path / "saved.ipynb"
    nbformat.write(notebook, path)
    return nbformat.read(path, as_version=4)


def test_a_saved_notebook_is_rendered_with_all_that_was_shown_and_none_of_it_as_markup(
    saved: nbformat.NotebookNode,
) -> None:
    results = [each for cell in saved.cells[2:] for each in cell.outputs if each.output_type == "execute_result"]
    assert len(results) >= 8
    assert all({"text/plain", "text/html"} <= set(each.data) for each in results)
    page, _ = nbconvert.HTMLExporter().from_notebook_node(saved)
    for told in ("report/prod is deployed", "Flow run first", "08:00", "finished in state Completed"):
        assert told in page
    assert "&lt;img src=x onerror" in page
    assert "<img src=x" not in page
    text, _ = nbconvert.MarkdownExporter().from_notebook_node(saved)
    assert "Would be exported" in text


def test_a_wait_is_told_while_it_lasts_and_leaves_nothing(home: Path, tmp_path: Path) -> None:
    cells = (
        "%load_ext perijove\nimport time\nfrom perijove import progress",
        "with progress.doing('Waiting'):\n    time.sleep(3)",
        "print('before')\nwith progress.doing('Again'):\n    time.sleep(2)\n'after'",
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    told: list[str] = []
    client = nbclient.NotebookClient(notebook, timeout=90, resources={"metadata": {"path": str(tmp_path)}})
    shown = client.process_message

    def keep(message: nbformat.NotebookNode, *args: object) -> object:
        told.append(message["content"].get("data", {}).get("text/plain", ""))
        return shown(message, *args)

    client.process_message = keep
    client.execute()
    assert "Waiting… 2 s" in told
    assert notebook.cells[1].outputs == []
    before, emptied, after = notebook.cells[2].outputs
    assert (before.text, emptied.data, after.data) == ("before\n", {}, {"text/plain": "'after'"})
