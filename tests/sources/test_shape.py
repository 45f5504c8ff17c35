"""What is generated around a household: repeatable, plausible, in agreement with itself and never in the future."""

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import pytest

from profiles.account import AttributeEntity, AttributeType
from profiles.changes import Change
from profiles.columns import to_seconds
from profiles.consents import ConsentChange, ConsentStatus
from profiles.contacts import ContactWarning, PhoneType, email_key, phone_key, read_email, read_phone
from profiles.customers import CustomerAttribute, Gender, Identifier, IdentifierKind
from profiles.interests import CategoryViews, interests
from profiles.loyalty import LoyaltyLot
from profiles.mailings import Mailing, MailingParticipation
from profiles.money import parse
from profiles.notes import Note
from profiles.orders import Order
from profiles.polls import Poll, PollParticipation
from profiles.promo_codes import PromoCode
from profiles.recently_viewed import VIEWED_FOR
from profiles.tags import CustomerTag
from profiles.target_audiences import TargetAudienceMembership
from profiles.text import search_key
from profiles.timeline import EventCategory, Session, SessionState
from sources.shape import shape_household
from sources.shape.groups import AUDIENCES, audience_id
from sources.shape.places import home
from sources.shape.plan import poll_plan
from tests.sources.households import ACCOUNT, CLOCK, NOW
from tests.sources.shaped import (
    ALL,
    FACTS,
    FOREIGN,
    HOUSEHOLDS,
    REFERENCE,
    SHAPES,
    WORLD,
    all_events,
    all_named,
    named,
    share,
    showcase,
)


def test_the_same_seed_gives_the_same_rows_whatever_else_is_loaded() -> None:
    for facts, shape in reversed(ALL[:40]):
        assert shape_household(facts, WORLD, CLOCK) == shape
    other = [shape_household(facts, WORLD, CLOCK, seed=1).customer["email"] for facts in FACTS[:40]]
    assert other != [shape.customer["email"] for shape in SHAPES[:40]]


def test_rows_name_columns_that_their_table_has_and_all_that_have_no_default() -> None:
    for shape in SHAPES:
        for model, (columns, rows) in shape.rows.tables.items():
            required = {name for name, field in model.model_fields.items() if field.is_required()}
            assert required <= set(columns) <= set(model.model_fields)
            assert all(len(row) == len(columns) for row in rows)


def test_primary_keys_and_event_ids_are_unique() -> None:
    for model in {model for shape in SHAPES for model in shape.rows.tables}:
        keys = [column.name for column in model.__table__.primary_key.columns]
        found = Counter(tuple(row[key] for key in keys) for row in all_named(model))
        assert [key for key, count in found.items() if count > 1] == [], model.__name__
    assert max(Counter(event.id for event in all_events()).values()) == 1


def test_identifiers_are_unique_and_agree_with_the_profile() -> None:
    rows = all_named(Identifier)
    assert len({(row["kind"], row["value"]) for row in rows}) == len(rows)
    for facts, shape in ALL:
        customer = shape.customer
        own = {row["kind"]: row["value"] for row in named(shape, Identifier)}
        assert own[IdentifierKind.EXTERNAL_ID] == facts.external_id
        assert own.get(IdentifierKind.CRM_ID) == customer["crm_id"]
        assert own.get(IdentifierKind.EMAIL) == customer["email_key"] == email_key(customer["email"])
        key = phone_key(customer["phone"], customer["country"], ACCOUNT.country)
        assert own.get(IdentifierKind.PHONE) == customer["phone_key"] == key


def test_no_two_of_all_2500_households_share_a_place_in_their_country() -> None:
    assert len({(country.code, number) for country, number in map(home, range(1, 2501))}) == 2500


def test_a_profile_agrees_with_itself() -> None:
    for facts, shape in ALL:
        customer = shape.customer
        assert customer["city"] in customer["address"]
        assert customer["name_key"] == search_key(f"{customer['first_name']} {customer['last_name']}")
        if customer["email"] is not None:
            assert customer["email"].split("@")[0].split(".")[0].isascii()
            assert str(facts.household_id) in customer["email"]
        born: date | None = customer["birth_date"]
        if born is not None:
            today = CLOCK.today
            age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
            group = facts.demographics.age if facts.demographics is not None else None
            youngest, _, oldest = (group or "19-84").replace("65+", "65-89").partition("-")
            assert int(youngest) <= age <= int(oldest)
        if customer["registered_at"] is not None:
            assert facts.first_seen <= customer["registered_at"] <= NOW


