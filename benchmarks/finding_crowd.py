"""The crowd to find people in: many customers with names, addresses and numbers as varied as in life, and their sums.

American names are as frequent as in its census; a third of the family names are of other countries, and some
are double. Nobody has a history: what finding looks at is the profile, its sums, and its tags.
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

from profiles.metrics import CustomerMetrics
from profiles.text import search_key, tag_key

VERSION = 1
SEED = 20_260_202
FIRST_ID = 5_000_000_000_000
CHUNK = 10_000
TAGS = 40
COUNTRIES = ("de_DE", "es_ES", "fr_FR", "it_IT", "nl_NL", "pl_PL", "pt_BR", "sv_SE")
MAIL = ("gmail.com", "yahoo.com", "outlook.com", "icloud.com", "aol.com", "example.com", "example.org", "mail.example")
CITIES = tuple(
    f"{front}{back}" for front in ("", "North ", "South ", "East ", "West ", "New ", "Lake ", "Port ")
    for back in (
        "Akron", "Boise", "Camden", "Dayton", "Eugene", "Fresno", "Gary", "Irving", "Joliet", "Keene", "Lowell",
        "Macon", "Newark", "Ogden", "Peoria", "Quincy", "Racine", "Salem", "Toledo", "Utica",
        "Vallejo", "Waco", "Yonkers",
    )
)  # fmt: skip

Row = tuple[Any, ...]
_SUMS = tuple(name for name, field in CustomerMetrics.model_fields.items() if field.default == 0)
_TIMES = ("first_receipt_at", "last_receipt_at", "last_activity_at")

COLUMNS: dict[str, tuple[str, ...]] = {
    "tags": ("id", "name", "name_key"),
    "customers": (
        "id", "external_id", "crm_id", "first_name", "last_name", "gender", "birth_date", "country", "city", "email",
        "phone", "email_warning", "phone_warning", "phone_type", "subscription_status", "created_at", "updated_at",
        "registered_at", "first_name_key", "last_name_key", "name_key", "city_key", "email_key", "phone_key",
        "external_id_key", "crm_id_key", "version", "generation", "activity_seq",
    ),
    "customer_metrics": ("customer_id", *_TIMES, *_SUMS),
    "customer_tags": ("customer_id", "tag_id", "assigned_at", "actor"),
}  # fmt: skip
"""The columns that are filled, by table, parents first; what is not named stays null."""


@dataclass(frozen=True, slots=True)
class Someone:
    """What a person is called and reached by."""

    first: str
    last: str
    email: str | None
    phone: str | None


class Names:
    """Draws people. The same seed gives the same people."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        american = _provider("en_US")
        self._first = _weighted(american.first_names)
        self._last = _weighted(american.last_names)
        self._foreign = sorted({name for country in COUNTRIES for name in _provider(country).last_names})

    def draw(self, count: int) -> Iterator[Someone]:
        """That many people."""
        dice = self._dice
        firsts = dice.choices(self._first[0], cum_weights=self._first[1], k=count)
        lasts = dice.choices(self._last[0], cum_weights=self._last[1], k=count)
        for first, last in zip(firsts, lasts, strict=True):
            chance = dice.random()
            if chance < 0.33:
                last = dice.choice(self._foreign)
            elif chance < 0.36:
                last = f"{last}-{dice.choice(self._foreign)}"
            yield Someone(first, last, self._email(first, last), self._phone())

    def _email(self, first: str, last: str) -> str | None:
        dice = self._dice
        one, other = (search_key(name).replace(" ", "").replace("'", "") for name in (first, last))
        number = dice.choice(
            ("", str(dice.randrange(1950, 2010)), str(dice.randrange(100)), str(dice.randrange(10_000)))
        )
        initial = f"{one[0]}{other}"
        local = dice.choice((f"{one}.{other}", initial, f"{one}{other[0]}", f"{other}.{one}", f"{one}_{other}"))
        return f"{local}{number}@{dice.choice(MAIL)}" if dice.random() < 0.95 else None

    def _phone(self) -> str | None:
        dice = self._dice
        number = f"+1{dice.randrange(201, 990)}{dice.randrange(200, 1000)}{dice.randrange(10_000):04}"
        return number if dice.random() < 0.85 else None


