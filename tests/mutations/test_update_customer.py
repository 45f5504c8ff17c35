"""updateCustomer: what it stores, what it refuses, and that a refusal leaves nothing behind."""

import asyncio
from typing import Any

import pytest

from profiles.account import Account, AttributeDefinition, load_account
from profiles.changes import Change
from profiles.contacts import Channel
from profiles.customers import Customer, CustomerAttribute, Identifier, IdentifierKind, SubscriptionStatus
from profiles.subscriptions import ChannelChoice
from profiles.timeline import EventCategory, OutboxEntry, TimelineEvent
from tests.gateway_client import Answer, Gateway
from tests.people import MADE_AT, add, count, customer_id, people, stored

UPDATE = """
mutation ($input: UpdateCustomerInput!) {
  updateCustomer(input: $input) {
    customer {
      version firstName lastName name gender birthDate country city address subscriptionStatus subscribedAt
      email { value warning } phone { value type warning }
      attributes(keys: ["age", "is_vip", "clv_estimate", "store_visits_per_month"]) { value }
    }
    userErrors { message field code }
  }
}
"""
SECRETS = ("old.secret@example.com", "+442079460958", "Ada", "Secret Street")


@pytest.fixture
def account() -> Account:
    """The account with two attributes more: one that only sources write, and a personal one."""
    default = load_account()
    more = (
        AttributeDefinition(key="source_note", label="Source note", is_editable=False),
        AttributeDefinition(key="nickname", label="Nickname", is_personal=True),
    )
    return default.model_copy(update={"attributes": default.attributes + more, "segments": ()})


async def update(gateway: Gateway, id: int = 1, scopes: list[str] | None = None, **input: Any) -> Answer:
    return await gateway.ask(UPDATE, {"input": {"customerId": customer_id(id), **input}}, scopes=scopes)


def refused(answer: Answer) -> list[tuple[str, str]]:
    """What a refused call says: each error's code and path; no customer, no other error."""
    assert answer.errors == []
    payload = answer.data["updateCustomer"]
    assert payload["customer"] is None
    return [(error["code"], ".".join(error["field"] or ())) for error in payload["userErrors"]]


def accepted(answer: Answer) -> dict[str, Any]:
    assert answer.errors == []
    assert answer.data["updateCustomer"]["userErrors"] == []
    customer: dict[str, Any] = answer.data["updateCustomer"]["customer"]
    return customer


async def identifiers(gateway: Gateway, kind: IdentifierKind) -> dict[str, int]:
    return {row.value: row.customer_id for row in await stored(gateway, Identifier, kind=kind)}


async def assert_untouched(gateway: Gateway, before: Customer) -> None:
    """The row is what it was, and nothing else was written."""
    (now,) = await stored(gateway, Customer, id=before.id)
    assert now.model_dump() == before.model_dump()
    assert [await count(gateway, table) for table in (Change, TimelineEvent, OutboxEntry)] == [0, 0, 0]


async def test_every_detail_is_stored_trimmed_and_shown_fresh(gateway: Gateway) -> None:
    await people(gateway, 1)
    customer = accepted(
        await update(
            gateway,
            firstName="  Zoë ",
            lastName="O'Neill",
            gender="OTHER",
            birthDate="1990-02-28",
            country="gb",
            city="Łódź",
            address="1 High Street, Flat 2",
            email=" Zoe@Example.COM ",
            phone="020 7946 0958",
            subscriptionStatus="PENDING",
            attributes=[
                {"key": "age", "value": "25-34"},
                {"key": "is_vip", "value": "true"},
                {"key": "clv_estimate", "value": "12.30 USD"},
                {"key": "store_visits_per_month", "value": "2.50"},
            ],
        )
    )
    assert customer == {
        "version": 2,
        "firstName": "Zoë",
        "lastName": "O'Neill",
        "name": "Zoë O'Neill",
        "gender": "OTHER",
        "birthDate": "1990-02-28",
        "country": "GB",
        "city": "Łódź",
        "address": "1 High Street, Flat 2",
        "subscriptionStatus": "PENDING",
        "subscribedAt": None,
        "email": {"value": "Zoe@Example.COM", "warning": None},
        "phone": {"value": "+442079460958", "type": "LANDLINE", "warning": None},
        "attributes": [{"value": "25-34"}, {"value": "true"}, {"value": "12.30 USD"}, {"value": "2.5"}],
    }
    (row,) = await stored(gateway, Customer, id=1)
    keys = {name: value for name, value in row.model_dump().items() if name.endswith("_key") and "id_" not in name}
    assert keys == {
        "first_name_key": "zoe",
        "last_name_key": "o'neill",
        "name_key": "zoe o'neill",
        "city_key": "lodz",
        "address_key": "1 high street, flat 2",
        "email_key": "zoe@example.com",
        "phone_key": "+442079460958",
    }
    numbers = {row.attribute: row.number for row in await stored(gateway, CustomerAttribute, customer_id=1)}
    assert numbers == {"age": None, "is_vip": None, "clv_estimate": 12.3, "store_visits_per_month": 2.5}


