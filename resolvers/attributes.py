"""The panel of attributes: the account's own fields and the built-in ones."""

from typing import Annotated, Any

import strawberry

from executor.promises import Each
from profiles.account import AttributeEntity
from profiles.attributes import built_in, check_block, named
from profiles.metrics import Metrics
from resolvers.about import About
from resolvers.context import Info
from resolvers.types.attribute import AttributeValue, Block, shape_attribute
from resolvers.views import Definitions, shown


def panel(
    info: Info,
    block: Annotated[Block, strawberry.argument(description="Whose configured attributes.")] = Block.PROFILE,
    keys: Annotated[
        list[str] | None,
        strawberry.argument(description="Exactly these attributes, in this order; null means the block's."),
    ] = None,
) -> Each[list[AttributeValue] | None]:
    context, loaders = info.context, info.context.loaders
    check_block(AttributeEntity.CUSTOMER, block)
    likely, certain = shown(context, block) if keys is None else (named(context.account, context.viewer, keys), None)

    def needed(about: About, definitions: Definitions) -> tuple[Any, Any]:
        custom = loaders.custom_attributes.ask(about.customer_id, None) if _any_custom(definitions) else None
        sums = loaders.metrics_of.ask(about.customer_id, None) if _any_metric(definitions) else None
        return custom, sums

    async def of(about: About) -> list[AttributeValue] | None:
        customer = loaders.customer_by_id.ask(about.customer_id, None)
        needed(about, likely)
        definitions = likely if certain is None else await certain
        custom, sums = needed(about, definitions)
        row = await customer
        if row is None:
            return None
        values = await custom if custom is not None else {}
        metrics = Metrics(await sums, context.account, context.moment.minute) if sums is not None else None
        return [
            shape_attribute(
                definition,
                values.get(definition.key) if definition.is_custom else built_in(definition.key, row, metrics),
                context.viewer,
            )
            for definition in definitions
        ]

    return of


def _any_custom(definitions: Definitions) -> bool:
    return any(definition.is_custom for definition in definitions)


def _any_metric(definitions: Definitions) -> bool:
    return any(not definition.is_custom and definition.key.startswith("metrics.") for definition in definitions)
