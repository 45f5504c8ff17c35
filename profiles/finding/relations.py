"""What a customer has to do with other rows: each relation is the ids of the customers that it holds for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    exists,
    false,
    literal_column,
    null,
    or_,
    select,
    true,
    tuple_,
)

from profiles.cart import Cart
from profiles.columns import Instant
from profiles.consents import ConsentChange, ConsentStatus
from profiles.customers import CustomerSource
from profiles.finding.tree import PartIn
from profiles.mailings import MailingParticipation
from profiles.notes import Note
from profiles.polls import PollParticipation
from profiles.promo_codes import PromoCode, PromoCodeOriginKind
from profiles.purchases import PurchasedProduct, PurchasedStore
from profiles.segments import SegmentMembership
from profiles.storage.reads import DialectName, among_ids, among_texts, table
from profiles.subscriptions import CategoryChoice, ChannelChoice
from profiles.tags import CustomerTag
from profiles.target_audiences import TargetAudienceMembership
from profiles.timeline import EventCategory, TimelineEvent
from profiles.wishlist import WishlistItem

FAVORITE_PURCHASES = 2
"""From this many purchases on a product is a favorite (ruling 31)."""


@dataclass(frozen=True, slots=True)
class Relation:
    """`customers(dialect, parameter)` selects the ids of the customers with a row for any of the parameter's values."""

    customers: Callable[[DialectName, str], Select[Any]]


def _rows(model: Any, column: str, *further: Callable[[Any], ColumnElement[bool]]) -> Relation:
    def customers(dialect: DialectName, parameter: str) -> Select[Any]:
        rows = table(model).c
        wanted = among_ids(dialect, rows[column], parameter)
        return select(rows.customer_id).where(wanted, *(condition(rows) for condition in further))

    return Relation(customers)


def _named(model: Any, column: str, *further: Callable[[Any], ColumnElement[bool]]) -> Relation:
    def customers(dialect: DialectName, parameter: str) -> Select[Any]:
        rows = table(model).c
        wanted = among_texts(dialect, rows[column], parameter)
        return select(rows.customer_id).where(wanted, *(condition(rows) for condition in further))

    return Relation(customers)


def _consents(status: ConsentStatus) -> Relation:
    """The newest change of a name is its state."""

    def customers(dialect: DialectName, parameter: str) -> Select[Any]:
        change, later = table(ConsentChange).alias("change"), table(ConsentChange).alias("later")
        is_superseded = exists().where(
            later.c.customer_id == change.c.customer_id,
            later.c.name == change.c.name,
            tuple_(later.c.at, later.c.id) > tuple_(change.c.at, change.c.id),
        )
        return select(change.c.customer_id).where(
            among_texts(dialect, change.c.name, parameter), change.c.status == status, ~is_superseded
        )

    return Relation(customers)


def _interested(dialect: DialectName, parameter: str) -> Select[Any]:
    """A view inside the window that no purchase in the category followed: then the latest view has none either, and
    that makes an interest open (ruling 8)."""
    view, bought = table(TimelineEvent).alias("view"), table(PurchasedProduct).alias("bought")
    is_satisfied = exists().where(
        bought.c.customer_id == view.c.customer_id,
        bought.c.category_id == view.c.viewed_category_id,
        bought.c.last_purchased_at >= view.c.occurred_at,
    )
    return select(view.c.customer_id).where(
        among_ids(dialect, view.c.viewed_category_id, parameter),
        view.c.occurred_at > bindparam("interested_since", type_=Instant()),
        ~is_satisfied,
    )


def _carted(dialect: DialectName, parameter: str) -> Select[Any]:
    """As `profiles.cart.rules.status` says it of one cart."""
    carts = table(Cart).c
    is_left = or_(
        # A source whose clock is ahead says it of a moment that has still to come.
        and_(
            carts.said_abandoned_at >= carts.changed_at,
            carts.said_abandoned_at <= bindparam("carts_left_until", type_=Instant()),
        ),
        carts.changed_at <= bindparam("carts_changed_until", type_=Instant()),
    )
    # Spelled out rather than asked by the columns' values, so that a list of statuses is one parameter.
    status = case(
        (and_(carts.is_empty.is_(True), carts.ordered_at >= carts.changed_at), literal_column("'ORDERED'")),
        (carts.is_empty.is_(True), null()),
        (is_left, literal_column("'ABANDONED'")),
        else_=literal_column("'OPEN'"),
    )
    return select(carts.customer_id).where(among_texts(dialect, status, parameter))


def _wishing(dialect: DialectName, parameter: str) -> Select[Any]:
    return select(table(WishlistItem).c.customer_id)


def _noted(dialect: DialectName, parameter: str) -> Select[Any]:
    return select(table(Note).c.customer_id)


in_segments = _rows(SegmentMembership, "segment_id", lambda rows: rows.left_at.is_(None))
in_target_audiences = _rows(TargetAudienceMembership, "audience_id")
with_tags = _rows(CustomerTag, "tag_id")
of_sources = _rows(CustomerSource, "source_id")
bought_products = _rows(PurchasedProduct, "product_id")
bought_categories = _rows(PurchasedProduct, "category_id")
favorite_products = _rows(PurchasedProduct, "product_id", lambda rows: rows.purchase_count >= FAVORITE_PURCHASES)
favorite_stores = _rows(PurchasedStore, "store_id")
viewed_products = _rows(
    TimelineEvent,
    "product_id",
    lambda rows: and_(
        rows.category == EventCategory.PRODUCT_VIEW,
        rows.occurred_at > bindparam("viewed_since", type_=Instant()),
    ),
)
interested_in = Relation(_interested)
codes_of_mailings = _rows(PromoCode, "origin_id", lambda rows: rows.origin_kind == PromoCodeOriginKind.MAILING)
codes_of_campaigns = _rows(PromoCode, "origin_id", lambda rows: rows.origin_kind == PromoCodeOriginKind.CAMPAIGN)
granted = _consents(ConsentStatus.GRANTED)
revoked = _consents(ConsentStatus.REVOKED)
subscribed_channels = _named(ChannelChoice, "channel", lambda rows: rows.is_subscribed.is_(True))
subscribed_categories = _named(CategoryChoice, "category", lambda rows: rows.is_subscribed.is_(True))
with_notes = Relation(_noted)
with_cart = Relation(_carted)
with_wishlist = Relation(_wishing)


def took_part(dialect: DialectName, parameter: str, kind: PartIn, is_control_group: bool | None) -> Select[Any]:
    """The ids of the customers who took part in any of the mailings or polls. Polls have no control group."""
    if kind is PartIn.POLLS:
        polls = table(PollParticipation).c
        took_part = select(polls.customer_id).where(among_ids(dialect, polls.poll_id, parameter))
        return took_part.where(false()) if is_control_group else took_part
    rows = table(MailingParticipation).c
    group = true() if is_control_group is None else rows.is_control_group.is_(is_control_group)
    return select(rows.customer_id).where(among_ids(dialect, rows.mailing_id, parameter), group)
