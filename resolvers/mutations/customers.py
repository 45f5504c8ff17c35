"""Editing a customer's details."""

from datetime import date

import strawberry

from profiles.editing import AttributeEdit, Edit, update_customer
from profiles.editing.asked import FIELDS
from profiles.storage.unit import Unit
from resolvers.about import AboutCustomer, about
from resolvers.arguments import Input
from resolvers.context import Info
from resolvers.ids import number
from resolvers.types.identity import Gender, SubscriptionStatus
from resolvers.writes import Outcome, UserError, repeat_key, run_once


@strawberry.input(description="A named value: of one of the account's own attributes, or of an event's payload.")
class AttributeInput:
    key: str = strawberry.field(description="The attribute's key, which must be custom and editable, or the payload's.")
    value: str | None = strawberry.field(
        default=None,
        description="Canonical text, as `AttributeValue.value` shows it; null or blank removes the value.",
    )


@strawberry.input(
    description="What to change. An omitted field is left alone; null, or a blank text, clears it. Texts are trimmed."
)
class UpdateCustomerInput:
    customer_id: strawberry.ID = strawberry.field(description="Whom to change.")
    expected_version: int | None = strawberry.field(
        default=None, description="The `version` that was read; another one now is refused with STALE_VERSION."
    )
    client_mutation_id: str | None = repeat_key()
    first_name: strawberry.Maybe[str | None] = strawberry.field(description="First name, up to 100 characters.")
    last_name: strawberry.Maybe[str | None] = strawberry.field(description="Last name, up to 100 characters.")
    gender: strawberry.Maybe[Gender | None] = strawberry.field(description="As they stated it.")
    birth_date: strawberry.Maybe[date | None] = strawberry.field(
        description="Date of birth, from 1900-01-01 to today in the account's time zone."
    )
    email: strawberry.Maybe[str | None] = strawberry.field(
        description="An address of the form name@domain; one that only looks wrong is stored and shown with its "
        "warning. It opens this profile from now on, so one that opens another is TAKEN. A bounce is forgotten."
    )
    phone: strawberry.Maybe[str | None] = strawberry.field(
        description="A number with digits, in any spelling; an invalid one is stored and shown with its warning. "
        "It opens this profile from now on, so one that opens another is TAKEN."
    )
    country: strawberry.Maybe[str | None] = strawberry.field(
        description="ISO 3166 alpha-2 code, in either case. A phone number without + is read with it."
    )
    city: strawberry.Maybe[str | None] = strawberry.field(description="City, up to 100 characters.")
    address: strawberry.Maybe[str | None] = strawberry.field(
        description="Postal address in one line, up to 500 characters."
    )
    subscription_status: strawberry.Maybe[SubscriptionStatus | None] = strawberry.field(
        description="The email channel's state, as `setSubscription` sets it; null means NEVER_SUBSCRIBED."
    )
    attributes: strawberry.Maybe[list[AttributeInput] | None] = strawberry.field(
        description="New values of the account's own attributes, at most 100; those not named are left alone, and null "
        "is the same as none."
    )


@strawberry.type(description="What came of changing a customer.")
class UpdateCustomerPayload:
    customer: AboutCustomer | None = strawberry.field(
        description="The fresh customer, also when nothing had to be changed; null when refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Everything that is wrong; empty when all went well.")


async def update(info: Info, input: Input[UpdateCustomerInput]) -> UpdateCustomerPayload | None:
    context = info.context
    customer_id = number(input.customer_id, "Customer", ("input", "customerId"))
    edit = _edit(input)

    async def act(unit: Unit) -> Outcome:
        await update_customer(unit, context.viewer, context.account, customer_id, edit, context.now)
        return {"customer": customer_id}

    outcome, errors = await run_once(info, "updateCustomer", input, act)
    return UpdateCustomerPayload(customer=about(customer_id) if outcome else None, user_errors=errors)


def _edit(input: UpdateCustomerInput) -> Edit:
    given = {column: getattr(input, column) for column in FIELDS}
    asked = input.attributes.value if input.attributes is not None else None
    return Edit(
        values={column: some.value for column, some in given.items() if some is not None},
        attributes=tuple(AttributeEdit(attribute.key, attribute.value) for attribute in asked or ()),
        expected_version=input.expected_version,
    )
