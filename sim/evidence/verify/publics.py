"""Two publics: how they tire, rally and count what is sunk."""

from collections.abc import Iterator

import numpy as np

from sim.evidence.verify.case import Case, Check, Floats, Loader, of_identity
from sim.evidence.verify.courses import course, fought

_YEAR = 365
_MONTH = 2 * _YEAR / 24
_LOSS = 0.2


def tiring(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Flat for a year, then .08 logit a month on average over two more."""
    hard = -_logit(course(fought(load(), runs, seed), "soft_u"))
    first, flat, last = hard[0], hard[_YEAR - 1], hard[3 * _YEAR - 1]
    yield of_identity("weariness of a public, first year", "mueller1973", first, flat)
    slope = (last - flat) / (2 * _YEAR / _MONTH)
    expected = np.full(runs, -0.08)
    yield of_identity("weariness, logit a month after", "mueller1973", expected, slope)
    doubled = hard[2 * _YEAR - 1] - flat
    halfway = np.full(runs, -1.92 * np.log(2.0) / np.log(3.0))
    yield of_identity("weariness, by the logarithm", "mueller1973", halfway, doubled)


def struck(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A blow rallies a public for a while, and is sunk for good."""
    scenario = load(f"events.blow.loss={_LOSS}")
    war = fought(scenario, runs, seed)
    sample, path = war.sample, "publics.favourite"
    soft, rally, lasts, sunk, scale, per_decade = (
        sample[f"{path}.{name}"]
        for name in ("soft", "rally", "rally_lasts", "sunk", "sunk_scale", "per_decade")
    )
    a = sample["minds.favourite.foresight"] + 1.0
    b = (a - 1.0) * sample["minds.favourite.expected_loss"]
    digits = a * np.log10(1.0 + _LOSS / b)
    day = np.arange(scenario.days)[:, None]
    since = day - scenario.day_of(scenario.events["blow"].date)
    faded = rally * digits * np.exp(-np.maximum(0, since) / lasts)
    lasting = sunk * (1.0 - np.exp(-_LOSS / scale))
    tired = per_decade * np.log10(np.maximum(1.0, (day + 1.0) / _YEAR))
    expected = _logit(soft) + tired - np.where(since >= 0, faded + lasting, 0.0)
    got = _logit(course(war, "soft_d"))
    yield of_identity("a public struck", "mueller1970, mueller1973", expected.ravel(), got.ravel())


def _logit(share: Floats) -> Floats:
    odds: Floats = np.log(share / (1.0 - share))
    return odds


CHECKS = (Check("public", tiring, runs=50), Check("public", struck, runs=50))
