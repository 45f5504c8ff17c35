"""The lock files: what the project names is in them at that version, each file by its hash, from any registry."""

import json
import re
import tomllib
from pathlib import Path

import pytest

import profiles

ROOT = Path(profiles.__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUN = PROJECT["project"]["dependencies"]
GROUPS = PROJECT["dependency-groups"]
WANTED = {"run": RUN, "dev": [*RUN, *GROUPS["dev"]], "build": GROUPS["build"]}
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)
every_lock = pytest.mark.parametrize("lock", WANTED)


def text(lock: str) -> str:
    return (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")


def pins(written: str) -> dict[str, str]:
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in PINNED.findall(written)}


@every_lock
def test_what_the_project_names_is_locked_at_that_version(lock: str) -> None:
    wanted = pins("\n".join(WANTED[lock]))
    assert len(wanted) == len(WANTED[lock])
    locked = pins(text(lock))
    assert {name: locked.get(name) for name in wanted} == wanted, "run `make lock`"


@every_lock
def test_every_locked_package_has_a_hash_and_none_an_address(lock: str) -> None:
    for entry in re.split(r"\n(?=[A-Za-z0-9])", text(lock).partition("\n")[2].strip()):
        assert PINNED.match(entry), entry
        assert "--hash=sha256:" in entry, entry
    assert "://" not in text(lock)


def test_the_tests_run_on_what_the_gateway_runs_on() -> None:
    run, dev = pins(text("run")), pins(text("dev"))
    assert {name: dev.get(name) for name in run} == run


def test_what_npm_installs_has_a_hash_and_no_address() -> None:
    packages = json.loads((ROOT / "web" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    foreign = {
        path: each for path, each in packages.items() if path.startswith("node_modules/") and not each.get("link")
    }
    assert foreign
    assert [path for path, each in foreign.items() if "integrity" not in each or "resolved" in each] == []
