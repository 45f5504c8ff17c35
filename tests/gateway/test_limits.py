"""Limits: what a document may ask at most, and that refusing the rest costs next to nothing."""

import pytest
from graphql import get_introspection_query

from tests.gateway_client import Gateway
from tests.people import customer_id
from tests.work import counted_work

FRAGMENT = "fragment F on Query { __typename }"


# Documents are measured before any database is asked.
pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


def nested(depth: int) -> str:
    """A query whose fields are nested that deep."""
    round = ("notes(first: 1)", "nodes", "customer")
    levels = ['customer(by: {externalId: "x"})', *(round[place % 3] for place in range(depth - 2))]
    # The innermost is a field that every one of them has.
    return "{ " + " { ".join([*levels, "__typename"]) + " }" * depth


async def test_twelve_levels_are_answered_and_thirteen_refused(gateway: Gateway) -> None:
    assert (await gateway.ask(nested(12))).errors == []
    refused = await gateway.ask(nested(13))
    assert (refused.status, refused.codes, refused.data) == (400, ["LIMIT_EXCEEDED"], None)


async def test_depth_counts_through_fragments(gateway: Gateway) -> None:
    document = f"query {{ ...Deep }} fragment Deep on Query {nested(13)}"
    assert (await gateway.ask(document)).codes == ["LIMIT_EXCEEDED"]


async def test_the_usual_introspection_is_answered_and_one_nested_deeper_than_twenty_refused(gateway: Gateway) -> None:
    assert (await gateway.ask(get_introspection_query(type_depth=12))).errors == []
    deep = "{ __schema { types " + "{ fields { type " * 10 + "{ name }" + " } }" * 10 + " } }"
    assert (await gateway.ask(deep)).codes == ["LIMIT_EXCEEDED"]


async def test_thirty_aliases_are_answered_and_thirty_one_refused(gateway: Gateway) -> None:
    def aliased(count: int) -> str:
        return "{ " + " ".join(f"a{number}: __typename" for number in range(count)) + " }"

    assert len((await gateway.ask(aliased(30))).data) == 30
    assert (await gateway.ask(aliased(31))).codes == ["LIMIT_EXCEEDED"]


async def test_aliases_count_as_often_as_their_fragment_is_spread(gateway: Gateway) -> None:
    spread = "".join(f'c{number}: customer(by: {{externalId: "x"}}) {{ ...F }} ' for number in range(11))
    document = f"{{ {spread} }} fragment F on Customer {{ a: id b: id }}"
    assert (await gateway.ask(document)).codes == ["LIMIT_EXCEEDED"]


async def test_fifty_directives_are_answered_and_fifty_one_are_one_error(gateway: Gateway) -> None:
    def directed(count: int) -> str:
        # Inline fragments, because a field may carry each directive once only.
        return "{ " + " ".join("... @include(if: true) { ...F }" for _ in range(count)) + " } " + FRAGMENT

    assert (await gateway.ask(directed(50))).errors == []
    refused = await gateway.ask(directed(51))
    assert (refused.status, refused.codes) == (400, ["LIMIT_EXCEEDED"])


HOSTILE_CALLS = 500_000
"""What refusing one may take, in function calls: an honest reading of the whole schema takes 420,000."""


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{ " + "a " * 2_100 + "}", "LIMIT_EXCEEDED"),
        ("{ " + "a " * 60_000 + "}", "LIMIT_EXCEEDED"),
        ("{ __typename }\n" + "#\n" * 60_000, "LIMIT_EXCEEDED"),
        ("{ " + " ".join(f"a{number}: __typename" for number in range(600)) + " }", "LIMIT_EXCEEDED"),
        ("{ __typename " + "@skip(if: false) " * 300 + "}", "LIMIT_EXCEEDED"),
        ("{ " + "__typename " * 1_900 + "}", "LIMIT_EXCEEDED"),
        ("{ " + 'customer(by: {externalId: "x"}) { notes { nodes { body } } } ' * 80 + "}", "LIMIT_EXCEEDED"),
        ("{ a " * 500 + "}" * 500, "LIMIT_EXCEEDED"),
        ("{ node(id: " + "[" * 900 + "]" * 900 + ") { id } }", "LIMIT_EXCEEDED"),
        ("{ " + " ".join(f"f{number}" for number in range(1_900)) + " }", "BAD_REQUEST"),
        ("query (" + " ".join(f"$v{number}: Int" for number in range(450)) + ") { __typename }", "BAD_REQUEST"),
        ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "BAD_REQUEST"),
        ('{ node(id: "' + "x" * 100_000 + '") { id } }', "BAD_REQUEST"),
    ],
    ids=lambda value: value[:40],
)
async def test_a_hostile_document_is_refused_at_once(gateway: Gateway, document: str, code: str) -> None:
    await gateway.key()
    with counted_work() as work:
        answer = await gateway.ask(document)
    assert (set(answer.codes), len(answer.errors) <= 20) == ({code}, True)
    assert answer.status in (200, 400)
    assert work.calls < HOSTILE_CALLS


