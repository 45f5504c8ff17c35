"""Generations: numbers that say whether what was kept of a customer, or of the account, is still true."""

import logging
import sqlite3
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from redis.exceptions import ResponseError
from sqlalchemy import BigInteger, Executable, func, literal, select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel

from profiles.columns import key
from profiles.customers import Customer
from profiles.storage.keeping import ACCOUNT
from profiles.storage.reads import Build, DialectName, Read, among_ids, shaped, table
from profiles.storage.remote import Command, Remote, Script

log = logging.getLogger("profile_gateway.cache")

KNOWN_SECONDS = 600
"""How long a copy is remembered after it was last confirmed. What is kept under it lives much shorter."""
DOUBT_SECONDS = 60
"""How long a doubt lasts of which nobody says how it ended. A write commits or fails long before."""


class AccountGeneration(SQLModel, table=True):
    """The account's generation, in one row: raised by whatever changes what is shown of customers without naming them
    (imports, jobs, names of reference data)."""

    __tablename__ = "account_generations"
    id: int = key()
    generation: int = Field(sa_type=BigInteger)


@shaped()
def _stamps() -> Build:
    customer, account = table(Customer), table(AccountGeneration)

    def build(dialect: DialectName) -> Any:
        return union_all(
            select(customer.c.id, customer.c.generation).where(among_ids(dialect, customer.c.id)),
            select(literal(ACCOUNT, BigInteger()), func.coalesce(func.max(account.c.generation), 0)),
        )

    return build


def stamps_of(customer_ids: Sequence[int]) -> Read[int, int]:
    """The generations of these customers, erased ones included, and the account's under `ACCOUNT`."""
    return Read(_stamps(), {"ids": customer_ids}, lambda rows: {row[0]: row[1] for row in rows}, stamps=(0, 1))


@lru_cache(maxsize=2)
def raise_account(dialect: DialectName) -> Executable:
    """The statement that raises the account's generation and gives it. Two transactions that run it take turns."""
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    account = table(AccountGeneration)
    return (  # type: ignore[no-any-return]  # either dialect's
        insert(account)
        .values(id=ACCOUNT, generation=1)
        .on_conflict_do_update(index_elements=[account.c.id], set_={"generation": account.c.generation + 1})
        .returning(account.c.generation)
    )


class Generations(Protocol):
    """The copy of the generations that readers look at. No operation raises."""

    async def doubt(self, coming: Mapping[int, int], token: str) -> None:
        """Before a commit: what is known of these owners may end any moment; each with the generation to come.

        The token is of this write alone.
        """
        ...

    async def withdraw(self, coming: Mapping[int, int], token: str) -> None:
        """Nothing was committed, and that is certain."""
        ...

    async def reached(self, generations: Mapping[int, int]) -> bool:
        """These generations are committed; False where the copy could not be told."""
        ...

    async def close(self) -> None:
        """Gives its connections back."""
        ...


class Uncopied:
    """Where nobody looks at a copy: readers ask the database itself, or keep nothing."""

    async def doubt(self, coming: Mapping[int, int], token: str) -> None:
        return None

    async def withdraw(self, coming: Mapping[int, int], token: str) -> None:
        return None

    async def reached(self, generations: Mapping[int, int]) -> bool:
        return True

    async def close(self) -> None:
        return None


# g is the generation known to be committed, d the one that a write was about to commit, b that write's token. A reader
# trusts g unless d is above it. Both only rise, but for a doubt that its own write takes back.
_DOUBT = Script("""
local coming = tonumber(ARGV[1])
if coming >= tonumber(redis.call('HGET', KEYS[1], 'd') or '-1') then
  redis.call('HSET', KEYS[1], 'd', ARGV[1], 'b', ARGV[2])
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
""")
_WITHDRAW = Script("""
if redis.call('HGET', KEYS[1], 'd') == ARGV[1] and redis.call('HGET', KEYS[1], 'b') == ARGV[2] then
  redis.call('HSET', KEYS[1], 'd', tonumber(ARGV[1]) - 1, 'b', '')
end
return 1
""")
RAISE = """
local known = tonumber(redis.call('HGET', KEYS[1], 'g') or '-1')
local doubted = tonumber(redis.call('HGET', KEYS[1], 'd') or '-1')
local given = tonumber(ARGV[1])
if given > known then
  known = given
  redis.call('HSET', KEYS[1], 'g', ARGV[1])
end
if doubted <= known then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
elseif redis.call('PTTL', KEYS[1]) < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
"""
"""Raises the copy; a doubt that remains keeps its end."""
_REACHED = Script(RAISE + "return known")


def generation_key(owner: int) -> str:
    """The copy's key. The braces are a hash tag: on a cluster all of a customer's keys stand on one node."""
    return f"c:{{{owner}}}:gen"


def panels_key(owner: int) -> str:
    """The key of what is kept of a customer."""
    return f"c:{{{owner}}}:panels"


class RedisGenerations:
    """The copy of many processes: one small hash a customer."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    async def doubt(self, coming: Mapping[int, int], token: str) -> None:
        await self._told(
            {
                owner: (_DOUBT, 1, generation_key(owner), generation, token, DOUBT_SECONDS * 1000)
                for owner, generation in coming.items()
            }
        )

    async def withdraw(self, coming: Mapping[int, int], token: str) -> None:
        await self._told(
            {owner: (_WITHDRAW, 1, generation_key(owner), generation, token) for owner, generation in coming.items()}
        )

    async def reached(self, generations: Mapping[int, int]) -> bool:
        return await self._told(
            {
                owner: (_REACHED, 1, generation_key(owner), generation, KNOWN_SECONDS * 1000, DOUBT_SECONDS * 1000)
                for owner, generation in generations.items()
            }
        )

    async def close(self) -> None:
        await self._remote.close()

    async def _told(self, commands: Mapping[int, Command]) -> bool:
        replies = await self._remote.send(list(commands.values()))
        if replies is None:
            return False
        refused = [owner for owner, reply in zip(commands, replies, strict=True) if isinstance(reply, ResponseError)]
        if not refused:
            return True
        # A server without memory refuses to write but not to remove, and without a copy readers ask the database.
        log.warning("the cache refused the generations of %d customers", len(refused))
        gone = await self._remote.send([("UNLINK", generation_key(id), panels_key(id)) for id in refused])
        return gone is not None and not any(isinstance(reply, ResponseError) for reply in gone)


class DataVersion:
    """SQLite's own count of commits, by anybody, as one connection sees it that only looks: 3 microseconds."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=0, check_same_thread=False
        )

    def __call__(self) -> int | None:
        """The count; it differs from an earlier one where there was a commit in between. None where it is not to be had
        without waiting."""
        try:
            version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error:
            return None
        return version

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()
