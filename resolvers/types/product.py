"""Products and their categories, as the schema shows them."""

import strawberry

from profiles.catalog import CategoryRow, ProductRow
from resolvers.context import Info
from resolvers.ids import encode
from resolvers.scalars import URL
from resolvers.types.amount import amount
from resolvers.types.money import Money
from resolvers.types.node import Node


@strawberry.type(description="A category of products.")
class Category(Node):
    name: str = strawberry.field(description="Its name.")


@strawberry.type(description="Something that can be bought. One known only by its external id has that id as name.")
class Product(Node):
    row: strawberry.Private[ProductRow]
    external_id: str = strawberry.field(description="Its identifier in the source system.")
    name: str = strawberry.field(description="Its name.")
    brand: str | None = strawberry.field(description="Its brand; null where none is known.")
    image_url: URL | None = strawberry.field(description="A picture of it; null where there is none.")
    url: URL | None = strawberry.field(description="Its page in the shop; null where there is none.")
    price: Money | None = amount(
        lambda product: product.row.price, Money | None, description="Today's price; null where none is known."
    )

    @strawberry.field(description="Its category; null where none is known.")
    async def category(self, info: Info) -> Category | None:
        return await load_category(info, self.row.category_id)


async def load_category(info: Info, id: int | None) -> Category | None:
    """The category with that id; None for none and for gone."""
    row = None if id is None else await info.context.loaders.category_by_id.ask(id, None)
    return None if row is None else shape_category(row)


async def load_product(info: Info, id: int | None) -> Product | None:
    """The product with that id; None for none and for gone."""
    row = None if id is None else await info.context.loaders.product_by_id.ask(id, None)
    return None if row is None else shape_product(row)


async def named_product(info: Info, id: int) -> Product:
    """The product with that id, which a row with a foreign key names, so that it exists (ruling 27)."""
    product = await load_product(info, id)
    if product is None:
        raise LookupError("a row names a product that is gone")
    return product


def shape_category(row: CategoryRow) -> Category:
    """A row as a node."""
    return Category(id=strawberry.ID(encode("Category", row.id)), name=row.name)


def shape_product(row: ProductRow) -> Product:
    """A row as a node."""
    return Product(
        id=strawberry.ID(encode("Product", row.id)),
        row=row,
        external_id=row.external_id,
        name=row.name,
        brand=row.brand,
        image_url=URL(row.image_url) if row.image_url else None,
        url=URL(row.url) if row.url else None,
    )
