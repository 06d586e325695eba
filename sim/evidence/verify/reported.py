"""A night as it was reported, and the one fate of each drone.

The night has no closed form, and the scenario was tuned to it: inside the central 90 % means only
that the model can be set so. `sim validate reported` compares all reported figures with all
scenarios.
"""

from collections.abc import Iterator

import numpy as np

from sim.evidence.verify.case import Case, Check, Floats, Loader, of_identity, of_report
from sim.evidence.verify.raids import tables
from sim.raid.arrays import FATES
from sim.scenario.load import load
from sim.scenario.sample import Sample
from sim.scenario.schema import Scenario


def hmeimim(_: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Hmeimim and Tartus, January 2018: of 13 drones 7 shot down, 6 taken over, none through."""
    names = ("ministry_shot", "ministry_jammed", "ministry_through")
    yield from _reports("Hmeimim 2018", "hmeimim-2018", names, seed, runs)


def massive_assault(_: Loader, seed: int, runs: int) -> Iterator[Case]:
    """The nights of 24 to 27 May 2025 are forecasts: checks only that each drone has one fate."""
    yield from _reports("25 May 2025", "massive-assault", (), seed, runs)


def _reports(
    night: str, shipped: str, names: tuple[str, ...], seed: int, runs: int
) -> Iterator[Case]:
    scenario = load(shipped)
    flown = tables(scenario, runs, seed)
    wars, raids = flown["runs"], flown["raids"]
    for key in names:
        report = scenario.reported[key]
        values = wars[report.outcome].to_numpy(np.float64)
        word = report.outcome.split("_", 2)[2].replace("_", " ")
        source = ", ".join(report.figure.sources)
        name = f"{night}, {word} ({report.used_for})"
        yield of_report(name, source, report.figure.value, values)
    met = raids[list(FATES)].sum(axis=1).groupby(raids["run"]).sum().to_numpy()
    yield of_identity(
        f"{night}, each drone has one fate", "definition", _sent(scenario, runs, seed), met
    )


def _sent(scenario: Scenario, runs: int, seed: int) -> Floats:
    """The number of drones in all raids of the scenario, from its figures, shape (runs,)."""
    sample = Sample(scenario, seed, np.arange(runs))
    counts = [
        sample[f"raids.{name}.waves.{wave}.count"]
        for name, raid in scenario.raids.items()
        for wave in raid.waves
    ]
    total: Floats = np.sum(counts, axis=0)
    return total


CHECKS = (
    Check("hmeimim-2018", hmeimim, runs=400),
    Check("massive-assault", massive_assault, runs=200),
)
