"""Memory: bytes that a process keeps for itself, by owner and name, bounded in bytes and in time."""

import time
from collections import OrderedDict
from collections.abc import Callable


class Memory:
    """Bytes in this process, bounded in bytes: what was not asked for longest goes first."""

    def __init__(self, limit_bytes: int = 64 * 2**20, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._clock, self._size = limit_bytes, clock, 0
        self._kept: OrderedDict[tuple[int, str], tuple[float, bytes]] = OrderedDict()

    def get(self, owner: int, name: str) -> bytes | None:
        """What is kept under the name, unless it is too old."""
        kept = self._kept.get((owner, name))
        if kept is None:
            return None
        if kept[0] <= self._clock():
            self._drop((owner, name))
            return None
        self._kept.move_to_end((owner, name))
        return kept[1]

    def put(self, owner: int, name: str, value: bytes, seconds: float) -> None:
        """Keeps the value for so long, or until there is no room."""
        self._drop((owner, name))
        self._kept[owner, name] = (self._clock() + seconds, value)
        self._size += weight(name, value)
        while self._size > self._limit:
            self._drop(next(iter(self._kept)))

    def clear(self) -> None:
        """Forgets everything."""
        self._kept.clear()
        self._size = 0

    def _drop(self, place: tuple[int, str]) -> None:
        kept = self._kept.pop(place, None)
        if kept is not None:
            self._size -= weight(place[1], kept[1])


def weight(name: str, value: bytes) -> int:
    """What an entry weighs, with what the interpreter needs around it, which is about as much as a short one."""
    return len(name) + len(value) + 200
