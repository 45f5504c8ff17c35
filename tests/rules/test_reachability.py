"""A channel is open only when nothing closes it, and every reason that closes it is said."""

from collections.abc import Collection
from itertools import combinations

import pytest

from profiles.contacts import Channel, ContactWarning, EmailContact, PhoneContact, PhoneType, read_email, read_phone
from profiles.reachability import (
    CategoryChoice,
    Permissions,
    Reachability,
    UnreachableReason,
    blocked_channels,
    reachability,
)

EMAIL, SMS, PUSH, PHONE = Channel
CHANNELS = frozenset(Channel)
SUBSCRIBED = dict.fromkeys(Channel, True)

MAILBOX = EmailContact("ann@example.com", None)
NO_EMAIL = EmailContact(None, ContactWarning.MISSING)
BAD_EMAIL = EmailContact("ann@", ContactWarning.INVALID)
MOBILE = PhoneContact("+4915123456789", "+49 1512 3456789", PhoneType.MOBILE, None)
LANDLINE = PhoneContact("+4930123456", "+49 30 123456", PhoneType.LANDLINE, None)
UNTOLD = PhoneContact("+12125550143", "+1 212-555-0143", PhoneType.UNKNOWN, None)
NO_PHONE = PhoneContact(None, None, PhoneType.UNKNOWN, ContactWarning.MISSING)
BAD_PHONE = PhoneContact("123", None, PhoneType.UNKNOWN, ContactWarning.INVALID)


def reasons(permissions: Permissions, channel: Channel) -> list[str]:
    (answer,) = reachability(permissions, [channel])
    assert answer.channel is channel
    assert answer.is_reachable is (answer.reasons == ())
    return [reason.value for reason in answer.reasons]


@pytest.mark.parametrize(
    ("email", "phone", "channel", "expected"),
    [
        pytest.param(MAILBOX, NO_PHONE, EMAIL, [], id="email without a phone"),
        pytest.param(NO_EMAIL, MOBILE, EMAIL, ["MISSING_CONTACT"], id="no email"),
        pytest.param(BAD_EMAIL, MOBILE, EMAIL, ["INVALID_EMAIL"], id="an invalid email"),
        pytest.param(NO_EMAIL, MOBILE, SMS, [], id="sms to a mobile"),
        pytest.param(NO_EMAIL, UNTOLD, SMS, [], id="sms to an unknown type"),
        pytest.param(MAILBOX, LANDLINE, SMS, ["LANDLINE"], id="sms to a landline"),
        pytest.param(MAILBOX, NO_PHONE, SMS, ["MISSING_CONTACT"], id="sms without a phone"),
        pytest.param(MAILBOX, BAD_PHONE, SMS, ["INVALID_PHONE"], id="sms to an invalid number"),
        pytest.param(NO_EMAIL, MOBILE, PHONE, [], id="a call to a mobile"),
        pytest.param(NO_EMAIL, LANDLINE, PHONE, [], id="a call to a landline"),
        pytest.param(MAILBOX, NO_PHONE, PHONE, ["MISSING_CONTACT"], id="a call without a phone"),
        pytest.param(MAILBOX, BAD_PHONE, PHONE, ["INVALID_PHONE"], id="a call to an invalid number"),
        pytest.param(NO_EMAIL, NO_PHONE, PUSH, [], id="a push needs no contact"),
        pytest.param(BAD_EMAIL, BAD_PHONE, PUSH, [], id="a push does not mind invalid ones"),
    ],
)
def test_a_contact_closes_only_the_channels_that_use_it(
    email: EmailContact, phone: PhoneContact, channel: Channel, expected: list[str]
) -> None:
    assert reasons(Permissions(email, phone, SUBSCRIBED), channel) == expected


@pytest.mark.parametrize("channel", Channel)
def test_no_stored_choice_is_not_subscribed(channel: Channel) -> None:
    assert reasons(Permissions(MAILBOX, MOBILE), channel) == ["UNSUBSCRIBED"]


