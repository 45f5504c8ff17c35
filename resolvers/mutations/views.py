"""Choosing what the blocks of the screen show."""

import strawberry

from profiles import views
from profiles.account import AttributeEntity
from profiles.attribute_definitions import BLOCK_ENTITY
from profiles.storage.unit import Unit
from resolvers.arguments import Input
from resolvers.context import Info
from resolvers.types.attribute import AttributeDefinition, Block, shape_definition
from resolvers.writes import Outcome, UserError, repeat_key, run_once


@strawberry.input(description="The attributes of a block.")
class SetViewInput:
    block: Block = strawberry.field(description="Which block.")
    keys: list[str] = strawberry.field(
        description="The attributes by their keys, in the order in which they are to be shown: at most 100, each once. "
        "An empty list shows none."
    )
    client_mutation_id: str | None = repeat_key()


@strawberry.type(description="What came of choosing the attributes of a block.")
class SetViewPayload:
    view: list[AttributeDefinition] | None = strawberry.field(
        description="The attributes that the block shows now; null when refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Empty when all went well.")


async def set_view(info: Info, input: Input[SetViewInput]) -> SetViewPayload | None:
    context, account = info.context, info.context.account

    async def act(unit: Unit) -> Outcome:
        await views.set_view(unit, context.viewer, account, input.block, input.keys, context.now)
        return {"block": input.block.value, "keys": input.keys}

    outcome, errors = await run_once(info, "setView", input, act)
    if not outcome:
        return SetViewPayload(view=None, user_errors=errors)
    entity: AttributeEntity = BLOCK_ENTITY[Block(outcome["block"])]
    known = (account.attribute_by_key.get((entity, key)) for key in outcome["keys"])
    return SetViewPayload(view=[shape_definition(each) for each in known if each is not None], user_errors=errors)
