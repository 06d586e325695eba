"""Documents as plain data, and one file per output format; no format knows what an answer means."""
