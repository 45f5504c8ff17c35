"""API keys: a prefix to find one, a SHA-256 digest to check it, its scopes and its end."""

from datetime import datetime
from typing import Any

from sqlmodel import SQLModel

from profiles.columns import choice, document, instant, key, text
from profiles.viewer import ViewerKind


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
