"""Rights: each guarded field of the schema, as built, against viewers who lack its scope, and personal data nowhere."""

import logging
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_required_input_field,
)
from sqlalchemy import text

from profiles.customers import Gender
from profiles.notes import Note
from profiles.segments import Segment, SegmentMembership
from profiles.tables import METADATA
from profiles.tags import CustomerTag, Tag
from profiles.target_audiences import TargetAudience
from profiles.timeline import EventCategory, SessionState, TimelineEvent
from profiles.timeline.tables import Session
from profiles.viewer import ALL_SCOPES, Scope
from resolvers.guard import NEEDS, GuardedField
from resolvers.ids import encode
from resolvers.nodes import NODES
from resolvers.schema import build_schema
from tests.gateway_client import Answer, Gateway
from tests.panels.shop import order, receipt
from tests.people import MADE_AT, add, customer_id, people

SCHEMA = build_schema()._schema
EMAIL, PHONE = "canary.mail@example.com", "+14155550177"
# A masked address keeps its domain, and a masked number its last two digits.
CANARIES = ("canary", "4155550177", "415-555-0177", "555 0177", "Kanarienvogel", "1971-02-03")


@pytest.fixture
def dialect() -> str:
    """Rights are decided before any database is asked, so one is enough."""
    return "sqlite"


class Guarded(NamedTuple):
    """A field that needs a scope."""

    owner: str
    name: str
    needs: str

    def __str__(self) -> str:
        return f"{self.owner}.{self.name}"


# Where one value of each type that has guarded fields stands. {} is the selection.
PLACES = {
    "Query": "{{ {} }}",
    "Customer": f'{{{{ customer(by: {{{{ id: "{customer_id(1)}" }}}}) {{{{ {{}} }}}} }}}}',
    "CustomerConnection": "{{ customers(first: 1) {{ {} }} }}",
    "Order": f'{{{{ node(id: "{encode("Order", 1, 1)}") {{{{ ... on Order {{{{ {{}} }}}} }}}} }}}}',
    "Session": f'{{{{ node(id: "{encode("Session", 1, 31)}") {{{{ ... on Session {{{{ {{}} }}}} }}}} }}}}',
    "Segment": f'{{{{ node(id: "{encode("Segment", 3)}") {{{{ ... on Segment {{{{ {{}} }}}} }}}} }}}}',
    "TargetAudience": (
        f'{{{{ node(id: "{encode("TargetAudience", 5)}") {{{{ ... on TargetAudience {{{{ {{}} }}}} }}}} }}}}'
    ),
    "Tag": f'{{{{ node(id: "{encode("Tag", 4)}") {{{{ ... on Tag {{{{ {{}} }}}} }}}} }}}}',
}
ARGUMENTS = {
    "node": f'(id: "{encode("Note", 1, 7)}")',
    "nodes": f'(ids: ["{encode("Note", 1, 7)}"])',
    "customer": f'(by: {{ id: "{customer_id(1)}" }})',
}
ROOTS = ("Mutation", "Subscription")


def guarded() -> Iterator[Guarded]:
    """Each guarded field of the schema."""
    for type in SCHEMA.type_map.values():
        definition = type.extensions.get("strawberry-definition")
        for field in getattr(definition, "fields", ()):
            if isinstance(field, GuardedField):
                first, *rest = (field.graphql_name or field.python_name).split("_")
                yield Guarded(type.name, first + "".join(part.capitalize() for part in rest), field.metadata[NEEDS])


FIELDS = [field for field in guarded() if field.owner not in ROOTS]
each_owner = pytest.mark.parametrize("owner", sorted(PLACES))


def selected(field: Guarded) -> str:
    owner = SCHEMA.type_map[field.owner]
    assert isinstance(owner, (GraphQLObjectType, GraphQLInterfaceType))
    is_composite = is_composite_type(get_named_type(owner.fields[field.name].type))
    arguments = ARGUMENTS.get(field.name, "") if field.owner == "Query" else ""
    return f"{field.name}{arguments}{' { __typename }' if is_composite else ''}"


