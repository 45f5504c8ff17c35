"""Repeated calls: a mutation with a clientMutationId has one effect and one answer, however often it is sent."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from profiles.errors import Conflict
from profiles.keys import RepeatedCall
from profiles.storage.reads import table
from profiles.storage.unit import Unit
from profiles.viewer import Viewer

KEPT = timedelta(hours=24)


def digest_of(action: str, asked: Any) -> str:
    """A digest of what was asked, the same for the same input whatever the order of its fields."""
    text = json.dumps([action, asked], sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


async def earlier_outcome(
    unit: Unit, viewer: Viewer, client_mutation_id: str, digest: str, now: datetime
) -> dict[str, Any] | None:
    """What the first call with this id answered; None where this is the first, which then holds the id until it ends.

    Parallel calls wait here for the first one's transaction. Raises Conflict where the input was another.
    """
    await unit.session.exec(
        delete(RepeatedCall).where(
            col(RepeatedCall.viewer_id) == viewer.id,
            col(RepeatedCall.client_mutation_id) == client_mutation_id,
            col(RepeatedCall.created_at) < now - KEPT,
        )
    )
    insert = postgresql.insert if unit.dialect == "postgresql" else sqlite.insert
    held = await unit.session.exec(
        insert(table(RepeatedCall))
        .values(
            viewer_id=viewer.id,
            client_mutation_id=client_mutation_id,
            input_digest=digest,
            outcome={},
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(table(RepeatedCall).c.viewer_id)
    )
    if held.first() is not None:
        return None
    earlier = await unit.session.get(RepeatedCall, (viewer.id, client_mutation_id), populate_existing=True)
    if earlier is None or earlier.input_digest != digest:
        raise Conflict("This clientMutationId was used before, with another input.", ("clientMutationId",))
    return earlier.outcome


async def keep_outcome(unit: Unit, viewer: Viewer, client_mutation_id: str, outcome: dict[str, Any]) -> None:
    """Keeps the first call's answer, in the transaction of its effect."""
    call = await unit.session.get(RepeatedCall, (viewer.id, client_mutation_id))
    if call is not None:
        call.outcome = outcome
        unit.session.add(call)
