"""The attributes that a block of the screen shows now, and those that it probably shows."""

from collections.abc import Awaitable

from executor.promises import Later
from profiles.account import AttributeDefinition, Block
from profiles.catalog import EVERY
from profiles.views import Views, view_of
from resolvers.context import Context

Definitions = tuple[AttributeDefinition, ...]


def shown(context: Context, block: Block) -> tuple[Definitions, Awaitable[Definitions]]:
    """What the block showed when the views were last read here, and what it shows.

    A resolver asks at once for what the first needs, in the same tick as for the views themselves, and for what is
    missing afterwards: that is nothing, unless somebody has just chosen another view.
    """
    account, last = context.account, context.services.last_views

    def seen(views: Views) -> Definitions:
        if last != views:
            last.clear()
            last.update(views)
        return view_of(account, views, block)

    return view_of(account, last, block), Later(context.loaders.chosen_views.ask(EVERY, None), seen)
