"""A compiled run: its resolvers are tasks among tasks, and nothing of it outlives its answer."""

import asyncio
import types
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any

import pytest
from graphql import (
    ExecutionResult,
    GraphQLField,
    GraphQLInt,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    execute,
    parse,
)
from graphql import GraphQLString as String
from graphql.execution import Executor

from executor import Compiler, compiling

Resolver = Callable[..., Any]
BOTH = pytest.mark.parametrize("is_compiled", [False, True], ids=["graphql-core", "compiled"])
SEEN: ContextVar[str] = ContextVar("SEEN", default="nobody")


def begun(is_compiled: bool, compiler: Compiler | None = None, **resolvers: Resolver) -> Any:
    """The execution of a query for fields of those names, begun."""
    numbers = {"numbers": GraphQLField(GraphQLList(GraphQLInt), resolve=lambda *_: [1])}
    fields = {name: GraphQLField(String, resolve=resolve) for name, resolve in resolvers.items()}
    schema = GraphQLSchema(GraphQLObjectType("Query", fields | numbers))
    executor_class = compiling(Executor, compiler or Compiler(after=0)) if is_compiled else Executor
    return execute(schema, parse("{ " + " ".join(resolvers) + " }"), executor_class=executor_class)


async def answered(result: Any) -> ExecutionResult:
    """What it answers, within reason."""
    async with asyncio.timeout(5):
        return result if isinstance(result, ExecutionResult) else await result  # type: ignore[no-any-return]


async def alone() -> None:
    """Waits until no other task is left; fails if one stays."""
    async with asyncio.timeout(5):
        while asyncio.all_tasks() != {asyncio.current_task()}:
            await asyncio.sleep(0)


class Endless:
    """A resolver that waits for ever, and notes how it ended."""

    def __init__(self, tidies_up: bool = False) -> None:
        self.begun = asyncio.Event()
        self.ended: list[str] = []
        self._tidies_up = tidies_up

    async def __call__(self, *_: Any) -> str:
        self.begun.set()
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            if self._tidies_up:
                await asyncio.sleep(0)
            self.ended.append("cancelled")
            raise
        return "never"


def returns(value: Any) -> Resolver:
    """A resolver of one value."""
    return lambda *_: value


def fails(*_: Any) -> Any:
    """A resolver that does not work."""
    raise ValueError("No.")


@BOTH
async def test_a_cancelled_operation_cancels_what_it_waits_for_and_leaves_no_task(is_compiled: bool) -> None:
    endless = [Endless(), Endless(tidies_up=True)]
    running = asyncio.ensure_future(answered(begun(is_compiled, a=endless[0], b=endless[1], c=returns("c"))))
    # The task itself must have begun too: before that there is nobody to tell.
    await asyncio.sleep(0)
    for each in endless:
        await each.begun.wait()
    running.cancel()
    await asyncio.wait({running})
    assert running.cancelled()
    await alone()
    assert [each.ended for each in endless] == [["cancelled"], ["cancelled"]]


@BOTH
async def test_an_operation_that_times_out_is_over(is_compiled: bool) -> None:
    endless = Endless()
    result = begun(is_compiled, a=endless, b=returns("b"))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await result
    await alone()
    assert endless.ended == ["cancelled"]


async def test_a_run_that_is_given_up_leaves_nothing_running() -> None:
    compiler = Compiler(after=0)
    calls = 0

    async def waits(*_: Any) -> str:
        nonlocal calls
        calls += 1
        if calls == 1:
            await asyncio.get_running_loop().create_future()
        return "second"

    answer = await answered(begun(True, compiler, a=waits, b=fails))
    assert answer.data == {"a": "second", "b": None}
    assert [error.message for error in answer.errors or ()] == ["No."]
    assert (compiler.repeated, calls) == (1, 2)
    await alone()


@BOTH
async def test_a_resolver_has_a_current_task_of_its_own_that_it_can_cancel_and_take_back(is_compiled: bool) -> None:
    tasks: list[Any] = []

    async def own(*_: Any) -> str:
        task: Any = asyncio.current_task()
        tasks.append(task)
        await asyncio.sleep(0)
        assert asyncio.current_task() is task
        task.cancel()
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            return f"{task.cancelling()} {task.uncancel()} {task.get_loop() is asyncio.get_running_loop()}"
        return "not cancelled"

    answer = await answered(begun(is_compiled, a=own, b=own))
    assert (answer.data, answer.errors) == ({"a": "1 0 True", "b": "1 0 True"}, None)
    assert len({id(task) for task in (*tasks, asyncio.current_task())}) == 3


