"""Groups: the polls a household answered, and the target audiences that the mailing system puts it into."""

from collections.abc import Mapping
from datetime import timedelta

from profiles.ids import imported_id
from profiles.polls import PollParticipation
from profiles.target_audiences import TargetAudienceMembership
from sources.rows import SOURCE
from sources.shape.draft import Draft
from sources.shape.identities import Person
from sources.shape.plan import poll_plan

ANSWERED = 0.22
OPEN_FOR_SECONDS = 14 * 86_400

# By the mailing system's key: what it calls them, and the share of the households that it puts into each.
AUDIENCES: Mapping[str, str] = {
    "audience-bakers": "Home bakers",
    "audience-families": "Families with children",
    "audience-lapsing": "Not seen for a while",
    "audience-savers": "Looks for offers",
    "audience-gourmets": "Café and crème lovers",
}
_SHARES: Mapping[str, float] = {
    "audience-bakers": 0.18,
    "audience-families": 0.25,
    "audience-lapsing": 0.1,
    "audience-savers": 0.4,
    "audience-gourmets": 0.12,
}
_SHOWCASE = ("audience-bakers", "audience-savers", "audience-gourmets")


def audience_id(key: str) -> int:
    """The id of an audience, equal on every import."""
    return imported_id(SOURCE, "target_audience", key)


def belong(draft: Draft, person: Person) -> None:
    """Adds participations in polls, which come by email, and memberships in target audiences."""
    _answer_polls(draft, person)
    _join_audiences(draft)


def _answer_polls(draft: Draft, person: Person) -> None:
    dice = draft.dice("polls")
    rows = []
    for position, poll in enumerate(poll_plan(draft.clock)):
        is_answered, after = dice.random() < ANSWERED, timedelta(seconds=dice.randint(600, OPEN_FOR_SECONDS))
        if draft.is_showcase:
            is_answered = position != 1
        at = poll.opens_at + after
        if not is_answered or not person.is_email_valid or poll.opens_at < draft.facts.first_seen:
            continue
        if draft.is_past(at):
            rows.append((draft.facts.customer_id, draft.id("poll", poll.external_id), poll.poll_id, at))
    draft.add(PollParticipation, ("customer_id", "id", "poll_id", "answered_at"), rows)


def _join_audiences(draft: Draft) -> None:
    dice = draft.dice("audiences")
    joined = [key for key, share in _SHARES.items() if dice.random() < share]
    if draft.is_showcase:
        joined = list(_SHOWCASE)
    rows = [(draft.facts.customer_id, audience_id(key)) for key in joined]
    draft.add(TargetAudienceMembership, ("customer_id", "audience_id"), rows)
