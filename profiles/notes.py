"""Notes: what staff wrote about a customer, how a page of them is read for many customers, and how one is written."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, bindparam
from sqlmodel import SQLModel

from profiles.columns import instant, key, text
from profiles.customers import Customer
from profiles.errors import Invalid, NotFound, Required, Unchanged
from profiles.ids import new_id
from profiles.kept_counts import counts_of
from profiles.records import record
from profiles.storage.keeping import BY_CUSTOMER, BY_PAIR
from profiles.storage.pages import Page, Position, SearchedPage, paged
from profiles.storage.pairs import Pair, by_pairs, pair_parameters
from profiles.storage.reads import Build, Read, counted, newest, shaped, table
from profiles.storage.unit import Unit
from profiles.text import LIKE_ESCAPE, search_key, search_parameter
from profiles.timeline import EventCategory, TimelineEvent
from profiles.viewer import Viewer

MAX_BODY = 10_000


class Note(SQLModel, table=True):
    """One note; `body_key` is what search compares (case and accents ignored)."""

    __tablename__ = "notes"
    __table_args__ = (Index("ix_notes_created_at", "customer_id", "created_at", "id"),)
    customer_id: int = key(foreign_key="customers.id")
    id: int = key()
    body: str = text()
    body_key: str = text()
    author: str = text()
    created_at: datetime = instant()
    updated_at: datetime = instant()


@record
class NoteRow:
    """A note as it is read; `customer_id` says whose."""

    customer_id: int
    id: int
    body: str
    author: str
    created_at: datetime
    updated_at: datetime

    @property
    def position(self) -> Position:
        """Where it stands in the list of notes."""
        return Position(self.created_at, self.id)


COLUMNS = tuple(NoteRow.__dataclass_fields__)


def _wanted(searched: bool) -> Any:
    def where(note: Any) -> list[Any]:
        return [note.body_key.like(bindparam("search"), escape=LIKE_ESCAPE)] if searched else []

    return where


@shaped()
def _page(searched: bool, positioned: bool) -> Build:
    return lambda dialect: newest(
        dialect,
        table(Note),
        order=("created_at", "id"),
        where=_wanted(searched),
        columns=COLUMNS,
        customers=table(Customer),
        positioned=positioned,
    )


@shaped()
def _found() -> Build:
    return lambda dialect: counted(dialect, table(Note), _wanted(searched=True))


@shaped()
def _by_id() -> Build:
    return lambda dialect: by_pairs(dialect, table(Note), "id", COLUMNS)


def latest_notes(viewer: Viewer, customer_ids: Sequence[int], asked: SearchedPage) -> Read[int, Page[NoteRow]]:
    """Each customer's notes, newest first, one page."""
    page = asked.page
    return Read(
        _page(asked.search is not None, page.after is not None),
        page.parameters(customer_ids) | search_parameter(asked.search),
        lambda rows: paged(rows, NoteRow, page.first, page.after is not None),
        BY_CUSTOMER,
    )


def note_counts(viewer: Viewer, customer_ids: Sequence[int], search: str | None) -> Read[int, int]:
    """How many notes each customer has (that contain `search`)."""
    counting = counts_of(Note) if search is None else _found()
    return Read(counting, {"ids": customer_ids} | search_parameter(search), dict, BY_CUSTOMER)


def notes_by_id(viewer: Viewer, keys: Sequence[Pair]) -> Read[Pair, NoteRow]:
    """Single notes by (customer id, note id)."""
    return Read(
        _by_id(), pair_parameters(keys), lambda rows: {(row[0], row[1]): NoteRow(*row) for row in rows}, BY_PAIR
    )


async def add_note(unit: Unit, viewer: Viewer, customer_id: int, body: str, now: datetime) -> NoteRow:
    """Writes a note about a customer. Raises NotFound, Required, Invalid."""
    customer = await unit.customer(customer_id)
    trimmed = _body(body)
    note = Note(
        customer_id=customer_id,
        id=new_id(),
        body=trimmed,
        body_key=search_key(trimmed),
        author=viewer.actor,
        created_at=now,
        updated_at=now,
    )
    unit.session.add(note)
    unit.edited(customer, now)
    unit.changed(customer, "notes", None, note.body, viewer.actor, now)
    unit.happened(_event(note, "note_added", "Note added", viewer, now))
    return _row(note)


async def update_note(unit: Unit, viewer: Viewer, customer_id: int, note_id: int, body: str, now: datetime) -> NoteRow:
    """Changes a note's text. Raises NotFound, Required, Invalid, Unchanged."""
    customer = await unit.customer(customer_id)
    note = await _note(unit, customer_id, note_id)
    text_now = _body(body)
    if text_now == note.body:
        raise Unchanged("The note already says this.", ("body",))
    unit.changed(customer, "notes", note.body, text_now, viewer.actor, now)
    note.body, note.body_key, note.updated_at = text_now, search_key(text_now), now
    unit.session.add(note)
    unit.edited(customer, now)
    unit.happened(_event(note, "note_changed", "Note changed", viewer, now))
    return _row(note)


async def delete_note(unit: Unit, viewer: Viewer, customer_id: int, note_id: int, now: datetime) -> None:
    """Removes a note. Raises NotFound."""
    customer = await unit.customer(customer_id)
    note = await _note(unit, customer_id, note_id)
    unit.changed(customer, "notes", note.body, None, viewer.actor, now)
    unit.happened(_event(note, "note_deleted", "Note deleted", viewer, now))
    await unit.session.delete(note)
    unit.edited(customer, now)


async def _note(unit: Unit, customer_id: int, note_id: int) -> Note:
    note = await unit.session.get(Note, (customer_id, note_id))
    if note is None:
        raise NotFound("There is no such note.", ("noteId",))
    return note


def _body(body: str) -> str:
    trimmed = body.strip()
    if not trimmed:
        raise Required("A note needs a text.", ("body",))
    if len(trimmed) > MAX_BODY:
        raise Invalid(f"A note has at most {MAX_BODY} characters.", ("body",))
    if "\x00" in trimmed:
        raise Invalid("A note cannot contain the character NUL.", ("body",))
    return trimmed


def _event(note: Note, type: str, name: str, viewer: Viewer, now: datetime) -> TimelineEvent:
    return TimelineEvent(
        customer_id=note.customer_id,
        id=new_id(),
        activity_seq=0,
        category=EventCategory.NOTE,
        type=type,
        name=name,
        occurred_at=now,
        received_at=now,
        subject_id=note.id,
        actor=viewer.actor,
    )


def _row(note: Note) -> NoteRow:
    return NoteRow(note.customer_id, note.id, note.body, note.author, note.created_at, note.updated_at)
