"""Visits to a site or app and what was done in them, as the schema shows them."""

from datetime import datetime

import strawberry

from profiles.timeline import SessionState
from profiles.timeline.sessions import ActionRow, SessionActionType, SessionRow
from profiles.viewer import Scope, Viewer, shown_url
from resolvers.about import AboutCustomer, about
from resolvers.arguments import After, First, page_arguments
from resolvers.context import Info
from resolvers.guard import guarded
from resolvers.ids import encode
from resolvers.scalars import URL
from resolvers.types.connection import Connection
from resolvers.types.enums import described
from resolvers.types.node import Node
from resolvers.types.order import Order, load_order
from resolvers.types.product import Product, load_product
from resolvers.types.store import Store, load_store

described(
    SessionState,
    "How a visit stands.",
    {
        "LIVE": "The visitor is there now.",
        "ENDED": "The visitor left, or was not heard of for 30 minutes.",
        "PURCHASED": "It ended with an order.",
    },
)

described(
    SessionActionType,
    "What a visitor did.",
    {
        "PAGE_VISITED": "Opened a page.",
        "PRODUCT_VISITED": "Opened a product.",
        "CATEGORY_VISITED": "Opened a category.",
        "ADDED_TO_CART": "Put a product into the cart.",
        "PURCHASE_CONFIRMED": "Placed an order; shown only where orders are.",
    },
)


@strawberry.type(description="One thing that a visitor did in a visit.")
class SessionAction:
    product_id: strawberry.Private[int | None]
    type: SessionActionType = strawberry.field(description="What was done.")
    url: URL | None = strawberry.field(
        description="The page, http or https; null where none is known. Without the scope `personal:read` it lacks its "
        "query string."
    )
    occurred_at: datetime = strawberry.field(description="When it was done.")

    @strawberry.field(description="The product it was about; null where it was about none.")
    async def product(self, info: Info) -> Product | None:
        return await load_product(info, self.product_id)


async def order_of(self: "Session", info: Info) -> Order | None:
    return await load_order(info, self.row.customer_id, self.row.order_id)


@strawberry.type(
    description="A visit to a site or app. The address follows the visitor while it is live; a purchase turns LIVE "
    "into PURCHASED."
)
class Session(Node):
    row: strawberry.Private[SessionRow]
    state: SessionState = strawberry.field(description="How it stands now.")
    started_at: datetime = strawberry.field(description="When it began.")
    ended_at: datetime | None = strawberry.field(description="When it ended; null while it is live.")
    current_url: URL | None = strawberry.field(
        description="The page last seen in it; null where none is known. Without the scope `personal:read` it lacks "
        "its query string."
    )
    customer: AboutCustomer | None = strawberry.field(description="Who visits.")
    order: Order | None = guarded(
        order_of, needs=Scope.ORDERS_READ, description="The order it ended with; null where it did not end with one."
    )

    @strawberry.field(description="The site or app, as a store; null where that is not known.")
    async def store(self, info: Info) -> Store | None:
        return await load_store(info, self.row.store_id)

    @strawberry.field(description="What was done in it, newest first.")
    def actions(self, info: Info, first: First = 20, after: After = None) -> Connection[SessionAction]:
        loaders, viewer = info.context.loaders, info.context.viewer
        page = page_arguments(first, after)
        key = (self.row.customer_id, self.row.id)

        def shape(row: ActionRow) -> SessionAction:
            return shape_action(row, viewer)

        return Connection(
            owner=key,
            pages=loaders.session_actions,
            asked=page,
            counts=loaders.session_action_count,
            counted=None,
            node=shape,
        )


def shape_action(row: ActionRow, viewer: Viewer) -> SessionAction:
    """A row as the schema shows it."""
    url = shown_url(viewer, row.url)
    return SessionAction(
        product_id=row.product_id,
        type=row.done,
        url=URL(url) if url else None,
        occurred_at=row.occurred_at,
    )


def shape_session(row: SessionRow, info: Info) -> Session:
    """A row as a node, as it stands at the operation's time."""
    url = shown_url(info.context.viewer, row.current_url)
    # What has ended stays so: only a visit that may still be live needs to know what time it is.
    now = info.context.now if row.state is SessionState.LIVE else row.last_seen_at
    return Session(
        id=strawberry.ID(encode("Session", row.customer_id, row.id)),
        row=row,
        state=row.state_at(now),
        started_at=row.started_at,
        ended_at=row.ended_by(now),
        current_url=URL(url) if url else None,
        customer=about(row.customer_id),
    )


async def load_session(info: Info, customer_id: int, id: int | None) -> Session | None:
    """The customer's visit with that id; None for none and for gone."""
    row = None if id is None else await info.context.loaders.session_by_id.ask((customer_id, id), None)
    return None if row is None else shape_session(row, info)
