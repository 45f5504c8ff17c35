"""Reads of found customers: a page, their number, and their sums; of everybody or of the members of groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, FromClause, bindparam, func, literal, literal_column, select, true

from profiles.account import Account
from profiles.cart.reading import silence_of
from profiles.columns import IdList
from profiles.customers import CUSTOMER_COLUMNS, GENERATION, CustomerRow
from profiles.finding.fields import Tables, tables_named
from profiles.finding.filters import condition, needs_metrics
from profiles.finding.parts import WHOLE_BASE, in_parts
from profiles.finding.search import ENOUGH_AS_TYPED, SearchShape, SearchTerms, matches, rank, search_of
from profiles.finding.sorting import Place, Sort, Sorting, behind, best_match, ordered, sorting_of
from profiles.finding.tree import EVERYBODY, Filter, shape_of
from profiles.recently_viewed import VIEWED_FOR
from profiles.segments import SegmentMembership
from profiles.storage.pages import Page
from profiles.storage.reads import Build, DialectName, Read, Row, among_ids, shaped, table
from profiles.summing import Sums, sum_columns
from profiles.tags import CustomerTag
from profiles.target_audiences import TargetAudienceMembership
from profiles.viewer import Scope, Viewer

KEPT_SHAPES = 512


class Within(StrEnum):
    """Among whom is looked: everybody, or the members of each of many groups."""

    EVERYBODY = "EVERYBODY"
    SEGMENT = "SEGMENT"
    TAG = "TAG"
    TARGET_AUDIENCE = "TARGET_AUDIENCE"


@dataclass(frozen=True, slots=True)
class Selection:
    """Who is wanted."""

    within: Within = Within.EVERYBODY
    filter: Filter = EVERYBODY
    search: SearchTerms | None = None


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Which page of whom, in which order."""

    selection: Selection
    sort: Sort
    first: int
    after: Place | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A found customer, and where they stand in the list."""

    customer: CustomerRow
    position: Place


@dataclass(frozen=True, slots=True)
class _Shape:
    """All that a statement depends on."""

    within: Within
    filter: Filter
    search: SearchShape | None

    def sorting(self, sort: Sort) -> Sorting:
        search = self.search
        if sort.field is None and search is not None:
            return best_match(lambda tables: rank(search, tables))
        return sorting_of(sort)

    def holds(self, tables: Tables, dialect: DialectName) -> list[ColumnElement[bool]]:
        """The conditions on a customer."""
        parts = [tables.customers.erased_at.is_(None)]
        if self.filter != EVERYBODY:
            parts.append(condition(self.filter, tables, dialect))
        if self.search is not None:
            parts.append(matches(self.search, tables, dialect))
        return parts


def _joined(customers: Any, metrics: Any, with_metrics: bool) -> FromClause:
    joined: FromClause = customers
    return joined.outerjoin(metrics, metrics.c.customer_id == customers.c.id) if with_metrics else joined


@shaped(KEPT_SHAPES, is_planned_by_values=True)
def _page(shape: _Shape, sort: Sort, is_positioned: bool, at_unknown: bool) -> Build:
    sorting = shape.sorting(sort)
    with_metrics = sorting.of_metrics or needs_metrics(shape.filter)

    def wanted(tables: Tables, dialect: DialectName) -> list[ColumnElement[bool]]:
        parts = shape.holds(tables, dialect)
        if is_positioned:
            parts.append(behind(sorting.value(tables), tables.customers.id, sort, sorting, at_unknown))
        return parts

    def build(dialect: DialectName) -> Any:
        if shape.within is Within.EVERYBODY:
            if dialect == "postgresql" and (sorting.metric or sorting.column):
                holds = partial(shape.holds, dialect=dialect)
                return in_parts(holds, sort, sorting, with_metrics, is_positioned, at_unknown)
            return _of_everybody(dialect)
        return _of_groups_postgresql() if dialect == "postgresql" else _of_groups_sqlite()

    def _of_everybody(dialect: DialectName) -> Any:
        customers, metrics = tables_named("c", "m")
        tables = Tables(customers.c, metrics.c)
        value = sorting.value(tables)
        return (
            select(literal(WHOLE_BASE), value, *(customers.c[name] for name in CUSTOMER_COLUMNS))
            .select_from(_joined(customers, metrics, with_metrics))
            .where(*wanted(tables, dialect))
            .order_by(*ordered(value, customers.c.id, sort, sorting.is_nullable))
            .limit(bindparam("limit"))
        )

    def _of_groups_postgresql() -> Any:
        customers, metrics = tables_named("c", "m")
        tables = Tables(customers.c, metrics.c)
        value = sorting.value(tables)
        groups = func.unnest(bindparam("ids", type_=IdList())).table_valued("id").render_derived(name="k")
        page = (
            select(value.label("sort_value"), *(customers.c[name] for name in CUSTOMER_COLUMNS))
            .select_from(_joined(customers, metrics, with_metrics))
            .where(_is_member(shape.within, tables, groups.c.id, groups), *wanted(tables, "postgresql"))
            .order_by(*ordered(value, customers.c.id, sort, sorting.is_nullable))
            .limit(bindparam("limit"))
            .correlate(groups)
            .lateral("page")
        )
        return (
            select(groups.c.id, page.c.sort_value, *(page.c[name] for name in CUSTOMER_COLUMNS))
            .select_from(groups.join(page, true()))
            .order_by(groups.c.id, *ordered(page.c.sort_value, page.c.id, sort, sorting.is_nullable))
        )

    def _of_groups_sqlite() -> Any:
        inner, inner_metrics = tables_named("i", "im")
        customers, metrics = tables_named("c", "m")
        inside, outside = Tables(inner.c, inner_metrics.c), Tables(customers.c, metrics.c)
        groups = func.json_each(bindparam("ids", type_=IdList())).table_valued("value").alias("k")
        rowids = (
            select(literal_column("i.rowid"))
            .select_from(_joined(inner, inner_metrics, with_metrics))
            .where(_is_member(shape.within, inside, groups.c.value, groups), *wanted(inside, "sqlite"))
            .order_by(*ordered(sorting.value(inside), inner.c.id, sort, sorting.is_nullable))
            .limit(bindparam("limit"))
            .correlate(groups)
            .scalar_subquery()
        )
        value = sorting.value(outside)
        found: FromClause = groups.join(customers, literal_column("c.rowid").in_(rowids))
        if with_metrics:
            found = found.outerjoin(metrics, metrics.c.customer_id == customers.c.id)
        return (
            select(groups.c.value, value, *(customers.c[name] for name in CUSTOMER_COLUMNS))
            .select_from(found)
            .order_by(groups.c.value, *ordered(value, customers.c.id, sort, sorting.is_nullable))
        )

    return build


def _is_member(within: Within, tables: Tables, group: ColumnElement[Any], groups: FromClause) -> ColumnElement[bool]:
    rows, key, current = _membership(within)
    members = select(rows.c.customer_id).where(key == group, current).correlate(groups)
    is_member: ColumnElement[bool] = tables.customers.id.in_(members)
    return is_member


def _membership(within: Within) -> tuple[FromClause, ColumnElement[Any], ColumnElement[bool]]:
    """The table of memberships, the group's id in it, and which rows count."""
    if within is Within.SEGMENT:
        memberships = table(SegmentMembership)
        return memberships, memberships.c.segment_id, memberships.c.left_at.is_(None)
    if within is Within.TARGET_AUDIENCE:
        members = table(TargetAudienceMembership)
        return members, members.c.audience_id, true()
    tags = table(CustomerTag)
    return tags, tags.c.tag_id, true()


