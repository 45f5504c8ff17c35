"""Campaigns: what was sent to each household, which coupons came with it, and which of them were redeemed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from random import Random

import numpy as np

from profiles.contacts import Channel
from profiles.folding import stored_key
from profiles.ids import imported_id
from profiles.mailings import Campaign, Mailing, MailingKind
from sources.complete_journey.calendar import Moments
from sources.complete_journey.columns import INTEGER, TEXT, TIME, read_columns
from sources.rejects import Rejects
from sources.rows import SOURCE, IssuedCode, Rows, SentMailing

SENT_AT = time(9)
REDEEMED_AT = time(12)
"""When a coupon was redeemed on a day without a basket of the household."""

PERSONAL_TYPE = "Type A"
PERSONAL_COUPONS = 16
"""A household gets 16 coupons chosen for it in a campaign of type A, and all coupons of any other (says the source)."""


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """A campaign and its one mailing; times are naive, in the account's zone."""

    number: int
    campaign_id: int
    mailing_id: int
    name: str
    is_personal: bool
    starts: datetime
    ends: datetime
    coupons: Sequence[int]


@dataclass(frozen=True, slots=True)
class Campaigns:
    """All campaigns by number, the households' campaigns, and their redemptions: (coupon, campaign) to naive day."""

    by_number: Mapping[int, CampaignFacts]
    sent: Mapping[int, Sequence[int]]
    redeemed: Mapping[int, Mapping[tuple[int, int], datetime]]

    def rows(self, moments: Moments, site: str | None) -> Rows:
        """Campaigns and their mailings. They have a page at `site`, where there is one."""
        rows = Rows()
        facts = self.by_number.values()
        rows.add(
            Campaign,
            ("id", "external_id", "name", "url", "starts_at", "ends_at"),
            [
                (
                    campaign.campaign_id,
                    str(campaign.number),
                    campaign.name,
                    None if site is None else f"{site}/campaigns/{campaign.number}",
                    moments.instant(campaign.starts),
                    moments.planned(campaign.ends),
                )
                for campaign in facts
            ],
        )
        rows.add(
            Mailing,
            ("id", "external_id", "name", "channel", "kind", "campaign_id", "url", "name_key"),
            [
                (
                    campaign.mailing_id,
                    f"campaign-{campaign.number}",
                    (name := f"Coupons of {campaign.name[0].lower()}{campaign.name[1:]}"),
                    Channel.EMAIL,
                    MailingKind.CAMPAIGN,
                    campaign.campaign_id,
                    None if site is None else f"{site}/campaigns/{campaign.number}/coupons",
                    stored_key(name),
                )
                for campaign in facts
            ],
        )
        return rows

    def mailings_of(self, household: int, moments: Moments) -> list[SentMailing]:
        """What the household was sent, oldest first."""
        return [
            SentMailing(
                participation_id=imported_id(SOURCE, "participation", f"{household}:{campaign.number}"),
                mailing_id=campaign.mailing_id,
                campaign_id=campaign.campaign_id,
                name=f"Coupons of {campaign.name[0].lower()}{campaign.name[1:]}",
                sent_at=moments.instant(datetime.combine(campaign.starts, SENT_AT)),
            )
            for campaign in self._campaigns_of(household)
        ]

    def codes_of(self, household: int, moments: Moments, basket_on: Mapping[datetime, datetime]) -> list[IssuedCode]:
        """The coupons that the household was issued, oldest first. `basket_on` maps a naive day to its first basket."""
        redeemed = self.redeemed.get(household, {})
        codes = []
        seen: set[int] = set()
        for campaign in self._campaigns_of(household):
            issued_at = moments.instant(datetime.combine(campaign.starts, SENT_AT))
            for coupon in self._coupons_of(household, campaign):
                day = redeemed.get((coupon, campaign.number))
                used = None if day is None else basket_on.get(day, datetime.combine(day, REDEEMED_AT))
                codes.append(
                    IssuedCode(
                        promo_code_id=imported_id(SOURCE, "promo_code", f"{household}:{campaign.number}:{coupon}"),
                        code=str(coupon),
                        campaign_id=campaign.campaign_id,
                        issued_at=issued_at,
                        is_reissued=coupon in seen,
                        redeemed_at=None if used is None else max(issued_at, moments.instant(used)),
                    )
                )
                seen.add(coupon)
        return codes

    def _campaigns_of(self, household: int) -> Iterator[CampaignFacts]:
        found = (self.by_number[number] for number in self.sent.get(household, ()))
        return iter(sorted(found, key=lambda campaign: (campaign.starts, campaign.number)))

    def _coupons_of(self, household: int, campaign: CampaignFacts) -> Sequence[int]:
        """The redeemed ones are certainly among those issued; the source does not say which others were."""
        if not campaign.is_personal or len(campaign.coupons) <= PERSONAL_COUPONS:
            return campaign.coupons
        used = {coupon for coupon, number in self.redeemed.get(household, {}) if number == campaign.number}
        others = [coupon for coupon in campaign.coupons if coupon not in used]
        missing = max(0, PERSONAL_COUPONS - len(used))
        drawn = Random(f"{household}:{campaign.number}:coupons").sample(others, min(missing, len(others)))
        return sorted([*used, *drawn])


