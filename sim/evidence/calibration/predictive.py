"""Prior and posterior predictive checks of reports, and whether the ranges conflict with them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import norm

from sim.evidence.calibration import weighted
from sim.evidence.calibration.measurement import Measured, measured, reported_outcomes
from sim.experiment.errors import ExperimentError
from sim.experiment.statistics.estimate import share
from sim.scenario.calls.spelling import argument
from sim.scenario.columns import raids_by_column
from sim.scenario.schema import Report, Scenario, snake

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Figures = dict[str, Any]

_SEED = 1  # of the errors drawn for the check on conflict; independent of the model's draws
_CONFLICT = 0.05
_Z95 = float(ndtri(0.975))


class Posed:
    """Reports as measurements of wars in which the raid they refer to flew.

    `first` are wars by the scenario's own laws. Reports used for context are left out.
    """

    def __init__(
        self, scenario: Scenario, against: Sequence[str], error: float, first: pd.DataFrame
    ) -> None:
        self.scenario = scenario
        self.measured: dict[str, Measured] = {}
        for name, report in scenario.reported.items():
            values = first[report.outcome].dropna()
            is_count = len(values) > 0 and bool((values == values.round()).all())
            if report.used_for != "context":
                self.measured[name] = measured(name, report, error, is_count)
        self.against = tuple(against)
        self.reported = reported_outcomes(scenario, {name: self.measured[name] for name in against})

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes calibrated against."""
        return tuple(one.outcome for one in self.reported)

    def where_flown(self, wars: pd.DataFrame, outcomes: Sequence[str]) -> dict[str, Floats]:
        """Outcomes of wars; NaN where the raid they refer to did not fly."""
        found = {}
        raids = raids_by_column(self.scenario)
        for outcome in outcomes:
            values = wars[outcome].to_numpy(np.float64)
            raid = raids.get(outcome)
            if raid is not None:
                values = np.where(wars[f"{snake(raid)}_flown"] > 0, values, np.nan)
            found[outcome] = values
        return found

    def reach(self, first: pd.DataFrame) -> Figures:
        """How often reports simulated from the prior would be as far out as the real ones.

        The distance is Mahalanobis', over all outcomes together, each report with its error. A
        small share says that ranges and reports contradict each other. `not_happened` is the share
        of wars left out. Raises ExperimentError if too few wars are left. Sources: box1980,
        evans_moshonov2006.
        """
        values = np.stack(list(self.where_flown(first, self.outcomes).values()))
        missing: Bools = np.isnan(values).sum(axis=0) > 0
        values = values[:, ~missing]
        if values.shape[1] <= len(values) + 1:
            raise ExperimentError(
                f"in {values.shape[1]} of {len(missing):,} wars everything reported happens, "
                f"expected more than {len(values) + 1}: more {argument('runs')}, or "
                f"fewer {argument('against')}"
            )
        middles, sds = np.array([one.moments for one in self.reported]).T
        errors = np.random.default_rng(_SEED).standard_normal(values.shape)
        would_be = values + sds[:, None] * errors
        inverse = np.linalg.inv(np.atleast_2d(np.cov(would_be)))
        center = would_be.mean(axis=1)
        apart = would_be - center[:, None]
        distances = np.einsum("iw,ij,jw->w", apart, inverse, apart)
        farther = share(distances >= (middles - center) @ inverse @ (middles - center))
        return {
            **farther,
            "is_conflict": bool((farther["share"] or 0.0) < _CONFLICT),
            "not_happened": float(missing.mean()),
        }

    def p_before(self, name: str, first: pd.DataFrame) -> float:
        """Prior predictive p-value of a report; 0 if no war has its outcome."""
        even = np.full(len(first), 1.0 / len(first))
        return float(self._predictive_check(name, first, even)["p"] or 0.0)

    def comparison(
        self, name: str, first: pd.DataFrame, wars: pd.DataFrame, weight: Floats,
        again: pd.DataFrame, weight_again: Floats,
    ) -> Figures:  # fmt: skip
        """A report and its outcome before and after calibration, and in the weighted wars.

        `before` are wars by the scenario's own laws, `after` are new wars with the figures found,
        `then` are the very wars that agree with the reports.
        """
        report, measurement = self.scenario.reported[name], self.measured[name]
        return {
            **_report_figures(report),
            "middle": measurement.middle,
            "sd": measurement.sd,
            "is_assumed": measurement.is_assumed,
            "is_used": name in self.against,
            "before": self._predictive_check(name, first, np.full(len(first), 1.0 / len(first))),
            "after": self._predictive_check(name, again, weight_again),
            "then": self._predictive_check(name, wars, weight),
        }

    def _predictive_check(self, name: str, wars: pd.DataFrame, weight: Floats) -> Figures:
        """The outcome's interval, whether it contains the figure, and the predictive p-value.

        `p` is twice the smaller tail probability of the report, its error included. Sources:
        rubin1984, gelman2013.
        """
        report, measurement = self.scenario.reported[name], self.measured[name]
        values = self.where_flown(wars, [report.outcome])[report.outcome]
        there = ~np.isnan(values) & (weight > 0.0)
        if not there.any():
            return {"inside": False, "p": None, "p ±": None}
        values, weight = values[there], weight[there] / weight[there].sum()
        ends = weighted.interval(values, weight)
        above, error = weighted.mean(
            norm.cdf((values - measurement.middle) / measurement.sd), weight
        )
        return {
            **ends,
            "inside": bool(ends["low"] <= report.figure.value <= ends["high"]),
            "p": min(1.0, 2.0 * min(above, 1.0 - above)),
            "p ±": 2.0 * _Z95 * error,
        }


def _report_figures(report: Report) -> Figures:
    figure = report.figure
    return {
        "outcome": report.outcome,
        "by": report.by,
        "kind": report.kind,
        "used_for": report.used_for,
        "value": figure.value,
        "low": figure.value if figure.low is None else figure.low,
        "high": figure.value if figure.high is None else figure.high,
    }


def tally(reports: Figures) -> Figures:
    """How many of the unspent reports for validation lie inside, before and after."""
    unspent = [
        one for one in reports.values() if one["used_for"] == "validation" and not one["is_used"]
    ]
    return {
        "of": len(unspent),
        **{when: sum(one[when]["inside"] for one in unspent) for when in ("before", "after")},
    }
