"""The panel of the life cycle: derived from the model of the last recompute and the purchases, as of today."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from profiles.account import Account
from profiles.lifecycle import History, Model, expected_purchases, probability_alive
from profiles.lifecycle.reading import THE_MODEL, CustomerLifecycle, LifecycleModel
from profiles.metrics import CustomerMetrics
from profiles.timeline.details import LifecycleStage
from profiles.viewer import ALL_SCOPES, Scope
from tests.clock import Clock
from tests.gateway_client import Gateway
from tests.panels.shop import reads
from tests.people import add, customer_id, people

MADE = datetime(2026, 3, 10, 18, tzinfo=UTC)
NUMBERS = {"r": 0.525, "alpha": 43.281, "a": 0.891, "b": 1.614}
LIFECYCLE = """
query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { lifecycle {
  stage atRiskAt lapsedAt probabilityAlive expectedOrdersNext90Days
} } } }
"""


@pytest.fixture
def clock() -> Clock:
    return Clock(MADE)


def model(**numbers: float | None) -> LifecycleModel:
    return LifecycleModel(id=THE_MODEL, computed_at=MADE, **(NUMBERS | numbers))


def purchases(customer: int, count: int, first_days_ago: float, last_days_ago: float = 0) -> CustomerMetrics:
    return CustomerMetrics(
        customer_id=customer,
        purchase_count=count,
        first_purchase_at=MADE - timedelta(days=first_days_ago),
        last_purchase_at=MADE - timedelta(days=last_days_ago),
    )


async def lives(gateway: Gateway, *ids: int) -> list[dict[str, Any]]:
    answer = await gateway.ask(LIFECYCLE, {"ids": [customer_id(id) for id in ids]})
    assert answer.errors == []
    return [node["lifecycle"] for node in answer.data["nodes"]]


async def test_each_stage_with_what_is_predicted(gateway: Gateway) -> None:
    await people(gateway, 1, 2, 3, 4, 5)
    await add(
        gateway,
        model(),
        purchases(1, 1, 0),
        purchases(2, 4, 90, 2),
        purchases(3, 1, 120, 120),
        purchases(4, 30, 900, 700),
    )
    new, active, at_risk, lapsed, lead = await lives(gateway, 1, 2, 3, 4, 5)
    assert [life["stage"] for life in (new, active, at_risk, lapsed, lead)] == [
        "NEW",
        "ACTIVE",
        "AT_RISK",
        "LAPSED",
        "LEAD",
    ]
    own = History(3, 88, 90)
    assert active["probabilityAlive"] == pytest.approx(probability_alive(Model(**NUMBERS), own))
    assert active["expectedOrdersNext90Days"] == pytest.approx(expected_purchases(Model(**NUMBERS), own, 90))
    now = MADE.isoformat()
    assert now < active["atRiskAt"] < active["lapsedAt"]
    assert at_risk["atRiskAt"] < now < at_risk["lapsedAt"]
    assert lapsed["atRiskAt"] < lapsed["lapsedAt"] < now
    # Midnight in New York, where the account is.
    assert active["atRiskAt"].endswith(("T04:00:00Z", "T05:00:00Z"))


async def test_without_a_purchase_a_customer_is_a_lead_of_whom_nothing_is_predicted(gateway: Gateway) -> None:
    await people(gateway, 1, 2)
    await add(gateway, model(), CustomerMetrics(customer_id=1))
    lead = {
        "stage": "LEAD",
        "atRiskAt": None,
        "lapsedAt": None,
        "probabilityAlive": None,
        "expectedOrdersNext90Days": None,
    }
    assert await lives(gateway, 1, 2) == [lead, lead]


@pytest.mark.parametrize("row", [None, dict.fromkeys(NUMBERS)])
async def test_without_a_model_the_stage_goes_by_the_number_of_purchases(
    gateway: Gateway, row: dict[str, None] | None
) -> None:
    await people(gateway, 1, 2)
    await add(gateway, *([] if row is None else [model(**row)]), purchases(1, 1, 900, 900), purchases(2, 2, 900, 800))
    new, active = await lives(gateway, 1, 2)
    assert (new["stage"], active["stage"]) == ("NEW", "ACTIVE")
    assert (active["probabilityAlive"], active["atRiskAt"], active["expectedOrdersNext90Days"]) == (None, None, None)


async def test_the_next_days_are_other_days_though_nothing_was_written(gateway: Gateway, clock: Clock) -> None:
    await people(gateway, 1)
    await add(gateway, model(), purchases(1, 4, 90))
    (today,) = await lives(gateway, 1)
    assert today["stage"] == "ACTIVE"
    clock.now = datetime.fromisoformat(today["atRiskAt"]) - timedelta(seconds=1)
    (before,) = await lives(gateway, 1)
    clock.now += timedelta(minutes=1)
    (after,) = await lives(gateway, 1)
    assert (before["stage"], after["stage"]) == ("ACTIVE", "AT_RISK")
    assert after["probabilityAlive"] < 0.5 <= before["probabilityAlive"] < today["probabilityAlive"]
    assert {life["atRiskAt"] for life in (today, before, after)} == {today["atRiskAt"]}


class TestOtherLimits:
    """The account says from when on somebody is at risk or lapsed."""

    @pytest.fixture
    def account(self, account: Account) -> Account:
        settings = account.settings.model_copy(update={"at_risk_below": 0.99, "lapsed_below": 0.9})
        return account.model_copy(update={"settings": settings})

    async def test_the_stage_goes_by_them(self, gateway: Gateway) -> None:
        await people(gateway, 1)
        await add(gateway, model(), purchases(1, 1, 0))
        (life,) = await lives(gateway, 1)
        assert life["stage"] == "LAPSED"
        assert life["atRiskAt"] == life["lapsedAt"] == "2026-03-10T04:00:00Z"


async def test_without_the_scope_the_panel_is_null_and_nothing_of_it_is_read(gateway: Gateway) -> None:
    ids = await people(gateway, 1)
    await add(gateway, model(), purchases(1, 1, 0))
    answer = await gateway.ask(LIFECYCLE, {"ids": ids}, scopes=ALL_SCOPES - {Scope.METRICS_READ})
    assert (answer.data, answer.codes) == ({"nodes": [{"lifecycle": None}]}, ["FORBIDDEN"])
    assert answer.errors[0]["path"] == ["nodes", 0, "lifecycle"]
    assert reads(answer) == {"CustomerById": 1}


@pytest.mark.parametrize("customers", [1, 10, 100])
async def test_life_cycles_cost_one_read_for_any_number_of_customers(gateway: Gateway, customers: int) -> None:
    ids = await people(gateway, *range(1, customers + 1))
    async with gateway.store.write() as unit:
        unit.session.add_all([model(), *(purchases(id, id, 2 * id, id) for id in range(1, customers + 1))])
    answer = await gateway.ask(LIFECYCLE, {"ids": ids})
    assert answer.errors == []
    assert reads(answer) == {"CustomerById": customers, "LifecycleOf": customers}
    assert all(0 < node["lifecycle"]["probabilityAlive"] < 1 for node in answer.data["nodes"])


async def test_attributes_show_the_life_cycle_of_today(gateway: Gateway) -> None:
    ids = await people(gateway, 1)
    await add(gateway, model(), purchases(1, 4, 90, 2))
    names = ("stage", "atRiskAt", "lapsedAt", "probabilityAlive", "expectedOrdersNext90Days")
    shown = """
    query ($id: ID!, $keys: [String!]) { customer(by: { id: $id }) {
      lifecycle { stage atRiskAt lapsedAt probabilityAlive expectedOrdersNext90Days }
      attributes(keys: $keys) { value number dateTime }
    } }
    """
    answer = await gateway.ask(shown, {"id": ids[0], "keys": [f"lifecycle.{name}" for name in names]})
    assert answer.errors == []
    assert reads(answer) == {"CustomerById": 1, "LifecycleOf": 1}
    life, attributes = answer.data["customer"]["lifecycle"], answer.data["customer"]["attributes"]
    assert [attribute["value"] for attribute in attributes[:3]] == [life[name] for name in names[:3]]
    assert attributes[1]["dateTime"] == life["atRiskAt"]
    for attribute, name in zip(attributes[3:], names[3:], strict=True):
        assert attribute["number"] == float(attribute["value"]) == pytest.approx(life[name], abs=1e-6)
    without = await gateway.ask(
        shown, {"id": ids[0], "keys": ["lifecycle.stage"]}, scopes=ALL_SCOPES - {Scope.METRICS_READ}
    )
    assert without.codes == ["FORBIDDEN"] * 2


async def test_customers_are_found_by_attributes_of_the_life_cycle(gateway: Gateway) -> None:
    await people(gateway, 1, 2, 3)
    stored: dict[str, Any] = {"stage": LifecycleStage.AT_RISK, "at_risk_at": MADE, "probability_alive": 0.4}
    await add(
        gateway, purchases(1, 1, 0), purchases(3, 1, 0), CustomerLifecycle(customer_id=1, scored_at=MADE, **stored)
    )
    find = "query ($said: [AttributeFilter!]) { customers(filter: { attributes: $said }) { nodes { externalId } } }"
    for said, found in (
        ({"key": "lifecycle.stage", "equals": "AT_RISK"}, ["ext-1"]),
        # The third has purchased and was not scored yet: no stage is known of them.
        ({"key": "lifecycle.stage", "in": ["LEAD", "LAPSED"]}, ["ext-2"]),
        ({"key": "lifecycle.stage", "isMissing": True}, []),
        ({"key": "lifecycle.stage", "isMissing": False}, ["ext-3", "ext-2", "ext-1"]),
        ({"key": "lifecycle.atRiskAt", "from": MADE.isoformat()}, ["ext-1"]),
        ({"key": "lifecycle.atRiskAt", "to": MADE.isoformat()}, []),
        ({"key": "lifecycle.lapsedAt", "isMissing": True}, ["ext-3", "ext-2", "ext-1"]),
        ({"key": "lifecycle.probabilityAlive", "from": "0.4", "to": "0.5"}, ["ext-1"]),
        ({"key": "lifecycle.expectedOrdersNext90Days", "isMissing": False}, []),
    ):
        listed = await gateway.ask(find, {"said": [said]})
        assert listed.errors == [], said
        assert [node["externalId"] for node in listed.data["customers"]["nodes"]] == found, said
