"""Interests: the categories that a customer looked at lately and has not bought from since."""

from profiles.interests.rules import MOST_INTERESTS, CategoryViews, Interest, InterestStatus, interests

__all__ = ["MOST_INTERESTS", "CategoryViews", "Interest", "InterestStatus", "interests"]
