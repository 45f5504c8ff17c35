"""One run of a compiled operation: it waits for what resolvers promised, and fills the answer in as that arrives."""

import asyncio
from asyncio import AbstractEventLoop, Future
from asyncio.tasks import _current_tasks  # type: ignore[attr-defined]  # a dict until 3.13; see `Step._advance`
from collections.abc import Awaitable, Callable
from contextvars import Context, copy_context
from functools import partial
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from executor.paths import At
from executor.promises import Arrival, Later, Part
from executor.values import Bail, abandon

if TYPE_CHECKING:
    from executor.execution import CompilingExecutor

Complete = Callable[["Run", Any, At], Any]
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
            if promised.arrival.has_come:
                value = promised.batch.find(promised.key)
                target[key] = complete(self, value if then is None else then(value), at)
                return
            waiting = self._parts.get(promised.arrival)
            if waiting is None:
                waiting = self._parts[promised.arrival] = []
                promised.arrival.tell(partial(self._came, promised.arrival))
            waiting.append((promised, then, complete, target, key, at))
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


class Pause(Future):  # type: ignore[type-arg]  # of nothing
    """One pass of the loop."""


class Step:
    """Something promised: a future, or a coroutine that is driven here, step by step, as an asyncio.Task would.

    A task for each would cost more than everything else that is done for it. Like a task it can be cancelled, and it
    is the current task of its coroutine, so that `asyncio.timeout` inside a resolver ends that resolver alone, and it
    runs in a copy of the context (contextvars) in which it began. Unlike a task it makes its first step at once.
    """

    __slots__ = (
        "__weakref__",
        "_at",
        "_awaited",
        "_cancelling",
        "_complete",
        "_context",
        "_coroutine",
        "_is_foreign",
        "_key",
        "_must_cancel",
        "_run",
        "_target",
        "_then",
    )

    def __init__(
        self,
        run: Run,
        coroutine: Any,
        complete: Complete,
        target: Any,
        key: Any,
        at: At,
        then: Callable[[Any], Any] | None,
    ) -> None:
        self._run = run
        self._coroutine = coroutine
        self._complete = complete
        self._target = target
        self._key = key
        self._at = at
        self._then = then
        self._awaited: Future[Any] | None = None
        self._context: Context | None = None
        self._is_foreign = False
        self._must_cancel = False
        self._cancelling = 0

    def begin(self) -> None:
        """The first step of a coroutine. Raises what it raises."""
        self._context = copy_context()
        self._context.run(self._begin)

    def _begin(self) -> None:
        has_ended, value = self._advance()
        if has_ended:
            self._fill(value)
        else:
            self._run._started(self)

    def watch(self, future: "Future[Any]") -> None:
        """Goes on when the future is done. Raises RuntimeError for a future of another loop."""
        if future.get_loop() is not self._run.loop:
            raise RuntimeError(f"{future!r} belongs to another loop.")
        self._awaited = future
        if type(future) is not Future:
            self._is_foreign = True
            self._run._foreign += 1
        future.add_done_callback(self._wake, context=self._context)
        if self._must_cancel and future.cancel():
            self._must_cancel = False

    def _wake(self, future: "Future[Any]") -> None:
        run = self._run
        self._awaited = None
        if self._is_foreign:
            self._is_foreign = False
            run._foreign -= 1
        try:
            if self._coroutine is None:
                has_ended, value = True, future.result()
            else:
                if type(future) is Pause and future.cancelled():
                    # A coroutine that only paused does not look at what it paused for.
                    self._must_cancel = True
                # A failed future raises inside the coroutine: that is how awaiting one works.
                has_ended, value = self._advance()
            if not has_ended:
                return
            if run._failure is None:
                self._fill(value)
            else:
                abandon(value)
        except BaseException as failure:  # noqa: BLE001 - the run raises it where it is awaited
            run._failed(failure)
            has_ended = True
        finally:
            if self._awaited is None:
                run._ended(self)
            run._woken()

    def _fill(self, value: Any) -> None:
        if self._then is not None:
            value = self._then(value)
        self._target[self._key] = self._complete(self._run, value, self._at)

    def _advance(self) -> tuple[bool, Any]:
        """One step of the coroutine: whether it has ended, and with which value. Raises what it raises."""
        coroutine, loop = self._coroutine, self._run.loop
        # What `asyncio.tasks._enter_task` does; written out because it happens for every step of every resolver.
        outer = _current_tasks.get(loop)
        _current_tasks[loop] = self
        try:
            if self._must_cancel:
                self._must_cancel = False
                promised = coroutine.throw(asyncio.CancelledError())
            else:
                promised = coroutine.send(None)
        except StopIteration as ended:
            return True, ended.value
        finally:
            if outer is None:
                del _current_tasks[loop]
            else:
                _current_tasks[loop] = outer
        if promised is None:
            # A bare `yield`, as in asyncio.sleep(0): goes on in the loop's next pass.
            pause = Pause(loop=loop)
            loop.call_soon(_release, pause)
            self.watch(pause)
        elif getattr(promised, "_asyncio_future_blocking", None):
            promised._asyncio_future_blocking = False
            self.watch(promised)
        else:
            raise RuntimeError(f"A resolver yielded {promised!r}, which is nothing to wait for.")
        return False, None

    # What asyncio, and anyio, ask of a current task.

    @property
    def _fut_waiter(self) -> "Future[Any] | None":
        return self._awaited

    def cancel(self, msg: Any = None) -> bool:
        """Cancels what it waits for; the coroutine then sees CancelledError."""
        self._cancelling += 1
        if self._awaited is not None and self._awaited.cancel(msg):
            return True
        self._must_cancel = True
        return True

    def cancelling(self) -> int:
        """How many cancellations were asked for and not taken back."""
        return self._cancelling

    def uncancel(self) -> int:
        """Takes one back."""
        if self._cancelling:
            self._cancelling -= 1
        return self._cancelling

    def done(self) -> bool:
        """Never, as long as anybody can ask: the coroutine itself is asking."""
        return False

    def cancelled(self) -> bool:
        """As `done`."""
        return False

    def get_name(self) -> str:
        """For messages."""
        return f"resolver of {self._key}"

    def get_loop(self) -> AbstractEventLoop:
        """The loop it runs in."""
        return self._run.loop

    def get_coro(self) -> Any:
        """The coroutine it drives."""
        return self._coroutine


def _release(pause: Pause) -> None:
    if not pause.done():
        pause.set_result(None)


def _one_after_the_other(first: Callable[[Any], Any], second: Callable[[Any], Any], value: Any) -> Any:
    return second(first(value))


async def _awaiting(promised: Awaitable[Any]) -> Any:
    return await promised
