"""Attributes, as the schema shows them."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import strawberry

from profiles.account import AttributeDefinition as Definition
from profiles.account import AttributeType, Block
from profiles.attributes import Typed, canonical, needed_scope, text_of
from profiles.errors import Invalid
from profiles.money import Money as DomainMoney
from profiles.viewer import Viewer
from resolvers.context import Info
from resolvers.types.amount import shown_amount
from resolvers.types.enums import described
from resolvers.types.money import Money, shape_money

described(
    AttributeType,
    "How an attribute's value reads.",
    {
        "TEXT": "Text.",
        "NUMBER": "A decimal number.",
        "BOOLEAN": "`true` or `false`.",
        "DATE": "A calendar day.",
        "DATETIME": "An instant.",
        "CHOICE": "One of the definition's choices.",
        "MONEY": "An amount with its currency, `12.34 EUR`.",
    },
)
described(
    Block,
    "A place on the screen whose attribute list the account chooses.",
    {
        "PROFILE": "The customer's own attributes.",
        "RECEIPT_LIST": "A row of the list of receipts.",
        "RECEIPT_ATTRIBUTES": "The attributes of an opened receipt.",
        "RECEIPT_ITEMS": "A line of an opened receipt.",
        "ORDER_LIST": "A row of the list of orders.",
        "ORDER_ATTRIBUTES": "The attributes of an opened order.",
        "ORDER_ITEMS": "A line of an opened order.",
    },
)


@strawberry.type(description="What an attribute is called and how its value reads.")
class AttributeDefinition:
    key: str = strawberry.field(description="Its name for machines; of a built-in one the field's path.")
    label: str = strawberry.field(description="Its name for people.")
    type: AttributeType = strawberry.field(description="How its value reads.")
    choices: list[str] = strawberry.field(description="What it can be, where its type is CHOICE; else empty.")
    is_editable: bool = strawberry.field(description="Whether `updateCustomer` takes it in `attributes`.")
    is_personal: bool = strawberry.field(description="Whether reading it needs the scope `personal:read`.")
    is_custom: bool = strawberry.field(description="Whether the account has defined it.")


def _typed(kind: type[Any], type_: Any, description: str, name: str | None = None) -> Any:
    def resolve(self: "AttributeValue") -> Any:
        typed = self.read()
        # bool is an int and datetime is a date: the exact class decides.
        return typed.value if typed is not None and type(typed.value) is kind else None

    resolve.__annotations__["return"] = type_
    return strawberry.field(resolver=resolve, description=description, name=name)


@strawberry.type(description="An attribute of one thing; at most one typed field beside `value` is set, by its type.")
class AttributeValue:
    read: strawberry.Private[Callable[[], Typed | None]]
    definition: AttributeDefinition = strawberry.field(description="What it is.")

    @strawberry.field(
        description="Canonical text: ISO dates, point decimals, `true`, `12.34 EUR`, the choice; null without one."
    )
    def value(self) -> str | None:
        typed = self.read()
        return typed.text if typed is not None else None

    number: float | None = _typed(float, float | None, "Set where the type is NUMBER.")
    boolean: bool | None = _typed(bool, bool | None, "Set where the type is BOOLEAN.")
    day: date | None = _typed(date, date | None, "Set where the type is DATE.", name="date")
    date_time: datetime | None = _typed(datetime, datetime | None, "Set where the type is DATETIME.")

    @strawberry.field(description="Set where the type is MONEY.")
    def money(self, info: Info) -> Money | None:
        typed = self.read()
        if typed is None or not isinstance(typed.value, DomainMoney):
            return None
        # The account's own attributes are kept as they were written: no rate is missing there.
        return shape_money(typed.value) if self.definition.is_custom else shown_amount(info, typed.value)


def shape_definition(definition: Definition) -> AttributeDefinition:
    """A definition as the schema shows it."""
    return AttributeDefinition(
        key=definition.key,
        label=definition.label,
        type=definition.type,
        choices=list(definition.choices),
        is_editable=definition.is_editable,
        is_personal=definition.is_personal,
        is_custom=definition.is_custom,
    )


def shape_attribute(definition: Definition, value: Any, viewer: Viewer) -> AttributeValue:
    """An attribute with its value: what a built-in one shows, or the canonical text of the account's own.

    One that the viewer may not read is null with FORBIDDEN at its path.
    """
    text = text_of(value)

    def read() -> Typed | None:
        viewer.require(needed_scope(definition), f"The attribute {definition.key}")
        if text is None:
            return None
        if isinstance(value, DomainMoney):
            # Its text would not say what the source had said.
            return Typed(text, value)
        try:
            return canonical(definition, text)
        except Invalid:
            # Stored under another definition of the same key: its text is still true.
            return Typed(text, None)

    return AttributeValue(read=read, definition=shape_definition(definition))


__all__ = ["AttributeDefinition", "AttributeValue", "Block", "shape_attribute", "shape_definition"]
