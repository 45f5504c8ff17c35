"""Reachability: by which channels a person may be written to or called now, and every reason why not."""

from profiles.reachability.rules import (
    CategoryChoice,
    Permissions,
    Reachability,
    UnreachableReason,
    blocked_channels,
    reachability,
)

__all__ = [
    "CategoryChoice",
    "Permissions",
    "Reachability",
    "UnreachableReason",
    "blocked_channels",
    "reachability",
]
