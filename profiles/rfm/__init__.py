"""RFM: how lately, how often and for how much a customer purchased, compared with all others (ruling 12)."""

from profiles.rfm.rules import SEGMENTS, Boundaries, Limits, Rfm, boundaries, rfm, score, segment

__all__ = ["SEGMENTS", "Boundaries", "Limits", "Rfm", "boundaries", "rfm", "score", "segment"]
