"""The panel of notes."""

from datetime import timedelta

from profiles.notes import Note
from profiles.text import search_key
from profiles.viewer import ALL_SCOPES, ViewerKind
from tests.gateway_client import Gateway
from tests.panels.shop import reads
from tests.people import MADE_AT, add, customer_id, people, walked

LIST = """
query ($id: ID!, $search: String, $first: Int! = 20, $after: String) {
  customer(by: { id: $id }) {
    notes(search: $search, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { cursor node { body } }
      nodes { body }
    }
  }
}
"""
MANY = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { notes(first: 2) { nodes { body } totalCount } } } }"


def note(customer: int, id: int, body: str = "", minutes: int = 0, author: str = "Ann") -> Note:
    at = MADE_AT + timedelta(minutes=minutes)
    text = body or f"note {id}"
    return Note(
        customer_id=customer,
        id=id,
        body=text,
        body_key=search_key(text),
        author=author,
        created_at=at,
        updated_at=at + timedelta(hours=1),
    )


async def bodies(gateway: Gateway, search: str | None) -> list[str]:
    answer = await gateway.ask(LIST, {"id": customer_id(1), "search": search})
    assert answer.errors == []
    notes = answer.data["customer"]["notes"]
    assert notes["totalCount"] == len(notes["nodes"])
    return [node["body"] for node in notes["nodes"]]


async def test_a_note_shows_everything_it_holds(gateway: Gateway) -> None:
    await people(gateway, 1)
    await add(gateway, note(1, 7, "Prefers mornings"))
    answer = await gateway.ask(
        "query ($id: ID!) { customer(by: { id: $id }) { notes { nodes {"
        " body author createdAt updatedAt customer { id externalId } } } } }",
        {"id": customer_id(1)},
    )
    assert answer.errors == []
    assert answer.data["customer"]["notes"]["nodes"] == [
        {
            "body": "Prefers mornings",
            "author": "Ann",
            "createdAt": "2026-01-02T03:04:05.678901Z",
            "updatedAt": "2026-01-02T04:04:05.678901Z",
            "customer": {"id": customer_id(1), "externalId": "ext-1"},
        }
    ]


async def test_partners_see_no_names_of_staff(gateway: Gateway) -> None:
    await people(gateway, 1)
    await add(gateway, note(1, 7, author="Ann"))
    query = "query ($id: ID!) { customer(by: { id: $id }) { notes { nodes { author } } } }"
    answer = await gateway.ask(query, {"id": customer_id(1)}, kind=ViewerKind.PARTNER)
    assert answer.data["customer"]["notes"]["nodes"] == [{"author": "staff"}]


async def test_walking_the_pages_gives_every_note_once_newest_first(gateway: Gateway) -> None:
    await people(gateway, 1, 2)
    # Ids 1 to 4 were written in the same microsecond; the later id is the newer one.
    await add(gateway, *(note(1, id, minutes=max(0, id - 4)) for id in range(1, 9)), note(2, 99, minutes=50))
    nodes = await walked(gateway, LIST, "notes", 3)
    assert [node["body"] for node in nodes] == [f"note {id}" for id in (8, 7, 6, 5, 4, 3, 2, 1)]


async def test_search_ignores_case_and_accents_and_takes_wildcards_as_they_are(gateway: Gateway) -> None:
    await people(gateway, 1)
    await add(gateway, note(1, 1, "Café au lait"), note(1, 2, "100% sure_thing"), note(1, 3, "caf\\e"))
    assert await bodies(gateway, "CAFE") == ["Café au lait"]
    assert await bodies(gateway, "é AU") == ["Café au lait"]
    assert await bodies(gateway, "%") == ["100% sure_thing"]
    assert await bodies(gateway, "e_t") == ["100% sure_thing"]
    assert await bodies(gateway, "f\\e") == ["caf\\e"]
    assert await bodies(gateway, "tea") == []
    assert len(await bodies(gateway, "")) == len(await bodies(gateway, None)) == 3


