"""Identities: names, home, contacts and custom attributes of a person, in agreement with each other."""

import math
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from profiles.account import AttributeEntity
from profiles.attributes import text_of
from profiles.calendar import local_day
from profiles.contacts import email_key, phone_key
from profiles.customers import CustomerAttribute, CustomerSource, Gender, Identifier, IdentifierKind
from profiles.money import Money, to_text
from profiles.text import search_key
from sources.shape.draft import Draft
from sources.shape.places import UNITED_KINGDOM, Country, Place, home, landline, mobile
from sources.shape.pools import Pool, pool

MISSING_EMAILS, INVALID_EMAILS = 0.05, 0.03
MISSING_PHONES, INVALID_PHONES = 0.07, 0.02
LANDLINES = 0.15
NATIONAL_SPELLINGS = 0.25
YEAR_DAYS = 365.25

_AGES: dict[str | None, tuple[int, int]] = {
    "19-24": (19, 24),
    "25-34": (25, 34),
    "35-44": (35, 44),
    "45-54": (45, 54),
    "55-64": (55, 64),
    "65+": (65, 89),
    None: (19, 84),
}
_GENDERS = (Gender.FEMALE, Gender.MALE, Gender.OTHER, Gender.UNKNOWN, None)
_GENDER_WEIGHTS = (52, 44, 1, 2, 1)
_MAIL_HOSTS = ("example.com", "example.org", "example.net")
_TOPICS = ("recipes", "new in store", "wine", "family", "weekly offers", "organic")
# Letters that survive no decomposition but have a usual spelling in addresses.
_SPELLED_OUT = str.maketrans({"ß": "ss", "ä": "ae", "ö": "oe", "ü": "ue", "ø": "o", "œ": "oe", "æ": "ae"})


@dataclass(frozen=True, slots=True)
class Person:
    """What the other generators need to know of the person."""

    has_email: bool
    is_email_valid: bool
    has_phone: bool
    registered_at: datetime | None


def identify(draft: Draft) -> Person:
    """Fills in the customer's own columns, identifiers, sources and attributes."""
    dice = draft.dice("identity")
    country, number = _home(draft)
    place = country.places[number % len(country.places)]
    names = pool(country.locale, draft.seed)
    gender = dice.choices(_GENDERS, _GENDER_WEIGHTS)[0]
    first_name, last_name = _name(dice, names, gender)
    born = _birth_date(draft, dice)
    street = _address(dice, country, place, dice.choice(names.streets))
    email, is_valid = _email(draft, dice, first_name, last_name)
    phone = _phone(draft, dice, country, place, number)
    registered_at = _registration(draft, dice)
    crm_id = f"CRM-{100_000 + draft.facts.household_id * 7}" if draft.is_showcase or dice.random() < 0.85 else None
    account_country = draft.world.account.country
    draft.shape.customer.update(
        crm_id=crm_id,
        first_name=first_name,
        last_name=last_name,
        gender=gender,
        birth_date=born,
        country=country.code,
        city=place.city,
        address=street,
        email=email,
        email_bounced_at=None,
        phone=phone,
        registered_at=registered_at,
        first_name_key=search_key(first_name),
        last_name_key=search_key(last_name),
        name_key=search_key(f"{first_name} {last_name}"),
        city_key=search_key(place.city),
        address_key=search_key(street),
        email_key=email_key(email),
        phone_key=phone_key(phone, country.code, account_country),
        crm_id_key=search_key(crm_id) if crm_id is not None else None,
    )
    _add_identifiers(draft)
    _add_attributes(draft, born)
    return Person(email is not None, is_valid, phone is not None, registered_at)


def add_sources(draft: Draft, names: set[str]) -> None:
    """Which systems know the customer; the real data's own is always among them."""
    sources = draft.world.data_sources
    ids = sorted({sources[name] for name in names if name in sources})
    draft.add(CustomerSource, ("customer_id", "source_id"), [(draft.facts.customer_id, source_id) for source_id in ids])


