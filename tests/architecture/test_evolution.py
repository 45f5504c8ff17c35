"""The schema evolves: nothing that a client may use goes or changes its meaning unless the changelog says so."""

import shutil
import subprocess
from pathlib import Path

import pytest
from graphql import build_schema, find_breaking_changes

ROOT = Path(__file__).resolve().parents[2]
FILE = "schema.graphql"
BEFORE = """
type Query { customer(id: ID!): Customer }
type Customer { name: String kind: Kind }
enum Kind { CONTACT CUSTOMER }
"""


def unsaid(before: str, now: str, changelog: str) -> list[str]:
    """The breaking changes, a sentence each, that do not stand in the changelog's newest section."""
    newest = " ".join("## ".join(changelog.split("\n## ")[1:2]).replace("`", "").split())
    changes = find_breaking_changes(build_schema(before), build_schema(now))
    sentences = (change.description.rstrip(".") for change in changes)
    return sorted(sentence for sentence in sentences if sentence.replace("`", "") not in newest)


def test_a_breaking_change_is_found_unless_the_newest_section_of_the_changelog_says_it() -> None:
    now = BEFORE.replace("name: String ", "").replace("CONTACT ", "")
    changes = ["Enum value Kind.CONTACT was removed", "Field Customer.name was removed"]
    assert unsaid(BEFORE, now, "# Changelog\n\n## Unreleased\n\n- Faster.\n") == changes
    said = "- **Breaking:** Field `Customer.name` was\n  removed; read `firstName`.\n"
    assert unsaid(BEFORE, now, f"# Changelog\n\n## Unreleased\n\n{said}\n## 1\n") == changes[:1]
    assert unsaid(BEFORE, now, f"# Changelog\n\n## Unreleased\n\n## 1\n\n{said}") == changes
    assert unsaid(BEFORE, BEFORE.replace("kind:", "city: String kind:"), "") == []


def test_the_schema_breaks_nothing_of_the_last_one_that_the_changelog_does_not_say() -> None:
    now = (ROOT / FILE).read_text(encoding="utf-8")
    before = last_one(now)
    changes = unsaid(before, now, (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert changes == [], "say each in CHANGELOG.md under the newest heading, in these words, with what to do instead"


def last_one(now: str) -> str:
    """The newest text of the schema in the project's history that is not the one of now."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("there is no history here to compare the schema with")
    for commit in git("log", "--first-parent", "--format=%H", "--", FILE).split():
        before = git("show", f"{commit}:{FILE}")
        if before != now:
            return before
    pytest.skip("the schema has not changed yet in the history that is here")


def git(*arguments: str) -> str:
    # A checkout may belong to another user than the one who tests it.
    command = ["git", "-c", "safe.directory=*", "-C", str(ROOT), *arguments]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    return done.stdout.decode("utf-8")
