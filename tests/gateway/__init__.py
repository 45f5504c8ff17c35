"""Tests of the edge: HTTP, WebSocket, limits, errors, keys, the command line."""
