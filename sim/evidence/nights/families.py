"""The families of a filter: those that use the law of a night, and those that use size alone.

Their priors were chosen on nights up to 30 June 2025.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from sim.evidence.nights.file import KINDS, Nights
from sim.evidence.nights.filter import Family, Look, Raid
from sim.evidence.nights.national_defence import LAWS, Law, shares, without

Floats = NDArray[np.float64]

PLAIN, MECHANISM, DRIFT = "plain", "mechanism", "drift"
ABLATED = ("decoys", "massing", "channels")
"""The parts that can be removed from the mechanism."""

_MEMORY_DAYS = 60.0
_BEND = 0.05  # prior standard deviations of a figure: the step of finite differences
_END = 1e-5
_FARTHEST = 4.0
_HELD = ("spread", "spread_half", "drift", "drift_days", "lost_spread")


@dataclass(frozen=True)
class Choice:
    """What was chosen for a class; `..._wander` are standard deviations of the change in a day.

    `level` and `slope` are those of log odds against the logarithm of size, `drift` is that of the
    logarithm of units, `figures` applies to all figures of the law, in prior standard deviations.
    `kinds` is the prior standard deviation between kinds of a class, in log odds; `size` is the
    size at which the level is defined.
    """

    size: float
    level: float
    slope: float
    kinds: float
    spreads: tuple[float, ...]
    spread_half: float
    levels_wander: tuple[float, ...]
    slopes_wander: tuple[float, ...]
    drifts_wander: tuple[float, ...]
    figures_wander: float


_SPREADS = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5)
CHOICES = {
    "shahed": Choice(
        size=30.0, level=-1.7, slope=0.0, kinds=0.0,
        spreads=(0.01, 0.02, 0.04, 0.08, 0.16, 0.3), spread_half=50.0,
        levels_wander=(0.05, 0.12), slopes_wander=(0.0, 0.06),
        drifts_wander=(0.03, 0.08), figures_wander=0.02,
    ),
    "cruise": Choice(
        size=4.0, level=-1.0, slope=-0.3, kinds=0.7, spreads=_SPREADS, spread_half=20.0,
        levels_wander=(0.01, 0.04), slopes_wander=(0.0, 0.03),
        drifts_wander=(0.01, 0.05), figures_wander=0.02,
    ),
    "ballistic": Choice(
        size=4.0, level=1.0, slope=0.0, kinds=2.5, spreads=_SPREADS, spread_half=100.0,
        levels_wander=(0.01, 0.04), slopes_wander=(0.0, 0.03),
        drifts_wander=(0.01, 0.05), figures_wander=0.02,
    ),
}  # fmt: skip
_ARMED, _ARMED_SD = 0.5, 0.5  # prior of the coefficient of the log armed share: 1 if none leak
_LEVEL_SD, _SLOPE_SD, _DRIFT_SD = 1.0, 0.3, 0.3


def families(name: str, sees: str = "both") -> tuple[Family, ...]:
    """The families of a class: "both", or one of "plain", "mechanism" and "drift" alone.

    "decoys", "massing" or "channels" gives both, with that part removed from the mechanism.
    """
    choice, law = CHOICES[name], LAWS[name]
    if sees == DRIFT:
        return (_drift(name, choice),)
    if sees in ABLATED:
        law = without(law, sees)
    made = {PLAIN: _plain(name, choice), MECHANISM: _mechanism(name, choice, law)}
    return (made[sees],) if sees in made else tuple(made.values())


def raids(name: str, nights: Nights) -> Iterator[Raid]:
    """What was known of each night before its outcome, in order of date.

    The extras are the shares of the kinds of a class except the first, and the logarithm of the
    armed share relative to its recent mean, 0 if it is not reported.
    """
    usual, day = 0.0, 0
    for k in range(len(nights)):
        armed = 0.0
        if not np.isnan(nights.armed[k]):
            share = float(np.log(np.clip(nights.armed[k], 0.05, 1.0)))
            kept = np.exp(-(int(nights.day[k]) - day) / _MEMORY_DAYS) if day else 0.0
            armed = share - usual if day else 0.0
            usual, day = (usual + (1.0 - kept) * armed if day else share), int(nights.day[k])
        yield Raid(
            int(nights.day[k]),
            int(nights.launched[k]),
            float(nights.tempo[k]),
            bool(nights.counts_lost[k]),
            np.array([*nights.kinds[k, 1:], armed]),
        )


# --- by size alone -----------------------------------------------------------------------------


def _plain(name: str, choice: Choice) -> Family:
    """log odds = level + slope log(n / size) + extras; level and slope are random walks."""
    kinds = len(KINDS[name]) - 1
    members = list(itertools.product(choice.levels_wander, choice.slopes_wander, choice.spreads))
    start = [choice.level, choice.slope, *[0.0] * kinds, _ARMED]
    sd = [_LEVEL_SD, _SLOPE_SD, *[choice.kinds] * kinds, _ARMED_SD]
    wander = np.zeros((len(members), len(start)))
    wander[:, :2] = [member[:2] for member in members]

    def look(raid: Raid, mean: Floats) -> Look:
        x = np.array([1.0, np.log(raid.launched / choice.size), *raid.extras])
        return Look(mean @ x, np.broadcast_to(x, mean.shape))

    return _of_members(PLAIN, look, start, sd, wander, members, choice)


def _of_members(
    name: str,
    look: Callable[[Raid, Floats], Look],
    start: list[float],
    sd: list[float],
    wander: Floats,
    members: Sequence[tuple[float, ...]],
    choice: Choice,
) -> Family:
    """A family whose members have the same prior; the last entry of each member is its spread."""
    return Family(
        name,
        look,
        np.tile(start, (len(members), 1)),
        np.tile(sd, (len(members), 1)),
        wander,
        np.array([member[-1] for member in members]),
        choice.spread_half,
    )


def _drift(name: str, choice: Choice) -> Family:
    """A level that follows a random walk and depends on neither size nor kind."""
    plain = _plain(name, choice)
    moves = np.arange(plain.sd.shape[1]) == 0
    return replace(
        plain,
        name=DRIFT,
        mean=np.where(moves, plain.mean, 0.0),
        sd=np.where(moves, plain.sd, 0.0),
        wander=np.where(moves, plain.wander, 0.0),
    )


# --- by the law of a night -----------------------------------------------------------------------


def figures_of(law: Law) -> Law:
    """The law with the figures that the filter models itself (spread and drift) held fixed."""
    return law.holding(**{key: law.figures[key].guess for key in _HELD if key in law.figures})


def _mechanism(name: str, choice: Choice, law: Law) -> Family:
    """log odds by the law of a night, plus extras; all figures and the drift are random walks."""
    law = figures_of(law)
    count, kinds = len(law.figures), len(KINDS[name]) - 1
    members = list(itertools.product(choice.drifts_wander, choice.spreads))
    sd = [*[1.0] * count, _DRIFT_SD, *[choice.kinds] * kinds, _ARMED_SD]
    start = [*[0.0] * (count + 1 + kinds), _ARMED]
    wander = np.zeros((len(members), len(start)))
    wander[:, :count] = choice.figures_wander
    wander[:, count] = [member[0] for member in members]

    def log_odds(raid: Raid, state: Floats) -> Floats:
        values = law.values(np.clip(state[..., :count], -_FARTHEST, _FARTHEST))
        mean = shares(values, raid.day, float(raid.launched), raid.tempo, state[..., count])
        leaked = mean.leaked if raid.counts_lost else 1.0 - mean.shot
        return np.asarray(logit(np.clip(leaked, _END, 1.0 - _END)))

    def look(raid: Raid, mean: Floats) -> Look:
        moved = mean[:, None, : count + 1] + _BEND * np.vstack(
            [np.zeros(count + 1), np.eye(count + 1)]
        )
        odds = log_odds(raid, moved)
        slope = np.broadcast_to(np.zeros(1), mean.shape).copy()
        slope[:, : count + 1] = (odds[:, 1:] - odds[:, :1]) / _BEND
        slope[:, count + 1 :] = raid.extras
        return Look(odds[:, 0] + mean[:, count + 1 :] @ raid.extras, slope)

    return _of_members(MECHANISM, look, start, sd, wander, members, choice)
