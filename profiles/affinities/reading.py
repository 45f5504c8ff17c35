"""How affinities are read: a customer's sums, and the little that has left the window since they were made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import (
    CompoundSelect,
    FromClause,
    Integer,
    Table,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    true,
    union_all,
)

from profiles.account import Account
from profiles.affinities.contributions import (
    OF_ORDERS,
    OF_RECEIPTS,
    OF_VIEWS,
    Chosen,
    from_orders,
    from_receipts,
    from_views,
)
from profiles.affinities.rules import WINDOW, Affinity, Sums, add, affinities, begins, weight
from profiles.affinities.tables import CustomerAffinities, loaded
from profiles.columns import Instant
from profiles.customers import Customer
from profiles.errors import BadRequest
from profiles.moment import MINUTE, Moment
from profiles.orders import Order
from profiles.receipts import Receipt
from profiles.storage.keeping import Kept, Whose
from profiles.storage.prepared import is_for_one_key
from profiles.storage.reads import Build, DialectName, Read, Row, among_ids, shaped, table
from profiles.timeline import TimelineEvent
from profiles.viewer import Viewer

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The `since` of sums that were never made: all of the window happened before it."""

EARLIER, LATER = timedelta(minutes=1), timedelta(minutes=3)
"""Rows are kept for a minute, answers another, and clocks differ: what leaves the window so much earlier or later is
read with them."""

SUMMED = 0
"""In a row that holds sums, where others say what a purchase or a view weighs."""

_KEPT = Kept(Whose.CUSTOMER, clock=("leaves_after", "leaves_until"))


@dataclass(frozen=True, slots=True)
class AffinitiesOf:
    """Which affinities: the strongest `first` among these attributes."""

    attributes: tuple[str, ...]
    first: int


def asked_attributes(account: Account, attribute: str | None) -> tuple[str, ...]:
    """The attribute, or all of the account's. Raises BadRequest for one that the account does not list."""
    if attribute is None:
        return account.affinity_attributes
    if attribute not in account.affinity_attributes:
        raise BadRequest(
            f"There are no affinities to {attribute[:100]!r}; `Account.affinityAttributes` lists what there is.",
            ("attribute",),
        )
    return (attribute,)


# Typed, because the dialect's name for one key equals the other.
@lru_cache(maxsize=256, typed=True)
def sums_and_changes(dialect: DialectName, attributes: tuple[str, ...]) -> CompoundSelect[Any]:
    """The stored sums of customers (parameter `ids`), and what happened between their `since` and two instants,
    `leaves_after` and `leaves_until`: all by which the sums are too old, or too new. Reads no more of a long history
    than of a short one. `summed` reads its rows, `parameters_of` gives its parameters."""
    customer, kept = table(Customer), table(CustomerAffinities)
    # Sums that lack an attribute are no sums: then the whole window is read.
    is_whole = and_(kept.c.customer_id == customer.c.id, *[kept.c[name].is_not(None) for name in attributes])
    since = func.coalesce(kept.c.since, bindparam("never", type_=Instant()), type_=Instant())
    sums = (
        select(
            customer.c.id.label("customer_id"), since.label("since"), *[kept.c[name].label(name) for name in attributes]
        )
        .select_from(customer.outerjoin(kept, is_whole))
        .where(among_ids(dialect, customer.c.id))
        .cte("sums")
    )

    return union_all(
        select(
            sums.c.customer_id,
            literal_column(str(SUMMED), Integer()).label("parts"),
            sums.c.since,
            *[sums.c[name] for name in attributes],
        ),
        *from_receipts(attributes, _between(dialect, sums, table(Receipt), "issued_at", OF_RECEIPTS)),
        *from_orders(dialect, attributes, _between(dialect, sums, table(Order), "placed_at", OF_ORDERS)),
        *from_views(attributes, _between(dialect, sums, table(TimelineEvent), "occurred_at", OF_VIEWS)),
    )