async def test_an_omitted_field_is_left_alone_and_null_or_a_blank_clears(gateway: Gateway) -> None:
    await people(gateway, 1, first_name="Ada", last_name="Byron", city="London", country="GB", gender="FEMALE")
    customer = accepted(await update(gateway, lastName=None, city="  ", gender=None))
    shown = [customer[name] for name in ("firstName", "lastName", "name", "city", "country", "gender", "version")]
    assert shown == ["Ada", None, "Ada", None, "GB", None, 2]
    (row,) = await stored(gateway, Customer, id=1)
    assert (row.name_key, row.last_name_key, row.city_key) == ("ada", None, None)


async def test_the_history_has_a_row_a_field_and_the_timeline_one_event_without_values(gateway: Gateway) -> None:
    await people(gateway, 1, first_name="Ada", email="old.secret@example.com")
    accepted(
        await update(
            gateway, firstName="Eve", email="new@example.com", attributes=[{"key": "nickname", "value": "Evie"}]
        )
    )
    changes = await stored(gateway, Change, customer_id=1)
    assert {(row.field, row.before, row.after) for row in changes} == {
        ("firstName", "Ada", "Eve"),
        ("email", "old.secret@example.com", "new@example.com"),
        ("attributes.nickname", None, "Evie"),
    }
    assert {row.actor for row in changes} == {"staff 1"}
    (event,) = await stored(gateway, TimelineEvent, customer_id=1)
    assert (event.category, event.type, event.name) == (EventCategory.PROFILE, "profile_changed", "Profile changed")
    assert (event.description, event.actor) == ("First name, Email, Nickname", "staff 1")
    (row,) = await stored(gateway, Customer, id=1)
    assert (row.version, row.generation, row.activity_seq) == (2, 2, 1)
    assert row.updated_at == event.occurred_at > MADE_AT
    assert await count(gateway, OutboxEntry) == 0


@pytest.mark.parametrize(
    "input",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"firstName": "Ada ", "email": "old.secret@example.com", "country": "gb"}, id="the same values"),
        pytest.param({"attributes": [{"key": "age", "value": None}]}, id="clearing what is not there"),
        pytest.param({"attributes": None, "subscriptionStatus": None}, id="nulls of nothing"),
        pytest.param({"expectedVersion": 1}, id="the right version"),
    ],
)
async def test_where_nothing_changes_nothing_is_written_and_the_customer_comes_back(
    gateway: Gateway, input: dict[str, Any]
) -> None:
    await people(gateway, 1, first_name="Ada", email="old.secret@example.com", country="GB")
    (before,) = await stored(gateway, Customer, id=1)
    assert accepted(await update(gateway, **input))["version"] == 1
    await assert_untouched(gateway, before)


async def test_a_stale_version_writes_nothing_and_leaks_nothing(gateway: Gateway) -> None:
    await people(gateway, 1, first_name="Ada", email="old.secret@example.com", address="Secret Street")
    (before,) = await stored(gateway, Customer, id=1)
    answer = await update(gateway, scopes=["profile:write"], expectedVersion=7, email="new@example.com")
    assert refused(answer) == [("STALE_VERSION", "input.expectedVersion")]
    assert not [secret for secret in SECRETS if secret in str(answer)]
    await assert_untouched(gateway, before)
    assert await identifiers(gateway, IdentifierKind.EMAIL) == {"old.secret@example.com": 1}