def at(data: Any, path: Collection[str | int]) -> Any:
    """What stands there; a field that cannot be null takes what is around it with it."""
    for step in path:
        data = None if data is None else data[step]
    return data


def batches(answer: Answer) -> Counter[str]:
    return Counter(batch["loader"] for batch in answer.extensions["profile"]["loaderBatches"])


@pytest.fixture
async def filled(gateway: Gateway) -> Gateway:
    """A gateway with one customer who has a bit of everything, canaries among it."""
    await people(
        gateway,
        1,
        email=EMAIL,
        phone=PHONE,
        crm_id="canary-crm",
        first_name="Kanarienvogel",
        last_name="canary",
        city="Canary Wharf",
        address="1 canary street",
        country="US",
        gender=Gender.FEMALE,
    )
    await add(
        gateway,
        Note(customer_id=1, id=7, body="x", body_key="x", author="Ann", created_at=MADE_AT, updated_at=MADE_AT),
        Segment(id=3, name="Loyal"),
        SegmentMembership(customer_id=1, segment_id=3, entered_at=MADE_AT),
        Tag(id=4, name="vip", name_key="vip"),
        TargetAudience(id=5, external_id="a-5", name="Families"),
        CustomerTag(customer_id=1, tag_id=4, assigned_at=MADE_AT, actor="Ann"),
        receipt(1, 21, store_id=None),
        order(1, 1, store_id=None, receipt_id=21),
        Session(
            customer_id=1,
            id=31,
            external_id="s",
            state=SessionState.PURCHASED,
            started_at=MADE_AT,
            last_seen_at=MADE_AT,
            ended_at=MADE_AT,
            order_id=1,
            current_url=f"https://shop.example/thanks?mail={EMAIL}",
        ),
        TimelineEvent(
            customer_id=1,
            id=41,
            activity_seq=1,
            category=EventCategory.PAGE_VIEW,
            type="PageEvent",
            name="Page viewed",
            occurred_at=MADE_AT,
            received_at=MADE_AT,
            session_id=31,
            url=f"https://shop.example/thanks?mail={EMAIL}#{PHONE}",
        ),
    )
    return gateway


def test_every_type_with_guarded_fields_has_a_place_here() -> None:
    assert {field.owner for field in FIELDS} == PLACES.keys()
    assert {Scope(field.needs) for field in guarded()} <= set(Scope)


@pytest.mark.usefixtures("uncached")  # the same surroundings are asked for with each field, and what was read counts
@each_owner
async def test_all_other_scopes_do_not_open_a_field_and_nothing_is_read_for_it(filled: Gateway, owner: str) -> None:
    for field in (field for field in FIELDS if field.owner == owner):
        scopes = ALL_SCOPES - {field.needs}
        answer = await filled.ask(PLACES[owner].format(selected(field)), scopes=scopes)
        assert answer.codes == ["FORBIDDEN"], field
        assert field.needs in answer.errors[0]["message"], field
        assert at(answer.data, answer.errors[0]["path"]) is None, field
        around = await filled.ask(PLACES[owner].format("__typename"), scopes=scopes)
        # Where the place itself needs the scope, it is the place that is refused.
        if around.errors == []:
            assert answer.errors[0]["path"][-1] == field.name
        # Without the scope debug nobody is told what was read.
        if field.needs != Scope.DEBUG:
            assert batches(answer) == batches(around), field


@each_owner
async def test_its_scope_and_those_of_its_place_open_a_field(filled: Gateway, owner: str) -> None:
    node = NODES.get(owner)
    place = {Scope.PROFILE_READ, node.needs} if node else {Scope.CUSTOMERS_LIST}
    for field in (field for field in FIELDS if field.owner == owner):
        inner = {Scope.NOTES_READ} if field.name in ("node", "nodes") else set()
        answer = await filled.ask(PLACES[owner].format(selected(field)), scopes={field.needs, *place, *inner})
        assert answer.errors == [], field


