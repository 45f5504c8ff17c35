"""Mutations, one file a noun; each is one business action."""
