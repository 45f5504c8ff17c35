"""Adding: counts that stand under a key, raised and lowered in one statement."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Insert, Text, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from profiles.columns import Choice, IdList, TextList
from profiles.storage.reads import DialectName, table

Key = tuple[Any, ...]


async def add_up(run: Any, dialect: DialectName, model: Any, changes: Mapping[Key, int]) -> None:
    """Adds to the counts of a table whose columns are its key and, last, the count; their customers are locked or new.

    It costs one statement, and nothing where nothing changed. `run` is a connection or a bulk load.
    """
    # In one order, so that two who write of many customers do not wait for each other in a circle.
    rows = sorted((*key, change) for key, change in changes.items() if change)
    if rows:
        columns = dict(zip(map(_given, _columns(model)), zip(*rows, strict=True), strict=True))
        await run.execute(_added(dialect, model), {"rows": rows} if dialect == "sqlite" else columns)


def _columns(model: Any) -> tuple[str, ...]:
    return tuple(column.name for column in table(model).columns)


def _given(column: str) -> str:
    """The parameter of a column's values: a name of its own, or an INSERT would take it for a value of the column."""
    return f"each_{column}"


@lru_cache(maxsize=16)
def _added(dialect: DialectName, model: Any) -> Insert:
    counts, columns = table(model), _columns(model)
    if dialect == "postgresql":
        texts = {column.name for column in counts.columns if isinstance(column.type, Text | Choice)}
        arrays = [bindparam(_given(name), type_=TextList() if name in texts else IdList()) for name in columns]
        each: Any = func.unnest(*arrays).table_valued(*columns).render_derived(name="change")
        change = select(*[each.c[name] for name in columns])
        added: Any = postgresql.insert(counts).from_select(columns, change, include_defaults=False)
    else:
        each = func.json_each(bindparam("rows", type_=IdList())).table_valued("value").alias("change")
        # Without a WHERE the parser takes ON CONFLICT for the condition of a join.
        change = select(*[func.json_extract(each.c.value, f"$[{place}]") for place in range(len(columns))]).where(
            each.c.value.is_not(None)
        )
        added = sqlite.insert(counts).from_select(columns, change, include_defaults=False)
    *key, count = columns
    return added.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=key, set_={count: counts.c[count] + added.excluded[count]}
    )
