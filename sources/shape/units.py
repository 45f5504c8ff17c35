"""Units: the numbers of the business units, the online store, and the ids that these have."""

from functools import cache

from profiles.ids import imported_id
from sources.rows import SOURCE

ONLINE_STORE = "online"

HEADQUARTERS, STORES_EAST, STORES_WEST, CANADA, ONLINE, CALL_CENTER = 1, 10, 20, 30, 40, 50
BUSINESS_UNITS = {
    HEADQUARTERS: "Headquarters",
    STORES_EAST: "Stores East",
    STORES_WEST: "Stores West",
    CANADA: "Stores Canada",
    ONLINE: "Online shop",
    CALL_CENTER: "Call center",
}

TILLS, CRM, WEBSITE, APP, MAILINGS, CALLS = "Tills", "CRM", "Website", "Mobile app", "Mailing service", "Call center"


@cache
def business_unit_id(number: int) -> int:
    """The id of a business unit by its number."""
    return imported_id(SOURCE, "business_unit", str(number))


@cache
def store_id(external_id: str) -> int:
    """The id of a store by its external id."""
    return imported_id(SOURCE, "store", external_id)
