"""Filters in SQL: the shape of a tree becomes conditions, every value of it a bound parameter."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    Select,
    Text,
    and_,
    bindparam,
    collate,
    false,
    func,
    not_,
    or_,
    select,
    true,
)

from profiles.columns import Day, Instant, Minor
from profiles.customers import CustomerAttribute
from profiles.finding.fields import FIELDS, Beside, Column, Kind, Tables
from profiles.finding.relations import took_part
from profiles.finding.tree import All, AnyOf, AttributeColumn, AttributeIs, Filter, Not, Operator, TookPart, Where
from profiles.storage.reads import DialectName, among_texts, table
from profiles.text import LIKE_ESCAPE

_TYPES: dict[Kind, Any] = {
    Kind.COUNT: Minor(),
    Kind.MONEY: Minor(),
    Kind.MILLI: Minor(),
    Kind.RATIO: Double(),
    Kind.DAY: Day(),
    Kind.INSTANT: Instant(),
}


def condition(shape: Filter, tables: Tables, dialect: DialectName) -> ColumnElement[bool]:
    """The condition of a filter's shape over a customer and their metrics."""
    match shape:
        case All(parts):
            return and_(true(), *(condition(part, tables, dialect) for part in parts))
        case AnyOf(parts):
            return or_(false(), *(condition(part, tables, dialect) for part in parts))
        case Not(part):
            # Unknown is not true, so its negation holds: coalesce keeps null from spreading through NOT.
            return not_(func.coalesce(condition(part, tables, dialect), false()))
        case TookPart(kind, ids, participated, is_control_group):
            related = _among(tables, took_part(dialect, ids, kind, is_control_group))
            return related if participated else not_(related)
        case AttributeIs():
            return _attribute(shape, tables, dialect)
        case Where(name, operator, value):
            field = FIELDS[name]
            if isinstance(field.source, Column):
                return _compared(field.source, field.kind, operator, value, tables, dialect)
            if isinstance(field.source, Beside):
                return _beside(field.source, field.kind, operator, value, tables, dialect)
            related = _among(tables, field.source.customers(dialect, value))
            return not_(related) if operator is Operator.IS_MISSING else related


def needs_metrics(shape: Filter) -> bool:
    """Whether the filter looks at the metrics' row."""
    match shape:
        case All(parts) | AnyOf(parts):
            return any(needs_metrics(part) for part in parts)
        case Not(part):
            return needs_metrics(part)
        case Where(name):
            source = FIELDS[name].source
            return isinstance(source, Column) and source.of_metrics
        case _:
            return False


def _compared(
    column: Column, kind: Kind, operator: Operator, parameter: str, tables: Tables, dialect: DialectName
) -> ColumnElement[bool]:
    value = column.value(tables)
    match operator:
        case Operator.IS_MISSING | Operator.IS_PRESENT:
            is_missing = column.missing(tables) if column.missing else value.is_(None)
            return is_missing if operator is Operator.IS_MISSING else not_(is_missing)
        case Operator.AMONG:
            return among_texts(dialect, value, parameter)
        case Operator.LIKE:
            return value.like(bindparam(parameter, type_=Text()), escape=LIKE_ESCAPE)
        case _:
            return _ordered(value, operator, bindparam(parameter, type_=_TYPES.get(kind, Text())))


def _beside(
    source: Beside, kind: Kind, operator: Operator, parameter: str, tables: Tables, dialect: DialectName
) -> ColumnElement[bool]:
    rows = table(source.model).c
    value = rows[source.column]
    held = select(rows.customer_id)
    match operator:
        case Operator.IS_MISSING:
            return not_(_among(tables, held.where(value.is_not(None))))
        case Operator.IS_PRESENT:
            return _among(tables, held.where(value.is_not(None)))
        case Operator.AMONG:
            return _among(tables, held.where(among_texts(dialect, value, parameter)))
        case _:
            bound = bindparam(parameter, type_=_TYPES[kind])
            return _among(tables, held.where(_ordered(value, operator, bound)))


def _among(tables: Tables, customer_ids: Select[Any]) -> ColumnElement[bool]:
    if tables.is_of_few:
        (own,) = customer_ids.selected_columns
        return customer_ids.where(own == tables.customers.id).correlate(tables.customers.id.table).exists()
    is_among: ColumnElement[bool] = tables.customers.id.in_(customer_ids)
    return is_among


def _ordered(value: ColumnElement[Any], operator: Operator, bound: ColumnElement[Any]) -> ColumnElement[bool]:
    match operator:
        case Operator.EQUALS:
            return value == bound
        case Operator.AT_LEAST:
            return value >= bound
        case Operator.AT_MOST:
            return value <= bound
        case Operator.BEFORE:
            return value < bound
    raise AssertionError(f"{operator} does not compare with one value")


def _attribute(shape: AttributeIs, tables: Tables, dialect: DialectName) -> ColumnElement[bool]:
    rows = table(CustomerAttribute).c
    with_it = rows.attribute == bindparam(shape.key, type_=Text())
    held = select(rows.customer_id).where(with_it)
    match shape.operator:
        case Operator.IS_MISSING:
            return not_(_among(tables, held))
        case Operator.IS_PRESENT:
            return _among(tables, held)
        case Operator.AMONG:
            compared = among_texts(dialect, rows.value, shape.value)
        case Operator.LIKE:
            compared = rows.value.like(bindparam(shape.value, type_=Text()), escape=LIKE_ESCAPE)
        case _:
            compared = _ordered(*_attribute_operands(shape, rows, dialect))
    return _among(tables, held.where(compared))


def _attribute_operands(
    shape: AttributeIs, rows: Any, dialect: DialectName
) -> tuple[ColumnElement[Any], Operator, ColumnElement[Any]]:
    if shape.column is AttributeColumn.NUMBER:
        return rows.number, shape.operator, bindparam(shape.value, type_=Double())
    # Canonical text sorts by its characters; PostgreSQL would otherwise sort by the language of the database.
    text = collate(rows.value, "C") if dialect == "postgresql" else rows.value
    return text, shape.operator, bindparam(shape.value, type_=Text())
