"""Filters with what each means in plain Python, for the crowd of the tests."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from profiles.account import load_account
from profiles.consents import ConsentStatus
from profiles.contacts import Channel, EmailContact, PhoneContact, read_email, read_phone
from profiles.money import average
from profiles.promo_codes import PromoCodeOriginKind
from profiles.reachability import Permissions, blocked_channels, reachability
from profiles.text import search_key
from tests.panels.balance_cases import balance_cases
from tests.panels.crowd import PRODUCTS, Person, ids, moment

Case = tuple[dict[str, Any], Callable[[Person], bool]]

TEXTS = {
    "firstName": ("first_name", ("ann", "ANNE", "änne", "oscar", "50%", "a_b", "lukasz", "%", "_", "")),
    "lastName": ("last_name", ("müller", "MULLER", "o'neil", "de la", "strasse", "DE  LA cruz")),
    "city": ("city", ("berlin", "Ber", "munchen", "ZÜR", "lin")),
    "address": ("address", ("1 main", "main street", "7")),
    "country": ("country", ("us", "DE", "h")),
    "externalId": ("external_id", ("ex-01", "EX-007", "0")),
    "crmId": ("crm_id", ("crm-1", "CRM-22", "3")),
}
ACCOUNT = load_account()
DAYS = (0, 1, 3, 5, 8, 30)


def cases(now: datetime) -> Iterator[Case]:
    """At least one case for each field, operator and edge."""
    yield from _texts()
    yield from _contacts()
    yield from _choices()
    yield from _days_and_instants(now)
    yield from _numbers()
    yield from _relations(now)
    yield from _attributes(now)
    yield from balance_cases(now)
    yield from _scores(now)
    yield {}, lambda person: True
    yield {"and": []}, lambda person: False
    yield {"or": []}, lambda person: False
    yield {"not": {}}, lambda person: False
    yield {"city": {}}, lambda person: True
    yield {"city": None, "tagIds": None, "and": None, "receiptCount": {"from": None, "to": None}}, lambda person: True


def combined(now: datetime, seed: int, count: int) -> Iterator[Case]:
    """Random trees of the single cases."""
    dice, single = Random(seed), list(cases(now))

    def tree(depth: int) -> Case:
        kind = dice.choice(("and", "or", "not", "fields")) if depth else "leaf"
        if kind == "leaf":
            return dice.choice(single)
        parts = [tree(depth - 1) for _ in range(1 if kind == "not" else dice.randint(1, 2))]
        if kind == "not":
            inner, holds = parts[0]
            return {"not": inner}, lambda person: not holds(person)
        if kind == "or":
            return {"or": [part[0] for part in parts]}, lambda person: any(part[1](person) for part in parts)
        if kind == "fields":
            left, right = dice.choice(single), parts[0]
            return {**left[0], "and": [right[0], left[0]]}, lambda person: left[1](person) and right[1](person)
        return {"and": [part[0] for part in parts]}, lambda person: all(part[1](person) for part in parts)

    yield from (tree(dice.randint(1, 3)) for _ in range(count))


def _texts() -> Iterator[Case]:
    def holds(column: str, test: Callable[[str], bool]) -> Callable[[Person], bool]:
        return lambda person: person.columns[column] is not None and test(search_key(person.columns[column]))

    for name, (column, texts) in TEXTS.items():
        for text in texts:
            key = search_key(text)
            yield {name: {"equals": text}}, holds(column, lambda own, key=key: own == key)
            yield {name: {"startsWith": text}}, holds(column, lambda own, key=key: own.startswith(key))
            yield {name: {"contains": text}}, holds(column, lambda own, key=key: key in own)
        for is_missing in (True, False):
            yield (
                {name: {"isMissing": is_missing}},
                lambda person, column=column, is_missing=is_missing: (person.columns[column] is None) == is_missing,
            )
    yield (
        {"firstName": {"startsWith": "an"}, "lastName": {"isMissing": False}},
        lambda person: (
            search_key(person.columns["first_name"] or "").startswith("an") and bool(person.columns["last_name"])
        ),
    )


def _contacts() -> Iterator[Case]:
    def email(test: Callable[[str], bool]) -> Callable[[Person], bool]:
        return lambda person: person.columns["email_key"] is not None and test(person.columns["email_key"])

    def phone(test: Callable[[str], bool]) -> Callable[[Person], bool]:
        return lambda person: person.columns["phone_key"] is not None and test(person.columns["phone_key"])

    for number in range(1, 60, 7):
        address = f"b.JONES{number}@SHOP.test"
        yield {"email": {"equals": address}}, email(lambda own, address=address: own == address.lower())
    yield {"email": {"startsWith": "B.jo"}}, email(lambda own: own.startswith("b.jo"))
    yield {"email": {"contains": "@shop."}}, email(lambda own: "@shop." in own)
    yield {"email": {"isMissing": True}}, lambda person: person.columns["email"] is None
    yield {"phone": {"isMissing": False}}, lambda person: person.columns["phone"] is not None
    for number in range(1, 60, 5):
        abroad, at_home = f"+49 (301) {number:06d}", f"212 555 0{number:03d}"
        yield {"phone": {"equals": abroad}}, phone(lambda own, number=number: own == f"+49301{number:06d}")
        yield {"phone": {"equals": at_home}}, phone(lambda own, number=number: own == f"+12125550{number:03d}")
    yield {"phone": {"startsWith": "+49 301"}}, phone(lambda own: own.startswith("+49301"))
    yield {"phone": {"startsWith": "0049-30"}}, phone(lambda own: own.startswith("+4930"))
    yield {"phone": {"startsWith": "(212)"}}, phone(lambda own: own.startswith(("+1212", "212", "+212")))
    yield {"phone": {"contains": "555-00"}}, phone(lambda own: "55500" in own)
    yield {"phone": {"startsWith": "+"}}, phone(lambda own: own.startswith("+"))
    yield {"phone": {"contains": "word"}}, lambda person: False


def _choices() -> Iterator[Case]:
    def among(column: str, values: list[str]) -> Callable[[Person], bool]:
        return lambda person: person.columns[column] is not None and person.columns[column].value in values

    for values in ([], ["FEMALE"], ["MALE", "OTHER", "UNKNOWN"]):
        yield {"gender": values}, among("gender", values)
    for values in ([], ["SUBSCRIBED"], ["PENDING", "NEVER_SUBSCRIBED"]):
        yield {"subscriptionStatus": values}, among("subscription_status", values)
    for values in ([], ["MISSING"], ["INVALID"], ["MISSING", "INVALID"]):
        yield {"emailWarning": values}, lambda person, values=values: _email(person).warning in values
        yield {"phoneWarning": values}, lambda person, values=values: _phone(person).warning in values
    for values in ([], ["LANDLINE"], ["UNKNOWN", "MOBILE"]):
        yield {"phoneType": values}, lambda person, values=values: _phone(person).type in values
    for values in ([], ["EMAIL"], ["SMS"], ["PHONE"], ["PUSH"], ["EMAIL", "SMS"]):
        yield {"reachableBy": values}, lambda person, values=values: bool(_reachable(person) & set(values))
    yield {"kind": "CUSTOMER"}, lambda person: person.metric("purchase_count") > 0
    yield {"kind": "CONTACT"}, lambda person: person.metric("purchase_count") == 0


def _email(person: Person) -> EmailContact:
    return read_email(person.columns["email"], person.columns["email_bounced_at"] is not None)


def _phone(person: Person) -> PhoneContact:
    return read_phone(person.columns["phone"], person.columns["country"], ACCOUNT.country)


def _reachable(person: Person) -> set[str]:
    """The channels that the rule of reachability leaves open."""
    blocking = {name: [Channel(channel) for channel in said.channels] for name, said in ACCOUNT.consent_names.items()}
    revoked = [name for name, changes in person.consents.items() if changes and changes[-1] is ConsentStatus.REVOKED]
    permissions = Permissions(
        _email(person), _phone(person), person.channels, revoked_channels=blocked_channels(revoked, blocking)
    )
    return {each.channel.value for each in reachability(permissions) if each.is_reachable}


def _days_and_instants(now: datetime) -> Iterator[Case]:
    def within(value: Any, start: Any, end: Any) -> bool:
        return value is not None and (start is None or value >= start) and (end is None or value < end)

    for year in (1950, 1975, 1999):
        start, end = date(year, 1, 1), date(year + 20, 1, 28)
        for low, high in ((start, None), (None, end), (start, end), (start, start)):
            wanted = {"from": low and low.isoformat(), "to": high and high.isoformat()}
            yield (
                {"birthDate": wanted},
                lambda person, low=low, high=high: within(
                    person.columns["birth_date"], low, high and high + timedelta(days=1)
                ),
            )
    own = {"registeredAt": "registered_at", "createdAt": "created_at", "updatedAt": "updated_at"}
    own["subscribedAt"] = "subscribed_at"
    sums = ("firstReceiptAt", "lastReceiptAt", "firstOrderAt", "secondOrderAt", "lastOrderAt", "lastActivityAt")
    for name in (*own, *sums, "lastVisitAt"):
        column = own.get(name) or _snake(name)

        def value(person: Person, name: str = name, column: str = column) -> Any:
            return person.columns[column] if name in own else person.metric(column)

        for days in DAYS:
            # Exactly on an instant that people share, so that both ends' rules show.
            start, end = now - timedelta(days=days + 3), now - timedelta(days=days)
            for low, high in ((start, None), (None, end), (start, end), (start, start)):
                wanted = {"from": low and moment(low), "to": high and moment(high)}
                yield (
                    {name: wanted},
                    lambda person, value=value, low=low, high=high: within(value(person), low, high),
                )


def _numbers() -> Iterator[Case]:
    def inside(value: Any, low: Any, high: Any) -> bool:
        return value is not None and (low is None or value >= low) and (high is None or value <= high)

    for name in ("receiptCount", "orderCount", "attributedOrderCount", "returnCount", "visitCount"):
        for low, high in ((0, 0), (1, None), (None, 2), (1, 3)):
            yield (
                {name: {"from": low, "to": high}},
                lambda person, name=name, low=low, high=high: inside(person.metric(_snake(name)), low, high),
            )
    for name, minor in AMOUNTS.items():
        for low, high in (
            ("0", "0"),
            ("1.01", None),
            (None, "2.5"),
            ("1", "10.01"),
            ("1.005", "1.015"),
            ("-1e0", None),
        ):
            if low == "-1e0":
                low = "-999999999999999999"
            yield (
                {name: {"from": low, "to": high}},
                lambda person, minor=minor, low=low, high=high: inside(
                    minor(person), low and Decimal(low) * 100, high and Decimal(high) * 100
                ),
            )
    for name, (pieces, count) in {
        "averageItemsPerReceipt": ("receipt_pieces", "receipt_count"),
        "averageItemsPerOrder": ("order_pieces", "order_count"),
    }.items():
        for low, high in ((1.0, None), (None, 2.0), (7 / 3, 7 / 3), (2.5, 2.5), (5 / 3, 3.0)):
            yield (
                {name: {"from": low, "to": high}},
                lambda person, pieces=pieces, count=count, low=low, high=high: (
                    bool(person.metric(count)) and inside(person.metric(pieces) / person.metric(count), low, high)
                ),
            )


def _scores(now: datetime) -> Iterator[Case]:
    def of(kept: str, column: str) -> Callable[[Person], Any]:
        return lambda person: (getattr(person, kept) or {}).get(column)

    def inside(value: Any, low: Any, high: Any) -> bool:
        return value is not None and (low is None or value >= low) and (high is None or value <= high)

    def in_stage(person: Person, stages: list[str]) -> bool:
        if not person.metric("purchase_count"):
            return "LEAD" in stages
        return person.life is not None and person.life["stage"] in stages

    for stages in (["LEAD"], ["NEW"], ["ACTIVE", "LAPSED"], ["LEAD", "AT_RISK"], list[str]()):
        yield {"lifecycleStage": stages}, lambda person, stages=stages: in_stage(person, stages)
    for names in (["Champions"], ["Lost", "Can't Lose Them", "At Risk"], list[str]()):
        yield {"rfmSegment": names}, lambda person, names=names: of("rfm", "segment")(person) in names
    whole, share = ((1, 1), (3, None), (None, 2), (2, 4)), ((0, 0), (0.25, None), (None, 0.5), (0.1, 2.5), (31, None))
    for name, value, bounds in (
        ("rfmRecency", of("rfm", "recency"), whole),
        ("rfmFrequency", of("rfm", "frequency"), whole),
        ("rfmMonetary", of("rfm", "monetary"), whole),
        ("probabilityAlive", of("life", "probability_alive"), share),
        ("expectedOrdersNext90Days", of("life", "expected_orders"), share),
    ):
        for low, high in bounds:
            yield (
                {name: {"from": low, "to": high}},
                lambda person, value=value, low=low, high=high: inside(value(person), low, high),
            )
    for name, value in (("atRiskAt", of("life", "at_risk_at")), ("lapsedAt", of("life", "lapsed_at"))):
        for days in (1, 5, 9):
            at = now - timedelta(days=days)
            yield (
                {name: {"from": moment(at)}},
                lambda person, value=value, at=at: value(person) is not None and value(person) >= at,
            )
            yield (
                {name: {"to": moment(at)}},
                lambda person, value=value, at=at: value(person) is not None and value(person) < at,
            )


def _last_receipt(person: Person) -> int | None:
    is_comparable = person.metrics is not None and person.metrics["last_receipt_currency"] == "USD"
    return person.metric("last_receipt_minor") if is_comparable else None


def _average(total: str, count: str) -> Callable[[Person], int | None]:
    return lambda person: average(person.metric(total), person.metric(count))


AMOUNTS: dict[str, Callable[[Person], int | None]] = {
    "receiptTotal": lambda person: person.metric("receipt_total_minor"),
    "averageReceipt": _average("receipt_total_minor", "receipt_total_count"),
    "averageItemPricePerReceipt": _average("receipt_lines_minor", "receipt_lines_pieces"),
    "lastReceiptAmount": _last_receipt,
    "orderTotal": lambda person: person.metric("order_total_minor"),
    "averageOrder": _average("order_total_minor", "order_total_count"),
    "averageOrderItemPrice": _average("order_lines_minor", "order_lines_pieces"),
    "lastOrderValue": lambda person: person.metric("last_order_total_minor"),
    "totalSpent": lambda person: person.metric("order_total_minor") - person.metric("returns_total_minor"),
}


def _relations(now: datetime) -> Iterator[Case]:
    def any_of(wanted: tuple[int, ...], owned: Callable[[Person], Any]) -> Callable[[Person], bool]:
        return lambda person: bool(set(wanted) & set(owned(person)))

    def viewed(person: Person) -> set[int]:
        return {product for product, at in person.views if at > now - timedelta(days=90)}

    def interests(person: Person) -> set[int]:
        open_ = set()
        for category in set(PRODUCTS.values()):
            views = [at for product, at in person.views if PRODUCTS[product] == category]
            bought = [last for product, (_, last) in person.products.items() if PRODUCTS[product] == category]
            is_open = bool(views) and max(views) > now - timedelta(days=30)
            if is_open and not (bought and max(bought) >= max(views)):
                open_.add(category)
        return open_

    for wanted in ((), (1,), (2, 3), (99,)):
        yield {"tagIds": ids("Tag", *wanted)}, any_of(wanted, lambda person: person.tags)
        yield {"segmentIds": ids("Segment", *wanted)}, any_of(wanted, lambda person: person.segments)
        yield {"targetAudienceIds": ids("TargetAudience", *wanted)}, any_of(wanted, lambda person: person.audiences)
        yield {"poll": {"ids": ids("Poll", *wanted)}}, any_of(wanted, lambda person: person.polls)
        yield (
            {"poll": {"ids": ids("Poll", *wanted), "participated": False}},
            lambda person, wanted=wanted: bool(wanted) and not set(wanted) & person.polls,
        )
        yield {"sourceIds": ids("DataSource", *wanted)}, any_of(wanted, lambda person: person.sources)
        yield {"favoriteStoreIds": ids("Store", *wanted)}, any_of(wanted, lambda person: person.stores)
        yield {"boughtProductIds": ids("Product", *wanted)}, any_of(wanted, lambda person: person.products)
        yield (
            {"boughtCategoryIds": ids("Category", *wanted)},
            any_of(wanted, lambda person: {PRODUCTS[product] for product in person.products}),
        )
        yield (
            {"favoriteProductIds": ids("Product", *wanted)},
            any_of(wanted, lambda person: {product for product, (count, _) in person.products.items() if count >= 2}),
        )
        yield {"viewedProductIds": ids("Product", *wanted)}, any_of(wanted, viewed)
        yield {"interestCategoryIds": ids("Category", *wanted)}, any_of(wanted, interests)
        yield from _mailings(wanted)
    for mailings, campaigns in (((), ()), ((1,), ()), ((2,), (12,)), ((), (11, 12))):
        wanted_codes = {(PromoCodeOriginKind.MAILING, id) for id in mailings}
        wanted_codes |= {(PromoCodeOriginKind.CAMPAIGN, id) for id in campaigns}
        yield (
            {"promoCodeOriginIds": [*ids("Mailing", *mailings), *ids("Campaign", *campaigns)]},
            lambda person, wanted_codes=wanted_codes: bool(wanted_codes & person.codes),
        )
    for names in ([], ["news"], ["news", "calls"], ["unknown"]):
        for field, status in (("consentGranted", ConsentStatus.GRANTED), ("consentRevoked", ConsentStatus.REVOKED)):
            yield (
                {field: names},
                lambda person, names=names, status=status: any(
                    person.consents[name][-1] is status for name in names if person.consents.get(name)
                ),
            )
    for channels in ([], ["EMAIL"], ["SMS", "PUSH"]):
        yield (
            {"subscribedChannels": channels},
            lambda person, channels=channels: any(person.channels.get(Channel(channel)) for channel in channels),
        )
    for categories in ([], ["offers"], ["offers", "newsletter"]):
        yield (
            {"subscribedCategoryIds": ids("SubscriptionCategory", *categories)},
            lambda person, categories=categories: any(person.categories.get(category) for category in categories),
        )
    yield {"hasNotes": True}, lambda person: person.notes > 0
    yield {"hasNotes": False}, lambda person: person.notes == 0


def _mailings(wanted: tuple[int, ...]) -> Iterator[Case]:
    for is_control_group in (None, True, False):

        def took_part(person: Person, is_control_group: bool | None = is_control_group) -> bool:
            return any(
                mailing in wanted and is_control_group in (None, is_control) for mailing, is_control in person.mailings
            )

        said = {"ids": ids("Mailing", *wanted), "isControlGroup": is_control_group}
        yield {"mailing": said}, took_part
        yield (
            {"mailing": {**said, "participated": False}},
            lambda person, took_part=took_part: bool(wanted) and not took_part(person),
        )


def _attributes(now: datetime) -> Iterator[Case]:
    def case(key: str, said: dict[str, Any], test: Callable[[str, float | None], bool]) -> Case:
        def holds(person: Person) -> bool:
            return key in person.attributes and test(*person.attributes[key])

        return {"attributes": [{"key": key, **said}]}, holds

    yield {"attributes": []}, lambda person: False
    yield case("favorite_color", {"equals": "red"}, lambda text, _: text == "red")
    yield case("favorite_color", {"in": ["red", "blue"]}, lambda text, _: text in ("red", "blue"))
    yield case("favorite_color", {"in": []}, lambda text, _: False)
    yield case("favorite_color", {"isMissing": False}, lambda text, _: True)
    yield (
        {"attributes": [{"key": "favorite_color", "isMissing": True}]},
        lambda person: "favorite_color" not in person.attributes,
    )
    yield case("is_vip", {"equals": "true"}, lambda text, _: text == "true")
    yield case("store_visits_per_month", {"equals": "2.0"}, lambda _, number: number == 2)
    yield case("store_visits_per_month", {"in": ["0.50", "10.25"]}, lambda _, number: number in (0.5, 10.25))
    yield case("store_visits_per_month", {"from": "0.5", "to": "2"}, lambda _, number: 0.5 <= (number or 0) <= 2)
    yield case("clv_estimate", {"equals": "49.99 CAD"}, lambda text, _: text == "49.99 CAD")
    yield case("clv_estimate", {"from": "49.99"}, lambda text, number: text.endswith(" USD") and (number or 0) >= 49.99)
    yield case(
        "clv_estimate",
        {"from": "5 CAD", "to": "49.99 CAD"},
        lambda text, number: text.endswith(" CAD") and 5 <= (number or 0) <= 49.99,
    )
    for days in (2, 5):
        day = (now.date() - timedelta(days=days)).isoformat()
        yield case("birthday_gift_sent", {"equals": day}, lambda text, _, day=day: text == day)
        yield case("birthday_gift_sent", {"from": day, "to": day}, lambda text, _, day=day: text == day)
        yield case("birthday_gift_sent", {"to": day}, lambda text, _, day=day: text <= day)
        at = now.replace(microsecond=0) - timedelta(days=days)

        def instant(text: str) -> datetime:
            return datetime.fromisoformat(text)

        yield case("last_survey_at", {"equals": moment(at)}, lambda text, _, at=at: instant(text) == at)
        yield case("last_survey_at", {"from": moment(at)}, lambda text, _, at=at: instant(text) >= at)
        yield case("last_survey_at", {"to": moment(at)}, lambda text, _, at=at: instant(text) < at)
        after = at + timedelta(milliseconds=1)
        yield case("last_survey_at", {"from": moment(after)}, lambda text, _, after=after: instant(text) >= after)
        yield case("last_survey_at", {"to": moment(after)}, lambda text, _, after=after: instant(text) < after)
    both = [{"key": "favorite_color", "equals": "red"}, {"key": "is_vip", "equals": "false"}]
    yield (
        {"attributes": both},
        lambda person: (
            person.attributes.get("favorite_color", ("",))[0] == "red"
            and person.attributes.get("is_vip", ("",))[0] == "false"
        ),
    )
    yield from _built_in(now)


def _built_in(now: datetime) -> Iterator[Case]:
    def said(key: str, **values: Any) -> dict[str, Any]:
        names = {name.rstrip("_"): value for name, value in values.items()}
        return {"attributes": [{"key": key, **names}]}

    yield said("city", equals="BERLIN"), lambda person: search_key(person.columns["city"] or "") == "berlin"
    yield (
        said("city", in_=["bern", "munchen"]),
        lambda person: search_key(person.columns["city"] or "") in ("bern", "munchen"),
    )
    yield said("gender", equals="MALE"), lambda person: person.columns["gender"] == "MALE"
    yield said("city", isMissing=True), lambda person: person.columns["city"] is None
    yield (
        said("birthDate", from_="1970-01-01"),
        lambda person: person.columns["birth_date"] is not None and person.columns["birth_date"] >= date(1970, 1, 1),
    )
    yield said("metrics.receiptCount", from_="1", to="2.5"), lambda person: 1 <= person.metric("receipt_count") <= 2
    yield said("metrics.receiptTotal", equals="0.00 USD"), lambda person: person.metric("receipt_total_minor") == 0
    yield said("metrics.orderTotal", from_="2.50"), lambda person: person.metric("order_total_minor") >= 250
    at = now - timedelta(days=5)
    yield (
        said("metrics.lastReceiptAt", from_=moment(at.astimezone(UTC))),
        lambda person: person.metric("last_receipt_at") is not None and person.metric("last_receipt_at") >= at,
    )
    yield (
        said("email.value", equals="B.JONES8@shop.test"),
        lambda person: person.columns["email_key"] == "b.jones8@shop.test",
    )
    yield said("email.warning", equals="MISSING"), lambda person: _email(person).warning == "MISSING"
    yield said("phone.value", isMissing=True), lambda person: person.columns["phone"] is None
    yield said("phone.type", in_=["MOBILE", "LANDLINE"]), lambda person: _phone(person).type in ("MOBILE", "LANDLINE")
    yield said("metrics.secondOrderAt", isMissing=True), lambda person: person.metric("second_order_at") is None
    yield said("metrics.totalSpent.returnCount", from_="1"), lambda person: person.metric("return_count") >= 1
    for key, name in (
        ("metrics.averageReceipt", "averageReceipt"),
        ("metrics.totalSpent.net", "totalSpent"),
        ("metrics.lastOrderValue.amount", "lastOrderValue"),
    ):
        yield (
            said(key, from_="1.01", to="10 USD"),
            lambda person, amount=AMOUNTS[name]: amount(person) is not None and 101 <= amount(person) <= 1000,
        )


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
