"""What the mechanisms' equations imply: half-lives, turning points, vows, and Z with all on."""

from collections.abc import Iterator

import numpy as np

from sim.evidence.verify.case import Case, Check, Floats, Loader, of_identity, of_number
from sim.evidence.verify.courses import SIDES, course, fought
from sim.evidence.verify.mechanisms import source_of
from sim.evidence.verify.verdicts import of_verdicts
from sim.rules.hardening import MECHANISMS
from sim.war.model import War

_HALF_LIFE_DAYS = 30
_LASTS = float(_HALF_LIFE_DAYS / np.log(2.0))


def half_lives(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A fading term has halved after ln 2 times its `lasts`."""
    alone = ("events.second.loss=0", "events.other.loss=0", "events.apology.worth=0")
    for name, day, more in (
        ("cost", 2, ()),
        ("image", 2, ("mechanisms.image.threshold=0",)),
        ("rally", 2, ()),
        ("sacred", 10, ("mechanisms.sacred.stake=0",)),
    ):
        on = (f"mechanisms.{name}.on=true", f"mechanisms.{name}.lasts={_LASTS!r} day")
        term = course(fought(load(*alone, *on, *more), runs, seed), f"h_{name}_d")
        left = term[day + _HALF_LIFE_DAYS] / term[day]
        yield of_identity(f"half-life of {name}", "definition", np.full(runs, 0.5), left)


def turning_point(load: Loader, seed: int, _: int) -> Iterator[Case]:
    """Violence softens most halfway to its turning point, where it is 0 again."""
    on = ("mechanisms.threshold.on=true", "mechanisms.threshold.turns_at=0.2")
    first = ("mechanisms.threshold.strength=1", "events.first.loss=0.1")
    for name, second, expected in (
        ("halfway to the threshold", 0.0, -0.05),
        ("at the threshold", 0.1, 0.0),
        ("beyond the threshold", 0.2, 0.15),
    ):
        war = fought(load(*on, *first, f"events.second.loss={second}"), 1, seed)
        got = float(course(war, "h_threshold_d")[-1, 0]) + 0.0  # no -0
        yield of_number(f"violence {name}", source_of("threshold"), expected, got, 0.0)


def aversion(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Without aversion and curvature, prospect theory is expected value for any reference point.

    At a fixed reference point, more aversion softens.
    """
    on, source = "mechanisms.reference.on=true", source_of("reference")
    aversion = "mechanisms.reference.loss_aversion"
    plain = load(on, f"{aversion}=1", "mechanisms.reference.sensitivity=1")
    term = course(fought(plain, runs, seed), "h_reference_d").ravel()
    yield of_identity("reference without aversion", source, np.zeros_like(term), term)
    stays = ("mechanisms.reference.rises=0", "mechanisms.reference.falls=0")
    mild, strong = (
        course(fought(load(on, *stays, f"{aversion}={value}"), runs, seed), "h_reference_d")
        for value in (1.31, 2.25)
    )
    everywhere = np.ones(mild.shape, np.bool_)
    yield of_verdicts("aversion softens at a fixed point", source, everywhere, strong < mild)


def vow_that_follows(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """If a side hardens by d for good, its demand, its vow and therefore the term follow.

    With b before the vow, D demanded on the eve and f = (1 - D) / (1 - r), what is left of the vow
    n evenings later is y* + (1 - D - y*) (a f / (1 + a))^n: it settles at y* = f (1 - b - d) / (1 +
    a - a f), which is smaller than 1 - D by the same factor as 1 - b.
    """
    only = ("events.second.loss=0", "mechanisms.audience.vow_per_surprise=0")
    low = ("minds.favourite.p_win=0.5", "minds.favourite.demand=0.7", "mechanisms.sunk.most=0.2")
    on = ("mechanisms.sunk.on=true", "mechanisms.audience.on=true")
    war = fought(load(*on, *only, *low), runs, seed)
    first = war.scenario.day_of(war.scenario.events["first"].date)
    hardened = course(war, "h_sunk_d")[first]
    a = war.sample["mechanisms.audience.cost_below_vow"]
    since = np.arange(1.0, war.scenario.days - first + 1.0)[:, None]
    base = war.sample["minds.favourite.p_win"] - war.sample["minds.favourite.cost"]
    eve = 1.0 - war.sample["minds.favourite.demand"]
    left = (1.0 - base + a * eve) / (1.0 + a)  # 1 - r on the eve
    f = eve / left
    settles = f * (1.0 - base - hardened) / (1.0 + a - a * f)
    vow = 1.0 - settles - (eve - settles) * (a * f / (1.0 + a)) ** (since - 1.0)
    expected = (base + hardened + a * vow) / (1.0 + a)
    name = "audience, a vow that follows"
    got = course(war, "r_d")[first:]
    yield of_identity(name, source_of("audience"), expected.ravel(), got.ravel())
    part = (1.0 - base - hardened) / (1.0 - base)
    name, last = "audience, what is left after a vow", course(war, "demand_d")[-1]
    yield of_identity(name, source_of("audience"), 1.0 - eve * part, last)


def together(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """With all mechanisms on, Z follows from costs, prospects and hardening on every evening."""
    war = fought(load(*(f"mechanisms.{name}.on=true" for name in MECHANISMS)), runs, seed)
    cost, expects, hardening = (
        {side: _sum(war, side, of) for side in SIDES} for of in ("cost", "p", "h")
    )
    # both expect a share for the underdog; the favourite's is 1 minus its own expectation
    gap = expects["underdog"] - (1.0 - expects["favourite"])
    z = sum(cost.values()) - gap - sum(hardening.values())
    yield of_identity("Z with all mechanisms on", "definition", z.ravel(), course(war, "z").ravel())
    demands, accepts = (
        np.array([course(war, f"{word}_{letter}") for letter in SIDES.values()])
        for word in ("demand", "r")
    )
    never = np.ones(demands.shape, np.bool_)
    yield of_verdicts("no demand below a reservation", "definition", never, demands >= accepts)


def distance(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Without vows a demand leaves the same part of 1 - r as on the eve, whatever r is."""
    on = [f"mechanisms.{name}.on=true" for name in MECHANISMS if name != "audience"]
    war = fought(load(*on), runs, seed)
    start, expected, got = war.recorder.runs(), [], []
    for side, letter in SIDES.items():
        eve, demand = start[f"r_{letter}_start"], war.sample[f"minds.{side}.demand"]
        accepts = course(war, f"r_{letter}")
        left = (1.0 - np.maximum(demand, eve)) / (1.0 - eve) * (1.0 - accepts)
        expected.append(np.where(accepts < 1.0, np.maximum(0.0, 1.0 - left), accepts))
        got.append(course(war, f"demand_{letter}"))
    yield of_identity(
        "a demand keeps its share of the range", "faratin1998",
        np.array(expected).ravel(), np.array(got).ravel(),
    )  # fmt: skip


def one_strike(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """The effect of one strike on each side by a mechanism alone: its sign and its course.

    The line stands still, nothing is offered, and the other blows are of size 0.
    """
    nothing = ("second.loss=0", "other.loss=0", "offer.worth=0", "apology.worth=0")
    quiet = ("front.p_move=0", *(f"events.{event}" for event in nothing))
    for name, (signs, more, lasts) in _ONE_STRIKE.items():
        on = (f"mechanisms.{name}.on=true", *(f"mechanisms.{name}.{figure}" for figure in more))
        war = fought(load(*quiet, *on), runs, seed)
        first = war.scenario.day_of(war.scenario.events["first"].date)
        terms = [course(war, f"h_{name}_{letter}") for letter in SIDES.values()]
        steps = np.array([np.sign(term[first] - term[first - 1]) for term in terms])
        later = np.array([np.sign(np.abs(term[-1]) - np.abs(term[first])) for term in terms])
        name_of = f"one strike, {name} {_WORDS[signs]}, {_COURSES[lasts]}"
        right = (steps == np.array(signs)[:, None]).all(axis=0)
        right &= (later == lasts * np.abs(np.array(signs))[:, None]).all(axis=0)
        every = np.ones(runs, np.bool_)
        yield of_verdicts(name_of, source_of(name), every, right)


_SOME = "{value: 0.05, low: 0.01, high: 0.09, law: uniform, assumed: any above nothing}"
_WORDS = {(0, -1): "softens the struck", (0, 1): "hardens the struck", (-1, -1): "softens both"}
_COURSES = {-1: "fades", 0: "for good"}
_ONE_STRIKE: dict[str, tuple[tuple[int, int], tuple[str, ...], int]] = {
    "cost": ((0, -1), (), -1),
    "image": ((0, 1), ("threshold=0",), -1),
    "rally": ((0, 1), (f"per_surprise={_SOME}",), -1),
    "audience": ((0, 1), (f"vow_per_surprise={_SOME}",), 0),
    "threshold": ((0, -1), ("turns_at=0.3",), 0),
    "sunk": ((0, 1), (f"most={_SOME}",), 0),
    "turbulence": ((-1, -1), (), -1),
}
"""By mechanism: signs for underdog and favourite, overrides, and whether it fades."""


def _sum(war: War, side: str, of: str) -> Floats:
    letter, mind = SIDES[side], f"minds.{side}"
    if of == "cost":
        return war.sample[f"{mind}.cost"] - course(war, f"h_cost_{letter}")
    if of == "p":
        return war.sample[f"{mind}.p_win"] + course(war, f"h_learning_{letter}")
    others = [name for name in MECHANISMS if name not in ("cost", "learning")]
    total: Floats = np.sum([course(war, f"h_{name}_{letter}") for name in others], axis=0)
    return total


CHECKS = (
    Check("mechanisms", half_lives, runs=20),
    Check("mechanisms", turning_point, runs=1),
    Check("mechanisms", aversion, runs=50),
    Check("mechanisms", vow_that_follows, runs=50),
    Check("mechanisms", together, runs=100),
    Check("mechanisms", distance, runs=100),
    Check("mechanisms", one_strike, runs=100),
)
