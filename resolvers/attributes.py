"""The panel of attributes: the account's own fields and the built-in ones."""

from typing import Annotated

import strawberry

from executor.promises import Each
from profiles.account import AttributeDefinition, AttributeEntity
from profiles.attributes import built_in, chosen
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
    needs_custom, needs_metrics = _any_custom(definitions), _any_of(definitions, "metrics.")
    # Switched off, the programme has no values and is not looked at.
    needs_loyalty = _any_of(definitions, "loyalty.") and context.account.settings.loyalty_enabled

    async def of(about: About) -> list[AttributeValue] | None:
        customer = loaders.customer_by_id.ask(about.customer_id, None)
        custom = loaders.custom_attributes.ask(about.customer_id, None) if needs_custom else None
        sums = loaders.metrics_of.ask(about.customer_id, None) if needs_metrics else None
        balance = loaders.balances.ask(about.customer_id, None) if needs_loyalty else None
        row = await customer
        if row is None:
            return None
        values = await custom if custom is not None else {}
        metrics = Metrics(await sums, context.account, context.moment.minute) if sums is not None else None
        loyalty = await balance if balance is not None else None
        return [
            shape_attribute(
                definition,
                values.get(definition.key) if definition.is_custom else built_in(definition.key, row, metrics, loyalty),
                context.viewer,
            )
            for definition in definitions
        ]

    return of


def _any_custom(definitions: tuple[AttributeDefinition, ...]) -> bool:
    return any(definition.is_custom for definition in definitions)


def _any_of(definitions: tuple[AttributeDefinition, ...], prefix: str) -> bool:
    return any(not definition.is_custom and definition.key.startswith(prefix) for definition in definitions)
