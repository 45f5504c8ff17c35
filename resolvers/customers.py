"""The list of customers: filtered, searched, sorted, paged."""

from typing import Annotated

import strawberry

from profiles.finding.reads import Selection
from profiles.finding.search import search_terms
from resolvers.arguments import After, First
from resolvers.context import Info
from resolvers.filters import read_filter
from resolvers.types.customer_list import CustomerConnection, CustomerSort, customer_list, read_sort
from resolvers.types.filter import CustomerFilter

FilterArgument = Annotated[CustomerFilter | None, strawberry.argument(description="Which customers; null: all.")]
SearchArgument = Annotated[
    str | None,
    strawberry.argument(
        description="Up to 200 characters of a name, email, phone number in any spelling, CRM id or external id; case "
        "and accents ignored. Where fewer than 20 customers match as typed, those follow who match with one mistake in "
        "a word of a name, or in an email: a letter wrong, missing or too many, or two exchanged. Without the scope "
        "`personal:read` only external ids are looked at."
    ),
]
SortArgument = Annotated[
    CustomerSort | None,
    strawberry.argument(description="The order; null: a search's best match first, else the newest profile first."),
]


def customers(
    info: Info,
    filter: FilterArgument = None,
    search: SearchArgument = None,
    sort: SortArgument = None,
    first: First = 20,
    after: After = None,
) -> CustomerConnection | None:
    context = info.context
    terms = search_terms(search, context.account)
    selection = Selection(filter=read_filter(filter, context), search=terms)
    return customer_list(info, selection, read_sort(sort, context.viewer, terms is not None), first, after)
