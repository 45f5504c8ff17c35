"""Brief rows: what an operation shows of them is what it would show of whole ones, and they hold nothing else."""

from typing import Any

import pytest

from profiles.narrowing import whole
from profiles.orders import OrderItemRow, OrderRow
from profiles.receipts import BRIEF, WHOLE, ReceiptItemRow, ReceiptRow, latest_receipts
from profiles.storage.pages import PageOf
from profiles.timeline.reading import TimelineRow
from profiles.viewer import SYSTEM
from resolvers.brief import FIELDS, brief_rows
from resolvers.types.event import EVENT_TYPES
from sources.shape.draft import SHOWCASE_HOUSEHOLD
from tests.gateway_client import Gateway

# By kind of row: the type, where it stands in a profile, and a field of which it has to be whole.
SHOWN: dict[type, tuple[str, str, str]] = {
    ReceiptRow: ("Receipt", "receipts(first: 5) {{ nodes {{ {} }} }}", "paymentStatus"),
    ReceiptItemRow: ("ReceiptItem", "receipts(first: 5) {{ nodes {{ items {{ {} }} }} }}", "productExternalId"),
    OrderRow: ("Order", "orders(first: 5) {{ nodes {{ {} }} }}", "paymentStatus"),
    OrderItemRow: ("OrderItem", "orders(first: 5) {{ nodes {{ items {{ {} }} }} }}", "productExternalId"),
    TimelineRow: ("TimelineEvent", "timeline(first: 50) {{ nodes {{ {} }} }}", "receivedAt"),
}
SELECTED = {
    "total": "total { amount currencyCode original { amount } }",
    "customer": "customer { id }",
    "items": "items { name }",
}
EACH = [(row, field) for row, (_, fields) in FIELDS.items() for field in sorted(fields)]


def without(value: Any, key: str) -> Any:
    """The same without that key, wherever it stands."""
    if isinstance(value, list):
        return [without(each, key) for each in value]
    if isinstance(value, dict):
        return {name: without(inner, key) for name, inner in value.items() if name != key}
    return value


async def shown(gateway: Gateway, selection: str) -> Any:
    """What the showcase household shows."""
    key = {"key": {"externalId": str(SHOWCASE_HOUSEHOLD)}}
    answer = await gateway.ask(f"query ($key: CustomerKey!) {{ customer(by: $key) {{ {selection} }} }}", key)
    assert answer.errors == []
    return answer.data["customer"]


@pytest.mark.parametrize(("row", "field"), EACH, ids=[f"{row.__name__}-{field}" for row, field in EACH])
async def test_a_field_of_a_brief_row_is_that_of_the_whole_one(gateway: Gateway, row: type, field: str) -> None:
    _, place, wide = SHOWN[row]
    asked = SELECTED.get(field, field)
    brief, with_the_rest = (
        await shown(gateway, place.format(asked)),
        await shown(gateway, place.format(f"{asked} {wide}")),
    )
    assert brief == without(with_the_rest, wide.partition(" ")[0])
    assert brief != with_the_rest


@pytest.mark.parametrize("row", FIELDS, ids=lambda row: row.__name__)
def test_rows_are_brief_where_nothing_else_is_asked_of_them(row: type) -> None:
    type_, _, wide = SHOWN[row]
    brief = frozenset(f"{type_}.{field}" for field in FIELDS[row][1])
    assert row in brief_rows(brief)
    assert row in brief_rows(brief | {f"{type_}.__typename", "Customer.name"})
    assert row not in brief_rows(brief | {f"{type_}.{wide.partition(' ')[0]}"})
    assert row in brief_rows(frozenset())


def test_what_one_kind_of_event_adds_makes_all_events_whole() -> None:
    common = frozenset(f"TimelineEvent.{field}" for field in FIELDS[TimelineRow][1])
    names = {kind.__name__ for kind in EVENT_TYPES}
    assert names < FIELDS[TimelineRow][0]
    for name in names:
        assert TimelineRow in brief_rows(common | {f"{name}.name"})
        assert TimelineRow not in brief_rows(common | {f"{name}.details"})


def test_a_brief_row_is_read_by_fewer_columns_and_knows_no_others() -> None:
    page = whole(PageOf(3, None))
    brief, full = (latest_receipts(SYSTEM, [1], page, cut).statement.on("sqlite").sql for cut in (BRIEF, WHOLE))
    assert "payment_status" in full
    assert "payment_status" not in brief
    row = BRIEF.make(*range(len(BRIEF.columns)))
    assert row.id == 1
    with pytest.raises(AttributeError):
        _ = row.payment_status
