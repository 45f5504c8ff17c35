"""Customers: who they are, the identifiers by which a profile is opened, and how both are read for many at once."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import Index, Select, bindparam, select
from sqlmodel import Field, SQLModel

from profiles.columns import choice, day, instant, key, key_text, reference, text
from profiles.contacts import ContactWarning, EmailContact, PhoneContact, PhoneType, read_email, read_phone
from profiles.records import record
from profiles.storage.keeping import BY_CUSTOMER, BY_IDENTIFIER
from profiles.storage.reads import Build, DialectName, Read, among_ids, among_texts, shaped, table
from profiles.viewer import Viewer


class Gender(StrEnum):
    """As stated by the customer."""

    FEMALE = "FEMALE"
    MALE = "MALE"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class CustomerKind(StrEnum):
    """A contact has never purchased; a customer has."""

    CONTACT = "CONTACT"
    CUSTOMER = "CUSTOMER"


class SubscriptionStatus(StrEnum):
    """The email channel's state; PENDING is asked for but not confirmed."""

    SUBSCRIBED = "SUBSCRIBED"
    UNSUBSCRIBED = "UNSUBSCRIBED"
    PENDING = "PENDING"
    NEVER_SUBSCRIBED = "NEVER_SUBSCRIBED"


class IdentifierKind(StrEnum):
    """What opens a profile beside its id."""

    EXTERNAL_ID = "EXTERNAL_ID"
    CRM_ID = "CRM_ID"
    EMAIL = "EMAIL"
    PHONE = "PHONE"


NAME_BETWEEN_SPACES = "(' ' || {} || ' ')"
"""The name as search compares it, so that words and their beginnings can be told; SQL, for the column's name.

It is in the index `ix_customers_search`, which only the migrations know: trigrams differ between the databases.
"""


class Customer(SQLModel, table=True):
    """One person. The `..._key` columns are what prefix search compares (see `profiles.text.search_key`)."""

    __tablename__ = "customers"
    __table_args__ = (
        Index("ix_customers_created_at", "created_at", "id"),
        Index("ix_customers_name", "name_key", "id"),
        Index("ix_customers_last_name", "last_name_key", "id"),
        # A city has thousands: what is asked of it is mostly its newest.
        Index("ix_customers_city", "city_key", "created_at", "id"),
    )
    id: int = key()
    external_id: str | None = text(nullable=True)
    crm_id: str | None = text(nullable=True)
    first_name: str | None = text(nullable=True)
    last_name: str | None = text(nullable=True)
    gender: Gender | None = choice(Gender, nullable=True)
    birth_date: date | None = day(nullable=True)
    country: str | None = text(nullable=True)
    city: str | None = text(nullable=True)
    address: str | None = text(nullable=True)
    email: str | None = text(nullable=True)
    email_bounced_at: datetime | None = instant(nullable=True)
    phone: str | None = text(nullable=True)
    # What the contacts are worth, kept by whoever writes them (`contacts_judged`) for filters to look for; what is
    # shown is derived anew on reading.
    email_warning: ContactWarning | None = choice(ContactWarning, nullable=True)
    phone_warning: ContactWarning | None = choice(ContactWarning, nullable=True)
    phone_type: PhoneType | None = choice(PhoneType, nullable=True)
    subscription_status: SubscriptionStatus = choice(SubscriptionStatus)
    subscribed_at: datetime | None = instant(nullable=True)
    created_at: datetime = instant()
    updated_at: datetime = instant()
    registered_at: datetime | None = instant(nullable=True)
    erased_at: datetime | None = instant(nullable=True)
    # What search and sort compare: folded, null where the field is null.
    first_name_key: str | None = key_text(nullable=True)
    last_name_key: str | None = key_text(nullable=True)
    name_key: str | None = key_text(nullable=True)
    city_key: str | None = key_text(nullable=True)
    address_key: str | None = key_text(nullable=True)
    email_key: str | None = key_text(nullable=True, index=True)
    phone_key: str | None = key_text(nullable=True, index=True)
    external_id_key: str | None = key_text(nullable=True, index=True)
    crm_id_key: str | None = key_text(nullable=True, index=True)
    # Edits (for expectedVersion), anything the profile shows (for caches), events (the live cursor).
    version: int = reference(default=1)
    generation: int = reference(default=1)
    activity_seq: int = reference(default=0)


class Identifier(SQLModel, table=True):
    """Which profile an identifier opens; keyed by the identifier, so that it lives where it is looked up."""

    __tablename__ = "identifiers"
    kind: IdentifierKind = choice(IdentifierKind, primary_key=True)
    value: str = text(primary_key=True)
    customer_id: int = reference(foreign_key="customers.id", index=True)


