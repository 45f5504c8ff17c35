"""Changes: who changed which field of a profile, with the value before and after."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Index, not_, or_, select
from sqlmodel import SQLModel

from profiles.attribute_definitions import AttributeEntity
from profiles.columns import instant, key, text
from profiles.customers import Customer
from profiles.kept_counts import counts_of
from profiles.records import record
from profiles.storage.keeping import BY_CUSTOMER, BY_PAIR
from profiles.storage.pages import Page, PageOf, Position, paged
from profiles.storage.pairs import Pair, by_pairs, pair_parameters
from profiles.storage.reads import Build, DialectName, Read, newest, shaped, table
from profiles.viewer import Scope, Viewer

if TYPE_CHECKING:
    from profiles.account import Account


class Change(SQLModel, table=True):
    """One field changed."""

    __tablename__ = "changes"
    __table_args__ = (Index("ix_changes_at", "customer_id", "at", "id"),)
    customer_id: int = key(foreign_key="customers.id")
    id: int = key()
    at: datetime = instant()
    actor: str = text()
    field: str = text()
    before: str | None = text(nullable=True)
    after: str | None = text(nullable=True)


@record
class ChangeRow:
    """A change as it is read; `customer_id` says whose."""

    customer_id: int
    id: int
    at: datetime
    actor: str
    field: str
    before: str | None
    after: str | None

    @property
    def position(self) -> Position:
        """Where it stands in the history."""
        return Position(self.at, self.id)


COLUMNS = tuple(ChangeRow.__dataclass_fields__)

NEEDS: Mapping[str, Scope] = {
    "consents": Scope.CONSENTS_READ,
    "notes": Scope.NOTES_READ,
    "subscriptions": Scope.CONSENTS_READ,
    "tags": Scope.TAGS_READ,
}
"""What changed is named by a field, or by a panel and (behind a point) what of it. A change of what a panel shows is
shown to whoever may see that panel; the other fields need no scope beside the one of the history itself."""

OPEN = frozenset({"consents", "externalId", "subscriptionStatus", "subscriptions", "tags"})
"""The fields whose values say nothing personal, beside attributes, of which the account says it. What is not named here
counts as personal, so that a field that is added later is hidden until somebody decides."""


def is_personal(field: str, account: "Account") -> bool:
    """Whether the values of a changed field are personal data; those of an attribute that is gone are."""
    root, _, key = field.partition(".")
    if root != "attributes":
        return root not in OPEN
    definition = account.attribute_by_key.get((AttributeEntity.CUSTOMER, key))
    return definition is None or definition.is_personal


def hidden_fields(viewer: Viewer) -> tuple[str, ...]:
    """The fields of which the viewer sees no change; every read of changes applies them in SQL."""
    return tuple(sorted(field for field, scope in NEEDS.items() if not viewer.may(scope)))


def _shown(hidden: tuple[str, ...]) -> Any:
    def where(change: Any) -> list[ColumnElement[bool]]:
        return [not_(or_(change.field == field, change.field.like(f"{field}.%"))) for field in hidden]

    return where


@shaped()
def _page(hidden: tuple[str, ...], positioned: bool) -> Build:
    return lambda dialect: newest(
        dialect,
        table(Change),
        order=("at", "id"),
        where=_shown(hidden),
        columns=COLUMNS,
        customers=table(Customer),
        positioned=positioned,
    )


@shaped()
def _by_id(hidden: tuple[str, ...]) -> Build:
    def build(dialect: DialectName) -> Any:
        found = by_pairs(dialect, table(Change), "id", COLUMNS).subquery("found")
        return select(*[found.c[name] for name in COLUMNS]).where(*_shown(hidden)(found.c))

    return build


def latest_changes(viewer: Viewer, customer_ids: Sequence[int], page: PageOf) -> Read[int, Page[ChangeRow]]:
    """Each customer's changes, newest first, one page."""
    return Read(
        _page(hidden_fields(viewer), page.after is not None),
        page.parameters(customer_ids),
        lambda rows: paged(rows, ChangeRow, page.first, page.after is not None),
        BY_CUSTOMER,
    )


def change_counts(viewer: Viewer, customer_ids: Sequence[int]) -> Read[int, int]:
    """How many changes each customer has."""
    return Read(counts_of(Change, hidden_fields(viewer)), {"ids": customer_ids}, dict, BY_CUSTOMER)


def changes_by_id(viewer: Viewer, keys: Sequence[Pair]) -> Read[Pair, ChangeRow]:
    """Single changes by (customer id, change id)."""
    return Read(
        _by_id(hidden_fields(viewer)),
        pair_parameters(keys),
        lambda rows: {(row[0], row[1]): ChangeRow(*row) for row in rows},
        BY_PAIR,
    )
