"""The documents that a frontend sends: every query answers in full for the household that a newcomer opens."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from graphql import (
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    OperationType,
    Visitor,
    build_schema,
    parse,
    print_ast,
    validate,
    visit,
)

from sources.shape.draft import SHOWCASE_HOUSEHOLD
from tests.gateway_client import Gateway

SCREENS = Path(__file__).parent / "screens"
SCHEMA = build_schema((Path(__file__).parents[2] / "schema.graphql").read_text(encoding="utf-8"))
LATER = frozenset(
    {
        # Writes and subscriptions that come with the issues of writing and of the live feed.
        "TurnChannel",
        "CategoryOff",
        "TagSelection",
        "LiveSession",
    }
)
MAY_BE_NULL = {
    "warning": "a contact that is fine",
    "original": "an amount that came in the account's currency",
    "liveSession": "nobody is on the site right now",
    "session": "an event outside any visit",
    "receipt": "an order that is not paid",
    "couponCode": "an order without one",
    "deliveryCost": "a receipt of a shop",
    "value": "an attribute without a value, such as the delivery cost",
    "number": "an attribute of another type",
    "boolean": "an attribute of another type",
    "date": "an attribute of another type",
    "dateTime": "an attribute of another type",
    "money": "an attribute of another type",
    "redeemedAt": "a code that was not used",
    "revokedAt": "a consent that stands",
    "campaign": "a mass mailing",
    "store": "what happened online",
    "businessUnit": "what happened online",
    "product": "a look at a category or a page",
    "viewedCategory": "a look at a page",
    "imageUrl": "a product without a picture",
    "price": "a product whose price is not known",
    "actor": "an event that nobody of the staff caused",
    "tab": "a panel of the left side",
}
"""Fields that may be null in a full answer, with what null says there; all others have a value."""


MAY_BE_EMPTY = {
    "reasons": "a channel that is open",
    "choices": "an attribute that is no choice",
    "channels": "a consent that blocks none",
    "details": "an event that its name says all of",
    # The household's order of that hour emptied the cart: the demo data owes it another one.
    "abandonedCart": "nothing was left behind lately",
}
"""Lists that may be empty in a full answer, with what that says."""


class Operation(NamedTuple):
    """One operation of a screen, with the fragments that it uses."""

    name: str
    kind: OperationType
    text: str


class _Spreads(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        self.names.add(node.name.value)


def operations() -> Iterator[Operation]:
    """Every operation of every screen."""
    for file in sorted(SCREENS.glob("*.graphql")):
        document = parse(file.read_text(encoding="utf-8"))
        fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode) and node.name is not None:
                parts: list[Any] = [node]
                for part in parts:
                    spreads = _Spreads()
                    visit(part, spreads)
                    parts += [fragments[name] for name in sorted(spreads.names) if fragments[name] not in parts]
                yield Operation(node.name.value, node.operation, "\n".join(print_ast(part) for part in parts))


OPERATIONS = {operation.name: operation for operation in operations()}
QUERIES = [name for name, operation in OPERATIONS.items() if operation.kind is OperationType.QUERY]


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name not in LATER])
def test_what_a_screen_sends_is_valid(name: str) -> None:
    assert validate(SCHEMA, parse(OPERATIONS[name].text)) == []


def test_what_is_left_to_later_issues_is_not_there_yet() -> None:
    for name in LATER:
        assert validate(SCHEMA, parse(OPERATIONS[name].text)), f"{name} is valid now: take it off the list"


async def variables(gateway: Gateway) -> dict[str, Any]:
    """What the screens are about: the showcase household, and ids of what it has."""
    found = await gateway.ask(
        """
        query ($key: CustomerKey!) { customer(by: $key) {
          id tags { id } segments { segment { id } } timeline(first: 1) { nodes { id } }
          receipts(first: 1) { nodes { id } } orders(first: 1) { nodes { id } }
        } }
        """,
        {"key": {"externalId": str(SHOWCASE_HOUSEHOLD)}},
    )
    assert found.errors == []
    customer = found.data["customer"]
    return {
        "id": customer["id"],
        "receiptId": customer["receipts"]["nodes"][0]["id"],
        "orderId": customer["orders"]["nodes"][0]["id"],
        "eventId": customer["timeline"]["nodes"][0]["id"],
        "tagId": customer["tags"][0]["id"],
        "segmentId": customer["segments"][0]["segment"]["id"],
        "attribute": "category",
        "expanded": True,
    }


OWN: dict[str, dict[str, Any]] = {
    "ReceiptProductsBlock": {"id": "receiptId"},
    "ExpandOrderOrBounce": {"id": "eventId"},
    # The filter of the orders' tab, not an order.
    "OrdersTab": {"orderId": None},
    # The grid shows everybody; of this one everything is known.
    "CustomerGrid": {"filter": {"externalId": {"equals": str(SHOWCASE_HOUSEHOLD)}}},
}
"""Where a screen means something else by a variable's name, or asks about more than the household."""


@pytest.mark.parametrize("name", QUERIES)
async def test_a_screen_answers_in_full_for_the_household_to_open(gateway: Gateway, name: str) -> None:
    operation = OPERATIONS[name]
    known = await variables(gateway)
    declared: Any = getattr(parse(operation.text).definitions[0], "variable_definitions", ())
    given = {each.variable.name.value for each in declared}
    values: dict[str, Any] = {key: known[key] for key in given & known.keys()}
    values |= {
        key: known.get(value, value) if isinstance(value, str) else value for key, value in OWN.get(name, {}).items()
    }
    answer = await gateway.ask(operation.text, values, operation_name=name)
    assert answer.errors == []
    missing = sorted({path for path in _nulls(answer.data, "") if path.rpartition(".")[2] not in MAY_BE_NULL})
    assert missing == []
    empty = {path.rpartition(".")[2] for path in _empty(answer.data, "")}
    assert empty <= MAY_BE_EMPTY.keys()


def _nulls(value: Any, path: str) -> Iterator[str]:
    if value is None:
        yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _nulls(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from _nulls(inner, path)


def _empty(value: Any, path: str) -> Iterator[str]:
    if value == []:
        yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _empty(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from _empty(inner, path)
