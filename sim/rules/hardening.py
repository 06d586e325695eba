"""The rival theories of how minds move: one function a mechanism.

Each takes what it remembered (`was`, 0 where nothing is), the day's news as its holder believes
it, and its own figures, and returns what it remembers now; `term` is what it adds to the
holder's reservation. A day is the unit of time. Mechanisms act in the order of `MECHANISMS`;
`news.base`, `news.p_win` and `news.cost` hold the terms of those before.
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
    """A day as one side's leader sees it; arrays over runs. Losses in shares of value at stake."""

    days_of_war: float
    days_of_war_at_start: float
    prior: Floats  # own share expected from fighting on, at the start
    confidence: Floats
    p_win: Floats  # own share expected from fighting on, now
    cost: Floats  # of fighting on, now
    own_loss: Floats  # believed by the leader, of the day
    enemy_loss: Floats
    surprise: Floats  # at home, of the leader
    surprise_of_public: Floats
    hard_public: Floats  # share of the public that would not concede, over that of the start
    good: Floats  # battle outcomes of the day, each from 0 to 1, and their opposites
    bad: Floats
    moves: Floats  # of the front, in rungs, either way
    sweetener: Floats  # material offers the enemy made today, by their worth
    gesture: Floats  # symbolic ones
    demand: Floats  # public, of yesterday
    left: Floats  # the share that the enemy's public demand of yesterday leaves
    other_hardening: Floats  # the enemy's h of yesterday
    foreseen_loss: Floats  # at home, of the next raid, as the leader has learned to expect it
    foreseen_gain: Floats  # of the enemy, likewise
    stock_usd: Floats  # the own arsenal, 0 where there is none
    production_usd: Floats  # what comes in a day, with what outsiders pay for
    aid: Floats  # what comes of outsiders' aid, over what was counted on; 1 where none is read
    guarantee: Floats  # chance that an outsider keeps what is promised to the side
    base: Floats

    def with_base(self, base: Floats) -> "News":
        """The same day after one more term has come to the reservation."""
        return News._make((*self[:-1], base))  # a tenth of the time of `_replace`


