"""What ``import perijove`` and ``%load_ext perijove`` cost: what they load is counted in a process of its own."""

import json
import subprocess
import sys

import pytest

import perijove

HEAVY = {"fastapi", "sqlalchemy", "httpx2", "pydantic", "ipywidgets", "uvicorn", "jsonschema"}


def _loaded_by(code: str) -> set[str]:
    told = subprocess.check_output(
        [sys.executable, "-c", f"{code}\nimport json, sys; print(json.dumps(list(sys.modules)))"]
    )
    return set(json.loads(told.splitlines()[-1]))


def test_importing_perijove_loads_nothing_but_itself() -> None:
    added = _loaded_by("import perijove") - _loaded_by("import importlib, typing")
    assert added == {"perijove"}


def test_loading_the_extension_loads_none_of_the_heavy_libraries() -> None:
    shell = "from IPython.core.interactiveshell import InteractiveShell\nshell = InteractiveShell()\n"
    before, after = _loaded_by(shell), _loaded_by(f"{shell}shell.extension_manager.load_extension('perijove')")
    assert (after - before) & HEAVY == set()


def test_importing_flow_loads_no_server_and_no_ipython() -> None:
    loaded = _loaded_by("from perijove import flow, task")
    assert loaded & {"fastapi", "sqlalchemy", "uvicorn", "IPython", "jupyter_server"} == set()


def test_a_server_starts_without_what_takes_seconds_to_import() -> None:
    """jsonschema builds a grammar of URIs, with lark, wherever Jupyter has brought its format checkers along."""
    assert _loaded_by("import perijove.background") & {"jsonschema", "lark", "pandas", "IPython"} == set()


@pytest.mark.parametrize("name", perijove.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(perijove, name) is not None
    assert name in dir(perijove)


def test_the_public_names_are_sorted() -> None:
    assert perijove.__all__ == sorted(perijove.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'flwo'"):
        perijove.flwo  # noqa: B018
