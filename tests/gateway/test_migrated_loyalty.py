"""Bonuses and points that were recorded before there were balances are in them afterwards."""

from typing import Any

import pytest

from profiles.loyalty import LoyaltyAccount
from profiles.storage.address import parse_address
from profiles.storage.migrations import downgrade, upgrade
from profiles.timeline import EventCategory, TimelineEvent
from tests.gateway_client import Gateway
from tests.people import MADE_AT, add, people, stored


def accrual(customer: int, id: int, category: EventCategory, amount_milli: int | None) -> TimelineEvent:
    values: dict[str, Any] = {"customer_id": customer, "id": id, "activity_seq": id, "amount_milli": amount_milli}
    return TimelineEvent(
        category=category, type="accrued", name="Accrued", occurred_at=MADE_AT, received_at=MADE_AT, **values
    )


@pytest.mark.usefixtures("uncached")
async def test_recorded_accruals_are_counted_as_lasting(gateway: Gateway) -> None:
    await people(gateway, 1, 2, 3)
    bonus, points = EventCategory.BONUS_ACCRUED, EventCategory.POINTS_ACCRUED
    await add(
        gateway,
        accrual(1, 1, bonus, 2_500),
        accrual(1, 2, bonus, 1_000),
        accrual(1, 3, points, 7_000),
        accrual(1, 4, bonus, None),
        accrual(2, 1, points, 4_000),
        accrual(3, 1, EventCategory.PAGE_VIEW, None),
    )
    address = parse_address(gateway.settings.database_url)
    await downgrade(address, "0001")
    await upgrade(address)
    rows = await stored(gateway, LoyaltyAccount)
    assert [(row.customer_id, row.accrued_milli, row.lasting_milli, row.points_milli) for row in rows] == [
        (1, 3_500, 3_500, 7_000),
        (2, 0, 0, 4_000),
    ]