def cost(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Punishment: c = c exp(-1/lasts) + per_loss * own loss; the term is -c.

    The theory is the one that Pape tests; he himself holds that punishment seldom coerces.
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
    """Promises do not bind: who expects less of tomorrow asks for it now, (p - d p') / (1 - d) - p.

    d = patience (1 - guarantee), less by what patrons guarantee. Of the future a side knows its
    own arsenal within the `horizon` and what raids have shown, against what it counted on before:
    k = decisiveness (log strength + raids (gain - loss)), gain and loss being the changes in what
    it foresees of a raid, and strength 1 - share + share arsenal / arsenal counted on, of which
    the scenario's arsenals are a `share`; logit p' = logit p + k less what p has taken in of k
    already, by `learning` and by patrons. Where there is no arsenal, what comes of outsiders' aid
    over what was counted on stands for it. A ceasefire shifts by `pause` more, and `paused` is the
    term under it.
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
    """Prospect theory: war is a gamble of all or nothing, valued from a reference point R.

    x solves v(x - R) = p v(1 - c - R) + (1 - p) v(-c - R), v(z) = z^a for gains and -l (-z)^a for
    losses; the term is x - (p - c), 0 for l = a = 1. R starts at the share expected, rises to 1
    with success and falls to 0 with failure, by its own rates. At a fixed R a higher l lowers x.
    The power form is that of 1992; chances are not weighted as there.
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
    """The strongman's image: humiliation at home, S over a threshold, makes conceding dear.

    t = t exp(-1/lasts) + per_surprise * max(0, S - threshold), weighed by the part of the public
    that would not concede. Source: kertzer_brutger2016.
    """
    humiliation = np.maximum(0.0, news.surprise - figures["threshold"]) * news.hard_public
    fading = np.exp(-1.0 / figures["lasts"])
    return {"term": was["term"] * fading + figures["per_surprise"] * humiliation}


def rally(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Rally round the flag: t = t exp(-1/lasts) + per_surprise * S of the public at home.

    The sign is the figure's. Source: mueller1970, seo_horiuchi2024.
    """
    fading = np.exp(-1.0 / figures["lasts"])
    return {"term": was["term"] * fading + figures["per_surprise"] * news.surprise_of_public}


def weariness(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """War weariness: t = -per_decade * log10((days + days_per_loss * s) / days at the start).

    s is the own loss believed since the start: a loss of all at stake tires like so many days.
    His logarithm is of casualties; that days stand for them is this project's step.
    Source: mueller1973.
    """
    loss = was["loss"] + news.own_loss
    days = news.days_of_war + figures["days_per_loss"] * loss
    term = -figures["per_decade"] * np.log10(days / news.days_of_war_at_start)
    return {"term": term, "loss": loss}


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


def turbulence(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Movement and casualties together harden, either alone softens: t = strength (3 m v - m - v).

    m = 1 - exp(-moves / many_moves) and v likewise for the losses believed on both sides, each
    fading; so t is +strength at m = v = 1 and -strength where one is 1 and the other 0.
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

    Stable iff fatigue_1 fatigue_2 > reaction_1 reaction_2; what is not is cut at a million times
    all that is at stake, so that it stays a number.
    """
    change = (
        figures["reaction"] * news.other_hardening
        - figures["fatigue"] * was["term"]
        + figures["grievance"]
    )
    return {"term": np.maximum(-1e6, np.minimum(1e6, was["term"] + change))}


def sacred(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Sacred values: the share of the side that trades nothing for a sacred stake is a floor.

    t = max(0, share * stake - base) + share * i; a material sweetener insults and a symbolic
    gesture soothes, i = i exp(-1/lasts) + backlash * sweetener - relief * gesture.
    Source: ginges2007.
    """
    fading = np.exp(-1.0 / figures["lasts"])
    stirred = figures["backlash"] * news.sweetener - figures["relief"] * news.gesture
    insult = was["insult"] * fading + stirred
    floor = np.maximum(0.0, figures["share"] * figures["stake"] - news.base)
    return {"term": floor + figures["share"] * insult, "insult": insult}


def audience(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Audience costs: a concession below the vow costs `cost_below_vow` a unit; vows ratchet.

    x - a (v - x) >= base gives x >= base + a (v - base) / (1 + a); v rises to every public demand,
    and S of the public takes what a vow still leaves, 1 - v, down to (1 - v) exp(-vow_per_surprise
    S). The cost is weighed by the part of the public that would not concede.
    Source: fearon1994, tomz2007.
    """
    said = np.maximum(was["vow"], news.demand)
    taken = -np.expm1(-figures["vow_per_surprise"] * news.surprise_of_public)
    vow = said + np.maximum(0.0, 1.0 - said) * taken
    a = figures["cost_below_vow"] * news.hard_public
    return {"term": a * np.maximum(0.0, vow - news.base) / (1.0 + a), "vow": vow}


def resurrection(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """The leader who gambles: a settlement below a line costs him his office, and so does defeat.

    Staying is worth B = office * culpability to him. A settlement x leaves him there with chance
    L(x), 0 up to line - doubt, 1 from line + doubt on, even between; war with the mean of L over
    outcomes ~ N(p, spread). The least he accepts solves x + B L(x) = base + B E L. The line rises
    with anger, a = a exp(-1/lasts) + per_surprise * S of the public.
    Source: downs_rocke1994, goemans2000, debs_goemans2010, croco2011.
    """
    fading = np.exp(-1.0 / figures["lasts"])
    anger = was["anger"] * fading + figures["per_surprise"] * news.surprise_of_public
    line, office = figures["line"] + anger, figures["office"] * figures["culpability"]
    survives = bargaining.survival(news.p_win, figures["spread"], line, figures["doubt"])
    least = bargaining.leaders_least(news.base + office * survives, office, line, figures["doubt"])
    return {"term": least - news.base, "anger": anger}


def ripeness(was: Memory, news: News, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    """Zartman's gate, no term: in earnest iff it hurts, nothing moves, and a way out is seen.

    Cost of fighting on >= hurts_at, days without a move of the front >= still_for, and what the
    enemy's demand leaves is short of the reservation by no more than sees_over.
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
"""Those that read what a side has and gets: `stock_usd`, `production_usd`, `aid`, `guarantee`."""
