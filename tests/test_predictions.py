"""The jobs behind RFM and life cycles, and what a new purchase does between two of them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from gateway.caches import tell_of_load
from profiles.customers import Customer
from profiles.lifecycle.reading import CustomerLifecycle, LifecycleModel
from profiles.metrics import CustomerMetrics
from profiles.orders import Order
from profiles.receipts import Receipt
from profiles.rfm.reading import CustomerRfm, RfmBoundaries
from profiles.summaries import recompute_summaries
from profiles.timeline import EventCategory, OutboxEntry, TimelineEvent
from sources.jobs import JOBS, recompute
from sources.predictions import recompute_lifecycle, recompute_rfm
from sources.progress import silent
from tests.clock import Clock
from tests.gateway_client import Gateway
from tests.panels.shop import NOON, arrange, open_shop, order, receipt
from tests.people import customer_id, stored

EVERYBODY = range(1, 13)
LEAD = 12
PAGE = """
query ($id: ID!) { customer(by: { id: $id }) {
  rfm { segment recency frequency monetary }
  lifecycle { stage atRiskAt lapsedAt probabilityAlive expectedOrdersNext90Days }
  timeline(filter: { categories: [LIFECYCLE] }) { nodes {
    __typename name type occurredAt ... on LifecycleEvent { from to }
  } }
} }
"""
RECORD = "mutation ($input: RecordEventsInput!) { recordEvents(input: $input) { recorded userErrors { code } } }"


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


async def histories(gateway: Gateway) -> None:
    """Customer n purchased n times, ten days apart, the last time n * n days ago; the last of all has never."""
    await open_shop(gateway, EVERYBODY)
    await arrange(
        gateway,
        [
            receipt(id, 100 * id + n, issued_at=NOON - timedelta(days=id * id + 10 * n), total_minor=1000 + id)
            for id in EVERYBODY
            if id != LEAD
            for n in range(id)
        ],
    )
    await sum_up(gateway)


async def sum_up(gateway: Gateway) -> None:
    async with gateway.store.write() as unit:
        connection = await unit.session.connection()
        await recompute_summaries(connection, unit.dialect, gateway.account, None)


async def run(gateway: Gateway, what: str, now: datetime) -> None:
    """The job, as the command line runs it."""
    await recompute(gateway.settings.database_url, gateway.account, what, silent, now)
    await tell_of_load(gateway.settings, gateway.store)


async def page(gateway: Gateway, id: int) -> Any:
    answer = await gateway.ask(PAGE, {"id": customer_id(id)})
    assert answer.errors == []
    return answer.data["customer"]


async def told(gateway: Gateway, id: int) -> list[tuple[str | None, str]]:
    """The changes of stage in the timeline, the oldest first."""
    nodes = (await page(gateway, id))["timeline"]["nodes"]
    assert all((node["__typename"], node["type"]) == ("LifecycleEvent", "lifecycle_changed") for node in nodes)
    return [(node["from"], node["to"]) for node in reversed(nodes)]


async def purchase(gateway: Gateway, id: int, external_id: str, at: datetime, **more: Any) -> None:
    item = {"productExternalId": "p-11", "quantity": "1", "unitPrice": "900.00"}
    event = {
        "customer": {"id": customer_id(id)},
        "externalId": external_id,
        "category": "RECEIPT",
        "type": "receipt_issued",
        "occurredAt": at.isoformat(),
        "items": [item],
    }
    answer = await gateway.ask(RECORD, {"input": {"events": [event | more]}})
    assert answer.data["recordEvents"] == {"recorded": 1, "userErrors": []}, answer.errors


async def rows(gateway: Gateway) -> list[Any]:
    """All that the jobs write of customers but the moment of writing, and the life cycles' events."""
    kept = [*await stored(gateway, CustomerLifecycle), *await stored(gateway, CustomerRfm)]
    kept += await stored(gateway, TimelineEvent, category=EventCategory.LIFECYCLE)
    return [row.model_dump(exclude={"scored_at"}) for row in kept]


async def numbered(gateway: Gateway) -> None:
    """Every customer's events are numbered without gaps, and the customer knows how many there are."""
    for customer in await stored(gateway, Customer):
        events = await stored(gateway, TimelineEvent, customer_id=customer.id)
        numbers = sorted(event.activity_seq for event in events)
        assert numbers == list(range(1, customer.activity_seq + 1))


