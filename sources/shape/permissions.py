"""Permissions: the history of consents, and the choices by channel, by category, and by channel within a category."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from profiles.consents import COLUMNS, KEPT_COLUMNS, ConsentChange, ConsentStatus, KeptConsent, kept_consents
from profiles.contacts import Channel
from profiles.customers import SubscriptionStatus
from profiles.subscriptions import CategoryChannelChoice, CategoryChoice, ChannelChoice
from profiles.timeline import EventCategory
from sources.shape.draft import Draft, said
from sources.shape.identities import Person
from sources.shape.pools import staff

GRANTED, REVOKED, GRANTED_AGAIN = 0.75, 0.15, 0.25
PENDING = 0.05
UNSUBSCRIBED = 0.14

_SUBSCRIBED = {Channel.EMAIL: 0.72, Channel.SMS: 0.35, Channel.PUSH: 0.25, Channel.PHONE: 0.15}
_CATEGORIES = {"offers": 0.8, "newsletter": 0.6}
_OTHER_CATEGORIES = 0.3
_FORMS = ("Sign-up form on the website", "Sign-up in the store", "Mobile app")


@dataclass(frozen=True, slots=True)
class Subscription:
    """A channel was wanted from a moment on, and until another if that is not null."""

    since: datetime
    until: datetime | None

    def covers(self, moment: datetime) -> bool:
        """Whether mailings could be sent then."""
        return self.since <= moment and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True)
class Permissions:
    """Which channels were wanted when, and which categories are wanted; a channel not in it never was."""

    channels: Mapping[Channel, Subscription]
    categories: frozenset[str]


def permit(draft: Draft, person: Person) -> Permissions:
    """Adds consents, choices and the subscription status; the status is the email channel's (ruling 25)."""
    dice = draft.dice("permissions")
    joined = person.registered_at or draft.facts.first_seen + timedelta(hours=dice.randint(1, 72))
    joined = min(joined, draft.clock.end)
    _add_consents(draft, dice, joined)
    channels = _channels(draft, dice, person, joined)
    categories = _categories(draft, dice, channels, joined)
    email = channels.get(Channel.EMAIL)
    status = SubscriptionStatus.NEVER_SUBSCRIBED
    if email is not None:
        status = SubscriptionStatus.SUBSCRIBED if email.until is None else SubscriptionStatus.UNSUBSCRIBED
    elif person.is_email_valid and dice.random() < PENDING / (1 - _SUBSCRIBED[Channel.EMAIL]):
        status = SubscriptionStatus.PENDING
    draft.shape.customer["subscription_status"] = status
    draft.shape.customer["subscribed_at"] = min((channel.since for channel in channels.values()), default=None)
    return Permissions(channels, categories)


def _later(dice: Random, draft: Draft, moment: datetime) -> datetime | None:
    """Some moment between that one and the end; null where less than a day is left."""
    seconds = int((draft.clock.end - moment).total_seconds())
    return moment + timedelta(seconds=dice.randint(3600, seconds)) if seconds > 86_400 else None


def _add_consents(draft: Draft, dice: Random, joined: datetime) -> None:
    rows = []
    for position, definition in enumerate(draft.world.account.consents):
        history: list[tuple[ConsentStatus, datetime]] = []
        fate, again = dice.random(), dice.random()
        if draft.is_showcase:
            # Of its consents the second is revoked, so that the panel shows both.
            fate, again = (0.0 if position == 1 else GRANTED - 0.01), 1.0
        if fate < GRANTED:
            history.append((ConsentStatus.GRANTED, joined))
            revoked_at = _later(dice, draft, joined) if fate < GRANTED * REVOKED else None
            if revoked_at is not None:
                history.append((ConsentStatus.REVOKED, revoked_at))
                again_at = _later(dice, draft, revoked_at) if again < GRANTED_AGAIN else None
                if again_at is not None:
                    history.append((ConsentStatus.GRANTED, again_at))
        for number, (status, at) in enumerate(history):
            is_by_staff = number > 0 and dice.random() < 0.4
            source = "Call center" if is_by_staff else dice.choice(_FORMS)
            actor = dice.choice(staff(draft.seed)) if is_by_staff else "customer"
            key = f"{definition.name}:{number}"
            rows.append((draft.facts.customer_id, draft.id("consent", key), definition.name, status, at, source, actor))
            before = history[number - 1][0].value if number else None
            draft.changed(str(number), f"consents.{definition.name}", before, status.value, actor, at)
            is_granted = status is ConsentStatus.GRANTED
            draft.happen(
                key,
                EventCategory.CONSENT,
                "consent_granted" if is_granted else "consent_revoked",
                "Consent granted" if is_granted else "Consent revoked",
                at,
                description=definition.label,
                actor=actor,
                details=said(consent=definition.label, source=source),
            )
    draft.add(ConsentChange, COLUMNS, rows)
    draft.add(KeptConsent, KEPT_COLUMNS, kept_consents(rows))


def _channels(draft: Draft, dice: Random, person: Person, joined: datetime) -> dict[Channel, Subscription]:
    """Channels without a contact are not subscribed, except PUSH, which needs none."""
    possible = {
        Channel.EMAIL: person.has_email,
        Channel.SMS: person.has_phone,
        Channel.PUSH: True,
        Channel.PHONE: person.has_phone,
    }
    channels: dict[Channel, Subscription] = {}
    rows = []
    for channel, chance in _SUBSCRIBED.items():
        wanted, left = dice.random() < chance, dice.random() < UNSUBSCRIBED
        since = min(joined + timedelta(seconds=dice.randint(0, 3600)), draft.clock.end)
        if draft.is_showcase:
            wanted, left = True, channel is Channel.PUSH
        if not (wanted and possible[channel]):
            continue
        until = _later(dice, draft, since) if left else None
        channels[channel] = Subscription(since, until)
        rows.append((draft.facts.customer_id, channel, until is None, until or since))
    draft.add(ChannelChoice, ("customer_id", "channel", "is_subscribed", "changed_at"), rows)
    return channels


def _categories(
    draft: Draft, dice: Random, channels: Mapping[Channel, Subscription], joined: datetime
) -> frozenset[str]:
    """A category goes through some of the channels wanted at all; inactive ones keep their data (ruling 11)."""
    customer_id = draft.facts.customer_id
    chosen, rows, channel_rows = set(), [], []
    if not channels:
        return frozenset()
    for category in draft.world.account.mailing_categories:
        is_wanted = dice.random() < _CATEGORIES.get(category.key, _OTHER_CATEGORIES)
        if draft.is_showcase:
            is_wanted = category.key in _CATEGORIES
        elif dice.random() < 0.1:
            continue  # never asked
        at = min(joined + timedelta(seconds=dice.randint(60, 7200)), draft.clock.end)
        rows.append((customer_id, category.key, is_wanted, at))
        if is_wanted:
            chosen.add(category.key)
        for channel in channels:
            is_through = is_wanted and (channel is Channel.EMAIL or dice.random() < 0.5)
            channel_rows.append((customer_id, category.key, channel, is_through, at))
    draft.add(CategoryChoice, ("customer_id", "category", "is_subscribed", "changed_at"), rows)
    through = ("customer_id", "category", "channel", "is_subscribed", "changed_at")
    draft.add(CategoryChannelChoice, through, channel_rows)
    return frozenset(chosen)
