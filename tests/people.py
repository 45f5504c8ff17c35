"""People of the tests: customers with their identifiers, written into a gateway's database by hand."""

from datetime import UTC, datetime
from typing import Any

from sqlmodel import col, func, select

from profiles.contacts import email_key, phone_key
from profiles.customers import Customer, Identifier, IdentifierKind, SubscriptionStatus, judge_contacts
from profiles.storage.unit import Unit
from profiles.text import search_key
from resolvers.ids import encode
from tests.gateway_client import Gateway

MADE_AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
ACCOUNT_COUNTRY = "US"


async def person(unit: Unit, id: int, **columns: Any) -> str:
    """Adds a customer with the identifiers of what is known about them; returns the global id."""
    made = {
        "external_id": f"ext-{id}",
        "subscription_status": SubscriptionStatus.NEVER_SUBSCRIBED,
        "created_at": MADE_AT,
        "updated_at": MADE_AT,
        **columns,
    }
    names = " ".join(name for name in (made.get("first_name"), made.get("last_name")) if name)
    keys = {
        IdentifierKind.EXTERNAL_ID: made["external_id"],
        IdentifierKind.CRM_ID: made.get("crm_id"),
        IdentifierKind.EMAIL: email_key(made.get("email")),
        IdentifierKind.PHONE: phone_key(made.get("phone"), made.get("country"), ACCOUNT_COUNTRY),
    }
    customer = Customer(
        id=id,
        name_key=search_key(names) or None,
        email_key=keys[IdentifierKind.EMAIL],
        phone_key=keys[IdentifierKind.PHONE],
        **made,
    )
    judge_contacts(customer, ACCOUNT_COUNTRY)
    unit.session.add(customer)
    await unit.session.flush()
    for kind, value in keys.items():
        if value is not None:
            unit.session.add(Identifier(kind=kind, value=value, customer_id=id))
    await unit.session.flush()
    return customer_id(id)


async def people(gateway: Gateway, *ids: int, **columns: Any) -> list[str]:
    """Adds customers that are equal but for their ids; returns the global ids."""
    async with gateway.store.write() as unit:
        return [await person(unit, id, **columns) for id in ids]


def customer_id(id: int) -> str:
    """The global id of a customer."""
    return encode("Customer", id)


async def add(gateway: Gateway, *rows: Any) -> None:
    """Writes rows as they are, without events, in the order given."""
    async with gateway.store.write() as unit:
        for row in rows:
            unit.session.add(row)
            await unit.session.flush()


async def stored(gateway: Gateway, model: Any, **wanted: Any) -> list[Any]:
    """The rows of a table with these values, as they are in the database now, by primary key."""
    query = select(model).where(*(col(getattr(model, name)) == value for name, value in wanted.items()))
    keys = [getattr(model, column.name) for column in model.__table__.primary_key]
    async with gateway.store.write() as unit:
        return list(await unit.session.exec(query.order_by(*keys)))


async def count(gateway: Gateway, model: Any) -> int:
    """How many rows a table has."""
    async with gateway.store.write() as unit:
        return (await unit.session.exec(select(func.count()).select_from(model))).one()


async def walked(gateway: Gateway, query: str, panel: str, first: int, id: int = 1) -> list[Any]:
    """Every node of a panel's list, page by page. `query` takes $id, $first and $after, and asks for nodes, edges,
    pageInfo and totalCount, which must agree with each other on every page."""
    found: list[Any] = []
    after = None
    while True:
        answer = await gateway.ask(query, {"id": customer_id(id), "first": first, "after": after})
        assert answer.errors == []
        page = answer.data["customer"][panel]
        info = page["pageInfo"]
        assert [edge["node"] for edge in page["edges"]] == page["nodes"]
        assert info["startCursor"] == page["edges"][0]["cursor"]
        assert info["endCursor"] == page["edges"][-1]["cursor"]
        assert info["hasPreviousPage"] == bool(found)
        found += page["nodes"]
        assert info["hasNextPage"] == (len(found) < page["totalCount"])
        if not info["hasNextPage"]:
            return found
        after = info["endCursor"]
