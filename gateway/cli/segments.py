"""Segments from the command line: everybody is judged by the rules of the account's file."""

from datetime import UTC, datetime, timedelta

from gateway.app import the_schema
from gateway.cli.console import progress
from profiles.account import Account
from profiles.segment_rules import Segments
from profiles.storage.store import Store
from resolvers.segment_rules import segment_rules

STEP = "Segments"
BEFORE = timedelta(days=45)
"""How long before its last day the demo's customers were judged first, so that they have a past."""


def rules_of(account: Account) -> Segments:
    """The rules of the account's file, ready to be kept. Raises SettingsError where one is wrong."""
    return Segments(account, segment_rules(account, the_schema()), lambda: datetime.now(UTC))


async def recompute(store: Store, segments: Segments, with_past: bool = False) -> None:
    """Lets everybody enter and leave their segments, with a progress bar.

    `with_past`: where nobody was ever in one, everybody is judged as of some weeks ago first.
    """
    with progress() as steps:

        def told(done: int, total: int) -> None:
            steps(STEP, done, total)

        if with_past and not await segments.has_members(store):
            await segments.recompute(store, told, datetime.now(UTC) - BEFORE)
        await segments.recompute(store, told)