@pytest.mark.parametrize("channel", Channel)
def test_unsubscribing_from_one_channel_closes_that_one_alone(channel: Channel) -> None:
    answers = reachability(Permissions(MAILBOX, MOBILE, SUBSCRIBED | {channel: False}))
    assert [answer.channel for answer in answers if not answer.is_reachable] == [channel]


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        pytest.param(None, [], id="no category asked about"),
        pytest.param(CategoryChoice(True, frozenset({SMS})), [], id="subscribed and chosen"),
        pytest.param(CategoryChoice(False, frozenset({SMS})), ["CATEGORY_UNSUBSCRIBED"], id="unsubscribed"),
        pytest.param(CategoryChoice(True, frozenset({EMAIL})), ["CHANNEL_NOT_CHOSEN"], id="chosen for email alone"),
        pytest.param(CategoryChoice(), ["CATEGORY_UNSUBSCRIBED", "CHANNEL_NOT_CHOSEN"], id="no stored choice"),
    ],
)
def test_a_category_needs_its_subscription_and_its_channel(
    category: CategoryChoice | None, expected: list[str]
) -> None:
    assert reasons(Permissions(MAILBOX, MOBILE, SUBSCRIBED, category), SMS) == expected


CONSENTS = {"marketing": frozenset({EMAIL, SMS}), "calls": frozenset({PHONE}), "profiling": frozenset[Channel]()}


@pytest.mark.parametrize(
    ("revoked", "blocked"),
    [
        pytest.param([], set(), id="none revoked, or none ever granted"),
        pytest.param(["calls"], {PHONE}, id="one"),
        pytest.param(["marketing", "calls"], {EMAIL, SMS, PHONE}, id="two"),
        pytest.param(["profiling"], set(), id="a consent that names no channel"),
        pytest.param(["forgotten"], set(), id="a consent without a definition"),
    ],
)
def test_a_revoked_consent_blocks_the_channels_that_its_definition_names(
    revoked: Collection[str], blocked: set[Channel]
) -> None:
    permissions = Permissions(MAILBOX, MOBILE, SUBSCRIBED, revoked_channels=blocked_channels(revoked, CONSENTS))
    closed = [answer for answer in reachability(permissions) if not answer.is_reachable]
    assert {answer.channel for answer in closed} == blocked
    assert all(answer.reasons == (UnreachableReason.CONSENT_REVOKED,) for answer in closed)


@pytest.mark.parametrize("channel", Channel)
def test_an_erased_person_is_out_of_reach(channel: Channel) -> None:
    assert reasons(Permissions(MAILBOX, MOBILE, SUBSCRIBED, is_erased=True), channel) == ["ERASED"]


@pytest.mark.parametrize(
    "applying",
    [applying for count in range(7) for applying in combinations(range(6), count)],
    ids=lambda applying: "".join(map(str, applying)) or "none",
)
def test_every_reason_that_applies_is_given_in_the_order_of_the_enum(applying: tuple[int, ...]) -> None:
    permissions = Permissions(
        email=MAILBOX,
        phone=LANDLINE if 0 in applying else MOBILE,
        channel_choices={SMS: 1 not in applying},
        category=CategoryChoice(2 not in applying, frozenset() if 3 in applying else CHANNELS),
        revoked_channels=CHANNELS if 4 in applying else frozenset(),
        is_erased=5 in applying,
    )
    expected = [
        ["LANDLINE", "UNSUBSCRIBED", "CATEGORY_UNSUBSCRIBED", "CHANNEL_NOT_CHOSEN", "CONSENT_REVOKED", "ERASED"][place]
        for place in applying
    ]
    assert reasons(permissions, SMS) == expected


def test_channels_are_answered_in_the_order_asked_and_all_without_asking() -> None:
    permissions = Permissions(MAILBOX, MOBILE, SUBSCRIBED)
    assert reachability(permissions, [SMS, EMAIL]) == [Reachability(SMS, ()), Reachability(EMAIL, ())]
    assert [answer.channel for answer in reachability(permissions)] == [EMAIL, SMS, PUSH, PHONE]
    assert reachability(permissions, []) == []


def test_an_invalid_email_is_excluded_from_email_and_a_landline_from_sms_as_read() -> None:
    permissions = Permissions(
        email=read_email("ann@example.com", hard_bounced=True),
        phone=read_phone("030 123456", "DE", "US"),
        channel_choices=SUBSCRIBED,
    )
    assert [answer.reasons for answer in reachability(permissions)] == [
        (UnreachableReason.INVALID_EMAIL,),
        (UnreachableReason.LANDLINE,),
        (),
        (),
    ]
