"""The newest rows of some kinds: one walk a kind through an index of its own, so that other kinds cost nothing."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, FromClause, Select, bindparam, func, literal_column, select, true

from profiles.columns import IdList, TextList
from profiles.storage.prepared import is_for_one_key
from profiles.storage.reads import DialectName, among_ids, before, is_only


def newest_of_kinds(
    dialect: DialectName,
    table: FromClause,
    *,
    kind: str,
    kinds: str,
    order: tuple[str, str],
    where: Callable[[Any], Sequence[ColumnElement[bool]]],
    columns: Sequence[str],
    customers: FromClause,
    positioned: bool,
    owner: Sequence[str],
) -> Select[Any]:
    """As `profiles.storage.reads.newest`, of the rows alone whose column `kind` is among the texts of the parameter
    `kinds`.

    The table has an index by (customer_id, `kind`, *`order`). Each kind's newest are found there and merged, so that a
    page costs as many index entries as there are kinds times rows of a page, however long the history and however rare
    the kinds are. `order` is a time and an id that is the primary key within a customer.
    """
    limit: BindParameter[int] = bindparam("limit")
    of_kinds = bindparam(kinds, type_=TextList())

    def wanted(row: FromClause) -> list[ColumnElement[bool]]:
        return [*where(row.c), *([before(*[row.c[name] for name in order])] if positioned else [])]

    def newest_first(row: Any) -> list[Any]:
        return [row.c[name].desc() for name in order]

    def picked(owned_by: Callable[[FromClause], list[ColumnElement[bool]]], *around: FromClause) -> Any:
        """Where one customer's page stands, on PostgreSQL; `around` is what `owned_by` names beside the row."""
        each = func.unnest(of_kinds).table_valued("kind").render_derived(name="each_kind")
        inner = table.alias("i")
        of_one = (
            select(*[inner.c[name] for name in order])
            .where(*owned_by(inner), inner.c[kind] == each.c.kind, *wanted(inner))
            .order_by(*newest_first(inner))
            .limit(limit)
            .correlate(each, *around)
            .lateral("of_one")
        )
        return (
            select(*[of_one.c[name] for name in order])
            .select_from(each.join(of_one, true()))
            .order_by(*newest_first(of_one))
            .limit(limit)
            .correlate(*around)
        )

    row = table.alias("r")
    id = order[-1]
    if is_for_one_key(dialect):
        found = picked(lambda inner: [is_only(inner.c.customer_id)]).subquery("picked")
        rows = (
            select(*[row.c[name] for name in columns])
            .select_from(found.join(row, row.c[id] == found.c[id]))
            .where(is_only(row.c.customer_id))
            .subquery("page")
        )
        return (
            select(*[customers.c[name] for name in owner], *[rows.c[name] for name in columns])
            .select_from(customers.outerjoin(rows, true()))
            .where(is_only(customers.c.id))
            .order_by(*newest_first(rows))
        )
    if dialect == "postgresql":
        found = picked(
            lambda inner: [inner.c.customer_id == customers.c.id, among_ids(dialect, inner.c.customer_id)], customers
        ).lateral("picked")
        # Each is looked up by itself: joined, a few rows of a page were sought among all that their customer has.
        whole = (
            select(*[row.c[name] for name in columns])
            .where(
                row.c.customer_id == customers.c.id,
                among_ids(dialect, row.c.customer_id),
                row.c[id] == found.c[id],
            )
            .limit(literal_column("1"))
            .correlate(found, customers)
            .lateral("whole")
        )
        page = select(*whole.c).select_from(found.join(whole, true())).correlate(customers).lateral("page")
        return (
            select(*[customers.c[name] for name in owner], *[page.c[name] for name in columns])
            .select_from(customers.join(page, true(), isouter=True))
            .where(among_ids(dialect, customers.c.id))
            .order_by(page.c.customer_id, *newest_first(page))
        )
    ids = func.json_each(bindparam("ids", type_=IdList())).table_valued("value").alias("k")
    each = func.json_each(of_kinds).table_valued("value").alias("each_kind")
    middle, inner = table.alias("m"), table.alias("i")
    of_one_kind = (
        select(literal_column("i.rowid"))
        .select_from(inner)
        .where(inner.c.customer_id == ids.c.value, inner.c[kind] == each.c.value, *wanted(inner))
        .order_by(*newest_first(inner))
        .limit(limit)
        .correlate(ids, each)
        .scalar_subquery()
    )
    rowids = (
        select(literal_column("m.rowid"))
        .select_from(each.join(middle, literal_column("m.rowid").in_(of_one_kind)))
        .order_by(*newest_first(middle))
        .limit(limit)
        .correlate(ids)
        .scalar_subquery()
    )
    owners = ids.join(customers, customers.c.id == ids.c.value)
    return (
        select(*[customers.c[name] for name in owner], *[row.c[name] for name in columns])
        .select_from(owners.join(row, literal_column("r.rowid").in_(rowids), isouter=True))
        .order_by(row.c.customer_id, *newest_first(row))
    )