def read_campaigns(directory: Path, rejects: Rejects) -> Campaigns:
    """All campaigns with their coupons (the source repeats 4,872 rows of them), sendings and redemptions."""
    pairs = read_columns(
        directory / "coupons.parquet", {"coupon_upc": INTEGER, "campaign_id": INTEGER, "product_id": INTEGER}, rejects
    )
    coupons: dict[int, set[int]] = defaultdict(set)
    for coupon, campaign in zip(pairs["coupon_upc"].tolist(), pairs["campaign_id"].tolist(), strict=True):
        coupons[campaign].add(coupon)
    described = read_columns(
        directory / "campaign_descriptions.parquet",
        {"campaign_id": INTEGER, "campaign_type": TEXT, "start_date": TIME, "end_date": TIME},
        rejects,
    )
    by_number = {
        number: CampaignFacts(
            number=number,
            campaign_id=imported_id(SOURCE, "campaign", str(number)),
            mailing_id=imported_id(SOURCE, "mailing", f"campaign-{number}"),
            name=f"Campaign {number} ({type_.lower()})",
            is_personal=type_ == PERSONAL_TYPE,
            starts=starts,
            ends=ends,
            coupons=sorted(coupons[number]),
        )
        for number, type_, starts, ends in zip(
            *(described[name].tolist() for name in ("campaign_id", "campaign_type", "start_date", "end_date")),
            strict=True,
        )
    }
    return Campaigns(by_number, _read_sent(directory, by_number, rejects), _read_redeemed(directory, rejects))


def _read_sent(directory: Path, known: Mapping[int, CampaignFacts], rejects: Rejects) -> Mapping[int, Sequence[int]]:
    columns = read_columns(
        directory / "campaigns.parquet",
        {"campaign_id": INTEGER, "household_id": INTEGER},
        rejects,
        checks=lambda read: {"campaign_id is not described": ~np.isin(read["campaign_id"], list(known))},
    )
    sent: dict[int, list[int]] = defaultdict(list)
    for campaign, household in zip(columns["campaign_id"].tolist(), columns["household_id"].tolist(), strict=True):
        if campaign not in sent[household]:
            sent[household].append(campaign)
    return sent


def _read_redeemed(directory: Path, rejects: Rejects) -> Mapping[int, Mapping[tuple[int, int], datetime]]:
    """A coupon that was redeemed twice keeps its first day: a promo code has one moment of redemption."""
    names = ("household_id", "coupon_upc", "campaign_id", "redemption_date")
    columns = read_columns(
        directory / "coupon_redemptions.parquet",
        {**dict.fromkeys(names[:3], INTEGER), "redemption_date": TIME},
        rejects,
    )
    redeemed: dict[int, dict[tuple[int, int], datetime]] = defaultdict(dict)
    for household, coupon, campaign, day in zip(*(columns[name].tolist() for name in names), strict=True):
        known = redeemed[household].get((coupon, campaign))
        redeemed[household][coupon, campaign] = day if known is None else min(known, day)
    return redeemed
