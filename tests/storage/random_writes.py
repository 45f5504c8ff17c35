"""Random writes: what follows from rows is kept by each of them, and by none that fails."""

from collections.abc import Awaitable, Callable
from random import Random
from typing import Any, TypeVar

import pytest

from profiles.storage.unit import Unit
from tests.gateway_client import Gateway

WRITES = 40
T = TypeVar("T")


class Refused(Exception):
    """What makes a unit fail."""


async def kept_by_writes(
    gateway: Gateway,
    seed: int,
    happens: Callable[[Unit, Random], Awaitable[Any]],
    kept: Callable[[Gateway], Awaitable[T]],
    derived: Callable[[Gateway], Awaitable[T]],
) -> T:
    """Writes many times what `happens`, every fourth time in vain. After each what is `kept` must be what is `derived`
    from the rows. Gives what is kept in the end."""
    choose = Random(seed)
    for number in range(WRITES):
        before = await kept(gateway)
        if number % 4 == 3:
            with pytest.raises(Refused):
                await _refused(gateway, choose, happens)
            assert await kept(gateway) == before
        else:
            async with gateway.store.write() as unit:
                await happens(unit, choose)
        assert await kept(gateway) == await derived(gateway)
    return await kept(gateway)


async def _refused(gateway: Gateway, choose: Random, happens: Callable[[Unit, Random], Awaitable[Any]]) -> None:
    async with gateway.store.write() as unit:
        await happens(unit, choose)
        await unit.session.flush()
        raise Refused
