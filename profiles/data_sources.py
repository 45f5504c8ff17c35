"""Data sources: which systems sent what is known about a customer, and when each was last heard of."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from profiles.catalog import EVERY, DataSource
from profiles.customers import CustomerSource
from profiles.records import record
from profiles.storage.reads import Build, DialectName, Read, Row, among_ids, shaped, table
from profiles.text import search_key
from profiles.viewer import Viewer


@record
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
        )

    return build


@shaped()
def _every() -> Build:
    source = table(DataSource)
    return lambda dialect: select(source.c.id, source.c.name, source.c.last_received_at)


def sources_of(viewer: Viewer, customer_ids: Sequence[int]) -> Read[int, tuple[DataSourceRow, ...]]:
    """The systems that know each customer, by name."""

    def collect(rows: list[Row]) -> Mapping[int, tuple[DataSourceRow, ...]]:
        known: dict[int, list[DataSourceRow]] = {}
        for customer_id, *source in rows:
            known.setdefault(customer_id, []).append(DataSourceRow(*source))
        return {customer_id: tuple(sorted(own, key=_by_name)) for customer_id, own in known.items()}

    return Read(_by_customer(), {"ids": customer_ids}, collect)


def every_source(viewer: Viewer) -> Read[int, tuple[DataSourceRow, ...]]:
    """All data sources, by name, under the key `EVERY`: they are few."""
    return Read(_every(), {}, lambda rows: {EVERY: tuple(sorted((DataSourceRow(*row) for row in rows), key=_by_name))})


def _by_name(row: DataSourceRow) -> tuple[str, int]:
    """As people order names: each database would have its own way with capitals and accents."""
    return search_key(row.name), row.id
