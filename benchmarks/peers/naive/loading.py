"""The naive peer's dataloaders: select-in for many keys at once, the newest few by row_number, a session a call."""

import math
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, desc, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession
from strawberry.dataloader import DataLoader

from benchmarks.peers.naive.nouns import Category, Consent, Interest
from profiles import catalog, consents, customers, notes, orders, purchases, receipts, segments, tags, timeline

WINDOW = timedelta(days=30)
MOST_VIEWS, MOST_INTERESTS = 1_000, 10


class Loaders:
    """The dataloaders of one request."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.customers = DataLoader(load_fn=self._customers)
        self.segments = DataLoader(load_fn=self._segments)
        self.tags = DataLoader(load_fn=self._tags)
        self.consents = DataLoader(load_fn=self._consents)
        self.interests = DataLoader(load_fn=self._interests)
        self.notes = DataLoader(load_fn=self._newest(notes.Note, notes.Note.created_at))
        self.receipts = DataLoader(load_fn=self._newest(receipts.Receipt, receipts.Receipt.issued_at))
        self.orders = DataLoader(load_fn=self._newest(orders.Order, orders.Order.placed_at))
        self.events = DataLoader(load_fn=self._newest(timeline.TimelineEvent, timeline.TimelineEvent.occurred_at))
        self.receipt_items = DataLoader(load_fn=self._lines(receipts.ReceiptItem, "receipt_id"))
        self.order_items = DataLoader(load_fn=self._lines(orders.OrderItem, "order_id"))

    async def _rows(self, query: Any) -> Sequence[Any]:
        async with AsyncSession(self._engine) as session:
            rows: Sequence[Any] = (await session.exec(query)).all()
            return rows

    async def _customers(self, ids: list[int]) -> list[customers.Customer | None]:
        model = customers.Customer
        found = {row.id: row for row in await self._rows(select(model).where(col(model.id).in_(ids)))}
        return [found.get(id) for id in ids]

    async def _segments(self, ids: list[int]) -> list[list[tuple[segments.SegmentMembership, str]]]:
        membership, segment = segments.SegmentMembership, segments.Segment
        query = (
            select(membership, segment.name)
            .join(segment, col(segment.id) == membership.segment_id)
            .where(col(membership.customer_id).in_(ids), col(membership.left_at).is_(None))
            .order_by(segment.name)
        )
        found = defaultdict(list)
        for row, name in await self._rows(query):
            found[row.customer_id].append((row, name))
        return [found[id] for id in ids]

    async def _tags(self, ids: list[int]) -> list[list[tags.Tag]]:
        worn, tag = tags.CustomerTag, tags.Tag
        query = (
            select(worn.customer_id, tag)
            .join(tag, col(tag.id) == worn.tag_id)
            .where(col(worn.customer_id).in_(ids))
            .order_by(tag.name)
        )
        found = defaultdict(list)
        for customer_id, row in await self._rows(query):
            found[customer_id].append(row)
        return [found[id] for id in ids]

    async def _consents(self, ids: list[int]) -> list[list[Consent]]:
        change = consents.ConsentChange
        query = (
            select(change)
            .where(col(change.customer_id).in_(ids))
            .order_by(col(change.customer_id), col(change.name), desc(col(change.at)), desc(col(change.id)))
        )
        histories: dict[int, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        for row in await self._rows(query):
            histories[row.customer_id][row.name].append(row)
        return [
            [
                Consent(
                    name=name,
                    status=changes[0].status,
                    granted_at=next((each.at for each in changes if each.status == "GRANTED"), None),
                    source=changes[0].source,
                )
                for name, changes in histories[id].items()
            ]
            for id in ids
        ]

    async def _interests(self, ids: list[int]) -> list[list[Interest]]:
        now = datetime.now(UTC)
        event, category, bought = timeline.TimelineEvent, catalog.Category, purchases.PurchasedProduct
        place = func.row_number().over(
            partition_by=col(event.customer_id), order_by=(desc(col(event.occurred_at)), desc(col(event.id)))
        )
        seen = (
            select(event.customer_id, event.viewed_category_id, event.occurred_at, place.label("place"))
            .where(
                col(event.customer_id).in_(ids),
                col(event.viewed_category_id).is_not(None),
                col(event.occurred_at) > now - WINDOW,
            )
            .subquery()
        )
        viewed = await self._rows(
            select(seen.c.customer_id, category, seen.c.occurred_at)
            .join(category, col(category.id) == seen.c.viewed_category_id)
            .where(seen.c.place <= MOST_VIEWS)
        )
        latest = await self._rows(
            select(bought.customer_id, bought.category_id, func.max(bought.last_purchased_at))
            .where(col(bought.customer_id).in_(ids))
            .group_by(col(bought.customer_id), col(bought.category_id))
        )
        purchased = {(customer_id, category_id): at for customer_id, category_id, at in latest}
        views: dict[int, dict[int, list[tuple[catalog.Category, datetime]]]] = defaultdict(lambda: defaultdict(list))
        for customer_id, row, at in viewed:
            views[customer_id][row.id].append((row, at))
        return [_strongest(views[id], {key[1]: at for key, at in purchased.items() if key[0] == id}, now) for id in ids]

    def _newest(self, model: Any, time: Any) -> Callable[[list[Any]], Awaitable[list[Any]]]:
        async def load(keys: list[tuple[int, int]]) -> list[list[Any]]:
            most = max(first for _, first in keys)
            place = func.row_number().over(partition_by=model.customer_id, order_by=(desc(time), desc(model.id)))
            ranked = (
                select(model.customer_id, model.id, place.label("place"))
                .where(col(model.customer_id).in_([id for id, _ in keys]))
                .subquery()
            )
            query = (
                select(model)
                .join(ranked, (ranked.c.customer_id == model.customer_id) & (ranked.c.id == model.id))
                .where(ranked.c.place <= most)
                .order_by(model.customer_id, desc(time), desc(model.id))
            )
            found = defaultdict(list)
            for row in await self._rows(query):
                found[row.customer_id].append(row)
            return [found[id][:first] for id, first in keys]

        return load

    def _lines(self, model: Any, parent: str) -> Callable[[list[Any]], Awaitable[list[Any]]]:
        async def load(keys: list[tuple[int, int]]) -> list[list[Any]]:
            pair = tuple_(model.customer_id, getattr(model, parent))
            found = defaultdict(list)
            for row in await self._rows(select(model).where(pair.in_(keys)).order_by(model.line)):
                found[row.customer_id, getattr(row, parent)].append(row)
            return [found[key] for key in keys]

        return load


def _strongest(
    views: dict[int, list[tuple[catalog.Category, datetime]]], purchased: dict[int, datetime], now: datetime
) -> list[Interest]:
    found = []
    for category_id, seen in views.items():
        category, latest = seen[0][0], max(at for _, at in seen)
        if category_id in purchased and purchased[category_id] >= latest:
            continue
        found.append(
            Interest(
                score=math.fsum(0.5 ** (max(now - at, timedelta(0)) / (WINDOW / 2)) for _, at in seen),
                view_count=len(seen),
                last_viewed_at=latest,
                expires_at=latest + WINDOW,
                category=Category(name=category.name),
            )
        )
    found.sort(key=lambda interest: interest.category.name)
    found.sort(key=lambda interest: (interest.score, interest.last_viewed_at), reverse=True)
    return found[:MOST_INTERESTS]
