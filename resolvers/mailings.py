"""The panel of mailings."""

import strawberry

from resolvers.about import About
from resolvers.arguments import After, First, page_arguments
from resolvers.context import Info
from resolvers.types.connection import Connection
from resolvers.types.mailing import MailingParticipation, shape_participation


def panel(
    about: strawberry.Parent[About], info: Info, first: First = 10, after: After = None
) -> Connection[MailingParticipation] | None:
    loaders, page = info.context.loaders, page_arguments(first, after)
    return Connection(
        load_page=lambda: loaders.latest_mailings.ask(about.customer_id, page),
        load_count=lambda: loaders.mailing_count.ask(about.customer_id, None),
        node=shape_participation,
    )
