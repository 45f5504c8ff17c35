"""The fields of a filter, in one table: which scope each needs, how its values read, and what it compares in SQL."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Float, and_, bindparam, case, cast, func, null, or_

from profiles.customers import Customer
from profiles.finding import loyalty, relations
from profiles.finding.relations import Relation
from profiles.lifecycle.reading import CustomerLifecycle
from profiles.metrics import CustomerMetrics
from profiles.rfm.reading import CustomerRfm
from profiles.storage.reads import table
from profiles.viewer import Scope


class Tables(NamedTuple):
    """The columns of the (aliased) tables that a statement looks at; without a row, the metrics' columns are null.

    `is_of_few` says that the statement is about a few customers that it names: then it looks at the rows of these alone
    instead of gathering everybody's.
    """

    customers: Any
    metrics: Any
    is_of_few: bool = False


class Kind(StrEnum):
    """How a field's input reads, and so the type of its values."""

    TEXT = "TEXT"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    COUNT = "COUNT"
    MILLI = "MILLI"
    MONEY = "MONEY"
    RATIO = "RATIO"
    DAY = "DAY"
    INSTANT = "INSTANT"
    CHOICE = "CHOICE"
    IDS = "IDS"
    NAMES = "NAMES"
    FLAG = "FLAG"


@dataclass(frozen=True, slots=True)
class Column:
    """A value of the customer's own row or of their metrics; `missing` says when there is none, where null does not."""

    value: Callable[[Tables], ColumnElement[Any]]
    of_metrics: bool = False
    missing: Callable[[Tables], ColumnElement[bool]] | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """A column of a table in which a customer has one row at most; without the row there is no value."""

    model: Any
    column: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field: the scope of what it reads, the kind of its values, where they are, and of which type its ids are."""

    needs: Scope
    kind: Kind
    source: Column | Beside | Relation
    node: str | None = None


def rounded_average(total: ColumnElement[Any], number: ColumnElement[Any]) -> ColumnElement[Any]:
    """`profiles.money.average` in SQL, in integers throughout: rounded half-even, null over nothing.

    A bound on an average is compared with what is shown, so it has to be rounded as it is shown.
    """
    rest = (total % number + number) % number
    quotient = (total - rest) // number
    is_up = or_(rest * 2 > number, and_(rest * 2 == number, quotient % 2 != 0))
    return case((number > 0, quotient + case((is_up, 1), else_=0)), else_=null())


def _own(name: str) -> Column:
    return Column(lambda tables: tables.customers[name])


def _text(key: str, raw: str) -> Column:
    return Column(
        lambda tables: tables.customers[key],
        missing=lambda tables: func.trim(func.coalesce(tables.customers[raw], "")) == "",
    )


def _lowered(name: str) -> Column:
    return Column(
        lambda tables: func.lower(tables.customers[name]),
        missing=lambda tables: func.trim(func.coalesce(tables.customers[name], "")) == "",
    )


def _metric(name: str) -> Column:
    return Column(lambda tables: tables.metrics[name], of_metrics=True)


def _sum(name: str) -> Column:
    """A count or a sum: of nothing it is 0 (ruling 3), also for a customer without a row of metrics."""
    return Column(lambda tables: func.coalesce(tables.metrics[name], 0), of_metrics=True)


def _average(total: str, number: str) -> Column:
    return Column(lambda tables: rounded_average(tables.metrics[total], tables.metrics[number]), of_metrics=True)


def _ratio(total: str, number: str) -> Column:
    # Both sides as doubles, which is how the shown value is computed: the same division gives the same bits.
    return Column(
        lambda tables: case(
            (tables.metrics[number] > 0, cast(tables.metrics[total], Float) / cast(tables.metrics[number], Float)),
            else_=null(),
        ),
        of_metrics=True,
    )


def _last_amount(amount: str, currency: str) -> Column:
    """An amount that may have stayed in its own currency, which cannot be compared with one of the account's."""
    return Column(
        lambda tables: case((tables.metrics[currency] == bindparam("currency"), tables.metrics[amount]), else_=null()),
        of_metrics=True,
    )


def _loyal(select: Callable[[Any], Any]) -> Column:
    """A number or a date of the loyalty programme; null for who was never credited with anything (ruling 23)."""
    return Column(lambda tables: select(tables.customers.id))


