"""The questions that can be asked."""

import asyncio
from collections.abc import Awaitable
from typing import Annotated, Any

import strawberry

from executor.promises import Hoped
from profiles.errors import LimitExceeded
from profiles.storage.pages import MAX_FIRST
from profiles.viewer import Scope
from resolvers import catalog, customers, mailings, polls, segments, tags, target_audiences
from resolvers.about import about
from resolvers.context import Info
from resolvers.customer import Customer
from resolvers.guard import guarded
from resolvers.nodes import refetch
from resolvers.types.account import Account, shape_account
from resolvers.types.customer_key import CustomerKey, Identified, found, read_key
from resolvers.types.node import Node
from resolvers.types.viewer import Viewer, shape_viewer


def customer(
    info: Info, by: Annotated[CustomerKey, strawberry.argument(description="What opens the profile.")]
) -> Awaitable[Customer | None]:
    asked = read_key(info, by, ("by",))
    if asked.customer_id is None:
        return _identified(info, asked)
    # Whoever sends an id has seen the customer: the panels are read beside the look whether they are still there.
    return Hoped(about(asked.customer_id), info.context.loaders.customer_by_id.ask(asked.customer_id, None))


async def _identified(info: Info, asked: Identified) -> Any:
    customer_id = await found(info, asked)
    return None if customer_id is None else about(customer_id)


async def node(
    info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="A global id.")]
) -> Node | None:
    return await refetch(info, id)


async def nodes(
    info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="Global ids, at most 100.")]
) -> list[Node | None]:
    if len(ids) > MAX_FIRST:
        raise LimitExceeded(f"`ids` may hold at most {MAX_FIRST} ids; there were {len(ids)}.", ("ids",))
    # graphql-core raises an exception that is a list's item at that item's path: the other nodes still arrive.
    fetched: list[Any] = await asyncio.gather(*(refetch(info, id) for id in ids), return_exceptions=True)
    return fetched


def viewer(info: Info) -> Viewer:
    info.context.is_about_viewer = True
    return shape_viewer(info.context.viewer)


def account(info: Info) -> Account | None:
    return shape_account(info)


@strawberry.type(description="The questions that can be asked.")
class Query:
    node = guarded(
        node,
        needs=Scope.PROFILE_READ,
        description="Anything with a global id; null for gone and for not yours. Its own type may need a scope more.",
    )
    nodes = guarded(
        nodes, needs=Scope.PROFILE_READ, description="Many nodes at once, at most 100, in the order of the ids."
    )
    viewer: Viewer = strawberry.field(resolver=viewer, description="Who asks: the key's name, kind and scopes.")
    account = guarded(account, needs=Scope.ACCOUNT_READ, description="The company's account.")
    customer = guarded(customer, needs=Scope.PROFILE_READ, description="One customer by any identifier.")
    customers = guarded(
        customers.customers,
        needs=Scope.CUSTOMERS_LIST,
        description="The customers who match a filter and a search, sorted. Filters, search and sort need the scopes "
        "of what they look at.",
    )
    segments = guarded(segments.segments, needs=Scope.SEGMENTS_READ, description="All segments, by name.")
    target_audiences = guarded(
        target_audiences.target_audiences, needs=Scope.SEGMENTS_READ, description="All target audiences, by name."
    )
    tags = guarded(tags.tags, needs=Scope.TAGS_READ, description="All tags, by name.")
    stores = guarded(catalog.stores, needs=Scope.STORES_READ, description="All stores, by name.")
    products = guarded(
        catalog.products,
        needs=Scope.PRODUCTS_READ,
        description="All products, by name; one known only by its external id has that as name.",
    )
    categories = guarded(
        catalog.categories, needs=Scope.PRODUCTS_READ, description="All categories of products, by name."
    )
    mailings = guarded(mailings.mailings, needs=Scope.MAILINGS_READ, description="All mailings, by name.")
    polls = guarded(polls.polls, needs=Scope.POLLS_READ, description="All polls, by name.")
