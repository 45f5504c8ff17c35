"""Data sources: which systems sent what is known about a customer, and when each was last heard of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from profiles.catalog import EVERY, DataSource
from profiles.customers import CustomerSource
from profiles.storage.reads import Build, DialectName, Read, Row, among_ids, shaped, table
from profiles.viewer import Viewer


@dataclass(frozen=True, slots=True)
class DataSourceRow:
    """A data source as it is read."""

    id: int
    name: str
    last_received_at: datetime | None


@shaped()
def _by_customer() -> Build:
    source, known = table(DataSource), table(CustomerSource)

    def build(dialect: DialectName) -> Any:
        return (
            select(known.c.customer_id, source.c.id, source.c.name, source.c.last_received_at)
            .select_from(known.join(source, source.c.id == known.c.source_id))
            .where(among_ids(dialect, known.c.customer_id))
            .order_by(source.c.name)
        )

    return build


@shaped()
def _every() -> Build:
    source = table(DataSource)
    return lambda dialect: select(source.c.id, source.c.name, source.c.last_received_at).order_by(source.c.name)


def sources_of(viewer: Viewer, customer_ids: Sequence[int]) -> Read[int, tuple[DataSourceRow, ...]]:
    """The systems that know each customer, by name."""

    def collect(rows: list[Row]) -> Mapping[int, tuple[DataSourceRow, ...]]:
        known: dict[int, tuple[DataSourceRow, ...]] = {}
        for customer_id, *source in rows:
            known[customer_id] = (*known.get(customer_id, ()), DataSourceRow(*source))
        return known

    return Read(_by_customer(), {"ids": customer_ids}, collect)


def every_source(viewer: Viewer) -> Read[int, tuple[DataSourceRow, ...]]:
    """All data sources, by name, under the key `EVERY`: they are few."""
    return Read(_every(), {}, lambda rows: {EVERY: tuple(DataSourceRow(*row) for row in rows)})
