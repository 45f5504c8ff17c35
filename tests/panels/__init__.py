"""Panels, through the front door."""