async def test_two_editors_with_one_version_one_of_them_is_stale(gateway: Gateway) -> None:
    await people(gateway, 1)
    answers = await asyncio.gather(
        *(update(gateway, expectedVersion=1, firstName=name, lastName=name) for name in ("Ada", "Eve"))
    )
    payloads = [answer.data["updateCustomer"] for answer in answers]
    (won,) = [payload["customer"] for payload in payloads if payload["customer"] is not None]
    (lost,) = [payload["userErrors"] for payload in payloads if payload["customer"] is None]
    assert [error["code"] for error in lost] == ["STALE_VERSION"]
    (row,) = await stored(gateway, Customer, id=1)
    assert (row.first_name, row.last_name, row.version) == (won["firstName"], won["firstName"], 2)


async def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_written(gateway: Gateway) -> None:
    await people(gateway, 1, first_name="Ada")
    await people(gateway, 2, phone="+12025550143")
    (before,) = await stored(gateway, Customer, id=1)
    answer = await update(
        gateway,
        firstName="x" * 101,
        lastName="Byron",
        birthDate="2999-01-01",
        country="XX",
        email="nobody",
        phone="+1 202 555 0143",
        attributes=[
            {"key": "no_such", "value": "1"},
            {"key": "city", "value": "London"},
            {"key": "source_note", "value": "x"},
            {"key": "age", "value": "7"},
            {"key": "age", "value": "25-34"},
            {"key": "is_vip", "value": "yes"},
            {"key": "store_visits_per_month", "value": "two"},
            {"key": "clv_estimate", "value": "12.345 USD"},
            {"key": "birthday_gift_sent", "value": "2026-13-01"},
            {"key": "last_survey_at", "value": "2026-01-01T00:00:00"},
            {"key": "home_ownership", "value": "x" * 501},
        ],
    )
    assert refused(answer) == [
        ("INVALID", "input.firstName"),
        ("INVALID", "input.birthDate"),
        ("INVALID", "input.country"),
        ("INVALID", "input.email"),
        ("INVALID", "input.attributes.0.key"),
        ("INVALID", "input.attributes.1.key"),
        ("INVALID", "input.attributes.2.key"),
        ("INVALID", "input.attributes.3.value"),
        ("INVALID", "input.attributes.4.key"),
        ("INVALID", "input.attributes.5.value"),
        ("INVALID", "input.attributes.6.value"),
        ("INVALID", "input.attributes.7.value"),
        ("INVALID", "input.attributes.8.value"),
        ("INVALID", "input.attributes.9.value"),
        ("INVALID", "input.attributes.10.value"),
        ("TAKEN", "input.phone"),
    ]
    await assert_untouched(gateway, before)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("firstName", "A\x00da"),
        ("firstName", "A\nda"),
        ("firstName", "\u200b"),
        ("lastName", "\ufdfa" * 100),
        ("city", "x" * 101),
        ("address", "x" * 501),
        ("address", "1 High Street\nLondon"),
        ("country", "USA"),
        ("country", "\x00"),
        ("birthDate", "1899-12-31"),
        ("email", "@example.com"),
        ("email", "someone@"),
        ("email", "some one@example.com"),
        ("email", "a\x00@example.com"),
        ("email", "x" * 309 + "@example.com"),
        ("phone", "none"),
        ("phone", "1" * 51),
        ("phone", "+1\x00202"),
    ],
)
async def test_what_cannot_be_right_is_refused_at_the_door(gateway: Gateway, field: str, value: str) -> None:
    await people(gateway, 1)
    (before,) = await stored(gateway, Customer, id=1)
    assert refused(await update(gateway, **{field: value})) == [("INVALID", f"input.{field}")]
    await assert_untouched(gateway, before)


async def test_more_than_a_hundred_attributes_are_too_many(gateway: Gateway) -> None:
    await people(gateway, 1)
    answer = await update(gateway, attributes=[{"key": f"key{n}", "value": "x"} for n in range(101)])
    assert refused(answer) == [("TOO_MANY", "input.attributes")]


