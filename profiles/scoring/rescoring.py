"""Rescoring: a write that changed purchases scores its customers anew, in the same transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from profiles.account import Account
from profiles.lifecycle.reading import CustomerLifecycle, model_of, terms_of
from profiles.rfm.reading import CustomerRfm, boundaries_of
from profiles.scoring.scores import lives_of, rfm_rows
from profiles.scoring.statements import forget_scores, scored_of, the_boundaries, the_model
from profiles.storage.reads import table
from profiles.storage.unit import Unit


async def rescore(unit: Unit, account: Account, customer_ids: Sequence[int], now: datetime) -> None:
    """Scores these customers, who are locked and summed up, with the model and the boundaries of the last recompute.

    Before the first recompute nothing is scored: it tells the changes of the whole history.
    """
    if not customer_ids:
        return
    connection = await unit.session.connection()
    model = (await connection.execute(the_model())).first()
    boundaries = (await connection.execute(the_boundaries())).first()
    if model is None and boundaries is None:
        return
    people = await scored_of(connection, unit.dialect, customer_ids)
    if boundaries is not None:
        rows: Sequence[Any] = rfm_rows(account, boundaries_of(tuple(boundaries)), people)
        await _replace(unit, CustomerRfm, customer_ids, rows)
    if model is not None:
        terms = terms_of(account, model_of(tuple(model)))
        rows, events = await lives_of(connection, unit.dialect, account, terms, people, now)
        await _replace(unit, CustomerLifecycle, customer_ids, rows)
        for event in events:
            unit.happened(event)


async def _replace(unit: Unit, model: Any, customer_ids: Sequence[int], rows: Sequence[Any]) -> None:
    connection = await unit.session.connection()
    await connection.execute(forget_scores(unit.dialect, model), {"ids": list(customer_ids)})
    if rows:
        await connection.execute(insert(table(model)), [row.model_dump() for row in rows])
