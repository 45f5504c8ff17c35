"""What is generated around a household: repeatable, plausible, in agreement with itself and never in the future."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import pytest
from households import ACCOUNT, CLOCK, FIRST_DAY, NOW, STORES, made_household, made_reference, made_world

from profiles.account import AttributeEntity, AttributeType
from profiles.catalog import ExchangeRate, Store
from profiles.consents import ConsentChange, ConsentStatus
from profiles.contacts import Channel, ContactWarning, PhoneType, email_key, phone_key, read_email, read_phone
from profiles.customers import CustomerAttribute, Gender, Identifier, IdentifierKind, SubscriptionStatus
from profiles.interests import CategoryView, interests
from profiles.mailings import Mailing, MailingParticipation
from profiles.money import convert, parse
from profiles.notes import Note
from profiles.orders import Order, OrderItem
from profiles.promo_codes import PromoCode
from profiles.subscriptions import ChannelChoice
from profiles.tags import CustomerTag
from profiles.text import search_key
from profiles.timeline import EventCategory, Session, SessionState
from sources.rows import EventRow, HouseholdFacts, ShapeRows
from sources.shape import CANADIAN_STORE, reference, shape_household
from sources.shape.clickstream import clickstream
from sources.shape.draft import SHOWCASE_HOUSEHOLD
from sources.shape.places import home
from sources.shape.units import ONLINE_STORE, store_id

HOUSEHOLDS = 600
FOREIGN = {"GB", "DE", "FR"}

REFERENCE = made_reference()
WORLD = made_world(REFERENCE)
FACTS = [made_household(number, number - 1, WORLD, REFERENCE) for number in range(1, HOUSEHOLDS + 1)]
SHAPES = [shape_household(facts, WORLD, CLOCK) for facts in FACTS]
ALL = list(zip(FACTS, SHAPES, strict=True))


def named(shape: ShapeRows, model: Any) -> list[dict[str, Any]]:
    """The rows of a table, each by column name."""
    columns, rows = shape.rows.tables.get(model, ((), []))
    return [dict(zip(columns, row, strict=True)) for row in rows]


def all_named(model: Any) -> list[dict[str, Any]]:
    return [row for shape in SHAPES for row in named(shape, model)]


def all_events() -> Iterator[EventRow]:
    return chain.from_iterable(shape.events for shape in SHAPES)


def showcase() -> tuple[HouseholdFacts, ShapeRows]:
    return next((facts, shape) for facts, shape in ALL if facts.household_id == SHOWCASE_HOUSEHOLD)


def share(condition: Iterator[bool]) -> float:
    answers = list(condition)
    return sum(answers) / len(answers)


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
                assert value <= NOW.isoformat()
                assert value.endswith("+00:00")


def test_nothing_happens_after_now_or_before_it_is_received() -> None:
    for event in all_events():
        assert event.occurred_at <= event.received_at <= NOW
    for shape in SHAPES:
        for _, rows in shape.rows.tables.values():
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
    urls += [row[6] for row in REFERENCE.rows.tables[Mailing][1]]
    assert len(urls) > 1000
    for url in urls:
        parts = urlsplit(url)
        assert parts.scheme in {"http", "https"}
        assert parts.hostname is not None
        assert parts.hostname.endswith(".example")


def test_order_amounts_add_up() -> None:
    items: dict[int, list[dict[str, Any]]] = {}
    for item in all_named(OrderItem):
        assert item["total_minor"] == item["unit_price_minor"] * item["quantity_milli"] // 1000
        items.setdefault(item["order_id"], []).append(item)
    for order in all_named(Order):
        own = items[order["id"]]
        assert order["subtotal_minor"] == sum(item["total_minor"] for item in own)
        assert order["product_count"] == sum(item["quantity_milli"] for item in own) // 1000
        assert 0 <= order["discount_minor"] <= order["subtotal_minor"]
        assert order["product_cost_minor"] == order["subtotal_minor"] - order["discount_minor"]
        assert order["total_minor"] == order["product_cost_minor"] + order["tax_minor"] + order["shipping_minor"]
        assert order["currency"] == ACCOUNT.currency


def test_orders_of_the_canadian_store_keep_their_amounts_and_the_rate_of_the_day() -> None:
    foreign = [order for order in all_named(Order) if order["original"] is not None]
    assert foreign
    assert {order["store_id"] for order in foreign} == {store_id(CANADIAN_STORE)}
    rates = {rate.rate_date.isoformat(): rate for rate in REFERENCE.rates}
    for order in foreign:
        original = order["original"]
        rate = rates[original["rate_date"]]
        assert (original["currency"], original["rate"]) == ("CAD", str(rate.rate))
        assert original["product_cost"] == original["subtotal"] - original["discount"]
        assert original["total"] == original["product_cost"] + original["tax"] + original["shipping"]
        tax = convert(original["tax"], "CAD", ACCOUNT.currency, rate.rate, rate.rate_date)
        assert order["tax_minor"] == tax.amount_minor


def test_half_of_the_households_order_a_part_of_their_receipts_at_the_receipt_s_cost() -> None:
    ordering, ordered, receipts = 0, 0, 0
    for facts, shape in ALL:
        baskets = {basket.receipt_id: basket for basket in facts.baskets}
        linked = [order for order in named(shape, Order) if order["receipt_id"] is not None]
        for order in linked:
            basket = baskets[order["receipt_id"]]
            assert facts.first_seen <= order["placed_at"] <= basket.issued_at
            assert order["store_id"] == basket.store_id
            if basket.original is None:
                assert order["product_cost_minor"] == basket.product_total_minor
            else:
                assert order["original"]["product_cost"] == basket.original["product_total"]
        assert len({order["receipt_id"] for order in linked}) == len(linked)
        if linked:
            ordering, ordered, receipts = ordering + 1, ordered + len(linked), receipts + len(facts.baskets)
    assert 0.4 <= ordering / HOUSEHOLDS <= 0.6
    assert 0.1 <= ordered / receipts <= 0.2


def test_orders_say_how_they_ended_in_the_account_s_statuses() -> None:
    orders = all_named(Order)
    statuses = Counter(order["status"] for order in orders)
    assert set(statuses) <= set(ACCOUNT.order_statuses)
    assert {"NEW", "COMPLETED", "RETURNED", "CANCELLED"} <= set(statuses)
    assert 0.02 <= statuses["RETURNED"] / len(orders) <= 0.1
    for order in orders:
        assert order["is_returned"] == (order["status"] == "RETURNED")
        assert (order["payment_status"] == "UNPAID") == (order["status"] in {"NEW", "CANCELLED"})
    for events, wanted in (("order_placed", set(statuses)), ("order_returned", {"RETURNED"})):
        subjects = [event.subject_id for event in all_events() if event.type == events]
        assert sorted(subjects) == sorted(order["id"] for order in orders if order["status"] in wanted)


def test_an_order_is_attributed_by_a_code_or_by_a_click_within_the_account_s_days_and_by_nothing_else() -> None:
    window = timedelta(days=ACCOUNT.settings.attribution_days)
    attributed = 0
    for facts, shape in ALL:
        clicks = [event.occurred_at for event in shape.events if event.type == "email_clicked"]
        held_back = {row["mailing_id"] for row in named(shape, MailingParticipation) if row["is_control_group"]}
        codes = {
            row["code"]: row["issued_at"] for row in named(shape, PromoCode) if row["origin_id"] not in held_back
        } | {code.code: code.issued_at for code in facts.promo_codes if code.redeemed_at is not None}
        for order in named(shape, Order):
            at, coupon = order["placed_at"], order["coupon_code"]
            by_click = any(click <= at <= click + window for click in clicks)
            assert order["is_attributed"] == (coupon is not None or by_click)
            assert coupon is None or coupon in codes
            attributed += order["is_attributed"]
    assert 0.1 <= attributed / len(all_named(Order)) <= 0.6


def test_a_promo_code_is_redeemed_once_and_issued_again_only_while_unused() -> None:
    reissued = 0
    for _, shape in ALL:
        placed = {order["coupon_code"]: order["placed_at"] for order in named(shape, Order)}
        by_code: dict[str, list[dict[str, Any]]] = {}
        for row in named(shape, PromoCode):
            by_code.setdefault(row["code"], []).append(row)
        for code, rows in by_code.items():
            rows.sort(key=lambda row: row["issued_at"])
            assert [row["is_reissued"] for row in rows] == [False, True][: len(rows)]
            redeemed = [row for row in rows if row["redeemed_at"] is not None]
            assert len(redeemed) <= 1
            if redeemed:
                assert redeemed[0] is rows[-1]
                assert redeemed[0]["issued_at"] <= redeemed[0]["redeemed_at"] == placed[code]
            reissued += len(rows) - 1
    assert reissued > HOUSEHOLDS / 20


def test_a_control_group_gets_neither_mailing_nor_email_nor_code() -> None:
    held_back = 0
    for facts, shape in ALL:
        own = {row["mailing_id"] for row in named(shape, MailingParticipation) if row["is_control_group"]}
        campaigns = {sent.mailing_id for sent in facts.mailings if sent.participation_id in shape.control_group}
        redeemed = {code.campaign_id for code in facts.promo_codes if code.redeemed_at is not None}
        assert not any(event.subject_id in own | campaigns for event in shape.events)
        assert not any(row["origin_id"] in own for row in named(shape, PromoCode))
        assert not any(
            sent.campaign_id in redeemed for sent in facts.mailings if sent.participation_id in shape.control_group
        )
        held_back += len(own) + len(campaigns)
    assert held_back > HOUSEHOLDS / 2


def test_mass_mailings_reach_only_those_who_were_subscribed_to_the_channel_then() -> None:
    channels = {row[0]: row[3] for row in REFERENCE.rows.tables[Mailing][1]}
    for _, shape in ALL:
        choices = {row["channel"]: row for row in named(shape, ChannelChoice)}
        for row in named(shape, MailingParticipation):
            choice = choices[channels[row["mailing_id"]]]
            assert row["participated_at"] >= shape.customer["subscribed_at"]
            assert choice["is_subscribed"] or row["participated_at"] < choice["changed_at"]


def test_a_hard_bounce_is_the_last_that_is_heard_of_an_address() -> None:
    bounced = 0
    for _, shape in ALL:
        emails = sorted((event for event in shape.events if event.category is EventCategory.EMAIL), key=_in_time)
        types = [event.type for event in emails]
        assert types.count("email_bounced") <= 1
        assert (shape.customer["email_bounced_at"] is not None) == ("email_bounced" in types)
        if "email_bounced" in types:
            bounced += 1
            assert shape.customer["email_bounced_at"] == emails[types.index("email_bounced")].occurred_at
        if read_email(shape.customer["email"], hard_bounced=False).warning is not None:
            assert set(types) <= {"email_bounced"}
    assert 0.01 <= bounced / HOUSEHOLDS <= 0.08


def _in_time(event: EventRow) -> tuple[Any, int]:
    return event.occurred_at, event.id


def test_consents_are_a_history_that_begins_with_a_grant_and_is_told_in_the_timeline() -> None:
    revoked = 0
    for _, shape in ALL:
        changes = named(shape, ConsentChange)
        events = [event for event in shape.events if event.category is EventCategory.CONSENT]
        assert sorted(change["at"] for change in changes) == sorted(event.occurred_at for event in events)
        for definition in ACCOUNT.consents:
            history = sorted((c for c in changes if c["name"] == definition.name), key=lambda change: change["at"])
            expected = [ConsentStatus.GRANTED, ConsentStatus.REVOKED, ConsentStatus.GRANTED][: len(history)]
            assert [change["status"] for change in history] == expected
            revoked += len(history) == 2
    assert 0.05 <= revoked / (HOUSEHOLDS * len(ACCOUNT.consents)) <= 0.15


def test_the_subscription_status_is_the_email_channel_s_state() -> None:
    for _, shape in ALL:
        choices = {row["channel"]: row["is_subscribed"] for row in named(shape, ChannelChoice)}
        expected = {
            True: {SubscriptionStatus.SUBSCRIBED},
            False: {SubscriptionStatus.UNSUBSCRIBED},
            None: {SubscriptionStatus.PENDING, SubscriptionStatus.NEVER_SUBSCRIBED},
        }[choices.get(Channel.EMAIL)]
        assert shape.customer["subscription_status"] in expected
        assert (shape.customer["subscribed_at"] is None) == (not choices)


def test_visits_are_those_of_the_clickstream_one_site_visit_event_each() -> None:
    stream = clickstream()
    assert sum(len(visit.steps) for user in stream.users for visit in user) == 31_106
    for facts, shape in ALL:
        sessions = named(shape, Session)
        visits = [event for event in shape.events if event.category is EventCategory.SITE_VISIT]
        assert sorted(event.session_id for event in visits) == sorted(row["id"] for row in sessions)
        if facts.household_id != SHOWCASE_HOUSEHOLD and facts.position < len(stream.users):
            assert len(sessions) <= len(stream.users[facts.position])
        orders = {order["id"]: order for order in named(shape, Order)}
        for row in sessions:
            assert row["started_at"] <= row["last_seen_at"] == row["ended_at"]
            assert (row["state"] is SessionState.PURCHASED) == (row["order_id"] is not None)
            if row["order_id"] is not None:
                assert row["started_at"] <= orders[row["order_id"]]["placed_at"] <= row["ended_at"]
    today = max(row["started_at"] for row in all_named(Session)).astimezone(CLOCK.zone).date()
    assert CLOCK.today - today <= timedelta(days=1)


def test_a_household_past_the_last_user_has_no_visits() -> None:
    far = replace(FACTS[100], position=len(clickstream().users))
    assert named(shape_household(far, WORLD, CLOCK), Session) == []


def test_abandoned_carts_say_what_was_in_them() -> None:
    carts = [event for event in all_events() if event.category is EventCategory.CART_ABANDONED]
    assert len(carts) > 100
    for cart in carts:
        assert cart.details is not None
        assert cart.details["items"]
        for item in cart.details["items"]:
            assert set(item) == {"product_id", "quantity_milli", "price_minor", "currency", "added_at"}
            assert item["product_id"] in WORLD.product_by_id


def test_details_are_labels_and_texts() -> None:
    for event in all_events():
        if event.details is not None and "items" not in event.details:
            assert set(event.details) == {"details"}
            for detail in event.details["details"]:
                assert set(detail) == {"label", "value"}
                assert isinstance(detail["value"], str)


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
    custom = {definition.key for definition in ACCOUNT.attributes} - {"marital_status"}  # these facts lack it
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
        CategoryView(event.viewed_category_id, WORLD.category_names[event.viewed_category_id], event.occurred_at)
        for event in shape.events
        if event.viewed_category_id is not None
    ]
    assert interests(views, bought, NOW, ACCOUNT.settings.interest_window_days, False, 10)


def test_stores_are_named_and_one_sells_online_and_one_in_canadian_dollars() -> None:
    names = [row[2] for row in REFERENCE.rows.tables[Store][1]]
    assert len(names) == len(set(names)) == len(STORES) + 1
    assert [store.external_id for store in REFERENCE.stores if store.currency == "CAD"] == [CANADIAN_STORE]
    assert [store.external_id for store in REFERENCE.stores if store.external_id == ONLINE_STORE] == [ONLINE_STORE]


def test_rates_cover_every_working_day_and_do_not_depend_on_when_the_data_is_loaded() -> None:
    days = [rate.rate_date for rate in REFERENCE.rates]
    assert len(days) == len(set(days)) == len(REFERENCE.rows.tables[ExchangeRate][1])
    assert min(days) <= FIRST_DAY + CLOCK.shift - timedelta(days=25)
    assert max(days) <= CLOCK.today
    assert all(day.weekday() < 5 for day in days)
    later = replace(CLOCK, end=NOW + timedelta(days=9), shift=CLOCK.shift + timedelta(days=9))
    shifted = {rate.rate_date: rate.rate for rate in reference(ACCOUNT, later, STORES, FIRST_DAY).rates}
    assert {day: shifted[day] for day in days if day in shifted} == {
        rate.rate_date: rate.rate for rate in REFERENCE.rates if rate.rate_date in shifted
    }
