"""A scenario of what the filter knows on a date: one nation, one way in, drones flown one by one.

The kernel simulates the law of a night where textbook formulas are exact: the drones of a Poisson
stream pass a jammer, are in reach of all teams for a moment, and arrive at the target. Channels,
kill probability, jamming and decoys are the means of the filter's members with the mechanism. The
number of looks is drawn each night, from the lognormal law that reproduces the median and the 95 %
quantile of the leaking share in the forecast of the whole filter, so that nights vary as much as in
the filter. Massing depends on the size of the raid, and so does the defence: each raid and class of
weapons has its own sites. Missiles have neither decoys nor jammers; they come in an hour or in
minutes.
"""

import datetime
import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, expit

from sim.evidence.nights.defence import state_of
from sim.evidence.nights.families import figures_of
from sim.evidence.nights.file import class_of
from sim.evidence.nights.filter import Odds, forecast
from sim.evidence.nights.forecasting import Learned, raid_on
from sim.evidence.nights.national_defence import (
    DAYS_A_YEAR,
    LAWS,
    REFERENCE_DAY,
    REFERENCE_TEMPO,
    shares,
)
from sim.evidence.nights.rows import NightsError
from sim.evidence.nights.titles import CLASSES
from sim.scenario.schema import Scenario

Floats = NDArray[np.float64]
Values = dict[str, Any]

SPEED_KM_PER_MIN = 3.0
JAMMER_KM, TEAMS_KM = 10.0, 0.001
_QUANTILES = (0.5, 0.95)
_AT_90, _AT_95 = 1.6449, 1.96  # normal quantiles of 0.95 and 0.975
_FEWEST, _MOST = 1e-3, 50.0  # looks
_STEPS = 60
_GRID = 201


class Defence(NamedTuple):
    """A nation's defence against a raid of one size, as the kernel simulates it.

    `looks` at a drone on its way are drawn each night: lognormal, with 95 % from `looks_low` to
    `looks_high`.
    """

    group: str
    size: int
    channels: int
    p_kill: float
    jam: float
    decoys: float
    decoys_fall: float
    looks: float
    looks_low: float
    looks_high: float

    @property
    def window_min(self) -> float:
        """Duration of a raid of the class."""
        return LAWS[self.group].fixed["window_min"]

    @property
    def service_min(self) -> float:
        """Time for which a drone of the class occupies a channel."""
        return LAWS[self.group].fixed["service_min"]

    def values(self, looks: Any) -> Values:
        """The figures of the law of a night for this defence, given the number of looks."""
        return {
            "looks": looks, "channels": float(self.channels), "p_kill": self.p_kill,
            "jam": self.jam, "decoys": self.decoys, "decoys_fall": self.decoys_fall,
            "growth": 0.0, "response": 0.0, "massing": 0.0, "massing_half": 1.0,
            "decoys_half": 0.0, "decoys_from": -1e9, "decoys_within": 1.0,
            "service_min": self.service_min, "window_min": self.window_min,
        }  # fmt: skip

    def leaked(self, looks: Any) -> Any:
        """The mean share that leaks for a number of looks, in closed form."""
        at = (REFERENCE_DAY, float(self.size), REFERENCE_TEMPO, 0.0)
        return shares(self.values(looks), *at).leaked


def defence_for(learned: Learned, date: datetime.date, size: int) -> Defence:
    """The defence against a raid of a class and size on a date.

    Raises NightsError if more are forecast to leak than are armed.
    """
    raid = raid_on(learned.nights, date, size)
    law, state = figures_of(LAWS[learned.group]), state_of(learned.own, learned.known)
    v = law.values(state[: len(law.figures)])
    since = raid.day - REFERENCE_DAY
    grown = float(np.exp(v["growth"] * since / DAYS_A_YEAR))
    massed = 1.0 + v["massing"] * size / (size + v["massing_half"])
    units = grown * float(np.exp(state[len(law.figures)])) * massed
    channels = v["channels"] * units * (raid.tempo / REFERENCE_TEMPO) ** v["response"]
    brought_in = float(expit((since - v["decoys_from"]) / v["decoys_within"]))
    decoys = v["decoys"] * brought_in * size / (size + v["decoys_half"])
    found = Defence(
        learned.group, size, max(1, round(channels)), float(v["p_kill"]),
        float(v["jam"]) * grown, float(decoys),
        max(float(v["decoys_fall"]), float(v["jam"]) * grown), 1.0, 1.0, 1.0,
    )  # fmt: skip
    middle, least = (_looks_for(found, p) for p in _shares_of(raid_odds(learned, date, size)))
    sigma = math.log(middle / least) / _AT_90
    low, high = (middle * math.exp(side * _AT_95 * sigma) for side in (-1, 1))
    return found._replace(looks=middle, looks_low=low, looks_high=high)


