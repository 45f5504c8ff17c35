"""Participations: a recorded mailing is one in which the customer took part, once however often it is told."""

from collections.abc import Sequence

from sqlmodel import col, select

from profiles.ids import new_id
from profiles.mailings import MailingParticipation
from profiles.recording.placed import Placed
from profiles.storage.unit import Unit
from profiles.timeline import EventCategory

SENDING = frozenset({EventCategory.MAILING_MASS, EventCategory.MAILING_CAMPAIGN})


async def keep_participations(unit: Unit, placed: Sequence[Placed]) -> None:
    """Writes who took part in which mailing, also as control group."""
    sent = [each for each in placed if each.said.category in SENDING and each.subject_id is not None]
    if not sent:
        return
    found = await unit.session.exec(
        select(col(MailingParticipation.customer_id), col(MailingParticipation.mailing_id)).where(
            col(MailingParticipation.mailing_id).in_({each.subject_id for each in sent}),
            col(MailingParticipation.customer_id).in_({each.customer_id for each in sent}),
        )
    )
    known = set(found)
    for each in sorted(sent, key=lambda each: each.said.occurred_at):
        if each.subject_id is None or (each.customer_id, each.subject_id) in known:
            continue
        known.add((each.customer_id, each.subject_id))
        unit.session.add(
            MailingParticipation(
                customer_id=each.customer_id,
                id=new_id(),
                mailing_id=each.subject_id,
                participated_at=each.said.occurred_at,
                is_control_group=each.said.is_said("isControlGroup"),
            )
        )
