"""Recently viewed: the products a customer looked at within 90 days, each once, the latest look first (ruling 31)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, literal_column, select, tuple_

from profiles.columns import Instant
from profiles.customers import Customer
from profiles.records import record
from profiles.storage.keeping import Kept, Whose
from profiles.storage.pages import paged
from profiles.storage.reads import Build, Read, Row, newest, shaped, table
from profiles.timeline import EventCategory, TimelineEvent
from profiles.viewer import Viewer

VIEWED_FOR = timedelta(days=90)
"""How long a product counts as viewed."""

# Written out, so that a plan made for any values may use the index of product views alone.
_PRODUCT_VIEW: ColumnElement[str] = literal_column(f"'{EventCategory.PRODUCT_VIEW.value}'")
_KEPT = Kept(Whose.CUSTOMER, clock=("since",))


@record
class ViewedProductRow:
    """The latest look at a product."""

    customer_id: int
    product_id: int
    occurred_at: datetime


COLUMNS = tuple(ViewedProductRow.__dataclass_fields__)


def _latest_looks(view: Any) -> list[ColumnElement[bool]]:
    """The views that no later one of their product follows: the walk through the customer's views, newest first, ends
    with the last product that is wanted, however many views there are.

    Asked one by one, which PostgreSQL cannot turn into a join: it would compare every view with every other. And asked
    for what follows, not for the newest: an index page full of older looks at the product is not even read.
    """
    same = table(TimelineEvent).alias("same")
    followed_by = (
        select(same.c.id)
        .where(
            same.c.customer_id == view.customer_id,
            same.c.product_id == view.product_id,
            same.c.category == _PRODUCT_VIEW,
            tuple_(same.c.occurred_at, same.c.id) > tuple_(view.occurred_at, view.id),
        )
        .order_by(same.c.occurred_at, same.c.id)
        .limit(literal_column("1"))
        .correlate(view.id.table)
        .scalar_subquery()
    )
    return [
        view.category == _PRODUCT_VIEW,
        view.product_id.is_not(None),
        view.occurred_at > bindparam("since", type_=Instant()),
        followed_by.is_(None),
    ]


@shaped()
def _viewed() -> Build:
    return lambda dialect: newest(
        dialect,
        table(TimelineEvent),
        order=("occurred_at", "id"),
        where=_latest_looks,
        columns=(*COLUMNS, "id"),
        customers=table(Customer),
    )


def recently_viewed(
    viewer: Viewer, customer_ids: Sequence[int], first: int, now: datetime
) -> Read[int, tuple[ViewedProductRow, ...]]:
    """The products each customer viewed since 90 days before `now`, one row a product, newest first."""
    since = now - VIEWED_FOR

    def collect(rows: list[Row]) -> dict[int, tuple[ViewedProductRow, ...]]:
        # Rows may have been kept for a while: what has left the window meanwhile leaves it here.
        inside = [row[:-1] for row in rows if row[2] > since]
        return {id: page.rows for id, page in paged(inside, ViewedProductRow, first, False).items()}

    return Read(_viewed(), {"ids": customer_ids, "since": since, "limit": first}, collect, _KEPT)
