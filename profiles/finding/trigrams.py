"""Trigrams on SQLite: the table that finds texts by three letters in a row, and what to ask it for a pattern.

The table is made by migration and kept in step by triggers (ADR 0023). What it finds is only a choice of whom to
look at: the pattern itself is compared afterwards.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Text, bindparam, column, literal_column, select, table

from profiles.text import LIKE_ESCAPE

TABLE = "customer_search"
NAME, EMAIL, PHONE, CRM_ID, EXTERNAL_ID = "name", "email", "phone", "crm_id", "external_id"
"""Its columns: the folded texts of a customer; the name with a space before and after."""

LEAST_RUN = 3


def found_by(parameter: str) -> ColumnElement[bool]:
    """Whether a customer's id is among those that the table finds for the parameter; compare with `id IN`."""
    rows = table(TABLE, column("rowid"))
    asked = literal_column(TABLE).op("MATCH", is_comparison=True)(bindparam(parameter, type_=Text()))
    return select(rows.c.rowid).where(asked)  # type: ignore[return-value]  # a subquery stands for its values


def asking(name: str, pattern: str) -> str | None:
    """What to ask for a LIKE pattern on that column; None where it has no three letters in a row to look for."""
    runs = [run for run in _runs(pattern) if len(run) >= LEAST_RUN]
    return f"{name} : ({' AND '.join(map(_quoted, runs))})" if runs else None


def any_of(parts: Iterable[str | None]) -> str | None:
    """What to ask where any part will do; None where one of them cannot be asked, or there is none."""
    return _joined(" OR ", list(parts))


def each_of(parts: Iterable[str | None]) -> str | None:
    """What to ask where every part must hold: of those that can be asked; None where none can."""
    return _joined(" AND ", [part for part in parts if part is not None])


def _joined(word: str, parts: list[str | None]) -> str | None:
    known = [f"({part})" for part in parts if part is not None]
    return word.join(known) if known and len(known) == len(parts) else None


def _quoted(run: str) -> str:
    return '"' + run.replace('"', '""') + '"'


def _runs(pattern: str) -> list[str]:
    """The stretches of a LIKE pattern that stand for themselves."""
    runs, letters = [""], iter(pattern)
    for letter in letters:
        if letter == LIKE_ESCAPE:
            runs[-1] += next(letters, "")
        elif letter in "%_":
            runs.append("")
        else:
            runs[-1] += letter
    return runs
