"""setView: what a block shows is chosen once, for everybody."""

from typing import Any

import pytest

from profiles.account import AttributeEntity, Block, load_account
from profiles.attribute_definitions import BLOCK_ENTITY
from profiles.keys import RepeatedCall
from profiles.storage.generations import AccountGeneration
from profiles.viewer import ALL_SCOPES
from profiles.views import MOST_KEYS, AccountView
from resolvers.ids import encode
from tests.gateway_client import Answer, Gateway, started
from tests.panels.shop import arrange, open_shop, order, order_item, reads, receipt, receipt_item
from tests.people import count, people, stored

SET = """
mutation ($input: SetViewInput!) { setView(input: $input) { view { key label } userErrors { field code message } } }
"""
VIEW = "query ($block: Block!) { account { view(block: $block) { key } } }"
PROFILE = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { attributes { definition { key } value } } } }"
PURCHASE = """
query ($id: ID!) {
  node(id: $id) {
    ... on Receipt {
      list: attributes(block: RECEIPT_LIST) { ...Shown } opened: attributes { ...Shown }
      items { attributes { ...Shown } }
    }
    ... on Order {
      list: attributes(block: ORDER_LIST) { ...Shown } opened: attributes { ...Shown }
      items { attributes { ...Shown } }
    }
  }
}
fragment Shown on AttributeValue { definition { key } value }
"""


async def choose(gateway: Gateway, block: str, *keys: str, **more: Any) -> Answer:
    return await gateway.ask(SET, {"input": {"block": block, "keys": list(keys), **more}})


def refused(answer: Answer) -> list[tuple[str, list[str]]]:
    assert (answer.errors, answer.data["setView"]["view"]) == ([], None)
    return [(error["code"], error["field"]) for error in answer.data["setView"]["userErrors"]]


def shown(answer: Answer) -> list[tuple[str, str | None]]:
    assert answer.errors == []
    return [(each["definition"]["key"], each["value"]) for each in answer.data["nodes"][0]["attributes"]]


async def view(gateway: Gateway, block: str) -> list[str]:
    answer = await gateway.ask(VIEW, {"block": block})
    assert answer.errors == []
    return [each["key"] for each in answer.data["account"]["view"]]


async def test_the_profile_shows_what_was_chosen_in_that_order_from_the_next_read_on(gateway: Gateway) -> None:
    ids = await people(gateway, 1, city="Turin", external_id="one")
    before = shown(await gateway.ask(PROFILE, {"ids": ids}))
    assert [key for key, _ in before] == list(gateway.account.views[Block.PROFILE])
    answer = await choose(gateway, "PROFILE", "city", "externalId", "is_vip")
    assert answer.data["setView"] == {
        "view": [
            {"key": "city", "label": "City"},
            {"key": "externalId", "label": "External ID"},
            {"key": "is_vip", "label": "VIP"},
        ],
        "userErrors": [],
    }
    assert shown(await gateway.ask(PROFILE, {"ids": ids})) == [
        ("city", "Turin"),
        ("externalId", "one"),
        ("is_vip", None),
    ]
    assert await view(gateway, "PROFILE") == ["city", "externalId", "is_vip"]
    (row,) = await stored(gateway, AccountView)
    assert (row.block, row.attribute_keys, row.changed_by) == (
        Block.PROFILE,
        ["city", "externalId", "is_vip"],
        "staff 1",
    )


async def test_each_block_of_purchases_shows_what_was_chosen(gateway: Gateway) -> None:
    await open_shop(gateway)
    await arrange(gateway, [receipt(1, 1), receipt_item(1, 1, 1), order(1, 1), order_item(1, 1, 1)])
    for block in (
        "RECEIPT_LIST",
        "RECEIPT_ATTRIBUTES",
        "RECEIPT_ITEMS",
        "ORDER_LIST",
        "ORDER_ATTRIBUTES",
        "ORDER_ITEMS",
    ):
        entity = BLOCK_ENTITY[Block(block)]
        key = "number" if entity in (AttributeEntity.RECEIPT, AttributeEntity.ORDER) else "name"
        assert refused_nothing(await choose(gateway, block, key))
    for id, number, name in (
        (encode("Receipt", 1, 1), "N-001", "Whole milk"),
        (encode("Order", 1, 1), "O1", "Rye bread"),
    ):
        found = (await gateway.ask(PURCHASE, {"id": id})).data["node"]
        one = [{"definition": {"key": "number"}, "value": number}]
        line = [{"definition": {"key": "name"}, "value": name}]
        assert (found["list"], found["opened"], found["items"]) == (one, one, [{"attributes": line}])


def refused_nothing(answer: Answer) -> bool:
    return answer.errors == [] and answer.data["setView"]["userErrors"] == []


async def test_a_block_may_show_nothing(gateway: Gateway) -> None:
    ids = await people(gateway, 1)
    assert refused_nothing(await choose(gateway, "PROFILE"))
    assert shown(await gateway.ask(PROFILE, {"ids": ids})) == []
    assert await view(gateway, "PROFILE") == []


