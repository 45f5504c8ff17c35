"""Settings: read from the environment, each documented, and said in a sentence where wrong."""

import re
from pathlib import Path

import pytest

from gateway.settings import PREFIX, Settings, is_loopback, read_settings
from profiles.errors import SettingsError

ROOT = Path(__file__).parents[2]
DOCUMENTED = dict(
    re.findall(rf"^\| `{PREFIX}(\w+)` \| (.+?) \|", (ROOT / "docs" / "settings.md").read_text(), flags=re.MULTILINE)
)


def test_the_documentation_lists_every_setting_and_no_other() -> None:
    assert list(DOCUMENTED) == [name.upper() for name in Settings.model_fields]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_documentation_says_the_default_and_the_sentence(name: str) -> None:
    field = Settings.model_fields[name]
    shown = {None: "unset", (): "none", True: "yes", False: "no"}
    is_plain = field.default is None or field.default == () or isinstance(field.default, bool)
    assert DOCUMENTED[name.upper()] == (shown[field.default] if is_plain else f"`{field.default}`")
    assert field.description is not None
    assert field.description.endswith(".")
    assert field.description in (ROOT / "docs" / "settings.md").read_text()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "many"),
        ("PORT", "70000"),
        ("POOL_SIZE", "0"),
        ("GRAPHIQL", "perhaps"),
        ("EXECUTION_TIMEOUT_SECONDS", "-1"),
        ("DEVELOPMENT_KEY", "x"),
        ("ALLOWED_ORIGINS", "crm.example.com"),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"{PREFIX}{name}", value)
    with pytest.raises(SettingsError) as wrong:
        read_settings()
    sentence = str(wrong.value)
    assert sentence.startswith(f"{PREFIX}{name} is wrong: ")
    assert (sentence.count("\n"), "pydantic" in sentence) == (0, False)


def test_what_is_given_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}PORT", "9000")
    assert (read_settings().port, read_settings(port=9001).port, read_settings(port=None).port) == (9000, 9001, 9000)


def test_an_empty_setting_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}REDIS_URL", "")
    monkeypatch.setenv(f"{PREFIX}PORT", "")
    assert (read_settings().redis_url, read_settings().port) == (None, 8000)


def test_origins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}ALLOWED_ORIGINS", "https://CRM.example.com/ , http://localhost:3000,")
    assert read_settings().allowed_origins == ("https://crm.example.com", "http://localhost:3000")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "gateway.example.com"])
def test_a_development_key_is_refused_beyond_the_loopback(host: str) -> None:
    with pytest.raises(SettingsError, match="loopback"):
        Settings(development_key="dev", host=host).require_consistent()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "[::1]"])
def test_a_development_key_is_accepted_on_the_loopback(host: str) -> None:
    assert is_loopback(host)
    Settings(development_key="dev", host=host).require_consistent()


def test_several_workers_need_redis() -> None:
    with pytest.raises(SettingsError, match="REDIS_URL"):
        Settings().require_consistent(workers=2)
    Settings(redis_url="redis://127.0.0.1").require_consistent(workers=2)
