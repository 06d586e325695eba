"""Figures before and after calibration: what weighted wars say about each of them.

All figures with a range are weighted, also those that no round was aimed at: these were drawn from
their own laws in every war.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from sim.evidence.calibration import weighted
from sim.evidence.calibration.aim import at_prior, figures_at
from sim.evidence.calibration.population import Particles
from sim.evidence.polls.forecast import resampled
from sim.experiment.statistics.significance import differ_from_zero
from sim.scenario.sample import Sample
from sim.scenario.schema import Scenario, figures

Floats = NDArray[np.float64]
Figures = dict[str, Any]
Pair = tuple[tuple[float, float], tuple[float, float]]
"""Deviation of mean and spread from those of a figure's own law, each with standard error."""

_DRAWS = 2000  # wars drawn from the posterior
_Z95 = float(ndtri(0.975))
_FINE = (np.arange(2000) + 0.5) / 2000.0  # probabilities at which a law is evaluated for its spread
_OUTER = (0.025, 0.975)  # the quantiles that the range of a `normal` law stands for
_SECTIONS = (
    "sides", "arsenal", "weapons", "assets", "units", "sites", "defence", "raids", "waves", "events"
)  # fmt: skip


class Posterior:
    """Every figure with a range, before and after: those aimed at, and all others."""

    def __init__(
        self, scenario: Scenario, seed: int, against: Sequence[str], found: Particles
    ) -> None:
        self.scenario, self.seed, self.against, self.found = scenario, seed, against, found
        self.paths = found.aims[0].paths
        self.runs = np.arange(found.places.shape[1])
        self._known = dict(figures(scenario))
        self.drawn = tuple(path for path, figure in self._known.items() if figure.is_drawn)

    def _place(self, path: str) -> Floats:
        """The place of a figure on the normal scale in each war; N(0, 1) under its own law."""
        if path in self.paths:
            return self.found.places[self.paths.index(path)]
        return at_prior([path]).places(self.seed, self.runs)[0]

    def _at(self, path: str, place: Floats) -> Floats:
        return figures_at(self.scenario, at_prior([path]), place[None])[path]

    def figures(self) -> Figures:
        """Figures aimed at, others that moved, the number of others, correlations, suggestions."""
        moved = self._moved()
        others = [path for path in self.drawn if path not in self.paths]
        return {
            "figures": {path: self._entry(path, moved[path]) for path in self.paths},
            "others": {path: self._entry(path, True) for path in others if moved[path]},
            "others_of": len(others),
            "correlations": self._correlations([path for path in self.paths if moved[path]]),
            "suggested": {path: self._suggested(path) for path in self.drawn if moved[path]},
        }

    def _moved(self) -> dict[str, bool]:
        """Which figures the reports are informative about.

        Those whose mean or spread on the normal scale differs from its prior beyond the Monte Carlo
        error. The false discovery rate is 5 % among those aimed at and 5 % among the others.
        Source: benjamini_hochberg1995.
        """
        others = [path for path in self.drawn if path not in self.paths]
        return self._differ(self.paths, self._aimed) | self._differ(others, self._not_aimed)

    def _differ(self, paths: Sequence[str], apart_by: Callable[[str], Pair]) -> dict[str, bool]:
        if not paths:
            return {}
        apart, error = np.array([one for path in paths for one in apart_by(path)]).T
        wars = np.full(len(apart), int(self.found.effective))
        mean, spread = differ_from_zero(apart, error, wars).reshape(-1, 2).T
        return dict(zip(paths, (mean | spread).tolist(), strict=True))

    def _aimed(self, path: str) -> Pair:
        """How far mean and spread are from those of the prior, each with its standard error."""
        place = self._place(path)
        spread, error = weighted.spread(place, self.found.weight)
        return weighted.mean(place, self.found.weight), (spread - 1.0, error)

    def _not_aimed(self, path: str) -> Pair:
        """The same for a figure always drawn from its own law, from its probability u in that law.

        If the weights do not depend on it, the weighted means of u and of |2u - 1| are 1/2 with a
        variance of sum(w^2) / 12. Both are bounded, so that no single war decides.
        """
        place, weight = ndtr(self._place(path)), self.found.weight
        error = float(np.sqrt(np.sum(weight**2)))
        middle, outer = (
            float(np.sqrt(12.0) * np.sum(weight * (score - 0.5)))
            for score in (place, np.abs(2.0 * place - 1.0))
        )
        return (middle, error), (outer, error)

    def _entry(self, path: str, has_moved: bool) -> Figures:
        """A figure before and after: intervals, shift and shrinkage."""
        figure, weight = self._known[path], self.found.weight
        values, fine = self._at(path, self._place(path)), self._at(path, ndtri(_FINE))
        prior_sd = float(fine.std())
        sd, sd_error = weighted.spread(values, weight)
        mean, mean_error = weighted.mean(values, weight)
        ends = self._at(path, ndtri(list(weighted.QUANTILES.values())))
        return {
            "title": title_of(self.scenario, path),
            "unit": figure.unit,
            "value": figure.value,
            "prior": dict(zip(weighted.QUANTILES, ends.tolist(), strict=True)),
            "posterior": weighted.interval(values, weight),
            "shift": (mean - float(fine.mean())) / prior_sd,
            "shift ±": _Z95 * mean_error / prior_sd,
            "shrinkage": 1.0 - sd / prior_sd,
            "shrinkage ±": _Z95 * sd_error / prior_sd,
            "is_told": has_moved,
        }

    def _correlations(self, paths: Sequence[str]) -> list[Figures]:
        """Posterior correlations of pairs of figures on the normal scale, the strongest first."""
        rows: list[Figures] = []
        for k, first in enumerate(paths):
            for second in paths[k + 1 :]:
                r, error = weighted.correlation(
                    self._place(first), self._place(second), self.found.weight
                )
                rows.append({"first": first, "second": second, "r": r, "±": _Z95 * error})
        if not rows:
            return []
        differs = differ_from_zero(
            np.array([row["r"] for row in rows]),
            np.array([row["±"] / _Z95 for row in rows]),
            np.full(len(rows), int(self.found.effective)),
        )
        marked = [row | {"is_told": bool(t)} for row, t in zip(rows, differs, strict=True)]
        return sorted(marked, key=lambda row: -abs(row["r"]))

    def _suggested(self, path: str) -> Figures:
        """A figure as a scenario would state it: the marginal posterior as a `normal` law."""
        figure = self._known[path]
        values = self._at(path, self._place(path))
        ordered = weighted.Ordered(values, self.found.weight)
        low, value, high = (
            float(f"{ordered.quantile(p):.4g}") for p in (_OUTER[0], 0.5, _OUTER[1])
        )
        against = ", ".join(self.against)
        return {
            "value": value,
            "low": low,
            "high": high,
            **({} if low == high else {"law": "normal"}),
            **({} if figure.unit == "1" else {"unit": figure.unit}),
            "assumed": f"posterior against {against}; by itself, correlations left out",
        }

    def draws(self, wars: pd.DataFrame) -> pd.DataFrame:
        """Wars resampled by weight: their rows, and every figure that has a range."""
        rows = resampled(self.found.weight, _DRAWS)
        given = {path: self._at(path, self._place(path)[rows]) for path in self.paths}
        sample = Sample(self.scenario, self.seed, self.runs[rows], given)
        columns: dict[str, Any] = {str(name): wars[name].to_numpy()[rows] for name in wars}
        return pd.DataFrame(columns | {path: sample[path] for path in self.drawn})


def title_of(scenario: Scenario, path: str) -> str:
    """A figure in words: the titles of the things on its path, or their names if they have none."""
    words: list[str] = []
    block: Any = scenario
    for part in path.split("."):
        block = block.get(part) if isinstance(block, Mapping) else getattr(block, part, None)
        title = getattr(block, "title", None) or _title_of_thing(scenario, part)
        if title:
            words.append(re.split(r",| \(", str(title))[0])
        elif part not in _SECTIONS:
            words.append(part.replace("_", " "))
    return ": ".join(words)


def _title_of_thing(scenario: Scenario, name: str) -> str | None:
    """The title of a thing that another block refers to by its name."""
    sections = (scenario.sides, scenario.weapons, scenario.assets, scenario.units)
    return next((str(section[name].title) for section in sections if name in section), None)
