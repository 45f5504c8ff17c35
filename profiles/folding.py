"""Folded text in tables: a key column is filled only where folding does more than lower(), so most rows have none."""

from typing import Any

from sqlalchemy import ColumnElement, func

from profiles.text import search_key


def stored_key(text: str) -> str | None:
    """What the key column beside a text holds: its search key, or None where lower() in SQL gives the same."""
    if text.isascii() and text.isprintable() and text == " ".join(text.split()):
        return None  # nothing to fold but capitals; imports ask for many numbers and names
    key = search_key(text)
    return None if text.isascii() and key == text.lower() else key


def folded(text: ColumnElement[Any], key: ColumnElement[Any]) -> ColumnElement[Any]:
    """What a search compares: the row's search key (`profiles.text.search_key`)."""
    return func.coalesce(key, func.lower(text))
