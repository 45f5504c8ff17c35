"""The panel of attributes: the account's own fields and the built-in ones."""

from typing import Annotated

import strawberry

from executor.promises import Each
from profiles.account import AttributeDefinition, AttributeEntity
from profiles.attributes import beside_of, built_in, chosen
from profiles.metrics import Metrics
from resolvers.about import About
from resolvers.context import Info
from resolvers.types.attribute import AttributeValue, Block, shape_attribute


def panel(
    info: Info,
    block: Annotated[Block, strawberry.argument(description="Whose configured attributes.")] = Block.PROFILE,
    keys: Annotated[
        list[str] | None,
        strawberry.argument(description="Exactly these attributes, in this order; null means the block's."),
    ] = None,
) -> Each[list[AttributeValue] | None]:
    context, loaders = info.context, info.context.loaders
    definitions = chosen(context.account, context.viewer, AttributeEntity.CUSTOMER, block, keys)
    needs_custom = _any_custom(definitions)
    panels = frozenset(map(beside_of, definitions))

    async def of(about: About) -> list[AttributeValue] | None:
        customer = loaders.customer_by_id.ask(about.customer_id, None)
        custom = loaders.custom_attributes.ask(about.customer_id, None) if needs_custom else None
        sums = loaders.metrics_of.ask(about.customer_id, None) if "metrics" in panels else None
        scores = loaders.rfm_of.ask(about.customer_id, None) if "rfm" in panels else None
        life = loaders.lifecycle_of.ask(about.customer_id, None) if "lifecycle" in panels else None
        row = await customer
        if row is None:
            return None
        values = await custom if custom is not None else {}
        beside = {
            "metrics": Metrics(await sums, context.account, context.moment.minute) if sums is not None else None,
            "rfm": await scores if scores is not None else None,
            "lifecycle": await life if life is not None else None,
        }
        return [
            shape_attribute(
                definition,
                values.get(definition.key) if definition.is_custom else built_in(definition.key, row, beside),
                context.viewer,
            )
            for definition in definitions
        ]

    return of


def _any_custom(definitions: tuple[AttributeDefinition, ...]) -> bool:
    return any(definition.is_custom for definition in definitions)