async def test_a_recompute_scores_everybody_and_tells_the_changes_of_their_history(gateway: Gateway) -> None:
    await histories(gateway)
    await run(gateway, "all", NOON)
    (model,) = await stored(gateway, LifecycleModel)
    assert (model.customer_count, model.computed_at) == (11, NOON)
    assert min(model.r, model.alpha, model.a, model.b) > 0
    best = await page(gateway, 1)
    assert best["lifecycle"]["stage"] == "NEW"
    assert await told(gateway, 1) == [("LEAD", "NEW")]
    assert best["timeline"]["nodes"][0]["occurredAt"] == (NOON - timedelta(days=1)).isoformat().replace("+00:00", "Z")
    assert (best["rfm"]["recency"], best["rfm"]["frequency"]) == (5, 1)
    assert best["rfm"]["segment"] == "New Customers"
    many = await page(gateway, 11)
    assert (many["rfm"]["recency"], many["rfm"]["frequency"], many["rfm"]["monetary"]) == (1, 5, 5)
    changes = await told(gateway, 11)
    assert changes[:2] == [("LEAD", "NEW"), ("NEW", "ACTIVE")]
    assert changes[-1][1] == many["lifecycle"]["stage"]
    lead = await page(gateway, LEAD)
    assert (lead["rfm"], lead["lifecycle"]["stage"], lead["timeline"]["nodes"]) == (None, "LEAD", [])
    await numbered(gateway)
    # They wait for a gateway that serves: its relay announces them.
    waiting = {entry.customer_id: entry.activity_seq for entry in await stored(gateway, OutboxEntry)}
    assert waiting == {row.id: row.activity_seq for row in await stored(gateway, Customer) if row.activity_seq}


async def test_what_filters_compare_is_what_the_panels_show(gateway: Gateway) -> None:
    await histories(gateway)
    await run(gateway, "all", NOON)
    for life in await stored(gateway, CustomerLifecycle):
        shown = (await page(gateway, life.customer_id))["lifecycle"]
        assert shown["stage"] == life.stage
        assert shown["probabilityAlive"] == pytest.approx(life.probability_alive)
        assert shown["expectedOrdersNext90Days"] == pytest.approx(life.expected_orders)
        assert life.at_risk_at is None or datetime.fromisoformat(shown["atRiskAt"]) == life.at_risk_at
        assert life.lapsed_at is None or datetime.fromisoformat(shown["lapsedAt"]) == life.lapsed_at
    for scores in await stored(gateway, CustomerRfm):
        shown = (await page(gateway, scores.customer_id))["rfm"]
        assert shown == scores.model_dump(exclude={"customer_id"})
    assert len(await stored(gateway, CustomerRfm)) == len(await stored(gateway, CustomerLifecycle)) == 11


async def test_run_again_it_changes_nothing(gateway: Gateway) -> None:
    await histories(gateway)
    await run(gateway, "all", NOON)
    before = await rows(gateway)
    await run(gateway, "all", NOON)
    await run(gateway, "lifecycle", NOON + timedelta(hours=1))
    await run(gateway, "rfm", NOON + timedelta(hours=1))
    assert await rows(gateway) == before
    assert len(await stored(gateway, LifecycleModel)) == len(await stored(gateway, RfmBoundaries)) == 1


class Stopped(Exception):
    """Somebody has stopped the job."""


@pytest.mark.parametrize("job", [recompute_lifecycle, recompute_rfm])
@pytest.mark.parametrize("after", [0, 4, 8])
async def test_stopped_anywhere_and_run_again_it_ends_as_if_it_had_not_been(
    gateway: Gateway, job: Any, after: int
) -> None:
    await histories(gateway)

    def stop(step: str, done: int, total: int) -> None:
        if total > 1 and done > after:
            raise Stopped

    url, account = gateway.settings.database_url, gateway.account
    with pytest.raises(Stopped):
        await job(url, account, stop, NOON, 4)
    await job(url, account, silent, NOON, 4)
    stopped = await rows(gateway)
    await job(url, account, silent, NOON)
    assert await rows(gateway) == stopped
    ids = [row["customer_id"] for row in stopped if "type" not in row]
    assert ids == list(range(1, 12))
    await numbered(gateway)


async def test_what_time_has_changed_is_told_once_by_the_next_recompute(gateway: Gateway, clock: Clock) -> None:
    await histories(gateway)
    await run(gateway, "lifecycle", NOON)
    before = await told(gateway, 3)
    assert before[-1][1] == "ACTIVE"
    clock.now = NOON + timedelta(days=4000)
    for _ in range(2):
        await run(gateway, "lifecycle", clock.now)
        assert (await told(gateway, 3))[len(before) :] == [("ACTIVE", "AT_RISK"), ("AT_RISK", "LAPSED")]
    shown = await page(gateway, 3)
    assert shown["lifecycle"]["stage"] == "LAPSED"
    assert shown["timeline"]["nodes"][0]["occurredAt"] == shown["lifecycle"]["lapsedAt"]
    await numbered(gateway)


