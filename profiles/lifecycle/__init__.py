"""Lifecycle: where a customer stands, from lead to lapsed, and what is to be expected of them (ruling 13)."""

from profiles.lifecycle.model import History, Model, expected_purchases, first_day_below, probability_alive
from profiles.lifecycle.stages import Known, Lifecycle, Move, Purchases, Terms, continued, lifecycle, story

__all__ = [
    "History",
    "Known",
    "Lifecycle",
    "Model",
    "Move",
    "Purchases",
    "Terms",
    "continued",
    "expected_purchases",
    "first_day_below",
    "lifecycle",
    "probability_alive",
    "story",
]
