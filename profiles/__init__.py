"""Profiles: what a customer is, which rules hold, and how it is stored; knows no web."""
