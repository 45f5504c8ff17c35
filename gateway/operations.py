"""Operations: one question from its text to its answer, the same whichever way it came: HTTP, WebSocket or events."""

import asyncio
import logging
import random
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from graphql import ExecutionResult, OperationDefinitionNode, execute, subscribe
from strawberry import Schema
from strawberry.execution import optimized_is_awaitable

from executor import Compiler
from gateway.documents import Document, Documents, is_query, is_subscription
from gateway.errors import Masking
from gateway.executing import executor_class
from gateway.limits import Limits
from loaders.tick import Costs
from profiles.errors import BadRequest, DeadlineExceeded, Forbidden, ProfileError
from profiles.viewer import Scope, Viewer
from resolvers.brief import brief_rows
from resolvers.context import Context, Services

log = logging.getLogger("profile_gateway.operations")

# After the deadline a query's parts that are there already are worth this much waiting for.
GRACE_SECONDS = 0.25
# The schema's whole description takes a quarter of a second to put together, and megabytes to keep.
KEPT_INTROSPECTIONS = 4


@dataclass(frozen=True, slots=True)
class Question:
    """What a client sent."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What it gets. `is_refusal` says that nothing was run: the document, the operation or the variables were wrong."""

    errors: list[dict[str, Any]]
    data: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None
    is_refusal: bool = False

    @property
    def body(self) -> dict[str, Any]:
        """As JSON says it: a refusal has no `data` at all."""
        body: dict[str, Any] = {} if self.is_refusal else {"data": self.data}
        if self.errors:
            body["errors"] = self.errors
        if self.extensions:
            body["extensions"] = self.extensions
        return body


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation that may be run, its document and what it shares with its resolvers."""

    question: Question
    document: Document
    operation: OperationDefinitionNode
    context: Context
    masking: Masking
    rows: int
    """How many rows its nested pages could hold."""

    @property
    def is_subscription(self) -> bool:
        """Whether it answers more than once."""
        return is_subscription(self.operation)

    @property
    def is_query(self) -> bool:
        """Whether it only reads."""
        return is_query(self.operation)


class Operations:
    """Prepares and runs operations of one schema."""

    def __init__(
        self,
        schema: Schema,
        services: Services,
        timeout_seconds: float,
        introspection: bool = True,
        logs_messages: bool = False,
        limits: Limits | None = None,
        compiler: Compiler | None = None,
    ) -> None:
        self._schema = schema
        self._services = services
        self._timeout_seconds = timeout_seconds
        self._introspection = introspection
        self._logs_messages = logs_messages
        self._limits = limits or Limits()
        self._documents = Documents(schema, self._limits)
        self._executor_class = executor_class(compiler)
        self._introspections: OrderedDict[tuple[str, str | None], ExecutionResult] = OrderedDict()

    def masking(self, viewer: Viewer | None, request_id: str) -> Masking:
        """How errors are shown to a viewer; who may not read the schema gets no hints of its names either."""
        return Masking(request_id, viewer is not None and self._may_read_schema(viewer), self._logs_messages)

    def prepare(self, question: Question, viewer: Viewer, request_id: str) -> Prepared | Answer:
        """An operation ready to run, or the refusal. Nothing has been loaded or written either way."""
        masking = self.masking(viewer, request_id)
        document = self._documents.prepare(question.query)
        if document.errors:
            return Answer(masking.shown(document.errors), is_refusal=True)
        try:
            operation = document.operation(question.operation_name)
            if document.reads_schema and not self._may_read_schema(viewer):
                raise Forbidden(f"Reading the schema needs the scope {Scope.DEBUG}.")
            rows = 0
            if document.node is not None:
                core = self._schema._schema
                rows = document.breadth.check(core, document.node, operation, question.variables, self._limits.rows)
            context = Context(self._services, viewer, request_id, self._brief(document, operation))
        except Exception as error:  # noqa: BLE001 - the outermost edge, and even here nothing unknown may be shown
            return Answer([masking.shown_one(error)], is_refusal=True)
        return Prepared(question, document, operation, context, masking, rows)

    def _brief(self, document: Document, operation: OperationDefinitionNode) -> frozenset[type]:
        # Kept rows serve every operation, so they are whole.
        if self._services.panels is not None:
            return frozenset()
        return brief_rows(document.fields(self._schema._schema, operation))

    def fields(self, prepared: Prepared) -> frozenset[str]:
        """Every field that an operation names, as `Type.field`; also those that a directive leaves out."""
        return prepared.document.fields(self._schema._schema, prepared.operation)

    async def run(self, prepared: Prepared) -> Answer:
        """The answer to a query or a mutation, within the deadline."""
        context = prepared.context
        started = time.perf_counter()
        # The parts of a query that are waited for fail with TIMEOUT at the deadline; the others can still arrive.
        grace = GRACE_SECONDS if prepared.is_query else 0
        deadline = asyncio.get_running_loop().call_later(self._timeout_seconds, _give_up, context)
        end = asyncio.timeout(self._timeout_seconds + grace)
        try:
            async with end:
                result = await self._execute(prepared)
            return self._answered(prepared, result, started)
        except Exception as error:  # noqa: BLE001 - the outermost edge: whatever went wrong is an answer
            return self._timed_out(prepared) if end.expired() else Answer([prepared.masking.shown_one(error)])
        finally:
            deadline.cancel()
            context.loaders.tick.cancel()

    async def stream(self, prepared: Prepared) -> AsyncGenerator[Answer, None]:
        """The answers of any operation, one after another: a query or a mutation has one."""
        if not prepared.is_subscription:
            yield await self.run(prepared)
            return
        context = prepared.context
        try:
            source = await self._subscribe(prepared)
            if isinstance(source, ExecutionResult):
                # Nothing was delivered and nothing will be: a refusal, although its errors name the field.
                yield Answer(prepared.masking.shown(source.errors or []), is_refusal=True)
                return
            async with aclosing(source) as results:  # type: ignore[type-var]  # it is a generator
                async for result in results:
                    yield self._answered(prepared, result, None)
        except Exception as error:  # noqa: BLE001 - as in `run`
            yield Answer([prepared.masking.shown_one(error)])
        finally:
            context.loaders.tick.cancel()

    async def _execute(self, prepared: Prepared) -> ExecutionResult:
        question = prepared.question
        if not prepared.document.reads_only_schema or question.variables:
            return await self._executed(prepared)
        asked = (question.query, question.operation_name)
        kept = self._introspections.get(asked)
        if kept is None:
            kept = self._introspections[asked] = await self._executed(prepared)
            if len(self._introspections) > KEPT_INTROSPECTIONS:
                self._introspections.popitem(last=False)
        self._introspections.move_to_end(asked)
        return kept

    async def _executed(self, prepared: Prepared) -> ExecutionResult:
        question = prepared.question
        result = execute(
            self._schema._schema,
            prepared.document.node,  # type: ignore[arg-type]  # not null once prepared
            context_value=prepared.context,
            variable_values=question.variables,
            operation_name=question.operation_name,
            executor_class=self._executor_class,
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]  # narrower in its annotation only
            hide_suggestions=not self._may_read_schema(prepared.context.viewer),
        )
        return result if isinstance(result, ExecutionResult) else await result

    async def _subscribe(self, prepared: Prepared) -> AsyncIterator[ExecutionResult] | ExecutionResult:
        question = prepared.question
        source = subscribe(
            self._schema._schema,
            prepared.document.node,  # type: ignore[arg-type]  # not null once prepared
            context_value=prepared.context,
            variable_values=question.variables,
            operation_name=question.operation_name,
            executor_class=self._executor_class,
            hide_suggestions=not self._may_read_schema(prepared.context.viewer),
        )
        if isinstance(source, ExecutionResult) or hasattr(source, "__aiter__"):
            return source  # type: ignore[return-value]  # not awaitable: just asked
        return await source

    def _answered(self, prepared: Prepared, result: ExecutionResult, started: float | None) -> Answer:
        errors = result.errors or []
        # An error of execution always has a path; without one the variables were wrong and nothing was run.
        is_refusal = result.data is None and bool(errors) and all(error.path is None for error in errors)
        return Answer(
            errors=prepared.masking.shown(errors),
            data=result.data,
            extensions=None if is_refusal else _extensions(prepared.context, started),
            is_refusal=is_refusal,
        )

    def _timed_out(self, prepared: Prepared) -> Answer:
        error = DeadlineExceeded(f"The operation took longer than {self._timeout_seconds:g} seconds.")
        return Answer([prepared.masking.shown_one(error)], extensions=_extensions(prepared.context, None))

    def _may_read_schema(self, viewer: Viewer) -> bool:
        return self._introspection or viewer.may(Scope.DEBUG)


def _give_up(context: Context) -> None:
    # A write has loaders of its own afterwards: which ones they are is seen when it is time.
    context.loaders.tick.cancel()


def _extensions(context: Context, started: float | None) -> dict[str, Any]:
    extensions: dict[str, Any] = {}
    if context.disabled_panels:
        extensions["disabledPanels"] = sorted(context.disabled_panels)
    if context.warnings:
        extensions["warnings"] = list(context.warnings)
    if context.viewer.may(Scope.DEBUG):
        extensions["profile"] = profile_of(context.costs, started)
    return extensions


def profile_of(costs: Costs, started: float | None) -> dict[str, Any]:
    """What an operation cost, for who has the scope `debug`; `started` is the performance counter at its beginning."""
    profile: dict[str, Any] = {
        "sqlStatements": costs.trips.statements,
        "sqlRoundTrips": costs.trips.round_trips,
        "redisRoundTrips": costs.redis_round_trips,
        "loaderBatches": [{"loader": loader, "keys": keys} for loader, keys in costs.batches],
        "ticks": costs.ticks,
        "cacheHits": costs.cache_hits,
        "compileMs": round(costs.compile_milliseconds, 2),
    }
    if started is not None:
        profile["executeMs"] = round((time.perf_counter() - started) * 1000, 2)
    return profile


def new_request_id() -> str:
    """A fresh id for one request: it stands in the answer's header, in INTERNAL errors and in the log.

    It is no secret, and the system's own randomness would cost a call into it for each request.
    """
    return f"{random.getrandbits(64):016x}"


def refused(error: ProfileError, masking: Masking) -> Answer:
    """A refusal with one error."""
    return Answer([masking.shown_one(error)], is_refusal=True)


def only_streamed() -> BadRequest:
    """The refusal of a subscription where one answer was expected."""
    return BadRequest("Subscriptions are answered over WebSocket (graphql-transport-ws) or as text/event-stream.")
