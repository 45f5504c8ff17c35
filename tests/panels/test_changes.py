"""Changes: the history of a profile, who sees which of it, and the node."""

from datetime import timedelta
from typing import Any

import pytest

from profiles.account import load_account
from profiles.changes import Change, is_personal
from profiles.viewer import ALL_SCOPES, ViewerKind
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.panels.shop import reads
from tests.people import MADE_AT, add, customer_id, people, walked

PANEL = """
query ($id: ID!, $first: Int! = 20, $after: String) {
  customer(by: { id: $id }) {
    changes(first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { cursor node { field before after } }
      nodes { field before after }
    }
  }
}
"""
WHOLE = """
query ($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Customer { changes { nodes { id at actor field before after } totalCount } } }
}
"""


def change(id: int, field: str = "city", hours: int = 0, customer: int = 1, **columns: Any) -> Change:
    values = {"actor": "Ann", "before": "old", "after": "new"} | columns
    return Change(customer_id=customer, id=id, at=MADE_AT + timedelta(hours=hours), field=field, **values)


async def shown(gateway: Gateway, **more: Any) -> list[tuple[str, str | None, str | None]]:
    answer = await gateway.ask(PANEL, {"id": customer_id(1)}, **more)
    assert answer.errors == []
    found = answer.data["customer"]["changes"]
    assert found["totalCount"] == len(found["nodes"])
    return [(node["field"], node["before"], node["after"]) for node in found["nodes"]]


async def test_the_history_says_who_changed_what_newest_first(gateway: Gateway) -> None:
    ids = await people(gateway, 1, 2)
    await add(gateway, change(1, before=None), change(2, "email", 5, actor="Bob", after=None))
    answer = await gateway.ask(WHOLE, {"ids": ids})
    assert answer.errors == []
    assert [node["changes"] for node in answer.data["nodes"]] == [
        {
            "nodes": [
                {
                    "id": encode("Change", 1, 2),
                    "at": "2026-01-02T08:04:05.678901Z",
                    "actor": "Bob",
                    "field": "email",
                    "before": "old",
                    "after": None,
                },
                {
                    "id": encode("Change", 1, 1),
                    "at": "2026-01-02T03:04:05.678901Z",
                    "actor": "Ann",
                    "field": "city",
                    "before": None,
                    "after": "new",
                },
            ],
            "totalCount": 2,
        },
        {"nodes": [], "totalCount": 0},
    ]


async def test_walking_the_pages_gives_every_change_once_newest_first(gateway: Gateway) -> None:
    await people(gateway, 1, 2)
    await add(gateway, *(change(id, f"attributes.a{id}", max(0, id - 3)) for id in range(1, 8)), change(99, customer=2))
    nodes = await walked(gateway, PANEL, "changes", 3)
    assert [node["field"] for node in nodes] == [f"attributes.a{id}" for id in (7, 6, 5, 4, 3, 2, 1)]


async def test_an_edit_a_tag_and_a_note_are_in_the_history_at_once(gateway: Gateway) -> None:
    (id,) = await people(gateway, 1, city="Bern")
    assert await shown(gateway) == []
    for mutation, said in (
        ("updateCustomer", {"customerId": id, "city": "Berlin"}),
        ("addTags", {"customerId": id, "tags": ["VIP"]}),
        ("addNote", {"customerId": id, "body": "Hello"}),
        ("grantConsent", {"customerId": id, "name": "news", "source": "form"}),
    ):
        kind = "ChangeConsentInput" if mutation == "grantConsent" else f"{mutation[0].upper()}{mutation[1:]}Input"
        query = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}"
        answer = await gateway.ask(query, {"input": said})
        assert (answer.errors, answer.data[mutation]["userErrors"]) == ([], [])
    assert await shown(gateway) == [
        ("consents.news", None, "GRANTED"),
        ("notes", None, "Hello"),
        ("tags", None, "VIP"),
        ("city", "Bern", "Berlin"),
    ]


