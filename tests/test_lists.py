"""Lists to pick from: stores, products, categories and mailings by name, searched and paged, one statement each."""

from typing import Any

import pytest

from profiles.catalog import Category, Product, Store
from profiles.contacts import Channel
from profiles.folding import stored_key
from profiles.mailings import Mailing, MailingKind
from profiles.viewer import ALL_SCOPES
from tests.gateway_client import Gateway
from tests.people import add

NAMES = ("Zebra", "écho", "Echo", "apple 50%", "Apple pie", "Łódź", "echo")
# By name without regard to case and accents, then by id; ids are the places in NAMES, from 1.
SORTED = ("apple 50%", "Apple pie", "écho", "Echo", "echo", "Łódź", "Zebra")
LISTS = {
    "stores": ("stores:read", "StoreList", "StoreListCount"),
    "products": ("products:read", "ProductList", "ProductListCount"),
    "categories": ("products:read", "CategoryList", "CategoryListCount"),
    "mailings": ("mailings:read", "MailingList", "MailingListCount"),
}
every_list = pytest.mark.parametrize("field", sorted(LISTS))


def query(field: str, selection: str) -> str:
    return f"query ($search: String, $first: Int! = 20, $after: String) {{ {field}({ARGUMENTS}) {{ {selection} }} }}"


ARGUMENTS = "search: $search, first: $first, after: $after"
EVERYTHING = "totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } " + (
    "edges { cursor node { id name } } nodes { id name }"
)


async def stocked(gateway: Gateway) -> None:
    for id, name in enumerate(NAMES, 1):
        known: dict[str, Any] = {"id": id, "name_key": stored_key(name)}
        await add(
            gateway,
            Store(**known, external_id=str(id), name=name),
            # Categories are told apart by their names.
            Category(**known, name=name),
            Product(**known, external_id=str(id), name=name, category_id=id),
            Mailing(**known, external_id=str(id), name=name, channel=Channel.SMS, kind=MailingKind.MASS),
        )


@every_list
async def test_walking_the_pages_gives_everything_once_by_name(gateway: Gateway, field: str) -> None:
    await stocked(gateway)
    for first in (1, 2, 3, 7, 100):
        found: list[str] = []
        after = None
        while True:
            answer = await gateway.ask(query(field, EVERYTHING), {"first": first, "after": after})
            assert answer.errors == []
            page = answer.data[field]
            info = page["pageInfo"]
            assert [edge["node"] for edge in page["edges"]] == page["nodes"]
            assert info["startCursor"] == page["edges"][0]["cursor"]
            assert info["endCursor"] == page["edges"][-1]["cursor"]
            assert info["hasPreviousPage"] == bool(found)
            found += [node["name"] for node in page["nodes"]]
            assert page["totalCount"] == len(NAMES)
            assert info["hasNextPage"] == (len(found) < len(NAMES))
            if not info["hasNextPage"]:
                break
            after = info["endCursor"]
        assert tuple(found) == SORTED


@every_list
@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("ECHO", ["écho", "Echo", "echo"]),
        ("lodz", ["Łódź"]),
        ("pie", ["Apple pie"]),
        ("50%", ["apple 50%"]),
        ("%", ["apple 50%"]),
        ("_", []),
        ("", list(SORTED)),
    ],
)
async def test_a_search_finds_what_contains_it(gateway: Gateway, field: str, search: str, names: list[str]) -> None:
    await stocked(gateway)
    answer = await gateway.ask(query(field, EVERYTHING), {"search": search})
    assert answer.errors == []
    assert [node["name"] for node in answer.data[field]["nodes"]] == names
    assert answer.data[field]["totalCount"] == len(names)


@every_list
async def test_what_is_not_asked_for_is_not_read(gateway: Gateway, field: str) -> None:
    await stocked(gateway)
    _, page, count = LISTS[field]
    for selection, loaders in (
        ("nodes { name }", [page]),
        ("totalCount", [count]),
        ("totalCount nodes { name } edges { cursor } pageInfo { endCursor }", [count, page]),
    ):
        profile = (await gateway.ask(query(field, selection))).extensions["profile"]
        assert sorted(batch["loader"] for batch in profile["loaderBatches"]) == sorted(loaders)


@every_list
async def test_an_empty_list_and_bad_arguments(gateway: Gateway, field: str) -> None:
    answer = await gateway.ask(query(field, EVERYTHING))
    assert answer.data[field] == {
        "totalCount": 0,
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
        "edges": [],
        "nodes": [],
    }
    for variables, code in (
        ({"first": 101}, "LIMIT_EXCEEDED"),
        ({"first": -1}, "LIMIT_EXCEEDED"),
        ({"after": "nonsense"}, "BAD_CURSOR"),
    ):
        refused = await gateway.ask(query(field, EVERYTHING), variables)
        assert [(error["path"], error["extensions"]["code"]) for error in refused.errors] == [([field], code)]
        assert refused.extensions["profile"]["sqlStatements"] == 0


@every_list
async def test_each_list_needs_its_scope(gateway: Gateway, field: str) -> None:
    scope, _, _ = LISTS[field]
    answer = await gateway.ask(query(field, EVERYTHING), scopes=ALL_SCOPES - {scope})
    assert (answer.data, answer.codes) == ({field: None}, ["FORBIDDEN"])
    assert answer.extensions["profile"]["sqlStatements"] == 0
