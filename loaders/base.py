"""The base of every loader: it batches keys; the tick batches loaders; order, absence and failure are decided here."""

from abc import abstractmethod
from asyncio import Future, ensure_future
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from aiodataloader import DataLoader

from executor.promises import Arrival, Part
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
    """What every read may need beside its keys: who asks, in which account, and what time it is for this operation.

    `brief` names the kinds of rows of which the operation shows no more than their brief cut has.
    """

    viewer: Viewer
    account: Account
    moment: Moment
    brief: frozenset[type] = frozenset()


class Loader(DataLoader[Key[I, A], V], Generic[I, A, V]):
    """One question asked about many keys at once.

    A subclass says `read` (which rows answer these ids) and `missing` (what an id without rows means). The base groups
    keys by arguments, one read a group, hands each key its own answer by id, and makes a failure the value of its keys,
    so that it stays failed for the operation instead of being asked again.
    """

    def __init__(self, tick: "Tick", asking: Asking) -> None:
        # Not aiodataloader's: that prepares queues and checks which the tick makes needless, for each loader of each
        # operation. Its `load_many` works as it is.
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

    def ask(self, id: I, arguments: A) -> Part[I, V]:
        """The answer for one id, batched with everything else that becomes due in the same tick; to be awaited."""
        group = self._latest
        # The parents of one field share their arguments, and comparing identities is a hundredth of hashing them.
        if group is None or group.arguments is not arguments:
            group = self._group(arguments)
            self._latest = group
        if id in group.answers or id in group.failures:
            return Part(_THERE, group, id)
        arrival = group.asked.get(id)
        if arrival is None:
            arrival = group.asked[id] = self.tick.due(self)
            group.due.append(id)
        return Part(arrival, group, id)

    def known(self, id: I, arguments: A) -> V | None:
        """The answer for one id if it is there already, else None: then `ask`."""
        group = self._groups.get(arguments)
        return None if group is None else group.answers.get(id)

    def load(self, key: Key[I, A]) -> "Future[V]":
        """As `ask`, the way aiodataloader has it."""
        return ensure_future(self.ask(key.id, key.arguments))

    def prime(self, key: Key[I, A], value: V | Exception) -> "Loader[I, A, V]":
        """An answer that is known from elsewhere; what was asked for before keeps what it waits for."""
        group = self._group(key.arguments)
        if key.id in group.asked or key.id in group.answers or key.id in group.failures:
            return self
        if isinstance(value, Exception):
            group.failures[key.id] = value
        else:
            group.answers[key.id] = value
        return self

    def clear(self, key: Key[I, A]) -> "Loader[I, A, V]":
        """Forgets one answer; what is being read still arrives."""
        group = self._group(key.arguments)
        group.answers.pop(key.id, None)
        group.failures.pop(key.id, None)
        return self

    def clear_all(self) -> "Loader[I, A, V]":
        """Forgets every answer; what is being read still arrives."""
        for group in self._groups.values():
            group.answers.clear()
            group.failures.clear()
        return self

    def _group(self, arguments: A) -> "_Group[I, A, V]":
        group = self._groups.get(arguments)
        if group is None:
            group = self._groups[arguments] = _Group(arguments)
        return group

    def take(self) -> list["Due[I, A, V]"]:
        """What is due, by arguments: it belongs to the tick that is closing."""
        taken = []
        for group in self._groups.values():
            if group.due:
                taken.append(Due(group, group.due))
                group.due = []
        return taken

    def settle(self, due: "Due[I, A, V]", answer: Mapping[I, V] | Exception) -> None:
        """Each id gets its own value, or the failure; to be had when the tick's arrival comes."""
        group = due.group
        answers, asked = group.answers, group.asked
        for id in due.ids:
            asked.pop(id, None)
            if isinstance(answer, Exception):
                group.failures[id] = answer
            elif id in answer:
                answers[id] = answer[id]
            else:
                answers[id] = self.missing(id)


class _Group(Generic[I, A, V]):
    """All that was asked under the same arguments: what is due, what is on its way, and what is known."""

    __slots__ = ("answers", "arguments", "asked", "due", "failures")

    def __init__(self, arguments: A) -> None:
        self.arguments = arguments
        self.asked: dict[I, Arrival] = {}
        self.answers: dict[I, V] = {}
        self.failures: dict[I, Exception] = {}
        self.due: list[I] = []

    def find(self, id: I) -> V:
        """The answer that has arrived. Raises the failure."""
        failure = self.failures.get(id)
        if failure is not None:
            raise failure
        return self.answers[id]


_THERE = Arrival()
_THERE.come()


class Due(NamedTuple, Generic[I, A, V]):
    """Ids of one group that become a read."""

    group: _Group[I, A, V]
    ids: list[I]
