"""Storage: column types, the store, the cache."""