async def test_values_of_personal_fields_need_the_scope_of_personal_data(gateway: Gateway) -> None:
    await people(gateway, 1)
    fields = ("city", "attributes.favorite_color", "tags", "subscriptionStatus", "notes", "attributes.gone")
    await add(gateway, *(change(id, field, -id) for id, field in enumerate(fields)))
    assert await shown(gateway, scopes=ALL_SCOPES - {"personal:read"}) == [
        ("city", None, None),
        ("attributes.favorite_color", "old", "new"),
        ("tags", "old", "new"),
        ("subscriptionStatus", "old", "new"),
        ("notes", None, None),
        ("attributes.gone", None, None),
    ]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("firstName", True),
        ("email", True),
        ("birthDate", True),
        ("notes", True),
        ("what nobody knows yet", True),
        ("tags", False),
        ("consents.news", False),
        ("subscriptions.offers", False),
        ("subscriptionStatus", False),
        ("attributes.is_vip", False),
        ("attributes.secret", True),
        ("attributes.gone", True),
    ],
)
def test_a_field_is_personal_unless_it_is_known_not_to_be(field: str, expected: bool) -> None:
    account = load_account()
    secret = account.attributes[0].model_copy(update={"key": "secret", "is_personal": True})
    account = account.model_copy(update={"attributes": (*account.attributes, secret)})
    assert is_personal(field, account) is expected


async def test_what_a_panel_hides_is_not_in_the_history_either(gateway: Gateway) -> None:
    await people(gateway, 1)
    fields = ("city", "tags", "notes", "consents.news", "subscriptions.offers", "tagsoup")
    await add(gateway, *(change(id, field, -id) for id, field in enumerate(fields)))
    hidden = {
        "tags:read": {"tags"},
        "notes:read": {"notes"},
        "consents:read": {"consents.news", "subscriptions.offers"},
    }
    for scope, without in hidden.items():
        left = [field for field in fields if field not in without]
        assert [field for field, *_ in await shown(gateway, scopes=ALL_SCOPES - {scope})] == left
        for id, field in enumerate(fields):
            node = "query ($id: ID!) { node(id: $id) { ... on Change { field } } }"
            asked = {"id": encode("Change", 1, id)}
            answer = await gateway.ask(node, asked, scopes=ALL_SCOPES - {scope})
            assert answer.data == {"node": None if field in without else {"field": field}}


async def test_partners_see_staff_and_not_their_names(gateway: Gateway) -> None:
    ids = await people(gateway, 1)
    await add(gateway, change(1))
    answer = await gateway.ask(WHOLE, {"ids": ids}, kind=ViewerKind.PARTNER)
    assert [node["actor"] for node in answer.data["nodes"][0]["changes"]["nodes"]] == ["staff"]


async def test_without_the_scope_the_panel_is_null_and_bad_arguments_are_refused(gateway: Gateway) -> None:
    await people(gateway, 1)
    query = "query ($id: ID!) { customer(by: { id: $id }) { externalId changes { totalCount } } }"
    forbidden = await gateway.ask(query, {"id": customer_id(1)}, scopes=ALL_SCOPES - {"profile:read"})
    assert (forbidden.data, forbidden.codes) == ({"customer": None}, ["FORBIDDEN"])
    assert forbidden.extensions["profile"]["sqlStatements"] == 0
    for variables, code in (({"first": -1}, "LIMIT_EXCEEDED"), ({"after": "x"}, "BAD_CURSOR")):
        answer = await gateway.ask(PANEL, {"id": customer_id(1), **variables})
        assert [(error["path"], error["extensions"]["code"]) for error in answer.errors] == [
            (["customer", "changes"], code)
        ]


@pytest.mark.parametrize("customers", [1, 10, 100])
async def test_one_customer_and_many_cost_the_same_reads(gateway: Gateway, customers: int) -> None:
    ids = await people(gateway, *range(1, customers + 1))
    await add(gateway, *(change(1, customer=customer) for customer in range(1, customers + 1)))
    answer = await gateway.ask(WHOLE, {"ids": ids})
    assert answer.errors == []
    assert reads(answer) == {"CustomerById": customers, "LatestChanges": customers, "ChangeCount": customers}
