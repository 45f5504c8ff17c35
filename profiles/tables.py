"""Every table in one place, with the CHECK that each choice column carries; migrations and tests read this metadata."""

from sqlalchemy import CheckConstraint, MetaData
from sqlmodel import SQLModel

from profiles import (  # noqa: F401 - importing a module declares its tables
    affinities,
    cart,
    catalog,
    changes,
    consents,
    customers,
    imports,
    kept_counts,
    keys,
    loyalty,
    mailings,
    metrics,
    notes,
    orders,
    polls,
    promo_codes,
    purchases,
    receipts,
    recommendations,
    segments,
    subscriptions,
    tags,
    target_audiences,
    timeline,
    views,
    wishlist,
)
from profiles.columns import Choice
from profiles.lifecycle import reading as lifecycle  # noqa: F401 - as above
from profiles.rfm import reading as rfm  # noqa: F401 - as above
from profiles.storage import generations  # noqa: F401 - as above


def _declared() -> MetaData:
    metadata = SQLModel.metadata
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, Choice):
                values = ", ".join(f"'{choice.value}'" for choice in column.type.choices)
                name = f"ck_{table.name}_{column.name}"
                if all(constraint.name != name for constraint in table.constraints):
                    table.append_constraint(CheckConstraint(f"{column.name} IN ({values})", name=name))
    return metadata


METADATA = _declared()
