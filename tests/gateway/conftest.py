"""What the tests of the edge share: a gateway that listens, and a customer to follow."""

from collections.abc import AsyncIterator

import pytest

from tests.gateway_client import Gateway
from tests.live_client import listening
from tests.people import people

ADD_NOTE = """
mutation ($id: ID!, $body: String!) {
  addNote(input: {customerId: $id, body: $body}) { note { body } userErrors { code } }
}
"""


@pytest.fixture
async def address(gateway: Gateway) -> AsyncIterator[str]:
    """Where the gateway listens."""
    async with listening(gateway) as bound:
        yield bound


@pytest.fixture
async def customer(gateway: Gateway) -> str:
    """The global id of a customer."""
    (id,) = await people(gateway, 7, external_id="seven")
    return id


async def note(gateway: Gateway, customer: str, body: str) -> None:
    """Writes a note, which is an event."""
    answer = await gateway.ask(ADD_NOTE, {"id": customer, "body": body})
    assert (answer.errors, answer.data["addNote"]["userErrors"]) == ([], [])
