"""Steps: what a run waits for, driven step by step where it is a coroutine, as an asyncio.Task would."""

import asyncio
from asyncio import AbstractEventLoop, Future
from asyncio.tasks import _current_tasks  # type: ignore[attr-defined]  # a dict until 3.13; see `Step._advance`
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any

from executor.paths import At
from executor.values import abandon

if TYPE_CHECKING:
    from executor.run import Run

Complete = Callable[["Run", Any, At], Any]


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
        run: "Run",
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
