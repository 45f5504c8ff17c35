"""One run of a compiled operation: it waits for what resolvers promised, and fills the answer in as that arrives."""

import asyncio
from asyncio import AbstractEventLoop, Future
from collections.abc import Awaitable, Callable
from functools import partial
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from executor.paths import At
from executor.promises import Arrival, Hoped, Later, Part
from executor.steps import Complete, Step
from executor.values import Bail, Dashed, abandon

if TYPE_CHECKING:
    from executor.execution import CompilingExecutor

Awaited = tuple[Part[Any, Any], Callable[[Any], Any] | None, Complete, Any, Any, At]


class Run:
    """The state that the functions of one run share."""

    __slots__ = (
        "_done",
        "_failure",
        "_foreign",
        "_is_closing",
        "_loop",
        "_parts",
        "_steps",
        "admitted",
        "arguments",
        "context",
        "executor",
        "infos",
        "plans",
    )

    def __init__(self, executor: "CompilingExecutor") -> None:
        self.executor = executor
        self.context = executor.context_value
        # By a field's number: what is the same for all its parents in this run.
        self.arguments: dict[int, Any] = {}
        self.infos: dict[int, Any] = {}
        self.admitted: dict[int, bool] = {}
        self.plans: dict[int, Callable[[Any], Any]] = {}
        self._loop: AbstractEventLoop | None = None
        self._steps: set[Step] = set()
        self._parts: dict[Arrival, list[Awaited]] = {}
        self._foreign = 0
        self._is_closing = False
        self._done: Future[None] | None = None
        self._failure: BaseException | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether something was promised that has not arrived."""
        return bool(self._steps or self._parts)

    def wait(self, promised: Any, complete: Complete, target: Any, key: Any, at: At) -> None:
        """`target[key]` becomes the completed value of the promise, now or later. Raises what a promise raises now."""
        if self._loop is None:
            self._enter(promised)
        then = None
        if type(promised) is Later:
            promised, then = promised.awaited, promised.then
            while type(promised) is Later:
                promised, then = promised.awaited, partial(_one_after_the_other, promised.then, then)
        if type(promised) is Part:
            self._wait_for(promised, then, complete, target, key, at)
            return
        if type(promised) is Hoped and then is None:
            # First the check, so that nothing else that arrives with it is filled in where the hope is dashed.
            self._wait_for(promised.check, _confirmed, _ignored, {}, None, None)
            target[key] = complete(self, promised.value, at)
            return
        if type(promised) is Future or asyncio.isfuture(promised):
            if promised.done():
                value = promised.result()
                target[key] = complete(self, value if then is None else then(value), at)
                return
            step = Step(self, None, complete, target, key, at, then)
            step.watch(promised)
            self._steps.add(step)
            return
        coroutine = promised if type(promised) is CoroutineType else _awaiting(promised)
        Step(self, coroutine, complete, target, key, at, then).begin()

    def _wait_for(
        self, part: Part[Any, Any], then: Callable[[Any], Any] | None, complete: Complete, target: Any, key: Any, at: At
    ) -> None:
        if part.arrival.has_come:
            value = part.batch.find(part.key)
            target[key] = complete(self, value if then is None else then(value), at)
            return
        waiting = self._parts.get(part.arrival)
        if waiting is None:
            waiting = self._parts[part.arrival] = []
            part.arrival.tell(partial(self._came, part.arrival))
        waiting.append((part, then, complete, target, key, at))

    async def arrived(self) -> None:
        """Returns when all that was promised is filled in. Raises the first failure."""
        # Who awaits an execution later than it began may find that everything has arrived.
        if self.is_waiting and self._failure is None:
            self._done = self.loop.create_future()
            if not self._foreign:
                self.executor.level_started()
            try:
                await self._done
            except asyncio.CancelledError:
                self.stop()
                await self._ended_all()
                raise
        if self._failure is not None:
            raise self._failure

    async def _ended_all(self) -> None:
        # Whoever cancels an operation may then close what its resolvers use: they have tidied up by then.
        while self._steps:
            self._done = self.loop.create_future()
            await self._done

    def stop(self) -> None:
        """Cancels what still runs: nobody waits for it any more."""
        if self._failure is None:
            self._failure = asyncio.CancelledError()
        self._parts.clear()
        for step in tuple(self._steps):
            step.cancel()

    def close(self) -> None:
        """Ends the circles of the run and what its fields share, so that what was loaded goes with the answer."""
        self.arguments.clear()
        self.infos.clear()
        self.plans.clear()

    @property
    def loop(self) -> AbstractEventLoop:
        """The loop it runs in, asked for when something is first awaited: an operation may need none."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop

    def _enter(self, promised: Any) -> None:
        if not self.executor.is_awaitable(promised):
            raise Bail("whoever executes has said that nothing is awaited")
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            abandon(promised)
            raise

    def _started(self, step: "Step") -> None:
        self._steps.add(step)

    def _ended(self, step: "Step") -> None:
        self._steps.discard(step)
        self._end_if_nothing_is_left()

    def _end_if_nothing_is_left(self) -> None:
        if not self._steps and not self._parts and self._done is not None and not self._done.done():
            self._done.set_result(None)

    def _came(self, arrival: Arrival) -> None:
        if self._steps:
            # Coroutines may wait for the same arrival: they go on in the loop's next pass, and are of the same level.
            self.loop.call_soon(self._fill, arrival)
        else:
            self._fill(arrival)

    def _fill(self, arrival: Arrival) -> None:
        awaited = self._parts.get(arrival, ())
        try:
            if self._failure is None:
                for part, then, complete, target, key, at in awaited:
                    value = part.batch.find(part.key)
                    target[key] = complete(self, value if then is None else then(value), at)
        except BaseException as failure:  # noqa: BLE001 - the run raises it where it is awaited
            self._failed(failure)
        finally:
            self._parts.pop(arrival, None)
            self._end_if_nothing_is_left()
            if self._steps:
                self._woken()
            else:
                self._close()

    def _failed(self, failure: BaseException) -> None:
        if self._failure is None:
            # What a resolver has cancelled is its own affair, and not a cancellation of the operation.
            self._failure = Bail("cancelled") if isinstance(failure, asyncio.CancelledError) else failure
        if self._done is not None and not self._done.done():
            self._done.set_result(None)

    def _woken(self) -> None:
        """Something arrived. What else arrived at the same moment wakes in this pass of the loop; behind it a level
        is complete."""
        if self.is_waiting and not self._is_closing and self._failure is None:
            self._is_closing = True
            self.loop.call_soon(self._close)

    def _close(self) -> None:
        self._is_closing = False
        # Behind a task or a gather there is work of which nothing is known here: then the level ends by itself.
        if self.is_waiting and not self._foreign and self._failure is None:
            self.executor.level_started()


def _confirmed(found: Any) -> None:
    if found is None:
        raise Dashed("not there")


def _ignored(_run: Run, _value: Any, _at: At) -> None:
    """Completes what is no part of the answer."""


def _one_after_the_other(first: Callable[[Any], Any], second: Callable[[Any], Any], value: Any) -> Any:
    return second(first(value))


async def _awaiting(promised: Awaitable[Any]) -> Any:
    return await promised
