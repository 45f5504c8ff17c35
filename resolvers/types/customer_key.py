"""The keys that open a profile, and how one is turned into a customer's id."""

from dataclasses import dataclass

import strawberry

from profiles.contacts import email_key, phone_key
from profiles.customers import IdentifierKind
from profiles.errors import BadRequest
from profiles.viewer import Scope
from resolvers.context import Info
from resolvers.ids import number

LONGEST_IDENTIFIER = 320


@strawberry.input(description="What opens a profile: exactly one of the keys.", one_of=True)
class CustomerKey:
    id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="The global id.")
    external_id: strawberry.Maybe[str] = strawberry.field(description="The id in the source system.")
    crm_id: strawberry.Maybe[str] = strawberry.field(description="The CRM's id. Needs the scope `personal:read`.")
    email: strawberry.Maybe[str] = strawberry.field(
        description="An email address, in any case. Needs the scope `personal:read`."
    )
    phone: strawberry.Maybe[str] = strawberry.field(
        description="A phone number in any spelling. Needs the scope `personal:read`."
    )


@dataclass(frozen=True, slots=True)
class Identified:
    """What a key says: an id, or an identifier to look up; `value` is None where it cannot be one of its kind."""

    customer_id: int | None = None
    kind: IdentifierKind | None = None
    value: str | None = None


def read_key(info: Info, key: CustomerKey, field: tuple[str, ...]) -> Identified:
    """What a key says. Raises BadRequest for a malformed id, Forbidden for a personal key without the scope."""
    viewer, account = info.context.viewer, info.context.account
    if key.id is not None:
        return Identified(customer_id=number(key.id.value, "Customer", (*field, "id")))
    if key.external_id is not None:
        return _identifier(IdentifierKind.EXTERNAL_ID, key.external_id.value, key.external_id.value.strip(), field)
    viewer.require(Scope.PERSONAL_READ, "Opening a profile by this key", field)
    if key.crm_id is not None:
        return _identifier(IdentifierKind.CRM_ID, key.crm_id.value, key.crm_id.value.strip(), field)
    if key.email is not None:
        return _identifier(IdentifierKind.EMAIL, key.email.value, email_key(key.email.value), field)
    if key.phone is not None:
        return _identifier(
            IdentifierKind.PHONE, key.phone.value, phone_key(key.phone.value, None, account.country), field
        )
    raise BadRequest("Exactly one of the keys must be given.", field)


def _identifier(kind: IdentifierKind, given: str, value: str | None, field: tuple[str, ...]) -> Identified:
    if len(given) > LONGEST_IDENTIFIER or "\x00" in given:
        raise BadRequest(f"An identifier has at most {LONGEST_IDENTIFIER} characters, none of them NUL.", field)
    return Identified(kind=kind, value=value)


async def found(info: Info, asked: Identified) -> int | None:
    """The id of the customer that a key, once read, opens; None where there is none."""
    loaders = info.context.loaders
    customer_id = asked.customer_id
    if asked.kind is not None and asked.value is not None:
        customer_id = await loaders.customer_by_identifier.ask(asked.value, asked.kind)
    if customer_id is None or await loaders.customer_by_id.ask(customer_id, None) is None:
        return None
    return customer_id
