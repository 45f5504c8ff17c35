"""Staff: tags, notes and edits by people at the company, and the calls they answered."""

from datetime import datetime, timedelta
from random import Random

from profiles.notes import Note
from profiles.tags import CustomerTag
from profiles.text import search_key
from profiles.timeline import EventCategory
from sources.shape.draft import Draft, said
from sources.shape.pools import staff
from sources.shape.units import CALL_CENTER, business_unit_id

TAGGED, NOTED, CALLED, EDITED = 0.4, 0.3, 0.25, 0.12
MOST_TAGS, MOST_NOTES, MOST_CALLS = 3, 4, 3

_NOTES = (
    "Asked whether the bakery can put bread aside on {day}s; the store said yes.",
    "Prefers to be called after {hour} p.m.",
    "Complained about a cracked jar in the delivery; replaced free of charge.",
    "Would like an invoice made out to the company for larger orders.",
    "Moved recently, confirmed the new address on the telephone.",
    "Very happy with the cheese counter, praised the advice.",
    "Wants to know when the {product} is in stock again.",
    "Payment by card failed twice; paid in the store instead.",
    "Lives on the {hour}th floor without a lift: the driver should ring first.",
    "Took part in the tasting on a {day} and bought {product} afterwards.",
    "Asked for fewer newsletters, one a month is enough.",
    "Left an umbrella in the store; it is kept at the counter until {day}.",
)
# Column (which is also the name of the field), and its name for people.
_EDITED = {"address": "Address", "phone": "Phone"}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_SUBJECTS = (
    ("Delivery is late", "Delivery moved to the next day"),
    ("Question about an invoice", "Invoice sent again"),
    ("Product was damaged", "Refund agreed"),
    ("Change of address", "Address changed"),
    ("Bonus points are missing", "Points added"),
    ("Opening hours", "Answered"),
)


def attend(draft: Draft) -> bool:
    """Adds tags, notes, edits and calls with their events; says whether the call center knows the household."""
    dice = draft.dice("staff")
    _add_tags(draft, dice)
    _add_notes(draft, dice)
    _add_edits(draft)
    return _add_calls(draft, dice)


def _some_moment(draft: Draft, dice: Random) -> datetime:
    """Between first being seen and the end."""
    seconds = int((draft.clock.end - draft.facts.first_seen).total_seconds())
    return draft.facts.first_seen + timedelta(seconds=dice.randint(0, max(seconds, 0)))


def _add_tags(draft: Draft, dice: Random) -> None:
    is_tagged, count = dice.random() < TAGGED, dice.randint(1, MOST_TAGS)
    names = dice.sample(sorted(draft.world.tags), min(count, len(draft.world.tags)))
    if not (is_tagged or draft.is_showcase):
        return
    rows = []
    for name in names:
        at, actor = _some_moment(draft, dice), dice.choice(staff(draft.seed))
        rows.append((draft.facts.customer_id, draft.world.tags[name], at, actor))
        draft.changed(name, "tags", None, name, actor, at)
        draft.happen(
            name,
            EventCategory.TAG_ASSIGNED,
            "tag_assigned",
            "Tag assigned",
            at,
            description=name,
            actor=actor,
            details=said(tag=name),
        )
    draft.add(CustomerTag, ("customer_id", "tag_id", "assigned_at", "actor"), rows)


def _add_notes(draft: Draft, dice: Random) -> None:
    is_noted, count = dice.random() < NOTED, dice.randint(1, MOST_NOTES)
    if draft.is_showcase:
        is_noted, count = True, MOST_NOTES
    if not is_noted:
        return
    named = [line.name for basket in draft.facts.baskets[-5:] for line in basket.lines]
    rows = []
    for number, template in enumerate(dice.sample(_NOTES, count)):
        body = template.format(
            day=dice.choice(_DAYS), hour=dice.randint(4, 8), product=dice.choice(named) if named else "house wine"
        )
        at, author = _some_moment(draft, dice), dice.choice(staff(draft.seed))
        note_id = draft.id("note", str(number))
        rows.append((draft.facts.customer_id, note_id, body, search_key(body), author, at, at))
        draft.changed(str(number), "notes", None, body, author, at)
        draft.happen(str(number), EventCategory.NOTE, "note_added", "Note added", at, description=body, actor=author)
    draft.add(Note, ("customer_id", "id", "body", "body_key", "author", "created_at", "updated_at"), rows)


def _add_edits(draft: Draft) -> None:
    """Details that were missing until somebody on the telephone asked for them."""
    dice = draft.dice("edits")
    for column, label in _EDITED.items():
        is_edited, at, actor = dice.random() < EDITED, _some_moment(draft, dice), dice.choice(staff(draft.seed))
        value = draft.shape.customer[column]
        if value is None or not (is_edited or draft.is_showcase):
            continue
        draft.changed("asked", column, None, value, actor, at)
        draft.happen(
            column, EventCategory.PROFILE, "profile_changed", "Profile changed", at, description=label, actor=actor
        )


def _add_calls(draft: Draft, dice: Random) -> bool:
    is_called, count = dice.random() < CALLED, dice.randint(1, MOST_CALLS)
    if not (is_called or draft.is_showcase):
        return False
    for number in range(count):
        subject, outcome = dice.choice(_SUBJECTS)
        agent = dice.choice(staff(draft.seed))
        minutes = dice.randint(2, 25)
        draft.happen(
            str(number),
            EventCategory.CALL_CENTER,
            "call",
            "Call with the call center",
            _some_moment(draft, dice),
            description=subject,
            actor=agent,
            business_unit_id=business_unit_id(CALL_CENTER),
            details=said(subject=subject, outcome=outcome, agent=agent, minutes=minutes),
        )
    return True
