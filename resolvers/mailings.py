"""The panel of mailings."""

from executor.promises import Each
from resolvers.arguments import After, First, page_arguments
from resolvers.context import Info
from resolvers.types.connection import Connection, of_customer
from resolvers.types.mailing import MailingParticipation, shape_participation


def panel(info: Info, first: First = 10, after: After = None) -> Each[Connection[MailingParticipation] | None]:
    loaders, page = info.context.loaders, page_arguments(first, after)
    return of_customer(loaders.latest_mailings, page, loaders.mailing_count, None, shape_participation)
