"""Whom recorded events are about: customers found by id or identifier and locked, and new contacts where wanted."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from profiles.account import Account
from profiles.customers import Customer, Identifier, IdentifierKind, SubscriptionStatus, judge_contacts
from profiles.errors import Overtaken
from profiles.ids import new_id
from profiles.recording.inputs import CustomerRef
from profiles.storage.reads import table
from profiles.storage.unit import Unit
from profiles.text import search_key


async def find_customers(unit: Unit, refs: Iterable[CustomerRef]) -> dict[CustomerRef, Customer]:
    """The customers that these open, each locked; what opens none is absent."""
    ids = await _ids(unit, set(refs))
    locked = await unit.lock(ids.values())
    return {ref: locked[id] for ref, id in ids.items() if id in locked}


async def _ids(unit: Unit, refs: set[CustomerRef]) -> dict[CustomerRef, int]:
    ids = {ref: ref.customer_id for ref in refs if ref.customer_id is not None}
    for kind in IdentifierKind:
        values = {ref.value for ref in refs if ref.kind is kind and ref.value is not None}
        if not values:
            continue
        found = await unit.session.exec(
            select(col(Identifier.value), col(Identifier.customer_id)).where(
                col(Identifier.kind) == kind, col(Identifier.value).in_(sorted(values))
            )
        )
        by_value: dict[str, int] = dict(found.all())
        ids |= {ref: by_value[ref.value] for ref in refs if ref.kind is kind and ref.value in by_value}
    return ids


async def make_contacts(
    unit: Unit, account: Account, refs: Iterable[CustomerRef], now: datetime
) -> dict[CustomerRef, Customer]:
    """New contacts that these identifiers open from now on. Raises Overtaken where another call makes one of them."""
    made: dict[tuple[IdentifierKind, str], Customer] = {}
    contacts: dict[CustomerRef, Customer] = {}
    for ref in refs:
        if ref.kind is None or ref.value is None:
            continue
        identifier = (ref.kind, ref.value)
        if identifier not in made:
            made[identifier] = _contact(ref, now)
            judge_contacts(made[identifier], account.country)
            unit.join(made[identifier])
        contacts[ref] = made[identifier]
    if made:
        await unit.session.flush()
        await _claim(unit, {identifier: customer.id for identifier, customer in made.items()})
    return contacts


async def _claim(unit: Unit, identifiers: Mapping[tuple[IdentifierKind, str], int]) -> None:
    # In one order everywhere: two calls that make the same contacts then wait for each other, never in a circle.
    rows: Sequence[dict[str, object]] = [
        {"kind": kind, "value": value, "customer_id": identifiers[kind, value]} for kind, value in sorted(identifiers)
    ]
    insert = postgresql.insert if unit.dialect == "postgresql" else sqlite.insert
    claimed = await unit.session.exec(
        insert(table(Identifier)).values(rows).on_conflict_do_nothing().returning(table(Identifier).c.customer_id)
    )
    if len(claimed.all()) < len(rows):
        raise Overtaken("Another call is making the same contact; send this one again.")


def _contact(ref: CustomerRef, now: datetime) -> Customer:
    given = (ref.given or "").strip()
    contact = Customer(
        id=new_id(),
        subscription_status=SubscriptionStatus.NEVER_SUBSCRIBED,
        created_at=now,
        updated_at=now,
    )
    match ref.kind:
        case IdentifierKind.EXTERNAL_ID:
            contact.external_id, contact.external_id_key = given, search_key(given)
        case IdentifierKind.CRM_ID:
            contact.crm_id, contact.crm_id_key = given, search_key(given)
        case IdentifierKind.EMAIL:
            contact.email, contact.email_key = given, ref.value
        case IdentifierKind.PHONE:
            contact.phone, contact.phone_key = given, ref.value
    return contact
