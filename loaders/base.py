"""The base of every loader: it batches keys; the tick batches loaders; order, absence and failure are decided here."""

from abc import abstractmethod
from asyncio import Future
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from aiodataloader import DataLoader

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
        self._groups: dict[A, _Group[I, A, V]] = {}
        self._latest: _Group[I, A, V] | None = None

    @abstractmethod
    def read(self, ids: Sequence[I], arguments: A) -> Read[I, V]:
        """The read that answers these ids under these arguments."""

    @abstractmethod
    def missing(self, id: I) -> V:
        """The answer for an id that the read does not mention."""

    def ask(self, id: I, arguments: A) -> "Future[V]":
        """The answer for one id, batched with everything else that becomes due in the same tick.

        Every asker waits for a future of its own: with a shared one, as aiodataloader has it, an asker that is
        cancelled would cancel it for everybody who asks for the key, now and later.
        """
        group = self._latest
        # The parents of one field share their arguments, and comparing identities is a hundredth of hashing them.
        if group is None or group.arguments is not arguments:
            group = self._groups.get(arguments)
            if group is None:
                group = self._groups[arguments] = _Group(arguments)
            self._latest = group
        answered = group.answers.get(id)
        future: Future[V] = self.loop.create_future()
        if answered is not None:
            _give(future, answered)
            return future
        askers = group.askers.get(id)
        if askers is None:
            group.askers[id] = [future]
            group.due.append(id)
            self.tick.due(self)
        else:
            askers.append(future)
        return future

    def known(self, id: I, arguments: A) -> V | None:
        """The answer for one id if it is there already, else None: then `ask`."""
        group = self._groups.get(arguments)
        answered = None if group is None else group.answers.get(id)
        return answered[0] if answered is not None and not answered[1] else None

    def load(self, key: Key[I, A]) -> "Future[V]":
        """As `ask`, the way aiodataloader has it."""
        return self.ask(key.id, key.arguments)

    def prime(self, key: Key[I, A], value: V | Exception) -> "Loader[I, A, V]":
        """An answer that is known from elsewhere; what was asked for before keeps what it waits for."""
        group = self._groups.get(key.arguments)
        if group is None:
            group = self._groups[key.arguments] = _Group(key.arguments)
        if key.id not in group.askers:
            group.answers.setdefault(key.id, (value, isinstance(value, Exception)))
        return self

    def clear(self, key: Key[I, A]) -> "Loader[I, A, V]":
        """Forgets one answer; what is being read still arrives."""
        group = self._groups.get(key.arguments)
        if group is not None:
            group.answers.pop(key.id, None)
        return self

    def clear_all(self) -> "Loader[I, A, V]":
        """Forgets every answer; what is being read still arrives."""
        for group in self._groups.values():
            group.answers.clear()
        return self

    def take(self) -> list["Due[I, A, V]"]:
        """What is due, by arguments: it belongs to the tick that is closing."""
        taken = []
        for group in self._groups.values():
            if group.due:
                taken.append(Due(group, group.due))
                group.due = []
        return taken

    def settle(self, due: "Due[I, A, V]", answer: Mapping[I, V] | Exception) -> None:
        """Gives each id its own value, or the failure."""
        group = due.group
        for id in due.ids:
            if isinstance(answer, Exception):
                known: tuple[Any, bool] = (answer, True)
            elif id in answer:
                known = (answer[id], False)
            else:
                known = (self.missing(id), False)
            group.answers[id] = known
            for future in group.askers.pop(id, ()):
                if not future.done():
                    _give(future, known)

    @staticmethod
    async def _never(keys: list[Any]) -> list[Any]:
        raise AssertionError("the tick runs the reads")


class _Group(Generic[I, A, V]):
    """All that was asked under the same arguments: who waits, what is due, and what is known."""

    __slots__ = ("answers", "arguments", "askers", "due")

    def __init__(self, arguments: A) -> None:
        self.arguments = arguments
        self.askers: dict[I, list[Future[V]]] = {}
        self.answers: dict[I, tuple[Any, bool]] = {}
        self.due: list[I] = []


class Due(NamedTuple, Generic[I, A, V]):
    """Ids of one group that become a read."""

    group: _Group[I, A, V]
    ids: list[I]


def _give(future: "Future[Any]", known: tuple[Any, bool]) -> None:
    value, is_failure = known
    if is_failure:
        future.set_exception(value)
        # Nobody may be waiting any more (a sibling failed first): that is no "never retrieved" warning.
        future.exception()
    else:
        future.set_result(value)
