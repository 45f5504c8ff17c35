"""Tests of the caches: they are never wrong, and may die."""