async def test_a_new_purchase_is_scored_at_once(gateway: Gateway, clock: Clock) -> None:
    await histories(gateway)
    await run(gateway, "all", NOON)
    before = await page(gateway, 8)
    assert before["rfm"]["recency"] < 5
    clock.now = NOON + timedelta(hours=1)
    await purchase(gateway, 8, "new", NOON)
    after = await page(gateway, 8)
    assert (after["rfm"]["recency"], after["rfm"]["monetary"]) == (5, 5)
    assert after["lifecycle"]["stage"] == "ACTIVE"
    assert after["lifecycle"]["probabilityAlive"] > before["lifecycle"]["probabilityAlive"]
    (scores,) = await stored(gateway, CustomerRfm, customer_id=8)
    assert scores.model_dump(exclude={"customer_id"}) == after["rfm"]
    (life,) = await stored(gateway, CustomerLifecycle, customer_id=8)
    assert (life.last_purchase_at, life.scored_at) == (NOON, clock.now)
    assert life.probability_alive == pytest.approx(after["lifecycle"]["probabilityAlive"])
    # A recompute finds nothing to tell.
    changes = await told(gateway, 8)
    await run(gateway, "lifecycle", clock.now)
    assert await told(gateway, 8) == changes


async def test_a_leads_first_purchases_are_told_and_announced_with_the_receipt(gateway: Gateway, clock: Clock) -> None:
    await histories(gateway)
    await run(gateway, "all", NOON)
    clock.now = NOON + timedelta(days=2)
    await purchase(gateway, LEAD, "first", NOON + timedelta(days=1))
    assert await told(gateway, LEAD) == [("LEAD", "NEW")]
    events = await stored(gateway, TimelineEvent, customer_id=LEAD)
    assert [(event.activity_seq, event.category.value) for event in sorted(events, key=lambda e: e.activity_seq)] == [
        (1, "RECEIPT"),
        (2, "LIFECYCLE"),
    ]
    assert await stored(gateway, OutboxEntry, customer_id=LEAD) == []
    await purchase(gateway, LEAD, "second", NOON + timedelta(days=2))
    assert await told(gateway, LEAD) == [("LEAD", "NEW"), ("NEW", "ACTIVE")]
    (newest, _) = (await page(gateway, LEAD))["timeline"]["nodes"]
    assert newest["occurredAt"] == (NOON + timedelta(days=2)).isoformat().replace("+00:00", "Z")
    # The same events once more tell nothing.
    item = {"productExternalId": "p-11", "quantity": "1", "unitPrice": "900.00"}
    again = {
        "customer": {"id": customer_id(LEAD)},
        "externalId": "second",
        "category": "RECEIPT",
        "type": "receipt_issued",
        "occurredAt": clock.now.isoformat(),
        "items": [item],
    }
    await gateway.ask(RECORD, {"input": {"events": [again]}})
    assert len(await told(gateway, LEAD)) == 2
    await numbered(gateway)


async def test_a_silence_that_a_purchase_ends_is_told_before_it(gateway: Gateway, clock: Clock) -> None:
    await histories(gateway)
    await run(gateway, "lifecycle", NOON)
    before = await told(gateway, 3)
    clock.now = NOON + timedelta(days=4000)
    await purchase(gateway, 3, "back", clock.now)
    assert (await told(gateway, 3))[len(before) :] == [
        ("ACTIVE", "AT_RISK"),
        ("AT_RISK", "LAPSED"),
        ("LAPSED", "ACTIVE"),
    ]
    await numbered(gateway)


async def test_who_has_no_purchase_left_is_a_lead_again(gateway: Gateway, clock: Clock) -> None:
    await histories(gateway)
    await arrange(gateway, [order(LEAD, 1, external_id="web-1", placed_at=NOON - timedelta(days=1))])
    await sum_up(gateway)
    await run(gateway, "all", NOON)
    assert (await page(gateway, LEAD))["lifecycle"]["stage"] == "NEW"
    cancelled = {"category": "ORDER", "type": "order_cancelled", "orderExternalId": "web-1", "items": None}
    await purchase(gateway, LEAD, "cancelled", NOON, **cancelled)
    shown = await page(gateway, LEAD)
    assert (shown["rfm"], shown["lifecycle"]["stage"], shown["lifecycle"]["atRiskAt"]) == (None, "LEAD", None)
    assert await told(gateway, LEAD) == [("LEAD", "NEW"), ("NEW", "LEAD")]
    assert await stored(gateway, CustomerRfm, customer_id=LEAD) == []
    (order_row,) = await stored(gateway, Order, customer_id=LEAD)
    assert order_row.status == "CANCELLED"


