"""What a run says need not be UTF-8, and is told all the same: in a process of its own, whose output can hold it."""

import subprocess
import sys

SCRIPT = """
import os
from perijove import flow

@flow(log_prints=True)
def load():
    print("reading", os.fsdecode(b"caf\\xe9.csv"))

load()
"""


def test_a_files_name_that_is_not_utf_8_is_shown_with_its_odd_bytes_escaped() -> None:
    ran = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, check=True)
    assert rb"reading caf\udce9.csv" in ran.stderr
    assert b"Logging error" not in ran.stderr
