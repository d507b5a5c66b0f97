"""What our own worker shall have at hand for a flow."""

import pytest

from perijove.deployments.deploying import _imports


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("from prefect import flow", True),
        ("import prefect.flows as f", True),
        ("from perijove import flow\nimport prefect_aws", False),
        ("def f():\n    import prefect", False),
    ],
)
def test_a_module_that_imports_prefect_is_known_by_its_text(text: str, does: bool) -> None:
    assert _imports(text, "prefect") is does
