"""The panel of loyalty: bonuses and points as they are now, read for many at once, and how events move them."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from profiles.account import Account, load_account
from profiles.loyalty import LoyaltyAccount, LoyaltyLot
from profiles.money import LARGEST_MINOR
from profiles.timeline import TimelineEvent
from profiles.viewer import ALL_SCOPES
from tests.clock import Clock
from tests.gateway_client import Gateway
from tests.mutations.test_record_events import NOW, done, event, payload, record, refused
from tests.panels.shop import reads
from tests.people import add, count, customer_id, people, stored

DAY = timedelta(days=1)
LOYALTY = """
query ($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Customer { loyalty {
    accrued active pendingActivation pendingDeactivation nextDeactivationAt nextDeactivationAmount points
  } } }
}
"""
KEYS = [
    "loyalty.accrued",
    "loyalty.active",
    "loyalty.pendingActivation",
    "loyalty.pendingDeactivation",
    "loyalty.nextDeactivationAt",
    "loyalty.points",
]
ATTRIBUTES = """
query ($ids: [ID!]!, $keys: [String!]) { nodes(ids: $ids) { ... on Customer { attributes(keys: $keys) { value } } } }
"""


def lot(id: int, left: int, begins: timedelta, ends: timedelta | None = None, customer: int = 1) -> LoyaltyLot:
    return LoyaltyLot(
        customer_id=customer,
        id=id,
        amount_milli=9_000,
        left_milli=left,
        accrued_at=NOW - 9 * DAY,
        active_from=NOW + begins,
        expires_at=None if ends is None else NOW + ends,
    )


def text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


async def balance(gateway: Gateway, id: int = 1) -> dict[str, Any]:
    answer = await gateway.ask(LOYALTY, {"ids": [customer_id(id)]})
    assert answer.errors == []
    found: dict[str, Any] = answer.data["nodes"][0]["loyalty"]
    return found


async def member(gateway: Gateway) -> None:
    """Everything that a balance can hold."""
    await people(gateway, 1, 2)
    await add(
        gateway,
        LoyaltyAccount(customer_id=1, accrued_milli=40_500, lasting_milli=4_250, points_milli=100_000),
        lot(1, 3_000, -DAY, 2 * DAY),
        lot(2, 1_500, -DAY, 2 * DAY),
        lot(3, 2_000, -DAY, 20 * DAY),
        lot(4, 7_000, DAY, 20 * DAY),
        lot(5, 1_000, -DAY),
        lot(6, 8_000, -3 * DAY, -DAY),
        lot(7, 0, -DAY, DAY),
    )


FULL = {
    "accrued": "40.5",
    "active": "11.75",
    "pendingActivation": "7",
    "pendingDeactivation": "6.5",
    "nextDeactivationAt": text(NOW + 2 * DAY),
    "nextDeactivationAmount": "4.5",
    "points": "100",
}


async def test_a_balance_says_what_can_be_used_what_waits_and_what_will_end(gateway: Gateway) -> None:
    await member(gateway)
    assert await balance(gateway) == FULL


async def test_a_customer_who_was_never_credited_has_none(gateway: Gateway) -> None:
    await member(gateway)
    answer = await gateway.ask(LOYALTY, {"ids": [customer_id(2)]})
    assert (answer.data, answer.errors) == ({"nodes": [{"loyalty": None}]}, [])


async def test_without_the_scope_the_panel_is_null_and_nothing_of_it_is_read(gateway: Gateway) -> None:
    await member(gateway)
    answer = await gateway.ask(LOYALTY, {"ids": [customer_id(1)]}, scopes=ALL_SCOPES - {"loyalty:read"})
    assert answer.data == {"nodes": [{"loyalty": None}]}
    assert [(error["path"], error["extensions"]["code"]) for error in answer.errors] == [
        (["nodes", 0, "loyalty"], "FORBIDDEN")
    ]
    assert reads(answer) == {"CustomerById": 1}


@pytest.mark.parametrize("customers", [1, 10, 100])
async def test_one_customer_and_many_cost_the_same_reads(gateway: Gateway, customers: int) -> None:
    ids = await people(gateway, *range(1, customers + 1))
    await add(
        gateway,
        *(LoyaltyAccount(customer_id=id, accrued_milli=id * 1000) for id in range(1, customers + 1)),
        *(lot(id, 1_000, -DAY, DAY, customer=id) for id in range(1, customers + 1)),
    )
    answer = await gateway.ask(LOYALTY, {"ids": ids})
    assert answer.errors == []
    assert reads(answer) == {"CustomerById": customers, "Balances": customers}
    assert [node["loyalty"]["accrued"] for node in answer.data["nodes"]] == [str(id) for id in range(1, customers + 1)]


async def test_recorded_accruals_add_to_the_balance_with_their_event(gateway: Gateway) -> None:
    await people(gateway, 1, 2)
    sent = [
        event("b", "BONUS_ACCRUED", payload=payload(amount="12.345")),
        event("c", "BONUS_ACCRUED", payload=payload(amount="2", activeFrom=text(NOW + DAY))),
        event("d", "BONUS_ACCRUED", payload=payload(amount="3", expiresAt=text(NOW + 2 * DAY))),
        event("p", "POINTS_ACCRUED", payload=payload(amount="50")),
    ]
    assert await record(gateway, *sent) == done(4)
    expected = {
        "accrued": "17.345",
        "active": "15.345",
        "pendingActivation": "2",
        "pendingDeactivation": "3",
        "nextDeactivationAt": text(NOW + 2 * DAY),
        "nextDeactivationAmount": "3",
        "points": "50",
    }
    assert await balance(gateway) == expected
    assert await record(gateway, *sent) == done(0, 4)
    assert await balance(gateway) == expected
    assert await record(gateway, event("e", "BONUS_ACCRUED", payload=payload(amount="1"))) == done(1)
    assert (await balance(gateway))["accrued"] == "18.345"
    assert await stored(gateway, LoyaltyAccount, customer_id=2) == []


@pytest.mark.parametrize("category", ["BONUS_ACCRUED", "POINTS_ACCRUED"])
@pytest.mark.parametrize("sign", ["", "-"])
async def test_more_than_can_be_kept_is_refused_and_nothing_written(gateway: Gateway, category: str, sign: str) -> None:
    await people(gateway, 1)
    nearly = LARGEST_MINOR - 1_500
    points = -nearly if sign else nearly
    await add(gateway, LoyaltyAccount(customer_id=1, accrued_milli=nearly, lasting_milli=0, points_milli=points))
    one = payload(amount=f"{sign}1")
    assert await record(gateway, event("a", category, payload=one)) == done(1)
    again = event("b", category, payload=one)
    if (category, sign) == ("BONUS_ACCRUED", "-"):
        # There is nothing to take.
        assert await record(gateway, again) == done(1)
        return
    assert refused(await record(gateway, again)) == [("INVALID", "input.events.0.payload")]
    assert await count(gateway, TimelineEvent) == 1


async def test_what_is_taken_back_leaves_what_was_accrued(gateway: Gateway) -> None:
    await people(gateway, 1)
    await record(
        gateway,
        event("a", "BONUS_ACCRUED", 30, payload=payload(amount="5", expiresAt=text(NOW + DAY))),
        event("b", "BONUS_ACCRUED", 30, payload=payload(amount="5")),
        event("c", "POINTS_ACCRUED", 30, payload=payload(amount="20")),
    )
    spent = event("s", "BONUS_ACCRUED", 20, payload=payload(amount="-7"))
    assert await record(gateway, spent, event("t", "POINTS_ACCRUED", 20, payload=payload(amount="-5"))) == done(2)
    now = await balance(gateway)
    assert (now["accrued"], now["active"], now["pendingDeactivation"], now["points"]) == ("10", "3", "0", "15")
    assert await record(gateway, event("u", "BONUS_ACCRUED", 10, payload=payload(amount="-99"))) == done(1)
    assert (await balance(gateway))["active"] == "0"


@pytest.mark.parametrize(
    "said",
    [
        {"activeFrom": "tomorrow"},
        {"expiresAt": "2026-01-31T09:30:00"},
        {"expiresAt": "9999-12-31T23:59:59-14:00"},
        {"activeFrom": "0001-01-01T00:00:00Z"},
    ],
)
async def test_a_moment_that_is_none_is_refused(gateway: Gateway, said: dict[str, str]) -> None:
    await people(gateway, 1)
    answer = await record(gateway, event("b", "BONUS_ACCRUED", payload=payload(amount="1", **said)))
    assert refused(answer) == [("INVALID", "input.events.0.payload.1.value")]
    assert (await count(gateway, TimelineEvent), await count(gateway, LoyaltyAccount)) == (0, 0)


@pytest.mark.parametrize("begins", [{}, {"activeFrom": text(NOW + DAY)}])
async def test_bonuses_that_end_before_they_begin_are_refused(gateway: Gateway, begins: dict[str, str]) -> None:
    await people(gateway, 1)
    ends = NOW + DAY if begins else NOW - DAY
    sent = event("b", "BONUS_ACCRUED", payload=payload(amount="1", expiresAt=text(ends), **begins))
    assert refused(await record(gateway, sent)) == [("INVALID", "input.events.0.payload")]
    assert (await count(gateway, TimelineEvent), await count(gateway, LoyaltyLot)) == (0, 0)


async def test_attributes_show_the_balance_by_path(gateway: Gateway) -> None:
    await member(gateway)
    answer = await gateway.ask(ATTRIBUTES, {"ids": [customer_id(1), customer_id(2)], "keys": KEYS})
    assert answer.errors == []
    values = [[each["value"] for each in node["attributes"]] for node in answer.data["nodes"]]
    assert values == [["40.5", "11.75", "7", "6.5", text(NOW + 2 * DAY), "100"], [None] * 6]
    assert reads(answer) == {"CustomerById": 2, "Balances": 2}


async def test_an_attribute_of_the_balance_needs_the_scope_of_the_balance(gateway: Gateway) -> None:
    await member(gateway)
    asked = {"ids": [customer_id(1)], "keys": ["loyalty.active"]}
    answer = await gateway.ask(ATTRIBUTES, asked, scopes=ALL_SCOPES - {"loyalty:read"})
    assert (answer.data, answer.codes) == ({"nodes": [{"attributes": None}]}, ["FORBIDDEN"])


class TestAsTimeGoesBy:
    """A gateway whose clock the test turns."""

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock(NOW)

    async def test_a_balance_changes_by_itself_at_the_very_instant(self, gateway: Gateway, clock: Clock) -> None:
        await member(gateway)
        assert await balance(gateway) == FULL
        instant = timedelta(microseconds=1)
        for moment, active, waiting, ending in (
            (DAY - instant, "11.75", "7", "6.5"),
            (DAY, "18.75", "0", "13.5"),
            (2 * DAY - instant, "18.75", "0", "13.5"),
            (2 * DAY, "14.25", "0", "9"),
            (20 * DAY, "5.25", "0", "0"),
        ):
            clock.now = NOW + moment
            now = await balance(gateway)
            assert (now["active"], now["pendingActivation"], now["pendingDeactivation"]) == (active, waiting, ending)
        assert (now["nextDeactivationAt"], now["nextDeactivationAmount"], now["accrued"]) == (None, None, "40.5")


class TestWithLoyaltySwitchedOff:
    """`loyaltyEnabled: false`."""

    @pytest.fixture
    def account(self) -> Account:
        account = load_account()
        off = account.settings.model_copy(update={"loyalty_enabled": False})
        return account.model_copy(update={"settings": off})

    async def test_the_panel_is_null_without_an_error_and_nothing_is_read(self, gateway: Gateway) -> None:
        await member(gateway)
        answer = await gateway.ask(LOYALTY, {"ids": [customer_id(1)]})
        assert (answer.data, answer.errors) == ({"nodes": [{"loyalty": None}]}, [])
        assert answer.extensions["disabledPanels"] == ["loyalty"]
        assert reads(answer) == {"CustomerById": 1}
        panels = (await gateway.ask("{ account { panels { key enabled } } }")).data["account"]["panels"]
        assert {"key": "loyalty", "enabled": False} in panels

    async def test_its_attributes_are_null_and_nothing_is_read(self, gateway: Gateway) -> None:
        await member(gateway)
        answer = await gateway.ask(ATTRIBUTES, {"ids": [customer_id(1)], "keys": KEYS[:1]})
        assert (answer.data, answer.errors) == ({"nodes": [{"attributes": [{"value": None}]}]}, [])
        assert reads(answer) == {"CustomerById": 1}


class TestEastOfGreenwich:
    """In an account whose days begin before those of UTC."""

    @pytest.fixture
    def account(self, plain_account: Account) -> Account:
        return plain_account.model_copy(update={"time_zone": "Europe/Berlin"})

    async def test_bonuses_that_end_with_the_calendar_are_shown(self, gateway: Gateway) -> None:
        await people(gateway, 1)
        for_ever = "9999-12-31T23:59:59Z"
        sent = event("b", "BONUS_ACCRUED", payload=payload(amount="5", expiresAt=for_ever))
        assert await record(gateway, sent) == done(1)
        shown = await balance(gateway)
        assert (shown["nextDeactivationAt"], shown["nextDeactivationAmount"]) == (for_ever, "5")