@shaped(KEPT_SHAPES, is_planned_by_values=True)
def _summary(shape: _Shape, with_sums: bool) -> Build:
    def build(dialect: DialectName) -> Any:
        customers, metrics = tables_named("c", "m")
        tables = Tables(customers.c, metrics.c)
        joined = _joined(customers, metrics, with_sums or needs_metrics(shape.filter))
        values = sum_columns(customers.c, metrics.c) if with_sums else [func.count(customers.c.id)]
        if shape.within is Within.EVERYBODY:
            return select(literal(WHOLE_BASE), *values).select_from(joined).where(*shape.holds(tables, dialect))
        rows, key, current = _membership(shape.within)
        # A customer who was noted twice in a group is still one customer.
        members = (
            select(key.label("group_id"), rows.c.customer_id)
            .where(among_ids(dialect, key), current)
            .distinct()
            .subquery("members")
        )
        return (
            select(members.c.group_id, *values)
            .select_from(members.join(joined, members.c.customer_id == customers.c.id))
            .where(*shape.holds(tables, dialect))
            .group_by(members.c.group_id)
        )

    return build


def common_parameters(account: Account, now: datetime) -> dict[str, Any]:
    """What conditions may compare with beside the values of their filter."""
    return {
        "currency": account.currency,
        "interested_since": now - timedelta(days=account.settings.interest_window_days),
        "viewed_since": now - VIEWED_FOR,
        "bonuses_at": now,
        "carts_changed_until": now - silence_of(account),
        "carts_left_until": now,
    }


