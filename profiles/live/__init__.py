"""Live: how a committed event reaches every process that has a subscriber waiting."""