class CustomerSource(SQLModel, table=True):
    """Which data source knows the customer."""

    __tablename__ = "customer_sources"
    customer_id: int = key(foreign_key="customers.id")
    source_id: int = key(foreign_key="data_sources.id")


class CustomerAttribute(SQLModel, table=True):
    """A custom attribute's value as canonical text (ruling 32); `number` repeats it where it is numeric, for ranges."""

    __tablename__ = "customer_attributes"
    __table_args__ = (Index("ix_customer_attributes_value", "attribute", "value", "customer_id"),)
    customer_id: int = key(foreign_key="customers.id")
    attribute: str = text(primary_key=True)
    value: str = text()
    number: float | None = Field(default=None)


@record
class CustomerRow:
    """Who a customer is, as stored; `email` and `phone` are as they were received."""

    id: int
    external_id: str | None
    crm_id: str | None
    first_name: str | None
    last_name: str | None
    gender: Gender | None
    birth_date: date | None
    country: str | None
    city: str | None
    address: str | None
    email: str | None
    email_bounced_at: datetime | None
    phone: str | None
    subscription_status: SubscriptionStatus
    subscribed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    registered_at: datetime | None
    version: int
    activity_seq: int
    generation: int

    @property
    def name(self) -> str | None:
        """First and last name, as far as they are known."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or None

    @property
    def email_contact(self) -> EmailContact:
        """The address and what is wrong with it."""
        return read_email(self.email, self.email_bounced_at is not None)

    def phone_contact(self, account_country: str) -> PhoneContact:
        """The number, its type, and what is wrong with it."""
        return read_phone(self.phone, self.country, account_country)


CUSTOMER_COLUMNS = tuple(CustomerRow.__dataclass_fields__)
GENERATION = CUSTOMER_COLUMNS.index("generation")


@shaped()
def _by_id() -> Build:
    customer = table(Customer)

    def build(dialect: DialectName) -> Any:
        return select(*[customer.c[name] for name in CUSTOMER_COLUMNS]).where(
            among_ids(dialect, customer.c.id), customer.c.erased_at.is_(None)
        )

    return build


@shaped()
def _by_identifier() -> Build:
    identifier, customer = table(Identifier), table(Customer)

    def build(dialect: DialectName) -> Any:
        # With the generation of whom it opens: whoever moves an identifier raises it, so it says how long this holds.
        return (
            select(identifier.c.value, identifier.c.customer_id, customer.c.generation)
            .select_from(identifier.join(customer, customer.c.id == identifier.c.customer_id))
            .where(
                identifier.c.kind == bindparam("kind", type_=identifier.c.kind.type),
                among_texts(dialect, identifier.c.value, "values"),
            )
        )

    return build


def customers_by_id(viewer: Viewer, ids: Sequence[int]) -> Read[int, CustomerRow]:
    """Who these customers are; unknown and erased ones are absent."""
    return Read(
        _by_id(), {"ids": ids}, lambda rows: {row[0]: CustomerRow(*row) for row in rows}, BY_CUSTOMER, (0, GENERATION)
    )


def customers_by_identifier(viewer: Viewer, values: Sequence[str], kind: IdentifierKind) -> Read[str, int]:
    """Which customer each identifier opens; unknown ones are absent."""
    return Read(
        _by_identifier(),
        {"kind": kind, "values": values},
        lambda rows: {row[0]: row[1] for row in rows},
        BY_IDENTIFIER,
        (1, 2),
    )


def contacts_judged(
    email: str | None, has_bounced: bool, phone: str | None, country: str | None, account_country: str
) -> dict[str, ContactWarning | PhoneType | None]:
    """What a customer's contacts are worth, by the columns that keep it (ruling 26)."""
    number = read_phone(phone, country, account_country)
    return {
        "email_warning": read_email(email, has_bounced).warning,
        "phone_warning": number.warning,
        "phone_type": number.type,
    }


def judge_contacts(customer: Customer, account_country: str) -> None:
    """Brings the columns up to date after the email, the phone, the country or a bounce has changed."""
    worth = contacts_judged(
        customer.email, customer.email_bounced_at is not None, customer.phone, customer.country, account_country
    )
    for column, value in worth.items():
        setattr(customer, column, value)


@lru_cache(maxsize=2)
def locked(dialect: DialectName) -> Select[Any]:
    """Locks customers until the transaction ends, in the order in which everybody does; parameter `ids`."""
    customers = table(Customer).c
    return select(customers.id).where(among_ids(dialect, customers.id)).order_by(customers.id).with_for_update()
