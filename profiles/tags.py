"""Tags: labels that staff add and remove, and how they are read for many customers at once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel, col
from sqlmodel import select as stored

from profiles.columns import instant, key, text
from profiles.errors import Required, TooMany, WriteRefused
from profiles.folding import stored_key
from profiles.ids import new_id
from profiles.listing import Listed, ListPage, NamedList
from profiles.records import record
from profiles.storage.keeping import BY_CUSTOMER, BY_REFERENCE
from profiles.storage.pages import Page
from profiles.storage.reads import Build, Read, Row, among_ids, shaped, table
from profiles.storage.unit import Unit
from profiles.text import search_key, tag_key, tag_name
from profiles.timeline import EventCategory, TimelineEvent
from profiles.viewer import Viewer

MAX_TAGS = 50
"""How many tags one call may add or remove."""


class Tag(SQLModel, table=True):
    """A label; `name_key` makes it unique ignoring case. `search_key` is `profiles.folding.stored_key` of the name."""

    __tablename__ = "tags"
    id: int = key()
    name: str = text()
    name_key: str = text(unique=True)
    search_key: str | None = text(nullable=True)


class CustomerTag(SQLModel, table=True):
    """A customer wears a tag."""

    __tablename__ = "customer_tags"
    __table_args__ = (Index("ix_customer_tags_tag", "tag_id", "customer_id"),)
    customer_id: int = key(foreign_key="customers.id")
    tag_id: int = key(foreign_key="tags.id")
    assigned_at: datetime = instant()
    actor: str = text()


@record
class TagRow:
    """A tag as it is read."""

    id: int
    name: str


COLUMNS = tuple(TagRow.__dataclass_fields__)
TAGS = NamedList(Tag, "search_key", COLUMNS, TagRow)


@shaped()
def _of() -> Build:
    worn, tag = table(CustomerTag), table(Tag)
    return lambda dialect: (
        select(worn.c.customer_id, *(tag.c[name] for name in COLUMNS))
        .select_from(worn.join(tag, tag.c.id == worn.c.tag_id))
        .where(among_ids(dialect, worn.c.customer_id))
    )


@shaped()
def _by_id() -> Build:
    tag = table(Tag)
    return lambda dialect: select(*(tag.c[name] for name in COLUMNS)).where(among_ids(dialect, tag.c.id))


def tags_of(viewer: Viewer, customer_ids: Sequence[int]) -> Read[int, tuple[TagRow, ...]]:
    """Each customer's tags, by name."""

    def collect(rows: list[Row]) -> Mapping[int, tuple[TagRow, ...]]:
        # Many customers wear the same few tags: each is made, and its name folded, once.
        known: dict[int, tuple[tuple[str, int], TagRow]] = {}
        grouped: dict[int, list[tuple[tuple[str, int], TagRow]]] = {}
        for customer_id, id, name in rows:
            tag = known.get(id)
            if tag is None:
                tag = known[id] = ((search_key(name), id), TagRow(id, name))
            grouped.setdefault(customer_id, []).append(tag)
        return {customer_id: tuple([tag for _, tag in sorted(own)]) for customer_id, own in grouped.items()}

    return Read(_of(), {"ids": customer_ids}, collect, BY_CUSTOMER)


def tags_by_id(viewer: Viewer, ids: Sequence[int]) -> Read[int, TagRow]:
    """Tags; unknown ones are absent."""
    return Read(_by_id(), {"ids": ids}, lambda rows: {row[0]: TagRow(*row) for row in rows}, BY_REFERENCE)


def tag_list(viewer: Viewer, page: ListPage) -> Read[int, Page[Listed[TagRow]]]:
    """All tags by name, one page."""
    return TAGS.page(page)


def tag_list_count(viewer: Viewer, search: str | None) -> Read[int, int]:
    """How many tags there are (whose name contains `search`)."""
    return TAGS.count(search)


