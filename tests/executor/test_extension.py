"""Any Strawberry schema takes the compiled executor with one line, and answers as before."""

from collections.abc import AsyncGenerator
from threading import Barrier, Thread
from typing import Any

import pytest
import strawberry
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.execution import ExecutionResult

from executor import CompilingExecutor
from executor.extension import CompiledExecution, KeptDocuments, compiled_execution


@strawberry.type
class Person:
    name: str

    @strawberry.field
    async def friends(self, first: int = 2) -> list["Person"]:
        return [Person(name=f"{self.name}{number}") for number in range(first)]

    @strawberry.field
    def broken(self) -> str | None:
        raise ValueError("Broken.")


@strawberry.type
class Query:
    @strawberry.field
    def person(self, name: str = "Ann") -> Person:
        return Person(name=name)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def people(self, count: int) -> AsyncGenerator[Person, None]:
        for number in range(count):
            yield Person(name=str(number))


class Shouting(SchemaExtension):
    """Changes what every resolver answers."""

    def resolve(self, _next: Any, root: Any, info: Any, *args: Any, **kwargs: Any) -> Any:
        result = _next(root, info, *args, **kwargs)
        return result.upper() if isinstance(result, str) else result


PAGE = "query ($name: String!) { person(name: $name) { name friends(first: 3) { name __typename } } }"
EXPECTED = {
    "person": {"name": "Bob", "friends": [{"name": f"Bob{number}", "__typename": "Person"} for number in range(3)]}
}


def schema(*extensions: Any) -> tuple[strawberry.Schema, type[CompiledExecution]]:
    """A schema with the extension, compiling at first sight, and others."""
    compiled = compiled_execution(after=0)
    return strawberry.Schema(Query, subscription=Subscription, extensions=[compiled, *extensions]), compiled


async def test_a_query_is_parsed_and_compiled_once_and_answers_each_time() -> None:
    made, compiled = schema()
    for _ in range(3):
        answer = await made.execute(PAGE, {"name": "Bob"})
        assert (answer.data, answer.errors) == (EXPECTED, None)
    assert (compiled.compiler.compiled, compiled.compiler.repeated) == (1, 0)
    assert issubclass(made.execution_context_class, CompilingExecutor)


async def test_the_first_subscription_is_compiled_too() -> None:
    made, compiled = schema()
    events = await made.subscribe("subscription { people(count: 3) { name friends(first: 1) { name } } }")
    assert not isinstance(events, ExecutionResult)
    heard = [event.data["people"] async for event in events]  # type: ignore[union-attr]
    assert heard == [{"name": str(number), "friends": [{"name": f"{number}0"}]} for number in range(3)]
    assert (compiled.compiler.compiled, compiled.compiler.repeated) == (1, 0)


def test_synchronous_execution_is_compiled_too() -> None:
    made, compiled = schema()
    answer = made.execute_sync("{ person { name } }")
    assert (answer.data, answer.errors) == ({"person": {"name": "Ann"}}, None)
    assert compiled.compiler.compiled == 1


async def test_errors_are_those_of_graphql_core() -> None:
    made, compiled = schema()
    plain = strawberry.Schema(Query)
    query = "{ person { name broken } }"
    expected = await plain.execute(query)
    for repeated in (1, 1):
        answer = await made.execute(query)
        assert answer.data == expected.data == {"person": {"name": "Ann", "broken": None}}
        assert [error.formatted for error in answer.errors or ()] == [
            error.formatted for error in expected.errors or ()
        ]
        # The second time it is left to graphql-core at once: an operation that has failed is likely to fail again.
        assert compiled.compiler.repeated == repeated


async def test_a_text_that_is_no_document_is_refused_as_before() -> None:
    made, _ = schema()
    answer, expected = await made.execute("{ person {"), await strawberry.Schema(Query).execute("{ person {")
    assert [error.formatted for error in answer.errors or ()] == [error.formatted for error in expected.errors or ()]


async def test_where_another_extension_stands_around_resolvers_nothing_is_compiled() -> None:
    made, compiled = schema(Shouting)
    for _ in range(2):
        answer = await made.execute(PAGE, {"name": "Bob"})
        assert answer.data["person"]["name"] == "BOB"  # type: ignore[index]
    assert compiled.compiler.compiled == 0


async def test_each_schema_keeps_the_class_that_it_had_below() -> None:
    class Own(StrawberryGraphQLCoreExecutionContext):
        """A class of somebody else's."""

    made = strawberry.Schema(Query, extensions=[compiled_execution()], execution_context_class=Own)
    await made.execute("{ person { name } }")
    assert issubclass(made.execution_context_class, Own)
    assert issubclass(made.execution_context_class, CompilingExecutor)


def test_kept_documents_are_bounded_by_the_length_of_their_texts() -> None:
    kept = KeptDocuments(letters=100)
    texts = [f"{{ field{number:02} }}" for number in range(20)]
    first = kept.parsed(texts[-1], {})
    assert kept.parsed(texts[-1], {}) is first
    for text in texts[:9]:
        kept.parsed(text, {})
    assert kept.parsed(texts[-1], {}) is not first
    assert kept._letters <= 100
    long = "{ " + "x " * 200 + "}"
    assert kept.parsed(long, {}) is not kept.parsed(long, {})


@pytest.mark.parametrize("count", [8])
def test_threads_share_a_compiler_without_mixing_up_answers(count: int) -> None:
    made, compiled = schema()
    barrier = Barrier(count)
    answers: dict[int, Any] = {}
    text = "query ($name: String!, $on: Boolean!) { person(name: $name) { name again: name @include(if: $on) } }"

    def ask(number: int) -> None:
        barrier.wait()
        for turn in range(50):
            asked = {"name": f"{number}-{turn}", "on": bool((number + turn) % 2)}
            answers[number * 50 + turn] = (asked, made.execute_sync(text, asked).data)

    threads = [Thread(target=ask, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == count * 50
    for asked, data in answers.values():
        again = {"again": asked["name"]} if asked["on"] else {}
        assert data == {"person": {"name": asked["name"], **again}}
    assert compiled.compiler.compiled == 2
