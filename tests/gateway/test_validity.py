"""Validity: what is proven valid is valid by every rule, and what clients usually send is proven."""

import pkgutil
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from random import Random

import pytest
from graphql import (
    GraphQLError,
    GraphQLSchema,
    Lexer,
    OperationDefinitionNode,
    OperationType,
    Source,
    TokenKind,
    parse,
    specified_rules,
)
from strawberry.schema import validation_rules

from gateway.app import the_schema
from gateway.documents import judged
from gateway.validity import COVERED, is_proven_valid
from tests.executor.amounts import FUZZED, SEED, told
from tests.executor.documents import Author, Taste
from tests.executor.torture.things import SCHEMA as TORTURE
from tests.ready_queries import ready_queries

ROOT = Path(__file__).resolve().parents[2]
CLIENTS_SEND = {file.stem: file.read_text(encoding="utf-8") for file in ROOT.glob("benchmarks/documents/*.graphql")}
CLIENTS_SEND |= {query.name: query.text for query in ready_queries().values() if query.variables is not None}
CORE = the_schema()._schema
DOCUMENTS = FUZZED or 600
CHANGED = 4
"""How often each document is spoilt."""
SNIPPETS = (
    *("@skip(if: true)", "@include(if: $v0)", "@include", "@defer", "@stream", "@nobody", "@skip(if: 1)", "@oneOf"),
    *("id", "id: __typename", "a: id", "a: name", "__schema { types { name } }", "nobody", "name: id", "{ id }", "{}"),
    *("...", "...Part0", "... on Customer { id }", "... on Query { __typename }", "... { id }", "...Nobody"),
    *("(first: 1)", "(first: null)", '(first: "x")', "(first: $v0)", "(id: 1, id: 1)", "(by: {id: 1})", "(by: {})"),
    *("(by: {id: null})", "(by: {id: $v0})", "(by: {id: 1, id: 2})", '(by: {id: 1, externalId: "1"})', "($v0: ID)"),
    *("null", "1", '"x"', "[1]", "{id: 1}", "$v0", "$v1", "true", "ENUM", "ID", "ID!", "Int", "Customer", "1e400"),
    *("query Asked", "mutation", "subscription", "{ __typename }", "fragment Part0 on Query { __typename }"),
)


class Spoiler:
    """Changes documents a little, so that most of them stay GraphQL but break some rule."""

    def __init__(self, schema: GraphQLSchema, random: Random) -> None:
        self._random = random
        names = [name for type_ in schema.type_map.values() for name in getattr(type_, "fields", ())]
        self._names = [*names, *schema.type_map]

    def spoilt(self, text: str) -> str:
        """One or two changes."""
        parts = tokens(text)
        for _ in range(self._random.choice((1, 1, 2))):
            self._change(parts)
        return " ".join(parts)

    def _change(self, parts: list[str]) -> None:
        place, other = self._random.randrange(len(parts)), self._random.randrange(len(parts))
        names = [at for at, part in enumerate(parts) if part.isidentifier()] or [place]
        match self._random.randrange(6):
            case 0:
                parts[self._random.choice(names)] = self._random.choice(self._names)
            case 1:
                parts[self._random.choice(names)] = parts[self._random.choice(names)]
            case 2:
                parts[place : place + self._random.randint(1, 4)] = []
            case 3:
                parts[place:place] = parts[other : other + self._random.randint(1, 6)]
            case 4:
                parts[place:place] = [self._random.choice(SNIPPETS)]
            case 5:
                parts[place] = self._random.choice(SNIPPETS)
        parts[:] = parts or ["{", "id", "}"]


def tokens(text: str) -> list[str]:
    """The document cut into what the parser sees."""
    lexer, cut = Lexer(Source(text)), []
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        cut.append(text[token.start : token.end])
    return cut


def written(schema: GraphQLSchema, seed: int) -> Iterator[str]:
    """Endless documents: valid ones mostly, and behind each the same with something wrong."""
    random = Random(seed)
    spoiler = Spoiler(schema, random)
    while True:
        text = Author(schema, random, Taste(depth=random.randint(1, 4), width=random.randint(1, 4))).write().text
        yield text
        for _ in range(CHANGED):
            yield spoiler.spoilt(text)


@pytest.mark.parametrize("schema", [CORE, TORTURE._schema], ids=["ours", "torture"])
def test_no_rule_finds_an_error_in_what_is_proven_valid(schema: GraphQLSchema) -> None:
    proven = valid = refused = 0
    for text in islice(written(schema, SEED), DOCUMENTS * (1 + CHANGED)):
        try:
            document = parse(text)
        except GraphQLError:
            continue
        errors = judged(schema, document)
        is_proven = is_proven_valid(schema, document)
        assert not (is_proven and errors), f"{errors}\n{text}"
        proven, valid, refused = proven + is_proven, valid + (not errors), refused + bool(errors)
    told("validity", f"{refused} refused, {valid} valid, {proven} of them proven")
    # Chance writes odder documents than people do; of those nearly all are proven.
    assert proven > 0.4 * valid
    assert min(valid, refused) > DOCUMENTS / 2


