"""Sources: importers and the demo data, which turn files into rows; heavy libraries live here."""
