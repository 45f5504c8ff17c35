"""Parents of rows that are loaded: looked for in sets, and as strictly as the database looks for them row by row."""

from datetime import UTC, datetime

import asyncpg
import pytest

from profiles.catalog import Category, Product, Store
from profiles.customers import Customer, SubscriptionStatus
from profiles.receipts import Receipt, ReceiptItem
from profiles.storage.address import parse_address
from profiles.storage.bulk import Bulk, Loader, UnknownParent, bulk_load
from profiles.storage.bulk.parents import Held, references
from profiles.storage.reads import table
from tests.sources.bought import RECEIPT, RECEIPT_ITEM
from tests.sources.small_journey import rows_of

NOW = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)
PRODUCT = ("id", "external_id", "name", "category_id")


async def _customer(bulk: Bulk, id: int) -> int:
    columns = ("id", "subscription_status", "created_at", "updated_at")
    return await bulk.insert(Customer, columns, [(id, SubscriptionStatus.PENDING, NOW, NOW)])


def _receipt(customer_id: int, id: int, store_id: int | None = None) -> tuple[object, ...]:
    return (customer_id, id, str(id), f"R-{id}", NOW, "S", "P", "USD", 5, 0, 5, store_id)


def _item(customer_id: int, receipt_id: int, line: int, product_id: int | None) -> tuple[object, ...]:
    return (customer_id, receipt_id, line, product_id, "p", "P", 1000, "USD", 5, 5)


async def test_rows_find_the_parents_of_this_transaction_and_of_earlier_ones(database_url: str) -> None:
    async with bulk_load(database_url) as loader:
        async with loader.transaction() as bulk:
            await _customer(bulk, 1)
            await bulk.insert(Receipt, RECEIPT, [_receipt(1, 10)])
            await bulk.insert(Product, PRODUCT, [(100, "100", "Soap", None)])
        async with loader.transaction(keys_in_sets=True) as bulk:
            await _customer(bulk, 2)
            await bulk.insert(Receipt, RECEIPT, [_receipt(2, 20)])
            await bulk.insert(Product, PRODUCT, [(200, "200", "Wine", None)])
            # A null names no product, so it is not looked for.
            items = [_item(1, 10, 1, 100), _item(1, 10, 2, 200), _item(2, 20, 1, 200), _item(2, 20, 2, None)]
            assert await bulk.insert(ReceiptItem, RECEIPT_ITEM, items) == 4
            assert await bulk.insert(ReceiptItem, RECEIPT_ITEM, [*items, _item(2, 20, 3, 100)]) == 1
    assert len(await rows_of(database_url, "receipt_items")) == 5


@pytest.mark.parametrize(
    ("item", "parent"),
    [
        (_item(1, 10, 1, 999), "products"),
        (_item(1, 11, 1, 100), "receipts"),
        # The receipt is there, but it is another customer's.
        (_item(2, 10, 1, 100), "receipts"),
    ],
)
async def test_a_row_without_its_parent_is_refused_and_nothing_is_written(
    database_url: str, item: tuple[object, ...], parent: str
) -> None:
    async with bulk_load(database_url) as loader:
        async with loader.transaction() as bulk:
            await _customer(bulk, 1)
            await _customer(bulk, 2)
            await bulk.insert(Receipt, RECEIPT, [_receipt(1, 10)])
            await bulk.insert(Product, PRODUCT, [(100, "100", "Soap", None)])
        with pytest.raises(UnknownParent, match=rf"foreign key: 1 of the 2 rows of {parent}") as refusal:
            await _load_items(loader, [_item(1, 10, 7, 100), item])
    assert "receipt_items" in str(refusal.value)
    assert await rows_of(database_url, "receipt_items") == []
    assert await rows_of(database_url, "categories") == []


