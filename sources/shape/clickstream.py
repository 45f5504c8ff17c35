"""Clickstream: the visits of 600 users of an online shop, read from the data file that travels with the package."""

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

DATA_FILE = Path(__file__).parent / "data" / "ecom.csv.gz"


class Step(NamedTuple):
    """One action of a visit, so many seconds after its first."""

    action: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Visit:
    """One session. `started_at` is the source's, without a zone."""

    key: str
    started_at: datetime
    platform: str  # desktop, mobile, tablet
    channel: str  # organic, paid_search, email, social, direct
    steps: tuple[Step, ...]

    @property
    def seconds(self) -> int:
        """How long it took."""
        return self.steps[-1].seconds


@dataclass(frozen=True, slots=True)
class Clickstream:
    """Each user's visits in the order of time, users in the order of their ids; `last_day` is the last one of all."""

    users: Sequence[Sequence[Visit]]
    last_day: date


@lru_cache(maxsize=1)
def clickstream() -> Clickstream:
    """The whole file: 31,106 actions in 3,605 visits."""
    with gzip.open(DATA_FILE, "rt", encoding="utf-8", newline="") as lines:
        rows = sorted(csv.DictReader(lines), key=itemgetter("user_id", "session_id", "timestamp"))
    users: dict[str, list[Visit]] = {}
    for (user, key), found in groupby(rows, key=itemgetter("user_id", "session_id")):
        actions = list(found)
        start = datetime.fromisoformat(actions[0]["timestamp"])
        steps = tuple(
            Step(row["event"], int((datetime.fromisoformat(row["timestamp"]) - start).total_seconds()))
            for row in actions
        )
        users.setdefault(user, []).append(
            Visit(key, start, actions[0]["platform"], actions[0]["acquisition_channel"], steps)
        )
    ordered = [sorted(visits, key=lambda visit: visit.started_at) for _, visits in sorted(users.items())]
    return Clickstream(ordered, max(visit.started_at.date() for visits in ordered for visit in visits))
