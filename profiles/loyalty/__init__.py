"""Loyalty: bonuses and points, kept as sums and as the bonuses that begin or end on a day."""

from profiles.loyalty.rules import BonusLot, LoyaltyBalance, LoyaltySums, balance, spent
from profiles.loyalty.tables import LoyaltyAccount, LoyaltyLot

__all__ = [
    "BonusLot",
    "LoyaltyAccount",
    "LoyaltyBalance",
    "LoyaltyLot",
    "LoyaltySums",
    "balance",
    "spent",
]