@BOTH
async def test_a_timeout_inside_a_resolver_ends_that_resolver_alone(is_compiled: bool) -> None:
    async def late(*_: Any) -> str:
        try:
            async with asyncio.timeout(0):
                await asyncio.get_running_loop().create_future()
        except TimeoutError:
            return "late"
        return "never"

    async def slow(*_: Any) -> str:
        for _pass in range(10):
            await asyncio.sleep(0)
        return "slow"

    answer = await answered(begun(is_compiled, a=late, b=slow, c=late))
    assert (answer.data, answer.errors) == ({"a": "late", "b": "slow", "c": "late"}, None)


@BOTH
async def test_what_one_resolver_puts_into_the_context_no_other_finds_there(is_compiled: bool) -> None:
    def asks(name: str) -> Resolver:
        async def ask(*_: Any) -> str:
            before = SEEN.get()
            token = SEEN.set(name)
            await asyncio.sleep(0)
            kept = SEEN.get()
            SEEN.reset(token)
            await asyncio.sleep(0)
            return f"{before} {kept} {SEEN.get()}"

        return ask

    answer = await answered(begun(is_compiled, a=asks("a"), b=asks("b")))
    assert (answer.data, answer.errors) == ({"a": "nobody a nobody", "b": "nobody b nobody"}, None)
    assert SEEN.get() == "nobody"


@BOTH
async def test_a_resolver_that_cancels_itself_cancels_the_execution_and_its_siblings(is_compiled: bool) -> None:
    async def gives_up(*_: Any) -> str:
        await asyncio.sleep(0)
        raise asyncio.CancelledError

    running = asyncio.ensure_future(answered(begun(is_compiled, a=gives_up, b=returns("b"))))
    await asyncio.wait({running})
    assert running.cancelled()
    await alone()


async def test_an_execution_may_be_awaited_long_after_it_has_arrived() -> None:
    async def soon(*_: Any) -> str:
        await asyncio.sleep(0)
        return "soon"

    compiler = Compiler(after=0)
    result = begun(True, compiler, a=soon)
    for _ in range(5):
        await asyncio.sleep(0)
    assert (await answered(result)).data == {"a": "soon"}
    failing = begun(True, compiler, a=soon, b=lambda *_: asyncio.sleep(0, ValueError("Late.")))
    for _ in range(5):
        await asyncio.sleep(0)
    answer = await answered(failing)
    assert answer.data == {"a": "soon", "b": None}
    assert [error.message for error in answer.errors or ()] == ["Late."]


@BOTH
async def test_a_generator_that_is_a_coroutine_is_awaited_though_others_are_lists(is_compiled: bool) -> None:
    @types.coroutine
    def old(*_: Any) -> Any:
        yield from asyncio.sleep(0).__await__()
        return "old"

    def numbers(*_: Any) -> Iterator[int]:
        yield from (1, 2)

    schema = GraphQLSchema(
        GraphQLObjectType(
            "Query",
            {
                "numbers": GraphQLField(GraphQLList(GraphQLInt), resolve=numbers),
                "old": GraphQLField(String, resolve=old),
            },
        )
    )
    executor_class = compiling(Executor, Compiler(after=0)) if is_compiled else Executor
    for _ in range(2):
        answer = await answered(execute(schema, parse("{ numbers old }"), executor_class=executor_class))
        assert (answer.data, answer.errors) == ({"numbers": [1, 2], "old": "old"}, None)


@BOTH
async def test_a_future_of_another_loop_is_an_error_and_no_hang(is_compiled: bool) -> None:
    other = asyncio.new_event_loop()
    answer = await answered(begun(is_compiled, a=lambda *_: other.create_future(), b=returns("b")))
    other.close()
    assert answer.data == {"a": None, "b": "b"}
    assert [type(error.original_error) for error in answer.errors or ()] == [RuntimeError]


@BOTH
async def test_one_future_may_be_the_answer_of_many(is_compiled: bool) -> None:
    shared = asyncio.get_running_loop().create_future()
    task = asyncio.ensure_future(asyncio.sleep(0, "task"))
    asyncio.get_running_loop().call_soon(shared.set_result, "shared")
    resolvers = {f"a{number}": returns(shared if number % 2 else task) for number in range(6)}
    answer = await answered(begun(is_compiled, **resolvers))
    assert answer.data == {f"a{number}": "shared" if number % 2 else "task" for number in range(6)}


@BOTH
async def test_a_thread_that_answers_is_waited_for(is_compiled: bool) -> None:
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as pool:
        answer = await answered(begun(is_compiled, a=lambda *_: loop.run_in_executor(pool, str, 5), b=returns("b")))
    assert (answer.data, answer.errors) == ({"a": "5", "b": "b"}, None)


async def test_what_is_ready_costs_no_pass_of_the_loop() -> None:
    async def ready(*_: Any) -> str:
        return "ready"

    result = begun(True, Compiler(after=0), a=ready, b=returns("b"))
    assert isinstance(result, ExecutionResult)
    assert result.data == {"a": "ready", "b": "b"}
