"""Work, counted and not timed: how many function calls something takes does not depend on how busy the machine is."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any


@dataclass
class Work:
    """Function calls of this thread, Python's and C's alike."""

    calls: int = 0


@contextmanager
def counted_work() -> Iterator[Work]:
    """Counts the calls made inside the block."""
    work = Work()

    def see(_frame: FrameType, event: str, _argument: Any) -> None:
        if event in ("call", "c_call"):
            work.calls += 1

    sys.setprofile(see)
    try:
        yield work
    finally:
        sys.setprofile(None)
