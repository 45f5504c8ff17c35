"""Writing an edit: columns, search keys, identifiers, attributes and the email channel's choice, in one unit."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from profiles.account import Account
from profiles.attributes import text_of
from profiles.contacts import Channel, email_key, phone_key
from profiles.customers import (
    Customer,
    CustomerAttribute,
    Identifier,
    IdentifierKind,
    SubscriptionStatus,
    judge_contacts,
)
from profiles.editing.asked import FIELDS, LONGEST_TEXTS, Checked, Edit, checked
from profiles.errors import Refusals, StaleVersion, Taken
from profiles.ids import new_id
from profiles.money import Money
from profiles.storage.reads import table
from profiles.storage.unit import Unit
from profiles.subscriptions import ChannelChoice
from profiles.text import search_key
from profiles.timeline import EventCategory, TimelineEvent
from profiles.viewer import Viewer


class Changed(NamedTuple):
    """One field that an edit changed: its name in the history, its name for people, and its text before and after."""

    field: str
    label: str
    before: str | None
    after: str | None


async def update_customer(
    unit: Unit, viewer: Viewer, account: Account, customer_id: int, edit: Edit, now: datetime
) -> bool:
    """Writes what an edit changes; False where nothing changes, and then nothing is written, not even a version.

    Raises NotFound, StaleVersion, or Refusals with everything that is wrong with the values (Invalid, TooMany, Taken).
    """
    asked = checked(edit, account, now.astimezone(account.zone).date())
    customer = await unit.customer(customer_id)
    if edit.expected_version is not None and edit.expected_version != customer.version:
        raise StaleVersion("Somebody changed the profile since it was read.", ("expectedVersion",))
    taken = await _move_identifiers(unit, account, customer, asked)
    if refusals := [*asked.refusals, *taken]:
        raise Refusals(refusals)
    changes = [*_set_columns(customer, asked)]
    judge_contacts(customer, account.country)
    if any(change.field == FIELDS["subscription_status"][0] for change in changes):
        await _choose_email_channel(unit, customer, now)
    changes += await _set_attributes(unit, customer_id, asked)
    if not changes:
        return False
    unit.edited(customer, now)
    for change in changes:
        unit.changed(customer, change.field, change.before, change.after, viewer.actor, now)
    unit.happened(_event(customer_id, changes, viewer, now))
    return True


def _set_columns(customer: Customer, asked: Checked) -> Iterator[Changed]:
    for column, value in asked.values.items():
        before = getattr(customer, column)
        if before == value:
            continue
        setattr(customer, column, value)
        if column in LONGEST_TEXTS:
            setattr(customer, f"{column}_key", _folded(value))
        if column in ("first_name", "last_name"):
            names = (customer.first_name, customer.last_name)
            customer.name_key = _folded(" ".join(name for name in names if name))
        if column == "email":
            # The bounce belonged to the old address: whether the new one works is not known yet (ruling 26).
            customer.email_bounced_at = None
        yield Changed(*FIELDS[column], text_of(before), text_of(value))


def _folded(text: str | None) -> str | None:
    return search_key(text) or None if text is not None else None


async def _move_identifiers(unit: Unit, account: Account, customer: Customer, asked: Checked) -> list[Taken]:
    """Lets the new email and phone open the profile instead of the old ones; names those that open another one.

    All new ones are claimed, in one order, before an old one is let go: two edits that exchange their emails then never
    wait for each other in a circle.
    """
    values = asked.values
    email = values.get("email", customer.email)
    phone, country = values.get("phone", customer.phone), values.get("country", customer.country)
    moves = (
        (IdentifierKind.EMAIL, "email", email_key(customer.email), email_key(email)),
        (
            # A number without + is another number in another country, so the country moves the identifier too.
            IdentifierKind.PHONE,
            "phone" if "phone" in values else "country",
            phone_key(customer.phone, customer.country, account.country),
            phone_key(phone, country, account.country),
        ),
    )
    moved = [move for move in moves if move[2] != move[3]]
    refused = []
    for kind, column, _, after in moved:
        if after is not None and not await _claim(unit, kind, after, customer.id):
            label = "email address" if kind is IdentifierKind.EMAIL else "phone number"
            refused.append(Taken(f"Another profile is opened by this {label}.", (FIELDS[column][0],)))
    for kind, _, before, after in moved:
        if before is not None:
            await _let_go(unit, kind, before, customer.id)
        setattr(customer, f"{kind.value.lower()}_key", after)
    return refused


async def _claim(unit: Unit, kind: IdentifierKind, value: str, customer_id: int) -> bool:
    """Whether the identifier now opens this profile. A parallel claim of it is waited for."""
    identifier = table(Identifier)
    insert: Any = postgresql.insert if unit.dialect == "postgresql" else sqlite.insert
    claimed = await unit.session.exec(
        insert(identifier)
        .values(kind=kind, value=value, customer_id=customer_id)
        .on_conflict_do_nothing()
        .returning(identifier.c.customer_id)
    )
    if claimed.first() is not None:
        return True
    owner = await unit.session.exec(
        select(Identifier.customer_id).where(col(Identifier.kind) == kind, col(Identifier.value) == value)
    )
    return owner.first() == customer_id


async def _let_go(unit: Unit, kind: IdentifierKind, value: str, customer_id: int) -> None:
    await unit.session.exec(
        delete(Identifier).where(
            col(Identifier.kind) == kind, col(Identifier.value) == value, col(Identifier.customer_id) == customer_id
        )
    )


async def _choose_email_channel(unit: Unit, customer: Customer, now: datetime) -> None:
    """The email channel's choice behind the status (ruling 25); never subscribed is no choice at all."""
    choice = await unit.session.get(ChannelChoice, (customer.id, Channel.EMAIL))
    status = customer.subscription_status
    if status is SubscriptionStatus.NEVER_SUBSCRIBED:
        if choice is not None:
            await unit.session.delete(choice)
        return
    if choice is None:
        choice = ChannelChoice(customer_id=customer.id, channel=Channel.EMAIL, is_subscribed=False, changed_at=now)
    choice.is_subscribed, choice.changed_at = status is SubscriptionStatus.SUBSCRIBED, now
    unit.session.add(choice)
    if choice.is_subscribed and customer.subscribed_at is None:
        customer.subscribed_at = now


