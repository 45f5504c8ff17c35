"""Units: the numbers of the business units, and the ids that these have."""

from functools import cache

from profiles.ids import imported_id
from sources.rows import SOURCE

HEADQUARTERS, STORES_EAST, STORES_WEST, CANADA, ONLINE, CALL_CENTER = 1, 10, 20, 30, 40, 50
BUSINESS_UNITS = {
    HEADQUARTERS: "Headquarters",
    STORES_EAST: "Stores East",
    STORES_WEST: "Stores West",
    CANADA: "Stores Canada",
    ONLINE: "Online shop",
    CALL_CENTER: "Call center",
}

TILLS, CRM, APP, MAILINGS, CALLS = "Tills", "CRM", "Mobile app", "Mailing service", "Call center"


@cache
def business_unit_id(number: int) -> int:
    """The id of a business unit by its number."""
    return imported_id(SOURCE, "business_unit", str(number))
