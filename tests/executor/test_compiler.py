"""The compiler: what it takes, what it leaves to graphql-core, and what it keeps."""

import ast
import gc
from datetime import date
from typing import Any

import pytest
import strawberry
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    execute,
    execute_sync,
    experimental_execute_incrementally,
    get_introspection_query,
    parse,
)
from graphql.execution import Executor, MiddlewareManager
from graphql.execution.collect_fields import collect_fields
from graphql.pyutils import AbortController
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from executor import Compiler, compiling
from executor.compiler import MOST_CONDITIONS
from executor.writing import Writer
from tests.executor.torture.things import SCHEMA, root
from tests.work import counted_work

CORE = SCHEMA._schema
BASE = StrawberryGraphQLCoreExecutionContext
UNION = "{{ as{0}: anys {{ ... on Bare {{ text }} ... on Leaf {{ name id }} ... on Box {{ name size shadow }} }} }}"


async def run(document: Any, compiler: Compiler | None, variables: Any = None, **options: Any) -> ExecutionResult:
    """One execution over the torture schema; without a compiler graphql-core's own."""
    executor_class = compiling(BASE, compiler) if compiler else BASE
    result = execute(
        CORE,
        document,
        root_value=root(),
        context_value={},
        variable_values=variables,
        executor_class=executor_class,
        **options,
    )
    result = result if isinstance(result, ExecutionResult) else await result
    assert isinstance(result, ExecutionResult)
    return result


async def test_a_document_that_comes_once_is_never_compiled_and_the_second_time_it_is() -> None:
    compiler = Compiler()
    documents = [parse(UNION.format(number)) for number in range(5)]
    for document in documents:
        await run(document, compiler)
    assert compiler.compiled == 0
    await run(documents[0], compiler)
    await run(documents[0], compiler)
    assert compiler.compiled == 1


async def test_an_operation_is_forgotten_with_its_document() -> None:
    compiler = Compiler(after=0)
    documents = [parse(UNION.format(number)) for number in range(5)]
    for document in documents:
        await run(document, compiler)
    assert len(compiler._kept) == 5
    del document, documents[1:]
    gc.collect()
    assert list(compiler._kept) == [id(documents[0].definitions[0])]
    assert compiler._size == compiler._kept[id(documents[0].definitions[0])].counted


async def test_what_is_kept_is_bounded_in_written_fields_those_behind_a_union_included() -> None:
    compiler = Compiler(after=0, kept_fields=60)
    documents = [parse(UNION.format(number)) for number in range(40)]
    for _ in range(2):
        for document in documents:
            await run(document, compiler)
            await run(document, compiler)
            assert compiler._size == sum(kept.counted for kept in compiler._kept.values()) <= 60
            written = [
                each.writer.size for kept in compiler._kept.values() for each in kept.by_conditions.values() if each
            ]
            # The last one's branches are counted when it is next asked for.
            assert sum(written) <= 60 + 7
    assert compiler.compiled == 80


