"""Pictures of the record of a run: one a file, each named as the files it is written to."""
