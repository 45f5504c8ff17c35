"""Stopping: told to stop, a process first says that it is not ready, then ends live connections, then stops."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from gateway.live import LiveConnections


@contextmanager
def stopping_in_order(live: LiveConnections, drain_seconds: float) -> Iterator[None]:
    """While the context lasts, signals reach the server only after this order is kept.

    SIGTERM comes from those who send requests here, so they are given `drain_seconds` to notice; Ctrl+C comes from a
    person, who is not made to wait.
    """
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def pass_on(number: int, frame: FrameType | None) -> None:
        live.stop()
        server = before[signal.Signals(number)]
        if callable(server):
            server(number, frame)

    def begin(number: int, frame: FrameType | None) -> None:
        if live.is_stopping or number == signal.SIGINT:
            pass_on(number, frame)
            return
        live.is_stopping = True
        loop.call_later(drain_seconds, pass_on, number, frame)

    def on_signal(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(begin, number, frame)

    for number in before:
        signal.signal(number, on_signal)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
