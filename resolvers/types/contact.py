"""Contacts and reachability, as the schema shows them."""

import strawberry

from profiles.contacts import ContactWarning, PhoneType
from profiles.reachability import UnreachableReason
from resolvers.types.channel import Channel
from resolvers.types.enums import described

described(
    ContactWarning,
    "What the icon beside a contact says.",
    {
        "MISSING": "There is none.",
        "INVALID": "It cannot be right, or mail to it has bounced for good since it last changed.",
    },
)
described(
    PhoneType,
    "What the number alone tells.",
    {
        "MOBILE": "A mobile number.",
        "LANDLINE": "A landline: no text messages.",
        "UNKNOWN": "The country's numbers do not tell, or it is neither.",
    },
)
described(
    UnreachableReason,
    "Why a channel is closed.",
    {
        "MISSING_CONTACT": "There is no email address or phone number.",
        "INVALID_EMAIL": "The email address is invalid, or mail to it bounces.",
        "INVALID_PHONE": "The phone number is invalid.",
        "LANDLINE": "A landline cannot receive text messages.",
        "UNSUBSCRIBED": "The customer has not subscribed to the channel.",
        "CATEGORY_UNSUBSCRIBED": "The customer has not subscribed to the category.",
        "CHANNEL_NOT_CHOSEN": "The customer has not chosen the channel for the category.",
        "CONSENT_REVOKED": "A consent that names the channel is revoked.",
        "ERASED": "The customer has been erased.",
    },
)


@strawberry.type(description="An email address; `warning` is null when it is present and valid.")
class EmailContact:
    value: str | None = strawberry.field(
        description="The address; masked (`a***@example.com`) without the scope `personal:read`; null when missing."
    )
    warning: ContactWarning | None = strawberry.field(description="What is wrong with it; null when nothing is.")


@strawberry.type(description="A phone number; `warning` is null when it is present and valid.")
class PhoneContact:
    value: str | None = strawberry.field(
        description="E.164 when valid, else as received; masked without the scope `personal:read`; null when missing."
    )
    formatted: str | None = strawberry.field(
        description="As people write it; null unless it is valid, and without the scope `personal:read`."
    )
    type: PhoneType = strawberry.field(description="Derived from the number.")
    warning: ContactWarning | None = strawberry.field(description="What is wrong with it; null when nothing is.")


@strawberry.type(description="Whether a channel is open, and every reason why not; derived when read.")
class Reachability:
    channel: Channel = strawberry.field(description="Which channel.")
    is_reachable: bool = strawberry.field(description="Whether nothing stands in the way.")
    reasons: list[UnreachableReason] = strawberry.field(description="Every reason that applies; empty when reachable.")


__all__ = ["ContactWarning", "EmailContact", "PhoneContact", "PhoneType", "Reachability"]