async def test_a_second_choice_replaces_the_first_and_the_same_again_writes_nothing(gateway: Gateway) -> None:
    await choose(gateway, "PROFILE", "city")
    await choose(gateway, "PROFILE", "gender")
    (row,) = await stored(gateway, AccountView)
    (generation,) = await stored(gateway, AccountGeneration)
    assert refused_nothing(await choose(gateway, "PROFILE", "gender"))
    assert [each.model_dump() for each in await stored(gateway, AccountView)] == [row.model_dump()]
    assert await stored(gateway, AccountGeneration) == [generation]
    assert (row.attribute_keys, await view(gateway, "PROFILE")) == (["gender"], ["gender"])


@pytest.mark.usefixtures("uncached")
async def test_the_views_are_one_read_beside_the_values_for_any_number_of_customers(gateway: Gateway) -> None:
    everybody = await people(gateway, *range(1, 101))
    await choose(gateway, "PROFILE", "city", "metrics.receiptCount", "is_vip")
    # The first answer learns what the block shows; from then on everything is asked for at once.
    await gateway.ask(PROFILE, {"ids": everybody[:1]})
    for first in (1, 10, 100):
        answer = await gateway.ask(PROFILE, {"ids": everybody[:first]})
        values = dict.fromkeys(("CustomerById", "CustomAttributes", "MetricsOf"), first)
        assert reads(answer) == {"ChosenViews": 1, **values}
        assert answer.extensions["profile"]["ticks"] == 2


@pytest.mark.usefixtures("uncached")
async def test_named_attributes_need_no_view(gateway: Gateway) -> None:
    ids = await people(gateway, 1, city="Turin")
    query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { attributes(keys: ["city"]) { value } } } }'
    assert reads(await gateway.ask(query, {"ids": ids})) == {"CustomerById": 1}


@pytest.mark.parametrize(
    ("block", "keys", "code"),
    [
        ("PROFILE", ["shoe_size"], "INVALID"),
        ("PROFILE", ["city", "orders"], "INVALID"),
        ("PROFILE", ["city", "city"], "INVALID"),
        ("PROFILE", ["\x00"], "INVALID"),
        # The key of another thing.
        ("ORDER_ITEMS", ["deliveryStatus"], "INVALID"),
        ("RECEIPT_LIST", ["placedAt"], "INVALID"),
        ("PROFILE", ["city"] * (MOST_KEYS + 1), "TOO_MANY"),
    ],
)
async def test_keys_that_cannot_be_shown_are_refused_and_nothing_is_written(
    gateway: Gateway, block: str, keys: list[str], code: str
) -> None:
    assert refused(await choose(gateway, block, *keys, clientMutationId="v-1")) == [(code, ["input", "keys"])]
    assert [await count(gateway, table) for table in (AccountView, RepeatedCall, AccountGeneration)] == [0, 0, 0]


async def test_an_unknown_block_is_refused_before_anything_runs(gateway: Gateway) -> None:
    answer = await choose(gateway, "BASEMENT", "city")
    assert (answer.codes, answer.data) == (["BAD_REQUEST"], None)


async def test_choosing_needs_its_scope(gateway: Gateway) -> None:
    variables = {"input": {"block": "PROFILE", "keys": ["city"]}}
    answer = await gateway.ask(SET, variables, scopes=ALL_SCOPES - {"account:write"})
    assert (answer.data, answer.codes) == ({"setView": None}, ["FORBIDDEN"])
    assert await count(gateway, AccountView) == 0


async def test_a_personal_attribute_can_be_shown_and_still_needs_its_scope_to_be_read(gateway: Gateway) -> None:
    ids = await people(gateway, 1, city="Turin", external_id="one")
    await choose(gateway, "PROFILE", "externalId", "city")
    answer = await gateway.ask(PROFILE, {"ids": ids}, scopes=ALL_SCOPES - {"personal:read"})
    values = [each["value"] for each in answer.data["nodes"][0]["attributes"]]
    assert (values, answer.codes) == (["one", None], ["FORBIDDEN"])


async def test_a_repeated_call_answers_what_the_first_one_did(gateway: Gateway) -> None:
    first = await choose(gateway, "PROFILE", "city", clientMutationId="v-1")
    await choose(gateway, "PROFILE", "gender")
    assert (await choose(gateway, "PROFILE", "city", clientMutationId="v-1")).data == first.data
    assert await view(gateway, "PROFILE") == ["gender"]


async def test_a_key_that_the_account_no_longer_defines_is_left_out(gateway: Gateway) -> None:
    await choose(gateway, "PROFILE", "is_vip", "city")
    known = tuple(each for each in gateway.account.attributes if each.key != "is_vip")
    smaller = load_account().model_copy(update={"attributes": known})
    async with started(gateway.settings, smaller, gateway.dialect) as later:
        assert await view(later, "PROFILE") == ["city"]
        ids = await people(later, 1, city="Turin")
        assert shown(await later.ask(PROFILE, {"ids": ids})) == [("city", "Turin")]
