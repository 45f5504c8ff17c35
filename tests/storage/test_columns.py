"""Column types: what the session writes, the driver reads as the same value, on both databases."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.exc import StatementError
from sqlmodel import Field, SQLModel
from sqlmodel import select as selected

from profiles.columns import Instant, choice, day, document, instant, key, key_text, minor, text
from profiles.contacts import Channel
from profiles.live.bus import MemoryBus
from profiles.storage.address import parse_address
from profiles.storage.readers import Trips
from profiles.storage.reads import Read, Statement, among_ids, among_texts, before, table
from profiles.storage.store import Store, open_store
from profiles.tables import METADATA

INSTANTS = [
    datetime(2026, 3, 8, 6, 59, 59, 999999, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
    datetime(1900, 1, 1, tzinfo=UTC),
    datetime(2199, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(2026, 3, 8, 2, 30, 0, 1, tzinfo=timezone(timedelta(hours=5, minutes=45))),
    datetime(2026, 3, 7, 12, 0, tzinfo=timezone(timedelta(hours=-14))),
]
TEXTS = ["", " ", "Zoë 𠀀 \n\t 'quoted' \"%_\\", "e\u0301 is not é", "\u200b", "x" * 100_000]
DOCUMENTS = [{}, [], None, {"é": [1, 2.5, None, True, "x"], "deep": {"a": {"b": []}}}, ["\u2028", "NULL"], 0, ""]


class Specimen(SQLModel, table=True):
    """A table with one column of each type, beside the real ones."""

    __tablename__ = "specimens"
    customer_id: int = key()
    id: int = key()
    at: datetime = instant()
    maybe_at: datetime | None = instant(nullable=True)
    on: date | None = day(nullable=True)
    amount_minor: int | None = minor(nullable=True)
    said: str | None = text(nullable=True)
    said_key: str | None = key_text(nullable=True)
    channel: Channel | None = choice(Channel, nullable=True)
    more: Any = document(nullable=True)
    is_so: bool = False
    share: float | None = Field(default=None)


SPECIMENS = table(Specimen)
# It belongs to this test: the migrations are compared with the metadata.
METADATA.remove(SPECIMENS)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """A store whose database has the specimens too."""
    opened = await open_store(parse_address(database_url), MemoryBus(), pool_size=2)
    async with opened.engine.begin() as connection:
        await connection.run_sync(SPECIMENS.create)
    yield opened
    await opened.close()


def specimen(id: int, **columns: Any) -> Specimen:
    return Specimen(customer_id=1, id=id, **{"at": INSTANTS[0], **columns})


async def write(store: Store, *rows: Specimen) -> None:
    async with store.write() as unit:
        unit.session.add_all(rows)


async def read(store: Store, statement: Any, **parameters: Any) -> list[tuple[Any, ...]]:
    """What the driver reads."""
    build = statement if callable(statement) else lambda _: statement
    asked: Read[int, Any] = Read(Statement(build), parameters, lambda rows: {0: rows})
    (answer,) = await store.run([asked], Trips())
    assert not isinstance(answer, Exception), answer
    rows: list[tuple[Any, ...]] = answer[0]
    return rows


async def both_ways(store: Store, column: str, values: list[Any]) -> list[tuple[Any, Any]]:
    """Each value as the session and as the driver read it back."""
    await write(store, *(specimen(id, **{column: value}) for id, value in enumerate(values)))
    driver = await read(store, select(SPECIMENS.c[column]).order_by(SPECIMENS.c.id))
    async with store.write() as unit:
        rows = await unit.session.exec(selected(Specimen).order_by(SPECIMENS.c.id))
        session = [getattr(row, column) for row in rows]
    return list(zip(session, [row[0] for row in driver], strict=True))


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("at", INSTANTS),
        ("maybe_at", [None, *INSTANTS]),
        ("on", [None, date(1, 1, 1), date(1900, 2, 28), date(2024, 2, 29), date(9999, 12, 31)]),
        ("amount_minor", [None, 0, -1, 2**63 - 1, -(2**63)]),
        ("said", [None, *TEXTS]),
        ("said_key", [None, *TEXTS]),
        ("channel", [None, *Channel]),
        ("more", DOCUMENTS),
        ("is_so", [True, False]),
        ("share", [None, 0.1, -0.0, 1e300, 5e-324, 1 / 3]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_value_is_the_same_through_the_session_and_through_the_driver(
    store: Store, column: str, values: list[Any]
) -> None:
    found = await both_ways(store, column, values)
    assert [session for session, _ in found] == values
    assert [driver for _, driver in found] == values
    assert [type(driver) for _, driver in found] == [type(value) for value in values]


async def test_instants_are_read_in_utc_whatever_offset_they_were_written_with(store: Store) -> None:
    for session, driver in await both_ways(store, "at", INSTANTS):
        assert (session.tzinfo, driver.tzinfo) == (UTC, UTC)


async def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="an instant needs a time zone"):
        await write(store, specimen(1, at=datetime(2026, 1, 1)))
    assert await read(store, select(SPECIMENS.c.id)) == []


async def test_what_is_none_of_the_choices_is_refused_by_the_type(store: Store) -> None:
    with pytest.raises(StatementError):
        await write(store, specimen(1, channel="CARRIER_PIGEON"))
    assert await read(store, select(SPECIMENS.c.id)) == []


async def test_instants_sort_by_time_and_not_by_their_spelling(store: Store) -> None:
    await write(store, *(specimen(id, at=at) for id, at in enumerate(INSTANTS)))
    rows = await read(store, select(SPECIMENS.c.at).order_by(SPECIMENS.c.at))
    assert [row[0] for row in rows] == sorted(INSTANTS)


async def test_texts_that_are_compared_sort_by_their_characters(store: Store) -> None:
    keys = ["b", "a", "é", "B", "_", "a b", "ab", "0"]
    await write(store, *(specimen(id, said_key=key) for id, key in enumerate(keys)))
    rows = await read(store, select(SPECIMENS.c.said_key).order_by(SPECIMENS.c.said_key))
    assert [row[0] for row in rows] == sorted(keys)


async def test_a_position_between_rows_of_one_microsecond_is_exact(store: Store) -> None:
    at = INSTANTS[0]
    microsecond = timedelta(microseconds=1)
    times = {1: at, 2: at, 3: at, 4: at + microsecond, 5: at - microsecond}
    await write(store, *(specimen(id, at=time) for id, time in times.items()))
    columns = SPECIMENS.c
    newer_first = (
        select(columns.id).where(before(columns.at, columns.id)).order_by(columns.at.desc(), columns.id.desc())
    )
    offset = timezone(timedelta(hours=9, minutes=30))
    for written in (at, at.astimezone(offset)):
        found = await read(store, newer_first, after_time=written, after_id=3)
        assert found == [(2,), (1,), (5,)]
    assert await read(store, newer_first, after_time=at + microsecond, after_id=2**63 - 1) == [
        (4,),
        (3,),
        (2,),
        (1,),
        (5,),
    ]


async def test_an_instant_is_compared_as_a_parameter_with_any_offset(store: Store) -> None:
    await write(store, *(specimen(id, at=at) for id, at in enumerate(INSTANTS)))
    equal = select(SPECIMENS.c.id).where(SPECIMENS.c.at == bindparam("at", type_=Instant()))
    for id, at in enumerate(INSTANTS):
        assert await read(store, equal, at=at.astimezone(timezone(timedelta(hours=-3, minutes=-30)))) == [(id,)]


@pytest.mark.parametrize("ids", [[], [3], [1, 3, 2**63 - 1], list(range(5_000))], ids=len)
async def test_many_ids_are_one_parameter(store: Store, ids: list[int]) -> None:
    await write(store, *(specimen(id) for id in (1, 3, 2**63 - 1)))
    rows = await read(store, lambda dialect: select(SPECIMENS.c.id).where(among_ids(dialect, SPECIMENS.c.id)), ids=ids)
    assert sorted(row[0] for row in rows) == sorted({1, 3, 2**63 - 1} & set(ids))


async def test_many_texts_are_one_parameter_whatever_they_hold(store: Store) -> None:
    await write(store, *(specimen(id, said=said) for id, said in enumerate(TEXTS)))

    def build(dialect: Any) -> Any:
        return select(SPECIMENS.c.said).where(among_texts(dialect, SPECIMENS.c.said, "texts"))

    rows = await read(store, build, texts=[*TEXTS, "'; DROP TABLE specimens; --"])
    assert sorted(row[0] for row in rows) == sorted(TEXTS)


async def test_nulls_are_read_as_none_in_every_type(store: Store) -> None:
    await write(store, specimen(1))
    (row,) = await read(store, select(SPECIMENS))
    names = [column.name for column in SPECIMENS.columns]
    assert {name for name, value in zip(names, row, strict=True) if value is None} == {
        "maybe_at",
        "on",
        "amount_minor",
        "said",
        "said_key",
        "channel",
        "more",
        "share",
    }
