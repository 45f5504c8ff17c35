"""The products a customer purchased most often."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from profiles.purchases import favorite_products
from profiles.storage.address import parse_address
from profiles.storage.store import write_engine
from profiles.viewer import SYSTEM
from tests.gateway_client import Gateway
from tests.panels.shop import (
    BREAD,
    DESSERT,
    MILK,
    NOON,
    UNPRICED,
    arrange,
    customer_id,
    open_shop,
    purchased,
    reads,
)

LIST = """
query ($id: ID!, $first: Int! = 10) {
  customer(by: { id: $id }) {
    favoriteProducts(first: $first) { product { name } quantity orderCount receiptCount lastPurchasedAt }
  }
}
"""
EARLIER = NOON - timedelta(days=40)


async def _names(gateway: Gateway, first: int = 10) -> list[str]:
    answer = await gateway.ask(LIST, {"id": customer_id(), "first": first})
    assert answer.errors == []
    return [favorite["product"]["name"] for favorite in answer.data["customer"]["favoriteProducts"]]


async def test_favorites_come_by_number_of_purchases_then_the_latest_and_once_is_no_favorite(gateway: Gateway) -> None:
    await open_shop(gateway, (1, 2))
    await arrange(
        gateway,
        [
            purchased(1, MILK, 3, EARLIER),
            purchased(1, BREAD, 3, NOON),
            purchased(1, DESSERT, 1, NOON),
            # Bought once in a large quantity is still bought once.
            purchased(1, UNPRICED, 2, EARLIER, quantity_milli=900_000, receipt_count=1, order_count=1),
            purchased(2, MILK, 8, NOON),
        ],
    )
    assert await _names(gateway) == ["Rye bread", "Whole milk", "40011"]
    assert await _names(gateway, first=2) == ["Rye bread", "Whole milk"]
    assert await _names(gateway, first=0) == []
    answer = await gateway.ask(LIST, {"id": customer_id()})
    assert answer.data["customer"]["favoriteProducts"][2] == {
        "product": {"name": "40011"},
        "quantity": "900",
        "orderCount": 1,
        "receiptCount": 1,
        "lastPurchasedAt": "2026-01-29T12:00:00Z",
    }


async def test_a_customer_without_favorites_has_an_empty_list(gateway: Gateway) -> None:
    await open_shop(gateway)
    await arrange(gateway, [purchased(1, MILK, 1, NOON)])
    assert await _names(gateway) == []


async def test_more_than_100_is_refused(gateway: Gateway) -> None:
    await open_shop(gateway)
    answer = await gateway.ask(LIST, {"id": customer_id(), "first": 101})
    assert (answer.data["customer"]["favoriteProducts"], answer.codes) == (None, ["LIMIT_EXCEEDED"])


@pytest.mark.parametrize("customers", [1, 3])
async def test_favorite_products_cost_one_read_a_level(gateway: Gateway, customers: int) -> None:
    ids = range(1, customers + 1)
    await open_shop(gateway, ids)
    await arrange(gateway, [purchased(customer, id, 2, NOON) for customer in ids for id in (MILK, BREAD)])
    fields = "favoriteProducts { product { name } }"
    asked = " ".join(f'c{id}: customer(by: {{ id: "{customer_id(id)}" }}) {{ {fields} }}' for id in ids)
    answer = await gateway.ask(f"{{ {asked} }}")
    assert answer.errors == []
    assert reads(answer) == {"CustomerById": customers, "FavoriteProducts": customers, "ProductById": 2}
    assert [len(answer.data[f"c{id}"]["favoriteProducts"]) for id in ids] == [2] * customers


async def test_without_the_scope_the_panel_is_null_and_nothing_of_it_is_read(gateway: Gateway) -> None:
    await open_shop(gateway)
    query = f'{{ customer(by: {{ id: "{customer_id()}" }}) {{ externalId favoriteProducts {{ quantity }} }} }}'
    answer = await gateway.ask(query, scopes={"profile:read", "debug"})
    assert answer.data["customer"] == {"externalId": "c-1", "favoriteProducts": None}
    assert (answer.codes, answer.errors[0]["path"]) == (["FORBIDDEN"], ["customer", "favoriteProducts"])
    assert reads(answer) == {"CustomerById": 1}


async def test_favorites_are_read_from_an_index_of_favorites_alone(database_url: str) -> None:
    address = parse_address(database_url)
    sql = favorite_products(SYSTEM, [1], 10).statement.on(address.dialect, True).sql
    engine = write_engine(address)
    try:
        async with engine.connect() as connection:
            if address.dialect == "sqlite":
                asked = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", ("[1]", 10, 0))
                plan = [row.detail for row in asked]
            else:
                # Asked for any customer, and on a table too small for an index to pay.
                for setting in ("plan_cache_mode = force_generic_plan", "enable_seqscan = off", "enable_sort = off"):
                    await connection.execute(text(f"SET LOCAL {setting}"))
                await connection.exec_driver_sql(f"PREPARE favorites AS {sql}")
                plan = [row[0] for row in await connection.exec_driver_sql("EXPLAIN EXECUTE favorites (1, 10)")]
                await connection.exec_driver_sql("DEALLOCATE favorites")
    finally:
        await engine.dispose()
    used = [line for line in plan if "INDEX" in line.upper() and "purchased_products" in line]
    assert len(used) == 1, "\n".join(plan)
    assert "ix_purchased_products_count" in used[0]