def _home(draft: Draft) -> tuple[Country, int]:
    country, number = home(draft.facts.household_id)
    # The showcase lives where a number tells a mobile from a landline; 996 is nobody else's number there.
    return (UNITED_KINGDOM, 996) if draft.is_showcase else (country, number)


def _name(dice: Random, names: Pool, gender: Gender | None) -> tuple[str, str]:
    by_gender = {Gender.FEMALE: names.female_names, Gender.MALE: names.male_names}
    first_names = by_gender.get(gender) if gender is not None else None
    if first_names is None:
        first_names = dice.choice((names.female_names, names.male_names))
    return dice.choice(first_names), dice.choice(names.last_names)


def _birth_date(draft: Draft, dice: Random) -> date | None:
    demographics = draft.facts.demographics
    group = demographics.age if demographics is not None else None
    youngest, oldest = _AGES.get(group, _AGES[None])
    is_known = draft.is_showcase or group is not None or dice.random() < 0.9
    # Two days inside both ends, because years are not equally long.
    fewest, most = math.ceil(youngest * YEAR_DAYS) + 2, math.floor((oldest + 1) * YEAR_DAYS) - 2
    born = draft.clock.today - timedelta(days=dice.randint(fewest, most))
    return born if is_known else None


def _address(dice: Random, country: Country, place: Place, street: str) -> str:
    postcode = "".join(dice.choice(_POSTCODE_LETTERS.get(letter, letter)) for letter in place.postcode)
    number = dice.randint(1, 180)
    match country.code:
        case "DE":
            return f"{street} {number}, {postcode} {place.city}"
        case "FR":
            return f"{number} {street}, {postcode} {place.city}"
        case "GB":
            return f"{number} {street}, {place.city} {postcode}"
        case _:
            return f"{number * 10 + 1} {street}, {place.city}, {place.region} {postcode}"


_POSTCODE_LETTERS = {"?": "0123456789", "%": "123456789", "@": "ABDEFGHJLNPQRSTUWXYZ"}


def _email(draft: Draft, dice: Random, first_name: str, last_name: str) -> tuple[str | None, bool]:
    """The household's number is in every address, so that no two are equal."""
    local = f"{_plain(first_name)}.{_plain(last_name)}{draft.facts.household_id}"
    host = dice.choice(_MAIL_HOSTS)
    fate = 1.0 if draft.is_showcase else dice.random()
    if fate < MISSING_EMAILS:
        return None, False
    if fate < MISSING_EMAILS + INVALID_EMAILS:
        return dice.choice((f"{local}@{host.partition('.')[0]}", f"{local}.{host}", f"{local}@@{host}")), False
    return f"{local}@{host}", True


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.lower().translate(_SPELLED_OUT))
    return "".join(letter for letter in decomposed if letter.isascii() and letter.isalpha()) or "guest"


