"""The demo's visitor: a customer who is on the site as long as the demo runs, quicker while somebody looks on."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.app import Runtime, create_app
from gateway.settings import Settings
from profiles.account import load_account
from profiles.catalog import Category, Product, Store
from profiles.purchases import PurchasedProduct
from profiles.timeline import EventCategory
from sources.shop import ONLINE_STORE, SITE, store_id
from sources.visitor import ARRIVAL, LOOK_SECONDS, UNSEEN_SECONDS, Good, Visitor, look
from tests.gateway_client import Gateway
from tests.live_client import PATIENCE_SECONDS
from tests.people import add, customer_id, people

PANELS = """
query ($id: ID!) { customer(by: { id: $id }) {
  liveSession { state currentUrl store { name } actions { totalCount nodes { type product { name } } } }
  timeline(first: 20) { totalCount nodes { __typename isLive description } }
  recentlyViewed { product { name } }
} }
"""
GOODS = [Good("p-1", f"{SITE}/p-1", "Tea"), Good("p-2", f"{SITE}/p-2", None)]


class Enough(Exception):
    """The test has seen enough of the visitor."""


async def shop(gateway: Gateway) -> None:
    await people(gateway, 1, 2)
    await add(
        gateway,
        Store(id=store_id(ONLINE_STORE), external_id=ONLINE_STORE, name="Online"),
        Category(id=7, name="Tea"),
        *(Product(id=id, external_id=f"p-{id}", name=f"Tea {id}", url=f"{SITE}/{id}", category_id=7) for id in (1, 2)),
    )
    now = datetime.now(UTC)
    await add(
        gateway,
        *(
            PurchasedProduct(
                customer_id=1, product_id=id, quantity_milli=1000, last_purchased_at=now - timedelta(days=id)
            )
            for id in (1, 2)
        ),
    )


def visitor(gateway: Gateway, external_id: str = "ext-1", **more: Any) -> Visitor:
    services = gateway.runtime.services
    return Visitor(services.store, services.account, services.clock, external_id, **more)


async def seen(gateway: Gateway, id: int = 1) -> dict[str, Any]:
    answer = await gateway.ask(PANELS, {"id": customer_id(id)})
    assert answer.errors == []
    found: dict[str, Any] = answer.data["customer"]
    return found


def test_it_goes_home_first_then_through_categories_products_and_pages() -> None:
    looks = [look(number, GOODS) for number in range(10)]
    visit, page, category, product = (
        EventCategory.SITE_VISIT,
        EventCategory.PAGE_VIEW,
        EventCategory.CATEGORY_VIEW,
        EventCategory.PRODUCT_VIEW,
    )
    # The second good has no category, so that its place is taken by the good itself.
    assert [each.category for each in looks] == [
        *(visit, page, category, product, product, page),
        *(product, product, product, page),
    ]
    assert [each.product_external_id for each in looks[2:5]] == [None, "p-1", "p-2"]
    assert all(each.url is not None and each.url.startswith(SITE) for each in looks)


def test_where_nothing_was_ever_bought_it_looks_at_pages() -> None:
    assert {look(number, []).category for number in range(1, 12)} == {EventCategory.PAGE_VIEW}


async def test_it_arrives_in_the_middle_of_a_visit_that_is_live_and_goes_on(gateway: Gateway) -> None:
    await shop(gateway)
    guest = visitor(gateway)
    await guest.step()
    first = await seen(gateway)
    assert first["liveSession"]["state"] == "LIVE"
    assert first["liveSession"]["store"] == {"name": "Online"}
    assert first["liveSession"]["actions"]["totalCount"] == ARRIVAL - 1
    assert first["liveSession"]["actions"]["nodes"][0] == {"type": "PRODUCT_VISITED", "product": {"name": "Tea 1"}}
    assert first["recentlyViewed"] == [{"product": {"name": "Tea 1"}}]
    assert {event["__typename"] for event in first["timeline"]["nodes"]} == {"SiteVisitEvent", "BrowseEvent"}
    await guest.step()
    after = await seen(gateway)
    assert after["liveSession"]["actions"]["totalCount"] == ARRIVAL
    assert after["timeline"]["totalCount"] == first["timeline"]["totalCount"] + 1
    assert (await seen(gateway, 2))["liveSession"] is None


async def test_a_demo_that_is_started_again_has_another_visit_and_nothing_twice(gateway: Gateway) -> None:
    await shop(gateway)
    for visits in (1, 2):
        await visitor(gateway).step()
        found = await seen(gateway)
        assert found["liveSession"]["actions"]["totalCount"] == ARRIVAL - 1
        assert found["timeline"]["totalCount"] == visits * ARRIVAL


async def test_without_its_customer_nothing_is_written(gateway: Gateway) -> None:
    await shop(gateway)
    await visitor(gateway, "nobody").step()
    assert [(await seen(gateway, id))["timeline"]["totalCount"] for id in (1, 2)] == [0, 0]


def until(pauses: int) -> tuple[list[float], Callable[[float], Awaitable[object]]]:
    """What the visitor sleeps, and a sleep of no time at all that ends it after so many."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == pauses:
            raise Enough

    return slept, sleep


@pytest.mark.parametrize(("who", "steps"), [(None, 1), (2, 1), (1, 60)])
async def test_it_steps_quickly_while_somebody_follows_it_and_seldom_otherwise(
    gateway: Gateway, who: int | None, steps: int
) -> None:
    await shop(gateway)
    pauses = int(UNSEEN_SECONDS / LOOK_SECONDS)
    slept, sleep = until(pauses)
    async with contextlib.AsyncExitStack() as listeners:
        if who is not None:
            await listeners.enter_async_context(gateway.store.bus.listen(who))
        with pytest.raises(Enough):
            await visitor(gateway, sleep=sleep).look_around()
    assert slept == [LOOK_SECONDS] * pauses
    assert (await seen(gateway))["liveSession"]["actions"]["totalCount"] == ARRIVAL + steps - 2


async def test_a_step_that_could_not_be_written_is_taken_later(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    await people(gateway, 1)  # and no online store yet, so that the events are refused
    store = Store(id=store_id(ONLINE_STORE), external_id=ONLINE_STORE, name="Online")
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 1:
            await add(gateway, store)
        if len(slept) > UNSEEN_SECONDS / LOOK_SECONDS:
            raise Enough

    with pytest.raises(Enough):
        await visitor(gateway, sleep=sleep).look_around()
    assert "could not be recorded" in caplog.text
    assert (await seen(gateway))["liveSession"]["actions"]["totalCount"] == ARRIVAL - 1


async def test_what_goes_on_beside_an_app_ends_with_it(settings: Settings, dialect: str) -> None:
    said: list[str] = []

    async def companion(runtime: Runtime) -> None:
        said.append("began")
        try:
            await asyncio.Event().wait()
        finally:
            # The store is still open: what goes on beside the app may finish.
            said.append(f"ended with {runtime.store.dialect}")

    app = create_app(settings, load_account(), companion=companion)
    async with app.router.lifespan_context(app), asyncio.timeout(PATIENCE_SECONDS):
        while not said:
            await asyncio.sleep(0)
    assert said == ["began", f"ended with {dialect}"]


async def test_what_ends_it_before_is_in_the_log(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    async def companion(runtime: Runtime) -> None:
        raise Enough("of it")

    app = create_app(settings, load_account(), companion=companion)
    async with app.router.lifespan_context(app), asyncio.timeout(PATIENCE_SECONDS):
        while "has ended" not in caplog.text:
            await asyncio.sleep(0)
    assert "Enough: of it" in caplog.text
