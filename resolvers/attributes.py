"""The panel of attributes: the account's own fields and the built-in ones."""

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

import strawberry

from executor.promises import Each, Part
from profiles.account import AttributeEntity
from profiles.attributes import beside_of, built_in, check_block, named
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

    def needed(about: About, definitions: Definitions) -> _Asked:
        """Asks for what the values rest on beside the customer's own row."""
        panels = frozenset(map(beside_of, definitions)) - context.account.disabled_panels
        id = about.customer_id
        return _Asked(
            custom=loaders.custom_attributes.ask(id, None) if _any_custom(definitions) else None,
            metrics=loaders.metrics_of.ask(id, None) if "metrics" in panels else None,
            rfm=loaders.rfm_of.ask(id, None) if "rfm" in panels else None,
            lifecycle=loaders.lifecycle_of.ask(id, None) if "lifecycle" in panels else None,
            loyalty=loaders.balances.ask(id, None) if "loyalty" in panels else None,
        )

    async def of(about: About) -> list[AttributeValue] | None:
        customer = loaders.customer_by_id.ask(about.customer_id, None)
        needed(about, likely)
        definitions = likely if certain is None else await certain
        asked = needed(about, definitions)
        row = await customer
        if row is None:
            return None
        values = await asked.custom if asked.custom is not None else {}
        beside = {
            "metrics": Metrics(await asked.metrics, context.account, context.moment.minute) if asked.metrics else None,
            "rfm": await asked.rfm if asked.rfm else None,
            "lifecycle": await asked.lifecycle if asked.lifecycle else None,
            "loyalty": await asked.loyalty if asked.loyalty else None,
        }
        return [
            shape_attribute(
                definition,
                values.get(definition.key)
                if definition.is_custom
                else built_in(definition.key, row, beside, context.account),
                context.viewer,
            )
            for definition in definitions
        ]

    return of


class _Asked(NamedTuple):
    """What was asked for; None where no value needs it."""

    custom: Part[int, Mapping[str, str]] | None
    metrics: Part[int, Any] | None
    rfm: Part[int, Any] | None
    lifecycle: Part[int, Any] | None
    loyalty: Part[int, Any] | None


def _any_custom(definitions: Definitions) -> bool:
    return any(definition.is_custom for definition in definitions)
