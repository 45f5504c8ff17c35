"""A recorded event that is new: whose it is, and what was found or made for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from profiles.ids import new_id
from profiles.recording.inputs import LOYALTY, RecordedEvent
from profiles.timeline import EventCategory, TimelineEvent


@dataclass(slots=True)
class Placed:
    """One new event while the rows around it are made."""

    customer_id: int
    said: RecordedEvent
    business_unit_id: int | None = None
    session_id: int | None = None
    subject_id: int | None = None
    product_id: int | None = None
    viewed_category_id: int | None = None
    description: str | None = None
    items: list[dict[str, Any]] | None = None
    visit: TimelineEvent | None = None
    """The visit's event, where this is the first that is heard of the visit."""
    began_at: datetime | None = None
    """When the visit began that this is, where it is one."""
    is_order_placed: bool = False
    """Whether it placed an order, and did not just say more of one."""
    is_adopted: bool = False
    """Whether the visit's event, which was made before, became this one."""

    @property
    def amount_milli(self) -> int:
        """How many bonuses or points were accrued, in thousandths."""
        return round(self.said.amount("amount") * 1000)

    def event(self, name: str, now: datetime) -> TimelineEvent:
        """The row of the timeline."""
        said = self.said
        event = TimelineEvent(
            customer_id=self.customer_id,
            id=new_id(),
            activity_seq=0,
            category=said.category,
            type=said.type.strip(),
            name=name,
            occurred_at=self.began_at or said.occurred_at,
            received_at=now,
        )
        self.describe(event)
        return event

    def describe(self, event: TimelineEvent) -> None:
        """Writes what was said into a row."""
        said = self.said
        event.external_id = said.external_id
        event.description = said.description or self.description
        event.store_id = said.store_id
        event.business_unit_id = self.business_unit_id
        event.session_id = self.session_id
        event.subject_id = self.subject_id
        event.product_id = self.product_id
        event.viewed_category_id = self.viewed_category_id
        event.url = said.url
        event.is_control_group = said.is_said("isControlGroup")
        event.details = self._details()
        if said.category in LOYALTY:
            event.amount_milli = self.amount_milli

    def _details(self) -> dict[str, Any] | None:
        details: dict[str, Any] = {}
        if self.said.said:
            details["details"] = [{"label": key, "value": value} for key, value in self.said.said.items()]
        if self.items and self.said.items:
            details["items"] = self.items
        if self.said.category is EventCategory.RECEIPT and self.said.order_external_id is not None:
            # The order may be heard of later.
            details["order"] = self.said.order_external_id
        return details or None