def raid_odds(learned: Learned, date: datetime.date, size: int) -> Odds:
    """The forecast of a raid of a size on a date."""
    return forecast(learned.own, learned.known, raid_on(learned.nights, date, size))


def _shares_of(odds: Odds) -> list[float]:
    """The 50 and 95 % quantiles of the leaking probability of a night, without binomial noise."""
    p = expit(odds.log_odds)
    strength = 1.0 / odds.spread - 1.0
    grid = (np.arange(_GRID) + 0.5) / _GRID
    drawn = betaincinv((p * strength)[:, None], ((1.0 - p) * strength)[:, None], grid)
    order = np.argsort(drawn, axis=None)
    reached = np.cumsum(np.repeat(odds.weight, _GRID)[order]) / _GRID
    found = drawn.ravel()[order]
    return [float(found[np.searchsorted(reached, q)]) for q in _QUANTILES]


def _looks_for(defence: Defence, share: float) -> float:
    """The number of looks at which a given share leaks, by bisection. Raises NightsError."""
    most, least = defence.leaked(_FEWEST), defence.leaked(_MOST)
    if share > most:
        raise NightsError(
            f"a raid of {defence.size} ({defence.group}): {100 * share:.0f} % may leak, more than "
            f"the {100 * (1 - defence.decoys):.0f} % that are armed: no scenario can be written"
        )
    low, high = _FEWEST, _MOST
    for _ in range(_STEPS if share > least else 0):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if defence.leaked(middle) > share else (low, middle)
    return high


class Raided(NamedTuple):
    """The raid of a night: its date, and the number launched by class of weapons."""

    night: datetime.date
    sizes: dict[str, int]


def raids_of(scenario: Scenario) -> dict[str, Raided]:
    """The dated raids that have weapons of a class, by name."""
    found = {}
    for name, raid in scenario.raids.items():
        sizes: dict[str, int] = {}
        for wave in raid.waves.values():
            group = class_of(scenario.weapons[wave.weapon].title)
            if group and wave.count:
                sizes[group] = sizes.get(group, 0) + int(wave.count.value)
        if sizes and raid.date:
            found[name] = Raided(raid.date, sizes)
    return found


# --- as a file ---------------------------------------------------------------------------------


def as_yaml(
    title: str,
    learned: Mapping[str, Learned],
    date: datetime.date,
    raids: Mapping[str, Raided],
    provenance: str,
) -> str:
    """A whole scenario of raids by name, each with the defence learned up to a date.

    Weapons of classes that are not in `learned` are left out, and so are raids of nothing else.
    Raises NightsError if a raid is not after the date.
    """
    early = [name for name, raid in raids.items() if raid.night <= date]
    if early:
        raise NightsError(f"raids.{early[0]}: not after {date}, expected a later night")
    parts = {
        name: Defended(night, [
            defence_for(learned[group], night, size)
            for group, size in sizes.items() if group in learned
        ])
        for name, (night, sizes) in raids.items() if set(sizes) & set(learned)
    }  # fmt: skip
    question = f"How many come through a defence as it was known on {date}?"
    words = f"{provenance}, learned night by night to {date}"
    return written("national-defence", title, question, parts, words)


class Defended(NamedTuple):
    """A night, and the defence against each class launched."""

    night: datetime.date
    defences: list[Defence]


