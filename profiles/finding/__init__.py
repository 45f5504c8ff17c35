"""Finding customers: by filter and search, sorted and paged, and the sums over those found."""