async def test_the_longest_values_of_any_script_fit_into_every_index(gateway: Gateway) -> None:
    await people(gateway, 1)
    customer = accepted(
        await update(
            gateway,
            firstName="𠀀" * 100,
            lastName="𠀀" * 100,
            city="𠀀" * 100,
            address="𠀀" * 500,
            email="𠀀" * 308 + "@example.com",
            attributes=[{"key": "home_ownership", "value": "".join(chr(0x20000 + n) for n in range(500))}],
        )
    )
    assert customer["version"] == 2


async def test_today_in_the_accounts_time_zone_is_the_last_birth_date(gateway: Gateway) -> None:
    await people(gateway, 1)
    today = gateway.runtime.services.clock().astimezone(gateway.account.zone).date()
    assert accepted(await update(gateway, birthDate=today.isoformat()))["birthDate"] == today.isoformat()
    tomorrow = today.replace(year=today.year + 1)
    assert refused(await update(gateway, birthDate=tomorrow.isoformat())) == [("INVALID", "input.birthDate")]


async def test_a_contact_that_only_looks_wrong_is_kept_with_its_warning(gateway: Gateway) -> None:
    await people(gateway, 1)
    customer = accepted(await update(gateway, email="someone@nowhere", phone="+1 555"))
    assert customer["email"] == {"value": "someone@nowhere", "warning": "INVALID"}
    assert customer["phone"] == {"value": "+1 555", "type": "UNKNOWN", "warning": "INVALID"}


async def test_a_changed_email_forgets_the_bounce_and_an_unchanged_one_does_not(gateway: Gateway) -> None:
    await people(gateway, 1, email="ada@example.com", email_bounced_at=MADE_AT)
    same = accepted(await update(gateway, email="ada@example.com", firstName="Ada"))
    assert same["email"] == {"value": "ada@example.com", "warning": "INVALID"}
    fresh = accepted(await update(gateway, email="ada@example.org"))
    assert fresh["email"] == {"value": "ada@example.org", "warning": None}
    (row,) = await stored(gateway, Customer, id=1)
    assert row.email_bounced_at is None


async def test_identifiers_move_with_the_contact(gateway: Gateway) -> None:
    await people(gateway, 1, email="ada@example.com", phone="+12025550143")
    accepted(await update(gateway, email="Ada@Example.org", phone="(202) 555-0199"))
    assert await identifiers(gateway, IdentifierKind.EMAIL) == {"ada@example.org": 1}
    assert await identifiers(gateway, IdentifierKind.PHONE) == {"+12025550199": 1}
    by_new = 'new: customer(by: { email: "ADA@example.ORG" }) { externalId }'
    by_old = 'old: customer(by: { phone: "+12025550143" }) { id }'
    opened = await gateway.ask(f"{{ {by_new} {by_old} }}")
    assert opened.data == {"new": {"externalId": "ext-1"}, "old": None}
    accepted(await update(gateway, email=None, phone=None))
    assert await identifiers(gateway, IdentifierKind.EMAIL) == {}
    assert await identifiers(gateway, IdentifierKind.PHONE) == {}


async def test_another_country_makes_another_number_of_a_phone_without_a_plus(gateway: Gateway) -> None:
    await people(gateway, 1, phone="020 7946 0958", country="GB")
    await people(gateway, 2, phone="+61 2 7010 1111")
    accepted(await update(gateway, country="ZA"))
    assert await identifiers(gateway, IdentifierKind.PHONE) == {"+272079460958": 1, "+61270101111": 2}
    await people(gateway, 3, phone="02 7010 1111", country="IT")
    assert refused(await update(gateway, 3, country="AU")) == [("TAKEN", "input.country")]


async def test_an_identifier_of_another_profile_is_taken_and_nothing_is_written(gateway: Gateway) -> None:
    await people(gateway, 1, first_name="Ada", email="ada@example.com")
    await people(gateway, 2, email="old.secret@example.com", phone="+442079460958")
    (before,) = await stored(gateway, Customer, id=1)
    answer = await update(
        gateway, scopes=["profile:write"], firstName="Eve", email="OLD.Secret@example.com", phone="+44 20 7946 0958"
    )
    assert refused(answer) == [("TAKEN", "input.email"), ("TAKEN", "input.phone")]
    assert "ext-2" not in str(answer)
    await assert_untouched(gateway, before)
    assert await identifiers(gateway, IdentifierKind.EMAIL) == {"ada@example.com": 1, "old.secret@example.com": 2}