P, M = Scope.PERSONAL_READ, Scope.METRICS_READ
# By the input's attribute name. Who may not read a value may not look for customers by it either (ruling 35).
FIELDS: Mapping[str, Field] = {
    "first_name": Field(P, Kind.TEXT, _text("first_name_key", "first_name")),
    "last_name": Field(P, Kind.TEXT, _text("last_name_key", "last_name")),
    "email": Field(P, Kind.EMAIL, _text("email_key", "email")),
    "phone": Field(P, Kind.PHONE, _text("phone_key", "phone")),
    "address": Field(P, Kind.TEXT, _text("address_key", "address")),
    "city": Field(P, Kind.TEXT, _text("city_key", "city")),
    "country": Field(P, Kind.TEXT, _lowered("country")),
    "crm_id": Field(P, Kind.TEXT, _text("crm_id_key", "crm_id")),
    "external_id": Field(Scope.PROFILE_READ, Kind.TEXT, _text("external_id_key", "external_id")),
    "gender": Field(P, Kind.CHOICE, _own("gender")),
    "birth_date": Field(P, Kind.DAY, _own("birth_date")),
    "registered_at": Field(Scope.PROFILE_READ, Kind.INSTANT, _own("registered_at")),
    "created_at": Field(Scope.PROFILE_READ, Kind.INSTANT, _own("created_at")),
    "updated_at": Field(Scope.PROFILE_READ, Kind.INSTANT, _own("updated_at")),
    "subscribed_at": Field(Scope.PROFILE_READ, Kind.INSTANT, _own("subscribed_at")),
    "subscription_status": Field(Scope.PROFILE_READ, Kind.CHOICE, _own("subscription_status")),
    "email_warning": Field(Scope.PROFILE_READ, Kind.CHOICE, _own("email_warning")),
    "phone_warning": Field(Scope.PROFILE_READ, Kind.CHOICE, _own("phone_warning")),
    "phone_type": Field(Scope.PROFILE_READ, Kind.CHOICE, _own("phone_type")),
    # Not an input of its own: `kind` asks it whether there was a purchase.
    "purchase_count": Field(Scope.PROFILE_READ, Kind.COUNT, _sum("purchase_count")),
    "receipt_count": Field(M, Kind.COUNT, _sum("receipt_count")),
    "receipt_total": Field(M, Kind.MONEY, _sum("receipt_total_minor")),
    "average_receipt": Field(M, Kind.MONEY, _average("receipt_total_minor", "receipt_total_count")),
    "average_items_per_receipt": Field(M, Kind.RATIO, _ratio("receipt_pieces", "receipt_count")),
    "average_item_price_per_receipt": Field(M, Kind.MONEY, _average("receipt_lines_minor", "receipt_lines_pieces")),
    "last_receipt_amount": Field(M, Kind.MONEY, _last_amount("last_receipt_minor", "last_receipt_currency")),
    "first_receipt_at": Field(M, Kind.INSTANT, _metric("first_receipt_at")),
    "last_receipt_at": Field(M, Kind.INSTANT, _metric("last_receipt_at")),
    "order_count": Field(M, Kind.COUNT, _sum("order_count")),
    "attributed_order_count": Field(M, Kind.COUNT, _sum("attributed_order_count")),
    "order_total": Field(M, Kind.MONEY, _sum("order_total_minor")),
    "average_order": Field(M, Kind.MONEY, _average("order_total_minor", "order_total_count")),
    "average_items_per_order": Field(M, Kind.RATIO, _ratio("order_pieces", "order_count")),
    "average_order_item_price": Field(M, Kind.MONEY, _average("order_lines_minor", "order_lines_pieces")),
    # Two columns behind one input: the account's basis says which.
    "last_order_value": Field(M, Kind.MONEY, _last_amount("last_order_total_minor", "last_order_currency")),
    "last_order_products": Field(M, Kind.MONEY, _last_amount("last_order_products_minor", "last_order_currency")),
    "first_order_at": Field(M, Kind.INSTANT, _metric("first_order_at")),
    "second_order_at": Field(M, Kind.INSTANT, _metric("second_order_at")),
    "last_order_at": Field(M, Kind.INSTANT, _metric("last_order_at")),
    "total_spent": Field(
        M,
        Kind.MONEY,
        Column(
            lambda tables: func.coalesce(tables.metrics.order_total_minor - tables.metrics.returns_total_minor, 0),
            of_metrics=True,
        ),
    ),
    "return_count": Field(M, Kind.COUNT, _sum("return_count")),
    "visit_count": Field(M, Kind.COUNT, _sum("visit_count")),
    "last_visit_at": Field(M, Kind.INSTANT, _metric("last_visit_at")),
    "last_activity_at": Field(M, Kind.INSTANT, _metric("last_activity_at")),
    "accrued_bonuses": Field(Scope.LOYALTY_READ, Kind.MILLI, _loyal(loyalty.accrued)),
    "active_bonuses": Field(Scope.LOYALTY_READ, Kind.MILLI, _loyal(loyalty.active)),
    "bonuses_pending_activation": Field(Scope.LOYALTY_READ, Kind.MILLI, _loyal(loyalty.pending_activation)),
    "bonuses_pending_deactivation": Field(Scope.LOYALTY_READ, Kind.MILLI, _loyal(loyalty.pending_deactivation)),
    "next_bonus_deactivation_at": Field(Scope.LOYALTY_READ, Kind.INSTANT, _loyal(loyalty.next_deactivation_at)),
    "points": Field(Scope.LOYALTY_READ, Kind.MILLI, _loyal(loyalty.points)),
    "cart_status": Field(Scope.PRODUCTS_READ, Kind.NAMES, relations.with_cart),
    "has_wishlist": Field(Scope.PRODUCTS_READ, Kind.FLAG, relations.with_wishlist),
    "rfm_segment": Field(M, Kind.NAMES, Beside(CustomerRfm, "segment")),
    "rfm_recency": Field(M, Kind.COUNT, Beside(CustomerRfm, "recency")),
    "rfm_frequency": Field(M, Kind.COUNT, Beside(CustomerRfm, "frequency")),
    "rfm_monetary": Field(M, Kind.COUNT, Beside(CustomerRfm, "monetary")),
    # LEAD has no row: `of_stages` knows.
    "lifecycle_stage": Field(M, Kind.CHOICE, Beside(CustomerLifecycle, "stage")),
    "at_risk_at": Field(M, Kind.INSTANT, Beside(CustomerLifecycle, "at_risk_at")),
    "lapsed_at": Field(M, Kind.INSTANT, Beside(CustomerLifecycle, "lapsed_at")),
    "probability_alive": Field(M, Kind.RATIO, Beside(CustomerLifecycle, "probability_alive")),
    "expected_orders_next90_days": Field(M, Kind.RATIO, Beside(CustomerLifecycle, "expected_orders")),
    "segment_ids": Field(Scope.SEGMENTS_READ, Kind.IDS, relations.in_segments, "Segment"),
    "target_audience_ids": Field(Scope.SEGMENTS_READ, Kind.IDS, relations.in_target_audiences, "TargetAudience"),
    "tag_ids": Field(Scope.TAGS_READ, Kind.IDS, relations.with_tags, "Tag"),
    "source_ids": Field(Scope.PROFILE_READ, Kind.IDS, relations.of_sources, "DataSource"),
    "bought_product_ids": Field(Scope.PRODUCTS_READ, Kind.IDS, relations.bought_products, "Product"),
    "bought_category_ids": Field(Scope.PRODUCTS_READ, Kind.IDS, relations.bought_categories, "Category"),
    "favorite_product_ids": Field(Scope.PRODUCTS_READ, Kind.IDS, relations.favorite_products, "Product"),
    "favorite_store_ids": Field(Scope.STORES_READ, Kind.IDS, relations.favorite_stores, "Store"),
    "viewed_product_ids": Field(Scope.ACTIVITY_READ, Kind.IDS, relations.viewed_products, "Product"),
    "interest_category_ids": Field(Scope.INTERESTS_READ, Kind.IDS, relations.interested_in, "Category"),
    # Two relations behind `promo_code_origin_ids`, since an origin is a mailing or a campaign.
    "codes_of_mailings": Field(Scope.PROMO_CODES_READ, Kind.IDS, relations.codes_of_mailings, "Mailing"),
    "codes_of_campaigns": Field(Scope.PROMO_CODES_READ, Kind.IDS, relations.codes_of_campaigns, "Campaign"),
    "consent_granted": Field(Scope.CONSENTS_READ, Kind.NAMES, relations.granted),
    "consent_revoked": Field(Scope.CONSENTS_READ, Kind.NAMES, relations.revoked),
    "subscribed_channels": Field(Scope.CONSENTS_READ, Kind.NAMES, relations.subscribed_channels),
    "subscribed_category_ids": Field(Scope.CONSENTS_READ, Kind.NAMES, relations.subscribed_categories),
    "has_notes": Field(Scope.NOTES_READ, Kind.FLAG, relations.with_notes),
}

# Fields of the input that are no entry above, with the scope that they need.
FURTHER_SCOPES: Mapping[str, Scope] = {
    "kind": Scope.PROFILE_READ,
    "attributes": Scope.PROFILE_READ,
    "reachable_by": Scope.PROFILE_READ,
    "mailing": Scope.MAILINGS_READ,
    "poll": Scope.POLLS_READ,
    "promo_code_origin_ids": Scope.PROMO_CODES_READ,
}


def needed_scope(name: str) -> Scope:
    """The scope that a field of the filter needs, by the input's attribute name."""
    return FURTHER_SCOPES[name] if name in FURTHER_SCOPES else FIELDS[name].needs


def tables_named(customers: str, metrics: str) -> tuple[Any, Any]:
    """The two tables under these aliases."""
    return table(Customer).alias(customers), table(CustomerMetrics).alias(metrics)
