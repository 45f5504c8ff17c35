"""Sources: what the importer and the generator make of files."""
