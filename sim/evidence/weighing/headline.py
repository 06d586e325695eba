"""The answer to a scenario's question about its raid, given the strengths after the record.

Wars of the weighing are drawn by weight, with their strengths and the figures of their mechanisms.
With these another scenario is simulated with and without its raid, on shared luck. The same is done
with the prior, to separate what the record adds from what was assumed.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.evidence.calibration.aim import at_prior, figures_at
from sim.evidence.polls.forecast import resampled
from sim.evidence.polls.public_fit import EvidenceError
from sim.evidence.weighing.models import chance, ends
from sim.evidence.weighing.question import Question
from sim.evidence.weighing.weighing import Together
from sim.experiment.execution.workers import Workers, spread
from sim.experiment.questions.switches import mechanisms_in, switching_on
from sim.experiment.questions.theories import MOVED, Trace, focus_day, moments_of
from sim.scenario.figure import Figure
from sim.scenario.load import load
from sim.scenario.schema import Scenario, figures
from sim.war.model import War

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Figures = dict[str, Any]

_ROWS = 1000
BEFORE, AFTER = "before", "after"


class Raid(NamedTuple):
    """A scenario with its raid and without it, all weighed mechanisms switched on in both."""

    scenario: Scenario
    without: Scenario
    mechanisms: tuple[str, ...]
    carried: tuple[str, ...]  # paths of figures with the same law in both scenarios

    @property
    def day(self) -> int:
        """The day of the raid."""
        return focus_day(self.scenario)

    @property
    def moments(self) -> dict[str, int]:
        """The evenings that are reported: that of the raid, and those of later meetings."""
        return moments_of(self.scenario)


def raid_of(question: Question, folder: Path, allow_code: bool) -> Raid:
    """The raid that a weighing's `headline` asks about. Raises EvidenceError if it has none."""
    headline = question.experiment.headline
    assert headline is not None
    path = folder / headline.scenario
    plain = load(path, allow_code=allow_code)
    if plain.focus is None or plain.raids[plain.focus].date is None:
        raise EvidenceError(f"headline: {plain.name} has no focus raid with a date, expected one")
    names = tuple(name for name in question.mechanisms if name in mechanisms_in(plain))
    on = switching_on(names, plain)
    scenario = load(path, on, (), allow_code)
    without = load(path, on, [f"raids.{plain.focus}"], allow_code)
    known, weighed = dict(figures(scenario)), dict(figures(question.scenario))
    carried = tuple(
        path
        for path, figure in weighed.items()
        if path.startswith("mechanisms.") and path in known and _alike(figure, known[path])
    )
    return Raid(scenario, without, names, carried)


def _alike(one: Figure, other: Figure) -> bool:
    """Whether two figures are drawn from the same law in the same unit."""
    law = ("value", "low", "high", "law", "unit")
    return one.is_drawn and all(getattr(one, word) == getattr(other, word) for word in law)


class Effects(NamedTuple):
    """Effects of the raid, shape (days from it on, MOVED, draws), and whether it was flown."""

    path: Floats
    flown: NDArray[np.bool_]


def effects(
    raid: Raid, question: Question, together: Together, drawn: Ints, workers: Workers
) -> Effects:
    """The effects of the raid with strengths and mechanism figures of the wars `drawn`."""
    seed = question.experiment.seed
    wars = together.weighed.wars
    aimed = together.aims[0].paths
    values = {
        path: figures_at(question.scenario, at_prior([path]), place[None])[path]
        for path in raid.carried
        for place in (
            together.places[aimed.index(path), drawn]
            if path in aimed
            else at_prior([path]).places(seed, wars.runs[drawn])[0],
        )
    }
    places = [question.mechanisms.index(name) for name in raid.mechanisms]
    on = {
        name: wars.strengths[place, drawn]
        for name, place in zip(raid.mechanisms, places, strict=True)
    }
    calls = {
        first: (
            raid, seed, np.arange(first, min(first + _ROWS, len(drawn))),
            *({name: of[first : first + _ROWS] for name, of in some.items()}
              for some in (on, values)),
        )
        for first in range(0, len(drawn), _ROWS)
    }  # fmt: skip
    parts = dict(spread(effects_in, calls, workers))
    paths, flown = zip(*(parts[first] for first in calls), strict=True)
    return Effects(np.concatenate(paths, axis=2), np.concatenate(flown))


def effects_in(
    raid: Raid, seed: int, runs: Ints, strengths: dict[str, Floats], given: dict[str, Floats]
) -> Effects:
    """The effects of the raid in some wars, each with its own strengths and figures."""
    ours, theirs = (
        War(
            scenario, runs, seed, strengths=strengths, figures=given,
            recorder=lambda war: Trace(war, raid.day),
        ).run().recorder
        for scenario in (raid.scenario, raid.without)
    )  # fmt: skip
    return Effects(ours.path - theirs.path, ours.flown)


def headline(
    raid: Raid, question: Question, together: Together, workers: Workers
) -> tuple[Figures, pd.DataFrame]:
    """The chances that the raid hardened each side, both, and narrowed the zone, before and after.

    The table has one row per law (before, after), moment and position: `harder` and `softer`, the
    chance of an effect beyond the region in either direction with `±` (95 % of the Monte Carlo
    error), the `mean` (of effects clipped to all that is at stake, as a few wars diverge), and
    `low`, `median`, `high` (90 %) of the effect in shares of the stakes. For the zone, harder means
    narrower. Raises EvidenceError if the raid flew in no war.
    """
    asked = question.experiment.headline
    assert asked is not None
    weighed = together.weighed
    laws = {
        BEFORE: weighed.weight(log=np.zeros(len(weighed.log_prior))),
        AFTER: weighed.weight(),
    }
    rows: list[Figures] = []
    told: Figures = {"scenario": raid.scenario.name, "carried": len(raid.carried)}
    for law, weight in laws.items():
        found = effects(raid, question, together, resampled(weight, asked.draws), workers)
        if not found.flown.any():
            raise EvidenceError(
                f"headline: the raid of {raid.scenario.name} flew in none of {asked.draws:,} wars, "
                "expected one that flies"
            )
        even = np.full(int(found.flown.sum()), 1.0 / found.flown.sum())
        path = found.path[:, :, found.flown]
        for moment, day in raid.moments.items():
            at = path[day - raid.day]
            rows += [
                {"law": law, "moment": moment, "of": word}
                | _row(at[place] * (-1.0 if word == "z" else 1.0), even, asked.region.half_width)
                for place, word in enumerate(MOVED)
            ]
        at = path[0]
        both = (at[0] > asked.region.half_width) & (at[1] > asked.region.half_width)
        told[law] = {
            "both": chance(even, both)._asdict(),
            "half_life_days": {
                word: _half_life(path[:, place]) for place, word in enumerate(MOVED)
            },
        }
    return told, pd.DataFrame(rows)


def _row(effect: Floats, weight: Floats, region: float) -> Figures:
    harder, softer = chance(weight, effect > region), chance(weight, effect < -region)
    return {
        "harder": harder.value,
        "harder ±": harder.error,
        "softer": softer.value,
        "softer ±": softer.error,
        "mean": float(np.clip(effect, -1.0, 1.0).mean()),
    } | ends(effect, weight)


def _half_life(path: Floats) -> float | None:
    """Days until the mean effect has halved since the day of the raid; None if it does not."""
    mean = path.mean(axis=1)
    halved = np.flatnonzero(np.abs(mean) <= 0.5 * abs(mean[0]))
    return float(halved[0]) if len(halved) and mean[0] != 0.0 else None