def test_contacts_are_missing_and_invalid_as_often_as_stated() -> None:
    emails = [read_email(shape.customer["email"], hard_bounced=False).warning for shape in SHAPES]
    phones = [read_phone(c["phone"], c["country"], ACCOUNT.country) for c in (shape.customer for shape in SHAPES)]
    assert 0.03 <= share(warning is ContactWarning.MISSING for warning in emails) <= 0.08
    assert 0.01 <= share(warning is ContactWarning.INVALID for warning in emails) <= 0.06
    assert 0.04 <= share(phone.warning is ContactWarning.MISSING for phone in phones) <= 0.11
    assert 0.005 <= share(phone.warning is ContactWarning.INVALID for phone in phones) <= 0.045


def test_telephone_types_are_told_apart_where_the_country_can_and_only_there() -> None:
    types: Counter[tuple[bool, PhoneType]] = Counter()
    for shape in SHAPES:
        customer = shape.customer
        phone = read_phone(customer["phone"], customer["country"], ACCOUNT.country)
        if phone.warning is None:
            types[customer["country"] in FOREIGN, phone.type] += 1
    assert {type for is_foreign, type in types if not is_foreign} == {PhoneType.UNKNOWN}
    landlines, mobiles = types[True, PhoneType.LANDLINE], types[True, PhoneType.MOBILE]
    assert types[True, PhoneType.UNKNOWN] == 0
    assert 0.06 <= landlines / (landlines + mobiles) <= 0.26


def test_most_customers_live_in_the_account_s_country_and_are_women_or_men() -> None:
    assert 0.7 <= share(shape.customer["country"] == "US" for shape in SHAPES) <= 0.8
    genders = Counter(shape.customer["gender"] for shape in SHAPES)
    assert genders[Gender.FEMALE] + genders[Gender.MALE] >= 0.9 * HOUSEHOLDS


def test_attributes_are_canonical_text_of_their_type_and_known_to_the_account() -> None:
    definitions = ACCOUNT.attribute_by_key
    for row in all_named(CustomerAttribute):
        definition = definitions[AttributeEntity.CUSTOMER, row["attribute"]]
        value = row["value"]
        match definition.type:
            case AttributeType.CHOICE:
                assert value in definition.choices
            case AttributeType.MONEY:
                assert parse(value).currency == ACCOUNT.currency
                assert row["number"] == float(value.split()[0])
            case AttributeType.NUMBER:
                assert row["number"] == float(value)
            case AttributeType.BOOLEAN:
                assert value in {"true", "false"}
            case AttributeType.DATE:
                assert date.fromisoformat(value) <= CLOCK.today
            case AttributeType.DATETIME:
                assert value.endswith("Z")
                assert datetime.fromisoformat(value) <= NOW


def test_nothing_happens_after_now_or_before_it_is_received() -> None:
    for event in all_events():
        assert event.occurred_at <= event.received_at <= NOW
    for shape in SHAPES:
        for model, (_, rows) in shape.rows.tables.items():
            if model is LoyaltyLot:
                continue  # bonuses will become active, and will expire
            moments = [value for value in chain.from_iterable(rows) if isinstance(value, datetime)]
            assert max(moments, default=NOW) <= NOW
        for name in ("registered_at", "subscribed_at", "email_bounced_at"):
            assert shape.customer[name] is None or shape.customer[name] <= NOW


def test_nothing_is_generated_before_the_profile_began() -> None:
    for facts, shape in ALL:
        assert min(event.occurred_at for event in shape.events) >= facts.first_seen


def test_every_url_is_http_and_leads_to_a_host_that_cannot_exist() -> None:
    urls = [event.url for event in all_events() if event.url is not None]
    urls += [row["current_url"] for row in all_named(Session)]
    urls += [row[4] for row in REFERENCE.rows.tables[Poll][1]]
    urls += [row[6] for row in REFERENCE.rows.tables[Mailing][1]]
    assert len(urls) > 1000
    for url in urls:
        parts = urlsplit(url)
        assert parts.scheme in {"http", "https"}
        assert parts.hostname is not None
        assert parts.hostname.endswith(".example")


def test_every_type_of_event_is_one_that_the_account_names() -> None:
    named_types = {(each.category, each.key) for each in ACCOUNT.all_event_types}
    assert {(event.category, event.type) for event in all_events()} <= named_types


def test_details_are_labels_and_texts() -> None:
    for event in all_events():
        if event.details is not None and "items" not in event.details:
            assert set(event.details) == {"details"}
            for detail in event.details["details"]:
                assert set(detail) == {"label", "value"}
                assert isinstance(detail["value"], str)


