"""Engagement: mass mailings, who was held back from them, what was opened and clicked, and the codes they brought."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from profiles.contacts import Channel
from profiles.mailings import MailingParticipation
from profiles.promo_codes import PromoCode, PromoCodeOriginKind
from profiles.timeline import EventCategory
from sources.shape.draft import Draft, said
from sources.shape.identities import Person
from sources.shape.permissions import Permissions
from sources.shape.plan import MassMailing, mailing_plan
from sources.shop import SITE

CONTROL_GROUP = 0.1
OPENED, CLICKED = 0.38, 0.3
BOUNCED = 0.02
REISSUED = 0.3
REISSUED_AFTER_DAYS = 21
PARTICIPATION_COLUMNS = ("customer_id", "id", "mailing_id", "participated_at", "is_control_group")
CODE_COLUMNS = (
    "customer_id",
    "id",
    "code",
    "issued_at",
    "is_reissued",
    "redeemed_at",
    "origin_kind",
    "origin_id",
)
_CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(slots=True)
class Code:
    """A promo code in the customer's hands; an order may redeem it."""

    key: str
    code: str
    issued_at: datetime
    is_reissued: bool
    origin_kind: PromoCodeOriginKind
    origin_id: int
    redeemed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Engagement:
    """What marketing did: clicks attribute orders, codes are used in them (ruling 21)."""

    clicks: tuple[datetime, ...]
    codes: list[Code]


@dataclass(frozen=True, slots=True)
class _Email:
    key: str
    mailing_id: int
    name: str
    sent_at: datetime


def engage(draft: Draft, person: Person, permissions: Permissions) -> Engagement:
    """Adds mass mailings and email events, decides the control groups, and hands out promo codes (not yet stored)."""
    dice = draft.dice("engagement")
    held_back = _held_back(draft, dice)
    draft.shape.control_group = frozenset(held_back)
    emails = [
        _Email(f"campaign:{sent.participation_id}", sent.mailing_id, sent.name, sent.sent_at)
        for sent in draft.facts.mailings
        if sent.participation_id not in held_back
    ]
    received = _mass_mailings(draft, dice, permissions)
    emails.extend(
        _Email(f"mass:{mailing.external_id}", mailing.mailing_id, mailing.name, mailing.sent_at)
        for mailing in received
        if mailing.channel is Channel.EMAIL
    )
    clicks = _email_events(draft, person, sorted(emails, key=lambda email: (email.sent_at, email.key)))
    return Engagement(tuple(clicks), _codes(draft, received))


def add_codes(draft: Draft, engagement: Engagement) -> None:
    """Stores the promo codes of mass mailings, once the orders have redeemed theirs."""
    draft.add(
        PromoCode,
        CODE_COLUMNS,
        [
            (
                draft.facts.customer_id,
                draft.id("promo_code", code.key),
                code.code,
                code.issued_at,
                code.is_reissued,
                code.redeemed_at,
                code.origin_kind,
                code.origin_id,
            )
            for code in engagement.codes
        ],
    )


def _held_back(draft: Draft, dice: Random) -> set[int]:
    """Nobody who redeemed a campaign's promo code can have been its control group."""
    rewarded = {code.campaign_id for code in draft.facts.promo_codes if code.redeemed_at is not None}
    free = [sent for sent in draft.facts.mailings if sent.campaign_id not in rewarded]
    held_back = {sent.participation_id for sent in free if dice.random() < CONTROL_GROUP}
    if draft.is_showcase and not held_back and free:
        held_back.add(free[-1].participation_id)
    return held_back


