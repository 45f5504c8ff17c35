"""Gateway: admits; the ASGI app, HTTP and WebSocket rules, identity, limits, errors, health and the command line."""
