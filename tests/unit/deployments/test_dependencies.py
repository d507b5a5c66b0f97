"""What a file's header says of its dependencies becomes job variables, or a sentence."""

from pathlib import Path

import pytest

from perijove.deployments.dependencies import is_isolated, job_variables
from perijove.errors import UsageError
from perijove.flows.entrypoint import load_flow

HEADER = """\
# A title.
#
# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "pandas==2.2.3",
#     "requests[socks]>=2; python_version > '3'",
# ]
#
# [tool.perijove]
# function = "report"
# ///

import pandas
"""


def test_a_header_gives_its_requirements_and_its_python() -> None:
    assert job_variables(HEADER, of="report.py") == {
        "dependencies": ["pandas==2.2.3", 'requests[socks]>=2; python_version > "3"'],
        "requires_python": ">=3.11",
    }


def test_a_header_that_names_none_asks_for_none() -> None:
    assert job_variables("# /// script\n# dependencies = []\n# ///\n", of="report.py") == {"dependencies": []}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("import pandas", "report.py says nowhere"),
        (2 * "# /// script\n# dependencies = []\n# ///\n\n", "report.py says twice"),
        ("# /// script\n# dependencies = [\n# ///\n", "can't be read"),
        ('# /// script\n# dependencies = ["a b"]\n# ///\n', "can't be read"),
        ("# /// script\n# dependencies = 3\n# ///\n", "can't be read"),
        ('# /// script\n# requires-python = "new"\n# ///\n', "can't be read"),
    ],
)
def test_a_header_that_can_not_be_read_is_refused_by_the_files_name(text: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        job_variables(text, of="report.py")


def test_a_word_that_names_no_environment_is_refused() -> None:
    with pytest.raises(UsageError, match="There is no environment 'conda'"):
        is_isolated("conda")


def test_a_flow_deployed_from_code_asks_for_what_its_file_says(tmp_path: Path) -> None:
    header = '# /// script\n# dependencies = ["pandas"]\n# ///\n'
    (tmp_path / "flows.py").write_text(f"{header}from perijove import flow\n\n\n@flow\ndef report(): ...\n")
    planned = load_flow("flows.py:report", tmp_path).to_deployment("d", env="isolated", job_variables={"niceness": 3})
    assert planned.wishes.job_variables == {"dependencies": ["pandas"], "niceness": 3}