async def test_of_parallel_edits_to_one_email_one_wins_and_the_others_write_nothing(gateway: Gateway) -> None:
    ids = range(1, 9)
    await people(gateway, *ids, first_name="Ada")
    answers = await asyncio.gather(*(update(gateway, id, email="one@example.com", firstName="Eve") for id in ids))
    won = [id for id, answer in zip(ids, answers, strict=True) if answer.data["updateCustomer"]["customer"]]
    lost = [refused(answer) for answer in answers if not answer.data["updateCustomer"]["customer"]]
    assert lost == [[("TAKEN", "input.email")]] * 7
    assert await identifiers(gateway, IdentifierKind.EMAIL) == {"one@example.com": won[0]}
    rows = await stored(gateway, Customer)
    assert [row.id for row in rows if (row.email, row.first_name, row.version) == ("one@example.com", "Eve", 2)] == won
    assert [row.id for row in rows if (row.email, row.first_name, row.version) == (None, "Ada", 1)] == [
        id for id in ids if id != won[0]
    ]
    assert [await count(gateway, table) for table in (Change, TimelineEvent)] == [2, 1]


async def test_edits_that_exchange_emails_and_phones_never_wait_for_each_other_in_a_circle(gateway: Gateway) -> None:
    await people(gateway, 1, email="a@example.com", phone="+12025550101")
    await people(gateway, 2, email="b@example.com", phone="+12025550102")
    for _ in range(10):
        answers = await asyncio.gather(
            update(gateway, 1, email="b@example.com", phone="+12025550102"),
            update(gateway, 2, email="a@example.com", phone="+12025550101"),
            update(gateway, 1, email="c@example.com"),
            update(gateway, 2, email="d@example.com"),
            update(gateway, 1, email="a@example.com", phone="+12025550101"),
            update(gateway, 2, email="b@example.com", phone="+12025550102"),
        )
        assert [answer.errors for answer in answers] == [[]] * 6
    owners = {row.id: row.email for row in await stored(gateway, Customer)}
    assert await identifiers(gateway, IdentifierKind.EMAIL) == {email: id for id, email in owners.items()}


async def test_a_profile_that_keeps_a_contact_without_its_identifier_does_not_take_it_along(gateway: Gateway) -> None:
    await people(gateway, 1, email="shared@example.com")
    await people(gateway, 2)
    async with gateway.store.write() as unit:
        second = (await unit.lock([2]))[2]
        second.email, second.email_key = "shared@example.com", "shared@example.com"
    accepted(await update(gateway, 2, email="own@example.com"))
    assert await identifiers(gateway, IdentifierKind.EMAIL) == {"shared@example.com": 1, "own@example.com": 2}


async def test_the_subscription_status_is_the_email_channels_choice(gateway: Gateway) -> None:
    await people(gateway, 1)
    accepted(await update(gateway, subscriptionStatus="PENDING"))
    (choice,) = await stored(gateway, ChannelChoice, customer_id=1)
    assert (choice.channel, choice.is_subscribed) == (Channel.EMAIL, False)
    first = accepted(await update(gateway, subscriptionStatus="SUBSCRIBED"))
    (choice,) = await stored(gateway, ChannelChoice, customer_id=1)
    assert choice.is_subscribed
    (row,) = await stored(gateway, Customer, id=1)
    assert row.subscribed_at == choice.changed_at == row.updated_at
    assert first["subscribedAt"] is not None
    assert accepted(await update(gateway, subscriptionStatus="UNSUBSCRIBED"))["subscribedAt"] == first["subscribedAt"]
    again = accepted(await update(gateway, subscriptionStatus="SUBSCRIBED"))
    assert again["subscribedAt"] == first["subscribedAt"]
    gone = accepted(await update(gateway, subscriptionStatus=None))
    assert (gone["subscriptionStatus"], gone["subscribedAt"]) == ("NEVER_SUBSCRIBED", first["subscribedAt"])
    assert await count(gateway, ChannelChoice) == 0


