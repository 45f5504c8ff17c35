"""The command line: what each command says, and that whatever is wrong is one sentence with exit code 2."""

import socket
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from gateway.cli import main
from gateway.settings import PREFIX
from profiles.account import DEFAULT_FILE
from profiles.storage.migrations import head
from tests.valkey import made_valkey

PROFILE_GATEWAY = str(Path(sys.executable).with_name("profile-gateway"))
PATIENCE_SECONDS = 120


class Done(NamedTuple):
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


class Terminal:
    """A shell in a folder of its own, without settings of this machine. Commands run in this process: that is quick."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        monkeypatch.chdir(folder)
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setenv("NO_COLOR", "1")

    def run(self, *arguments: str, **settings: str) -> Done:
        """Runs `profile-gateway` with these arguments and settings (without their prefix)."""
        with self._monkeypatch.context() as patch:
            for name, value in settings.items():
                patch.setenv(f"{PREFIX}{name}", value)
            self._capsys.readouterr()
            with pytest.raises(SystemExit) as ended:
                main(list(arguments))
        said = self._capsys.readouterr()
        code = ended.value.code
        return Done(code if isinstance(code, int) else 0, said.out, said.err)

    def refuses(self, *arguments: str, **settings: str) -> str:
        """The one sentence with which a command refuses."""
        done = self.run(*arguments, **settings)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("profile-gateway: ")
        assert done.stderr.count("\n") == 1
        assert "Traceback" not in done.stderr
        return done.stderr.removeprefix("profile-gateway: ").strip()


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(tmp_path, monkeypatch, capsys)


@pytest.fixture
def migrated(migrated_folder: Path, terminal: Terminal) -> Terminal:
    assert terminal.folder == migrated_folder
    return terminal


def test_migrate_makes_the_database_and_says_where_it_stands(terminal: Terminal) -> None:
    for _ in range(2):
        done = terminal.run("migrate")
        said = f"The database sqlite+aiosqlite:///profile-gateway.db is at revision {head()}.\n"
        assert (done.returncode, done.stdout) == (0, said)
    assert (terminal.folder / "profile-gateway.db").is_file()


@pytest.mark.parametrize("command", [("serve",), ("keys", "list"), ("recompute", "recommendations")])
class TestWrongPlaces:
    """What is wrong with the place where the data should be, said by any command that needs it."""

    def test_a_missing_file(self, terminal: Terminal, command: tuple[str, ...]) -> None:
        assert terminal.refuses(*command).startswith("There is no database at profile-gateway.db;")

    def test_a_database_without_tables(self, terminal: Terminal, command: tuple[str, ...]) -> None:
        (terminal.folder / "profile-gateway.db").touch()
        assert terminal.refuses(*command) == (
            f"The database is without tables, the newest revision is {head()}: run `profile-gateway migrate`."
        )

    def test_a_database_of_a_newer_version(self, migrated: Terminal, command: tuple[str, ...]) -> None:
        with sqlite3.connect(migrated.folder / "profile-gateway.db") as database:
            database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.close()
        assert migrated.refuses(*command) == (
            f"The database is at revision 9999, which this version does not know; its newest is {head()}: "
            "run the version that migrated it."
        )

    def test_a_file_that_is_no_database(self, terminal: Terminal, command: tuple[str, ...]) -> None:
        (terminal.folder / "profile-gateway.db").write_text("Dear diary, " * 1_000)
        assert terminal.refuses(*command).endswith("cannot be read: file is not a database.")

    def test_a_url_that_is_none(self, terminal: Terminal, command: tuple[str, ...]) -> None:
        assert "is not a database URL" in terminal.refuses(*command, DATABASE_URL="nonsense")

    def test_a_database_that_we_do_not_speak(self, terminal: Terminal, command: tuple[str, ...]) -> None:
        assert "names 'mysql'" in terminal.refuses(*command, DATABASE_URL="mysql://user:secret@host/name")

    def test_a_server_that_is_away_without_its_password(self, terminal: Terminal, command: tuple[str, ...]) -> None:
        url = "postgresql+asyncpg://user:secret@127.0.0.1:1/name"
        sentence = terminal.refuses(*command, DATABASE_URL=url)
        assert "127.0.0.1:1/name cannot be reached" in sentence
        assert "secret" not in sentence

    def test_a_setting_that_cannot_be_read(self, terminal: Terminal, command: tuple[str, ...]) -> None:
        assert terminal.refuses(*command, PORT="many").startswith("PROFILE_GATEWAY_PORT is wrong: ")


class TestServe:
    """When serving is refused."""

    def test_an_account_file_that_is_missing(self, migrated: Terminal) -> None:
        sentence = migrated.refuses("serve", ACCOUNT_FILE="missing.toml")
        assert sentence == "The account file missing.toml cannot be read: No such file or directory."

    def test_an_account_file_that_is_no_toml(self, migrated: Terminal) -> None:
        (migrated.folder / "account.toml").write_text("name = ")
        assert "account.toml is not valid TOML" in migrated.refuses("serve", ACCOUNT_FILE="account.toml")

    def test_an_account_file_with_a_wrong_value(self, migrated: Terminal) -> None:
        (migrated.folder / "account.toml").write_text('name = "Shop"\ncurrency = "dollars"\n')
        assert "account.toml is wrong at " in migrated.refuses("serve", ACCOUNT_FILE="account.toml")

    def test_a_segment_whose_rule_cannot_be_read(self, migrated: Terminal) -> None:
        (migrated.folder / "account.toml").write_text(
            DEFAULT_FILE.read_text() + '\n[[segments]]\nkey = "tall"\nname = "Tall"\nfilter = { height = 3 }\n'
        )
        sentence = migrated.refuses("serve", ACCOUNT_FILE="account.toml")
        assert sentence.startswith("The segment 'tall' of the account file is wrong at filter: ")
        assert "unknown field 'height'" in sentence

    def test_a_segment_whose_name_is_taken(self, migrated: Terminal) -> None:
        with sqlite3.connect(migrated.folder / "profile-gateway.db") as database:
            database.execute("INSERT INTO segments (id, name) VALUES (7, 'Tall')")
        database.close()
        (migrated.folder / "account.toml").write_text(
            DEFAULT_FILE.read_text() + '\n[[segments]]\nkey = "tall"\nname = "Tall"\nfilter = {}\n'
        )
        assert migrated.refuses("serve", ACCOUNT_FILE="account.toml") == (
            "The segment 'tall' of the account file cannot be named 'Tall': "
            "the database has a segment of that name already, one without a rule."
        )

    def test_two_workers_without_redis(self, migrated: Terminal) -> None:
        assert "2 workers need PROFILE_GATEWAY_REDIS_URL" in migrated.refuses("serve", "--workers", "2")

    def test_a_development_key_beyond_the_loopback(self, migrated: Terminal) -> None:
        sentence = migrated.refuses("serve", "--host", "0.0.0.0", DEVELOPMENT_KEY="dev")
        assert "loopback" in sentence

    def test_a_port_in_use(self, migrated: Terminal) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            sentence = migrated.refuses("serve", "--port", str(port))
        assert sentence == f"127.0.0.1:{port} cannot be listened on: Address already in use."


class TestCheck:
    """`check` says of each part whether it is as it should be."""

    def test_all_is_well(self, migrated: Terminal) -> None:
        done = migrated.run("check")
        assert (done.returncode, done.stderr) == (0, "")
        assert [line.split()[0] for line in done.stdout.splitlines()] == ["ok"] * 4

    def test_with_redis(self, migrated: Terminal) -> None:
        with made_valkey() as server:
            done = migrated.run("check", REDIS_URL=server.connection_url)
        assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "ok     Redis answers.")

    @pytest.mark.parametrize("url", ["redis://127.0.0.1:1", "nonsense"])
    def test_redis_is_away(self, migrated: Terminal, url: str) -> None:
        done = migrated.run("check", REDIS_URL=url)
        assert (done.returncode, done.stderr) == (2, "")
        assert [line.split()[0] for line in done.stdout.splitlines()] == ["ok", "ok", "ok", "wrong"]

    def test_a_segment_whose_rule_cannot_be_read(self, migrated: Terminal) -> None:
        (migrated.folder / "account.toml").write_text(
            DEFAULT_FILE.read_text() + '\n[[segments]]\nkey = "tall"\nname = "Tall"\nfilter = { height = 3 }\n'
        )
        done = migrated.run("check", ACCOUNT_FILE="account.toml")
        assert done.returncode == 2
        assert [line.split()[0] for line in done.stdout.splitlines()] == ["ok", "wrong", "ok", "ok"]
        assert "The segment 'tall' of the account file is wrong at filter: " in done.stdout

    def test_several_things_are_wrong_at_once(self, terminal: Terminal) -> None:
        done = terminal.run("check", ACCOUNT_FILE="missing.toml", DEVELOPMENT_KEY="dev", HOST="0.0.0.0")
        assert done.returncode == 2
        assert [line.split()[0] for line in done.stdout.splitlines()] == ["wrong", "wrong", "wrong", "ok"]


class TestKeys:
    """Keys are made, listed and ended at the terminal."""

    def test_a_key_is_shown_once_listed_without_its_secret_and_ended(self, migrated: Terminal) -> None:
        made = migrated.run("keys", "create", "Loyalty app", "--scope", "notes:read", "--kind", "partner")
        assert made.returncode == 0
        mark, prefix, secret = made.stdout.strip().split("_")
        assert (mark, len(prefix), len(secret)) == ("pgw", 8, 40)
        listed = migrated.run("keys", "list").stdout
        assert [word in listed for word in (prefix, "Loyalty app", "partner", "good", "notes:read")] == [True] * 5
        assert secret not in listed
        assert migrated.run("keys", "revoke", prefix).returncode == 0
        assert "revoked" in migrated.run("keys", "list").stdout

    def test_a_key_without_scopes_is_refused_and_the_scopes_are_listed(self, migrated: Terminal) -> None:
        assert "notes:read" in migrated.refuses("keys", "create", "x")

    def test_an_unknown_scope_is_refused(self, migrated: Terminal) -> None:
        assert migrated.refuses("keys", "create", "x", "--scope", "all") == "There is no scope 'all'."

    def test_an_unknown_prefix_is_refused(self, migrated: Terminal) -> None:
        assert "no key with the prefix" in migrated.refuses("keys", "revoke", "unknown1")


class TestSchema:
    """The schema as text, and whether a file still holds it."""

    def test_it_is_printed_and_equals_what_was_written(self, terminal: Terminal) -> None:
        printed = terminal.run("export-schema").stdout
        assert printed.startswith(('"""', "schema", "type", "directive"))
        (terminal.folder / "schema.graphql").write_text(printed)
        assert terminal.run("export-schema", "--check", "schema.graphql").returncode == 0

    def test_a_stale_file_is_exit_code_1_with_a_sentence(self, terminal: Terminal) -> None:
        (terminal.folder / "schema.graphql").write_text("type Query { nothing: Int }\n")
        done = terminal.run("export-schema", "--check", "schema.graphql")
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert "export-schema > schema.graphql" in done.stderr

    def test_a_missing_file_is_refused(self, terminal: Terminal) -> None:
        assert "cannot be read" in terminal.refuses("export-schema", "--check", "schema.graphql")


