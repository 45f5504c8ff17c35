"""The questions that can be asked."""

import asyncio

import strawberry

from profiles.customers import IdentifierKind
from profiles.errors import LimitExceeded
from profiles.storage.pages import MAX_FIRST
from profiles.viewer import Scope
from resolvers.about import about
from resolvers.context import Info
from resolvers.customer import Customer
from resolvers.guard import guarded
from resolvers.ids import number
from resolvers.nodes import refetch
from resolvers.types.node import Node


@strawberry.input(description="Exactly one of the keys.", one_of=True)
class CustomerKey:
    id: strawberry.Maybe[strawberry.ID]
    external_id: strawberry.Maybe[str]


async def customer(info: Info, by: CustomerKey) -> Customer | None:
    loaders = info.context.loaders
    if by.id is not None:
        customer_id: int | None = number(by.id.value, "Customer", ("by", "id"))
    elif by.external_id is not None:
        customer_id = await loaders.customer_by_identifier.ask(by.external_id.value, IdentifierKind.EXTERNAL_ID)
    if customer_id is None or await loaders.customer_by_id.ask(customer_id, None) is None:
        return None
    return about(customer_id)


async def node(info: Info, id: strawberry.ID) -> Node | None:
    return await refetch(info, id)


async def nodes(info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
    if len(ids) > MAX_FIRST:
        raise LimitExceeded(f"`ids` may hold at most {MAX_FIRST} ids; there were {len(ids)}.")
    return await asyncio.gather(*(refetch(info, id) for id in ids))


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
    customer = guarded(customer, needs=Scope.PROFILE_READ, description="One customer by any identifier.")
