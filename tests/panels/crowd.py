"""A crowd of generated customers, written into a gateway's database and known to the tests in plain Python."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from profiles.cart import Cart, CartState
from profiles.catalog import Category, DataSource, Product, Store
from profiles.consents import ConsentChange, ConsentStatus
from profiles.contacts import Channel, email_key, phone_key
from profiles.customers import Customer, CustomerAttribute, CustomerSource, Gender, SubscriptionStatus, contacts_judged
from profiles.lifecycle.reading import CustomerLifecycle
from profiles.loyalty import BonusLot, LoyaltyAccount, LoyaltyLot, LoyaltySums
from profiles.mailings import Campaign, Mailing, MailingKind, MailingParticipation
from profiles.metrics import CustomerMetrics
from profiles.notes import Note
from profiles.polls import Poll, PollParticipation
from profiles.promo_codes import PromoCode, PromoCodeOriginKind
from profiles.purchases import PurchasedProduct, PurchasedStore
from profiles.rfm import segment as rfm_segment
from profiles.rfm.reading import CustomerRfm
from profiles.segments import Segment, SegmentMembership
from profiles.subscriptions import CategoryChoice, ChannelChoice
from profiles.tags import CustomerTag, Tag
from profiles.target_audiences import TargetAudience, TargetAudienceMembership
from profiles.text import search_key, tag_key
from profiles.timeline import EventCategory, TimelineEvent
from profiles.wishlist import WishlistItem
from resolvers.ids import encode
from tests.gateway_client import Gateway

SIZE = 60
TAGS = {1: "Álpha", 2: "beta", 3: "Gamma"}
SEGMENTS = {1: "Zebra fans", 2: "Big spenders", 3: "Asleep"}
PRODUCTS = {1: 1, 2: 1, 3: 2, 4: 2, 5: 3}  # product: its category
STORES, SOURCES, MAILINGS, CAMPAIGNS = (1, 2, 3), (1, 2), (1, 2, 3), (11, 12)
POLLS, AUDIENCES = (1, 2, 3), (1, 2, 3)
CONSENTS = ("news", "calls")
CATEGORIES = ("offers", "newsletter")
FIRST_NAMES = ("Ann", "Anna", "Änne", "Bob", "ÓSCAR", "Zoë", "50%", "a_b", "Łukasz", None)
LAST_NAMES = ("Miller", "Müller", "O'Neil", "de la Cruz", "Straße", None)
CITIES = ("Berlin", "berlin", "Bern", "München", "Zürich", None)
COUNTRIES = ("US", "DE", "CH", None)
COLORS = ("red", "blue", "green")


@dataclass
class Person:
    """Someone of the crowd: columns as they are stored, and what else is known."""

    id: int
    columns: dict[str, Any]
    metrics: dict[str, Any] | None
    tags: set[int] = field(default_factory=set)
    segments: set[int] = field(default_factory=set)
    past_segments: set[int] = field(default_factory=set)
    sources: set[int] = field(default_factory=set)
    products: dict[int, tuple[int, datetime]] = field(default_factory=dict)  # product: (purchases, the last one)
    stores: set[int] = field(default_factory=set)
    views: list[tuple[int, datetime]] = field(default_factory=list)  # (product, when)
    mailings: list[tuple[int, bool]] = field(default_factory=list)  # (mailing, as control group)
    codes: set[tuple[PromoCodeOriginKind, int]] = field(default_factory=set)
    polls: set[int] = field(default_factory=set)
    audiences: set[int] = field(default_factory=set)
    consents: dict[str, list[ConsentStatus]] = field(default_factory=dict)
    channels: dict[Channel, bool] = field(default_factory=dict)
    categories: dict[str, bool] = field(default_factory=dict)
    attributes: dict[str, tuple[str, float | None]] = field(default_factory=dict)
    notes: int = 0
    loyalty: LoyaltySums | None = None
    lots: list[BonusLot] = field(default_factory=list)
    cart: CartState | None = None
    wishes: set[int] = field(default_factory=set)
    rfm: dict[str, Any] | None = None
    life: dict[str, Any] | None = None

    @property
    def external_id(self) -> str:
        """By which the tests name them."""
        return str(self.columns["external_id"])

    def metric(self, name: str) -> Any:
        """A sum or a date; without a row of metrics counts and sums are 0."""
        if self.metrics is not None:
            return self.metrics[name]
        return None if name.endswith("_at") or name.startswith("last_") else 0


def crowd(seed: int, now: datetime, size: int = SIZE) -> list[Person]:
    """The same people for the same seed."""
    dice = Random(seed)
    return [_person(dice, number, now) for number in range(1, size + 1)]


def _person(dice: Random, id: int, now: datetime) -> Person:
    # Few distinct times, so that many people share one: ties are where paging goes wrong.
    def at(most_days: int) -> datetime:
        return now - timedelta(days=dice.randint(1, most_days))

    def maybe(value: Any) -> Any:
        return value if dice.random() < 0.7 else None

    first, last, city = dice.choice(FIRST_NAMES), dice.choice(LAST_NAMES), dice.choice(CITIES)
    country, external = dice.choice(COUNTRIES), f"EX-{id:03d}"
    email = maybe(f"{dice.choice(('a.smith', 'B.Jones', 'carol'))}{id}@{dice.choice(('example.com', 'Shop.TEST'))}")
    phone = maybe(f"+49301{id:06d}" if dice.random() < 0.5 else f"(212) 555-0{id:03d}")
    name = " ".join(part for part in (first, last) if part)
    columns = {
        "external_id": external,
        "external_id_key": search_key(external),
        "crm_id": f"CRM-{id % 7}{id}",
        "crm_id_key": search_key(f"CRM-{id % 7}{id}"),
        "first_name": first,
        "first_name_key": first and search_key(first),
        "last_name": last,
        "last_name_key": last and search_key(last),
        "name_key": search_key(name) or None,
        "city": city,
        "city_key": city and search_key(city),
        "address": maybe(f"{id} Main Street"),
        "country": country,
        "gender": dice.choice((*Gender, None)),
        "birth_date": maybe(date(1950 + dice.randint(0, 50), 1, dice.randint(1, 28))),
        "email": email,
        "email_key": email_key(email),
        "phone": phone,
        "phone_key": phone_key(phone, country, "US"),
        "subscription_status": dice.choice(tuple(SubscriptionStatus)),
        "subscribed_at": maybe(at(20)),
        "email_bounced_at": now if email and id % 5 == 0 else None,
        "registered_at": maybe(at(20)),
        "created_at": at(8),
        "updated_at": at(8),
    }
    columns |= contacts_judged(email, columns["email_bounced_at"] is not None, phone, country, "US")
    columns["address_key"] = columns["address"] and search_key(columns["address"])
    someone = Person(id, columns, _metrics(dice, at) if dice.random() < 0.8 else None)
    someone.tags = {tag for tag in TAGS if dice.random() < 0.3}
    for segment in SEGMENTS:
        fate = dice.random()
        if fate < 0.4:
            someone.segments.add(segment)
        if fate < 0.1 or fate > 0.85:
            someone.past_segments.add(segment)
    someone.sources = {source for source in SOURCES if dice.random() < 0.5}
    someone.stores = {store for store in STORES if dice.random() < 0.3}
    for product in PRODUCTS:
        if dice.random() < 0.3:
            someone.products[product] = (dice.randint(1, 3), now - timedelta(days=dice.randint(1, 60), minutes=30))
        for _ in range(dice.choice((0, 0, 1, 2))):
            someone.views.append((product, now - timedelta(days=dice.choice((2, 10, 25, 40, 80, 100)))))
    someone.mailings = [(mailing, dice.random() < 0.4) for mailing in MAILINGS if dice.random() < 0.4]
    kinds = ((PromoCodeOriginKind.MAILING, MAILINGS), (PromoCodeOriginKind.CAMPAIGN, CAMPAIGNS))
    someone.codes = {(kind, id) for kind, ids in kinds for id in ids if dice.random() < 0.2}
    for consent in CONSENTS:
        someone.consents[consent] = [dice.choice(tuple(ConsentStatus)) for _ in range(dice.randint(0, 3))]
    someone.channels = {channel: dice.random() < 0.5 for channel in Channel if dice.random() < 0.5}
    someone.categories = {category: dice.random() < 0.5 for category in CATEGORIES if dice.random() < 0.5}
    someone.attributes = _attributes(dice, now)
    someone.notes = dice.choice((0, 0, 1, 2))
    _balances(someone, Random(id), now)
    if someone.metric("purchase_count") and dice.random() < 0.8:
        scores = {name: dice.randint(1, 5) for name in ("recency", "frequency", "monetary")}
        someone.rfm = {"segment": rfm_segment(scores["recency"], scores["frequency"]), **scores}
        # Predictions are null where no model could be fitted.
        predicted = dice.random() < 0.8
        someone.life = {
            "stage": dice.choice(("NEW", "ACTIVE", "AT_RISK", "LAPSED")),
            "at_risk_at": at(9) if predicted else None,
            "lapsed_at": at(9) if predicted else None,
            "probability_alive": dice.choice((0.0, 0.25, 0.5, 1.0)) if predicted else None,
            "expected_orders": dice.choice((0.0, 0.1, 2.5, 30.0)) if predicted else None,
        }
    someone.polls = {poll for poll in POLLS if dice.random() < 0.3}
    someone.audiences = {audience for audience in AUDIENCES if dice.random() < 0.3}
    return someone


def _balances(someone: Person, dice: Random, now: datetime) -> None:
    """Bonuses, a cart and wishes, of dice of their own."""

    def days() -> timedelta:
        # Never near an edge: the gateway's minute is not the tests'.
        return timedelta(days=dice.randint(1, 9), minutes=30)

    if dice.random() < 0.7:
        someone.loyalty = LoyaltySums(*(dice.choice((0, 1000, 1500, 2345)) for _ in range(3)))
        for _ in range(dice.choice((0, 1, 1, 3))):
            begins, ends = dice.choice((now - days(), now + days())), dice.choice((None, now - days(), now + days()))
            someone.lots.append(BonusLot(dice.choice((0, 500, 2000)), begins, ends))
    if dice.random() < 0.8:
        changed_at = now - timedelta(minutes=dice.choice((5, 30, 90, 10_000)))
        said_at, ordered_at = (dice.choice((None, changed_at, changed_at - days())) for _ in range(2))
        someone.cart = CartState(changed_at, said_at, ordered_at, is_empty=dice.random() < 0.5)
    someone.wishes = {product for product in PRODUCTS if dice.random() < 0.1}


def _metrics(dice: Random, at: Any) -> dict[str, Any]:
    receipts, orders = dice.choice((0, 1, 2, 3, 7)), dice.choice((0, 0, 1, 2))
    valued = max(0, receipts - dice.choice((0, 0, 1)))
    total = dice.choice((0, 100, 105, 110, 1001, 99999)) * valued + (dice.randint(0, 4) if valued else 0)
    returned = dice.randint(0, orders)
    return {
        "receipt_count": receipts,
        "first_receipt_at": at(90) if receipts else None,
        "last_receipt_at": at(9) if receipts else None,
        "last_receipt_minor": dice.choice((100, 250, 1001)) if receipts else None,
        "last_receipt_currency": dice.choice(("USD", "USD", "CAD")) if receipts else None,
        "receipt_total_minor": total,
        "receipt_total_count": valued,
        "receipt_pieces": receipts * dice.randint(1, 3) + (dice.randint(0, 2) if receipts else 0),
        "receipt_lines_minor": total,
        "receipt_lines_pieces": valued * dice.randint(1, 3),
        "order_count": orders,
        "attributed_order_count": dice.randint(0, orders),
        "first_order_at": at(90) if orders else None,
        "second_order_at": at(50) if orders > 1 else None,
        "last_order_at": at(9) if orders else None,
        "order_total_minor": orders * 250,
        "order_total_count": orders,
        "order_pieces": orders * 2 + (1 if orders else 0),
        "order_lines_minor": orders * 245,
        "order_lines_pieces": orders * 2,
        "last_order_total_minor": 250 if orders else None,
        "last_order_products_minor": 270 if orders else None,
        "last_order_currency": "USD" if orders else None,
        "returns_total_minor": returned * 250,
        "return_count": returned,
        "purchase_count": receipts + dice.randint(0, orders),
        "purchase_total_minor": total + orders * 100,
        "last_purchase_at": at(9) if receipts else None,
        "last_activity_at": at(9) if dice.random() < 0.6 else None,
        "visit_count": dice.randint(0, 3),
        "first_visit_at": None,
        "last_visit_at": at(9) if dice.random() < 0.5 else None,
    }


def _attributes(dice: Random, now: datetime) -> dict[str, tuple[str, float | None]]:
    visits, spent = dice.choice((0.5, 2, 10.25)), dice.choice((5, 49.99, 1200.5))
    survey = now.replace(microsecond=0) - timedelta(days=dice.randint(1, 9))
    spelled = survey.isoformat() if dice.random() < 0.5 else survey.isoformat().replace("+00:00", "Z")
    known: dict[str, tuple[str, float | None]] = {
        "favorite_color": (dice.choice(COLORS), None),
        "is_vip": (dice.choice(("true", "false")), None),
        "store_visits_per_month": (f"{visits:g}", visits),
        "clv_estimate": (f"{spent:.2f} {dice.choice(('USD', 'CAD'))}", spent),
        "birthday_gift_sent": ((now.date() - timedelta(days=dice.randint(1, 9))).isoformat(), None),
        "last_survey_at": (spelled, None),
    }
    return {key: value for key, value in known.items() if dice.random() < 0.7}


async def arrive(gateway: Gateway, people: list[Person], now: datetime) -> None:
    """Writes the crowd, and what it has to do with, into the database."""
    async with gateway.store.write() as unit:
        session = unit.session
        for id, name in TAGS.items():
            session.add(Tag(id=id, name=name, name_key=tag_key(name), search_key=search_key(name)))
        for id, name in SEGMENTS.items():
            session.add(Segment(id=id, name=name))
        for id in sorted(set(PRODUCTS.values())):
            session.add(Category(id=id, name=f"category {id}"))
        for id in POLLS:
            session.add(Poll(id=id, external_id=str(id), name=f"poll {id}"))
        for id in AUDIENCES:
            session.add(TargetAudience(id=id, external_id=str(id), name=f"audience {id}"))
        for id in STORES:
            session.add(Store(id=id, external_id=str(id), name=f"store {id}"))
        for id in SOURCES:
            session.add(DataSource(id=id, name=f"source {id}"))
        for id in CAMPAIGNS:
            session.add(Campaign(id=id, external_id=str(id), name=f"campaign {id}"))
        for id in MAILINGS:
            session.add(
                Mailing(id=id, external_id=str(id), name=f"m{id}", channel=Channel.EMAIL, kind=MailingKind.MASS)
            )
        await session.flush()
        for id, category in PRODUCTS.items():
            session.add(Product(id=id, external_id=str(id), name=f"product {id}", category_id=category))
        for someone in people:
            session.add(Customer(id=someone.id, **someone.columns))
        await session.flush()
        for someone in people:
            session.add_all(_belongings(someone, now))


def _belongings(someone: Person, now: datetime) -> list[Any]:
    id, rows = someone.id, list[Any]()
    if someone.metrics is not None:
        rows.append(CustomerMetrics(customer_id=id, **someone.metrics))
    if someone.rfm is not None:
        rows.append(CustomerRfm(customer_id=id, **someone.rfm))
    if someone.life is not None:
        rows.append(CustomerLifecycle(customer_id=id, scored_at=now, **someone.life))
    rows += [CustomerTag(customer_id=id, tag_id=tag, assigned_at=now, actor="staff") for tag in someone.tags]
    rows += [
        SegmentMembership(customer_id=id, segment_id=segment, entered_at=now - timedelta(days=3))
        for segment in someone.segments
    ]
    rows += [
        SegmentMembership(
            customer_id=id,
            segment_id=segment,
            entered_at=now - timedelta(days=30),
            left_at=now - timedelta(days=9),
        )
        for segment in someone.past_segments
    ]
    rows += [PollParticipation(customer_id=id, id=poll, poll_id=poll, answered_at=now) for poll in someone.polls]
    rows += [TargetAudienceMembership(customer_id=id, audience_id=audience) for audience in someone.audiences]
    rows += [CustomerSource(customer_id=id, source_id=source) for source in someone.sources]
    rows += [
        PurchasedStore(customer_id=id, store_id=store, receipt_count=1, last_receipt_at=now) for store in someone.stores
    ]
    rows += [
        PurchasedProduct(
            customer_id=id,
            product_id=product,
            category_id=PRODUCTS[product],
            quantity_milli=1000,
            purchase_count=count,
            receipt_count=count,
            order_count=0,
            last_purchased_at=last,
        )
        for product, (count, last) in someone.products.items()
    ]
    rows += [
        TimelineEvent(
            customer_id=id,
            id=id * 1000 + number,
            activity_seq=number,
            category=EventCategory.PRODUCT_VIEW,
            type="product_view",
            name="Viewed a product",
            occurred_at=at,
            received_at=at,
            product_id=product,
            viewed_category_id=PRODUCTS[product],
        )
        for number, (product, at) in enumerate(someone.views)
    ]
    rows += [
        MailingParticipation(
            customer_id=id, id=mailing, mailing_id=mailing, participated_at=now, is_control_group=is_control_group
        )
        for mailing, is_control_group in someone.mailings
    ]
    rows += [
        PromoCode(customer_id=id, id=number, code=f"C{number}", issued_at=now, origin_kind=kind, origin_id=origin)
        for number, (kind, origin) in enumerate(sorted(someone.codes))
    ]
    for consent, statuses in someone.consents.items():
        rows += [
            ConsentChange(
                customer_id=id,
                id=CONSENTS.index(consent) * 100 + number,
                name=consent,
                status=status,
                # The later changes have the same time: the id decides which is the newest.
                at=now - timedelta(days=9 if number == 0 else 1),
                source="form",
                actor="staff",
            )
            for number, status in enumerate(statuses)
        ]
    rows += [
        ChannelChoice(customer_id=id, channel=channel, is_subscribed=wanted, changed_at=now)
        for channel, wanted in someone.channels.items()
    ]
    rows += [
        CategoryChoice(customer_id=id, category=category, is_subscribed=wanted, changed_at=now)
        for category, wanted in someone.categories.items()
    ]
    rows += [
        CustomerAttribute(customer_id=id, attribute=key, value=value, number=number)
        for key, (value, number) in someone.attributes.items()
    ]
    if someone.loyalty is not None:
        sums = someone.loyalty
        rows.append(
            LoyaltyAccount(
                customer_id=id,
                accrued_milli=sums.accrued_milli,
                lasting_milli=sums.lasting_milli,
                points_milli=sums.points_milli,
            )
        )
    rows += [
        LoyaltyLot(
            customer_id=id,
            id=number,
            amount_milli=9000,
            left_milli=lot.left_milli,
            accrued_at=now,
            active_from=lot.active_from,
            expires_at=lot.expires_at,
        )
        for number, lot in enumerate(someone.lots)
    ]
    if someone.cart is not None:
        cart = someone.cart
        rows.append(
            Cart(
                customer_id=id,
                changed_at=cart.changed_at,
                said_abandoned_at=cart.said_abandoned_at,
                ordered_at=cart.ordered_at,
                is_empty=cart.is_empty,
            )
        )
    rows += [WishlistItem(customer_id=id, product_id=product, added_at=now) for product in someone.wishes]
    rows += [
        Note(customer_id=id, id=number, body="note", body_key="note", author="staff", created_at=now, updated_at=now)
        for number in range(someone.notes)
    ]
    return rows


def ids(type: str, *keys: int | str) -> list[str]:
    """Global ids."""
    return [encode(type, key) for key in keys]


def moment(at: datetime) -> str:
    """An instant as the schema writes it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