def _phone(draft: Draft, dice: Random, country: Country, place: Place, number: int) -> str | None:
    """A number as some system wrote it down: mostly international, at times national, at times mistyped."""
    is_landline = not country.mobile or dice.random() < LANDLINES
    fate, is_national = dice.random(), dice.random() < NATIONAL_SPELLINGS
    if draft.is_showcase:
        is_landline, fate, is_national = False, 1.0, False
    if fate < MISSING_PHONES:
        return None
    national = landline(place, number // len(country.places)) if is_landline else mobile(country, number)
    if fate < MISSING_PHONES + INVALID_PHONES:
        return f"+{country.calling_code}{national}00000000"
    if not is_national:
        return f"+{country.calling_code}{national}"
    if country.calling_code == "1":
        return f"({national[:3]}) {national[3:6]}-{national[6:]}"
    return f"0{national[:3]} {national[3:]}"


def _registration(draft: Draft, dice: Random) -> datetime | None:
    """Some day after the first purchase; a part never registered."""
    at = draft.facts.first_seen + timedelta(days=dice.expovariate(1 / 12), minutes=dice.randint(5, 600))
    if not draft.is_showcase and dice.random() < 0.15:
        return None
    return at.replace(microsecond=0) if draft.is_past(at) else None


def _add_identifiers(draft: Draft) -> None:
    customer = draft.shape.customer
    values = {
        IdentifierKind.EXTERNAL_ID: draft.facts.external_id,
        IdentifierKind.CRM_ID: customer["crm_id"],
        IdentifierKind.EMAIL: customer["email_key"],
        IdentifierKind.PHONE: customer["phone_key"],
    }
    customer_id = draft.facts.customer_id
    rows = [(kind, value, customer_id) for kind, value in values.items() if value is not None]
    draft.add(Identifier, ("kind", "value", "customer_id"), rows)


def _add_attributes(draft: Draft, born: date | None) -> None:
    """Demographics as the source says them, and the account's further attributes, as canonical text."""
    definitions = draft.world.account.attribute_by_key
    values: dict[str, tuple[str, float | None]] = {}
    if draft.facts.demographics is not None:
        for key, value in draft.facts.demographics._asdict().items():
            if value is not None:
                values[key] = (value, None)
    values.update(_generated_attributes(draft, born))
    customer_id = draft.facts.customer_id
    rows = [
        (customer_id, key, value, number)
        for key, (value, number) in values.items()
        if (AttributeEntity.CUSTOMER, key) in definitions
    ]
    draft.add(CustomerAttribute, ("customer_id", "attribute", "value", "number"), rows)


def _generated_attributes(draft: Draft, born: date | None) -> dict[str, tuple[str, float | None]]:
    dice, facts, clock = draft.dice("attributes"), draft.facts, draft.clock
    account = draft.world.account
    currency = account.currency
    spent_minor = sum(basket.product_total_minor for basket in facts.baskets if basket.currency == currency)
    months = max(1.0, (facts.last_seen - facts.first_seen).days / 30.4)
    visits_per_month = round(len(facts.baskets) / months, 1)
    clv = Money(int(spent_minor * (1.5 + dice.random())), currency)
    color = account.attribute_by_key.get((AttributeEntity.CUSTOMER, "favorite_color"))
    found: dict[str, tuple[str, float | None]] = {
        "clv_estimate": (to_text(clv), float(to_text(clv).split()[0])),
        "is_vip": ("true" if spent_minor > 500_000 or dice.random() < 0.02 else "false", None),
        "store_visits_per_month": (f"{visits_per_month:g}", visits_per_month),
    }
    chances = {key: draft.is_showcase or dice.random() < chance for key, chance in _CHANCES.items()}
    if color is not None and color.choices and chances["favorite_color"]:
        found["favorite_color"] = (dice.choice(color.choices), None)
    if chances["newsletter_topic"]:
        found["newsletter_topic"] = (dice.choice(_TOPICS), None)
    survey = clock.end - timedelta(days=dice.randint(3, 300), minutes=dice.randint(0, 1439))
    if chances["last_survey_at"] and survey >= facts.first_seen:
        found["last_survey_at"] = (text_of(survey.replace(microsecond=0)) or "", None)
    gift = _last_birthday(born, clock.today)
    if gift is not None and chances["birthday_gift_sent"] and gift >= local_day(facts.first_seen, clock.zone):
        found["birthday_gift_sent"] = (gift.isoformat(), None)
    return found


_CHANCES = {"favorite_color": 0.6, "newsletter_topic": 0.5, "last_survey_at": 0.4, "birthday_gift_sent": 0.5}


def _last_birthday(born: date | None, today: date) -> date | None:
    if born is None:
        return None
    day = min(born.day, 28) if born.month == 2 else born.day
    this_year = date(today.year, born.month, day)
    return this_year if this_year <= today else date(today.year - 1, born.month, day)