async def _load_items(loader: Loader, items: list[tuple[object, ...]]) -> None:
    async with loader.transaction(keys_in_sets=True) as bulk:
        await bulk.insert(Category, ("id", "name"), [(1, "Bread")])
        await bulk.insert(ReceiptItem, RECEIPT_ITEM, items)


async def test_the_transaction_after_one_in_sets_is_checked_by_the_database_again(database_url: str) -> None:
    async with bulk_load(database_url) as loader:
        async with loader.transaction(keys_in_sets=True) as bulk:
            await _customer(bulk, 1)
        with pytest.raises(Exception, match=r"(?i)foreign key constraint"):
            async with loader.transaction() as bulk:
                await bulk.insert(Product, PRODUCT, [(1, "1", "Soap", 5)])
    assert await rows_of(database_url, "products") == []


def test_only_what_was_neither_inserted_nor_found_is_looked_for() -> None:
    held = Held()
    held.add(table(Receipt), {"customer_id": 0, "id": 1}, [(1, 10), (1, 11)])
    held.add(table(Product), {"id": 0}, [(100,)])
    of_product, of_receipt = sorted(references(table(ReceiptItem)), key=lambda reference: reference.parent)
    assert held.others(of_receipt, [(1, 10), (1, 12), (2, 11)]) == [(1, 12), (2, 11)]
    assert held.others(of_product, [(100,), (101,)]) == [(101,)]
    (of_store, *_) = (found for found in references(table(Receipt)) if found.parent == "stores")
    assert held.others(of_store, [(1,)]) == [(1,)]
    held.find(of_store, [(1,)])
    held.find(of_receipt, [(1, 12)])
    assert held.others(of_store, [(1,), (2,)]) == [(2,)]
    assert held.others(of_receipt, [(1, 10), (1, 12), (2, 11)]) == [(2, 11)]


async def test_a_parent_cannot_be_deleted_while_a_load_refers_to_it(postgres_url: str) -> None:
    async with bulk_load(postgres_url) as loader:
        async with loader.transaction() as bulk:
            await _customer(bulk, 1)
            await bulk.insert(Store, ("id", "external_id", "name"), [(7, "7", "Seven"), (8, "8", "Eight")])
        async with loader.transaction(keys_in_sets=True) as bulk:
            assert await bulk.insert(Receipt, RECEIPT, [_receipt(1, 10, 7)]) == 1
            with pytest.raises(asyncpg.LockNotAvailableError):
                await _deleted(postgres_url, 7)
            await _deleted(postgres_url, 8)
    assert [row["id"] for row in await rows_of(postgres_url, "stores")] == [7]


async def test_a_role_that_may_not_choose_is_checked_row_by_row(postgres_url: str) -> None:
    owner = await asyncpg.connect(parse_address(postgres_url).driver_dsn)
    role = f"loader_{id(owner)}"
    try:
        await owner.execute(f"CREATE ROLE {role} LOGIN")
        await owner.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        url = postgres_url.replace("postgres@", f"{role}@", 1)
        assert url != postgres_url
        async with bulk_load(url) as loader:
            async with loader.transaction(keys_in_sets=True) as bulk:
                assert await _customer(bulk, 1) == 1
            with pytest.raises(asyncpg.ForeignKeyViolationError):
                async with loader.transaction(keys_in_sets=True) as bulk:
                    await bulk.insert(Receipt, RECEIPT, [_receipt(1, 10, 7)])
        assert len(await rows_of(postgres_url, "customers")) == 1
        assert await rows_of(postgres_url, "receipts") == []
    finally:
        await owner.execute(f"DROP OWNED BY {role}")
        await owner.execute(f"DROP ROLE {role}")
        await owner.close()


async def _deleted(url: str, store_id: int) -> None:
    """Deletes a store, unless a lock is in the way."""
    connection = await asyncpg.connect(parse_address(url).driver_dsn)
    try:
        await connection.execute("SET lock_timeout = '50ms'")
        await connection.execute("DELETE FROM stores WHERE id = $1", store_id)
    finally:
        await connection.close()
