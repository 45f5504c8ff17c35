"""Stores and business units, as the schema shows them."""

from collections.abc import Sequence

import strawberry

from profiles.catalog import BusinessUnitRow, StoreRow
from resolvers.context import Info
from resolvers.ids import encode, number
from resolvers.types.node import Node


@strawberry.type(description="A part of the company, known by its number.")
class BusinessUnit(Node):
    number: int = strawberry.field(description="Its number in the company.")
    name: str = strawberry.field(description="Its name.")


@strawberry.type(description="A point of sale, physical or online.")
class Store(Node):
    business_unit_id: strawberry.Private[int | None]
    external_id: str = strawberry.field(description="Its identifier in the source system.")
    name: str = strawberry.field(description="Its name.")

    @strawberry.field(description="The part of the company it belongs to; null where none is known.")
    async def business_unit(self, info: Info) -> BusinessUnit | None:
        return await load_business_unit(info, self.business_unit_id)


async def load_business_unit(info: Info, id: int | None) -> BusinessUnit | None:
    """The business unit with that id; None for none and for gone."""
    row = None if id is None else await info.context.loaders.business_unit_by_id.ask(id, None)
    return None if row is None else shape_business_unit(row)


async def load_store(info: Info, id: int | None) -> Store | None:
    """The store with that id; None for none and for gone."""
    row = None if id is None else await info.context.loaders.store_by_id.ask(id, None)
    return None if row is None else shape_store(row)


async def named_store(info: Info, id: int) -> Store:
    """The store with that id, which a row with a foreign key names, so that it exists."""
    store = await load_store(info, id)
    if store is None:
        raise LookupError("a row names a store that is gone")
    return store


def shape_business_unit(row: BusinessUnitRow) -> BusinessUnit:
    """A row as a node."""
    return BusinessUnit(id=strawberry.ID(encode("BusinessUnit", row.id)), number=row.number, name=row.name)


def shape_store(row: StoreRow) -> Store:
    """A row as a node."""
    return Store(
        id=strawberry.ID(encode("Store", row.id)),
        business_unit_id=row.business_unit_id,
        external_id=row.external_id,
        name=row.name,
    )


def store_numbers(ids: Sequence[str] | None, field: tuple[str, ...]) -> tuple[int, ...] | None:
    """The stores that a filter names, None for no filter. Raises BadRequest for what is no store's id."""
    if ids is None:
        return None
    return tuple(number(id, "Store", (*field, str(place))) for place, id in enumerate(ids))
