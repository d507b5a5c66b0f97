"""The server that Prefect's own settings name, as Prefect and as Perijove read them."""

import itertools
import json
import subprocess
from pathlib import Path

from perijove import servers

from .conftest import PEER, prefect_python

PROFILES = """
active = "prod"
[profiles.prod]
PREFECT_API_URL = "https://prod.example/api"
PREFECT_API_KEY = "prod-key"
[profiles.basic]
PREFECT_API_URL = "https://basic.example/api"
PREFECT_API_AUTH_STRING = "user:password"
[profiles.quiet]
PREFECT_LOGGING_LEVEL = "ERROR"
"""
SAID = {
    "PREFECT_PROFILE": (None, "basic", "quiet", "ephemeral"),
    "PREFECT_API_URL": (None, "", "https://given.example/api"),
    "PREFECT_API_KEY": (None, "", "given-key"),
    "PREFECT_API_AUTH_STRING": (None, "me:mine"),
}


def test_every_mixture_of_environment_and_profile_names_the_same_server(tmp_path: Path) -> None:
    (tmp_path / "profiles.toml").write_text(PROFILES)
    environments = [
        {"PREFECT_HOME": str(tmp_path)}
        | {name: word for name, word in zip(SAID, words, strict=True) if word is not None}
        for words in itertools.product(*SAID.values())
    ]
    command = [prefect_python(), PEER / "settings.py"]
    told = subprocess.run(
        command, input=json.dumps(environments), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    for environment, (url, key, auth_string) in zip(environments, json.loads(told.stdout), strict=True):
        ours = servers.read_prefect(environment).active
        found = (ours.api_url, ours.key, ours.auth_string) if ours else None
        assert found == ((url, key or None, auth_string or None) if url else None), environment
