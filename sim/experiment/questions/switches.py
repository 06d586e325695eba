"""The switches of an experiment, set row by row: mechanisms by name, patrons as `patrons.NAME`."""

from collections.abc import Sequence

from sim.experiment.errors import ExperimentError
from sim.scenario.figure import did_you_mean
from sim.scenario.schema import Scenario


def mechanisms_in(scenario: Scenario) -> tuple[str, ...]:
    """The mechanisms that a scenario has figures for."""
    return tuple(name for name, block in scenario.mechanisms if block is not None)


def check_switches(names: Sequence[str], scenario: Scenario, place: str, where: str) -> None:
    """Check that names are switches of a scenario.

    Raises ExperimentError if one is neither a mechanism with figures nor a patron.
    """
    known = (*mechanisms_in(scenario), *(f"patrons.{name}" for name in scenario.patrons))
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) or ", expected one with figures"
            raise ExperimentError(f"{place}{name!r} has no figures in {where}{hint}")


def switching_on(names: Sequence[str], scenario: Scenario) -> list[str]:
    """Overrides that switch on these and no other mechanism; other patrons stay as they are."""
    mechanisms = [
        f"mechanisms.{name}.on={str(name in names).lower()}" for name in mechanisms_in(scenario)
    ]
    return mechanisms + [f"{name}.on=true" for name in names if name.startswith("patrons.")]
