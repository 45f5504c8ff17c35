"""The demo data, loaded once for each database and asked through the front door."""