async def test_before_the_first_recompute_purchases_are_recorded_as_ever(gateway: Gateway) -> None:
    await open_shop(gateway)
    await purchase(gateway, 1, "first", NOON - timedelta(hours=1))
    assert [row.category for row in await stored(gateway, TimelineEvent)] == [EventCategory.RECEIPT]
    assert await stored(gateway, CustomerLifecycle) == await stored(gateway, CustomerRfm) == []
    shown = await page(gateway, 1)
    assert (shown["rfm"], shown["lifecycle"]["stage"], shown["lifecycle"]["probabilityAlive"]) == (None, "NEW", None)


async def test_first_purchases_from_before_they_were_kept_are_filled_in(gateway: Gateway) -> None:
    await histories(gateway)
    await arrange(gateway, [order(2, 1, placed_at=NOON - timedelta(days=500)), order(3, 2, status="CANCELLED")])
    await sum_up(gateway)
    kept = [row.model_dump() for row in await stored(gateway, CustomerMetrics)]
    assert kept[1]["first_purchase_at"] == NOON - timedelta(days=500)
    async with gateway.store.write() as unit:
        await unit.session.exec(update(CustomerMetrics).values(first_purchase_at=None))
    await run(gateway, "lifecycle", NOON)
    assert [row.model_dump() for row in await stored(gateway, CustomerMetrics)] == kept


async def test_nobody_at_all_and_nobody_who_came_back_are_no_error(gateway: Gateway) -> None:
    await run(gateway, "all", NOON)
    (model,) = await stored(gateway, LifecycleModel)
    assert (model.r, model.customer_count) == (None, 0)
    await open_shop(gateway)
    await arrange(gateway, [receipt(1, 1)])
    await sum_up(gateway)
    await run(gateway, "all", NOON)
    shown = await page(gateway, 1)
    assert shown["rfm"] == {"segment": "Need Attention", "recency": 3, "frequency": 3, "monetary": 3}
    assert (shown["lifecycle"]["stage"], shown["lifecycle"]["probabilityAlive"]) == ("NEW", None)
    assert await told(gateway, 1) == [("LEAD", "NEW")]


async def test_erased_customers_are_neither_scored_nor_counted(gateway: Gateway) -> None:
    await histories(gateway)
    async with gateway.store.write() as unit:
        (await unit.customer(5)).erased_at = NOON
    await run(gateway, "all", NOON)
    for model in (CustomerLifecycle, CustomerRfm, TimelineEvent):
        assert await stored(gateway, model, customer_id=5) == []
    (limits,) = await stored(gateway, RfmBoundaries)
    assert limits.customer_count == 10


async def test_sums_without_the_purchases_behind_them_are_scored_as_far_as_they_go(gateway: Gateway) -> None:
    await open_shop(gateway, (1, 2, 3))
    day = timedelta(days=1)
    sums = ({"first_purchase_at": NOON - 9 * day, "last_purchase_at": NOON - day}, {"last_purchase_at": NOON}, {})
    await arrange(
        gateway, [CustomerMetrics(customer_id=id, purchase_count=2, **kept) for id, kept in enumerate(sums, 1)]
    )
    await run(gateway, "all", NOON)
    assert [row.stage.value for row in await stored(gateway, CustomerLifecycle)] == ["ACTIVE"] * 3
    assert [row.customer_id for row in await stored(gateway, CustomerRfm)] == [1, 2]
    assert await stored(gateway, TimelineEvent) == []
    for id, is_predicted in ((1, True), (2, False), (3, False)):
        shown = await page(gateway, id)
        assert (shown["lifecycle"]["probabilityAlive"] is not None, shown["rfm"] is not None) == (is_predicted, id < 3)


async def test_each_job_can_run_alone(gateway: Gateway) -> None:
    await histories(gateway)
    assert list(JOBS) == ["lifecycle", "rfm", "recommendations", "affinities", "timeline", "counts"]
    await run(gateway, "rfm", NOON)
    assert await stored(gateway, LifecycleModel) == []
    assert len(await stored(gateway, Receipt)) == sum(range(1, 12))
