"""Resolvers: the GraphQL types and one file per panel; `customer.py` is the table of contents."""
