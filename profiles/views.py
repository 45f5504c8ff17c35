"""Views: which attributes each block of the screen shows, as the account's file says until staff choose others."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, literal, select, true
from sqlmodel import SQLModel

from profiles.account import Account, AttributeDefinition, Block
from profiles.attribute_definitions import BLOCK_ENTITY
from profiles.catalog import EVERY
from profiles.columns import choice, document, instant, text
from profiles.errors import Invalid, TooMany
from profiles.storage.keeping import BY_REFERENCE
from profiles.storage.reads import Build, DialectName, Read, Row, shaped, table
from profiles.storage.unit import Unit
from profiles.viewer import Viewer

MOST_KEYS = 100
"""How many attributes a block shows at most."""
Views = Mapping[Block, Sequence[str]]
"""The keys that staff chose, for the blocks of which they did."""


class AccountView(SQLModel, table=True):
    """The attributes that staff chose for a block, in order. One without a row shows what the account's file says."""

    __tablename__ = "account_views"
    block: Block = choice(Block, primary_key=True)
    attribute_keys: list[str] = document()
    changed_at: datetime = instant()
    changed_by: str = text()


@shaped()
def _chosen() -> Build:
    def build(dialect: DialectName) -> Any:
        view: Any = table(AccountView)
        # There is always a row, also where nothing was chosen: that can be kept too.
        always: Any = select(literal(EVERY, BigInteger()).label("every")).subquery("always")
        return select(always.c.every, view.c.block, view.c.attribute_keys).select_from(always.outerjoin(view, true()))

    return build


def chosen_views(viewer: Viewer) -> Read[int, Views]:
    """What staff chose, of all blocks, under the key `EVERY`."""

    def collect(rows: list[Row]) -> Mapping[int, Views]:
        return {EVERY: {Block(block): tuple(keys) for _, block, keys in rows if block is not None}}

    return Read(_chosen(), {"ids": [EVERY]}, collect, BY_REFERENCE)


def view_of(account: Account, views: Views, block: Block) -> tuple[AttributeDefinition, ...]:
    """The attributes that a block shows, in order; a key that the account no longer defines is left out."""
    entity, known = BLOCK_ENTITY[block], account.attribute_by_key
    keys = views.get(block, account.views.get(block, ()))
    return tuple(known[entity, key] for key in keys if (entity, key) in known)


async def set_view(
    unit: Unit, viewer: Viewer, account: Account, block: Block, keys: Sequence[str], now: datetime
) -> None:
    """Chooses the attributes of a block; none at all is a choice, too. What is chosen already is not written again.

    Raises TooMany, Invalid.
    """
    if len(keys) > MOST_KEYS:
        raise TooMany(f"A block shows at most {MOST_KEYS} attributes; there were {len(keys)}.", ("keys",))
    entity = BLOCK_ENTITY[block]
    for key in keys:
        if (entity, key) not in account.attribute_by_key:
            raise Invalid(f"There is no attribute {key[:100]!r} of {entity.plural}.", ("keys",))
    if len(set(keys)) < len(keys):
        twice = next(key for place, key in enumerate(keys) if key in keys[:place])
        raise Invalid(f"The attribute {twice!r} is there twice.", ("keys",))
    view = await unit.session.get(AccountView, block, with_for_update=True)
    if view is None:
        unit.session.add(AccountView(block=block, attribute_keys=list(keys), changed_at=now, changed_by=viewer.actor))
    elif view.attribute_keys != list(keys):
        view.attribute_keys, view.changed_at, view.changed_by = list(keys), now, viewer.actor
        unit.session.add(view)
