"""What a user may set."""

from datetime import timedelta
from pathlib import Path

import pytest

from perijove import settings
from perijove.errors import SettingsError


def test_runs_are_kept_for_ever_unless_days_are_given(tmp_path: Path) -> None:
    home = {"PERIJOVE_HOME": str(tmp_path)}
    assert settings.read(home).keep_runs is None
    assert settings.read({**home, "PERIJOVE_KEEP_RUNS": "30"}).keep_runs == timedelta(days=30)
    (tmp_path / "perijove.toml").write_text("keep_runs = 0.5")
    assert settings.read(home).keep_runs == timedelta(hours=12)


@pytest.mark.parametrize("days", ["0", "-1", "a week", "nan", "1e9"])
def test_what_is_no_number_of_days_is_refused(tmp_path: Path, days: str) -> None:
    with pytest.raises(SettingsError, match="no number of days"):
        settings.read({"PERIJOVE_HOME": str(tmp_path), "PERIJOVE_KEEP_RUNS": days})
