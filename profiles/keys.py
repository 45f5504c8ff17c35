"""API keys: a prefix to find one, a SHA-256 digest to check it, its scopes and its end."""

import hashlib
import secrets
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hmac import compare_digest
from typing import Any, NamedTuple

from sqlalchemy import func, literal, select, update
from sqlmodel import SQLModel, col

from profiles.columns import Instant, choice, document, instant, key, text
from profiles.errors import Invalid, NotFound
from profiles.ids import new_id
from profiles.storage.reads import Build, DialectName, Read, Row, among_texts, shaped, table
from profiles.storage.unit import Unit
from profiles.viewer import ALL_SCOPES, Viewer, ViewerKind

MARK = "pgw"
PREFIX_LENGTH = 8
SECRET_LENGTH = 40  # of 62 letters: 238 bits
LETTERS = string.ascii_letters + string.digits
MAX_NAME = 100


class Ended(StrEnum):
    """Why a key opens nothing any more; the value is the sentence for its owner."""

    REVOKED = "This key was revoked."
    EXPIRED = "This key has expired."


class ApiKey(SQLModel, table=True):
    """One key. The secret itself is shown once, when the key is made, and stored nowhere."""

    __tablename__ = "api_keys"
    id: int = key()
    prefix: str = text(unique=True)
    digest: str = text()
    name: str = text()
    kind: ViewerKind = choice(ViewerKind)
    scopes: list[Any] = document()
    created_at: datetime = instant()
    expires_at: datetime | None = instant(nullable=True)
    last_used_at: datetime | None = instant(nullable=True)
    revoked_at: datetime | None = instant(nullable=True)


class RepeatedCall(SQLModel, table=True):
    """What a mutation with a clientMutationId answered, so that repeating it has one effect (kept for 24 hours)."""

    __tablename__ = "repeated_calls"
    viewer_id: int = key()
    client_mutation_id: str = text(primary_key=True)
    input_digest: str = text()
    outcome: dict[str, Any] = document()
    created_at: datetime = instant(index=True)


@dataclass(frozen=True, slots=True)
class ApiKeyRow:
    """A key as it is read; the digest is of its secret."""

    id: int
    prefix: str
    digest: str
    name: str
    kind: ViewerKind
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    def opens(self, secret: str) -> bool:
        """Whether that is its secret; the comparison takes the same time whatever is wrong."""
        return compare_digest(self.digest, digest_of(secret))

    def ended(self, now: datetime) -> "Ended | None":
        """Whether it opens nothing any more, and why."""
        if self.revoked_at is not None:
            return Ended.REVOKED
        if self.expires_at is not None and self.expires_at <= now:
            return Ended.EXPIRED
        return None

    @property
    def viewer(self) -> Viewer:
        """Who asks with this key. Scopes that no longer exist give nothing."""
        return Viewer(self.id, self.name, self.kind, frozenset(self.scopes) & ALL_SCOPES)


class SplitKey(NamedTuple):
    """The two halves of a key's text."""

    prefix: str
    secret: str


COLUMNS = tuple(ApiKeyRow.__slots__)


def digest_of(secret: str) -> str:
    """SHA-256 in hex. A plain digest is enough for a secret of 238 random bits; a slow one would cost each request."""
    return hashlib.sha256(secret.encode()).hexdigest()


def split_key(written: str) -> SplitKey | None:
    """A key as written, `pgw_<prefix>_<secret>`; None for any other text."""
    mark, _, rest = written.partition("_")
    prefix, _, secret = rest.partition("_")
    if mark != MARK or len(prefix) != PREFIX_LENGTH or len(secret) != SECRET_LENGTH:
        return None
    return SplitKey(prefix, secret) if (prefix + secret).isascii() and (prefix + secret).isalnum() else None


@shaped()
def _by_prefix() -> Build:
    keys = table(ApiKey)
    return lambda dialect: select(*[keys.c[name] for name in COLUMNS]).where(
        among_texts(dialect, keys.c.prefix, "prefixes")
    )


@shaped()
def _every() -> Build:
    keys = table(ApiKey)

    def build(dialect: DialectName) -> Any:
        return select(*[keys.c[name] for name in COLUMNS]).order_by(keys.c.created_at, keys.c.id)

    return build


def _collect(rows: list[Row]) -> Mapping[str, ApiKeyRow]:
    position = COLUMNS.index("scopes")
    keys: list[Any] = [(*row[:position], tuple(row[position]), *row[position + 1 :]) for row in rows]
    return {values[1]: ApiKeyRow(*values) for values in keys}


def keys_by_prefix(prefixes: Sequence[str]) -> Read[str, ApiKeyRow]:
    """Keys by prefix, revoked and expired ones too. Comes before any viewer, so it takes none."""
    return Read(_by_prefix(), {"prefixes": prefixes}, _collect)


def every_key() -> Read[str, ApiKeyRow]:
    """All keys by prefix, oldest first: for the person at the terminal."""
    return Read(_every(), {}, _collect)


async def create_key(
    unit: Unit,
    name: str,
    kind: ViewerKind,
    scopes: Sequence[str],
    now: datetime,
    expires_at: datetime | None = None,
) -> str:
    """Makes a key and returns it as written; it cannot be shown again. Raises Invalid."""
    if not name.strip() or len(name) > MAX_NAME:
        raise Invalid(f"A key needs a name of at most {MAX_NAME} characters.", ("name",))
    unknown = sorted(set(scopes) - ALL_SCOPES)
    if unknown:
        raise Invalid(f"There is no scope {unknown[0]!r}.", ("scopes",))
    if expires_at is not None and expires_at <= now:
        raise Invalid("A key cannot expire before it is made.", ("expiresAt",))
    prefix, secret = _letters(PREFIX_LENGTH), _letters(SECRET_LENGTH)
    unit.session.add(
        ApiKey(
            id=new_id(),
            prefix=prefix,
            digest=digest_of(secret),
            name=name.strip(),
            kind=kind,
            scopes=sorted(set(scopes)),
            created_at=now,
            expires_at=expires_at,
        )
    )
    await unit.session.flush()
    return f"{MARK}_{prefix}_{secret}"


async def revoke_key(unit: Unit, prefix: str, now: datetime) -> None:
    """Ends a key; ending it again changes nothing. Raises NotFound."""
    ends = func.coalesce(col(ApiKey.revoked_at), literal(now, Instant()))
    revoked = await unit.session.exec(update(ApiKey).where(col(ApiKey.prefix) == prefix).values(revoked_at=ends))
    if not revoked.rowcount:
        raise NotFound(f"There is no key with the prefix {prefix!r}.", ("prefix",))


async def note_uses(unit: Unit, uses: Mapping[str, datetime]) -> None:
    """Writes when each key (by prefix) was last used."""
    for prefix, used_at in sorted(uses.items()):
        await unit.session.exec(update(ApiKey).where(col(ApiKey.prefix) == prefix).values(last_used_at=used_at))


def _letters(count: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(count))
