"""Made-up facts about households, shaped like those of the real data, for tests of what is generated around them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

from profiles.account import Account, load_account
from profiles.ids import imported_id
from profiles.money import convert, newest_rate
from sources.rows import (
    SOURCE,
    Basket,
    Clock,
    Demographics,
    HouseholdFacts,
    IssuedCode,
    Line,
    ProductFacts,
    SentMailing,
    StoreFacts,
    World,
)
from sources.shape import CANADIAN_STORE, Reference, reference

NOW = datetime(2026, 5, 6, 15, 4, 5, tzinfo=UTC)
FIRST_DAY, LAST_DAY = date(2017, 1, 1), date(2018, 1, 1)
ACCOUNT: Account = load_account()
CLOCK = Clock(end=NOW, zone=ACCOUNT.zone, shift=NOW.date() - LAST_DAY)
STORES = ("31", "32", "33", CANADIAN_STORE)
CATEGORIES = {imported_id(SOURCE, "category", name): name for name in ("Bread", "Cheese", "Fruit", "Soap", "Wine")}
AGES = ("19-24", "25-34", "35-44", "45-54", "55-64", "65+")
CAMPAIGNS = 8


def made_reference() -> Reference:
    """The reference rows around four stores."""
    return reference(ACCOUNT, CLOCK, STORES, FIRST_DAY)


def made_world(shared: Reference) -> World:
    """A small world: four stores, five categories, sixty products of which one has no name."""
    products = [_product(number) for number in range(60)]
    return World(
        account=ACCOUNT,
        products=[product for product in products if product.is_named],
        product_by_id={product.product_id: product for product in products},
        category_names=CATEGORIES,
        stores=shared.stores,
        business_units=shared.business_units,
        data_sources=shared.data_sources,
        tags=shared.tags,
    )


def made_household(number: int, position: int, world: World, shared: Reference) -> HouseholdFacts:
    """A household with a year of baskets, campaigns and coupons; every second one has demographics."""
    dice = Random(number)
    first = NOW - timedelta(days=dice.randint(200, 364))
    stores = [store for store in world.stores if store.external_id in STORES]
    moments = sorted(first + (NOW - first) * dice.random() for _ in range(dice.randint(8, 60)))
    baskets = [_basket(dice, number, place, at, stores, shared) for place, at in enumerate(moments)]
    mailings = [_mailing(number, campaign) for campaign in range(CAMPAIGNS) if dice.random() < 0.5]
    codes = [_code(number, sent, baskets, dice.random() < 0.3) for sent in mailings]
    times = [*moments, *(sent.sent_at for sent in mailings)]
    return HouseholdFacts(
        household_id=number,
        customer_id=imported_id(SOURCE, "household", str(number)),
        external_id=str(number),
        position=position,
        demographics=_demographics(dice) if number % 2 == 0 else None,
        baskets=baskets,
        mailings=mailings,
        promo_codes=codes,
        first_seen=min(times),
        last_seen=max(times),
    )


def _product(number: int) -> ProductFacts:
    return ProductFacts(
        product_id=imported_id(SOURCE, "product", str(number)),
        external_id=str(number),
        name=f"Product {number}" if number else "0",
        is_named=number > 0,
        brand="Private",
        department="Grocery",
        category_id=list(CATEGORIES)[number % len(CATEGORIES)] if number else None,
        price_minor=100 + number * 7 if number else None,
    )


def _basket(
    dice: Random, household: int, place: int, at: datetime, stores: Sequence[StoreFacts], shared: Reference
) -> Basket:
    store = dice.choice(stores)
    is_foreign = store.currency != ACCOUNT.currency
    rate = newest_rate(shared.rates, at.astimezone(CLOCK.zone).date()) if is_foreign else None
    known = (
        {} if rate is None else {"currency": store.currency, "rate": str(rate.rate), "rate_date": str(rate.rate_date)}
    )

    def shown(amount_minor: int) -> int:
        if rate is None:
            return amount_minor
        return convert(amount_minor, store.currency, ACCOUNT.currency, rate.rate, rate.rate_date).amount_minor

    lines, total_of_source = [], 0
    for number in dice.sample(range(60), dice.randint(1, 8)):
        product = _product(number)
        # Weights, nothing at all, and half a piece are in the real data too, and cannot be ordered.
        pieces = dice.choice(
            (1000, 1000, 1000, 2000, 3000, 0 if number == 1 else 1000, 89_638_000 if number == 2 else 1000)
        )
        total = (product.price_minor or 250) * max(pieces, 1000) // 1000 - dice.randint(0, 50)
        total_of_source += total
        original = {**known, "total": total, "price": total} if known else None
        fields = (product.product_id, product.external_id, product.name, product.category_id, pieces)
        lines.append(Line(*fields, shown(total), shown(total), original))
    external_id = f"{household}{place:04d}"
    discount = dice.choice((0, 120))
    amounts = {"product_total": total_of_source, "discount": discount, "total": total_of_source}
    return Basket(
        receipt_id=imported_id(SOURCE, "receipt", external_id),
        external_id=external_id,
        number=f"R-{external_id}",
        issued_at=at,
        store_id=store.store_id,
        business_unit_id=store.business_unit_id,
        currency=ACCOUNT.currency,
        product_total_minor=sum(line.total_minor for line in lines),
        discount_minor=shown(discount),
        lines=lines,
        original={**known, **amounts} if known else None,
    )


def _demographics(dice: Random) -> Demographics:
    return Demographics(dice.choice(AGES), "50-74K", "Homeowner", None, "2", "2 Adults No Kids", "0")


def _mailing(household: int, campaign: int) -> SentMailing:
    return SentMailing(
        participation_id=imported_id(SOURCE, "participation", f"{household}:{campaign}"),
        mailing_id=imported_id(SOURCE, "mailing", f"campaign-{campaign}"),
        campaign_id=imported_id(SOURCE, "campaign", str(campaign)),
        name=f"Coupons of campaign {campaign}",
        sent_at=NOW - timedelta(days=20 + campaign * 40),
    )


def _code(household: int, sent: SentMailing, baskets: Sequence[Basket], is_redeemed: bool) -> IssuedCode:
    after = [basket.issued_at for basket in baskets if basket.issued_at > sent.sent_at]
    return IssuedCode(
        promo_code_id=imported_id(SOURCE, "promo_code", f"{household}:{sent.mailing_id}"),
        code=str(sent.campaign_id % 10**10),
        campaign_id=sent.campaign_id,
        issued_at=sent.sent_at,
        is_reissued=False,
        redeemed_at=after[0] if is_redeemed and after else None,
    )