def _provider(locale: str) -> Any:
    return import_module(f"faker.providers.person.{locale}").Provider


def _weighted(names: Any) -> tuple[Sequence[str], Sequence[float]]:
    return list(names), list(itertools.accumulate(names.values()))


def chunks(customers: int, now: datetime) -> Iterator[dict[str, list[Row]]]:
    """The rows of everybody by table, some customers at a time; times end at `now` (aware)."""
    names, dice = Names(SEED), random.Random(SEED + 1)
    moment = now.astimezone(UTC).replace(microsecond=0)
    labels = [f"Tag {number:02}" for number in range(TAGS)]
    yield {"tags": [(number + 1, label, tag_key(label)) for number, label in enumerate(labels)]}
    for start in range(0, customers, CHUNK):
        rows: dict[str, list[Row]] = {name: [] for name in COLUMNS if name != "tags"}
        numbers = range(start, min(start + CHUNK, customers))
        for number, someone in zip(numbers, names.draw(len(numbers)), strict=True):
            _customer(rows, number, someone, moment, dice)
        yield rows


def _customer(rows: dict[str, list[Row]], number: int, someone: Someone, now: datetime, dice: random.Random) -> None:
    id = FIRST_ID + number
    born = now - timedelta(seconds=dice.randrange(5 * 365 * 86_400))
    city = CITIES[int(len(CITIES) * dice.random() ** 2)]
    crm_id = f"CRM-{100_000 + number * 7}" if dice.random() < 0.85 else None
    first, last = search_key(someone.first), search_key(someone.last)
    rows["customers"].append((
        id, f"C{number}", crm_id, someone.first, someone.last, dice.choice(("FEMALE", "MALE", "UNKNOWN")),
        date(1940, 1, 1) + timedelta(days=dice.randrange(24_000)), "US", city, someone.email, someone.phone,
        None if someone.email else "MISSING", None if someone.phone else "MISSING", "UNKNOWN",
        "SUBSCRIBED" if someone.email and dice.random() < 0.6 else "NEVER_SUBSCRIBED", born, born, born, first, last,
        f"{first} {last}", search_key(city), someone.email, someone.phone, f"c{number}", crm_id and crm_id.lower(),
        1, 1, 0,
    ))  # fmt: skip
    # The first tags are the frequent ones.
    tags = {1 + tag * tag // TAGS for tag in dice.sample(range(TAGS), dice.randrange(3))}
    rows["customer_tags"] += [(id, tag, now, "Staff") for tag in sorted(tags)]
    if dice.random() < 0.8:
        rows["customer_metrics"].append(_metrics(id, born, now, dice))


def _metrics(id: int, born: datetime, now: datetime, dice: random.Random) -> Row:
    receipts = int(dice.paretovariate(0.9)) % 200 if dice.random() < 0.75 else 0
    orders = dice.randrange(6) if dice.random() < 0.3 else 0
    sums = dict.fromkeys(_SUMS, 0) | {
        "receipt_count": receipts,
        "receipt_total_minor": sum(dice.randrange(300, 20_000) for _ in range(min(receipts, 20))),
        "receipt_total_count": receipts,
        "order_count": orders,
        "order_total_minor": orders * dice.randrange(500, 30_000),
        "order_total_count": orders,
        "purchase_count": receipts + orders,
    }
    lived = now - born
    first = born + lived * dice.random()
    last = first + (now - first) * dice.random()
    active = last + (now - last) * dice.random()
    times = (first, last, active) if receipts else (None, None, active if orders else None)
    return (id, *times, *sums.values())
