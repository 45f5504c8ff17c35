"""Scalars: instants with an offset, calendar days, exact decimals, currency codes and addresses of pages."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NewType
from urllib.parse import urlsplit

import strawberry

from profiles.errors import BadRequest
from profiles.money import is_currency

CurrencyCode = NewType("CurrencyCode", str)
URL = NewType("URL", str)

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,18}(\.\d{1,9})?", re.ASCII)


def _read_instant(value: Any) -> datetime:
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise BadRequest("A DateTime is written with its offset, for example 2026-01-31T09:30:00Z.")


def _write_instant(value: datetime) -> datetime:
    # As text only when the whole answer becomes bytes (`gateway.json`): there it costs a tenth.
    return value if value.tzinfo is UTC else value.astimezone(UTC)


def _read_day(value: Any) -> date:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise BadRequest("A Date is a calendar day, for example 2026-01-31.")


def _read_decimal(value: Any) -> Decimal:
    text = value if isinstance(value, str) else str(value) if isinstance(value, int) else ""
    if isinstance(value, float):
        text = repr(value)
    if not isinstance(value, bool) and _DECIMAL.fullmatch(text):
        try:
            return Decimal(text)
        except InvalidOperation:
            pass
    raise BadRequest('A Decimal is written as a string with a point, for example "12.50".')


def _read_currency(value: Any) -> CurrencyCode:
    if isinstance(value, str) and is_currency(value):
        return CurrencyCode(value)
    raise BadRequest("A CurrencyCode is an ISO 4217 code, for example EUR.")


def _read_url(value: Any) -> URL:
    if isinstance(value, str) and len(value) <= 2_048 and not re.search(r"[\s\x00-\x1f]", value):
        try:
            parts = urlsplit(value)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme in ("http", "https") and parts.hostname:
            return URL(value)
    raise BadRequest("A URL begins with http:// or https:// and has at most 2,048 characters.")


SCALARS: dict[object, Any] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant, ISO 8601 with an offset; answers are in UTC (`2026-01-31T09:30:00Z`).",
        serialize=_write_instant,
        parse_value=_read_instant,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar day without a time zone (`2026-01-31`).",
        serialize=date.isoformat,
        parse_value=_read_day,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description='An exact decimal number as a string with a point (`"12.50"`).',
        serialize=str,
        parse_value=_read_decimal,
    ),
    CurrencyCode: strawberry.scalar(
        name="CurrencyCode",
        description="A currency by its ISO 4217 code (`EUR`).",
        serialize=str,
        parse_value=_read_currency,
    ),
    URL: strawberry.scalar(
        name="URL",
        description="The address of a page, http or https.",
        serialize=str,
        parse_value=_read_url,
    ),
}
