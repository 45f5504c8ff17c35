"""The naive peer's schema: the part of the gateway's that the measured documents ask for."""

import base64
from datetime import date, datetime

import strawberry
from sqlmodel import col, desc, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from benchmarks.peers.naive.nouns import (
    Consent,
    CustomerKey,
    Event,
    EventConnection,
    Interest,
    Line,
    Money,
    Note,
    NoteConnection,
    PageInfo,
    Segment,
    SegmentMembership,
    Tag,
    line,
    money,
)
from profiles import customers, orders, receipts


def _cursor(row: customers.Customer) -> str:
    """Where the list goes on behind a customer."""
    return base64.urlsafe_b64encode(f"{row.created_at.isoformat()}|{row.id}".encode()).decode()


@strawberry.type
class Receipt:
    row: strawberry.Private[receipts.Receipt]
    id: strawberry.ID
    number: str
    issued_at: datetime
    status: str
    total: Money

    @strawberry.field
    async def items(self, info: strawberry.Info) -> list[Line]:
        lines = await info.context["loaders"].receipt_items.load((self.row.customer_id, self.row.id))
        return [line(row) for row in lines]


@strawberry.type
class Order:
    row: strawberry.Private[orders.Order]
    id: strawberry.ID
    number: str
    placed_at: datetime
    status: str
    total: Money

    @strawberry.field
    async def items(self, info: strawberry.Info) -> list[Line]:
        lines = await info.context["loaders"].order_items.load((self.row.customer_id, self.row.id))
        return [line(row) for row in lines]


@strawberry.type
class ReceiptConnection:
    nodes: list[Receipt]


@strawberry.type
class OrderConnection:
    nodes: list[Order]


@strawberry.type
class Customer:
    key: strawberry.Private[int]
    id: strawberry.ID
    external_id: str | None
    first_name: str | None
    last_name: str | None
    gender: str | None
    birth_date: date | None
    city: str | None
    created_at: datetime

    @strawberry.field
    async def segments(self, info: strawberry.Info) -> list[SegmentMembership]:
        found = await info.context["loaders"].segments.load(self.key)
        return [SegmentMembership(entered_at=row.entered_at, segment=Segment(name=name)) for row, name in found]

    @strawberry.field
    async def tags(self, info: strawberry.Info) -> list[Tag]:
        found = await info.context["loaders"].tags.load(self.key)
        return [Tag(id=strawberry.ID(str(tag.id)), name=tag.name) for tag in found]

    @strawberry.field
    async def notes(self, info: strawberry.Info, first: int = 20) -> NoteConnection:
        found = await info.context["loaders"].notes.load((self.key, first))
        return NoteConnection(
            nodes=[
                Note(id=strawberry.ID(str(row.id)), body=row.body, author=row.author, created_at=row.created_at)
                for row in found
            ]
        )

    @strawberry.field
    async def consents(self, info: strawberry.Info) -> list[Consent]:
        found: list[Consent] = await info.context["loaders"].consents.load(self.key)
        return found

    @strawberry.field
    async def interests(self, info: strawberry.Info) -> list[Interest]:
        found: list[Interest] = await info.context["loaders"].interests.load(self.key)
        return found

    @strawberry.field
    async def receipts(self, info: strawberry.Info, first: int = 10) -> ReceiptConnection:
        found = await info.context["loaders"].receipts.load((self.key, first))
        return ReceiptConnection(
            nodes=[
                Receipt(
                    row=row,
                    id=strawberry.ID(str(row.id)),
                    number=row.number,
                    issued_at=row.issued_at,
                    status=row.status,
                    total=money(row.total_minor, row.currency),
                )
                for row in found
            ]
        )

    @strawberry.field
    async def orders(self, info: strawberry.Info, first: int = 10) -> OrderConnection:
        found = await info.context["loaders"].orders.load((self.key, first))
        return OrderConnection(
            nodes=[
                Order(
                    row=row,
                    id=strawberry.ID(str(row.id)),
                    number=row.number,
                    placed_at=row.placed_at,
                    status=row.status,
                    total=money(row.total_minor, row.currency),
                )
                for row in found
            ]
        )

    @strawberry.field
    async def timeline(self, info: strawberry.Info, first: int = 20) -> EventConnection:
        found = await info.context["loaders"].events.load((self.key, first))
        return EventConnection(
            nodes=[
                Event(
                    id=strawberry.ID(str(row.id)),
                    category=row.category,
                    name=row.name,
                    description=row.description,
                    occurred_at=row.occurred_at,
                )
                for row in found
            ]
        )


@strawberry.type
class CustomerConnection:
    nodes: list[Customer]
    page_info: PageInfo


def _customer(row: customers.Customer) -> Customer:
    return Customer(
        key=row.id,
        id=strawberry.ID(str(row.id)),
        external_id=row.external_id,
        first_name=row.first_name,
        last_name=row.last_name,
        gender=row.gender,
        birth_date=row.birth_date,
        city=row.city,
        created_at=row.created_at,
    )


@strawberry.type
class Query:
    @strawberry.field
    async def customer(self, info: strawberry.Info, by: CustomerKey) -> Customer | None:
        row = await info.context["loaders"].customers.load(int(by.id))
        return None if row is None else _customer(row)

    @strawberry.field
    async def customers(self, info: strawberry.Info, first: int = 20, after: str | None = None) -> CustomerConnection:
        model = customers.Customer
        query = select(model).order_by(desc(col(model.created_at)), desc(col(model.id))).limit(first)
        if after is not None:
            at, _, id = base64.urlsafe_b64decode(after).decode().partition("|")
            place = tuple_(datetime.fromisoformat(at), int(id))
            query = query.where(tuple_(col(model.created_at), col(model.id)) < place)
        async with AsyncSession(info.context["engine"]) as session:
            rows = (await session.exec(query.where(col(model.erased_at).is_(None)))).all()
        return CustomerConnection(
            nodes=[_customer(row) for row in rows], page_info=PageInfo(end_cursor=_cursor(rows[-1]) if rows else None)
        )
