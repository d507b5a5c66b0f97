"""The notebooks that teach, executed: they run, and show what they say they show. (The quickstart: test_readme.)"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import nbclient
import nbformat
import pytest

from perijove import embed, settings

from .shown import lasting, shown

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
TEACHING = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb") if path.stem != "quickstart")

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, nbformat.NotebookNode | Exception]]:
    """All of them at once, each in a kernel of its own, with one server; what becomes of each."""
    directory = tmp_path_factory.mktemp("notebooks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERIJOVE_HOME", str(directory / "home"))
        patch.setenv("IPYTHONDIR", str(directory / "ipython"))
        patch.setenv("TZ", "UTC")  # times are shown in this machine's zone, too, where that is another
        settings.current.cache_clear()
        embed.start()
        yield asyncio.run(_all_executed(directory))
        embed.stop()
    settings.current.cache_clear()


async def _all_executed(directory: Path) -> dict[str, nbformat.NotebookNode | Exception]:
    results = await asyncio.gather(*(_executed(name, directory) for name in TEACHING), return_exceptions=True)
    return dict(zip(TEACHING, results, strict=True))  # type: ignore[arg-type]


async def _executed(name: str, directory: Path) -> nbformat.NotebookNode:
    notebook = _saved(name)
    place = {"metadata": {"path": str(directory)}}
    quiet = ["--log-level=ERROR"]
    return await nbclient.NotebookClient(notebook, timeout=120, resources=place, extra_arguments=quiet).async_execute()


def _saved(name: str) -> nbformat.NotebookNode:
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)


@pytest.mark.parametrize("name", TEACHING)
def test_a_notebook_shows_what_it_was_saved_with(
    name: str, executed: dict[str, nbformat.NotebookNode | Exception]
) -> None:
    result = executed[name]
    if isinstance(result, Exception):
        raise result
    for saved, cell in zip(_saved(name).cells, result.cells, strict=True):
        now = lasting(shown(cell))
        missing = [line for line in lasting(shown(saved)) if line not in now]
        assert not missing, f"{cell.source}\n\n{shown(cell)}"


@pytest.mark.parametrize("name", TEACHING)
def test_a_refusal_that_a_notebook_shows_still_happens(name: str) -> None:
    refused = [cell for cell in _saved(name).cells if "raises-exception" in cell.metadata.get("tags", ())]
    assert all(cell.outputs[-1].output_type == "error" for cell in refused)


@pytest.mark.parametrize("name", TEACHING)
def test_the_readme_names_the_notebook(name: str) -> None:
    assert f"notebooks/{name}.ipynb" in (NOTEBOOKS.parent / "README.md").read_text("utf-8")
