"""The law of a night: the share of a raid that a nation's defence lets through, given its size.

The rules are those of the raid, at the scale of a nation: one circle that every drone crosses, with
teams that look, take a drone on a free channel and fire, and jammers before them. The kernel
simulates the same law where textbook formulas are exact: drones arrive as a Poisson stream and are
in reach for a moment. What is added for a nation:

- massing: a large raid is seen coming and goes deep, so each of its drones meets more teams;
- decoys: large raids contain a larger share of them; they occupy channels and never count as
  leaked;
- growth: of the defence by the year, and of its channels with the number launched; growth of the
  attacker is in the launched counts and in the share of decoys;
- a drift: the lead of one side over the other wanders and reverts.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaincc, gammaln, logit

Floats = NDArray[np.float64]
Values = dict[str, Any]

REFERENCE_DAY = 738_886  # 1 January 2024, from which growth is counted
REFERENCE_TEMPO = 10.0  # launched a day
DAYS_A_YEAR = 365.25


class Figure(NamedTuple):
    """A fitted figure; its prior is normal on its scale, with the guess as its median.

    `sd` is in units of the scale: of the logarithm for log, of the log odds for logit.
    """

    guess: float
    sd: float
    scale: str  # log, logit or plain
    assumed: str

    def value(self, z: Any) -> Any:
        """The figure at `z` prior standard deviations from its guess."""
        if self.scale == "log":
            return self.guess * np.exp(self.sd * z)
        if self.scale == "logit":
            return expit(logit(self.guess) + self.sd * z)
        return self.guess + self.sd * z


@dataclass(frozen=True)
class Law:
    """The fitted figures and the fixed ones of a class; every figure is in one of the two."""

    figures: dict[str, Figure]
    fixed: dict[str, float]

    def values(self, z: Floats) -> Values:
        """Every figure by name: `z` is (..., figures), each value (...)."""
        fitted = {name: f.value(z[..., k]) for k, (name, f) in enumerate(self.figures.items())}
        return {**self.fixed, **fitted}

    def holding(self, **fixed: float) -> "Law":
        """The same law with some figures fixed at given values."""
        fitted = {name: figure for name, figure in self.figures.items() if name not in fixed}
        return Law(fitted, {**self.fixed, **fixed})


class Shares(NamedTuple):
    """The mean fates of a raid as shares of the launched; they add up to 1."""

    leaked: Any  # drones that are neither stopped nor decoys
    shot: Any  # drones and decoys
    lost: Any  # jammed drones, and decoys that nobody shot: these fall by themselves


def shares(values: Values, day: Any, launched: Any, tempo: Any, drift: Any) -> Shares:
    """The mean fates of a raid of a size on a day, elementwise; `tempo` is the recent daily rate.

    m = 1 + massing n / (n + massing_half), g = exp(growth t), t in years;
    units u = g exp(drift) m, channels c = channels u (tempo / 10)^response;
    decoys d = decoys / (1 + exp(-(day - decoys_from) / decoys_within)) n / (n + decoys_half);
    unjammed j = (1 - d) exp(-jam g), flying f = j + d exp(-decoys_fall);
    seen s = 1 - exp(-looks u), shot down q = s (1 - B(c, n f s service / window)) p_kill;
    leaked = j (1 - q), shot = f q, lost = the rest.
    Sources: koopman1956 (s), erlang1917 (B), washburn_kress2009 (p_kill). Assumed: the forms of m,
    g and d.
    """
    since_day = day - REFERENCE_DAY
    grown = np.exp(values["growth"] * since_day / DAYS_A_YEAR)
    massed = 1.0 + values["massing"] * launched / (launched + values["massing_half"])
    units = grown * np.exp(drift) * massed
    channels = values["channels"] * units * (tempo / REFERENCE_TEMPO) ** values["response"]
    brought_in = expit((since_day - values["decoys_from"]) / values["decoys_within"])
    decoys = values["decoys"] * brought_in * launched / (launched + values["decoys_half"])
    unjammed = (1.0 - decoys) * np.exp(-values["jam"] * grown)
    flying = unjammed + decoys * np.exp(-values["decoys_fall"])
    p_seen = -np.expm1(-values["looks"] * units)
    load = launched * flying * p_seen * values["service_min"] / values["window_min"]
    p_shot = p_seen * (1.0 - p_blocked(channels, load)) * values["p_kill"]
    leaked, shot = unjammed * (1.0 - p_shot), flying * p_shot
    return Shares(leaked, shot, 1.0 - leaked - shot)


def p_blocked(channels: Any, load: Any) -> Any:
    """Erlang's B: the probability that all channels are busy, for any number of channels above 0.

    a^c exp(-a) / (integral from a to infinity of t^c exp(-t) dt), for any service distribution.
    Source: erlang1917, jagerman1974 (fractional numbers of channels).
    """
    rest = gammaincc(channels + 1.0, load)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_b = channels * np.log(load) - load - gammaln(channels + 1.0) - np.log(rest)
        # Far above capacity the integral underflows: all but c / a are blocked.
        return np.where(rest > 0.0, np.exp(np.minimum(log_b, 0.0)), 1.0 - channels / load)


def spread(values: Values, launched: Any) -> Any:
    """The correlation between the drones of one night: spread / (1 + n / spread_half).

    A large raid consists of many streams over many regions, each with its own luck. Assumed: the
    form.
    """
    return values["spread"] / (1.0 + launched / values["spread_half"])


# --- the priors of each class --------------------------------------------------------------------
# Guesses follow the shipped scenario where it has the figure; priors are wide: the nights decide.

_NIGHTS = {
    "spread": Figure(0.1, 0.8, "logit", "weather, routes and heights differ from night to night"),
    "spread_half": Figure(50.0, 1.0, "log", "drones that fly as one stream"),
    "drift": Figure(0.5, 0.5, "log", "of the logarithm of units: a lead of half or double"),
    "drift_days": Figure(500.0, 0.7, "log", "a new measure is answered in months to years"),
}
_NO_DECOYS = {
    "decoys": 0.0,
    "decoys_half": 1.0,
    "decoys_from": 0.0,
    "decoys_within": 1.0,
    "decoys_fall": 0.0,
}
_NO_MASSING = {"massing": 0.0, "massing_half": 1.0}
_NO_JAMMING = {"jam": 0.0}

_SHAHED = Law(
    {
        "looks": Figure(2.5, 0.5, "log", "most drones are seen by some team on a way of hours"),
        "p_kill": Figure(0.92, 0.7, "logit", "one team after another, .3 to .6 each"),
        "channels": Figure(6.0, 0.7, "log", "teams on the way of a stream, at 10 launched a day"),
        "response": Figure(1.0, 0.2, "plain", "channels keep pace with what is sent"),
        "growth": Figure(0.2, 0.2, "plain", "a year; more and better teams and jammers"),
        "massing": Figure(0.4, 1.0, "log", "teams gather where a large raid is announced"),
        "massing_half": Figure(60.0, 0.7, "log", "a large night of 2023"),
        "jam": Figure(0.05, 0.8, "log", "regional jammers, about .1 an hour, for about an hour"),
        "decoys": Figure(
            0.55, 0.35, "logit", "a little less than half to 60 % (ihnat2025, ukmod2024)"
        ),
        "decoys_half": Figure(20.0, 0.7, "log", "small raids are of armed drones"),
        "decoys_from": Figure(250.0, 40.0, "plain", "day of 2024; many from September (ukmod2024)"),
        "decoys_within": Figure(25.0, 0.5, "log", "days; a product is brought in within months"),
        "decoys_fall": Figure(0.9, 0.4, "log", "simple navigation, little fuel"),
        "lost_spread": Figure(0.05, 0.8, "logit", "nights differ"),
        **_NIGHTS,
    },
    # Minutes to find and engage a drone until the channel is free again; a night of eight hours.
    {"service_min": 3.0, "window_min": 480.0},
)
_CRUISE = Law(
    {
        "looks": Figure(1.8, 0.5, "log", "a radar or a patrol finds most of them"),
        "p_kill": Figure(0.88, 0.7, "logit", "two missiles of .65 each"),
        "channels": Figure(12.0, 0.7, "log", "three batteries of four on the way"),
        "growth": Figure(0.1, 0.2, "plain", "a year; batteries come, missiles run short"),
        "massing": Figure(0.4, 1.0, "log", "single missiles stay near the front, many go deep"),
        "massing_half": Figure(10.0, 0.7, "log", "one or two bombers' load"),
        **_NIGHTS,
    },
    # The flight of a missile and the look after it; raids arrive within an hour.
    {"service_min": 1.0, "window_min": 60.0, "response": 0.0, **_NO_JAMMING, **_NO_DECOYS},
)
_BALLISTIC = Law(
    {
        "looks": Figure(0.3, 0.8, "log", "few places have a battery that can stop one"),
        "p_kill": Figure(0.6, 0.7, "logit", "two missiles of .15 to .6 each"),
        "channels": Figure(4.0, 0.7, "log", "one battery"),
        "growth": Figure(0.2, 0.3, "plain", "a year; such batteries came in 2023"),
        "massing": Figure(0.4, 1.0, "log", "single ones fall near the front, salvos on cities"),
        "massing_half": Figure(5.0, 0.7, "log", "a salvo of two or three launchers"),
        **_NIGHTS,
        "spread": Figure(0.3, 0.8, "logit", "a night at a place with a battery or without"),
    },
    # A pair of missiles; a salvo arrives within minutes.
    {
        "service_min": 0.5,
        "window_min": 5.0,
        "response": 0.0,
        **_NO_JAMMING,
        **_NO_DECOYS,
    },
)
LAWS = {"shahed": _SHAHED, "cruise": _CRUISE, "ballistic": _BALLISTIC}


def law_for(name: str, reports_lost: bool) -> Law:
    """The law of a class; without decoys if no training night reports what was lost.

    Decoys are identified by what falls without a shot. Before that was reported, nobody could have
    known.
    """
    law = LAWS[name]
    if reports_lost or "lost_spread" not in law.figures:
        return law
    figures = {key: figure for key, figure in law.figures.items() if key != "lost_spread"}
    return Law(figures, law.fixed).holding(**_NO_DECOYS)


_ENDLESS_CHANNELS = 1e4


def without(law: Law, part: str) -> Law:
    """The law with one part removed: "massing", "decoys" or "channels" (which are then unlimited).

    Raises KeyError for any other part.
    """
    taken_out = {
        "massing": _NO_MASSING,
        "decoys": _NO_DECOYS,
        "channels": {"channels": _ENDLESS_CHANNELS},
    }
    return law.holding(**taken_out[part])


def without_mechanism(name: str) -> Law:
    """A share that drifts regardless of the size of a raid: what the mechanism must beat."""
    law = LAWS[name]
    fitted = {key: law.figures[key] for key in ("looks", "p_kill", *_NIGHTS)}
    fixed = {"growth": 0.0, "response": 0.0, "channels": _ENDLESS_CHANNELS}
    return Law(fitted, {**law.fixed, **fixed, **_NO_MASSING, **_NO_JAMMING, **_NO_DECOYS})
