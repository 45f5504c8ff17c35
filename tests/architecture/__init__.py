"""The structure: what may import what, and what every panel, table and field must have."""
