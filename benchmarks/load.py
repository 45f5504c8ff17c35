"""Load: requests over kept connections from a process of its own, each connection asking again once it is answered.

The process takes jobs as lines of JSON and answers each with a line. Requests are bytes made before, and an answer is
only cut out of the stream, searched for errors and timed, so that the load costs little beside what it measures.
"""

import asyncio
import contextlib
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import uvloop

ROOT = Path(__file__).resolve().parent.parent
ERRORS = b'"errors":'
LATE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Job:
    """What to send: `requests` in turn, over and over for `seconds` after a warm-up, or, without seconds, each once."""

    port: int
    connections: int
    requests: Sequence[str]
    """Whole HTTP/1.1 requests; each character is a byte."""
    seconds: float | None = None
    warmup_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What came back after the warm-up; times in milliseconds."""

    requests_per_second: float
    p50: float
    p99: float
    count: int
    answer_bytes: float
    failure: str | None


class Load:
    """The process that makes load."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.load"],
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def start(self, job: Job) -> None:
        """Begins a job."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(job)) + "\n")
        self._process.stdin.flush()

    def finish(self) -> Measured:
        """Waits for the job that was begun. Raises RuntimeError where an answer was no success."""
        assert self._process.stdout is not None
        measured = Measured(**json.loads(self._process.stdout.readline()))
        if measured.failure is not None:
            raise RuntimeError(f"a measured request failed: {measured.failure}")
        return measured

    def run(self, job: Job) -> Measured:
        """One job from begin to end."""
        self.start(job)
        return self.finish()

    def stop(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


@contextlib.contextmanager
def loading() -> Iterator[Load]:
    """A load process until the block ends."""
    load = Load()
    try:
        yield load
    finally:
        load.stop()


class _Run:
    """One job while it runs."""

    def __init__(self, job: Job) -> None:
        made = [request.encode("latin-1") for request in job.requests]
        self._next = iter(made) if job.seconds is None else itertools.cycle(made)
        self._until = None if job.seconds is None else time.perf_counter() + job.warmup_seconds + job.seconds
        self.counts_from = time.perf_counter() + job.warmup_seconds
        self.times: list[float] = []
        self.bytes = 0
        self.failure: str | None = None
        self.open = job.connections
        self.ended = asyncio.Event()

    def next(self) -> bytes | None:
        """The next request, or None when it is time to stop."""
        if self.failure is not None or (self._until is not None and time.perf_counter() >= self._until):
            return None
        return next(self._next, None)

    def measured(self) -> Measured:
        """What was counted."""
        elapsed, times = time.perf_counter() - self.counts_from, sorted(self.times)
        if not times:
            return Measured(0, 0, 0, 0, 0, self.failure or "there was no answer")
        return Measured(
            requests_per_second=len(times) / elapsed,
            p50=times[len(times) // 2] * 1_000,
            p99=times[int(len(times) * 0.99)] * 1_000,
            count=len(times),
            answer_bytes=self.bytes / len(times),
            failure=self.failure,
        )


class _Connection(asyncio.Protocol):
    def __init__(self, run: _Run) -> None:
        self._run = run
        self._parts: list[bytes] = []
        self._missing = -1

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._send()

    def _send(self) -> None:
        request = self._run.next()
        if request is None:
            self._transport.close()
            return
        self._begun = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._parts.append(data)
        if self._missing < 0:
            data = b"".join(self._parts)
            self._parts = [data]
            end = data.find(b"\r\n\r\n")
            if end < 0:
                return
            at = data.lower().find(b"content-length:", 0, end)
            if at < 0 or not data.startswith(b"HTTP/1.1 200"):
                self._fail(data)
                return
            self._missing = int(data[at + 15 : data.find(b"\r\n", at)]) + end + 4 - len(data)
        else:
            self._missing -= len(data)
        if self._missing == 0:
            self._answered(b"".join(self._parts))

    def _answered(self, answer: bytes) -> None:
        now = time.perf_counter()
        if ERRORS in answer:
            self._fail(answer)
            return
        if now >= self._run.counts_from:
            self._run.times.append(now - self._begun)
            self._run.bytes += len(answer)
        self._parts, self._missing = [], -1
        self._send()

    def _fail(self, answer: bytes) -> None:
        self._run.failure = answer[:2_000].decode("utf-8", "replace")
        self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if error is not None:
            self._run.failure = f"the connection was lost: {error}"
        self._run.open -= 1
        if self._run.open == 0:
            self._run.ended.set()


async def _perform(job: Job) -> Measured:
    run, loop = _Run(job), asyncio.get_running_loop()
    for _ in range(job.connections):
        await loop.create_connection(lambda: _Connection(run), "127.0.0.1", job.port)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(run.ended.wait(), job.warmup_seconds + (job.seconds or 0) + LATE_SECONDS)
    return run.measured()


def main() -> None:
    """Performs jobs until there are no more."""
    for line in sys.stdin:
        measured = uvloop.run(_perform(Job(**json.loads(line))))
        sys.stdout.write(json.dumps(asdict(measured)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
