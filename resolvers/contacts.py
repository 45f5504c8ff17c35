"""The fields of contacts: email and phone, each with its warning."""

from collections.abc import Awaitable

import strawberry

from profiles.customers import CustomerRow
from resolvers.about import About
from resolvers.context import Info
from resolvers.types.contact import EmailContact, PhoneContact


def email(about: strawberry.Parent[About], info: Info) -> Awaitable[EmailContact | None]:
    return _email(info.context.loaders.customer_by_id.ask(about.customer_id, None), info)


def phone(about: strawberry.Parent[About], info: Info) -> Awaitable[PhoneContact | None]:
    return _phone(info.context.loaders.customer_by_id.ask(about.customer_id, None), info)


async def _email(loading: Awaitable[CustomerRow | None], info: Info) -> EmailContact | None:
    row = await loading
    if row is None:
        return None
    contact = row.email_contact.shown_to(info.context.viewer)
    return EmailContact(value=contact.value, warning=contact.warning)


async def _phone(loading: Awaitable[CustomerRow | None], info: Info) -> PhoneContact | None:
    row = await loading
    if row is None:
        return None
    contact = row.phone_contact(info.context.account.country).shown_to(info.context.viewer)
    return PhoneContact(value=contact.value, formatted=contact.formatted, type=contact.type, warning=contact.warning)