def written(
    name: str,
    title: str,
    question: str,
    parts: Mapping[str, Defended],
    words: str,
) -> str:
    """A scenario of raids by name, with nights and defences; `words` give the origin of figures."""
    nights = [part.night for part in parts.values()]
    every = {
        _key(f"{raid}_{one.group}"): one for raid, part in parts.items() for one in part.defences
    }
    drones = [one for one in every.values() if one.decoys]
    lines = [
        "# What was learned of a nation's defence from its nights, as sim forecast nights writes",
        "# it. Each raid and class has sites of its own: one way in, jammers, then teams,",
        "# which gather more for a large raid. Looks are drawn once a war, since nights differ.",
        "# Places hit are the armed drones that came through: decoys never leak, by this law.",
        f"name: {name}",
        f"title: {json.dumps(title, ensure_ascii=False)}",
        f"question: {json.dumps(question, ensure_ascii=False)}",
        f"focus: {next(iter(parts))}",
        f"start: {min(nights) - datetime.timedelta(1)}",
        f"end: {max(nights) + datetime.timedelta(1)}",
        "sides:",
        "  nation: {title: Nation raided, role: underdog}",
        "  raider: {title: Who raids it, role: favourite}",
        "weapons:",
        *(
            line
            for group in dict.fromkeys(one.group for one in every.values())
            for line in _weapon(group, CLASSES[group], "", 1.0)
        ),
        *(_weapon("decoy", "Decoy", "decoy: true, ", _fall_ratio(drones[0])) if drones else ()),
        "assets:",
        "  place: {title: Place, group: places,",
        "    value: {value: 1, unit: MUSD, assumed: counts only},",
        "    repair_cost: {value: 0.2, assumed: counts only}}",
        "units:",
    ]
    for key, defence in every.items():
        lines += _units(f"of_{key}", defence, words)
    lines.append("sites:")
    for k, (key, defence) in enumerate(every.items()):
        lines += _sites(key, k, defence.jam > 0.0)
    lines.append("launch_areas:")
    lines += [
        f"  from_{key}: {{title: Launch area, side: raider, position: {_at(0.0, k)}}}"
        for k, key in enumerate(every)
    ]
    lines.append("raids:")
    for name, part in parts.items():
        lines += _raid(name, part, words)
    return "\n".join([*lines, *_MINDS]) + "\n"


def _key(name: str) -> str:
    return name.replace("-", "_")


def _fall_ratio(defence: Defence) -> float:
    return defence.decoys_fall / defence.jam


def _weapon(key: str, title: str, more: str, jammed: float) -> list[str]:
    why = "assumed: one way in"
    ratio = "decoys_fall / jam of the law of a night" if more else "the reference"
    return [
        f"  {key}: {{title: {title}, {more}"
        "unit_cost: {value: 50000, unit: USD, assumed: counts only},",
        f"    speed: {{value: 180, unit: km/h, {why}}}, p_works: {{value: 1, {why}}}, "
        f"signature: {{value: 1, {why}}},",
        f"    jam_susceptibility: {{value: {jammed:.6g}, assumed: {ratio}}}"
        + ("}" if more else f", p_hit: {{value: 1, {why}}}, p_destroy: {{value: 1, {why}}}}}"),
    ]


def _units(key: str, defence: Defence, words: str) -> list[str]:
    dwell_h = 2.0 * TEAMS_KM / SPEED_KM_PER_MIN / 60.0
    low, middle, high = (
        looks / dwell_h for looks in (defence.looks_low, defence.looks, defence.looks_high)
    )
    loss_per_h = defence.jam / (2.0 * JAMMER_KM / SPEED_KM_PER_MIN) * 60.0
    said = f'assumed: "{words}"'
    plain = "assumed: as the law of a night has it"
    return [
        f"  teams_{key}: {{kind: shooter, title: All teams against {defence.size},",
        f"    range: {{value: {TEAMS_KM}, unit: km, assumed: in reach for a moment}},",
        f"    detection_rate: {{value: {middle:.6g}, low: {low:.6g}, high: {high:.6g}, "
        "law: lognormal, "
        "unit: 1/h,",
        f'      assumed: "{defence.looks:.3g} looks ({defence.looks_low:.3g} to '
        f'{defence.looks_high:.3g} in 95 % of nights); {words}"}},',
        f"    channels: {{value: {defence.channels}, {said}}},",
        f"    p_kill: {{{_p_kill(defence, said)}}},",
        f"    reaction: {{value: 0, unit: min, {plain}}}, "
        f"service: {{value: {defence.service_min:g}, unit: min, {plain}}},",
        f"    max_shots: {{value: 1, {plain}}}, salvo: {{value: 1, {plain}}},",
        f"    magazine: {{value: 1000000, {plain}}}, "
        "round_cost: {value: 1, unit: USD, assumed: counts only}}",
        *(_jammers(key, loss_per_h, said) if loss_per_h else ()),
    ]


