"""Mutations, through the front door."""
