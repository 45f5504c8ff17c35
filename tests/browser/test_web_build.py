"""The build of the web pages: what it starts from is fixed, and it starts nothing when nothing has changed."""

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parents[2] / "web"


def test_the_lock_file_names_no_address_to_fetch_from() -> None:
    packages = json.loads((WEB / "package-lock.json").read_text())["packages"]

    from_elsewhere = {
        name: package for name, package in packages.items() if "resolved" in package and not package.get("link")
    }
    assert from_elsewhere == {}
    assert [name for name in packages if "node_modules/" in name and not is_pinned(packages[name])] == []


def is_pinned(package: dict[str, object]) -> bool:
    return bool(package.get("link")) or str(package.get("integrity", "")).startswith("sha512-")


def test_every_dependency_is_named_with_its_exact_version() -> None:
    package = json.loads((WEB / "graphiql" / "package.json").read_text())

    versions = [*package["dependencies"].values(), *package["devDependencies"].values()]
    assert [version for version in versions if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


@pytest.mark.parametrize(
    ("version", "fits"),
    [
        ("v18.20.0", False),
        ("v20.18.3", False),
        ("v20.19.0", True),
        ("v21.7.0", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.1.0", True),
        ("", False),
    ],
)
def test_a_node_too_old_for_the_build_is_passed_over(version: str, fits: bool) -> None:
    assert runpy.run_path(str(WEB / "build.py"))["is_new_enough"](version) is fits


def test_a_build_of_unchanged_sources_starts_neither_node_nor_npm(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, WEB / "build.py"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "web: gateway/static/graphiql is up to date\n")