async def test_of_an_operation_at_most_sixteen_combinations_of_conditions_are_compiled_and_all_are_answered() -> None:
    names = [f"c{number}" for number in range(6)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: name @skip(if: ${name})" for name in names)
    document = parse(f"query ({declared}) {{ name {fields} }}")
    compiler = Compiler(after=0)
    for _ in range(2):
        for number in range(64):
            variables = {name: bool(number >> place & 1) for place, name in enumerate(names)}
            answer = await run(document, compiler, variables)
            expected = {"name": "query"} | {name: "query" for name in names if not variables[name]}
            assert (answer.data, answer.errors) == (expected, None)
    assert compiler.compiled == MOST_CONDITIONS


async def test_a_condition_without_a_value_fails_as_under_graphql_core() -> None:
    document = parse("query ($on: Boolean = true) { name @include(if: $on) }")
    compiler = Compiler(after=0)
    for variables in ({"on": None}, {}):
        answer, expected = await run(document, compiler, variables), await run(document, None, variables)
        assert answer.data == expected.data
        assert [str(error) for error in answer.errors or ()] == [str(error) for error in expected.errors or ()]


async def test_mutations_and_introspection_are_never_compiled() -> None:
    compiler = Compiler(after=0)
    mutation = parse('mutation { change { name later } again: change(name: "b") { name } }')
    introspection = parse(get_introspection_query())
    mixed = parse("{ name __schema { queryType { name } } }")
    for document in (mutation, introspection, mixed):
        for _ in range(2):
            answer, expected = await run(document, compiler), await run(document, None)
            assert answer.data == expected.data
            assert [str(error) for error in answer.errors or ()] == [str(error) for error in expected.errors or ()]
    assert compiler.compiled == 0


@pytest.mark.parametrize("deferred", ["... @defer { later }", "...F", "generated @stream(initialCount: 1)"])
async def test_deferred_and_streamed_parts_are_left_to_graphql_core(deferred: str) -> None:
    @strawberry.type
    class Query:
        name: str = "a"

        @strawberry.field
        async def later(self) -> str:
            return "b"

        @strawberry.field
        def generated(self) -> list[int]:
            return [1, 2]

    schema = strawberry.Schema(Query, config=StrawberryConfig(enable_experimental_incremental_execution=True))
    compiler = Compiler(after=0)
    fragment = "fragment F on Query { ... @defer { later } }" if "F" in deferred else ""
    document = parse(f"{{ name {deferred} }} {fragment}")
    for _ in range(2):
        result: Any = experimental_execute_incrementally(
            schema._schema, document, root_value=Query(), executor_class=compiling(BASE, compiler)
        )
        result = result if hasattr(result, "initial_result") else await result
        parts = [part async for part in result.subsequent_results]
        assert result.initial_result.data["name"] == "a"
        assert parts
    assert compiler.compiled == 0


async def test_middleware_an_abort_signal_and_no_error_propagation_are_left_to_graphql_core() -> None:
    compiler = Compiler(after=0)
    document = parse("{ name }")

    def shout(resolve: Any, source: Any, info: Any, **arguments: Any) -> Any:
        return resolve(source, info, **arguments).upper()

    assert (await run(document, compiler, middleware=MiddlewareManager(shout))).data == {"name": "QUERY"}
    assert (await run(document, compiler, abort_signal=AbortController().signal)).data == {"name": "query"}
    assert compiler.compiled == 0
    assert (await run(document, compiler, middleware=MiddlewareManager())).data == {"name": "query"}
    assert compiler.compiled == 1


async def test_after_a_failure_the_operation_is_left_to_graphql_core_for_a_while_and_then_tried_again() -> None:
    compiler = Compiler(after=0)
    document = parse("{ name badRaised }")
    for _ in range(20):
        answer = await run(document, compiler)
        assert answer.data == {"name": "query", "badRaised": None}
        assert [error.message for error in answer.errors or ()] == ["query refuses."]
    # Tried at the runs 1, 3, 6, 11 and 20.
    assert compiler.repeated == 5


def test_what_a_client_wrote_stands_in_the_source_only_as_text() -> None:
    hostile = ["d", "R", "v", "exec", "__builtins__", 'x"]; import os; d["', "a\n b = 1", "\\", "'", "\u2028", "{d}"]
    fields = [FieldNode(name=NameNode(value="name"), alias=NameNode(value=name)) for name in hostile]
    selections = SelectionSetNode(selections=tuple(fields))
    operation = OperationDefinitionNode(operation=OperationType.QUERY, selection_set=selections)
    document = DocumentNode(definitions=(operation,))
    executor: Any = compiling(BASE, Compiler()).build(CORE, document, root())  # type: ignore[attr-defined]
    query: Any = CORE.query_type
    grouped = collect_fields(CORE, {}, executor.variable_values, query, operation, False)[0]
    writer = Writer(executor)
    sources: list[str] = []
    define = writer._names.run

    def noted(lines: list[str]) -> None:
        sources.extend(lines)
        define(lines)

    writer._names.run = noted  # type: ignore[method-assign]
    function = writer.root(executor, query, grouped)
    tree = ast.parse("\n".join(sources))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert set(hostile) <= texts
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not names & (set(hostile) - {"d", "R", "v"})
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert function.__name__ == "object0"
    answer = compiling(BASE, Compiler(after=0)).build(CORE, document, root()).execute_operation()  # type: ignore[attr-defined]
    assert list(answer.data) == hostile


def test_a_hostile_document_costs_about_what_it_costs_graphql_core() -> None:
    wide = "{ " + " ".join(f"a{number}: me {{ b{number}: me {{ name size }} }}" for number in range(300)) + " }"
    deep = "{ " + "me { " * 60 + "name" + " }" * 60 + " }"
    merged = "{ " + " ".join("me { me { name ...F } }" for _ in range(60)) + " } fragment F on Thing { size name id }"
    for text in (wide, deep, merged):
        document = parse(text)
        calls = []
        for executor_class in (BASE, compiling(BASE, Compiler()), compiling(BASE, Compiler(after=0))):
            with counted_work() as work:
                execute_sync(CORE, document, root_value=root(), executor_class=executor_class)
            calls.append(work.calls)
        core, seen_once, compiled_at_once = calls
        assert seen_once < core * 1.02 + 100
        assert compiled_at_once < core * 5


async def test_a_custom_scalar_is_read_anew_in_every_run() -> None:
    days = iter((date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)))
    relative = strawberry.scalar(name="Day", serialize=str, parse_value=lambda _text: next(days))

    @strawberry.type
    class Query:
        @strawberry.field
        def day(self, of: date) -> str:
            return str(of)

    schema = strawberry.Schema(Query, config=StrawberryConfig(scalar_map={date: relative}))
    executor_class = compiling(BASE, Compiler(after=0))
    document = parse('{ day(of: "today") }')
    answers = [execute_sync(schema._schema, document, executor_class=executor_class).data for _ in range(3)]
    assert answers == [{"day": f"2026-01-0{day}"} for day in (1, 2, 3)]


