"""Adding and removing tags."""

import strawberry

from profiles import tags
from profiles.storage.unit import Unit
from resolvers.about import AboutCustomer, about
from resolvers.arguments import Input
from resolvers.context import Info
from resolvers.ids import number
from resolvers.writes import Outcome, UserError, repeat_key, run_once


@strawberry.input(description="Tags to put on a customer.")
class AddTagsInput:
    customer_id: strawberry.ID = strawberry.field(description="On whom.")
    tags: list[str] = strawberry.field(
        description="Names, 1 to 50 of them; surrounding blanks are removed and case does not tell two apart. One that "
        "nobody has used yet is made; one that is there already stays."
    )
    client_mutation_id: str | None = repeat_key()


@strawberry.type(description="What came of adding tags.")
class AddTagsPayload:
    customer: AboutCustomer | None = strawberry.field(description="The fresh customer; null when refused.")
    user_errors: list[UserError] = strawberry.field(description="Empty when all went well.")


@strawberry.input(description="Tags to take off a customer.")
class RemoveTagsInput:
    customer_id: strawberry.ID = strawberry.field(description="Off whom.")
    tags: list[str] = strawberry.field(
        description="Names, 1 to 50 of them; case does not tell two apart. One that is not there is no error."
    )
    client_mutation_id: str | None = repeat_key()


@strawberry.type(description="What came of removing tags.")
class RemoveTagsPayload:
    customer: AboutCustomer | None = strawberry.field(description="The fresh customer; null when refused.")
    user_errors: list[UserError] = strawberry.field(description="Empty when all went well.")


async def add_tags(info: Info, input: Input[AddTagsInput]) -> AddTagsPayload | None:
    context = info.context
    customer_id = number(input.customer_id, "Customer", ("input", "customerId"))

    async def act(unit: Unit) -> Outcome:
        await tags.add_tags(unit, context.viewer, customer_id, input.tags, context.now)
        return {"customer": customer_id}

    outcome, errors = await run_once(info, "addTags", input, act)
    return AddTagsPayload(customer=about(customer_id) if outcome else None, user_errors=errors)


async def remove_tags(info: Info, input: Input[RemoveTagsInput]) -> RemoveTagsPayload | None:
    context = info.context
    customer_id = number(input.customer_id, "Customer", ("input", "customerId"))

    async def act(unit: Unit) -> Outcome:
        await tags.remove_tags(unit, context.viewer, customer_id, input.tags, context.now)
        return {"customer": customer_id}

    outcome, errors = await run_once(info, "removeTags", input, act)
    return RemoveTagsPayload(customer=about(customer_id) if outcome else None, user_errors=errors)
