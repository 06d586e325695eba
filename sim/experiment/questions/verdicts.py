"""Under how many theories a raid hardens, has no notable effect, or softens: shares with errors."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from sim.experiment.questions.theories import MOVED, Question, switches_of
from sim.experiment.statistics.deconvolution import Deconvolved, Estimates, deconvolve
from sim.experiment.statistics.estimate import t95

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Figures = dict[str, Any]

SIGN_OF_HARDENING = {"r_u": 1.0, "r_d": 1.0, "z": -1.0}
"""A reservation hardens as it rises, the zone as it narrows."""

VERDICTS = ("hardens", "no effect", "softens")
SURE = 0.95
"""The probability from which a theory is said to harden, to have no effect or to soften."""

_PLACE = {"r_u": 0, "r_d": 1, "z": 0}
_WIDTHS = {"half the region": 0.5, "twice the region": 2.0}
_GROUPS, _FEWEST = 10, 4


class Behind(NamedTuple):
    """The true mean effects of all theories: on both reservations jointly, and on the zone."""

    sides: Deconvolved
    zone: Deconvolved

    def of(self, word: str) -> Deconvolved:
        """Those on a position."""
        return self.zone if word == "z" else self.sides


def verdicts(effects: pd.DataFrame, question: Question) -> tuple[pd.DataFrame, Figures]:
    """One row per theory, and by moment the shares of theories with each verdict.

    `effects` has a row per war in which the raid flew. An effect within the region of the question
    counts as none (kruschke2018). Shares are those of the true mean effects, with the Monte Carlo
    error removed (`deconvolve`), so they do not depend on the number of wars; their own errors come
    from leaving out a tenth of the runs at a time (tukey1958). A theory none of whose verdicts has
    a probability of 95 % is undecided: how many are depends on the number of wars.
    """
    numbers, place_of = np.unique(effects["theory"].to_numpy(), return_inverse=True)
    wars = np.bincount(place_of)
    theories = pd.DataFrame({"theory": numbers, "wars": wars})
    columns = [switches_of(numbers, question.mechanisms)]
    by_moment: Figures = {}
    for moment in question.moments:
        by_word = {word: effects[f"{word}, {moment}"].to_numpy(np.float64) for word in MOVED}
        samples = _samples(effects["run"].to_numpy(), place_of, by_word)
        whole = Behind(*(deconvolve(part, question.region) for part in samples[0]))
        by_moment[moment] = _with_errors(samples, whole, question.region)
        for word in MOVED:
            found = samples[0][word == "z"]
            rows = _rows(found, whole.of(word), word, question.region)
            moved = SIGN_OF_HARDENING[word] * by_word[word] / question.region
            for name, hit in (("wars hardened", moved > 1.0), ("wars softened", moved < -1.0)):
                rows[name] = np.bincount(place_of, hit) / wars
            by_moment[moment][word] |= _of_theories(rows, found, whole.of(word), word)
            heads = [f"{word}, {moment} {name}".rstrip() for name in rows]
            columns.append(pd.DataFrame(dict(zip(heads, rows.values(), strict=True))))
    return pd.concat([theories, *columns], axis=1), by_moment


def _rows(found: Estimates, behind: Deconvolved, word: str, region: float) -> dict[str, Any]:
    """For each theory, on a position: its mean effect, probabilities and verdict."""
    place = _PLACE[word]
    chances = np.stack([behind.chance(holds) for holds in _verdicts(word, region).values()])
    best = chances.argmax(axis=0)
    return {
        "": found.means[:, place],
        "±": t95(found.counts) * np.sqrt(found.errors[:, place, place]),
        "chance above zero": behind.chance(lambda atoms: atoms[:, place] > 0.0),
        "chance hardens": chances[0],
        "chance softens": chances[2],
        "verdict": np.where(chances.max(axis=0) >= SURE, np.array(VERDICTS)[best], "undecided"),
    }


def _verdicts(word: str, region: float) -> dict[str, Callable[[Floats], Bools]]:
    """By verdict, the condition that effects (K, d) have it."""
    place, sign = _PLACE[word], SIGN_OF_HARDENING[word]
    return {
        "hardens": lambda effects: sign * effects[:, place] > region,
        "no effect": lambda effects: np.abs(effects[:, place]) <= region,
        "softens": lambda effects: sign * effects[:, place] < -region,
    }


def _of_theories(rows: dict[str, Any], found: Estimates, behind: Deconvolved, word: str) -> Figures:
    """Shares of decided theories, and of wars with equal weights for theories.

    `noise` is the share of the variance of mean effects that the deconvolution takes for error.
    """
    place, verdict = _PLACE[word], rows["verdict"]
    spread = float(found.means[:, place].var())
    hardened, softened = (float(rows[f"wars {way}"].mean()) for way in ("hardened", "softened"))
    return {
        "decided": {name: float((verdict == name).mean()) for name in (*VERDICTS, "undecided")},
        "wars": {
            "hardened": hardened, "unmoved": 1.0 - hardened - softened, "softened": softened,
        },
        "noise": 1.0 - float(behind.effects(place).var()) / spread if spread > 0.0 else 0.0,
    }  # fmt: skip


# --- shares and their errors -----------------------------------------------------------------


def _with_errors(
    samples: list[tuple[Estimates, Estimates]], whole: Behind, region: float
) -> Figures:
    """Shares of theories by position and for both sides, with their errors (None for few runs)."""
    found = _shares(whole, samples[0], region)
    without = []
    for sides, zone in samples[1:]:
        behind = Behind(
            deconvolve(sides, region, whole.sides), deconvolve(zone, region, whole.zone)
        )
        without.append(_shares(behind, (sides, zone), region))
    result: Figures = {}
    for key, share in found.items():
        error = jackknife([part[key] for part in without])
        word, _, name = key.rpartition(": ")
        place = result.setdefault(word, {}) if word else result
        place |= {name: share, f"{name}_error": error}
    return result


def _shares(
    behind: Behind, samples: tuple[Estimates, Estimates], region: float
) -> dict[str, float]:
    """Every share by its name, and the mean effects; `position: name` for those of a position."""
    shares: dict[str, float] = {}
    for word in MOVED:
        deconvolved = behind.of(word)
        for name, holds in _verdicts(word, region).items():
            shares[f"{word}: {name}"] = float(deconvolved.chance(holds).mean())
        for width, times in _WIDTHS.items():
            for name, holds in _verdicts(word, times * region).items():
                if name != "no effect":
                    shares[f"{word}: {name} by {width}"] = float(deconvolved.chance(holds).mean())
        found = samples[word == "z"]
        fought = found.counts > 0.0  # without a tenth of the runs a theory may have no war
        means = found.means[fought, _PLACE[word]]
        shares[f"{word}: mean"] = float(means.mean()) if len(means) else np.nan
    of_both: dict[str, Callable[[Floats], Bools]] = {
        "both harden": lambda effects: effects.min(axis=1) > region,
        "both soften": lambda effects: effects.max(axis=1) < -region,
        "opposite": lambda e: (e.max(axis=1) > region) & (e.min(axis=1) < -region),
    }
    for name, holds in of_both.items():
        shares[name] = float(behind.sides.chance(holds).mean())
    return shares


def jackknife(without: list[float]) -> float | None:
    """The half-width of the 95 % interval of a number, from its values without each group."""
    groups = len(without)
    if groups < _FEWEST:
        return None
    spread = np.sqrt((groups - 1) / groups * np.square(np.array(without) - np.mean(without)).sum())
    return float(stats.t.ppf(0.975, groups - 1) * spread)


def _samples(
    runs: NDArray[Any], place_of: NDArray[Any], by_word: dict[str, Floats]
) -> list[tuple[Estimates, Estimates]]:
    """Effects on the sides and on the zone: of all wars, then without each group of the runs.

    Each run is simulated under many theories, whose errors are therefore not independent: whole
    runs are left out.
    """
    groups = min(_GROUPS, len(np.unique(runs)))
    cell = place_of * groups + np.unique(runs, return_inverse=True)[1] % groups
    shape = (int(place_of.max()) + 1, groups)

    def summed(values: Floats | None) -> Floats:
        return np.bincount(cell, values, shape[0] * groups).reshape(shape).astype(np.float64)

    counts = summed(None)
    parts = []
    for words in (("r_u", "r_d"), ("z",)):
        ones = [by_word[word] for word in words]
        parts.append(
            (
                np.stack([summed(one) for one in ones], axis=-1),
                np.stack([np.stack([summed(a * b) for b in ones], axis=-1) for a in ones], axis=-2),
            )
        )
    subsets = [np.ones(groups, np.bool_), *(~np.eye(groups, dtype=np.bool_))]
    sides, zones = ([_estimates(counts, *part, subset) for subset in subsets] for part in parts)
    return list(zip(sides, zones, strict=True))


def _estimates(counts: Floats, sums: Floats, products: Floats, subset: Bools) -> Estimates:
    """Means and the covariance of each, from sums by theory and group, over a subset of groups."""
    wars = counts[:, subset].sum(axis=1)
    some = np.maximum(1.0, wars)
    means = sums[:, subset].sum(axis=1) / some[:, None]
    squares = products[:, subset].sum(axis=1) / some[:, None, None]
    errors = (squares - means[:, :, None] * means[:, None, :]) / np.maximum(1.0, wars - 1.0)[
        :, None, None
    ]
    for place in range(means.shape[1]):
        errors[:, place, place] = np.maximum(0.0, errors[:, place, place])
    return Estimates(means, errors, wars)
