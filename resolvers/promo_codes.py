"""The panel of promo codes."""

from executor.promises import Each
from resolvers.arguments import After, First, page_arguments
from resolvers.context import Info
from resolvers.types.connection import Connection, of_customer
from resolvers.types.promo_code import PromoCode, shape_promo_code


def panel(info: Info, first: First = 10, after: After = None) -> Each[Connection[PromoCode] | None]:
    loaders, page = info.context.loaders, page_arguments(first, after)
    return of_customer(loaders.latest_promo_codes, page, loaders.promo_code_count, None, shape_promo_code)
