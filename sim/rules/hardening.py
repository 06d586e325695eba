"""The rival theories of how minds move: one function a mechanism.

Each takes what it remembered (`was`, 0 where nothing is), the day's news as its holder believes
it, and its own figures, and returns what it remembers now; `term` is what it adds to the
holder's reservation. A day is the unit of time. Mechanisms act in the order of `MECHANISMS`, and
`news.base` is the reservation with the terms of those before.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.rules import beliefs

Floats = NDArray[np.float64]
Memory = Mapping[str, Floats]
Mechanism = Callable[[Memory, "News", Mapping[str, Floats]], dict[str, Floats]]


class News(NamedTuple):
    """A day as one side's leader sees it; arrays over runs. Losses in shares of value at stake."""

    days_of_war: float
    days_of_war_at_start: float
    prior: Floats  # own share expected from fighting on, at the start
    confidence: Floats
    own_loss: Floats  # believed by the leader, of the raids of the day
    surprise: Floats  # at home, of the leader
    surprise_of_public: Floats
    good: Floats  # battle outcomes of the day, each from 0 to 1, and their opposites
    bad: Floats
    demand: Floats  # public, of yesterday
    other_hardening: Floats  # the enemy's h of yesterday
    base: Floats


def cost(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Punishment: c = c exp(-1/lasts) + per_loss * own loss; the term is -c. Source: pape1996."""
    fading = np.exp(-1.0 / figures["lasts"])
    return {"term": was["term"] * fading - figures["per_loss"] * news.own_loss}


def learning(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Bayes on battle outcomes: Beta(a + w o, b + w (1 - discount)(1 - o)); the term is p - p0.

    Source: slantchev2003, smith_stam2004.
    """
    good = was["good"] + figures["weight"] * news.good
    bad = was["bad"] + figures["weight"] * (1.0 - figures["discount"]) * news.bad
    p = beliefs.p_win(news.prior, news.confidence, good, bad)
    return {"term": p - news.prior, "good": good, "bad": bad}


def image(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """The strongman's image: humiliation at home, S over a threshold, makes conceding dear.

    t = t exp(-1/lasts) + per_surprise * max(0, S - threshold). Source: kertzer_brutger2016.
    """
    humiliation = np.maximum(0.0, news.surprise - figures["threshold"])
    fading = np.exp(-1.0 / figures["lasts"])
    return {"term": was["term"] * fading + figures["per_surprise"] * humiliation}


def rally(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Rally round the flag: t = t exp(-1/lasts) + per_surprise * S of the public at home.

    The sign is the figure's. Source: mueller1970, seo_horiuchi2024.
    """
    fading = np.exp(-1.0 / figures["lasts"])
    return {"term": was["term"] * fading + figures["per_surprise"] * news.surprise_of_public}


def weariness(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """War weariness: t = -per_decade * log10(days of war / days of war at the start).

    Source: mueller1973.
    """
    decades = np.log10(news.days_of_war / news.days_of_war_at_start)
    return {"term": -figures["per_decade"] * decades}


def threshold(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Violence that softens below a threshold and hardens above it: t = -strength s (1 - s / s0).

    s is the own loss believed since the start, s0 the turning point; most softening at s0 / 2.
    Source: gould_klor2010.
    """
    loss = was["loss"] + news.own_loss
    term = -figures["strength"] * loss * (1.0 - loss / figures["turns_at"])
    return {"term": term, "loss": loss}


def sunk(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Sunk costs: what was lost must not have been in vain, t = most (1 - exp(-s / scale)).

    s is the own loss believed since the start; it does not fade. Source: arkes_blumer1985.
    """
    loss = was["loss"] + news.own_loss
    return {"term": figures["most"] * -np.expm1(-loss / figures["scale"]), "loss": loss}


def spiral(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Richardson: t = t + reaction * h_other - fatigue * t + grievance. Source: richardson1960.

    Stable iff fatigue_1 fatigue_2 > reaction_1 reaction_2.
    """
    change = (
        figures["reaction"] * news.other_hardening
        - figures["fatigue"] * was["term"]
        + figures["grievance"]
    )
    return {"term": was["term"] + change}


def audience(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Audience costs: a concession below the vow costs `cost_below_vow` a unit; vows ratchet.

    x - a (v - x) >= base gives x >= base + a (v - base) / (1 + a); v rises to every public demand
    and by vow_per_surprise * S of the public, never above 1. Source: fearon1994, tomz2007.
    """
    stirred = np.maximum(was["vow"], news.demand) + (
        figures["vow_per_surprise"] * news.surprise_of_public
    )
    vow = np.maximum(np.maximum(was["vow"], news.demand), np.minimum(1.0, stirred))
    a = figures["cost_below_vow"]
    return {"term": a * np.maximum(0.0, vow - news.base) / (1.0 + a), "vow": vow}


MECHANISMS: dict[str, Mechanism] = {
    function.__name__: function
    for function in (cost, learning, image, rally, threshold, sunk, weariness, spiral, audience)
}