def _p_kill(defence: Defence, said: str) -> str:
    targets = [defence.group, *(["decoy"] if defence.decoys else [])]
    return ", ".join(f"{one}: {{value: {defence.p_kill:.6g}, {said}}}" for one in targets)


def _jammers(key: str, loss_per_h: float, said: str) -> list[str]:
    return [
        f"  jammers_{key}: {{kind: jammer, title: All jammers,",
        f"    range: {{value: {JAMMER_KM:g}, unit: km, assumed: one way in}},",
        f"    loss_rate: {{value: {loss_per_h:.6g}, unit: 1/h, {said}}}}}",
    ]


def _at(along: float, k: int) -> str:
    return f"{{lat: 0, lon: {10.0 * k + along:g}, assumed: one way in}}"


def _sites(key: str, k: int, is_jammed: bool) -> list[str]:
    jamming = [
        f"  jamming_{key}: {{title: Jammed, side: nation, position: {_at(0.3, k)},",
        f"    defence: {{jammers_of_{key}: {{count: {{value: 1, assumed: all as one}}}}}}}}",
    ]
    return [
        *(jamming if is_jammed else ()),
        f"  defended_{key}: {{title: Defended, side: nation, position: {_at(0.6, k)},",
        f"    defence: {{teams_of_{key}: {{count: {{value: 1, assumed: all as one}}}}}}}}",
        f"  target_{key}: {{title: Targets, side: nation, position: {_at(1.0, k)},",
        "    assets: {place: {count: {value: 1000, assumed: enough for all}}}}",
    ]


def _raid(name: str, part: Defended, words: str) -> list[str]:
    sizes = " and ".join(f"{one.size} ({one.group})" for one in part.defences)
    waves = ",\n".join(_wave(_key(f"{name}_{one.group}"), one, words) for one in part.defences)
    return [
        f'  {name}: {{title: "{sizes} on {part.night}", by: raider, date: {part.night}, '
        "delivery: {kind: direct},",
        f"    waves: {{{waves}}}}}",
    ]


def _wave(key: str, defence: Defence, words: str) -> str:
    share = f'{{value: {defence.decoys:.6g}, assumed: "{words}"}}'
    decoys = f",\n      decoys: {{weapon: decoy, share: {share}}}" if defence.decoys else ""
    return (
        f"{defence.group}: {{weapon: {defence.group}, "
        f"count: {{value: {defence.size}, assumed: as in the scenario named}},\n"
        f"      at: [target_{key}], launch_from: from_{key}, launch: poisson,\n"
        f"      window: {{value: {defence.window_min:g}, unit: min, "
        f"assumed: as the law of a night has it}}{decoys}}}"
    )


_SHARE = "{value: %s, assumed: no talks and no theory}"
_MINDS = (
    "reports:",
    *(
        f"  {side}: {{overclaim: {_SHARE % 1}, underclaim: {_SHARE % 1},\n"
        f"    leader: {{truth: {_SHARE % 1}, own_report: {_SHARE % 0}, "
        f"enemy_report: {_SHARE % 0}}},\n"
        f"    public: {{truth: {_SHARE % 1}, own_report: {_SHARE % 0}, "
        f"enemy_report: {_SHARE % 0}}}}}"
        for side in ("nation", "raider")
    ),
    "minds:",
    *(
        f"  {side}: {{p_win: {_SHARE % 0.5}, cost: {_SHARE % 0.1},\n"
        f"    demand: {_SHARE % 0.9}, confidence: {_SHARE % 10},\n"
        f"    foresight: {_SHARE % 5}, expected_loss: {_SHARE % 0.05},\n"
        f"    expected_gain: {_SHARE % 0.05}}}"
        for side in ("nation", "raider")
    ),
)
