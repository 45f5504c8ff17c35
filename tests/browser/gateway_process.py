"""A real gateway as a process of its own, on the loopback, with a database in a given folder."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

DEVELOPMENT_KEY = "dev"


@dataclass(frozen=True)
class Gateway:
    """A running gateway: where it listens, and what it tells its page."""

    url: str
    config: dict[str, str | None]

    def post(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        """The JSON answer to one operation sent over HTTP with the development key."""
        answer = httpx.post(
            f"{self.url}/graphql",
            json={"query": document, "variables": variables},
            headers={"Authorization": f"Bearer {DEVELOPMENT_KEY}"},
            timeout=20,
        )
        answered: dict[str, Any] = answer.json()
        return answered


def profile_gateway() -> str:
    return str(Path(sys.executable).with_name("profile-gateway"))


def settings(folder: Path, development_key: str | None) -> dict[str, str]:
    """The environment of a gateway whose database is in `folder`, free of this machine's own settings."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PROFILE_GATEWAY_")}
    environment["PROFILE_GATEWAY_DATABASE_URL"] = f"sqlite+aiosqlite:///{folder / 'gateway.sqlite'}"
    if development_key:
        environment["PROFILE_GATEWAY_DEVELOPMENT_KEY"] = development_key
    return environment


def load_households(folder: Path, count: int) -> None:
    """Makes the demo database in `folder` by the command that a new user runs."""
    subprocess.run(
        [profile_gateway(), "demo", "--households", str(count), "--no-serve"],
        env=settings(folder, DEVELOPMENT_KEY),
        check=True,
        timeout=300,
    )


@contextmanager
def serving(folder: Path, development_key: str | None) -> Iterator[Gateway]:
    """A gateway process on a free port of the loopback, ready when entered and gone when left."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    log = folder / f"serve-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [profile_gateway(), "serve", "--host", "127.0.0.1", "--port", str(port)],
            env=settings(folder, development_key),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_ready(process, url, log)
        yield Gateway(url, httpx.get(f"{url}/graphiql/config.json", timeout=20).json())
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)


def wait_until_ready(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    """Returns when /readyz answers 200; fails with the log when the process ends before, or after 60 seconds."""
    for _ in range(600):
        try:
            if httpx.get(f"{url}/readyz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    pytest.fail(f"the gateway did not become ready:\n{log.read_text()[-3000:]}")
