"""addTags and removeTags: idempotent, one event and one change for each tag, nothing written when refused."""

import asyncio
from typing import Any

import pytest

from profiles.changes import Change
from profiles.customers import Customer
from profiles.tags import CustomerTag, Tag
from profiles.timeline import EventCategory, TimelineEvent
from profiles.viewer import ALL_SCOPES
from tests.gateway_client import Answer, Gateway
from tests.people import MADE_AT, count, customer_id, people, stored

CHANGE = """
mutation ($input: ACTIONInput!) {
  action(input: $input) {
    customer { version tags { name } }
    userErrors { field code }
  }
}
"""
WRITTEN = (Tag, CustomerTag, Change, TimelineEvent)


async def change(gateway: Gateway, action: str, *tags: str, id: int = 1, **input: Any) -> Answer:
    query = CHANGE.replace("ACTION", action[0].upper() + action[1:]).replace("action", action)
    scopes = input.pop("scopes", None)
    return await gateway.ask(query, {"input": {"customerId": customer_id(id), "tags": tags, **input}}, scopes)


def payload(answer: Answer) -> dict[str, Any]:
    assert answer.errors == []
    (found,) = answer.data.values()
    return dict(found)


def shown(answer: Answer) -> tuple[int, list[str]]:
    """The version and the tags of the customer in the payload."""
    found = payload(answer)
    assert found["userErrors"] == []
    return found["customer"]["version"], [tag["name"] for tag in found["customer"]["tags"]]


def refused(answer: Answer) -> list[tuple[str, str]]:
    found = payload(answer)
    assert found["customer"] is None
    return [(error["code"], ".".join(error["field"])) for error in found["userErrors"]]


async def test_adding_tags_makes_them_and_says_so_in_the_timeline(gateway: Gateway) -> None:
    await people(gateway, 1)
    assert shown(await change(gateway, "addTags", " VIP ", "wine lover", "vip")) == (2, ["VIP", "wine lover"])
    assert sorted((tag.name, tag.name_key) for tag in await stored(gateway, Tag)) == [
        ("VIP", "vip"),
        ("wine lover", "wine lover"),
    ]
    assert [(row.field, row.before, row.after) for row in await stored(gateway, Change)] == [
        ("tags", None, "VIP"),
        ("tags", None, "wine lover"),
    ]
    events = await stored(gateway, TimelineEvent)
    assert [(event.category, event.type, event.description, event.activity_seq) for event in events] == [
        (EventCategory.TAG_ASSIGNED, "tag_assigned", "VIP", 1),
        (EventCategory.TAG_ASSIGNED, "tag_assigned", "wine lover", 2),
    ]
    assert {event.actor for event in events} == {"staff 1"}
    (customer,) = await stored(gateway, Customer, id=1)
    assert customer.updated_at == events[0].occurred_at > MADE_AT


async def test_adding_what_is_there_succeeds_and_writes_nothing(gateway: Gateway) -> None:
    await people(gateway, 1)
    await change(gateway, "addTags", "VIP")
    assert shown(await change(gateway, "addTags", "vip", "VIP  ")) == (2, ["VIP"])
    assert [await count(gateway, table) for table in WRITTEN] == [1, 1, 1, 1]
    # Of two, only the new one is written.
    assert shown(await change(gateway, "addTags", "vip", "new")) == (3, ["new", "VIP"])
    assert [await count(gateway, table) for table in WRITTEN] == [2, 2, 2, 2]


async def test_a_tag_is_shared_by_customers(gateway: Gateway) -> None:
    await people(gateway, 1, 2)
    await change(gateway, "addTags", "VIP")
    assert shown(await change(gateway, "addTags", "vIp", id=2)) == (2, ["VIP"])
    assert await count(gateway, Tag) == 1


async def test_removing_tags_takes_them_off_and_keeps_the_tag(gateway: Gateway) -> None:
    await people(gateway, 1, 2)
    await change(gateway, "addTags", "VIP", "wine lover")
    await change(gateway, "addTags", "VIP", id=2)
    assert shown(await change(gateway, "removeTags", "vip", "never worn")) == (3, ["wine lover"])
    assert [row.customer_id for row in await stored(gateway, CustomerTag)] == [1, 2]
    assert await count(gateway, Tag) == 2
    (removed,) = await stored(gateway, TimelineEvent, type="tag_removed")
    assert (removed.customer_id, removed.description, removed.category) == (1, "VIP", EventCategory.TAG_ASSIGNED)
    assert [(row.before, row.after) for row in await stored(gateway, Change, customer_id=1)][-1] == ("VIP", None)


async def test_removing_what_is_not_there_succeeds_and_writes_nothing(gateway: Gateway) -> None:
    await people(gateway, 1)
    assert shown(await change(gateway, "removeTags", "VIP")) == (1, [])
    assert [await count(gateway, table) for table in WRITTEN] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("tags", "error"),
    [
        ([], ("REQUIRED", "input.tags")),
        (["VIP", "  "], ("REQUIRED", "input.tags.1")),
        (["x" * 101], ("INVALID", "input.tags.0")),
        (["a\x00b"], ("INVALID", "input.tags.0")),
        (["two\nlines"], ("INVALID", "input.tags.0")),
        ([f"tag {number}" for number in range(51)], ("TOO_MANY", "input.tags")),
    ],
)
@pytest.mark.parametrize("action", ["addTags", "removeTags"])
async def test_names_that_cannot_be_are_refused_and_nothing_is_written(
    gateway: Gateway, action: str, tags: list[str], error: tuple[str, str]
) -> None:
    await people(gateway, 1)
    assert refused(await change(gateway, action, *tags)) == [error]
    assert [await count(gateway, table) for table in WRITTEN] == [0, 0, 0, 0]


async def test_an_unknown_customer_is_not_found_and_no_tag_is_made(gateway: Gateway) -> None:
    await people(gateway, 1)
    assert refused(await change(gateway, "addTags", "VIP", id=9)) == [("NOT_FOUND", "input.customerId")]
    assert await count(gateway, Tag) == 0


async def test_without_the_scope_nothing_runs(gateway: Gateway) -> None:
    await people(gateway, 1)
    for action in ("addTags", "removeTags"):
        answer = await change(gateway, action, "VIP", scopes=ALL_SCOPES - {"tags:write"})
        assert (answer.data, answer.codes) == ({action: None}, ["FORBIDDEN"])
    assert [await count(gateway, table) for table in WRITTEN] == [0, 0, 0, 0]


async def test_parallel_calls_with_one_client_mutation_id_have_one_effect_and_equal_answers(gateway: Gateway) -> None:
    await people(gateway, 1)
    answers = await asyncio.gather(*(change(gateway, "addTags", "VIP", clientMutationId="c-1") for _ in range(20)))
    assert [shown(answer) for answer in answers] == [(2, ["VIP"])] * 20
    assert [await count(gateway, table) for table in WRITTEN] == [1, 1, 1, 1]
    assert refused(await change(gateway, "addTags", "other", clientMutationId="c-1")) == [
        ("CONFLICT", "input.clientMutationId")
    ]


async def test_parallel_calls_that_make_the_same_tags_make_each_once(gateway: Gateway) -> None:
    await people(gateway, *range(1, 9))
    names = ["a", "b", "c"]
    answers = await asyncio.gather(
        *(change(gateway, "addTags", *(names if id % 2 else reversed(names)), id=id) for id in range(1, 9))
    )
    assert [shown(answer) for answer in answers] == [(2, names)] * 8
    assert [await count(gateway, table) for table in WRITTEN] == [3, 24, 24, 24]
