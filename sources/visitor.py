"""The demo's visitor: one customer who looks around the shop while the demo runs, so that what is live shows something.

Its steps are recorded as the shop's site would record them. Nothing heavy is imported: it lives in a serving process.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from profiles.account import Account
from profiles.catalog import categories_by_id, products_by_id
from profiles.customers import IdentifierKind, customers_by_identifier
from profiles.errors import ProfileError
from profiles.purchases import purchased_products
from profiles.recording import CustomerRef, RecordedEvent, record_events
from profiles.recording.shelves import CATEGORY_KEY
from profiles.storage.pages import PageOf, SearchedPage
from profiles.storage.store import Store
from profiles.timeline import EventCategory
from profiles.viewer import SYSTEM
from sources.shop import ONLINE_STORE, SITE, WEBSITE, store_id

log = logging.getLogger("profile_gateway.visitor")

LOOK_SECONDS = 10.0
"""How often the visitor takes a step while somebody follows it."""

UNSEEN_SECONDS = 600.0
"""How often otherwise: often enough to be there (a silent visit ends after half an hour), seldom enough to leave the
timeline to everything else."""

ARRIVAL = 4
"""How many steps the visitor has taken when one first hears of it."""

BETWEEN = timedelta(seconds=40)
GOODS = 24
_BEGINNING = ((EventCategory.SITE_VISIT, "direct"), (EventCategory.PAGE_VIEW, "Home"))
_PAGES = (("Offers", "/offers"), ("Search", "/search"), ("Recipes", "/recipes"), ("My account", "/account"))


@dataclass(frozen=True, slots=True)
class Good:
    """Something that the visitor looks at."""

    external_id: str
    url: str | None
    category: str | None


@dataclass(frozen=True, slots=True)
class Look:
    """One step: a page, a category or a product; the visit itself before them."""

    category: EventCategory
    url: str | None
    description: str | None = None
    product_external_id: str | None = None
    payload: tuple[tuple[str, str], ...] = ()


def look(number: int, goods: Sequence[Good]) -> Look:
    """The step of that number, from 0: the visit, home, then again and again a category, two products and a page."""
    if number < 2:
        category, title = _BEGINNING[number]
        return Look(category, f"{SITE}/", title)
    turn, place = divmod(number - 2, 4)
    if place == 3 or not goods:
        title, path = _PAGES[turn % len(_PAGES)]
        return Look(EventCategory.PAGE_VIEW, f"{SITE}{path}", title)
    good = goods[(turn + place // 2) % len(goods)]
    if place == 0 and good.category is not None:
        url = f"{SITE}/catalog?{urlencode({'category': good.category})}"
        return Look(EventCategory.CATEGORY_VIEW, url, payload=((CATEGORY_KEY, good.category),))
    return Look(EventCategory.PRODUCT_VIEW, good.url, product_external_id=good.external_id)


class Visitor:
    """A customer, by external id, on the site of the shop: one visit as long as this lasts."""

    def __init__(
        self,
        store: Store,
        account: Account,
        clock: Callable[[], datetime],
        external_id: str,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._store, self._account, self._clock, self._sleep = store, account, clock, sleep
        self._external_id = external_id
        self._visit = f"visitor-{clock().isoformat()}"
        self._taken = 0
        self._customer_id: int | None = None
        self._goods: Sequence[Good] = ()

    async def look_around(self) -> None:
        """Takes steps until it is cancelled; without such a customer none."""
        while True:
            try:
                await self.step()
            except ProfileError as error:
                log.warning("the demo's visitor could not be recorded: %s", error)
            await self._pause()

    async def step(self) -> None:
        """Records the next step as of now; on the first call all those of the arrival, the last of them as of now."""
        customer_id = self._customer_id = self._customer_id or await self._arrive()
        if customer_id is None:
            return
        now, count = self._clock(), 1 if self._taken else ARRIVAL
        at = now.replace(microsecond=0)  # as sites tell it
        events = [
            self._event(customer_id, place, self._taken + place, at - BETWEEN * (count - 1 - place))
            for place in range(count)
        ]
        async with self._store.write() as unit:
            await record_events(unit, self._account, WEBSITE, events, False, now)
        self._taken += count

    async def _arrive(self) -> int | None:
        """The customer's id, once it is known what there is to look at: what the customer bought last."""
        found = await self._store.answer(
            customers_by_identifier(SYSTEM, [self._external_id], IdentifierKind.EXTERNAL_ID)
        )
        customer_id = found.get(self._external_id)
        if customer_id is None:
            return None
        asked = SearchedPage(None, PageOf(GOODS, None))
        page = (await self._store.answer(purchased_products(SYSTEM, [customer_id], asked))).get(customer_id)
        ids = [row.product_id for row in page.rows] if page is not None else []
        products = await self._store.answer(products_by_id(SYSTEM, ids))
        named = [product for id in ids if (product := products.get(id)) is not None and product.url is not None]
        wanted = sorted({product.category_id for product in named if product.category_id is not None})
        categories = await self._store.answer(categories_by_id(SYSTEM, wanted))
        self._goods = [
            Good(
                product.external_id,
                product.url,
                categories[product.category_id].name if product.category_id in categories else None,
            )
            for product in named
        ]
        return customer_id

    async def _pause(self) -> None:
        for _ in range(int(UNSEEN_SECONDS / LOOK_SECONDS)):
            await self._sleep(LOOK_SECONDS)
            if self._customer_id is not None and self._store.bus.is_heard(self._customer_id):
                return

    def _event(self, customer_id: int, position: int, number: int, at: datetime) -> RecordedEvent:
        seen = look(number, self._goods)
        return RecordedEvent(
            position=position,
            customer=CustomerRef(customer_id=customer_id),
            external_id=f"{self._visit}-{number}",
            category=seen.category,
            type=seen.category.lower(),
            name=None,
            description=seen.description,
            occurred_at=at,
            store_id=store_id(ONLINE_STORE),
            session_external_id=self._visit,
            url=seen.url,
            product_external_id=seen.product_external_id,
            order_external_id=None,
            items=(),
            payload=seen.payload,
        )
