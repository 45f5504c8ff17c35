"""Segments: groups by age, income, spending and silence, and the customers that enter and leave them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from profiles.account import Account, AttributeEntity
from profiles.ids import imported_id
from profiles.memberships import Members, by_spend, enter, leave, with_attribute, without_purchase
from profiles.segments import Segment
from profiles.storage.bulk import Bulk
from profiles.storage.reads import DialectName

SOURCE = "segments"
"""The source under which the segments' ids are made."""

PAUSE_DAYS = 60


@dataclass(frozen=True, slots=True)
class Rule:
    """A segment, who belongs to it, and the values that its statement takes beside `now` and `segment_id`."""

    key: str
    name: str
    description: str
    members: Members
    parameters: Mapping[str, Any]

    @property
    def segment_id(self) -> int:
        """The segment's id, the same in every database."""
        return imported_id(SOURCE, "segment", self.key)


async def assign_segments(bulk: Bulk, account: Account, now: datetime) -> int:
    """Lets customers enter and leave their segments as of `now`, and gives how many segments there are.

    Needs the attributes and the metrics. Run again on the same data it changes nothing; who comes back gets a second
    membership.
    """
    rules = list(segment_rules(account, bulk.dialect, now))
    await bulk.insert(
        Segment, ("id", "name", "description"), [(rule.segment_id, rule.name, rule.description) for rule in rules]
    )
    for rule in rules:
        parameters = {**rule.parameters, "segment_id": rule.segment_id, "now": now}
        await bulk.execute(leave(rule.members), parameters)
        await bulk.execute(enter(rule.members), parameters)
    return len(rules)


def segment_rules(account: Account, dialect: DialectName, now: datetime) -> Iterator[Rule]:
    """One rule per choice of age and income that the account knows, three bands of spending, and who stays away."""
    for attribute, title in (("age", "Age"), ("income", "Income")):
        definition = account.attribute_by_key.get((AttributeEntity.CUSTOMER, attribute))
        for choice in definition.choices if definition is not None else ():
            yield Rule(
                key=f"{attribute}:{choice}",
                name=f"{title} {choice}",
                description=f"{definition.label if definition is not None else title}: {choice}.",
                members=with_attribute(),
                parameters={"attribute": attribute, "value": choice},
            )
    for key, name, first, last, description in (
        ("top", "Spend: top 10%", 1, 1, "The tenth of all purchasers with the highest total in receipts."),
        (
            "regular",
            "Spend: regular",
            2,
            6,
            "The half of all purchasers whose total in receipts comes after the top 10%.",
        ),
        ("occasional", "Spend: occasional", 7, 10, "The purchasers with the lowest totals in receipts: four in ten."),
    ):
        yield Rule(f"spend:{key}", name, description, by_spend(), {"first_tenth": first, "last_tenth": last})
    pause = timedelta(days=PAUSE_DAYS)
    yield Rule(
        key="lapsing",
        name=f"Lapsing: no purchase for {PAUSE_DAYS} days",
        description=f"Has purchased, but not in the last {PAUSE_DAYS} days.",
        members=without_purchase(dialect, pause),
        parameters={"latest": now - pause},
    )
