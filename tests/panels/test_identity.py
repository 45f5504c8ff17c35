"""Who the customer is, the identifiers that open a profile, and what is hidden without the scope of personal data."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from profiles.customers import Gender, SubscriptionStatus
from profiles.viewer import ALL_SCOPES
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.panels.shop import reads
from tests.people import MADE_AT, customer_id, people

PERSONAL = ("crmId", "firstName", "lastName", "name", "gender", "birthDate", "country", "city", "address")
OPEN = (
    "id",
    "externalId",
    "subscriptionStatus",
    "createdAt",
    "updatedAt",
    "registeredAt",
    "subscribedAt",
    "version",
)
WHOLE = f"query ($id: ID!) {{ customer(by: {{ id: $id }}) {{ {' '.join((*OPEN, *PERSONAL))} }} }}"
BY = "query ($by: CustomerKey!) { customer(by: $by) { externalId } }"
ADA: dict[str, Any] = {
    "external_id": "H-1/é",
    "crm_id": "CRM-7",
    "first_name": "Ada",
    "last_name": "Byron",
    "gender": Gender.FEMALE,
    "birth_date": date(1815, 12, 10),
    "country": "GB",
    "city": "London",
    "address": "12 St James's Square",
    "email": "Ada.Byron@Straße.example",
    "phone": "+44 20 7946 0958",
    "subscription_status": SubscriptionStatus.SUBSCRIBED,
    "subscribed_at": datetime(2026, 1, 1, tzinfo=UTC),
    "registered_at": datetime(2025, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
    "version": 12,
}
NAMES = ("crm_id", "first_name", "last_name", "gender", "birth_date", "country", "city", "address", "registered_at")


async def opened(gateway: Gateway, **by: str) -> str | None:
    answer = await gateway.ask(BY, {"by": by})
    assert answer.errors == []
    found = answer.data["customer"]
    return found["externalId"] if found else None


async def test_every_field_shows_what_is_stored(gateway: Gateway) -> None:
    await people(gateway, 1, **ADA)
    answer = await gateway.ask(WHOLE, {"id": customer_id(1)})
    assert answer.errors == []
    assert answer.data["customer"] == {
        "id": customer_id(1),
        "externalId": "H-1/é",
        "subscriptionStatus": "SUBSCRIBED",
        "createdAt": "2026-01-02T03:04:05.678901Z",
        "updatedAt": "2026-01-02T03:04:05.678901Z",
        "registeredAt": "2025-12-31T23:59:59.000001Z",
        "subscribedAt": "2026-01-01T00:00:00Z",
        "version": 12,
        "crmId": "CRM-7",
        "firstName": "Ada",
        "lastName": "Byron",
        "name": "Ada Byron",
        "gender": "FEMALE",
        "birthDate": "1815-12-10",
        "country": "GB",
        "city": "London",
        "address": "12 St James's Square",
    }
    assert reads(answer) == {"CustomerById": 1}
    assert answer.extensions["profile"]["sqlStatements"] == 1


async def test_of_someone_of_whom_nothing_is_known_the_fields_are_null(gateway: Gateway) -> None:
    await people(gateway, 1)
    answer = await gateway.ask(WHOLE, {"id": customer_id(1)})
    assert answer.errors == []
    known = {name: value for name, value in answer.data["customer"].items() if value is not None}
    assert sorted(known) == ["createdAt", "externalId", "id", "subscriptionStatus", "updatedAt", "version"]


@pytest.mark.parametrize(("names", "shown"), [({"first_name": "Ada"}, "Ada"), ({"last_name": "Byron"}, "Byron")])
async def test_a_name_is_as_much_of_it_as_is_known(gateway: Gateway, names: dict[str, str], shown: str) -> None:
    await people(gateway, 1, **names)
    answer = await gateway.ask("query ($id: ID!) { customer(by: { id: $id }) { name } }", {"id": customer_id(1)})
    assert answer.data == {"customer": {"name": shown}}


async def test_without_personal_read_personal_fields_are_null_with_forbidden_and_the_others_arrive(
    gateway: Gateway,
) -> None:
    await people(gateway, 1, **ADA)
    answer = await gateway.ask(WHOLE, {"id": customer_id(1)}, scopes=ALL_SCOPES - {"personal:read"})
    customer = answer.data["customer"]
    assert {name for name in customer if customer[name] is None} == set(PERSONAL)
    assert [(error["path"], error["extensions"]["code"]) for error in answer.errors] == [
        (["customer", name], "FORBIDDEN") for name in PERSONAL
    ]
    secrets = ("CRM-7", "Ada", "Byron", "FEMALE", "1815", "London", "James", "946")
    assert not [secret for secret in secrets if secret in str(answer)]


async def test_without_profile_read_no_profile_opens_and_nothing_is_read(gateway: Gateway) -> None:
    await people(gateway, 1, **ADA)
    answer = await gateway.ask(WHOLE, {"id": customer_id(1)}, scopes=ALL_SCOPES - {"profile:read"})
    assert (answer.data, answer.codes) == ({"customer": None}, ["FORBIDDEN"])
    assert reads(answer) == {}


async def test_each_identifier_opens_the_profile_in_any_spelling(gateway: Gateway) -> None:
    await people(gateway, 1, **ADA)
    await people(gateway, 2, phone="(202) 555-0143", email="plain@example.com")
    ada = "H-1/é"
    assert await opened(gateway, id=customer_id(1)) == ada
    assert await opened(gateway, externalId=ada) == ada
    assert await opened(gateway, crmId="CRM-7") == ada
    for email in ("Ada.Byron@Straße.example", " ada.byron@STRASSE.example ", "ADA.BYRON@xn--strae-oqa.example"):
        expected = None if "STRASSE" in email else ada
        assert await opened(gateway, email=email) == expected, email
    for phone in ("+442079460958", "+44 (0)20 7946 0958", "0044 20 7946 0958", "tel:+44-20-7946-0958"):
        assert await opened(gateway, phone=phone) == ada, phone
    # Without a + it is a number of the account's country, where 011 is dialled for abroad; 00 is understood anyway.
    for phone in ("202 555 0143", "+1-202-555-0143", "1 (202) 555.0143", "２０２５５５０１４３"):
        assert await opened(gateway, phone=phone) == "ext-2", phone
    assert await opened(gateway, phone="011 44 20 7946 0958") == ada
    assert await opened(gateway, email="PLAIN@EXAMPLE.COM") == "ext-2"


@pytest.mark.parametrize(
    "by",
    [
        {"id": customer_id(9)},
        {"externalId": "H-2"},
        {"externalId": ""},
        {"crmId": "crm"},
        {"email": "nobody@example.com"},
        {"email": "no address"},
        {"email": " "},
        {"phone": "+1 202 555 0100"},
        {"phone": "no number"},
        {"phone": ""},
        {"phone": "9" * 320},
    ],
    ids=str,
)
async def test_what_opens_no_profile_is_null_without_an_error(gateway: Gateway, by: dict[str, str]) -> None:
    await people(gateway, 1, **ADA)
    assert await opened(gateway, **by) is None


@pytest.mark.parametrize(
    "by",
    [
        {"id": "nonsense"},
        {"id": ""},
        {"id": "ü"},
        {"id": encode("Note", 1, 2)},
        {"id": encode("Customer", 1, 2)},
        {"id": encode("Customer", "x")},
        {"id": encode("Customer", -1)},
        {"id": encode("Customer", 2**63)},
        {"id": encode("Customer", "01")},
        {"id": customer_id(1) + "="},
        {"externalId": "x" * 321},
        {"externalId": "a\x00b"},
        {"phone": "1\x002"},
    ],
    ids=lambda by: str(by)[:40],
)
async def test_what_cannot_be_a_key_is_a_bad_request(gateway: Gateway, by: dict[str, str]) -> None:
    await people(gateway, 1, **ADA)
    answer = await gateway.ask(BY, {"by": by})
    assert (answer.data, answer.codes) == ({"customer": None}, ["BAD_REQUEST"])
    assert answer.errors[0]["extensions"]["field"][0] == "by"
    assert answer.extensions["profile"]["sqlStatements"] == 0


@pytest.mark.parametrize("by", [{}, {"id": "x", "crmId": "y"}, {"email": None}])
async def test_exactly_one_key_must_be_given(gateway: Gateway, by: dict[str, Any]) -> None:
    answer = await gateway.ask(BY, {"by": by})
    assert (answer.status, answer.data, answer.codes) == (400, None, ["BAD_REQUEST"])


@pytest.mark.parametrize("by", [{"crmId": "CRM-7"}, {"email": "Ada.Byron@Straße.example"}, {"phone": "+442079460958"}])
async def test_a_personal_key_needs_the_scope_before_anything_is_looked_up(
    gateway: Gateway, by: dict[str, str]
) -> None:
    await people(gateway, 1, **ADA)
    answer = await gateway.ask(BY, {"by": by}, scopes=ALL_SCOPES - {"personal:read"})
    assert (answer.data, answer.codes) == ({"customer": None}, ["FORBIDDEN"])
    assert answer.errors[0]["extensions"]["field"] == ["by"]
    assert reads(answer) == {}


async def test_an_erased_customer_is_null_by_every_key(gateway: Gateway) -> None:
    await people(gateway, 1, erased_at=MADE_AT, email="gone@example.com")
    assert await opened(gateway, id=customer_id(1)) is None
    assert await opened(gateway, externalId="ext-1") is None
    assert await opened(gateway, email="gone@example.com") is None


async def test_many_profiles_opened_by_one_kind_of_key_cost_two_reads(gateway: Gateway) -> None:
    await people(gateway, *range(1, 6))
    asked = " ".join(f'c{id}: customer(by: {{ externalId: "ext-{id}" }}) {{ version name }}' for id in range(1, 6))
    answer = await gateway.ask(f"{{ {asked} }}")
    assert answer.errors == []
    assert len(answer.data) == 5
    assert reads(answer) == {"CustomerByIdentifier": 5, "CustomerById": 5}
    assert answer.extensions["profile"]["sqlStatements"] == 2