class TestRecompute:
    """What is derived is computed again, all of it or one part."""

    @pytest.mark.parametrize("what", [(), ("all",), ("lifecycle",), ("rfm",), ("recommendations",), ("segments",)])
    def test_a_database_without_customers_is_no_error(self, migrated: Terminal, what: tuple[str, ...]) -> None:
        for _ in range(2):
            done = migrated.run("recompute", *what)
            assert (done.returncode, done.stdout) == (0, "")

    def test_a_part_that_does_not_exist_is_refused_and_the_parts_are_named(self, migrated: Terminal) -> None:
        done = migrated.run("recompute", "everything")
        assert (done.returncode, done.stdout) == (2, "")
        assert all(part in done.stderr for part in ("lifecycle", "rfm", "recommendations", "segments", "all"))


class TestDemo:
    """The demo's data."""

    def test_it_is_loaded_once_however_often_it_is_asked_for(self, terminal: Terminal) -> None:
        first = terminal.run("demo", "--households", "3", "--no-serve")
        assert first.returncode == 0
        assert "Loaded 3 customers" in first.stderr
        again = terminal.run("demo", "--households", "3", "--no-serve")
        assert (again.returncode, "All 3 customers were there already" in again.stderr) == (0, True)

    def test_what_customers_buy_and_look_at_is_summed_up_again(self, terminal: Terminal) -> None:
        terminal.run("demo", "--households", "3", "--no-serve")
        done = terminal.run("recompute", "affinities")
        assert (done.returncode, done.stdout) == (0, "")

    @pytest.mark.parametrize("households", ["0", "-1", "many", "1.5", "\u00b2"])
    def test_a_number_of_households_that_is_none(self, terminal: Terminal, households: str) -> None:
        assert "--households takes a number" in terminal.refuses("demo", f"--households={households}", "--no-serve")

    def test_its_visitor_is_served_with_a_development_key_only(self, migrated: Terminal) -> None:
        assert "PROFILE_GATEWAY_DEVELOPMENT_KEY" in migrated.refuses("serve-demo")

    def test_it_is_served_on_the_loopback_only(self, terminal: Terminal) -> None:
        assert "loopback" in terminal.refuses("demo", "--host", "0.0.0.0")


def test_the_installed_command_refuses_with_exit_code_2_and_without_a_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [PROFILE_GATEWAY, "serve"], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("profile-gateway: There is no database at profile-gateway.db;")
