"""Bulk loading: rows arrive whole, once, or not at all, and read back as they were given, on both databases."""

import asyncio
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import select

from profiles.catalog import Category, Product
from profiles.changes import Change
from profiles.customers import Customer, CustomerAttribute, Gender, SubscriptionStatus
from profiles.errors import SettingsError
from profiles.notes import Note
from profiles.receipts import Receipt
from profiles.storage.bulk import ROWS_PER_CALL, Bulk, Loader, bulk_load
from profiles.storage.reads import table
from tests.sources.bought import RECEIPT
from tests.sources.small_journey import rows_of

NOW = datetime(2026, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
RECEIPT_AS_SAID = (*RECEIPT[:-1], "original")
NOTE = ("customer_id", "id", "body", "body_key", "author", "created_at", "updated_at")


async def _insert_customers(bulk: Bulk, *ids: int) -> int:
    rows = [(id, SubscriptionStatus.PENDING, NOW, NOW) for id in ids]
    return await bulk.insert(Customer, ("id", "subscription_status", "created_at", "updated_at"), rows)


async def test_values_of_every_type_read_back_as_they_were_given(database_url: str) -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-7)))
    async with bulk_load(database_url) as loader, loader.transaction() as bulk:
        await bulk.insert(
            Customer,
            ("id", "gender", "birth_date", "subscription_status", "created_at", "updated_at", "first_name"),
            [(1, Gender.OTHER, date(2000, 2, 29), SubscriptionStatus.PENDING, elsewhere, NOW, "Zoë 'O; 王")],
        )
        await bulk.insert(CustomerAttribute, ("customer_id", "attribute", "value", "number"), [(1, "n", "1.5", 1.5)])
        await bulk.insert(
            Receipt,
            RECEIPT_AS_SAID,
            [(1, 2**63 - 1, "41481282915", "R-1", NOW, "S", "P", "USD", 2**62, 0, -1, {"currency": "CAD", "total": 5})],
        )
    (customer,) = await rows_of(database_url, "customers")
    assert customer["first_name"] == "Zoë 'O; 王"
    assert (customer["gender"], customer["birth_date"]) == (Gender.OTHER, date(2000, 2, 29))
    assert customer["created_at"] == customer["updated_at"] == NOW
    (attribute,) = await rows_of(database_url, "customer_attributes")
    assert attribute["number"] == 1.5
    (receipt,) = await rows_of(database_url, "receipts")
    assert (receipt["id"], receipt["product_total_minor"], receipt["total_minor"]) == (2**63 - 1, 2**62, -1)
    assert receipt["original"] == {"currency": "CAD", "total": 5}


async def test_a_column_that_is_not_named_gets_the_models_default(database_url: str) -> None:
    async with bulk_load(database_url) as loader, loader.transaction() as bulk:
        await _insert_customers(bulk, 1)
        await bulk.insert(Product, ("id", "external_id", "name"), [(1, "1", "Soap")])
    (customer,) = await rows_of(database_url, "customers")
    assert (customer["version"], customer["generation"], customer["activity_seq"]) == (1, 1, 0)
    (product,) = await rows_of(database_url, "products")
    assert (product["is_named"], product["brand"]) == (True, None)


async def test_a_row_that_is_there_is_neither_inserted_nor_changed(database_url: str) -> None:
    async with bulk_load(database_url) as loader:
        async with loader.transaction() as bulk:
            assert await bulk.insert(Category, ("id", "name"), [(1, "Bread"), (2, "Soap")]) == 2
        async with loader.transaction() as bulk:
            # The same id, the same name under another id, a new one, and that one again.
            rows = [(1, "Renamed"), (9, "Soap"), (3, "Wine"), (3, "Wine")]
            assert await bulk.insert(Category, ("id", "name"), rows) == 1
            assert await bulk.insert(Category, ("id", "name"), []) == 0
    found = [(row["id"], row["name"]) for row in await rows_of(database_url, "categories")]
    assert found == [(1, "Bread"), (2, "Soap"), (3, "Wine")]


async def test_more_rows_than_one_call_takes_all_arrive(database_url: str) -> None:
    count = 2 * ROWS_PER_CALL + 1
    rows = [(number, f"Category {number}") for number in range(count)]
    async with bulk_load(database_url) as loader:
        async with loader.transaction() as bulk:
            assert await bulk.insert(Category, ("id", "name"), rows) == count
        async with loader.transaction() as bulk:
            assert await bulk.insert(Category, ("id", "name"), rows) == 0


async def _fail_half_way(loader: Loader) -> None:
    async with loader.transaction() as bulk:
        await _insert_customers(bulk, 1)
        raise RuntimeError("half way")


async def test_a_transaction_that_fails_leaves_nothing(database_url: str) -> None:
    async with bulk_load(database_url) as loader:
        with pytest.raises(RuntimeError, match="half way"):
            await _fail_half_way(loader)
        async with loader.transaction() as bulk:
            assert await bulk.execute(select(table(Customer).c.id)) == []
            assert await _insert_customers(bulk, 1) == 1


