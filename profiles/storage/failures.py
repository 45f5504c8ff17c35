"""Failures: what a database's error means for a write, by its SQLSTATE (or SQLite's code) and never by a name in it."""

import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection

from profiles.errors import Overtaken, ProfileError, SourceUnavailable

# Unique violation, serialization failure, deadlock: another write was there first, and trying again finds what it made.
_OVERTAKEN = frozenset({"23505", "40001", "40P01"})
# Classes of states: connection, resources, operator (shutting down, cancelled), system; then: no lock, read only.
_AWAY_CLASSES = frozenset({"08", "53", "57", "58"})
_AWAY = frozenset({"55P03", "25006"})
_SQLITE_OVERTAKEN = frozenset({sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY})
_SQLITE_AWAY = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)


def failure_of(error: SQLAlchemyError | OSError) -> ProfileError | None:
    """Overtaken or SourceUnavailable; None for what is a mistake of ours, which must stay visible as it is."""
    if isinstance(error, (OSError, InterfaceError, NoConnection)):
        return _away()
    if not isinstance(error, DBAPIError):
        return None
    state = getattr(error.orig, "sqlstate", None) or ""
    code = getattr(error.orig, "sqlite_errorcode", None) or 0
    if state in _OVERTAKEN or code in _SQLITE_OVERTAKEN:
        return Overtaken("Another write came first; send this one again.")
    # The lowest byte of an extended code is the plain one.
    if error.connection_invalidated or state in _AWAY or state[:2] in _AWAY_CLASSES or code & 0xFF in _SQLITE_AWAY:
        return _away()
    return None


def _away() -> SourceUnavailable:
    return SourceUnavailable("The data could not be written; try again shortly.")
