"""Each mechanism alone: its term on every evening, against its closed form."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from scipy import stats

from sim.evidence.verify.case import Case, Check, Floats, Loader, of_identity
from sim.evidence.verify.courses import SIDES, course, figure, fought
from sim.evidence.verify.news import News, faded, news_of
from sim.evidence.verify.verdicts import of_verdicts
from sim.raid.arrays import Bools
from sim.rules.hardening import MECHANISMS
from sim.scenario.schema import Scenario
from sim.war.model import War

_ANY_WEIGHT = "{value: 2.5, low: 0.1, high: 5, law: uniform, assumed: any of the range}"


class _Mind(NamedTuple):
    """A side's position at the start, and the figures of the mechanism; shape (runs,) each."""

    p: Floats
    cost: Floats
    confidence: Floats
    demand: Floats
    days_of_war: float
    enemy_demand: Floats
    figures: dict[str, Floats]
    stock: Floats
    production: Floats

    @property
    def base(self) -> Floats:
        """The reservation without any mechanism."""
        return self.p - self.cost


def alone(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Each mechanism with a term, switched on by itself, on both sides and every evening."""
    for name in _FORMS:
        war = fought(load(f"mechanisms.{name}.on=true"), runs, seed)
        yield of_identity(f"{name} alone", source_of(name), *_terms(war, name))
    apart = f"{{underdog: {_ANY_WEIGHT}, favourite: {_ANY_WEIGHT}}}"
    war = fought(
        load("mechanisms.learning.on=true", f"mechanisms.learning.weight={apart}"), runs, seed
    )
    words = "learning, each side by its own weight"
    yield of_identity(words, source_of("learning"), *_terms(war, "learning"))
    yield _taken_in(
        load("mechanisms.commitment.on=true", "mechanisms.learning.on=true"), seed, runs
    )
    yield _gate(load("mechanisms.ripeness.on=true"), seed, runs)


def _terms(war: War, name: str) -> tuple[Floats, Floats]:
    """A term by its closed form and as simulated, for both sides and every evening."""
    expected, got = [], []
    for side, letter in SIDES.items():
        expected.append(_FORMS[name](_mind(war, name, side), news_of(war, side)))
        got.append(course(war, f"h_{name}_{letter}"))
    return np.array(expected).ravel(), np.array(got).ravel()


def _taken_in(scenario: Scenario, seed: int, runs: int) -> Case:
    """A shift that has been learned is no longer expected: none counts twice."""
    war, expected, got = fought(scenario, runs, seed), [], []
    for side, letter in SIDES.items():
        learned = course(war, f"h_learning_{letter}")
        expected.append(_fall(_mind(war, "commitment", side), news_of(war, side), learned))
        got.append(course(war, f"h_commitment_{letter}"))
    words = "commitment, with learning beside it"
    source = source_of("commitment")
    return of_identity(words, source, np.array(expected).ravel(), np.array(got).ravel())


def source_of(mechanism: str) -> str:
    """The sources cited in the docstring of a mechanism."""
    return (MECHANISMS[mechanism].__doc__ or "").partition("Source: ")[2].partition(".")[0]


def _mind(war: War, mechanism: str, side: str) -> _Mind:
    enemy = war.scenario.enemy_of(side)
    words = ("p_win", "cost", "confidence", "demand")
    p, cost, confidence, demand = (war.sample[f"minds.{side}.{word}"] for word in words)
    block = getattr(war.scenario.mechanisms, mechanism)
    figures = {
        name: figure(war, f"mechanisms.{mechanism}.{name}", side)
        for name, value in block
        if not isinstance(value, bool)
    }
    began = war.scenario.war_began or war.scenario.start
    since = float((war.scenario.start - began).days)
    enemy_demand = war.sample[f"minds.{enemy}.demand"]
    arsenal = f"sides.{side}.arsenal.drone"
    stock, production = (
        war.sample.get(f"{arsenal}.{word}", 0.0) for word in ("stock", "production")
    )
    return _Mind(p, cost, confidence, demand, since, enemy_demand, figures, stock, production)


def _gate(scenario: Scenario, seed: int, runs: int) -> Case:
    """In earnest if it hurts, the front has stood still long enough, and a way out is seen."""
    war = War(scenario, runs, seed)
    opened: dict[str, list[Bools]] = {side: [] for side in SIDES}
    while war.running:
        war.step()
        for side, negotiator in war.negotiators.items():
            opened[side].append(negotiator.in_earnest)
    expected = []
    for side in SIDES:
        mind, news = _mind(war, "ripeness", side), news_of(war, side)
        last_move = np.maximum.accumulate(np.where(news.moved > 0.0, news.day, -2.0), axis=0)
        hurts = mind.cost >= mind.figures["hurts_at"]
        stood = news.day - last_move >= mind.figures["still_for"]
        sees = mind.base - (1.0 - mind.enemy_demand) <= mind.figures["sees_over"]
        expected.append(hurts & stood & sees)
    got = np.array([opened[side] for side in SIDES])
    return of_verdicts("ripeness alone, in earnest", "zartman2000", np.array(expected), got)


# --- closed forms ----------------------------------------------------------------------------


def _cost(mind: _Mind, news: News) -> Floats:
    return -mind.figures["per_loss"] * faded(news, news.loss, mind.figures["lasts"])


def _learning(mind: _Mind, news: News) -> Floats:
    won = mind.figures["weight"] * news.good.cumsum(axis=0)
    lost = mind.figures["weight"] * news.bad.cumsum(axis=0)
    counted = (1.0 - mind.figures["discount"]) * lost
    n = mind.confidence
    return (mind.p * n + won) / (n + won + counted) - mind.p


def _commitment(mind: _Mind, news: News) -> Floats:
    """What is lost tomorrow, times the weight of tomorrow against today; no belief has moved."""
    return _fall(mind, news, np.zeros_like(news.day))


def _fall(mind: _Mind, news: News, learned: Floats) -> Floats:
    """The term of `commitment` after `learning` has moved the expected share by `learned`."""
    figures = mind.figures
    raids = news.foreseen_gain - news.foreseen_gain[0] - news.foreseen_loss + news.foreseen_loss[0]
    later = mind.stock + (news.day + 1.0 + figures["horizon"]) * mind.production
    at_start = mind.stock + figures["horizon"] * mind.production
    armed = np.divide(later, at_start, out=np.ones_like(later), where=at_start > 0.0)
    strength = 1.0 - figures["share"] * (1.0 - armed)
    odds = (strength * np.exp(figures["raids"] * raids)) ** figures["decisiveness"]
    p = mind.p + learned
    taken = p / (1.0 - p) * (1.0 - mind.p) / mind.p
    grows = odds >= 1.0
    rest = np.where(grows, odds / np.clip(taken, 1.0, odds), odds / np.clip(taken, odds, 1.0))
    tomorrow = rest * p / (1.0 - p)
    d = figures["patience"] * (1.0 - figures["guarantee"])
    return d / (1.0 - d) * (p - tomorrow / (1.0 + tomorrow))


def _reference(mind: _Mind, news: News) -> Floats:
    """The certain share that is worth as much as the gamble of war, minus p - c."""
    point = _point(mind, news)
    a, aversion = mind.figures["sensitivity"], mind.figures["loss_aversion"]
    # war is a gain only if it is won and the point is below what is then left
    won, lost = 1.0 - mind.cost - point, mind.cost + point
    won_worth = np.where(won >= 0.0, np.abs(won) ** a, -aversion * np.abs(won) ** a)
    worth = mind.p * won_worth - (1.0 - mind.p) * aversion * lost**a
    sure = np.where(worth >= 0.0, np.abs(worth), np.abs(worth) / aversion) ** (1.0 / a)
    return point + np.where(worth >= 0.0, sure, -sure) - mind.base


def _point(mind: _Mind, news: News) -> Floats:
    """The reference point on each evening: what remains of p, plus what successes added."""
    up = np.minimum(1.0, mind.figures["rises"] * news.good)
    down = np.minimum(1.0, mind.figures["falls"] * news.bad)
    remaining = np.cumprod(1.0 - up - down, axis=0)
    return remaining * (mind.p + np.cumsum(up / remaining, axis=0))


def _image(mind: _Mind, news: News) -> Floats:
    humiliation = np.maximum(0.0, news.surprise - mind.figures["threshold"])
    return mind.figures["per_surprise"] * faded(news, humiliation, mind.figures["lasts"])


def _rally(mind: _Mind, news: News) -> Floats:
    return mind.figures["per_surprise"] * faded(news, news.surprise, mind.figures["lasts"])


def _threshold(mind: _Mind, news: News) -> Floats:
    s, turns = news.loss.cumsum(axis=0), mind.figures["turns_at"]
    return mind.figures["strength"] / turns * s * (s - turns)


def _sunk(mind: _Mind, news: News) -> Floats:
    return mind.figures["most"] * (1.0 - np.exp(-news.loss.cumsum(axis=0) / mind.figures["scale"]))


def _weariness(mind: _Mind, news: News) -> Floats:
    further = news.day + mind.figures["days_per_loss"] * news.loss.cumsum(axis=0)
    return -mind.figures["per_decade"] * np.log10(1.0 + further / mind.days_of_war)


def _turbulence(mind: _Mind, news: News) -> Floats:
    lasts = mind.figures["lasts"]
    moves = faded(news, news.moved, lasts)
    losses = faded(news, news.loss + news.enemy_loss, lasts)
    m = 1.0 - np.exp(-moves / mind.figures["many_moves"])
    v = 1.0 - np.exp(-losses / mind.figures["many_losses"])
    return mind.figures["strength"] * (3.0 * m * v - m - v)


def _spiral(mind: _Mind, news: News) -> Floats:
    """Both sides alike: from g on the eve to g / (a - k), by the factor 1 - a + k a day."""
    k, a, g = (mind.figures[word] for word in ("reaction", "fatigue", "grievance"))
    settles = g / (a - k)
    return settles + (g - settles) * (1.0 - a + k) ** (news.day + 1.0)


def _sacred(mind: _Mind, news: News) -> Floats:
    figures = mind.figures
    insult = faded(
        news,
        figures["backlash"] * news.offered - figures["relief"] * news.soothed,
        figures["lasts"],
    )
    floor = np.maximum(0.0, figures["share"] * figures["stake"] - mind.base)
    return floor + figures["share"] * insult


def _audience(mind: _Mind, news: News) -> Floats:
    """The vow is the initial demand; surprises permanently reduce what it leaves."""
    stirred = mind.figures["vow_per_surprise"] * news.surprise.cumsum(axis=0)
    vow = 1.0 - (1.0 - mind.demand) * np.exp(-stirred)
    a = mind.figures["cost_below_vow"]
    return a / (1.0 + a) * np.maximum(0.0, vow - mind.base)


def _resurrection(mind: _Mind, news: News) -> Floats:
    """Chance to stay in office by quadrature over the line, least acceptable share by bisection."""
    figures = mind.figures
    anger = figures["per_surprise"] * faded(news, news.surprise, figures["lasts"])
    line, doubt = figures["line"] + anger, figures["doubt"]
    nodes, weights = np.polynomial.legendre.leggauss(200)
    beyond = [stats.norm.sf((line + n * doubt - mind.p) / figures["spread"]) for n in nodes]
    office = figures["office"] * figures["culpability"]
    worth = mind.base + office * np.tensordot(weights / 2.0, np.array(beyond), 1)
    low, high = worth - office - 1.0, worth + 1.0
    for _ in range(100):
        x = 0.5 * (low + high)
        enough = x + office * np.clip((x - line + doubt) / (2.0 * doubt), 0.0, 1.0) >= worth
        low, high = np.where(enough, low, x), np.where(enough, x, high)
    return high - mind.base


_FORMS: dict[str, Callable[[_Mind, News], Floats]] = {
    "cost": _cost,
    "learning": _learning,
    "commitment": _commitment,
    "reference": _reference,
    "image": _image,
    "rally": _rally,
    "threshold": _threshold,
    "sunk": _sunk,
    "weariness": _weariness,
    "turbulence": _turbulence,
    "spiral": _spiral,
    "sacred": _sacred,
    "audience": _audience,
    "resurrection": _resurrection,
}
"""What each mechanism with a term adds, shape (days, runs); `ripeness` is a gate."""


CHECKS = (Check("mechanisms", alone, runs=100),)
