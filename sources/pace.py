"""Pace: how the interpreter works while a load makes millions of rows."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SWITCH_SECONDS = 0.001


@contextmanager
def pace_of_a_load() -> Iterator[None]:
    """For the block: no search for circular garbage, and threads that take turns five times as often as usual.

    Rows are tuples of plain values and never circular; to search the fresh ones for circles again and again was two
    fifths of the time that making them took. And the thread that makes the next rows would let the one that feeds the
    database wait for its usual turn of 5 ms after each answer.
    """
    collects, switch_seconds = gc.isenabled(), sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(switch_seconds)
        if collects:
            gc.enable()
