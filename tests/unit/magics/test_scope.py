"""What a kernel's namespace tells."""

from pathlib import Path

import pytest

from perijove import flow
from perijove.deployments.kernels import notebook_path
from perijove.errors import UsageError
from perijove.magics.scope import flow_named, flows_in


@flow
def daily_report() -> None:
    """A flow."""


def helper() -> None:
    """No flow."""


NAMESPACE = {"daily_report": daily_report, "helper": helper, "_hidden": daily_report, "number": 3}


def test_flows_are_found_by_the_names_that_cells_call_them() -> None:
    assert list(flows_in(NAMESPACE)) == ["daily_report"]
    assert flow_named(NAMESPACE, "daily_report") is daily_report


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("daily_reprt", "Did you mean 'daily_report'?"),
        ("number", "There is no flow `number` in this notebook. Flows here: daily_report."),
        ("helper", "`helper` is not a flow: write @flow above it"),
    ],
)
def test_what_is_no_flow_is_refused(name: str, sentence: str) -> None:
    with pytest.raises(UsageError) as refusal:
        flow_named(NAMESPACE, name)
    assert sentence in str(refusal.value)


def test_the_notebooks_path_is_what_jupyter_or_vs_code_told_the_kernel(tmp_path: Path) -> None:
    notebook = tmp_path / "report.ipynb"
    notebook.touch()
    assert notebook_path({"__session__": str(notebook)}) == notebook
    assert notebook_path({"__vsc_ipynb_file__": str(notebook)}) == notebook


def test_a_path_that_is_no_notebook_any_more_is_unknown(tmp_path: Path) -> None:
    assert notebook_path({"__session__": str(tmp_path / "gone.ipynb")}) is None
    assert notebook_path({"__session__": "9f2c-kernel"}) is None
    assert notebook_path({}) is None
