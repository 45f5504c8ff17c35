"""Places: real towns with their postcodes and dialling codes, so that address, city and telephone number agree.

Telephone numbers are of ranges set aside for fiction wherever the numbering plan has one that counts as valid
(555-01xx, the drama ranges of Ofcom, Bundesnetzagentur and Arcep); the mobile numbers of GB and FR surround the plan's
own example.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A town. `landline` is a dialling code with the fixed part of a fictional number: the rest counts up."""

    city: str
    region: str | None
    postcode: str  # ? is a digit, % a digit from 1 to 9, @ a letter
    landline: str
    landline_digits: int


@dataclass(frozen=True, slots=True)
class Country:
    """A country of customers, and how telephone numbers begin there."""

    code: str
    locale: str
    calling_code: str
    mobile: tuple[str, ...]  # empty where the number does not tell a mobile from a landline
    mobile_digits: int
    places: tuple[Place, ...]


def _north_american(*places: tuple[str, str, str, str]) -> tuple[Place, ...]:
    return tuple(Place(city, region, postcode, f"{area}55501", 2) for city, region, postcode, area in places)


UNITED_STATES = Country(
    "US",
    "en_US",
    "1",
    (),
    0,
    _north_american(
        ("Cincinnati", "OH", "452??", "513"),
        ("Columbus", "OH", "432??", "614"),
        ("Cleveland", "OH", "441??", "216"),
        ("Dayton", "OH", "454??", "937"),
        ("Louisville", "KY", "402??", "502"),
        ("Lexington", "KY", "405??", "859"),
        ("Indianapolis", "IN", "462??", "317"),
        ("Pittsburgh", "PA", "152??", "412"),
        ("Philadelphia", "PA", "191??", "215"),
        ("Nashville", "TN", "372??", "615"),
        ("Memphis", "TN", "381??", "901"),
        ("Atlanta", "GA", "303??", "404"),
        ("Charlotte", "NC", "282??", "704"),
        ("Raleigh", "NC", "276??", "919"),
        ("Detroit", "MI", "482??", "313"),
        ("Grand Rapids", "MI", "495??", "616"),
        ("Chicago", "IL", "606??", "312"),
        ("Milwaukee", "WI", "532??", "414"),
        ("Buffalo", "NY", "142??", "716"),
        ("Rochester", "NY", "146??", "585"),
        ("Baltimore", "MD", "212??", "410"),
        ("Richmond", "VA", "232??", "804"),
        ("Boston", "MA", "021??", "617"),
        ("Saint Louis", "MO", "631??", "314"),
    ),
)
CANADA = Country(
    "CA",
    "en_CA",
    "1",
    (),
    0,
    _north_american(
        ("Toronto", "ON", "M5V %@%", "416"),
        ("Ottawa", "ON", "K1P %@%", "613"),
        ("London", "ON", "N6A %@%", "519"),
        ("Hamilton", "ON", "L8P %@%", "905"),
    ),
)
UNITED_KINGDOM = Country(
    "GB",
    "en_GB",
    "44",
    ("7400123",),
    3,
    (
        Place("London", None, "SW1A %@@", "2079460", 3),
        Place("Manchester", None, "M1 %@@", "1614960", 3),
        Place("Leeds", None, "LS1 %@@", "1134960", 3),
        Place("Edinburgh", None, "EH1 %@@", "1314960", 3),
        Place("Cardiff", None, "CF10 %@@", "2920180", 3),
        Place("Bristol", None, "BS1 %@@", "1174960", 3),
    ),
)
GERMANY = Country(
    "DE",
    "de_DE",
    "49",
    ("17139200", "176040690"),
    2,
    (
        Place("Berlin", None, "10%??", "3023125", 3),
        Place("Hamburg", None, "20%??", "4066969", 3),
        Place("München", None, "80%??", "8999998", 3),
        Place("Frankfurt am Main", None, "60%??", "6990009", 3),
        Place("Köln", None, "50%??", "2214710", 3),
    ),
)
FRANCE = Country(
    "FR",
    "fr_FR",
    "33",
    ("612345",),
    3,
    (
        Place("Paris", None, "7501%", "199001", 3),
        Place("Rennes", None, "35000", "261911", 3),
        Place("Strasbourg", None, "67000", "353011", 3),
        Place("Lyon", None, "6900%", "465711", 3),
        Place("Toulouse", None, "31000", "536491", 3),
    ),
)

CYCLE = 50
"""Households take their countries by turns of this length, so that each is also a number within its country."""

_TURNS: dict[int, Country] = {
    **dict.fromkeys((8, 23, 41), UNITED_KINGDOM),
    **dict.fromkeys((5, 17, 32), GERMANY),
    **dict.fromkeys((12, 29, 46), FRANCE),
    **dict.fromkeys((3, 20, 37), CANADA),
}
_RANK_IN_TURN: dict[int, tuple[Country, int, int]] = {}
for _turn in range(CYCLE):
    _country = _TURNS.get(_turn, UNITED_STATES)
    _before = sum(1 for other in range(_turn) if _TURNS.get(other, UNITED_STATES) is _country)
    _in_cycle = sum(1 for other in range(CYCLE) if _TURNS.get(other, UNITED_STATES) is _country)
    _RANK_IN_TURN[_turn] = (_country, _before, _in_cycle)


def home(household_id: int) -> tuple[Country, int]:
    """A household's country, and its number among the country's households: no two share both."""
    country, before, in_cycle = _RANK_IN_TURN[household_id % CYCLE]
    return country, household_id // CYCLE * in_cycle + before


def landline(place: Place, number: int) -> str:
    """A national number (without trunk prefix) in the place."""
    return f"{place.landline}{number % 10**place.landline_digits:0{place.landline_digits}}"


def mobile(country: Country, number: int) -> str:
    """A national number (without trunk prefix) that tells that it is a mobile's."""
    size = 10**country.mobile_digits
    beginning = country.mobile[number // size % len(country.mobile)]
    return f"{beginning}{number % size:0{country.mobile_digits}}"
