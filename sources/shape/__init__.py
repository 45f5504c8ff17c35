"""The shape around a household: everything that the real data does not say, generated from a fixed seed."""

from sources.shape.household import shape_household
from sources.shape.world import CANADIAN_STORE, Reference, reference

__all__ = ["CANADIAN_STORE", "Reference", "reference", "shape_household"]