@pytest.mark.parametrize("owner", ["Query", "Customer"])
async def test_a_scope_opens_what_needs_it_and_the_rest_is_null(filled: Gateway, owner: str) -> None:
    # One that cannot be null takes the others with it, so it stands alone (above).
    fields = [field for field in FIELDS if field.owner == owner and field.name not in ("node", "nodes")]
    document = PLACES[owner].format(" ".join(map(selected, fields)))
    around = {Scope.PROFILE_READ} if owner == "Customer" else set()
    for held in ({*around}, *({scope, *around} for scope in sorted(ALL_SCOPES))):
        answer = await filled.ask(document, scopes=held)
        closed = {field.name for field in fields if field.needs not in held}
        assert {error["path"][-1] for error in answer.errors} == closed, held
        assert set(answer.codes) <= {"FORBIDDEN"}, held
        shown = answer.data["customer"] if owner == "Customer" else answer.data
        assert [name for name in closed if shown[name] is not None] == [], held


async def test_a_node_is_not_read_without_the_scope_of_its_type(filled: Gateway) -> None:
    query = "query ($id: ID!) { node(id: $id) { id } }"
    for type, node in NODES.items():
        answer = await filled.ask(query, {"id": encode(type, 1, 1)}, scopes=ALL_SCOPES - {node.needs})
        assert (answer.data, answer.codes, batches(answer)) == ({"node": None}, ["FORBIDDEN"], Counter()), type


def sample(type: GraphQLInputType) -> Any:
    """A value that the type takes."""
    inner = get_nullable_type(type)
    if isinstance(inner, GraphQLList):
        return [sample(inner.of_type)]
    if isinstance(inner, GraphQLInputObjectType):
        needed = {name: sample(field.type) for name, field in inner.fields.items() if is_required_input_field(field)}
        # Where nothing is needed it is one of many: the first will do.
        return needed or {name: sample(field.type) for name, field in list(inner.fields.items())[:1]}
    values: dict[str, Any] = {"ID": customer_id(1), "DateTime": "2026-01-01T00:00:00Z", "Int": 1}
    return next(iter(inner.values)) if hasattr(inner, "values") else values.get(inner.name, "x")


async def rows(gateway: Gateway) -> dict[str, int]:
    """How many rows each table has, but for the keys that the test makes."""
    async with gateway.store.engine.connect() as connection:
        names = [table.name for table in METADATA.sorted_tables if table.name != "api_keys"]
        return {name: (await connection.execute(text(f"SELECT count(*) FROM {name}"))).scalar_one() for name in names}


@pytest.mark.parametrize("field", [field for field in guarded() if field.owner == "Mutation"], ids=str)
async def test_all_other_scopes_do_not_allow_a_mutation_and_nothing_is_written(filled: Gateway, field: Guarded) -> None:
    mutation = SCHEMA.mutation_type
    assert mutation is not None
    type = mutation.fields[field.name].args["input"].type
    query = f"mutation ($input: {type}) {{ {field.name}(input: $input) {{ userErrors {{ code }} }} }}"
    before = await rows(filled)
    for scopes in (ALL_SCOPES - {field.needs}, frozenset[str](), {Scope.DEBUG}):
        answer = await filled.ask(query, {"input": sample(type)}, scopes=scopes)
        assert (answer.data, answer.codes) == ({field.name: None}, ["FORBIDDEN"])
    assert await rows(filled) == before


@pytest.mark.parametrize("field", [field for field in guarded() if field.owner == "Subscription"], ids=str)
async def test_all_other_scopes_do_not_open_a_subscription(filled: Gateway, field: Guarded) -> None:
    query = f"subscription ($id: ID!) {{ {field.name}(customerId: $id) {{ __typename }} }}"
    for scopes in (ALL_SCOPES - {field.needs}, frozenset[str]()):
        response = await filled.http.post(
            "/graphql",
            json={"query": query, "variables": {"id": customer_id(1)}},
            headers={"Authorization": f"Bearer {await filled.key(scopes)}", "Accept": "text/event-stream"},
        )
        assert '"code":"FORBIDDEN"' in response.text
        assert response.text.count("event: next") == 1
        assert '"data"' not in response.text