def _mass_mailings(draft: Draft, dice: Random, permissions: Permissions) -> list[MassMailing]:
    """Takes part in what was sent while subscribed; what it received, not what it was held back from, is returned."""
    received, rows = [], []
    for mailing in mailing_plan(draft.clock):
        is_control, rest = dice.random() < CONTROL_GROUP, dice.random()
        subscription = permissions.channels.get(mailing.channel)
        if subscription is None or not subscription.covers(mailing.sent_at):
            continue
        if mailing.category not in permissions.categories and rest < 0.9:
            continue
        if draft.is_showcase:
            is_control = mailing.code_prefix == "HARVEST"
        participation_id = draft.id("mailing_participation", mailing.external_id)
        rows.append((draft.facts.customer_id, participation_id, mailing.mailing_id, mailing.sent_at, is_control))
        if is_control:
            continue
        received.append(mailing)
        draft.happen(
            mailing.external_id,
            EventCategory.MAILING_MASS,
            "mass_mailing_sent",
            "Mass mailing was sent",
            mailing.sent_at,
            description=mailing.name,
            subject_id=mailing.mailing_id,
            details=said(mailing=mailing.name, channel=mailing.channel.value),
        )
    draft.add(MailingParticipation, PARTICIPATION_COLUMNS, rows)
    return received


def _email_events(draft: Draft, person: Person, emails: list[_Email]) -> list[datetime]:
    """Opens and clicks, in time; a hard bounce is the last thing heard of an address. Gives the clicks."""
    dice = draft.dice("emails")
    clicks: list[datetime] = []
    if not person.has_email:
        return clicks
    is_gone = not draft.is_showcase and dice.random() < BOUNCED
    for position, email in enumerate(emails):
        opened, clicked = dice.random() < OPENED, dice.random() < CLICKED
        opened_at = email.sent_at + timedelta(seconds=int(60 + dice.expovariate(1 / 21_600)))
        clicked_at = opened_at + timedelta(seconds=dice.randint(5, 600))
        if draft.is_showcase and position % 2 == 0:
            opened = clicked = True
        if not person.is_email_valid or (is_gone and position >= len(emails) // 2):
            _bounce(draft, email)
            return clicks
        if not opened or not draft.is_past(opened_at):
            continue
        _email_event(draft, email, "email_opened", "Email opened", opened_at)
        if clicked and draft.is_past(clicked_at):
            url = f"{SITE}/offers?utm_source=email&utm_campaign={email.mailing_id % 100_000}"
            _email_event(draft, email, "email_clicked", "Email clicked", clicked_at, url)
            clicks.append(clicked_at)
    return clicks


def _bounce(draft: Draft, email: _Email) -> None:
    at = email.sent_at + timedelta(seconds=40)
    if draft.is_past(at):
        _email_event(draft, email, "email_bounced", "Email bounced", at)
        draft.shape.customer["email_bounced_at"] = at


def _email_event(draft: Draft, email: _Email, type: str, name: str, at: datetime, url: str | None = None) -> None:
    details = said(subject=email.name, bounce="hard") if type == "email_bounced" else said(subject=email.name)
    draft.happen(
        email.key,
        EventCategory.EMAIL,
        type,
        name,
        at,
        description=email.name,
        subject_id=email.mailing_id,
        url=url,
        details=details,
    )


def _codes(draft: Draft, received: list[MassMailing]) -> list[Code]:
    """A code comes with each offer; some are issued once more, with the same text, after three weeks unused."""
    dice = draft.dice("codes")
    codes = []
    for mailing in received:
        if mailing.code_prefix is None:
            continue
        text = f"{mailing.code_prefix}-{''.join(dice.choices(_CODE_LETTERS, k=6))}"
        origin = PromoCodeOriginKind.MAILING
        codes.append(Code(mailing.external_id, text, mailing.sent_at, False, origin, mailing.mailing_id))
        again_at = mailing.sent_at + timedelta(days=REISSUED_AFTER_DAYS)
        is_reissued = draft.is_showcase or dice.random() < REISSUED
        if is_reissued and draft.is_past(again_at):
            codes.append(Code(f"{mailing.external_id}:again", text, again_at, True, origin, mailing.mailing_id))
    return codes
