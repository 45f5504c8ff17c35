"""Loaders: how keys and reads are batched."""
