"""Generated permissions and mailings: who was written to, who was held back, and what bounced."""

from typing import Any

from profiles.consents import ConsentChange, ConsentStatus
from profiles.contacts import Channel, read_email
from profiles.customers import SubscriptionStatus
from profiles.mailings import Mailing, MailingParticipation
from profiles.promo_codes import PromoCode
from profiles.subscriptions import ChannelChoice
from profiles.timeline import EventCategory
from sources.rows import EventRow
from tests.sources.households import ACCOUNT
from tests.sources.shaped import ALL, HOUSEHOLDS, REFERENCE, named


def _in_time(event: EventRow) -> tuple[Any, int]:
    return event.occurred_at, event.id


def test_a_control_group_gets_neither_mailing_nor_email_nor_code() -> None:
    held_back = 0
    for facts, shape in ALL:
        own = {row["mailing_id"] for row in named(shape, MailingParticipation) if row["is_control_group"]}
        campaigns = {sent.mailing_id for sent in facts.mailings if sent.participation_id in shape.control_group}
        redeemed = {code.campaign_id for code in facts.promo_codes if code.redeemed_at is not None}
        assert not any(event.subject_id in own | campaigns for event in shape.events)
        assert not any(row["origin_id"] in own for row in named(shape, PromoCode))
        assert not any(
            sent.campaign_id in redeemed for sent in facts.mailings if sent.participation_id in shape.control_group
        )
        held_back += len(own) + len(campaigns)
    assert held_back > HOUSEHOLDS / 2


def test_mass_mailings_reach_only_those_who_were_subscribed_to_the_channel_then() -> None:
    channels = {row[0]: row[3] for row in REFERENCE.rows.tables[Mailing][1]}
    for _, shape in ALL:
        choices = {row["channel"]: row for row in named(shape, ChannelChoice)}
        for row in named(shape, MailingParticipation):
            choice = choices[channels[row["mailing_id"]]]
            assert row["participated_at"] >= shape.customer["subscribed_at"]
            assert choice["is_subscribed"] or row["participated_at"] < choice["changed_at"]


def test_a_hard_bounce_is_the_last_that_is_heard_of_an_address() -> None:
    bounced = 0
    for _, shape in ALL:
        emails = sorted((event for event in shape.events if event.category is EventCategory.EMAIL), key=_in_time)
        types = [event.type for event in emails]
        assert types.count("email_bounced") <= 1
        assert (shape.customer["email_bounced_at"] is not None) == ("email_bounced" in types)
        if "email_bounced" in types:
            bounced += 1
            assert shape.customer["email_bounced_at"] == emails[types.index("email_bounced")].occurred_at
        if read_email(shape.customer["email"], hard_bounced=False).warning is not None:
            assert set(types) <= {"email_bounced"}
    assert 0.01 <= bounced / HOUSEHOLDS <= 0.08


def test_consents_are_a_history_that_begins_with_a_grant_and_is_told_in_the_timeline() -> None:
    revoked = 0
    for _, shape in ALL:
        changes = named(shape, ConsentChange)
        events = [event for event in shape.events if event.category is EventCategory.CONSENT]
        assert sorted(change["at"] for change in changes) == sorted(event.occurred_at for event in events)
        for definition in ACCOUNT.consents:
            history = sorted((c for c in changes if c["name"] == definition.name), key=lambda change: change["at"])
            expected = [ConsentStatus.GRANTED, ConsentStatus.REVOKED, ConsentStatus.GRANTED][: len(history)]
            assert [change["status"] for change in history] == expected
            revoked += len(history) == 2
    assert 0.05 <= revoked / (HOUSEHOLDS * len(ACCOUNT.consents)) <= 0.15


def test_the_subscription_status_is_the_email_channel_s_state() -> None:
    for _, shape in ALL:
        choices = {row["channel"]: row["is_subscribed"] for row in named(shape, ChannelChoice)}
        expected = {
            True: {SubscriptionStatus.SUBSCRIBED},
            False: {SubscriptionStatus.UNSUBSCRIBED},
            None: {SubscriptionStatus.PENDING, SubscriptionStatus.NEVER_SUBSCRIBED},
        }[choices.get(Channel.EMAIL)]
        assert shape.customer["subscription_status"] in expected
        assert (shape.customer["subscribed_at"] is None) == (not choices)
