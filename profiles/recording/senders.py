"""Who sent recorded events: the data source that is named as the caller's key is."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from profiles.catalog import DataSource
from profiles.customers import CustomerSource
from profiles.storage.reads import table
from profiles.storage.unit import Unit

HEARD_AGAIN_AFTER = timedelta(seconds=1)
"""The source's row is shared by all its calls: written at each of them, they would wait for each other."""


async def heard_from(unit: Unit, name: str, customer_ids: Iterable[int], now: datetime) -> None:
    """Notes that the data source of that name was heard of, and that it knows these customers, who are locked.

    The name of a key that is no data source's stands for nobody.
    """
    source_id = (await unit.session.exec(select(DataSource.id).where(col(DataSource.name) == name))).first()
    if source_id is None:
        return
    insert = postgresql.insert if unit.dialect == "postgresql" else sqlite.insert
    rows = [{"customer_id": customer_id, "source_id": source_id} for customer_id in sorted(set(customer_ids))]
    if rows:
        await unit.session.exec(insert(table(CustomerSource)).values(rows).on_conflict_do_nothing())
    last = col(DataSource.last_received_at)
    await unit.session.exec(
        update(DataSource)
        .where(col(DataSource.id) == source_id, or_(last.is_(None), last < now - HEARD_AGAIN_AFTER))
        .values(last_received_at=now)
    )
