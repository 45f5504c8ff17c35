"""grantConsent and revokeConsent: the history is appended to and never overwritten."""

import asyncio
from typing import Any

import pytest

from profiles.changes import Change
from profiles.consents import ConsentChange, ConsentStatus
from profiles.customers import Customer
from profiles.timeline import EventCategory, OutboxEntry, TimelineEvent
from profiles.viewer import ALL_SCOPES
from tests.clock import Clock
from tests.gateway_client import Answer, Gateway
from tests.people import MADE_AT, count, customer_id, people, stored

CHANGE = """
mutation ($input: ChangeConsentInput!) {
  ACTION(input: $input) {
    consent { name status channels grantedAt revokedAt source history { status source actor } }
    customer { version consents { name status } }
    userErrors { field code }
  }
}
"""
WRITTEN = (ConsentChange, Change, TimelineEvent, OutboxEntry)


async def change(gateway: Gateway, action: str, id: int = 1, **input: Any) -> Answer:
    asked = {"customerId": customer_id(id), "name": "news", "source": "call", **input}
    return await gateway.ask(CHANGE.replace("ACTION", action), {"input": asked})


def payload(answer: Answer) -> dict[str, Any]:
    assert answer.errors == []
    (found,) = answer.data.values()
    return dict(found)


def refused(answer: Answer) -> list[tuple[str, str]]:
    found = payload(answer)
    assert (found["consent"], found["customer"]) == (None, None)
    return [(error["code"], ".".join(error["field"])) for error in found["userErrors"]]


async def test_granting_and_revoking_append_to_the_history(gateway: Gateway) -> None:
    await people(gateway, 1)
    granted = payload(await change(gateway, "grantConsent", source=" web form "))
    assert granted["userErrors"] == []
    assert granted["customer"] == {"version": 2, "consents": [{"name": "news", "status": "GRANTED"}]}
    assert granted["consent"]["channels"] == ["EMAIL", "SMS", "PUSH"]
    assert granted["consent"]["revokedAt"] is None
    revoked = payload(await change(gateway, "revokeConsent"))
    assert revoked["customer"] == {"version": 3, "consents": [{"name": "news", "status": "REVOKED"}]}
    assert revoked["consent"]["history"] == [
        {"status": "REVOKED", "source": "call", "actor": "staff 1"},
        {"status": "GRANTED", "source": "web form", "actor": "staff 1"},
    ]
    assert revoked["consent"]["grantedAt"] == granted["consent"]["grantedAt"] < revoked["consent"]["revokedAt"]
    changes = await stored(gateway, Change)
    assert [(row.field, row.before, row.after) for row in changes] == [
        ("consents.news", None, "GRANTED"),
        ("consents.news", "GRANTED", "REVOKED"),
    ]
    events = await stored(gateway, TimelineEvent)
    assert [(event.category, event.type, event.description) for event in events] == [
        (EventCategory.CONSENT, "consent_granted", "News and offers"),
        (EventCategory.CONSENT, "consent_revoked", "News and offers"),
    ]
    (customer,) = await stored(gateway, Customer, id=1)
    assert customer.updated_at == events[1].occurred_at > MADE_AT


async def test_the_state_it_already_has_is_unchanged_and_writes_nothing(gateway: Gateway) -> None:
    await people(gateway, 1)
    await change(gateway, "grantConsent")
    before = [await count(gateway, table) for table in WRITTEN]
    assert refused(await change(gateway, "grantConsent")) == [("UNCHANGED", "input.name")]
    assert [await count(gateway, table) for table in WRITTEN] == before == [1, 1, 1, 0]


async def test_a_consent_that_was_never_granted_can_be_revoked(gateway: Gateway) -> None:
    await people(gateway, 1)
    revoked = payload(await change(gateway, "revokeConsent", name="calls"))
    assert (revoked["consent"]["status"], revoked["consent"]["grantedAt"]) == ("REVOKED", None)


@pytest.mark.parametrize(
    ("input", "error"),
    [
        ({"name": "no such"}, ("INVALID", "input.name")),
        ({"source": " "}, ("REQUIRED", "input.source")),
        ({"source": "x" * 201}, ("INVALID", "input.source")),
        ({"source": "a\x00b"}, ("INVALID", "input.source")),
        ({"id": 2}, ("NOT_FOUND", "input.customerId")),
    ],
)
async def test_what_cannot_be_recorded_is_refused_and_nothing_is_written(
    gateway: Gateway, input: dict[str, Any], error: tuple[str, str]
) -> None:
    await people(gateway, 1)
    assert refused(await change(gateway, "grantConsent", **input)) == [error]
    assert [await count(gateway, table) for table in WRITTEN] == [0] * 4


async def test_fifty_parallel_calls_with_one_client_mutation_id_have_one_effect_and_equal_answers(
    gateway: Gateway,
) -> None:
    await people(gateway, 1)
    answers = await asyncio.gather(*(change(gateway, "grantConsent", clientMutationId="c-1") for _ in range(50)))
    assert [payload(answer) for answer in answers] == [payload(answers[0])] * 50
    assert payload(answers[0])["consent"]["status"] == "GRANTED"
    assert [await count(gateway, table) for table in WRITTEN] == [1, 1, 1, 0]
    # The same input to the other action is another input.
    other = await change(gateway, "revokeConsent", clientMutationId="c-1")
    assert refused(other) == [("CONFLICT", "input.clientMutationId")]


async def test_of_parallel_grants_one_is_recorded(gateway: Gateway) -> None:
    await people(gateway, 1)
    answers = await asyncio.gather(*(change(gateway, "grantConsent") for _ in range(20)))
    errors = [error["code"] for answer in answers for error in payload(answer)["userErrors"]]
    assert errors == ["UNCHANGED"] * 19
    (row,) = await stored(gateway, ConsentChange)
    assert row.status is ConsentStatus.GRANTED


@pytest.mark.parametrize("action", ["grantConsent", "revokeConsent"])
async def test_it_needs_consents_write_and_writes_nothing_without(gateway: Gateway, action: str) -> None:
    await people(gateway, 1)
    input = {"customerId": customer_id(1), "name": "news", "source": "call"}
    scopes = ALL_SCOPES - {"consents:write"}
    answer = await gateway.ask(CHANGE.replace("ACTION", action), {"input": input}, scopes=scopes)
    assert (answer.data, answer.codes) == ({action: None}, ["FORBIDDEN"])
    assert answer.extensions["profile"]["sqlStatements"] == 0
    assert [await count(gateway, table) for table in WRITTEN] == [0] * 4


class TestWithClocksApart:
    """Two processes, or two calls of which the later one was first at the customer's row."""

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock(MADE_AT)

    async def test_the_change_that_is_written_last_is_the_newest(self, gateway: Gateway, clock: Clock) -> None:
        await people(gateway, 1)
        for action, status in (("grantConsent", "GRANTED"), ("revokeConsent", "REVOKED"), ("grantConsent", "GRANTED")):
            changed = payload(await change(gateway, action))
            assert changed["customer"]["consents"] == [{"name": "news", "status": status}]
            assert changed["consent"]["history"][0]["status"] == status
            clock.forward(-3)
