"""Two publics: how both attitudes tire, how one rallies and how the other counts sunk costs."""

from collections.abc import Iterator

import numpy as np

from sim.evidence.verify.case import Case, Check, Floats, Loader, of_identity
from sim.evidence.verify.courses import course, fought
from sim.scenario.schema import ATTITUDES

_YEAR = 365
_MONTH = 2 * _YEAR / 24
_LOSS = 0.2


def tiring(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Constant for a year, then .08 logit a month on average over two more."""
    war = fought(load(), runs, seed)
    for attitude in ATTITUDES:
        hard = -_logit(course(war, f"{attitude}_u"))
        first, flat, last = hard[0], hard[_YEAR - 1], hard[3 * _YEAR - 1]
        yield of_identity(f"{attitude}, first year", "mueller1973", first, flat)
        slope = (last - flat) / (2 * _YEAR / _MONTH)
        expected = np.full(runs, -0.08)
        yield of_identity(f"{attitude}, logit a month after", "mueller1973", expected, slope)
        doubled = hard[2 * _YEAR - 1] - flat
        halfway = np.full(runs, -1.92 * np.log(2.0) / np.log(3.0))
        yield of_identity(f"{attitude}, by the logarithm", "mueller1973", halfway, doubled)


def struck(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A blow shifts the wish to end the war for a while, and the will to concede for good."""
    scenario = load(f"events.blow.loss={_LOSS}")
    war = fought(scenario, runs, seed)
    sample, path = war.sample, "publics.favourite"
    a = sample["minds.favourite.foresight"] + 1.0
    b = (a - 1.0) * sample["minds.favourite.expected_loss"]
    digits = a * np.log10(1.0 + _LOSS / b)
    day = np.arange(scenario.days)[:, None]
    since = day - scenario.day_of(scenario.events["blow"].date)
    rally, lasts = (sample[f"{path}.end_war.{name}"] for name in ("rally", "rally_lasts"))
    most, scale = (sample[f"{path}.concede.{name}"] for name in ("sunk", "sunk_scale"))
    against = {
        "end_war": rally * digits * np.exp(-np.maximum(0, since) / lasts),
        "concede": most * (1.0 - np.exp(-_LOSS / scale)),
    }
    tired = np.log10(np.maximum(1.0, (day + 1.0) / _YEAR))
    for attitude, taken in against.items():
        share, per_decade = (
            sample[f"{path}.{attitude}.{name}"] for name in ("share", "per_decade")
        )
        expected = _logit(share) + per_decade * tired - np.where(since >= 0, taken, 0.0)
        got = _logit(course(war, f"{attitude}_d"))
        source = "mueller1970" if attitude == "end_war" else "arkes_blumer1985"
        title = f"a public struck, {attitude}"
        yield of_identity(title, source, expected.ravel(), got.ravel())


def _logit(share: Floats) -> Floats:
    odds: Floats = np.log(share / (1.0 - share))
    return odds


CHECKS = (Check("public", tiring, runs=50), Check("public", struck, runs=50))