def whole(type: Any, depth: int, seen: frozenset[str]) -> str:
    """Every field without required arguments, that deep; a type inside itself is not opened again."""
    if depth == 0 or type.name in seen:
        return "__typename"
    parts = ["__typename"]
    for name, field in getattr(type, "fields", {}).items():
        inner = get_named_type(field.type)
        if not is_composite_type(inner):
            parts.append(name)
        elif name != "edges" and not field.args.get("by"):
            parts.append(f"{name} {{ {whole(inner, depth - 1, seen | {type.name})} }}")
    return " ".join(parts)


class TestCanaries:
    async def whole_answers(self, gateway: Gateway, scopes: Collection[str]) -> str:
        """What each panel of the customer, and each part of their timeline, says to a viewer."""
        customer = SCHEMA.type_map["Customer"]
        assert isinstance(customer, GraphQLObjectType)
        said = []
        for name, field in customer.fields.items():
            inner = get_named_type(field.type)
            selection = f" {{ {whole(inner, 4, frozenset({'Customer'}))} }}" if is_composite_type(inner) else ""
            answer = await gateway.ask(PLACES["Customer"].format(name + selection), scopes=scopes)
            assert answer.status == 200, (name, answer.errors)
            said.append(str(answer))
        visit = whole(SCHEMA.type_map["Session"], 3, frozenset({"Customer"}))
        said.append(str(await gateway.ask(PLACES["Session"].format(visit), scopes=scopes)))
        return "\n".join(said)

    async def test_the_whole_profile_shows_them_to_those_who_may_see_them(self, filled: Gateway) -> None:
        said = await self.whole_answers(filled, ALL_SCOPES)
        assert (EMAIL in said, PHONE in said, "Kanarienvogel" in said) == (True, True, True)

    async def test_nothing_shows_them_without_the_scope_and_no_log_names_them(
        self, filled: Gateway, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            said = await self.whole_answers(filled, ALL_SCOPES - {Scope.PERSONAL_READ})
            await self.whole_answers(filled, ALL_SCOPES)
        assert [word for word in CANARIES if word in said] == []
        ours = [record.getMessage() for record in caplog.records if record.name.startswith("profile_gateway")]
        assert [word for word in CANARIES if any(word in line for line in ours)] == []

    async def test_a_source_that_fails_over_them_names_them_to_nobody(
        self, filled: Gateway, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with filled.store.engine.begin() as connection:
            # Values that cannot be read as what they should be.
            await connection.execute(text("UPDATE customers SET birth_date = 'canary', created_at = 'canary'"))
        with caplog.at_level(logging.INFO, "profile_gateway"):
            said = await self.whole_answers(filled, ALL_SCOPES - {Scope.PERSONAL_READ})
        assert "canary" not in said
        assert "canary" not in caplog.text

    @pytest.mark.parametrize("term", [EMAIL, PHONE, "Kanarienvogel", "canary"])
    async def test_they_cannot_be_found_filtered_or_sorted_by_without_the_scope(
        self, filled: Gateway, term: str
    ) -> None:
        scopes = ALL_SCOPES - {Scope.PERSONAL_READ}
        found = "query ($term: String) { customers(search: $term) { totalCount nodes { id } } }"
        answer = await filled.ask(found, {"term": term}, scopes=scopes)
        assert answer.data["customers"] in (None, {"totalCount": 0, "nodes": []})
        by = "query ($term: String!) { customer(by: { email: $term }) { id } }"
        answer = await filled.ask(by, {"term": term}, scopes=scopes)
        assert answer.data == {"customer": None}
        assert term not in str(answer)
