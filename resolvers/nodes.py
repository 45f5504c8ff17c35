"""Every node type and how one is fetched again: null for gone and for not yours."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from loaders import Loaders
from loaders.base import Loader
from profiles.catalog import EVERY
from profiles.viewer import Scope
from resolvers.about import about
from resolvers.context import Info
from resolvers.ids import GlobalId, as_numbers, decode, malformed
from resolvers.types.account import shape_account
from resolvers.types.account import shape_category as shape_subscription_category
from resolvers.types.data_source import shape_source
from resolvers.types.event import EVENT_TYPES, NAMES
from resolvers.types.mailing import shape_campaign, shape_mailing
from resolvers.types.order import load_order
from resolvers.types.product import shape_category, shape_product
from resolvers.types.receipt import load_receipt
from resolvers.types.session import load_session
from resolvers.types.store import shape_business_unit, shape_store
from resolvers.types.viewer import shape_viewer

AT = ("id",)
Fetch = Callable[[Info, GlobalId], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Refetch:
    """The scope that the type needs, and how one is loaded (None: there is none)."""

    needs: Scope
    fetch: Fetch


async def _customer(info: Info, id: GlobalId) -> Any:
    (customer_id,) = as_numbers(id, 1, AT)
    return about(customer_id) if await info.context.loaders.customer_by_id.ask(customer_id, None) else None


async def _note(info: Info, id: GlobalId) -> Any:
    customer_id, note_id = as_numbers(id, 2, AT)
    return await info.context.loaders.note_by_id.ask((customer_id, note_id), None)


def _by_number(pick: Callable[[Loaders], Loader[int, None, Any]], shape: Callable[[Any], Any] | None = None) -> Fetch:
    """How a node of the reference tables is loaded: its key is one number."""

    async def fetch(info: Info, id: GlobalId) -> Any:
        row = await pick(info.context.loaders).ask(as_numbers(id, 1, AT)[0], None)
        return shape(row) if row and shape else row

    return fetch


async def _consent(info: Info, id: GlobalId) -> Any:
    if len(id.key) != 2:
        raise malformed(AT)
    (customer_id,) = as_numbers(GlobalId(id.type, id.key[:1]), 1, AT)
    states = await info.context.loaders.consents.ask(customer_id, None)
    return next((state for state in states if state.name == id.key[1]), None)


async def _change(info: Info, id: GlobalId) -> Any:
    customer_id, change_id = as_numbers(id, 2, AT)
    return await info.context.loaders.change_by_id.ask((customer_id, change_id), None)


async def _receipt(info: Info, id: GlobalId) -> Any:
    return await load_receipt(info, *as_numbers(id, 2, AT))


async def _order(info: Info, id: GlobalId) -> Any:
    return await load_order(info, *as_numbers(id, 2, AT))


async def _event(info: Info, id: GlobalId) -> Any:
    customer_id, event_id = as_numbers(id, 2, AT)
    row = await info.context.loaders.event_by_id.ask((customer_id, event_id), None)
    return row if row and NAMES[row.category] == id.type else None


async def _session(info: Info, id: GlobalId) -> Any:
    return await load_session(info, *as_numbers(id, 2, AT))


async def _viewer(info: Info, id: GlobalId) -> Any:
    (viewer_id,) = as_numbers(id, 1, AT)
    info.context.is_about_viewer = True
    return shape_viewer(info.context.viewer) if viewer_id == info.context.viewer.id else None


async def _account(info: Info, id: GlobalId) -> Any:
    return shape_account(info) if id.key == ("1",) else None


async def _category(info: Info, id: GlobalId) -> Any:
    categories = info.context.account.mailing_categories
    return next((shape_subscription_category(category) for category in categories if (category.key,) == id.key), None)


async def _source(info: Info, id: GlobalId) -> Any:
    (source_id,) = as_numbers(id, 1, AT)
    sources = await info.context.loaders.every_source.ask(EVERY, None)
    return next((shape_source(row) for row in sources if row.id == source_id), None)


# The type's name in the schema, as it stands in its ids.
NODES: dict[str, Refetch] = {
    "Customer": Refetch(Scope.PROFILE_READ, _customer),
    "Account": Refetch(Scope.ACCOUNT_READ, _account),
    "DataSource": Refetch(Scope.PROFILE_READ, _source),
    "SubscriptionCategory": Refetch(Scope.ACCOUNT_READ, _category),
    "Viewer": Refetch(Scope.PROFILE_READ, _viewer),
    "Campaign": Refetch(Scope.MAILINGS_READ, _by_number(lambda loaders: loaders.campaign_by_id, shape_campaign)),
    "Change": Refetch(Scope.PROFILE_READ, _change),
    "Consent": Refetch(Scope.CONSENTS_READ, _consent),
    "Mailing": Refetch(Scope.MAILINGS_READ, _by_number(lambda loaders: loaders.mailing_by_id, shape_mailing)),
    "Note": Refetch(Scope.NOTES_READ, _note),
    "BusinessUnit": Refetch(
        Scope.STORES_READ, _by_number(lambda loaders: loaders.business_unit_by_id, shape_business_unit)
    ),
    "Category": Refetch(Scope.PRODUCTS_READ, _by_number(lambda loaders: loaders.category_by_id, shape_category)),
    "Order": Refetch(Scope.ORDERS_READ, _order),
    "Product": Refetch(Scope.PRODUCTS_READ, _by_number(lambda loaders: loaders.product_by_id, shape_product)),
    "Poll": Refetch(Scope.POLLS_READ, _by_number(lambda loaders: loaders.poll_by_id)),
    "Receipt": Refetch(Scope.RECEIPTS_READ, _receipt),
    **{kind.__name__: Refetch(Scope.ACTIVITY_READ, _event) for kind in EVENT_TYPES},
    "Segment": Refetch(Scope.SEGMENTS_READ, _by_number(lambda loaders: loaders.segment_by_id)),
    "Session": Refetch(Scope.ACTIVITY_READ, _session),
    "Store": Refetch(Scope.STORES_READ, _by_number(lambda loaders: loaders.store_by_id, shape_store)),
    "Tag": Refetch(Scope.TAGS_READ, _by_number(lambda loaders: loaders.tag_by_id)),
    "TargetAudience": Refetch(Scope.SEGMENTS_READ, _by_number(lambda loaders: loaders.target_audience_by_id)),
}


async def refetch(info: Info, id: str) -> Any:
    """The node of a global id; None for gone and for not yours. Raises BadRequest for what is no id."""
    decoded = decode(id, AT)
    node = NODES.get(decoded.type)
    if node is None:
        raise malformed(AT)
    info.context.viewer.require(node.needs, f"The type {decoded.type}")
    return await node.fetch(info, decoded)
