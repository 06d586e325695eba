"""The state of the world in each war: a setting of each uncertainty, and the acting mechanisms."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import draws
from sim.experiment.questions.switches import check_switches, mechanisms_in, switching_on
from sim.scenario.experiment import ActingTheories, Setting
from sim.scenario.schema import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Worlds:
    """What is uncertain besides a scenario's figures: drawn once per war, the same for all options.

    Raises ExperimentError if a mechanism has no figures in the scenario.
    """

    def __init__(
        self,
        uncertainties: Mapping[str, Mapping[str, Setting]],
        theories: ActingTheories | None,
        scenario: Scenario,
        seed: int,
    ) -> None:
        self.uncertainties, self.seed = uncertainties, seed
        self.p_acts: dict[str, float] = {}
        if theories is not None:
            names = theories.mechanisms or mechanisms_in(scenario)
            odds = dict(theories.odds.times) if theories.odds else {}
            check_switches([*names, *odds], scenario, "theories: ", scenario.name)
            self.p_acts = {n: odds.get(n, 1.0) / (1.0 + odds.get(n, 1.0)) for n in sorted(names)}
        self._switched = switching_on(tuple(self.p_acts), scenario) if theories else []

    @property
    def overrides(self) -> list[str]:
        """Overrides for every war that switch on the mechanisms that may act, and no others."""
        return self._switched

    def settings(self, runs: Ints) -> dict[str, Ints]:
        """The setting of each uncertainty in each war, as its index among the sorted names."""
        found = {}
        for name, settings in self.uncertainties.items():
            upto = np.cumsum([settings[word].chance for word in sorted(settings)])
            u = self._uniform(f"uncertainties.{name}", runs)
            found[name] = np.minimum(np.searchsorted(upto, u, side="right"), len(upto) - 1)
        return found

    def word(self, name: str, number: int) -> str:
        """The name of a setting of an uncertainty."""
        return sorted(self.uncertainties[name])[number]

    def set_by(self, name: str, number: int) -> Mapping[str, Any]:
        """What a setting of an uncertainty sets, by path."""
        return self.uncertainties[name][self.word(name, number)].set

    def strengths(self, runs: Ints) -> dict[str, Floats]:
        """Which mechanisms act: 1 or 0 per war, by name."""
        return {
            name: (self._uniform(f"theories.{name}", runs) < p).astype(np.float64)
            for name, p in self.p_acts.items()
        }

    def figures(self, runs: Ints) -> dict[str, Floats]:
        """The state of each war as numbers: 1 or 0 per setting and per mechanism.

        Two settings need a single number, which stands for the second.
        """
        found = {}
        for name, number in self.settings(runs).items():
            words = sorted(self.uncertainties[name])
            for k, word in enumerate(words[1:] if len(words) == 2 else words):
                place = k + 1 if len(words) == 2 else k
                found[f"{name}: {word}"] = (number == place).astype(np.float64)
        return found | self.strengths(runs)

    def _uniform(self, address: str, runs: Ints) -> Floats:
        return draws.uniforms(self.seed, runs, 0, draws.actor_id(address), draws.FIGURE, 1)[:, 0]
