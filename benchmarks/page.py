"""The profile page on SQLite: latency of the query in GraphiQL's first tab, memory of an idle server.

Goals: p50 under 60 ms with 300 households, an idle server under 200 MiB. It loads a database of its own.
"""

import argparse
import asyncio
import contextlib
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "web" / "graphiql" / "documents" / "profile-page.graphql"
COMMAND = Path(sys.executable).with_name("profile-gateway")
HEADERS = {"Authorization": "Bearer dev"}
GOAL_MILLISECONDS = 60
GOAL_MEBIBYTES = 200


async def main() -> int:
    """Prints both figures; exit code 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", default="300")
    parser.add_argument("--requests", type=int, default=600)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "PROFILE_GATEWAY_DATABASE_URL": f"sqlite:///{folder}/profiles.db",
            "PROFILE_GATEWAY_DEVELOPMENT_KEY": "dev",
        }
        started = time.monotonic()
        subprocess.run(
            [COMMAND, "demo", "--households", options.households, "--no-serve"],
            env=environment, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        print(f"loading {options.households} households: {time.monotonic() - started:.1f} s")
        async with serving(environment) as (url, process):
            idle = resident_mebibytes(process)
            times = await measure(url, options.requests)
            print(f"resident memory: idle {idle:.0f} MiB, after the run {resident_mebibytes(process):.0f} MiB")
    p50, p99 = statistics.median(times), sorted(times)[int(len(times) * 0.99)]
    print(f"profile page, {len(times)} requests one after another: p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    met = p50 < GOAL_MILLISECONDS and idle < GOAL_MEBIBYTES
    print(f"goals (p50 under {GOAL_MILLISECONDS} ms, idle under {GOAL_MEBIBYTES} MiB): {'met' if met else 'MISSED'}")
    return 0 if met else 1


@contextlib.asynccontextmanager
async def serving(environment: dict[str, str]) -> AsyncIterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server process on a free port of the loopback, until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [COMMAND, "serve", "--host", "127.0.0.1", "--port", str(port)],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient() as client:
            for _ in range(300):
                with contextlib.suppress(httpx.TransportError):
                    if (await client.get(f"{url}/readyz")).status_code == 200:
                        break
                await asyncio.sleep(0.1)
        yield url, process
    finally:
        process.terminate()
        process.wait(timeout=15)


async def measure(url: str, requests: int) -> list[float]:
    """Milliseconds of each request for a random household's page, on one kept connection, after a warm-up."""
    document = DOCUMENT.read_text(encoding="utf-8")
    async with httpx.AsyncClient(base_url=url, headers=HEADERS, timeout=30) as client:
        households = await external_ids(client)
        choose = random.Random(1)
        times = []
        for number in range(requests + 50):
            body = {"query": document, "variables": {"key": {"externalId": choose.choice(households)}}}
            begun = time.perf_counter()
            answer = await client.post("/graphql", json=body)
            elapsed = (time.perf_counter() - begun) * 1000
            content = answer.json()
            if "errors" in content or content["data"]["customer"] is None:
                raise SystemExit(f"the page failed: {answer.text[:500]}")
            if number >= 50:
                times.append(elapsed)
        return times


async def external_ids(client: httpx.AsyncClient) -> list[str]:
    """The external ids of the households that are loaded (the first 100 of the list)."""
    answer = await client.post("/graphql", json={"query": "{ customers(first: 100) { nodes { externalId } } }"})
    return [node["externalId"] for node in answer.json()["data"]["customers"]["nodes"]]


def resident_mebibytes(process: "subprocess.Popen[bytes]") -> float:
    """The resident memory of the process and its children."""
    root = psutil.Process(process.pid)
    return sum(each.memory_info().rss for each in (root, *root.children(recursive=True))) / 2**20


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
