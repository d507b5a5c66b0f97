"""Which server the settings name, and which secret goes to it."""

from pathlib import Path

import pytest

from perijove import settings
from perijove.errors import SettingsError
from perijove.servers import Server

PROFILES = """
active = "prod"
[profiles.prod]
PREFECT_API_URL = "https://prod.example/api/"
PREFECT_API_KEY = "prod-key"
[profiles.basic]
PREFECT_API_URL = "https://basic.example/api"
PREFECT_API_AUTH_STRING = "user:password"
[profiles.nowhere]
PREFECT_LOGGING_LEVEL = "DEBUG"
"""
OWN = "https://own.example/api"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment with a data directory and Prefect's profiles."""
    (tmp_path / "profiles.toml").write_text(PROFILES)
    return {"PERIJOVE_HOME": str(tmp_path), "PREFECT_HOME": str(tmp_path)}


@pytest.mark.parametrize(
    ("said", "file", "address", "named_by"),
    [
        ({}, "", "https://prod.example/api", "Prefect's profile 'prod'"),
        ({"PREFECT_API_URL": "http://a/api"}, "", "http://a/api", "PREFECT_API_URL"),
        ({"PREFECT_PROFILE": "basic"}, "", "https://basic.example/api", "Prefect's profile 'basic'"),
        ({"PREFECT_API_URL": "http://a/api"}, f"api_url = '{OWN}/'", OWN, "perijove.toml"),
        ({"PERIJOVE_API_URL": "http://b/api"}, f"api_url = '{OWN}'", "http://b/api", "PERIJOVE_API_URL"),
        ({"PERIJOVE_API_URL": "basic"}, "", "https://basic.example/api", "Prefect's profile 'basic'"),
    ],
)
def test_the_first_that_names_a_server_counts(
    environ: dict[str, str], tmp_path: Path, said: dict[str, str], file: str, address: str, named_by: str
) -> None:
    (tmp_path / "perijove.toml").write_text(file)
    server = settings.read_server({**environ, **said})
    assert server is not None
    assert (server.api_url, server.named_by) == (address, named_by)


@pytest.mark.parametrize(
    "said",
    [
        {"PERIJOVE_API_URL": "embedded", "PREFECT_API_URL": "http://a/api"},
        {"PREFECT_API_URL": ""},
        {"PREFECT_PROFILE": "nowhere"},
        {"PREFECT_PROFILE": "ephemeral"},
        {"PREFECT_HOME": "/nowhere"},
    ],
)
def test_where_nothing_names_a_server_it_is_the_embedded_one(environ: dict[str, str], said: dict[str, str]) -> None:
    assert settings.read_server({**environ, **said}) is None


@pytest.mark.parametrize(
    ("said", "key", "auth_string"),
    [
        ({}, "prod-key", None),
        ({"PREFECT_API_KEY": "other"}, "other", None),
        ({"PREFECT_PROFILE": "basic"}, None, "user:password"),
        ({"PREFECT_API_AUTH_STRING": "me:mine"}, "prod-key", "me:mine"),
        ({"PERIJOVE_API_URL": "https://prod.example/api"}, "prod-key", None),
        ({"PERIJOVE_API_URL": "prod", "PERIJOVE_API_KEY": "mine"}, "mine", None),
        ({"PERIJOVE_API_URL": OWN, "PERIJOVE_API_KEY": "mine"}, "mine", None),
        ({"PERIJOVE_API_URL": OWN, "PREFECT_API_KEY": "prefects"}, None, None),
    ],
)
def test_a_server_gets_the_secret_that_was_given_for_it(
    environ: dict[str, str], said: dict[str, str], key: str | None, auth_string: str | None
) -> None:
    server = settings.read_server({**environ, **said})
    assert server is not None
    assert (server.key, server.auth_string) == (key, auth_string)


def test_a_secret_goes_to_no_other_server_than_its_own(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "perijove.toml").write_text(f"api_url = '{OWN}'\napi_key = 'filed'")
    assert settings.read_server(environ) == Server(OWN, "perijove.toml", "filed")
    assert settings.read_server(environ, OWN) == Server(OWN, "--target", "filed")
    elsewhere = {**environ, "PERIJOVE_API_URL": "http://b/api"}
    assert settings.read_server(elsewhere) == Server("http://b/api", "PERIJOVE_API_URL")
    given = {**environ, "PERIJOVE_API_KEY": "given"}
    assert settings.read_server(given, "http://b/api") == Server("http://b/api", "--target")
    assert settings.read_server(given) == Server(OWN, "perijove.toml", "given")


def test_no_secret_is_ever_shown() -> None:
    server = Server("https://me:hidden@host/api", "here", "hidden", "me:hidden")
    assert "hidden" not in str(server)
    assert "key" not in repr(server)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"PERIJOVE_API_URL": "prodd"}, "PERIJOVE_API_URL: 'prodd' is no address.*Did you mean 'prod'"),
        ({"PERIJOVE_API_URL": "127.0.0.1:4200/api"}, "is no address"),
        ({"PERIJOVE_API_URL": "ftp://host/api"}, "is no server's address"),
        ({"PREFECT_PROFILE": "prodd"}, "has no such profile. Did you mean 'prod'"),
        ({"PREFECT_API_URL": "nonsense"}, "PREFECT_API_URL: 'nonsense' is no server's address"),
    ],
)
def test_what_names_no_server_is_refused_in_a_sentence(
    environ: dict[str, str], said: dict[str, str], sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence):
        settings.read_server({**environ, **said})


def test_profiles_that_can_not_be_read_are_named_with_a_way_out(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "profiles.toml").write_text("active = ")
    with pytest.raises(SettingsError, match="profiles.toml can't be read.*PERIJOVE_API_URL=embedded"):
        settings.read_server(environ)
    assert settings.read_server({**environ, "PERIJOVE_API_URL": "embedded"}) is None
