"""What the tests of live activity share: a gateway that listens."""

from collections.abc import AsyncIterator

import pytest

from tests.gateway_client import Gateway
from tests.live_client import listening


@pytest.fixture
async def address(gateway: Gateway) -> AsyncIterator[str]:
    """Where the gateway listens."""
    async with listening(gateway) as bound:
        yield bound