def test_an_info_class_with_a_way_of_its_own_to_begin_gets_what_it_expects() -> None:
    class Own(strawberry.Info):
        def __init__(self, _raw_info: Any, _field: Any) -> None:
            super().__init__(_raw_info=_raw_info, _field=_field)
            self.noted = f"{_raw_info.field_name} {_field.python_name}"

    @strawberry.type
    class Query:
        @strawberry.field
        def said(self, info: Own) -> str:
            return info.noted

    schema = strawberry.Schema(Query, config=StrawberryConfig(info_class=Own))
    compiler = Compiler(after=0)
    answer = execute_sync(schema._schema, parse("{ said }"), executor_class=compiling(BASE, compiler))
    assert (answer.data, answer.errors, compiler.repeated) == ({"said": "said said"}, None, 0)


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited", "ignore::pytest.PytestUnraisableExceptionWarning")
async def test_where_nothing_is_awaited_an_asynchronous_resolver_fails_in_its_place() -> None:
    document = parse("{ name doneFuture later }")
    said = [
        execute_sync(CORE, document, root_value=root(), executor_class=executor_class)
        for executor_class in (BASE, compiling(BASE, Compiler(after=0)))
    ]
    assert said[0].data == said[1].data is None
    assert [[error.path for error in each.errors or ()] for each in said] == [[["doneFuture"], ["later"]]] * 2


# graphql-core leaves its own coroutines behind there.
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_asynchronous_resolver_in_a_synchronous_execution_fails_as_under_graphql_core() -> None:
    document = parse("{ name later }")
    for executor_class in (Executor, compiling(Executor, Compiler(after=0))):
        with pytest.raises((RuntimeError, GraphQLError), match="synchronously"):
            execute_sync(CORE, document, root_value=root(), executor_class=executor_class, check_sync=True)
