"""Comparing: one document run by graphql-core, compiled at first sight, and compiled as kept; all must say the same."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema, execute, parse, subscribe
from graphql.execution import Executor

from executor import Compiler, compiling
from tests.executor.documents import Asked

RUNS = ("graphql-core", "compiled", "compiled again")


@dataclass
class Tally:
    """What came of the documents so far."""

    documents: int = 0
    compiled: int = 0
    repeated: int = 0
    left: int = 0
    refused: int = 0
    with_errors: int = 0
    with_data: int = 0
    leaves: int = 0

    def __str__(self) -> str:
        share = 100 * self.compiled / max(1, self.documents)
        return (
            f"{self.documents} documents: {self.compiled} answered from compiled functions ({share:.0f} %), "
            f"{self.repeated} repeated by graphql-core for their errors, {self.left} left to it, "
            f"{self.refused} refused for their variables; "
            f"{self.with_data} with data ({self.leaves} leaves), {self.with_errors} with errors"
        )


@dataclass
class Comparison:
    """A schema, and how an operation over it is executed."""

    schema: GraphQLSchema
    base: type[Executor[Any]]
    root: Callable[[], Any]
    options: dict[str, Any] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)

    async def compare(self, asked: Asked) -> None:
        """Raises AssertionError where the runs differ, or where it was not the compiled function that answered."""
        document = parse(asked.text)
        compiler = Compiler(after=0, is_cautious=False)
        compiled = compiling(self.base, compiler)
        said = [await self._said(document, asked, each) for each in (self.base, compiled, compiled)]
        self._judge(asked, compiler, said)

    async def compare_events(self, asked: Asked) -> None:
        """As `compare`, for every event of a subscription."""
        document = parse(asked.text)
        compiler = Compiler(after=0, is_cautious=False)
        compiled = compiling(self.base, compiler)
        expected, *others = [await self._events(document, asked, each) for each in (self.base, compiled, compiled)]
        for run, events in zip(RUNS[1:], others, strict=True):
            assert events == expected, explained(asked, run, expected, events)
        tally = self.tally
        failed = sum(bool(errors) for _, errors in expected)
        tally.documents += len(expected)
        tally.with_errors += failed
        if compiler.left or not compiler.compiled:
            tally.left += len(expected)
            return
        # A run in which a hope was dashed has not come to its errors.
        assert compiler.repeated <= 2 * failed, f"repeated without errors:\n{asked.text}\n{asked.variables}"
        assert compiler.repeated + compiler.dashed >= 2 * failed, f"not repeated:\n{asked.text}\n{asked.variables}"
        tally.repeated += failed
        tally.compiled += len(expected) - failed

    async def _events(self, document: DocumentNode, asked: Asked, executor_class: type) -> "list[Said]":
        options = {key: value for key, value in self.options.items() if key != "is_awaitable"}
        source: Any = subscribe(
            self.schema, document, self.root(), {}, asked.variables, executor_class=executor_class, **options
        )
        if not isinstance(source, ExecutionResult) and not hasattr(source, "__aiter__"):
            source = await source
        if isinstance(source, ExecutionResult):
            return [said_of(source)]
        events = []
        async with asyncio.timeout(20), aclosing(source):
            while True:
                # As in `_said`: each event in a task of its own.
                event = await asyncio.create_task(anext(source, None))
                if event is None:
                    return events
                events.append(said_of(event))

    async def _said(self, document: DocumentNode, asked: Asked, executor_class: type) -> "Said":
        async with asyncio.timeout(20):
            # A task of its own, as every request has: what a resolver leaves in the context ends with it.
            return said_of(await asyncio.create_task(self._run(document, asked, executor_class)))

    async def _run(self, document: DocumentNode, asked: Asked, executor_class: type) -> ExecutionResult:
        result = execute(
            self.schema,
            document,
            root_value=self.root(),
            context_value={},
            variable_values=asked.variables,
            executor_class=executor_class,
            **self.options,
        )
        if not isinstance(result, ExecutionResult):
            result = await result
        assert isinstance(result, ExecutionResult)
        return result

    def _judge(self, asked: Asked, compiler: Compiler, said: list["Said"]) -> None:
        reference = said[0]
        for run, other in zip(RUNS[1:], said[1:], strict=True):
            assert other == reference, explained(asked, run, reference, other)
        tally = self.tally
        tally.documents += 1
        data, errors = reference
        tally.with_data += data != "None"
        tally.leaves += data.count(":")
        tally.with_errors += bool(errors)
        if errors and all(path is None for _, path, *_ in errors):
            # Nothing was run.
            assert compiler.repeated == 0
            tally.refused += 1
        elif compiler.left:
            tally.left += 1
        else:
            assert compiler.compiled == 1, f"not compiled:\n{asked.text}\n{asked.variables}"
            assert compiler.repeated == (2 - compiler.dashed if errors else 0), (
                f"repeated without errors:\n{asked.text}\n{asked.variables}"
            )
            tally.repeated += bool(errors)
            tally.compiled += not errors


Said = tuple[str, list[Any]]


def said_of(result: ExecutionResult) -> Said:
    """What an execution said: the data with the order of its keys, and the errors in their order."""
    return repr(result.data), [_error(error) for error in result.errors or ()]


def _error(error: GraphQLError) -> Any:
    return (
        error.message,
        error.path,
        tuple(tuple(place) for place in error.locations or ()),
        repr(error.extensions),
        type(error.original_error).__name__,
    )


def explained(asked: Asked, run: str, expected: Any, got: Any) -> str:
    """A difference, with everything that is needed to see it again."""
    one, other = repr(expected), repr(got)
    place = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), 0)
    window = slice(max(0, place - 200), place + 300)
    return (
        f"{run} differs\n{asked.text}\nvariables: {asked.variables!r}\n"
        f"graphql-core: ...{one[window]}\n{run}: ...{other[window]}\nerrors: {one[-500:]}\n{run}: {other[-500:]}"
    )
