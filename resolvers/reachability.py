"""The panel of reachability."""

from typing import Annotated

import strawberry

from executor.promises import Each
from profiles.consents import closed_channels
from profiles.errors import BadRequest
from profiles.reachability import Permissions, reachability
from resolvers.about import About
from resolvers.context import Info
from resolvers.ids import decode
from resolvers.types.channel import Channel
from resolvers.types.contact import Reachability


def panel(
    info: Info,
    channels: Annotated[
        list[Channel] | None, strawberry.argument(description="Which channels; null means every one.")
    ] = None,
    category_id: Annotated[
        strawberry.ID | None, strawberry.argument(description="For mailings of this category; null means in general.")
    ] = None,
) -> Each[list[Reachability] | None]:
    loaders = info.context.loaders
    about_category = _category(info, category_id) if category_id is not None else None

    async def of(about: About) -> list[Reachability] | None:
        id = about.customer_id
        customer, consents = loaders.customer_by_id.ask(id, None), loaders.consents.ask(id, None)
        chosen = loaders.channel_choices.ask(id, None)
        category = loaders.category_choices.ask(id, about_category) if about_category is not None else None
        row = await customer
        if row is None:
            return None
        permissions = Permissions(
            email=row.email_contact,
            phone=row.phone_contact(info.context.account.country),
            channel_choices={channel: choice.is_subscribed for channel, choice in (await chosen).items()},
            category=await category if category is not None else None,
            revoked_channels=closed_channels(await consents, info.context.account),
        )
        return [
            Reachability(channel=found.channel, is_reachable=found.is_reachable, reasons=list(found.reasons))
            for found in reachability(permissions, tuple(Channel) if channels is None else channels)
        ]

    return of


def _category(info: Info, category_id: str) -> str:
    id = decode(category_id, ("categoryId",))
    known = {category.key for category in info.context.account.mailing_categories}
    if id.type != "SubscriptionCategory" or len(id.key) != 1 or id.key[0] not in known:
        raise BadRequest("There is no such subscription category.", ("categoryId",))
    return id.key[0]
