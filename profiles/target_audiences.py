"""Target audiences: groups whose members a source names, and how they are read for many customers at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Index, select
from sqlmodel import SQLModel

from profiles.columns import key, text
from profiles.listing import Listed, ListPage, NamedList
from profiles.records import record
from profiles.storage.keeping import BY_CUSTOMER, BY_REFERENCE
from profiles.storage.pages import Page
from profiles.storage.reads import Build, DialectName, Read, Row, among_ids, shaped, table
from profiles.text import search_key
from profiles.viewer import Viewer


class TargetAudience(SQLModel, table=True):
    """A group that a source made; nobody edits it here (ruling 1). `name_key` is `profiles.folding.stored_key` of the
    name: null where it is plain."""

    __tablename__ = "target_audiences"
    id: int = key()
    external_id: str = text(unique=True)
    name: str = text()
    name_key: str | None = text(nullable=True)


class TargetAudienceMembership(SQLModel, table=True):
    """A customer belongs to a target audience, as its source said last."""

    __tablename__ = "target_audience_memberships"
    __table_args__ = (Index("ix_target_audience_memberships_audience", "audience_id", "customer_id"),)
    customer_id: int = key(foreign_key="customers.id")
    audience_id: int = key(foreign_key="target_audiences.id")


@record
class TargetAudienceRow:
    """A target audience as it is read."""

    id: int
    name: str


COLUMNS = tuple(TargetAudienceRow.__dataclass_fields__)
AUDIENCES = NamedList(TargetAudience, "name_key", COLUMNS, TargetAudienceRow)


@shaped()
def _of() -> Build:
    membership, audience = table(TargetAudienceMembership), table(TargetAudience)

    def build(dialect: DialectName) -> Any:
        return (
            select(membership.c.customer_id, *(audience.c[name] for name in COLUMNS))
            .select_from(membership.join(audience, audience.c.id == membership.c.audience_id))
            .where(among_ids(dialect, membership.c.customer_id))
        )

    return build


@shaped()
def _by_id() -> Build:
    audience = table(TargetAudience)
    return lambda dialect: select(*(audience.c[name] for name in COLUMNS)).where(among_ids(dialect, audience.c.id))


def target_audiences_of(viewer: Viewer, customer_ids: Sequence[int]) -> Read[int, tuple[TargetAudienceRow, ...]]:
    """The target audiences each customer belongs to, by name."""

    def collect(rows: list[Row]) -> Mapping[int, tuple[TargetAudienceRow, ...]]:
        # Many customers belong to the same few: each is made, and its name folded, once.
        known: dict[int, tuple[tuple[str, int], TargetAudienceRow]] = {}
        grouped: dict[int, list[tuple[tuple[str, int], TargetAudienceRow]]] = {}
        for customer_id, id, name in rows:
            audience = known.get(id)
            if audience is None:
                audience = known[id] = ((search_key(name), id), TargetAudienceRow(id, name))
            grouped.setdefault(customer_id, []).append(audience)
        return {
            customer_id: tuple([audience for _, audience in sorted(own, key=lambda each: each[0])])
            for customer_id, own in grouped.items()
        }

    return Read(_of(), {"ids": customer_ids}, collect, BY_CUSTOMER)


def target_audiences_by_id(viewer: Viewer, ids: Sequence[int]) -> Read[int, TargetAudienceRow]:
    """Target audiences; unknown ones are absent."""
    return Read(_by_id(), {"ids": ids}, lambda rows: {row[0]: TargetAudienceRow(*row) for row in rows}, BY_REFERENCE)


def target_audience_list(viewer: Viewer, page: ListPage) -> Read[int, Page[Listed[TargetAudienceRow]]]:
    """All target audiences by name, one page."""
    return AUDIENCES.page(page)


def target_audience_list_count(viewer: Viewer, search: str | None) -> Read[int, int]:
    """How many target audiences there are (whose name contains `search`)."""
    return AUDIENCES.count(search)