async def test_an_earlier_subscription_to_another_channel_stays_the_first(gateway: Gateway) -> None:
    await people(gateway, 1, subscribed_at=MADE_AT)
    await add(gateway, ChannelChoice(customer_id=1, channel=Channel.SMS, is_subscribed=True, changed_at=MADE_AT))
    assert accepted(await update(gateway, subscriptionStatus="SUBSCRIBED"))["subscribedAt"].startswith(
        "2026-01-02T03:04:05"
    )
    choices = await stored(gateway, ChannelChoice, customer_id=1)
    assert {row.channel: row.is_subscribed for row in choices} == {Channel.EMAIL: True, Channel.SMS: True}


async def test_attributes_not_named_are_left_alone_and_null_removes_one(gateway: Gateway) -> None:
    await people(gateway, 1)
    await add(
        gateway,
        CustomerAttribute(customer_id=1, attribute="age", value="25-34"),
        CustomerAttribute(customer_id=1, attribute="is_vip", value="true"),
    )
    accepted(await update(gateway, attributes=[{"key": "age", "value": None}, {"key": "nickname", "value": " A "}]))
    rows = await stored(gateway, CustomerAttribute, customer_id=1)
    assert {row.attribute: row.value for row in rows} == {"is_vip": "true", "nickname": "A"}


async def test_a_repeated_call_has_one_effect_and_the_same_answer(gateway: Gateway) -> None:
    await people(gateway, 1)
    attributes = [{"key": "age", "value": "25-34"}]
    input = {"clientMutationId": "once", "firstName": "Ada", "gender": None, "attributes": attributes}
    answers = await asyncio.gather(*(update(gateway, **input) for _ in range(20)))
    assert [accepted(answer) for answer in answers] == [accepted(answers[0])] * 20
    assert [await count(gateway, table) for table in (Change, TimelineEvent)] == [2, 1]
    # An omitted field and a null are not the same input.
    other = await update(gateway, clientMutationId="once", firstName="Ada", attributes=attributes)
    assert refused(other) == [("CONFLICT", "input.clientMutationId")]
    assert "Ada" not in str(other)


async def test_a_refused_call_does_not_use_up_its_client_mutation_id(gateway: Gateway) -> None:
    await people(gateway, 1)
    assert refused(await update(gateway, clientMutationId="x", email="nobody")) == [("INVALID", "input.email")]
    assert accepted(await update(gateway, clientMutationId="x", email="a@example.com"))["version"] == 2


async def test_an_unknown_or_erased_customer_is_not_found(gateway: Gateway) -> None:
    await people(gateway, 1, erased_at=MADE_AT)
    assert refused(await update(gateway, 1, firstName="Ada")) == [("NOT_FOUND", "input.customerId")]
    assert refused(await update(gateway, 2, firstName="Ada")) == [("NOT_FOUND", "input.customerId")]


async def test_a_malformed_id_is_a_bad_request(gateway: Gateway) -> None:
    answer = await gateway.ask(UPDATE, {"input": {"customerId": "nonsense"}})
    assert (answer.data, answer.codes) == ({"updateCustomer": None}, ["BAD_REQUEST"])
    assert answer.errors[0]["extensions"]["field"] == ["input", "customerId"]


async def test_it_needs_profile_write_and_no_scope_of_reading(gateway: Gateway) -> None:
    await people(gateway, 1)
    (before,) = await stored(gateway, Customer, id=1)
    every = sorted(set(await _scopes(gateway)) - {"profile:write"})
    forbidden = await update(gateway, scopes=every, firstName="Ada")
    assert (forbidden.data, forbidden.codes) == ({"updateCustomer": None}, ["FORBIDDEN"])
    await assert_untouched(gateway, before)
    written = await gateway.ask(
        "mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) { userErrors { code } } }",
        {"input": {"customerId": customer_id(1), "firstName": "Ada"}},
        scopes=["profile:write"],
    )
    assert (written.data, written.errors) == ({"updateCustomer": {"userErrors": []}}, [])
    (row,) = await stored(gateway, Customer, id=1)
    assert (row.first_name, row.subscription_status) == ("Ada", SubscriptionStatus.NEVER_SUBSCRIBED)


async def _scopes(gateway: Gateway) -> list[str]:
    answer = await gateway.ask("{ viewer { scopes } }")
    scopes: list[str] = answer.data["viewer"]["scopes"]
    return scopes
