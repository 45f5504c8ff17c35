"""Peers: other ways to serve the same pages from the same database."""