async def test_a_fragment_bomb_costs_no_more_than_its_text(gateway: Gateway) -> None:
    async def calls_of(fragments: int) -> int:
        bomb = "{ ...F0 } " + " ".join(
            f"fragment F{number} on Query {{ ...F{number + 1} ...F{number + 1} }}" for number in range(fragments)
        )
        with counted_work() as work:
            answer = await gateway.ask(f"{bomb} fragment F{fragments} on Query {{ __typename }}")
        assert answer.data == {"__typename": "Query"}
        return work.calls

    await gateway.key()
    # Expanded it would be 2^100 selections. Validation compares fragments in pairs, which is the square at most.
    assert await calls_of(100) < 4 * await calls_of(50)


async def test_a_number_of_forty_digits_is_read_and_a_longer_one_refused(gateway: Gateway) -> None:
    def sized(digits: int) -> str:
        return "{ customers(first: " + "9" * digits + ") { totalCount } }"

    assert (await gateway.ask(sized(40))).codes == ["BAD_REQUEST"]
    refused = await gateway.ask(sized(41))
    assert (refused.status, refused.codes) == (400, ["LIMIT_EXCEEDED"])
    assert (await gateway.ask(sized(200_000))).codes == ["LIMIT_EXCEEDED"]


async def test_the_schema_may_be_asked_for_five_times(gateway: Gateway) -> None:
    def asked(times: int) -> str:
        return "{ " + " ".join(f'a{number}: __type(name: "Int") {{ name }}' for number in range(times)) + " }"

    assert (await gateway.ask(asked(5))).errors == []
    assert (await gateway.ask(asked(6))).codes == ["LIMIT_EXCEEDED"]


NOTES_OF_MANY = """
query ($first: Int!, $inner: Int = 99) {
  customers(first: $first) { nodes { notes(first: $inner) { nodes { body } } } }
}
"""
NOTES_OF_SOME = "query ($ids: [ID!]!) { nodes(ids: $ids) { ...Notes } }"
NOTES = "fragment Notes on Customer { notes(first: 100) { edges { node { body } } } }"


class TestRowsOfNestedPages:
    async def test_ten_thousand_are_answered_and_more_refused(self, gateway: Gateway) -> None:
        assert (await gateway.ask(NOTES_OF_MANY, {"first": 100})).errors == []
        refused = await gateway.ask(NOTES_OF_MANY, {"first": 100, "inner": 100})
        assert (refused.status, refused.codes, refused.data) == (400, ["LIMIT_EXCEEDED"], None)

    async def test_ids_count_as_a_page_and_fragments_as_often_as_they_are_spread(self, gateway: Gateway) -> None:
        ids = [customer_id(number) for number in range(1, 101)]
        assert (await gateway.ask(f"{NOTES_OF_SOME} {NOTES}", {"ids": ids[:99]})).errors == []
        assert (await gateway.ask(f"{NOTES_OF_SOME} {NOTES}", {"ids": ids})).codes == ["LIMIT_EXCEEDED"]

    async def test_the_default_size_of_a_page_counts(self, gateway: Gateway) -> None:
        levels = "customers(first: 100) { nodes { orders { nodes { customer { receipts { nodes { id } } } } } } }"
        assert (await gateway.ask("{ " + levels + " }")).codes == ["LIMIT_EXCEEDED"]

    async def test_sizes_that_are_no_sizes_are_refused_where_they_stand(self, gateway: Gateway) -> None:
        for first in (101, 2**31 - 1, -1):
            assert (await gateway.ask(NOTES_OF_MANY, {"first": first, "inner": 1})).codes == ["LIMIT_EXCEEDED"]
        for wrong in ("x", None, True, [1], 1.5):
            assert (await gateway.ask(NOTES_OF_MANY, {"first": wrong, "inner": 1})).codes == ["BAD_REQUEST"]

    async def test_a_profile_may_be_asked_of_a_hundred_customers(self, gateway: Gateway) -> None:
        page = "timeline(first: 20) { nodes { id } } receipts(first: 10) { nodes { items { name } } }"
        ids = [customer_id(number) for number in range(1, 101)]
        document = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { " + page + " } } }"
        assert (await gateway.ask(document, {"ids": ids})).errors == []
