"""The rival theories about how news moves a side's reservation: one function per mechanism.

Each function takes the mechanism's memory (`was`, 0 at first), the day's news as the side believes
it, and the mechanism's figures, and returns the new memory; its `term` is what the mechanism adds
to the side's reservation. The unit of time is a day. Mechanisms act in the order of `MECHANISMS`;
`news.base`, `news.p_win` and `news.cost` include the terms of those before.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.rules import bargaining, beliefs

Floats = NDArray[np.float64]
Memory = Mapping[str, Floats]
Mechanism = Callable[[Memory, "News", Mapping[str, Floats]], dict[str, Floats]]


class News(NamedTuple):
    """A day as one side's leader sees it: arrays over runs, losses in shares of value at stake."""

    days_of_war: float
    days_of_war_at_start: float
    prior: Floats  # own share expected from fighting on, at the start
    confidence: Floats
    p_win: Floats  # own share expected from fighting on, now
    cost: Floats  # of fighting on, now
    own_loss: Floats  # of the day, as the leader believes it
    enemy_loss: Floats  # of the day, as the leader believes it
    surprise: Floats  # of the leader, at losses at home
    surprise_of_public: Floats
    hard_public: Floats  # share of the public that would not concede, relative to the start
    good: Floats  # sum of the day's battle outcomes, each from 0 to 1
    bad: Floats  # sum of one minus each outcome
    moves: Floats  # of the front today, in rungs, in either direction
    sweetener: Floats  # worth of the material offers that the enemy made today
    gesture: Floats  # worth of the enemy's symbolic gestures today
    demand: Floats  # own public demand of yesterday
    left: Floats  # share that the enemy's public demand of yesterday leaves
    other_hardening: Floats  # the enemy's h of yesterday
    foreseen_loss: Floats  # predicted loss of the next raid at home
    foreseen_gain: Floats  # predicted loss of the enemy in the next raid
    stock_usd: Floats  # own arsenal, 0 without one
    production_usd: Floats  # daily additions, including those that outsiders pay for
    aid: Floats  # arriving aid relative to the expected aid; 1 if no history records it
    guarantee: Floats  # chance that an outsider keeps what is promised to the side
    base: Floats  # reservation with the terms of all mechanisms before

    def after(self, base: Floats, p_win: Floats, cost: Floats) -> "News":
        """The same day after one more term: the reservation with it, and what is expected now."""
        return News._make((*self[:4], p_win, cost, *self[6:-1], base))  # `_replace` is slow


