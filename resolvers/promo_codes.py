"""The panel of promo codes."""

import strawberry

from resolvers.about import About
from resolvers.arguments import After, First, page_arguments
from resolvers.context import Info
from resolvers.types.connection import Connection
from resolvers.types.promo_code import PromoCode, shape_promo_code


def panel(
    about: strawberry.Parent[About], info: Info, first: First = 10, after: After = None
) -> Connection[PromoCode] | None:
    loaders, page = info.context.loaders, page_arguments(first, after)
    return Connection(
        load_page=lambda: loaders.latest_promo_codes.ask(about.customer_id, page),
        load_count=lambda: loaders.promo_code_count.ask(about.customer_id, None),
        node=shape_promo_code,
    )
