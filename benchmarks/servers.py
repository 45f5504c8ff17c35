"""Servers: the gateway and its peers started as a user would start them, each a process on the loopback."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import psutil

from benchmarks.filling import Server
from profiles.viewer import Scope

ROOT = Path(__file__).resolve().parent.parent
POSTGRAPHILE = ROOT / "benchmarks" / "peers" / "postgraphile"
COMMAND = Path(sys.executable).with_name("profile-gateway")
CONNECTIONS = 10
"""How many connections to PostgreSQL each stack may open: the gateway's default."""

READY_SECONDS = 60
LEAST_NODE = 22
PASSED_ON = ("PROFILE_GATEWAY_EXECUTOR",)
"""Settings of the gateway that a run may choose; all others are set here, or have their defaults."""


class Running:
    """A server that answers on `port`."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self.pid = process.pid
        self.port = port


def gateway_environment(server: Server, database: str, redis_url: str | None = None) -> dict[str, str]:
    """What the gateway is told by its environment."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PROFILE_GATEWAY_") or name in PASSED_ON
    }
    environment |= {
        "PROFILE_GATEWAY_DATABASE_URL": server.url(database),
        "PROFILE_GATEWAY_POOL_SIZE": str(CONNECTIONS),
        "PROFILE_GATEWAY_GRAPHIQL": "false",
    }
    return environment | ({"PROFILE_GATEWAY_REDIS_URL": redis_url} if redis_url else {})


def make_key(environment: dict[str, str], debug: bool) -> str:
    """A key with every scope; with `debug` the answers say what they cost."""
    scopes = [scope for scope in Scope if debug or scope is not Scope.DEBUG]
    options = [option for scope in scopes for option in ("--scope", str(scope))]
    made = subprocess.run(
        [COMMAND, "keys", "create", "benchmark", *options], env=environment, check=True, capture_output=True, text=True
    )
    return made.stdout.strip()


@contextlib.contextmanager
def gateway(environment: dict[str, str]) -> Iterator[Running]:
    """`profile-gateway serve`, one worker."""
    port = _free_port()
    with _running([str(COMMAND), "serve", "--port", str(port)], port, "/readyz", environment) as running:
        yield running


@contextlib.contextmanager
def naive(server: Server, database: str) -> Iterator[Running]:
    """The naive peer."""
    port = _free_port()
    arguments = [sys.executable, "-m", "benchmarks.peers.naive", server.url(database), str(port), str(CONNECTIONS)]
    with _running(arguments, port, "/readyz") as running:
        yield running


@contextlib.contextmanager
def limit(server: Server, database: str, redis_url: str) -> Iterator[Running]:
    """The hand-written limit, which also answers the bare GET."""
    port = _free_port()
    module = [sys.executable, "-m", "benchmarks.peers.limit"]
    with _running([*module, server.dsn(database), str(port), str(CONNECTIONS), redis_url], port, "/readyz") as running:
        yield running


@contextlib.contextmanager
def postgraphile(server: Server, database: str) -> Iterator[Running]:
    """PostGraphile, as production sets it up."""
    port, node = _free_port(), find_node()
    environment = {**os.environ, "NODE_ENV": "production", "GRAPHILE_ENV": "production"}
    # The wheel's `node` is a script around the real one: ending the script would leave the server running.
    real = subprocess.run([node, "-p", "process.execPath"], capture_output=True, text=True, timeout=60).stdout.strip()
    arguments = [real, str(POSTGRAPHILE / "server.mjs"), server.node_dsn(database), str(port), str(CONNECTIONS)]
    with _running(arguments, port, "/graphql", environment) as running:
        yield running


@contextlib.contextmanager
def constant(size: int) -> Iterator[Running]:
    """A server that always says the same `size` bytes."""
    port = _free_port()
    with _running([sys.executable, "-m", "benchmarks.peers.constant", str(port), str(size)], port, "/") as running:
        yield running


def install_postgraphile() -> str:
    """Installs what the lock file names, where it is not there yet; returns PostGraphile's version."""
    installed = POSTGRAPHILE / "node_modules" / ".package-lock.json"
    lock = POSTGRAPHILE / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        folder = Path(find_node()).parent
        environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}
        subprocess.run(
            [str(folder / "npm"), "ci", "--silent"], cwd=POSTGRAPHILE, env=environment, check=True, timeout=600
        )
        installed.touch()
    return _installed_version("postgraphile")


def find_node() -> str:
    """The first Node that PostGraphile runs on: on the path, else beside this Python, where the wheel puts it."""
    for folder in (*os.get_exec_path(), str(Path(sys.executable).parent)):
        node = shutil.which("node", path=folder)
        if node and shutil.which("npm", path=folder) and node_version(node) >= LEAST_NODE:
            return node
    raise RuntimeError(f"PostGraphile needs Node {LEAST_NODE} or later; `make bench` installs one.")


def node_version(node: str) -> int:
    """Its major version."""
    said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=60).stdout
    return int(said.strip().removeprefix("v").partition(".")[0] or 0)


def cpu_seconds(pid: int) -> float:
    """What the process and its children have used so far, those that ended included."""
    total = 0.0
    root = psutil.Process(pid)
    for process in (root, *root.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def _installed_version(package: str) -> str:
    manifest = (POSTGRAPHILE / "node_modules" / package / "package.json").read_text(encoding="utf-8")
    return manifest.partition('"version": "')[2].partition('"')[0]


@contextlib.contextmanager
def _running(
    arguments: Sequence[str], port: int, path: str, environment: dict[str, str] | None = None
) -> Iterator[Running]:
    """The process until the block ends; it counts as ready once it answers anything at `path`."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            arguments, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            if not _is_ready(process, f"http://127.0.0.1:{port}{path}"):
                log.seek(0)
                raise RuntimeError(f"{arguments[0]} did not become ready:\n{log.read()[-3_000:].decode()}")
            yield Running(process, port)
        finally:
            _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)


def _is_ready(process: "subprocess.Popen[bytes]", url: str) -> bool:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url, timeout=5).status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
            return False
    return False


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def main() -> int:
    """`--find-node`: says by its exit code whether there is a Node that PostGraphile runs on."""
    try:
        find_node()
    except RuntimeError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
