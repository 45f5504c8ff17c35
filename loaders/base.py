"""The base of every loader: it batches keys; the tick batches loaders; order, absence and failure are decided here."""

from abc import abstractmethod
from asyncio import Future
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from aiodataloader import DataLoader
from aiodataloader import Loader as Waiting

from profiles.account import Account
from profiles.moment import Moment
from profiles.storage.reads import Read
from profiles.viewer import Viewer

if TYPE_CHECKING:
    from loaders.tick import Tick

I = TypeVar("I", bound=Hashable)  # noqa: E741 - the id type
A = TypeVar("A", bound=Hashable)
V = TypeVar("V")


class Key(NamedTuple, Generic[I, A]):
    """What a loader is asked: whose data (an id, or an id with a parent), and with which arguments."""

    id: I
    arguments: A


class Asking(NamedTuple):
    """What every read may need beside its keys: who asks, in which account, and what time it is for this operation."""

    viewer: Viewer
    account: Account
    moment: Moment


class Loader(DataLoader[Key[I, A], V], Generic[I, A, V]):
    """One question asked about many keys at once.

    A subclass says `read` (which rows answer these ids) and `missing` (what an id without rows means). The base groups
    keys by arguments, one read a group, hands each key its own answer by id, and makes a failure the value of its keys,
    so that it stays failed for the operation instead of being asked again.
    """

    def __init__(self, tick: "Tick", asking: Asking) -> None:
        super().__init__(self._never)
        self.tick = tick
        self.asking = asking
        self._askers: dict[Key[I, A], list[Future[V]]] = {}

    @abstractmethod
    def read(self, ids: Sequence[I], arguments: A) -> Read[I, V]:
        """The read that answers these ids under these arguments."""

    @abstractmethod
    def missing(self, id: I) -> V:
        """The answer for an id that the read does not mention."""

    def ask(self, id: I, arguments: A) -> "Future[V]":
        """The answer for one id, batched with everything else that becomes due in the same tick.

        Every asker waits for a future of its own: aiodataloader keeps the shared one, and an asker that is cancelled
        would cancel that for everybody who asks for the key, now and later.
        """
        key = Key(id, arguments)
        shared: Future[V] = self.load(key)
        if shared.done():
            return shared
        own: Future[V] = shared.get_loop().create_future()
        self._askers.setdefault(key, []).append(own)
        return own

    def do_resolve_reject(self, key: Key[I, A], future: "Future[V]") -> None:
        # aiodataloader's own dispatch splits a plain and an async sibling into two batches; the tick does not.
        self._queue.append(Waiting(key=key, future=future))
        self.tick.due(self)

    def take(self) -> list["Waiting"]:
        """Empties the queue: these keys belong to the tick that is closing."""
        queue, self._queue = self._queue, []
        return queue

    def settle(self, waiting: Sequence["Waiting"], answer: Mapping[I, V] | Exception) -> None:
        """Gives each key its own value, or the failure."""
        for key, shared in waiting:
            for future in (shared, *self._askers.pop(key, ())):
                if future.done():
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                    # Nobody may be waiting any more (a sibling failed first): that is no "never retrieved" warning.
                    future.exception()
                elif key.id in answer:
                    future.set_result(answer[key.id])
                else:
                    future.set_result(self.missing(key.id))

    @staticmethod
    async def _never(keys: list[Any]) -> list[Any]:
        raise AssertionError("the tick runs the reads")
