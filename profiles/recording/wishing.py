"""Wishing: recorded steps of a visit put products on the customer's wish list, and take them off it."""

from collections.abc import Sequence

from sqlmodel import select

from profiles.recording.inputs import STEPS
from profiles.recording.placed import Placed
from profiles.storage.pairs import paired
from profiles.storage.reads import table
from profiles.storage.unit import Unit
from profiles.wishlist import WishlistItem

ADDED_TO_WISHLIST, REMOVED_FROM_WISHLIST = "added_to_wishlist", "removed_from_wishlist"


async def keep_wishes(unit: Unit, placed: Sequence[Placed]) -> None:
    """Changes the wish lists as these events say, in the order of time."""
    told = [
        (each, each.product_id)
        for each in placed
        if each.said.category in STEPS
        and each.said.type in (ADDED_TO_WISHLIST, REMOVED_FROM_WISHLIST)
        and each.product_id is not None
    ]
    if not told:
        return
    keys = sorted({(each.customer_id, product_id) for each, product_id in told})
    found = await unit.session.exec(
        select(WishlistItem).join(*paired(unit.dialect, table(WishlistItem), "product_id", keys))
    )
    wishes = {(wish.customer_id, wish.product_id): wish for wish in found}
    stored = set(wishes)
    for each, product_id in sorted(told, key=lambda one: (one[0].said.occurred_at, one[0].said.position)):
        key, at = (each.customer_id, product_id), each.said.occurred_at
        wish = wishes.get(key)
        if each.said.type == ADDED_TO_WISHLIST:
            # Wished again, it was wished all along.
            if wish is None:
                wishes[key] = WishlistItem(customer_id=each.customer_id, product_id=product_id, added_at=at)
        elif wish is not None and wish.added_at <= at:
            del wishes[key]
            if key in stored:
                await unit.session.delete(wish)
                stored.discard(key)
    unit.session.add_all(wishes.values())
    await unit.session.flush()
