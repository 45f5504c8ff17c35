"""Rules of the domain, without a database."""