async def add_tags(unit: Unit, viewer: Viewer, customer_id: int, tags: Sequence[str], now: datetime) -> list[str]:
    """Puts tags on a customer; gives the names that were new. One that is worn already stays as it is (ruling 34).

    A tag that nobody has used yet is made. Raises NotFound, Required, Invalid, TooMany.
    """
    names = _names(tags)
    customer = await unit.customer(customer_id)
    known = await _known_tags(unit, names, make=True)
    worn = await _worn(unit, customer_id)
    added = [known[name_key] for name_key in names if known[name_key].id not in worn]
    for tag in added:
        unit.session.add(CustomerTag(customer_id=customer_id, tag_id=tag.id, assigned_at=now, actor=viewer.actor))
        unit.changed(customer, "tags", None, tag.name, viewer.actor, now)
        unit.happened(_event(customer_id, tag, "tag_assigned", "Tag assigned", viewer, now))
    if added:
        unit.edited(customer, now)
    return [tag.name for tag in added]


async def remove_tags(unit: Unit, viewer: Viewer, customer_id: int, tags: Sequence[str], now: datetime) -> list[str]:
    """Takes tags off a customer; gives the names that were worn. One that is not worn is no error (ruling 34).

    Raises NotFound, Required, Invalid, TooMany.
    """
    names = _names(tags)
    customer = await unit.customer(customer_id)
    known = await _known_tags(unit, names, make=False)
    worn = await _worn(unit, customer_id)
    removed = [tag for name_key in names if (tag := known.get(name_key)) and tag.id in worn]
    for tag in removed:
        await unit.session.delete(worn[tag.id])
        unit.changed(customer, "tags", tag.name, None, viewer.actor, now)
        unit.happened(_event(customer_id, tag, "tag_removed", "Tag removed", viewer, now))
    if removed:
        unit.edited(customer, now)
    return [tag.name for tag in removed]


def _names(tags: Sequence[str]) -> dict[str, str]:
    """The names by their keys, each once, in the order given."""
    if not tags:
        raise Required("Name at least one tag.", ("tags",))
    if len(tags) > MAX_TAGS:
        raise TooMany(f"One call takes at most {MAX_TAGS} tags.", ("tags",))
    names: dict[str, str] = {}
    for position, raw in enumerate(tags):
        name = _checked(tag_name, raw, position)
        names.setdefault(tag_key(name), name)
    return names


def _checked(check: Callable[[str], str], raw: str, position: int) -> str:
    try:
        return check(raw)
    except WriteRefused as refusal:
        refusal.field = ("tags", str(position))
        raise


async def _known_tags(unit: Unit, names: Mapping[str, str], make: bool) -> dict[str, Tag]:
    if make:
        insert: Any = postgresql.insert if unit.dialect == "postgresql" else sqlite.insert
        # In one order, so that two calls that make the same tags do not wait for each other in a circle.
        rows = [
            {"id": new_id(), "name": names[name_key], "name_key": name_key, "search_key": stored_key(names[name_key])}
            for name_key in sorted(names)
        ]
        await unit.session.exec(insert(table(Tag)).values(rows).on_conflict_do_nothing())
    found = await unit.session.exec(stored(Tag).where(col(Tag.name_key).in_(list(names))))
    return {tag.name_key: tag for tag in found}


async def _worn(unit: Unit, customer_id: int) -> dict[int, CustomerTag]:
    found = await unit.session.exec(stored(CustomerTag).where(col(CustomerTag.customer_id) == customer_id))
    return {worn.tag_id: worn for worn in found}


def _event(customer_id: int, tag: Tag, type: str, name: str, viewer: Viewer, now: datetime) -> TimelineEvent:
    return TimelineEvent(
        customer_id=customer_id,
        id=new_id(),
        activity_seq=0,
        category=EventCategory.TAG_ASSIGNED,
        type=type,
        name=name,
        description=tag.name,
        occurred_at=now,
        received_at=now,
        subject_id=tag.id,
        actor=viewer.actor,
        details={"details": [{"label": "Tag", "value": tag.name}]},
    )