def test_polls_are_answered_while_they_are_open_and_by_whoever_was_known() -> None:
    opened = {poll.poll_id: poll.opens_at for poll in poll_plan(CLOCK)}
    answered = all_named(PollParticipation)
    assert {row["poll_id"] for row in answered} == opened.keys()
    for row in answered:
        assert opened[row["poll_id"]] < row["answered_at"] <= opened[row["poll_id"]] + timedelta(days=14)
    assert 0.05 <= share(bool(named(shape, PollParticipation)) for shape in SHAPES) <= 0.95
    assert {row["audience_id"] for row in all_named(TargetAudienceMembership)} == set(map(audience_id, AUDIENCES))


def test_the_history_tells_of_every_tag_note_and_consent_and_of_values_that_are_there() -> None:
    for facts, shape in ALL:
        changes = named(shape, Change)
        assert all(facts.first_seen <= change["at"] <= NOW for change in changes)
        after = Counter(change["field"].partition(".")[0] for change in changes)
        assert after["tags"] == len(named(shape, CustomerTag))
        assert after["notes"] == len(named(shape, Note))
        assert after["consents"] == len(named(shape, ConsentChange))
        for change in changes:
            if change["field"] in ("address", "phone"):
                assert change["after"] == shape.customer[change["field"]]


@pytest.mark.parametrize(("model", "category"), [(Note, EventCategory.NOTE), (CustomerTag, EventCategory.TAG_ASSIGNED)])
def test_every_note_and_tag_has_its_event(model: Any, category: EventCategory) -> None:
    moments = Counter((event.customer_id, event.occurred_at) for event in all_events() if event.category is category)
    column = "created_at" if model is Note else "assigned_at"
    assert moments == Counter((row["customer_id"], row[column]) for row in all_named(model))


def test_the_showcase_has_something_in_every_panel() -> None:
    facts, shape = showcase()
    customer = shape.customer
    assert read_email(customer["email"], hard_bounced=False).warning is None
    assert customer["email_bounced_at"] is None
    assert read_phone(customer["phone"], customer["country"], ACCOUNT.country).type is PhoneType.MOBILE
    assert all(customer[name] is not None for name in ("crm_id", "birth_date", "registered_at", "subscribed_at"))
    own = {each.key for each in ACCOUNT.attributes if each.entity is AttributeEntity.CUSTOMER}
    custom = own - {"marital_status"}  # these facts lack it
    assert {row["attribute"] for row in named(shape, CustomerAttribute)} >= custom
    orders = named(shape, Order)
    assert {"NEW", "CANCELLED", "RETURNED", "COMPLETED"} <= {order["status"] for order in orders}
    assert any(order["coupon_code"] is not None for order in orders)
    assert {True, False} == {order["is_attributed"] for order in orders}
    made_by_pipeline = {EventCategory.RECEIPT, EventCategory.MAILING_CAMPAIGN}
    of_jobs = {EventCategory.LIFECYCLE, EventCategory.SEGMENT}
    assert {event.category for event in shape.events} == set(EventCategory) - made_by_pipeline - of_jobs
    assert {change["status"] for change in named(shape, ConsentChange)} == set(ConsentStatus)
    assert len(named(shape, Note)) > 1
    assert len(named(shape, PollParticipation)) > 2
    assert len(named(shape, TargetAudienceMembership)) > 1
    fields = {change["field"].partition(".")[0] for change in named(shape, Change)}
    assert fields >= {"address", "phone", "notes", "tags", "consents"}
    lately = NOW - VIEWED_FOR
    viewed = [event for event in shape.events if event.category is EventCategory.PRODUCT_VIEW]
    assert len({event.product_id for event in viewed if event.occurred_at > lately}) >= 10
    assert named(shape, CustomerTag)
    participations = named(shape, MailingParticipation)
    assert {row["is_control_group"] for row in participations} == {True, False}
    codes = named(shape, PromoCode)
    assert any(code["redeemed_at"] is not None for code in codes)
    assert any(code["is_reissued"] for code in codes)
    assert {SessionState.PURCHASED, SessionState.ENDED} == {row["state"] for row in named(shape, Session)}
    bought = {
        line.category_id: basket.issued_at
        for basket in facts.baskets
        for line in basket.lines
        if line.category_id is not None
    }
    views = [
        CategoryViews(
            event.viewed_category_id, WORLD.category_names[event.viewed_category_id], [to_seconds(event.occurred_at)]
        )
        for event in shape.events
        if event.viewed_category_id is not None
    ]
    assert interests(views, bought, NOW, ACCOUNT.settings.interest_window_days, False, 10)