def cost(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Punishment: c = c exp(-1/lasts) + per_loss * own loss; the term is -c.

    Pape tests this theory and finds that punishment seldom coerces.
    Source: pape1996.
    """
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


def commitment(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Promises do not bind: a side that will be weaker asks for more now, (p - d p') / (1 - d) - p.

    d = patience (1 - guarantee), times one minus what patrons guarantee. About the future a side
    knows its own arsenal within the `horizon` and what raids have shown, relative to the start:
    k = decisiveness (log strength + raids (gain - loss)), where gain and loss are the changes in
    the predicted results of a raid, and strength is 1 - share + share * arsenal / arsenal at the
    start; `share` is the part of its strength that the scenario's arsenals make up. logit p' =
    logit p + k, less the part of k that p has already taken in through `learning` and patrons.
    Without an arsenal, outsiders' aid relative to the expected aid replaces it. A ceasefire shifts
    by `pause` more, and `paused` is the term under it.
    Source: fearon1995, powell2004, powell2006, skaperdas1996.
    """
    arsenal = news.stock_usd + figures["horizon"] * news.production_usd
    today = {
        "counted_on": arsenal,
        "loss_before": news.foreseen_loss,
        "gain_before": news.foreseen_gain,
    }
    eve = {key: np.where(was["began"] > 0.0, was[key], now) for key, now in today.items()}
    has_any = eve["counted_on"] > 0.0
    left = np.divide(arsenal, eve["counted_on"], out=news.aid.copy(), where=has_any)
    with np.errstate(divide="ignore"):
        supply = np.maximum(np.log1p(figures["share"] * (left - 1.0)), -700.0)
    gain, loss = news.foreseen_gain - eve["gain_before"], news.foreseen_loss - eve["loss_before"]
    k = figures["decisiveness"] * (supply + figures["raids"] * (gain - loss))
    rest = beliefs.still_to_come(news.prior, news.p_win, k)
    later, paused = (
        beliefs.shifted(news.p_win, shift)
        for shift in (rest, rest - figures["decisiveness"] * figures["pause"])
    )
    d = figures["patience"] * (1.0 - figures["guarantee"]) * (1.0 - news.guarantee)
    return {
        "term": bargaining.asks_now(news.p_win, later, d) - news.p_win,
        "paused": bargaining.asks_now(news.p_win, paused, d) - news.p_win,
        "began": np.ones(len(k)),
        **eve,
    }


def reference(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Prospect theory: war is a gamble for all or nothing, valued relative to a reference point R.

    x solves v(x - R) = p v(1 - c - R) + (1 - p) v(-c - R), v(z) = z^a for gains and -l (-z)^a for
    losses; the term is x - (p - c), which is 0 for l = a = 1. R starts at the expected share, rises
    towards 1 with success and falls towards 0 with failure, at separate rates. At a fixed R a
    higher l lowers x. The power form is that of 1992, without its weighting of probabilities.
    Source: tversky_kahneman1992, kahneman_tversky1979, levy1997.
    """
    point = news.prior + was["shift"]
    up = np.minimum(1.0, figures["rises"] * news.good) * (1.0 - point)
    down = np.minimum(1.0, figures["falls"] * news.bad) * point
    point = point + up - down
    p = np.clip(news.p_win, 0.0, 1.0)
    bend = figures["loss_aversion"], figures["sensitivity"]
    gamble = p * _value(1.0 - news.cost - point, *bend)
    gamble = gamble + (1.0 - p) * _value(-news.cost - point, *bend)
    certain = point + _worth(gamble, *bend)
    return {"term": certain - (news.p_win - news.cost), "shift": point - news.prior}


def _value(change, loss_aversion, sensitivity):
    size = np.abs(change) ** sensitivity
    return np.where(change >= 0.0, size, -loss_aversion * size)


def _worth(value, loss_aversion, sensitivity):
    """The change that has a value: the inverse of `_value`."""
    size = np.where(value >= 0.0, value, -value / loss_aversion) ** (1.0 / sensitivity)
    return np.where(value >= 0.0, size, -size)


def image(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """The leader's image of strength: humiliation at home makes it costly to concede.

    t = t exp(-1/lasts) + per_surprise * max(0, S - threshold), weighted by the part of the public
    that would not concede. Source: kertzer_brutger2016.
    """
    humiliation = np.maximum(0.0, news.surprise - figures["threshold"]) * news.hard_public
    fading = np.exp(-1.0 / figures["lasts"])
    return {"term": was["term"] * fading + figures["per_surprise"] * humiliation}


def rally(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Rally round the flag: t = t exp(-1/lasts) + per_surprise * S of the public at home.

    `per_surprise` may have either sign. Source: mueller1970, seo_horiuchi2024.
    """
    fading = np.exp(-1.0 / figures["lasts"])
    return {"term": was["term"] * fading + figures["per_surprise"] * news.surprise_of_public}


def weariness(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """War weariness: t = -per_decade * log10((days + days_per_loss * s) / days at the start).

    s is the side's own loss believed since the start; a loss of everything at stake wearies like
    `days_per_loss` days. Mueller's logarithm is of casualties; using days is this project's step.
    Source: mueller1973.
    """
    loss = was["loss"] + news.own_loss
    days = news.days_of_war + figures["days_per_loss"] * loss
    term = -figures["per_decade"] * np.log10(days / news.days_of_war_at_start)
    return {"term": term, "loss": loss}


def threshold(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Violence that softens below a threshold and hardens above it: t = -strength s (1 - s / s0).

    s is the side's own loss believed since the start, s0 the turning point; the term softens most
    at s0 / 2.
    Source: gould_klor2010.
    """
    loss = was["loss"] + news.own_loss
    term = -figures["strength"] * loss * (1.0 - loss / figures["turns_at"])
    return {"term": term, "loss": loss}


def sunk(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Sunk costs: losses must not have been in vain, t = most (1 - exp(-s / scale)).

    s is the side's own loss believed since the start; it does not fade. Source: arkes_blumer1985.
    """
    loss = was["loss"] + news.own_loss
    return {"term": figures["most"] * -np.expm1(-loss / figures["scale"]), "loss": loss}


def turbulence(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Movement and losses together harden, either alone softens: t = strength (3 m v - m - v).

    m = 1 - exp(-moves / many_moves), and v is the same for the losses believed on both sides; both
    fade. So t is +strength at m = v = 1 and -strength if one is 1 and the other 0.
    Source: min2022.
    """
    fading = np.exp(-1.0 / figures["lasts"])
    moves = was["moves"] * fading + news.moves
    losses = was["losses"] * fading + news.own_loss + news.enemy_loss
    m, v = -np.expm1(-moves / figures["many_moves"]), -np.expm1(-losses / figures["many_losses"])
    term = figures["strength"] * (3.0 * m * v - m - v)
    return {"term": term, "moves": moves, "losses": losses}


def spiral(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Richardson: t = t + reaction * h_other - fatigue * t + grievance. Source: richardson1960.

    Stable iff fatigue_1 fatigue_2 > reaction_1 reaction_2. The term is cut at a million times the
    stakes, so that an unstable spiral stays finite.
    """
    change = (
        figures["reaction"] * news.other_hardening
        - figures["fatigue"] * was["term"]
        + figures["grievance"]
    )
    return {"term": np.maximum(-1e6, np.minimum(1e6, was["term"] + change))}


def sacred(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Sacred values: a share of the side gives up a sacred stake for nothing, which sets a floor.

    t = max(0, share * stake - base) + share * i. A material sweetener insults that share and a
    symbolic gesture soothes it: i = i exp(-1/lasts) + backlash * sweetener - relief * gesture.
    Source: ginges2007.
    """
    fading = np.exp(-1.0 / figures["lasts"])
    stirred = figures["backlash"] * news.sweetener - figures["relief"] * news.gesture
    insult = was["insult"] * fading + stirred
    floor = np.maximum(0.0, figures["share"] * figures["stake"] - news.base)
    return {"term": floor + figures["share"] * insult, "insult": insult}


def audience(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Audience costs: conceding below the vow costs `cost_below_vow` per unit; vows only rise.

    x - a (v - x) >= base gives x >= base + a (v - base) / (1 + a). v rises to every public demand,
    and the public's surprise S reduces what a vow still leaves from 1 - v to
    (1 - v) exp(-vow_per_surprise S). The cost is weighted by the part of the public that would not
    concede.
    Source: fearon1994, tomz2007.
    """
    said = np.maximum(was["vow"], news.demand)
    taken = -np.expm1(-figures["vow_per_surprise"] * news.surprise_of_public)
    vow = said + np.maximum(0.0, 1.0 - said) * taken
    a = figures["cost_below_vow"] * news.hard_public
    return {"term": a * np.maximum(0.0, vow - news.base) / (1.0 + a), "vow": vow}


def resurrection(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Gambling for resurrection: a settlement below a line, or defeat, costs the leader the office.

    Staying in office is worth B = office * culpability to the leader. After a settlement x the
    leader stays with probability L(x), which is 0 up to line - doubt, 1 from line + doubt on, and
    linear between; after a war, with the mean of L over outcomes ~ N(p, spread). The least that the
    leader accepts solves x + B L(x) = base + B E L. The line rises with the public's anger,
    a = a exp(-1/lasts) + per_surprise * S.
    Source: downs_rocke1994, goemans2000, debs_goemans2010, croco2011.
    """
    fading = np.exp(-1.0 / figures["lasts"])
    anger = was["anger"] * fading + figures["per_surprise"] * news.surprise_of_public
    line, office = figures["line"] + anger, figures["office"] * figures["culpability"]
    survives = bargaining.survival(news.p_win, figures["spread"], line, figures["doubt"])
    least = bargaining.leaders_least(news.base + office * survives, office, line, figures["doubt"])
    return {"term": least - news.base, "anger": anger}


def ripeness(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Zartman's ripeness, a gate: in earnest iff it hurts, nothing moves, and there is a way out.

    The cost of fighting on is at least hurts_at, the front has not moved for at least still_for
    days, and what the enemy's demand leaves is at most sees_over below the reservation. The term
    is 0.
    Source: zartman2000.
    """
    still = np.where(news.moves > 0.0, 0.0, was["still"] + 1.0)
    hurts = news.cost >= figures["hurts_at"]
    sees_a_way_out = news.base - news.left <= figures["sees_over"]
    earnest = hurts & (still >= figures["still_for"]) & sees_a_way_out
    return {"term": np.zeros(len(still)), "still": still, "earnest": earnest.astype(np.float64)}


MECHANISMS: dict[str, Mechanism] = {
    function.__name__: function
    for function in (
        cost,
        learning,
        commitment,
        reference,
        image,
        rally,
        threshold,
        sunk,
        weariness,
        turbulence,
        spiral,
        sacred,
        audience,
        resurrection,
        ripeness,
    )
}
LOOK_AHEAD = ("commitment",)
"""Mechanisms that read the outlook."""
OUTLOOK = ("foreseen_loss", "foreseen_gain", "stock_usd", "production_usd", "aid", "guarantee")
"""The fields of the news that say what the future brings."""
