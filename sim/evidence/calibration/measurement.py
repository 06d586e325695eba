"""Reports as measurements: the error of each, and how well a war agrees with them.

A report is the true value plus a normal error. A report with a range is centred on its middle and
the range is its central 95 %, as in a figure with the law `normal`; a bare figure is centred on
itself. Reports of one outcome borrow from each other: they count as one, and any of them may be
right.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, ndtri
from scipy.stats import norm

from sim.experiment.errors import ExperimentError
from sim.scenario.schema import Report, Scenario

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

USUAL_ERROR = 0.2
"""Relative standard error of a bare figure. Assumed."""
LEAST_OF_A_COUNT = 1.0
"""Smallest standard error of a bare count. Assumed."""
_Z95 = float(ndtri(0.975))


class Measured(NamedTuple):
    """One report as a measurement: its value and its standard error, in the outcome's unit.

    `is_assumed` if the error is that of a bare figure and not given by the report's own range.
    """

    middle: float
    sd: float
    is_assumed: bool


class ReportedOutcome(NamedTuple):
    """The reports of one outcome: `names`, `middles` and `sds`, shape (reports,) each."""

    outcome: str
    names: tuple[str, ...]
    middles: Floats
    sds: Floats

    def log_kernel(self, values: Floats) -> Floats:
        """The log density of the reports if the outcome is `values`, shape of values.

        An equal mixture of the reports' normal distributions (a linear pool): any one may be right,
        none has a veto. -inf where the outcome is missing. Sources: wilkinson2013, stone1961.
        """
        apart = norm.logpdf(values[..., None], self.middles, self.sds)
        density = logsumexp(apart, axis=-1) - np.log(len(self.names))
        return np.where(np.isnan(values), -np.inf, density)

    @property
    def moments(self) -> tuple[float, float]:
        """The mean and the standard deviation of the mixture."""
        spread = np.mean(self.sds**2) + np.var(self.middles)
        return float(np.mean(self.middles)), float(np.sqrt(spread))


def measured(name: str, report: Report, error: float, is_count: bool) -> Measured:
    """A report as a measurement. Raises ExperimentError if its error is unknown."""
    figure = report.figure
    if figure.low is not None and figure.high is not None and figure.is_drawn:
        middle, width = (figure.low + figure.high) / 2.0, figure.high - figure.low
        return Measured(middle, width / (2.0 * _Z95), False)
    least = LEAST_OF_A_COUNT if is_count else 0.0
    sd = max(error * abs(figure.value), least)
    if sd <= 0.0:
        raise ExperimentError(
            f"reported.{name}.figure: 0 without a range does not say how far off it may be, "
            "expected low and high"
        )
    return Measured(figure.value, sd, True)


def reported_outcomes(
    scenario: Scenario, measurements: Mapping[str, Measured]
) -> tuple[ReportedOutcome, ...]:
    """Measurements grouped by outcome, in the order of the scenario."""
    by_outcome: dict[str, list[str]] = {}
    for name in measurements:
        by_outcome.setdefault(scenario.reported[name].outcome, []).append(name)
    return tuple(
        ReportedOutcome(
            outcome,
            tuple(names),
            np.array([measurements[name].middle for name in names]),
            np.array([measurements[name].sd for name in names]),
        )
        for outcome, names in by_outcome.items()
    )


def log_kernel(reported: Sequence[ReportedOutcome], outcomes: Mapping[str, Floats]) -> Floats:
    """Log density of the reports of several outcomes, with independent errors, in each war."""
    return np.sum([one.log_kernel(outcomes[one.outcome]) for one in reported], axis=0)