def _between(dialect: DialectName, sums: FromClause, rows: Table, time: str, columns: Sequence[str]) -> Chosen:
    """The rows of each customer between the `since` of the sums and the two instants, always found by their time: with
    a subquery for each customer, that no planner can turn into a look at whole histories."""
    after, until = (bindparam(name, type_=Instant()) for name in ("leaves_after", "leaves_until"))
    if dialect == "postgresql":
        # An order of its own keeps it from becoming a join. The customers are named again only where it is one: beside
        # many named ones any index looks as good as that of the time.
        named = [among_ids(dialect, rows.c.customer_id)] if is_for_one_key(dialect) else []
        found = (
            select(*[rows.c[name] for name in columns])
            .where(
                rows.c.customer_id == sums.c.customer_id,
                *named,
                rows.c[time] > func.least(sums.c.since, after),
                rows.c[time] <= func.greatest(sums.c.since, until),
            )
            .order_by(rows.c[time])
            .lateral(f"found_{rows.name}")
        )
        return Chosen(found, sums.join(found, true()))
    inner = rows.alias("i")
    rowids = (
        select(literal_column("i.rowid"))
        .select_from(inner)
        .where(
            inner.c.customer_id == sums.c.customer_id,
            inner.c[time] > func.min(sums.c.since, after),
            inner.c[time] <= func.max(sums.c.since, until),
        )
        .correlate(sums)
        .scalar_subquery()
    )
    return Chosen(rows, sums.join(rows, literal_column(f"{rows.name}.rowid").in_(rowids)))


@shaped()
def _sums(attributes: tuple[str, ...]) -> Build:
    return lambda dialect: cast(Any, sums_and_changes(dialect, attributes))


def parameters_of(account: Account, customer_ids: Sequence[int], after: datetime, until: datetime) -> dict[str, Any]:
    """The parameters of `sums_and_changes`."""
    return {
        "ids": customer_ids,
        "leaves_after": after,
        "leaves_until": until,
        "never": NEVER,
        "counting": list(account.counting_order_statuses),
    }


def summed(attributes: tuple[str, ...], rows: Sequence[Row], window: datetime) -> dict[int, tuple[datetime, Sums]]:
    """Of each customer the `since` of the stored sums, and the sums of what happened after `window`.

    What is in the stored sums and has left the window is taken off; what is in the window and not in them is added:
    everything where they were never made, and what a clock that ran ahead had left out.
    """
    found: dict[int, tuple[datetime, Sums]] = {
        row[0]: (row[2], loaded(attributes, row[3:])) for row in rows if row[1] == SUMMED
    }
    for customer_id, parts, at, *values in rows:
        if parts == SUMMED:
            continue
        since, sums = found[customer_id]
        if since < at <= window:
            add(sums, attributes, values, -weight(parts, at))
        elif window < at <= since:
            add(sums, attributes, values, weight(parts, at))
    return found


def leaves_next(rows: Sequence[Row], now: datetime) -> datetime:
    """When the first of what was read leaves the window; of what was not read nothing does within a minute."""
    window = begins(now)
    return min((row[2] + WINDOW for row in rows if row[1] != SUMMED and row[2] > window), default=now + MINUTE)


def affinities_of(
    viewer: Viewer, account: Account, moment: Moment, customer_ids: Sequence[int], asked: AffinitiesOf
) -> Read[int, list[Affinity]]:
    """Each customer's affinities, strongest first (ruling 15). They stay the same until something leaves the window."""

    def derived(rows: list[Row], now: datetime) -> tuple[Mapping[int, list[Affinity]], datetime]:
        sums_of = summed(asked.attributes, rows, begins(now))
        found = {id: affinities(sums, asked.first) for id, (_, sums) in sums_of.items()}
        return found, min(leaves_next(rows, now), now + MINUTE)

    window = moment.derive(lambda now: (begins(now), None))
    return Read(
        _sums(asked.attributes),
        parameters_of(account, customer_ids, window - EARLIER, window + LATER),
        lambda rows: moment.derive(lambda now: derived(rows, now)),
        _KEPT,
    )