@shaped(KEPT_SHAPES, is_planned_by_values=True)
def _as_typed(shape: SearchShape) -> Build:
    def build(dialect: DialectName) -> Any:
        customers, metrics = tables_named("c", "m")
        tables = Tables(customers.c, metrics.c)
        # Planned as if all were wanted, and left as soon as there are enough: a plan for a few would look for them from
        # one end of the table to the other.
        found = (
            select(customers.c.id)
            .where(customers.c.erased_at.is_(None), matches(shape, tables, dialect))
            .cte("found")
            .prefix_with("MATERIALIZED", dialect="postgresql")
        )
        few = select(found.c.id).limit(bindparam("limit")).subquery("few")
        return select(literal(WHOLE_BASE), func.count(few.c.id))

    return build


def _asked(
    viewer: Viewer, account: Account, now: datetime, group_ids: Sequence[int], selection: Selection
) -> tuple[_Shape, dict[str, Any]]:
    shape, values = shape_of(selection.filter)
    search = selection.search
    parameters: dict[str, Any] = {"ids": group_ids, **common_parameters(account, now), **values}
    if search is None:
        return _Shape(selection.within, shape, None), parameters
    wanted = search_of(search, viewer.may(Scope.PERSONAL_READ))
    return _Shape(selection.within, shape, wanted.shape), {**parameters, **wanted.parameters}


def found_customers(
    viewer: Viewer, account: Account, now: datetime, group_ids: Sequence[int], page: FoundPage
) -> Read[int, Page[Found]]:
    """A page of the customers wanted, per group (`WHOLE_BASE` where the selection is within everybody)."""
    shape, parameters = _asked(viewer, account, now, group_ids, page.selection)
    parameters["limit"] = page.first + 1
    after = page.after
    if after is not None:
        parameters |= {"after_value": after.value, "after_id": after.id}
    statement = _page(shape, page.sort, after is not None, after is not None and after.value is None)

    def collect(rows: list[Row]) -> Mapping[int, Page[Found]]:
        grouped: dict[int, list[Row]] = {}
        for row in rows:
            grouped.setdefault(row[0], []).append(row)
        return {
            group: Page(tuple(_found(row, page.sort) for row in own[: page.first]), len(own) > page.first, bool(after))
            for group, own in grouped.items()
        }

    return Read(statement, parameters, collect, stamps=(2, 2 + GENERATION))


def _found(row: Row, sort: Sort) -> Found:
    customer = CustomerRow(*row[2:])
    return Found(customer, Place(sort, row[1], customer.id))


def few_as_typed(viewer: Viewer, search: SearchTerms) -> Read[int, bool]:
    """Whether so few of all customers match as typed that those who match with a mistake are wanted, too."""
    wanted = search_of(replace(search, nearly=False), viewer.may(Scope.PERSONAL_READ))
    return Read(
        _as_typed(wanted.shape),
        {**wanted.parameters, "limit": ENOUGH_AS_TYPED},
        lambda rows: {row[0]: row[1] < ENOUGH_AS_TYPED for row in rows},
    )


def found_count(
    viewer: Viewer, account: Account, now: datetime, group_ids: Sequence[int], selection: Selection
) -> Read[int, int]:
    """How many customers are wanted, per group; a group without any is absent."""
    shape, parameters = _asked(viewer, account, now, group_ids, selection)
    return Read(_summary(shape, False), parameters, lambda rows: {row[0]: row[1] for row in rows})


def found_sums(
    viewer: Viewer, account: Account, now: datetime, group_ids: Sequence[int], selection: Selection
) -> Read[int, Sums]:
    """What the customers wanted add up to, per group; a group without any is absent."""
    shape, parameters = _asked(viewer, account, now, group_ids, selection)
    return Read(_summary(shape, True), parameters, lambda rows: {row[0]: Sums(*row[1:]) for row in rows})