async def test_a_customer_without_notes_has_an_empty_list(gateway: Gateway) -> None:
    await people(gateway, 1)
    answer = await gateway.ask(LIST, {"id": customer_id(1)})
    nothing = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
    assert answer.errors == []
    assert answer.data["customer"]["notes"] == {"totalCount": 0, "pageInfo": nothing, "edges": [], "nodes": []}


async def test_without_the_scope_the_panel_is_null_and_nothing_of_it_is_read(gateway: Gateway) -> None:
    await people(gateway, 1)
    await add(gateway, note(1, 7))
    query = "query ($id: ID!) { customer(by: { id: $id }) { externalId notes { totalCount nodes { body } } } }"
    answer = await gateway.ask(query, {"id": customer_id(1)}, scopes=ALL_SCOPES - {"notes:read"})
    assert answer.data == {"customer": {"externalId": "ext-1", "notes": None}}
    assert [(error["path"], error["extensions"]["code"]) for error in answer.errors] == [
        (["customer", "notes"], "FORBIDDEN")
    ]
    assert reads(answer) == {"CustomerById": 1}


async def test_a_bad_page_is_refused_with_its_code_and_the_rest_arrives(gateway: Gateway) -> None:
    await people(gateway, 1)
    refused = {
        "first: 101": "LIMIT_EXCEEDED",
        "first: -1": "LIMIT_EXCEEDED",
        'after: "nonsense"': "BAD_CURSOR",
        'after: "bDF8NQ"': "BAD_CURSOR",  # a live cursor
        'after: ""': "BAD_CURSOR",
    }
    for arguments, code in refused.items():
        query = (
            f"query ($id: ID!) {{ customer(by: {{ id: $id }}) {{ externalId notes({arguments}) {{ totalCount }} }} }}"
        )
        answer = await gateway.ask(query, {"id": customer_id(1)})
        assert (answer.data, answer.codes) == ({"customer": {"externalId": "ext-1", "notes": None}}, [code]), arguments


async def test_what_is_not_asked_for_is_not_read(gateway: Gateway) -> None:
    await people(gateway, 1)
    await add(gateway, note(1, 7))
    expected = {
        "totalCount": {"NoteCount": 1},
        "nodes { body }": {"LatestNotes": 1},
        "nodes { body } edges { cursor } pageInfo { endCursor }": {"LatestNotes": 1},
        "pageInfo { endCursor } totalCount": {"LatestNotes": 1, "NoteCount": 1},
        "__typename": {},
    }
    for selection, panel_reads in expected.items():
        query = f"query ($id: ID!) {{ customer(by: {{ id: $id }}) {{ notes {{ {selection} }} }} }}"
        answer = await gateway.ask(query, {"id": customer_id(1)})
        assert reads(answer) == {"CustomerById": 1, **panel_reads}, selection


async def test_the_first_zero_notes_are_none(gateway: Gateway) -> None:
    await people(gateway, 1)
    await add(gateway, note(1, 7))
    answer = await gateway.ask(LIST, {"id": customer_id(1), "first": 0})
    notes = answer.data["customer"]["notes"]
    assert (notes["totalCount"], notes["nodes"], notes["pageInfo"]["hasNextPage"]) == (1, [], True)


async def test_one_customer_and_many_cost_the_same_reads(gateway: Gateway) -> None:
    ids = await people(gateway, *range(1, 6))
    await add(gateway, *(note(customer, 10 * customer + n, minutes=n) for customer in range(1, 5) for n in range(3)))
    for asked in (ids[:1], ids):
        answer = await gateway.ask(MANY, {"ids": asked})
        assert answer.errors == []
        assert reads(answer) == {"CustomerById": len(asked), "LatestNotes": len(asked), "NoteCount": len(asked)}
        assert len(answer.extensions["profile"]["loaderBatches"]) == 3
    assert [node["notes"]["totalCount"] for node in answer.data["nodes"]] == [3, 3, 3, 3, 0]
    assert [[row["body"] for row in node["notes"]["nodes"]] for node in answer.data["nodes"]] == [
        [f"note {10 * customer + 2}", f"note {10 * customer + 1}"] for customer in range(1, 5)
    ] + [[]]
