"""The shop of the demo: the addresses of its sites, its online store, and who tells of visits there."""

from functools import cache

from profiles.ids import imported_id
from sources.rows import SOURCE

SITE = "https://shop.corner-market.example"
MAILING_SITE = "https://mailings.corner-market.example"
POLL_SITE = "https://polls.corner-market.example"

ONLINE_STORE = "online"
"""Its external id."""

WEBSITE = "Website"
"""The data source that tells of visits."""


@cache
def store_id(external_id: str) -> int:
    """The id of a store by its external id."""
    return imported_id(SOURCE, "store", external_id)
