"""Amounts: how many documents the differential tests compare, and from which seed they are made."""

import os
import sys
from random import Random, SystemRandom

import hypothesis

from tests.executor.documents import Taste

DOCUMENTS = 2_000
SHARES = {"torture": 0.4, "plain": 0.25, "gateway": 0.15, "drawn": 0.2}
"""Who compares which part of them; `drawn` are those that hypothesis-graphql makes, for each of the three schemas."""

FUZZED = int(os.environ.get("FUZZ_DOCUMENTS", "0"))
"""Set by `make fuzz`: then so many documents are compared, other ones each time."""
SEED = int(os.environ.get("FUZZ_SEED", SystemRandom().randrange(10**9) if FUZZED else 1))


def amount(share: str) -> int:
    """How many documents that share is."""
    return round((FUZZED or DOCUMENTS) * SHARES[share])


def told(name: str, tally: object) -> None:
    """Says what was compared; `pytest -rP` shows it."""
    sys.stdout.write(f"{name}, seed {SEED}: {tally}\n")


def as_many(count: int) -> hypothesis.settings:
    """The settings under which hypothesis draws so many documents: the same ones each time, except when fuzzing."""
    return hypothesis.settings(
        max_examples=count,
        deadline=None,
        derandomize=not FUZZED,
        database=None,
        print_blob=True,
        phases=(hypothesis.Phase.generate, *((hypothesis.Phase.shrink,) if FUZZED else ())),
        suppress_health_check=list(hypothesis.HealthCheck),
    )


def taste_of(*faults: str) -> "Tasting":
    """Documents of all sizes; half of them ask for nothing that is known to fail (its name begins so)."""
    return Tasting(faults)


class Tasting:
    """Chooses the taste of one document after another."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        self._faults = faults

    def __call__(self, random: Random) -> Taste:
        return Taste(
            depth=random.randint(1, 5),
            width=random.randint(1, 6),
            faults=random.choice((0, 0, 0.05, 0.3)),
            is_fault=lambda name: name.startswith(self._faults),
        )
