"""Which rows an operation shows so little of that they are read without the rest of their columns."""

from collections.abc import Mapping
from functools import lru_cache

from profiles.orders import OrderItemRow, OrderRow
from profiles.receipts import ReceiptItemRow, ReceiptRow
from profiles.timeline.reading import TimelineRow
from resolvers.types.event import EVENT_TYPES, TimelineEvent

TYPENAME = "__typename"

# By kind of row: the types that show it, and their fields for which its brief cut has all that they need. A field that
# is not named here makes the row whole; one that is named wrongly fails whenever it is asked for.
FIELDS: Mapping[type, tuple[frozenset[str], frozenset[str]]] = {
    ReceiptRow: (
        frozenset({"Receipt"}),
        frozenset({"id", "customer", "number", "issuedAt", "status", "total", "items"}),
    ),
    ReceiptItemRow: (frozenset({"ReceiptItem"}), frozenset({"name", "quantity", "total"})),
    OrderRow: (
        frozenset({"Order"}),
        frozenset({"id", "customer", "number", "placedAt", "status", "total", "items"}),
    ),
    OrderItemRow: (frozenset({"OrderItem"}), frozenset({"name", "quantity", "total"})),
    TimelineRow: (
        frozenset({TimelineEvent.__name__, *(kind.__name__ for kind in EVENT_TYPES)}),
        frozenset({"id", "customer", "category", "type", "name", "description", "occurredAt"}),
    ),
}


@lru_cache(maxsize=1024)
def brief_rows(fields: frozenset[str]) -> frozenset[type]:
    """The kinds of rows of which an operation that names these fields (`Type.field`) shows no more than the brief cut.

    It names each field by the type it was selected on, so an interface counts for all its types.
    """
    named: dict[str, set[str]] = {}
    for each in fields:
        type, _, field = each.partition(".")
        named.setdefault(type, set()).add(field)
    return frozenset(
        row
        for row, (types, enough) in FIELDS.items()
        if all(named.get(type, set()) - {TYPENAME} <= enough for type in types)
    )
