"""The panel of mailings, and the list of all mailings."""

from executor.promises import Each
from resolvers.arguments import After, First, Search, page_arguments
from resolvers.context import Info
from resolvers.types.connection import Connection, named_list, of_customer
from resolvers.types.mailing import Mailing, MailingParticipation, shape_mailing, shape_participation


def panel(info: Info, first: First = 10, after: After = None) -> Each[Connection[MailingParticipation] | None]:
    loaders, page = info.context.loaders, page_arguments(first, after)
    return of_customer(loaders.latest_mailings, page, loaders.mailing_count, None, shape_participation)


def mailings(info: Info, search: Search = None, first: First = 20, after: After = None) -> Connection[Mailing] | None:
    loaders = info.context.loaders
    return named_list(loaders.mailing_list, loaders.mailing_list_count, search, first, after, shape_mailing)
