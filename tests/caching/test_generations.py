"""Generations move with everything that changes an answer: every mutation, every job."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.app import the_schema
from gateway.caches import tell_of_load
from gateway.cli.database import opened
from gateway.settings import Settings
from profiles.account import Account
from profiles.catalog import Category, DataSource, Product, Store
from profiles.purchases import PurchasedProduct
from profiles.segment_rules import Segments
from profiles.storage.generations import stamps_of
from profiles.storage.keeping import ACCOUNT
from profiles.tags import Tag
from profiles.timeline.tables import OutboxEntry, Session
from resolvers.ids import encode
from resolvers.segment_rules import segment_rules
from sources.progress import silent
from sources.recommending import recompute_recommendations
from tests.gateway_client import Gateway, started
from tests.people import MADE_AT, add, customer_id, people, stored
from tests.test_segment_rules import with_segments

DOCUMENTS = Path(__file__).parents[2] / "web" / "graphiql" / "documents"
PAGE = (DOCUMENTS / "profile-page.graphql").read_text(encoding="utf-8")
NOW = datetime.now(UTC).replace(microsecond=0)
TEA, STORE = 7, 3
ADA = {"key": {"email": "ada@example.com"}}


@pytest.fixture
async def gateway(with_caches: Settings, account: Account, dialect: str) -> AsyncIterator[Gateway]:
    """A gateway that keeps panels, on a clock that stands still."""
    async with started(with_caches, account, dialect, lambda: NOW) as running:
        await people(running, 1, 2)
        await add(
            running,
            Store(id=STORE, external_id="s", name="Main Street"),
            Category(id=TEA, name="Tea"),
            Product(id=71, external_id="green", name="Green tea", category_id=TEA),
            DataSource(id=1, name="staff 1"),
        )
        yield running


@pytest.fixture
async def plain(gateway: Gateway) -> AsyncIterator[Gateway]:
    """A gateway on the same database that keeps nothing."""
    settings = gateway.settings.model_copy(update={"cache": False})
    async with started(settings, gateway.account, gateway.dialect, lambda: NOW) as running:
        yield running


def event(external_id: str, category: str, type: str = "seen", **fields: Any) -> dict[str, Any]:
    at = (NOW - timedelta(minutes=10)).isoformat()
    said = {"externalId": external_id, "category": category, "type": type, "occurredAt": at}
    return {"customer": {"id": customer_id(1)}} | said | fields


def said(**payload: str) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in payload.items()]


BOUGHT = [{"productExternalId": "green", "quantity": "2", "unitPrice": "3.50"}]
VISIT = {"sessionId": "visit"}
STEPS: list[tuple[str, dict[str, Any]]] = [
    ("updateCustomer", {"firstName": "Ada", "email": "ada@example.com"}),
    ("updateCustomer", {"subscriptionStatus": "SUBSCRIBED", "birthDate": "1990-05-06"}),
    ("addNote", {"body": "called"}),
    ("updateNote", {"noteId": "the note", "body": "called twice"}),
    ("deleteNote", {"noteId": "the note"}),
    ("addTags", {"tags": ["VIP", "new"]}),
    ("removeTags", {"tags": ["VIP"]}),
    ("grantConsent", {"name": "news", "source": "form"}),
    ("revokeConsent", {"name": "news", "source": "form"}),
    ("recordEvents", {"events": [event("1", "PAGE_VIEW", url="https://shop.example/", **VISIT)]}),
    ("recordEvents", {"events": [event("2", "SITE_VISIT", "site_visit", url="https://shop.example/a", **VISIT)]}),
    ("recordEvents", {"events": [event("3", "CATEGORY_VIEW", payload=said(category="Tea"))]}),
    ("recordEvents", {"events": [event("4", "PRODUCT_VIEW", productExternalId="green")]}),
    ("recordEvents", {"events": [event("5", "ORDER", orderExternalId="o-1", items=BOUGHT)]}),
    ("recordEvents", {"events": [event("6", "RECEIPT", payload=said(receiptExternalId="r-1"), items=BOUGHT)]}),
    ("recordEvents", {"events": [event("7", "EMAIL", "email_bounced", payload=said(bounce="hard"))]}),
    ("updateCustomer", {"email": "lovelace@example.com"}),
    ("setView", {"block": "PROFILE", "keys": ["city", "age"]}),
]
"""Every mutation at least once, in an order in which each finds what it needs and changes something."""


async def mutate(gateway: Gateway, name: str, given: dict[str, Any]) -> None:
    """Runs a mutation about customer 1."""
    field = the_schema()._schema.mutation_type.fields[name]  # type: ignore[union-attr]
    kind = field.args["input"].type
    takes = getattr(kind, "of_type", kind).fields
    asked = dict(given)
    if "customerId" in takes:
        asked["customerId"] = customer_id(1)
    if "noteId" in asked:
        notes = await gateway.ask(
            "query ($id: ID!) { customer(by: {id: $id}) { notes { nodes { id } } } }", {"id": customer_id(1)}
        )
        asked["noteId"] = notes.data["customer"]["notes"]["nodes"][0]["id"]
    document = f"mutation ($input: {kind}) {{ {name}(input: $input) {{ userErrors {{ message field code }} }} }}"
    answer = await gateway.ask(document, {"input": asked})
    assert (answer.errors, answer.data[name]["userErrors"]) == ([], [])


def test_every_mutation_is_among_the_steps() -> None:
    mutation = the_schema()._schema.mutation_type
    assert mutation is not None
    assert {name for name, _ in STEPS} == set(mutation.fields)


async def test_every_mutation_moves_the_generation_and_every_answer_is_that_without_a_cache(
    gateway: Gateway, plain: Gateway
) -> None:
    keys: list[dict[str, Any]] = [
        {"key": {"id": customer_id(1)}},
        ADA,
        {"key": {"email": "lovelace@example.com"}},
        {"key": {"id": customer_id(2)}},
    ]
    for name, given in STEPS:
        for key in keys:
            await gateway.ask(PAGE, key)
        owner = ACCOUNT if name == "setView" else 1
        before = (await gateway.store.answer(stamps_of([1])))[owner]
        await mutate(gateway, name, given)
        assert (await gateway.store.answer(stamps_of([1])))[owner] > before, name
        for key in keys:
            # Once read, and once from what was kept.
            first, second, without = [await asked.ask(PAGE, key) for asked in (gateway, gateway, plain)]
            assert first.data == second.data == without.data, (name, given)
            assert first.errors == second.errors == without.errors


async def test_an_event_that_becomes_one_that_was_there_moves_the_generation_too(gateway: Gateway) -> None:
    await mutate(gateway, "recordEvents", {"events": [event("1", "PAGE_VIEW", url="https://shop.example/", **VISIT)]})
    before = await gateway.store.answer(stamps_of([1]))
    count = len(await stored(gateway, Session, customer_id=1))
    await mutate(gateway, "recordEvents", {"events": [event("2", "SITE_VISIT", "site_visit", **VISIT)]})
    assert len(await stored(gateway, Session, customer_id=1)) == count
    assert (await gateway.store.answer(stamps_of([1])))[1] == before[1] + 1


async def test_a_call_that_changes_nothing_leaves_the_generation(gateway: Gateway) -> None:
    again = {"events": [event("1", "PAGE_VIEW", url="https://shop.example/")]}
    await mutate(gateway, "recordEvents", again)
    before = await gateway.store.answer(stamps_of([1, 2]))
    await mutate(gateway, "recordEvents", again)
    await mutate(gateway, "removeTags", {"tags": ["never worn"]})
    assert await gateway.store.answer(stamps_of([1, 2])) == before


async def test_renaming_what_many_show_moves_the_accounts_generation(gateway: Gateway, plain: Gateway) -> None:
    await mutate(gateway, "addTags", {"tags": ["VIP"]})
    key = {"key": {"id": customer_id(1)}}
    for _ in range(2):
        await gateway.ask(PAGE, key)
    before = await gateway.store.answer(stamps_of([1]))
    async with gateway.store.write() as unit:
        (tag,) = (await unit.session.exec(Tag.__table__.select())).all()  # type: ignore[attr-defined]
        row = await unit.session.get(Tag, tag.id)
        assert row is not None
        row.name = "Very important"
        unit.session.add(row)
    after = await gateway.store.answer(stamps_of([1]))
    assert after == before | {ACCOUNT: before[ACCOUNT] + 1}
    answer = await gateway.ask(PAGE, key)
    assert [each["name"] for each in answer.data["customer"]["tags"]] == ["Very important"]


async def test_jobs_move_the_accounts_generation_and_their_results_are_seen_at_once(
    gateway: Gateway, plain: Gateway
) -> None:
    await add(
        gateway,
        *(
            PurchasedProduct(
                customer_id=id,
                product_id=71,
                category_id=TEA,
                quantity_milli=1000,
                purchase_count=1,
                receipt_count=1,
                order_count=0,
                last_purchased_at=MADE_AT,
            )
            for id in (1, 2)
        ),
    )
    key = {"key": {"id": customer_id(1)}}
    url = gateway.settings.database_url

    async def recommend() -> None:
        await recompute_recommendations(url, gateway.account, silent, NOW)

    await gateway.ask(PAGE, key)
    before = (await gateway.store.answer(stamps_of([])))[ACCOUNT]
    await recommend()
    await tell_of_load(gateway.settings, gateway.store)
    assert (await gateway.store.answer(stamps_of([])))[ACCOUNT] > before
    for _ in range(2):
        assert (await gateway.ask(PAGE, key)).data == (await plain.ask(PAGE, key)).data


async def test_ids_of_reference_rows_that_are_not_there_yet_are_found_as_soon_as_they_are(gateway: Gateway) -> None:
    query = "query ($id: ID!) { node(id: $id) { ... on Product { name } } }"
    asked = {"id": encode("Product", 72)}
    assert (await gateway.ask(query, asked)).data == {"node": None}
    await add(gateway, Product(id=72, external_id="black", name="Black tea", category_id=TEA))
    assert (await gateway.ask(query, asked)).data == {"node": {"name": "Black tea"}}


async def test_a_customer_who_was_not_there_is_found_as_soon_as_they_are(gateway: Gateway) -> None:
    for key in ({"id": customer_id(9)}, {"externalId": "ext-9"}):
        assert (await gateway.ask(PAGE, {"key": key})).data == {"customer": None}
    await people(gateway, 9)
    for key in ({"id": customer_id(9)}, {"externalId": "ext-9"}):
        assert (await gateway.ask(PAGE, {"key": key})).data["customer"]["externalId"] == "ext-9"


async def test_who_enters_a_segment_by_the_job_is_seen_in_it_at_once_and_the_relay_hears_of_it(
    gateway: Gateway,
) -> None:
    account = with_segments(all={})
    rules = Segments(account, segment_rules(account, the_schema()), lambda: NOW)
    query = "query ($id: ID!) { customer(by: {id: $id}) { segments { segment { name } } } }"
    asked = {"id": customer_id(1)}
    for _ in range(2):
        assert (await gateway.ask(query, asked)).data == {"customer": {"segments": []}}
    async with opened(gateway.settings) as store:
        await rules.recompute(store, lambda done, total: None)
    assert (await gateway.ask(query, asked)).data == {"customer": {"segments": [{"segment": {"name": "Segment all"}}]}}
    assert [(row.customer_id, row.activity_seq) for row in await stored(gateway, OutboxEntry)] == [(1, 1), (2, 1)]
