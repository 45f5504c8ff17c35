"""The cart: what waits in it, whether it was abandoned, and what was left behind in abandoned ones."""

from profiles.cart.rules import CartState, CartStatus, LeftLine, abandoned_at, left_behind, status, waiting_status
from profiles.cart.tables import Cart, CartItem

__all__ = [
    "Cart",
    "CartItem",
    "CartState",
    "CartStatus",
    "LeftLine",
    "abandoned_at",
    "left_behind",
    "status",
    "waiting_status",
]
