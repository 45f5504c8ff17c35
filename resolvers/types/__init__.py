"""The nouns of the schema, one file each; built from rows here and nowhere else."""
