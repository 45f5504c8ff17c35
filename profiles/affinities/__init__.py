"""Affinities: what a customer buys and looks at, attribute by attribute, as shares that fade with time."""

from profiles.affinities.rules import ATTRIBUTES, Affinity, Sums, add, affinities, begins, weight
from profiles.affinities.tables import CustomerAffinities

__all__ = ["ATTRIBUTES", "Affinity", "CustomerAffinities", "Sums", "add", "affinities", "begins", "weight"]
