"""The fields of contacts: email and phone, each with its warning."""

from collections.abc import Awaitable

import strawberry

from profiles.contacts import mask_email, mask_phone, read_email, read_phone
from profiles.customers import CustomerRow
from profiles.viewer import Scope
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
    contact = read_email(row.email, row.email_bounced_at is not None)
    is_shown = info.context.viewer.may(Scope.PERSONAL_READ)
    value = contact.value if is_shown or contact.value is None else mask_email(contact.value)
    return EmailContact(value=value, warning=contact.warning)


async def _phone(loading: Awaitable[CustomerRow | None], info: Info) -> PhoneContact | None:
    row = await loading
    if row is None:
        return None
    contact = read_phone(row.phone, row.country, info.context.account.country)
    is_shown = info.context.viewer.may(Scope.PERSONAL_READ)
    return PhoneContact(
        value=contact.value if is_shown or contact.value is None else mask_phone(contact.value),
        formatted=contact.formatted if is_shown else None,
        type=contact.type,
        warning=contact.warning,
    )