async def _set_attributes(unit: Unit, customer_id: int, asked: Checked) -> list[Changed]:
    changes = []
    for definition, typed in asked.attributes.items():
        stored = await unit.session.get(CustomerAttribute, (customer_id, definition.key))
        before, after = stored.value if stored else None, typed.text if typed else None
        if before == after:
            continue
        changes.append(Changed(f"attributes.{definition.key}", definition.label, before, after))
        if typed is None:
            await unit.session.delete(stored)
            continue
        stored = stored or CustomerAttribute(customer_id=customer_id, attribute=definition.key, value="")
        stored.value, stored.number = typed.text, _number(typed.value)
        unit.session.add(stored)
    return changes


def _number(value: Any) -> float | None:
    if isinstance(value, Money):
        # As ranges compare it: in units of its currency, which is the number the text begins with.
        return float((text_of(value) or "").split()[0])
    return value if type(value) is float else None


def _event(customer_id: int, changes: list[Changed], viewer: Viewer, now: datetime) -> TimelineEvent:
    return TimelineEvent(
        customer_id=customer_id,
        id=new_id(),
        activity_seq=0,
        category=EventCategory.PROFILE,
        type="profile_changed",
        name="Profile changed",
        # The names of the fields and never their values: whoever may see the timeline may not see every field.
        description=", ".join(change.label for change in changes),
        occurred_at=now,
        received_at=now,
        actor=viewer.actor,
    )
