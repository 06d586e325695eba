"""`python -m sim.cli` is `sim`."""

from sim.cli import main

main()
