"""Storage: how reads reach the driver and writes reach the session, on SQLite and on PostgreSQL."""
