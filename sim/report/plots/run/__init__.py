"""Figures of the record of a run, one module each, named like the files that are written."""