async def test_a_cancelled_transaction_leaves_nothing_and_gives_the_lock_back(database_url: str) -> None:
    inside = asyncio.Event()
    async with bulk_load(database_url) as loader:

        async def load() -> None:
            async with loader.transaction() as bulk:
                await _insert_customers(bulk, 1)
                inside.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(load())
        await inside.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await rows_of(database_url, "customers") == []


async def test_a_child_without_its_parent_is_refused(database_url: str) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        async with bulk_load(database_url) as loader, loader.transaction() as bulk:
            await bulk.insert(Note, NOTE, [(1, 1, "Body", "body", "staff", NOW, NOW)])
    assert await rows_of(database_url, "notes") == []


async def _load_naive(database_url: str) -> None:
    async with bulk_load(database_url) as loader, loader.transaction() as bulk:
        await _insert_customers(bulk, 1)
        at = NOW.replace(tzinfo=None)
        await bulk.insert(Change, ("customer_id", "id", "at", "actor", "field"), [(1, 1, at, "staff", "city")])


async def test_a_naive_moment_is_refused_and_nothing_is_written(database_url: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        await _load_naive(database_url)
    assert await rows_of(database_url, "customers") == []


async def test_two_loads_take_turns(database_url: str) -> None:
    """The second one's transaction begins after the first one's end, so each sees what is finished."""
    order: list[str] = []
    inside = asyncio.Event()

    async def first() -> None:
        async with bulk_load(database_url) as loader, loader.transaction() as bulk:
            inside.set()
            await _insert_customers(bulk, 1)
            order.append("first")

    async def second() -> None:
        await inside.wait()
        async with bulk_load(database_url) as loader, loader.transaction() as bulk:
            order.append("second")
            assert await bulk.execute(select(table(Customer).c.id)) == [(1,)]

    await asyncio.gather(first(), second())
    assert order == ["first", "second"]


async def test_parts_of_a_load_are_in_the_database_at_once(postgres_url: str) -> None:
    """Each waits inside its transaction until the other is inside too."""
    inside = {"north": asyncio.Event(), "south": asyncio.Event()}

    async def load(loader: Loader, part: str, other: str, id: int) -> None:
        async with loader.transaction(keys_in_sets=True, part=part) as bulk:
            await _insert_customers(bulk, id)
            inside[part].set()
            await inside[other].wait()

    async with bulk_load(postgres_url) as loader, asyncio.timeout(20):
        await asyncio.gather(load(loader, "north", "south", 1), load(loader, "south", "north", 2))
    assert [row["id"] for row in await rows_of(postgres_url, "customers")] == [1, 2]


@pytest.mark.parametrize(("first_part", "second_part"), [("north", "north"), ("north", None), (None, "north")])
async def test_loads_of_one_part_take_turns_and_so_do_parts_and_the_whole(
    database_url: str, first_part: str | None, second_part: str | None
) -> None:
    inside = asyncio.Event()

    async def first() -> None:
        async with bulk_load(database_url) as loader, loader.transaction(part=first_part) as bulk:
            inside.set()
            await _insert_customers(bulk, 1)

    async def second() -> None:
        await inside.wait()
        async with bulk_load(database_url) as loader, loader.transaction(part=second_part) as bulk:
            assert await bulk.execute(select(table(Customer).c.id)) == [(1,)]

    await asyncio.gather(first(), second())


async def test_more_transactions_than_connections_all_come_to_their_turn(database_url: str) -> None:
    async def load(loader: Loader, id: int) -> None:
        async with loader.transaction(part=str(id)) as bulk:
            await _insert_customers(bulk, id)

    async with bulk_load(database_url) as loader:
        await asyncio.gather(*(load(loader, id) for id in range(1, 8)))
    assert [row["id"] for row in await rows_of(database_url, "customers")] == list(range(1, 8))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:////nowhere/at/all.db", "cannot be opened"),
        ("postgresql+asyncpg://nobody:hidden@127.0.0.1:1/none", "cannot be reached"),
        ("mysql://localhost/profiles", "mysql"),
        ("nonsense", "not a database URL"),
    ],
)
async def test_a_database_that_cannot_be_opened_is_said_in_one_sentence_without_its_password(
    url: str, said: str
) -> None:
    with pytest.raises(SettingsError, match=said) as refusal:
        async with bulk_load(url):
            pass
    assert "hidden" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


async def test_statistics_can_be_gathered_after_a_load(database_url: str) -> None:
    async with bulk_load(database_url) as loader:
        async with loader.transaction() as bulk:
            await _insert_customers(bulk, 1, 2, 3)
        await loader.analyze()
    assert len(await rows_of(database_url, "customers")) == 3
