"""The fields of contacts: email and phone with their warnings and the phone's type."""

from typing import Any

import pytest

from profiles.viewer import ALL_SCOPES
from tests.gateway_client import Gateway
from tests.panels.shop import reads
from tests.people import MADE_AT, customer_id, people

CONTACTS = """
query ($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Customer { email { value warning } phone { value formatted type warning } } }
}
"""
LONDON = {"value": "+442079460958", "formatted": "+44 20 7946 0958", "type": "LANDLINE", "warning": None}


async def contacts(gateway: Gateway, scopes: frozenset[str] = ALL_SCOPES) -> Any:
    answer = await gateway.ask(CONTACTS, {"ids": [customer_id(1)]}, scopes=scopes)
    assert answer.errors == []
    return answer.data["nodes"][0]


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        ({}, {"value": None, "warning": "MISSING"}),
        ({"email": "  "}, {"value": None, "warning": "MISSING"}),
        ({"email": "ada@example.com"}, {"value": "ada@example.com", "warning": None}),
        ({"email": " Ada@Example.com "}, {"value": "Ada@Example.com", "warning": None}),
        ({"email": "用户@例子.公司"}, {"value": "用户@例子.公司", "warning": None}),
        ({"email": "ada@nowhere"}, {"value": "ada@nowhere", "warning": "INVALID"}),
        ({"email": "ada at example"}, {"value": "ada at example", "warning": "INVALID"}),
        (
            {"email": "ada@example.com", "email_bounced_at": MADE_AT},
            {"value": "ada@example.com", "warning": "INVALID"},
        ),
    ],
)
async def test_an_email_says_what_is_wrong_with_it(
    gateway: Gateway, columns: dict[str, Any], shown: dict[str, str]
) -> None:
    await people(gateway, 1, **columns)
    assert (await contacts(gateway))["email"] == shown


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        ({}, {"value": None, "formatted": None, "type": "UNKNOWN", "warning": "MISSING"}),
        ({"phone": "020 7946 0958", "country": "GB"}, LONDON),
        ({"phone": "+44 20 79460958", "country": "US"}, LONDON),
        (
            {"phone": "07911 123456", "country": "GB"},
            {"value": "+447911123456", "formatted": "+44 7911 123456", "type": "MOBILE", "warning": None},
        ),
        # In the account's country, the US, numbers do not tell what they are.
        (
            {"phone": "(202) 555-0143"},
            {"value": "+12025550143", "formatted": "+1 202-555-0143", "type": "UNKNOWN", "warning": None},
        ),
        (
            {"phone": "020 7946 0958"},
            {"value": "020 7946 0958", "formatted": None, "type": "UNKNOWN", "warning": "INVALID"},
        ),
        ({"phone": "ask Ann"}, {"value": "ask Ann", "formatted": None, "type": "UNKNOWN", "warning": "INVALID"}),
    ],
)
async def test_a_phone_says_its_type_and_what_is_wrong_with_it(
    gateway: Gateway, columns: dict[str, Any], shown: dict[str, str]
) -> None:
    await people(gateway, 1, **columns)
    assert (await contacts(gateway))["phone"] == shown


async def test_without_personal_read_contacts_are_masked_and_their_warnings_are_not(gateway: Gateway) -> None:
    await people(gateway, 1, email="ada.byron@example.com", phone="020 7946 0958", country="GB")
    assert await contacts(gateway, ALL_SCOPES - {"personal:read"}) == {
        "email": {"value": "a***@example.com", "warning": None},
        "phone": {"value": "***58", "formatted": None, "type": "LANDLINE", "warning": None},
    }


async def test_missing_contacts_are_missing_behind_a_mask_too(gateway: Gateway) -> None:
    await people(gateway, 1)
    assert await contacts(gateway, ALL_SCOPES - {"personal:read"}) == {
        "email": {"value": None, "warning": "MISSING"},
        "phone": {"value": None, "formatted": None, "type": "UNKNOWN", "warning": "MISSING"},
    }


async def test_contacts_cost_no_read_of_their_own(gateway: Gateway) -> None:
    ids = await people(gateway, 1, 2, 3)
    answer = await gateway.ask(CONTACTS, {"ids": ids})
    assert reads(answer) == {"CustomerById": 3}
