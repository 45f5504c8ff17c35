"""Events of the timeline: what all of them have in common, what each kind adds, and which category is which kind."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

import strawberry

from executor.promises import decided_by, infoless, placeless
from profiles.stored_amounts import exact_quantity
from profiles.timeline import EventCategory, SessionState
from profiles.timeline.details import cart_lines, labelled, stages
from profiles.timeline.reading import TimelineRow
from profiles.viewer import Viewer, shown_actor, shown_text, shown_url
from resolvers.about import AboutCustomer, about
from resolvers.context import Info
from resolvers.ids import owned
from resolvers.rows import derived
from resolvers.scalars import URL
from resolvers.types import event_category  # noqa: F401 - describes the enum
from resolvers.types.cart import CartItem, shape_cart_item
from resolvers.types.lifecycle import LifecycleStage
from resolvers.types.mailing import Mailing, shape_mailing
from resolvers.types.node import OPAQUE, Node
from resolvers.types.order import Order, load_order
from resolvers.types.product import Category, Product, load_category, load_product
from resolvers.types.receipt import Receipt, load_receipt
from resolvers.types.session import Session, load_session
from resolvers.types.store import BusinessUnit, Store, load_business_unit, load_store


@strawberry.type(description="A labelled text that stands under an event's arrow.")
class EventDetail:
    label: str = strawberry.field(description="What it is.")
    value: str = strawberry.field(description="What it says.")


def _details(row: TimelineRow, viewer: Viewer) -> list[EventDetail]:
    return [
        # Who acted is named among the details of some sources too.
        EventDetail(
            label=said.label,
            value=shown_actor(viewer, said.value) if said.value == row.actor else shown_text(viewer, said.value),
        )
        for said in labelled(row.details)
    ]


@strawberry.interface(description="Something that a customer did or was sent. Newest first by `occurredAt`, then id.")
class TimelineEvent(Node):
    @classmethod
    @decided_by(attrgetter("category"))
    def resolve_type(cls, row: Any, _info: Any, _type: Any) -> str:
        return NAMES[row.category]

    @classmethod
    @infoless
    def is_type_of(cls, row: Any, _info: Any) -> bool:
        return isinstance(row, TimelineRow) and KINDS[row.category] is cls

    id: strawberry.ID = derived(lambda root: IDS[root.category](root), strawberry.ID, description=OPAQUE)
    customer: AboutCustomer | None = derived(
        lambda root: about(root.customer_id), AboutCustomer | None, description="Whose timeline it stands in."
    )
    name: str = strawberry.field(description="What happened, in a few words.")
    category: EventCategory = strawberry.field(description="What kind of thing happened.")
    type: str = strawberry.field(description="What happened, for a machine; `Account.eventTypes` lists the known ones.")

    @strawberry.field(description="What it was about; null where there is no more to say.")
    @placeless
    def description(row: strawberry.Parent[TimelineRow], info: Info) -> str | None:
        return None if row.description is None else shown_text(info.context.viewer, row.description)

    occurred_at: datetime = strawberry.field(description="When it happened.")
    received_at: datetime = strawberry.field(description="When the gateway heard of it, perhaps long after.")

    @strawberry.field(description="What more is known, in the order of its source.")
    @placeless
    def details(row: strawberry.Parent[TimelineRow], info: Info) -> list[EventDetail]:
        return _details(row, info.context.viewer)

    @strawberry.field(description="The part of the company where it happened; null where none is known.")
    async def business_unit(row: strawberry.Parent[TimelineRow], info: Info) -> BusinessUnit | None:
        return await load_business_unit(info, row.business_unit_id)

    @strawberry.field(description="The store, site or app where it happened; null where none is known.")
    async def store(row: strawberry.Parent[TimelineRow], info: Info) -> Store | None:
        return await load_store(info, row.store_id)

    @strawberry.field(description="Whether the visit in which it happened is live now.")
    async def is_live(row: strawberry.Parent[TimelineRow], info: Info) -> bool:
        visit = await load_session(info, row.customer_id, row.session_id)
        return visit is not None and visit.state is SessionState.LIVE

    @strawberry.field(description="The visit in which it happened; null where it happened in none.")
    async def session(row: strawberry.Parent[TimelineRow], info: Info) -> Session | None:
        return await load_session(info, row.customer_id, row.session_id)


@strawberry.type(description="A receipt was issued.")
class ReceiptEvent(TimelineEvent):
    @strawberry.field(description="The receipt; null where only the event arrived.")
    async def receipt(row: strawberry.Parent[TimelineRow], info: Info) -> Receipt | None:
        return await load_receipt(info, row.customer_id, row.subject_id)


@strawberry.type(
    description="An order was placed or changed. Shown only where the account shows orders and their events."
)
class OrderEvent(TimelineEvent):
    @strawberry.field(description="The order as it is now; null where only the event arrived.")
    async def order(row: strawberry.Parent[TimelineRow], info: Info) -> Order | None:
        return await load_order(info, row.customer_id, row.subject_id)


@strawberry.type(description="A mailing was sent, or something happened to it.")
class MailingEvent(TimelineEvent):
    @strawberry.field(description="The mailing; null where it is not known here.")
    async def mailing(row: strawberry.Parent[TimelineRow], info: Info) -> Mailing | None:
        if row.subject_id is None:
            return None
        mailing = await info.context.loaders.mailing_by_id.ask(row.subject_id, None)
        return shape_mailing(mailing) if mailing else None

    @strawberry.field(description="Whether the customer was held back for comparison, so that nothing was sent.")
    def is_control_group(row: strawberry.Parent[TimelineRow]) -> bool:
        return row.is_control_group

    @strawberry.field(
        description="The page that was clicked; null otherwise. Without the scope `personal:read` it lacks its query "
        "string."
    )
    def url(row: strawberry.Parent[TimelineRow], info: Info) -> URL | None:
        return page_of(row, info.context.viewer)


@strawberry.type(description="A visit to a site or app: one event, made by the first thing heard of the visit.")
class SiteVisitEvent(TimelineEvent):
    pass


@strawberry.type(description="A category, a product or a page was viewed.")
class BrowseEvent(TimelineEvent):
    @strawberry.field(
        description="The page; null where none is known. Without the scope `personal:read` it lacks its query string."
    )
    def url(row: strawberry.Parent[TimelineRow], info: Info) -> URL | None:
        return page_of(row, info.context.viewer)

    @strawberry.field(description="The product that was viewed; null where none was.")
    async def product(row: strawberry.Parent[TimelineRow], info: Info) -> Product | None:
        return await load_product(info, row.product_id)

    @strawberry.field(description="The category that was viewed, directly or through its product; null where none was.")
    async def viewed_category(row: strawberry.Parent[TimelineRow], info: Info) -> Category | None:
        return await load_category(info, row.viewed_category_id)


@strawberry.type(description="A cart was abandoned.")
class CartEvent(TimelineEvent):
    @strawberry.field(description="What was in it, in the order of its source.")
    def items(row: strawberry.Parent[TimelineRow]) -> list[CartItem]:
        return [shape_cart_item(line) for line in cart_lines(row.details)]


@strawberry.type(description="Bonuses or points were accrued in the loyalty programme.")
class LoyaltyEvent(TimelineEvent):
    @strawberry.field(description="How many.")
    def amount(row: strawberry.Parent[TimelineRow]) -> Decimal:
        return exact_quantity(row.amount_milli or 0)


@strawberry.type(description="The customer came to another stage of the life cycle.")
class LifecycleEvent(TimelineEvent):
    @strawberry.field(name="from", description="The stage before; null where there was none.")
    def earlier(row: strawberry.Parent[TimelineRow]) -> LifecycleStage | None:
        return stages(row.details)[0]

    @strawberry.field(name="to", description="The stage since then.")
    def later(row: strawberry.Parent[TimelineRow]) -> LifecycleStage:
        return stages(row.details)[1]


@strawberry.type(description="Something that staff, the customer or a system did to the profile, or a call.")
class ProfileEvent(TimelineEvent):
    @strawberry.field(description='Who did it; partners see "staff". Null where that is not known.')
    def actor(row: strawberry.Parent[TimelineRow], info: Info) -> str | None:
        return None if row.actor is None else shown_actor(info.context.viewer, row.actor)


KINDS: Mapping[EventCategory, type[TimelineEvent]] = {
    EventCategory.MAILING_MASS: MailingEvent,
    EventCategory.MAILING_CAMPAIGN: MailingEvent,
    EventCategory.EMAIL: MailingEvent,
    EventCategory.RECEIPT: ReceiptEvent,
    EventCategory.ORDER: OrderEvent,
    EventCategory.CALL_CENTER: ProfileEvent,
    EventCategory.SITE_VISIT: SiteVisitEvent,
    EventCategory.CATEGORY_VIEW: BrowseEvent,
    EventCategory.PRODUCT_VIEW: BrowseEvent,
    EventCategory.PAGE_VIEW: BrowseEvent,
    EventCategory.CART_ABANDONED: CartEvent,
    EventCategory.BONUS_ACCRUED: LoyaltyEvent,
    EventCategory.POINTS_ACCRUED: LoyaltyEvent,
    EventCategory.TAG_ASSIGNED: ProfileEvent,
    EventCategory.LIFECYCLE: LifecycleEvent,
    EventCategory.CONSENT: ProfileEvent,
    EventCategory.NOTE: ProfileEvent,
    EventCategory.SEGMENT: ProfileEvent,
    EventCategory.PROFILE: ProfileEvent,
}

NAMES: dict[EventCategory, str] = {category: kind.__name__ for category, kind in KINDS.items()}

IDS: dict[EventCategory, Callable[[Any], str]] = {category: owned(name) for category, name in NAMES.items()}

EVENT_TYPES = tuple(dict.fromkeys(KINDS.values()))
"""Every kind: the schema has to be told of them, since fields name only the interface."""


def page_of(row: TimelineRow, viewer: Viewer) -> URL | None:
    """The event's web address, as the viewer may see it."""
    url = shown_url(viewer, row.url)
    return URL(url) if url else None
