"""Pools: names and streets drawn from Faker once, because drawing them household by household takes too long."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from faker import Faker

_FIRST_NAMES = 250
_LAST_NAMES = 400
_STREETS = 150
_STAFF = 12


@dataclass(frozen=True, slots=True)
class Pool:
    """What a locale has to draw from. Frequent names are in it more than once, as in life."""

    female_names: Sequence[str]
    male_names: Sequence[str]
    last_names: Sequence[str]
    streets: Sequence[str]


@lru_cache(maxsize=16)
def pool(locale: str, seed: int) -> Pool:
    """The locale's pool; the same seed gives the same pool."""
    fake = Faker(locale)
    fake.seed_instance(f"{seed}:{locale}")
    return Pool(
        female_names=[fake.first_name_female() for _ in range(_FIRST_NAMES)],
        male_names=[fake.first_name_male() for _ in range(_FIRST_NAMES)],
        last_names=[fake.last_name() for _ in range(_LAST_NAMES)],
        streets=[fake.street_name() for _ in range(_STREETS)],
    )


@lru_cache(maxsize=4)
def staff(seed: int) -> Sequence[str]:
    """The names of those who write notes, assign tags and answer the telephone."""
    fake = Faker("en_US")
    fake.seed_instance(f"{seed}:staff")
    names: dict[str, None] = {}
    while len(names) < _STAFF:
        names[f"{fake.first_name()} {fake.last_name()}"] = None
    return tuple(names)


@lru_cache(maxsize=4)
def street_names(seed: int, count: int) -> Sequence[str]:
    """Different street names, by which stores are told apart."""
    fake = Faker("en_US")
    fake.seed_instance(f"{seed}:stores")
    names: dict[str, None] = {}
    while len(names) < count:
        names[fake.street_name()] = None
    return tuple(names)
