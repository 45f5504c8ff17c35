"""The rule of reachability: derived when read, never stored, and with every reason that applies."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from profiles.contacts import Channel, ContactWarning, EmailContact, PhoneContact, PhoneType


class UnreachableReason(StrEnum):
    """Why a channel is closed; reasons are given in this order."""

    MISSING_CONTACT = "MISSING_CONTACT"
    INVALID_EMAIL = "INVALID_EMAIL"
    INVALID_PHONE = "INVALID_PHONE"
    LANDLINE = "LANDLINE"
    UNSUBSCRIBED = "UNSUBSCRIBED"
    CATEGORY_UNSUBSCRIBED = "CATEGORY_UNSUBSCRIBED"
    CHANNEL_NOT_CHOSEN = "CHANNEL_NOT_CHOSEN"
    CONSENT_REVOKED = "CONSENT_REVOKED"
    ERASED = "ERASED"


@dataclass(frozen=True, slots=True)
class CategoryChoice:
    """What a person chose for one mailing category; without a stored choice they are not subscribed to it."""

    is_subscribed: bool = False
    channels: frozenset[Channel] = frozenset()


@dataclass(frozen=True, slots=True)
class Permissions:
    """All that decides; a channel missing in `channel_choices` is not subscribed.

    `category` is None where the question is not about one.
    """

    email: EmailContact
    phone: PhoneContact
    channel_choices: Mapping[Channel, bool] = field(default_factory=dict)
    category: CategoryChoice | None = None
    revoked_channels: frozenset[Channel] = frozenset()
    is_erased: bool = False


@dataclass(frozen=True, slots=True)
class Reachability:
    """A channel and every reason that closes it, in the order of `UnreachableReason`."""

    channel: Channel
    reasons: tuple[UnreachableReason, ...]

    @property
    def is_reachable(self) -> bool:
        return not self.reasons


def reachability(permissions: Permissions, channels: Iterable[Channel] = tuple(Channel)) -> list[Reachability]:
    """One answer per channel, in the order asked."""
    return [Reachability(channel, tuple(_reasons(permissions, channel))) for channel in channels]


def blocked_channels(
    revoked: Iterable[str], channels_by_consent: Mapping[str, Collection[Channel]]
) -> frozenset[Channel]:
    """The channels that the revoked consents (by name) block: those that their definitions name.

    A consent that was never granted is not revoked and must not be among them; one without a definition blocks nothing.
    """
    return frozenset(channel for name in revoked for channel in channels_by_consent.get(name, ()))


def _reasons(permissions: Permissions, channel: Channel) -> Iterator[UnreachableReason]:
    contact_reason = _contact_reason(permissions, channel)
    if contact_reason is not None:
        yield contact_reason
    if not permissions.channel_choices.get(channel, False):
        yield UnreachableReason.UNSUBSCRIBED
    category = permissions.category
    if category is not None and not category.is_subscribed:
        yield UnreachableReason.CATEGORY_UNSUBSCRIBED
    if category is not None and channel not in category.channels:
        yield UnreachableReason.CHANNEL_NOT_CHOSEN
    if channel in permissions.revoked_channels:
        yield UnreachableReason.CONSENT_REVOKED
    if permissions.is_erased:
        yield UnreachableReason.ERASED


def _contact_reason(permissions: Permissions, channel: Channel) -> UnreachableReason | None:
    """A contact is missing, invalid or a landline, never two of them; a push token is not a contact."""
    match channel:
        case Channel.PUSH:
            return None
        case Channel.EMAIL:
            warning, when_invalid = permissions.email.warning, UnreachableReason.INVALID_EMAIL
        case Channel.SMS | Channel.PHONE:
            warning, when_invalid = permissions.phone.warning, UnreachableReason.INVALID_PHONE
    if warning is ContactWarning.MISSING:
        return UnreachableReason.MISSING_CONTACT
    if warning is ContactWarning.INVALID:
        return when_invalid
    is_landline = permissions.phone.type is PhoneType.LANDLINE
    return UnreachableReason.LANDLINE if channel is Channel.SMS and is_landline else None
