"""Torture: two schemas in which everything that can be done to an executor is done to it."""