@pytest.mark.parametrize("name", sorted(CLIENTS_SEND))
def test_what_clients_send_is_proven(name: str) -> None:
    document = parse(CLIENTS_SEND[name])
    assert judged(CORE, document) == []
    kinds = {node.operation for node in document.definitions if isinstance(node, OperationDefinitionNode)}
    assert is_proven_valid(CORE, document) is (OperationType.SUBSCRIPTION not in kinds)


PAGE = (
    "query Page($id: ID!, $short: Boolean = false) { customer(by: {id: $id}) { ...Name ...Tags notes { ...Notes } } }"
)
NAME = "fragment Name on Customer { id first: firstName segments @skip(if: $short) { enteredAt } }"
TAGS = "fragment Tags on Customer { id ... on Node { id } ... @include(if: true) { tags { id name } } }"
NOTES = "fragment Notes on NoteConnection { nodes { __typename body } }"


def test_fragments_variables_and_conditions_are_proven() -> None:
    document = parse("\n".join([PAGE, NAME, TAGS, NOTES]))
    assert judged(CORE, document) == []
    assert is_proven_valid(CORE, document)


@pytest.mark.parametrize(
    "text",
    [
        "type Query { a: Int } { __typename }",
        "query A { __typename } query A { __typename }",
        "{ __typename } { __typename }",
        "subscription { __typename }",
        "query ($a: Nobody) { customer(by: {id: $a}) { id } }",
        "{ node(id: 1) { ... on Nobody { id } } }",
        "{ node(id: 1) { ... on ID { id } } }",
        "query ($a: Customer) { customer(by: {id: $a}) { id } }",
        "{ customer(by: {id: 1}) }",
        "{ __typename { id } }",
        "{ customer(by: {id: 1}) { nobody } }",
        "{ ...A } fragment A on Query { __typename } fragment A on Query { __typename }",
        "{ ...A }",
        "{ __typename } fragment A on Query { __typename }",
        "{ customer(by: {id: 1}) { ... on Note { id } } }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "query ($a: ID!, $a: ID!) { customer(by: {id: $a}) { id } }",
        "{ customer(by: {id: $a}) { id } }",
        "query ($a: ID!) { __typename }",
        "{ __typename @nobody }",
        "query @skip(if: true) { __typename }",
        "{ __typename @skip(if: true) @skip(if: true) }",
        "{ __typename @skip }",
        "{ __typename @skip(if: 1) }",
        "{ customer(by: {id: 1}, nobody: 1) { id } }",
        "{ customer(by: {id: 1}, by: {id: 1}) { id } }",
        "{ customer(by: 1) { id } }",
        "{ customer(by: {id: {}}) { id } }",
        "{ customer { id } }",
        "query ($a: Int) { customer(by: {id: $a}) { id } }",
        "query ($a: ID) { customer(by: {id: $a}) { id } }",
        '{ customer(by: {id: 1}) { notes(first: "x") { nodes { id } } } }',
        "query ($a: Int = true) { customer(by: {id: 1}) { notes(first: $a) { nodes { id } } } }",
        "{ customer(by: {id: 1}) { a: id a: firstName } }",
        "{ customer(by: {id: 1}) { id } customer(by: {id: 2}) { id } }",
        "{ customer(by: {id: 1}) { ...A id: firstName } } fragment A on Customer { id }",
        "{ customer(by: {id: 1, id: 1}) { id } }",
        "{ customer(by: {}) { id } }",
        "{ customer(by: {id: null}) { id } }",
        '{ customer(by: {id: 1, externalId: "1"}) { id } }',
        "mutation { updateCustomer(input: {id: 1, expectedVersion: 1, email: null}) { customer { id } } }",
        "{ " + "__schema { types { " + "fields { type { " * 4 + "name" + " } }" * 4 + " } } }",
    ],
)
def test_a_document_that_breaks_a_rule_is_not_proven(text: str) -> None:
    document = parse(text)
    assert judged(CORE, document) != []
    assert not is_proven_valid(CORE, document)


def test_fragments_that_the_rules_give_up_comparing_are_not_proven() -> None:
    names = [f"F{number}" for number in range(120)]
    fragments = [f"fragment {name} on Query {{ ...{after} }}" for name, after in pairwise(names)]
    text = " ".join(["{ ...F0 }", *fragments, f"fragment {names[-1]} on Query {{ __typename }}"])
    assert not is_proven_valid(CORE, parse(text))


def test_the_proof_stands_for_every_rule_that_there_is() -> None:
    assert {rule.__name__ for rule in specified_rules} == COVERED
    # And for Strawberry's own.
    assert {module.name for module in pkgutil.iter_modules(validation_rules.__path__)} == {"maybe_null", "one_of"}
