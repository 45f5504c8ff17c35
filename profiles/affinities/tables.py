"""The table of affinities: a customer's sums in one row, so that reading them costs the same for any history."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import SQLModel

from profiles.affinities.rules import ATTRIBUTES, Sums
from profiles.columns import instant, key, text


class CustomerAffinities(SQLModel, table=True):
    """The sums of everything that happened after `since`. Each attribute's are a JSON object, value to weight as
    `rules.weight` tells it: numbers of more digits than a database has. One that was not summed up is null.

    A customer without a row, or without an attribute in it, is summed up from the purchases and views themselves.
    """

    __tablename__ = "customer_affinities"
    customer_id: int = key(foreign_key="customers.id")
    since: datetime = instant()
    category: str | None = text(nullable=True)
    brand: str | None = text(nullable=True)
    department: str | None = text(nullable=True)
    package_size: str | None = text(nullable=True)
    store: str | None = text(nullable=True)


COLUMNS = ("customer_id", "since", *ATTRIBUTES)


def stored(customer_id: int, since: datetime, sums: Sums) -> tuple[Any, ...]:
    """The row of `COLUMNS` with these sums."""
    documents = (_document(sums[attribute]) if attribute in sums else None for attribute in ATTRIBUTES)
    return (customer_id, since, *documents)


def loaded(attributes: Sequence[str], documents: Sequence[str | None]) -> Sums:
    """The sums in these documents, one an attribute."""
    return {
        attribute: json.loads(document) if document is not None else {}
        for attribute, document in zip(attributes, documents, strict=True)
    }


def _document(amounts: Mapping[str, int]) -> str:
    kept = {value: amount for value, amount in amounts.items() if amount > 0}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
