"""How many runs there may be, and which seeds: the same on the command line, in files and calls."""

MOST_RUNS = 100_000_000
"""Of an ensemble."""

MOST_EXPERIMENT_RUNS = 10_000_000
"""Of each point or theory of an experiment, and of the wars that an analysis reads."""

LARGEST_SEED = 2**62 - 1
"""Seeds above are luck that no other seed has."""

LARGEST_RUN = 2**32 - 1
"""Number of a run: a draw's address has room for no more."""
