"""How many rows each list of a customer has is kept by every write, and is what counting them anew gives."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import SQLModel, col, delete, select

from profiles.changes import Change
from profiles.ids import new_id
from profiles.kept_counts import COUNTED, KeptCount
from profiles.notes import Note
from profiles.promo_codes import PromoCode
from profiles.storage.reads import table
from profiles.storage.unit import Unit
from profiles.tables import METADATA
from profiles.viewer import ALL_SCOPES
from sources.counts import recompute_counts
from sources.progress import silent
from tests.gateway_client import Gateway
from tests.people import add, people, stored
from tests.storage.random_writes import kept_by_writes

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
PEOPLE = (1, 2, 3)
FIELDS = ("email", "tags", "consents.news", "consents.calls", "attributes.size")
COUNTS = """
query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer {
  notes { totalCount } promoCodes { totalCount } changes { totalCount } mailings { totalCount } polls { totalCount }
  receipts { totalCount } orders { totalCount }
} } }
"""


def a_row(choose: Random, customer: int) -> SQLModel:
    at = NOON - timedelta(hours=choose.randrange(100))
    match choose.randrange(3):
        case 0:
            return Note(
                customer_id=customer, id=new_id(), body="-", body_key="-", author="Ann", created_at=at, updated_at=at
            )
        case 1:
            return PromoCode(customer_id=customer, id=new_id(), code="-", issued_at=at)
    return Change(customer_id=customer, id=new_id(), at=at, actor="Ann", field=choose.choice(FIELDS))


async def kept(gateway: Gateway) -> dict[tuple[Any, ...], int]:
    """What is kept, but for what is 0."""
    rows = await stored(gateway, KeptCount)
    return {(row.customer_id, row.list_name, row.part): row.row_count for row in rows if row.row_count}


async def counted(gateway: Gateway) -> dict[tuple[Any, ...], int]:
    """What there is, counted in Python."""
    found = Counter((row.customer_id, "notes", "") for row in await stored(gateway, Note))
    found += Counter((row.customer_id, "promo_codes", "") for row in await stored(gateway, PromoCode))
    found += Counter((row.customer_id, "changes", row.field.split(".")[0]) for row in await stored(gateway, Change))
    return dict(found)


async def happens(unit: Unit, choose: Random) -> None:
    """Something that a write may do to lists."""
    customers = choose.sample(PEOPLE, choose.randint(1, len(PEOPLE)))
    await unit.lock(customers)
    for customer in customers:
        unit.session.add_all(a_row(choose, customer) for _ in range(choose.randint(0, 4)))
    for model in (Note, PromoCode):
        rows = (await unit.session.exec(select(model).where(col(model.customer_id) == customers[0]))).all()
        if rows and choose.random() < 0.4:
            await unit.session.delete(choose.choice(rows))
    if choose.random() < 0.3:
        await unit.session.flush()
        unit.session.add(a_row(choose, customers[0]))
    if choose.random() < 0.2:
        await unit.session.exec(delete(PromoCode).where(col(PromoCode.customer_id) == customers[0]))
    if choose.random() < 0.2:
        row = PromoCode(customer_id=customers[0], id=new_id(), code="-", issued_at=NOON)
        await unit.session.exec(insert(table(PromoCode)).values(row.model_dump()))  # type: ignore[call-overload]


async def test_random_writes_leave_what_counting_anew_gives_and_failed_ones_nothing(gateway: Gateway) -> None:
    await people(gateway, *PEOPLE)
    found = await kept_by_writes(gateway, 5, happens, kept, counted)
    # Notes, codes, and changes of four parts.
    assert len({key[1:] for key in found}) == 6


async def test_what_somebody_else_has_written_is_counted_by_the_job(gateway: Gateway) -> None:
    await people(gateway, *PEOPLE)
    choose = Random(6)
    await add(gateway, *(a_row(choose, customer) for customer in PEOPLE for _ in range(20)))
    right = await kept(gateway)
    async with gateway.store.write() as unit:
        # By the connection, as somebody writes who knows nothing of counts.
        connection = await unit.session.connection()
        await connection.execute(delete(KeptCount).where(col(KeptCount.customer_id) == 1))
        await connection.execute(update(table(KeptCount)).values(row_count=7))
    assert await kept(gateway) != right
    address = gateway.settings.database_url
    assert await recompute_counts(address, gateway.account, silent, NOON) == len(PEOPLE)
    assert await kept(gateway) == right == await counted(gateway)


async def test_counts_are_what_lists_have_whatever_the_viewer_sees(gateway: Gateway) -> None:
    ids = await people(gateway, *PEOPLE)
    choose = Random(7)
    await add(gateway, *(a_row(choose, customer) for customer in PEOPLE[:2] for _ in range(30)))
    there = await counted(gateway)
    for scopes in (ALL_SCOPES, ALL_SCOPES - {"tags:read"}, ALL_SCOPES - {"consents:read", "tags:read"}):
        hidden = {name for name in ("tags", "consents") if f"{name}:read" not in scopes}
        answer = await gateway.ask(COUNTS, {"ids": ids}, scopes=scopes)
        assert answer.errors == []
        for customer, node in zip(PEOPLE, answer.data["nodes"], strict=True):
            own = {key[1:]: count for key, count in there.items() if key[0] == customer}
            seen = sum(count for (name, part), count in own.items() if name == "changes" and part not in hidden)
            assert {name: panel["totalCount"] for name, panel in node.items()} == {
                "notes": own.get(("notes", ""), 0),
                "promoCodes": own.get(("promo_codes", ""), 0),
                "changes": seen,
                "mailings": 0,
                "polls": 0,
                "receipts": 0,
                "orders": 0,
            }


def test_each_counted_table_is_one_of_customers_and_has_the_column_that_divides_it() -> None:
    for name, by in COUNTED.items():
        assert {"customer_id", by or "id"} <= set(METADATA.tables[name].columns.keys())
