"""Small valid scenarios: builders with plain defaults, and hypothesis strategies over them.

Ties are frequent on purpose: simultaneous launches, detection at once, no reaction, whole minutes.
Where a time comes out of trigonometry the numbers are crooked, so that no two things fall on one
instant by the last digit of a distance.
"""

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from sim.raid.arrays import Defence, Orders
from sim.raid.deployment import defence_of
from sim.raid.orders import orders_of
from sim.scenario.sample import Sample
from sim.scenario.schema import Scenario

RAID = "strike"
AT_ONCE = float("inf")
_ASSETS = ("plane", "radar", "depot")


# --- builders --------------------------------------------------------------------------------


def figure(value: float, unit: str = "1", **more: Any) -> dict[str, Any]:
    """A figure as a scenario writes it; `low` and `high` make it a drawn one."""
    return {"value": value, "unit": unit, "assumed": "for a test", **more}


def ready(scenario: Scenario, raid: str, sample: Sample) -> tuple[Orders, Defence]:
    """A raid's orders, and the defence that awaits it, intact and fully stocked."""
    enemy = scenario.enemy_of(scenario.raids[raid].by)
    return orders_of(scenario, raid, sample), defence_of(scenario, enemy, sample)


def position(lat: float, lon: float) -> dict[str, Any]:
    return {"lat": lat, "lon": lon, "assumed": "for a test"}


def weapon(**changes: Any) -> dict[str, Any]:
    """A drone that never fails and always destroys; 120 km/h."""
    return {
        "title": "drone",
        "unit_cost": figure(1, "USD"),
        "speed": figure(120, "km/h"),
        "p_works": figure(1),
        "signature": figure(1),
        "jam_susceptibility": figure(1),
        "p_hit": figure(1),
        "p_destroy": figure(1),
        **changes,
    }


def shooter(**changes: Any) -> dict[str, Any]:
    """One channel that sees at once and needs a minute a shot; what it can hit is to be added."""
    return {
        "kind": "shooter",
        "title": "battery",
        "range": figure(10, "km"),
        "detection_rate": figure(AT_ONCE, "1/h"),
        "reaction": figure(0, "min"),
        "channels": figure(1),
        "service": figure(1, "min"),
        "max_shots": figure(3),
        "salvo": figure(1),
        "magazine": figure(100),
        "round_cost": figure(1, "USD"),
        "p_kill": {"fpv": figure(0.5)},
        **changes,
    }


def jammer(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "jammer",
        "title": "jammer",
        "range": figure(10, "km"),
        "loss_rate": figure(10, "1/h"),
        **changes,
    }


def site(at: tuple[float, float] = (51.0, 37.0), **more: Any) -> dict[str, Any]:
    return {"title": "site", "side": "defender", "position": position(*at), **more}


def wave(count: int, at: list[str], **more: Any) -> dict[str, Any]:
    return {"weapon": "fpv", "count": figure(count), "at": at, **more}


def covert(**changes: Any) -> dict[str, Any]:
    """Carriers at 20 km that are never found."""
    return {
        "kind": "covert",
        "carriers_per_site": figure(2),
        "prepared": figure(10, "day"),
        "found": figure(0, "1/day"),
        "p_forewarn": figure(0.5),
        "standoff": figure(20, "km"),
        **changes,
    }


def scenario(
    *,
    sites: dict[str, Any],
    waves: dict[str, Any],
    weapons: dict[str, Any] | None = None,
    units: dict[str, Any] | None = None,
    assets: tuple[str, ...] = _ASSETS,
    launch_areas: dict[str, Any] | None = None,
    delivery: dict[str, Any] | None = None,
) -> Scenario:
    """A war of one raid, called `RAID`, by the attacker at the defender."""
    weights = {"truth": figure(1), "own_report": figure(0), "enemy_report": figure(0)}
    reporting = {
        "overclaim": figure(1),
        "underclaim": figure(1),
        "leader": weights,
        "public": weights,
    }
    mind = {
        "p_win": figure(0.5),
        "confidence": figure(10),
        "cost": figure(0.1),
        "demand": figure(0.8),
        "expected_loss": figure(0.1),
        "expected_gain": figure(0.1),
        "foresight": figure(3),
    }
    asset = {"title": "asset", "group": "things", "value": figure(1, "USD")}
    return Scenario.model_validate(
        {
            "name": "small",
            "title": "A small war",
            "question": "Who is right?",
            "start": "2025-01-01",
            "end": "2025-01-31",
            "sides": {
                "attacker": {"title": "Attacker", "role": "underdog"},
                "defender": {"title": "Defender", "role": "favourite"},
            },
            "weapons": weapons or {"fpv": weapon()},
            "assets": {name: {**asset, "repair_cost": figure(0.2)} for name in assets},
            "units": units or {},
            "sites": sites,
            "launch_areas": launch_areas or {},
            "raids": {
                RAID: {
                    "title": "Strike",
                    "by": "attacker",
                    "date": "2025-01-02",
                    "delivery": delivery or {"kind": "direct"},
                    "waves": waves,
                }
            },
            "reports": {"attacker": reporting, "defender": reporting},
            "minds": {"attacker": mind, "defender": mind},
        }
    )


# --- strategies ------------------------------------------------------------------------------

# Crooked places: a launch area in the south-west, sites up to about 150 km away from it and close
# enough together for circles to overlap and to be crossed on the way.
_SITE_PLACES = (
    (50.713, 36.931),
    (50.402, 36.347),
    (50.871, 37.263),
    (50.517, 36.814),
    (50.297, 36.713),
    (49.811, 35.402),
)
_AREA_PLACES = ((50.013, 35.707), (50.641, 35.389), _SITE_PLACES[0])
# Places for a flat world in whole kilometres (north, east): targets on a line from the launch
# area, guards on it or 6 km off it, which with a reach of 10 km makes half a chord of 8 km.
_LINE_PLACES = ((0.0, 20.0), (6.0, 15.0), (0.0, 40.0), (-6.0, 30.0), (0.0, 30.0))


@st.composite
def _figures(
    draw: st.DrawFn, *usual: float, unit: str = "1", exact: bool = False
) -> dict[str, Any]:
    """A figure, now and then with a range below it."""
    value = draw(st.sampled_from(usual))
    if exact or value in (0.0, AT_ONCE) or draw(st.integers(0, 11)) < 11:
        return figure(value, unit)
    law = draw(st.sampled_from((None, "uniform", "pert")))
    return figure(value, unit, low=value / 2, high=value, law=law)


@st.composite
def _counts(draw: st.DrawFn, least: int, most: int) -> dict[str, Any]:
    value = draw(st.integers(least, most))
    if draw(st.integers(0, 5)) < 5:
        return figure(value)
    return figure(value, low=draw(st.integers(least, value)), high=draw(st.integers(value, most)))


def _some(names: Iterable[str]) -> st.SearchStrategy[list[str]]:
    """Most of the names, in any order."""
    return st.permutations(tuple(names)).flatmap(
        lambda mixed: st.tuples(*[st.sampled_from((True, True, True, False))] * len(mixed)).map(
            lambda marks: [name for name, mark in zip(mixed, marks, strict=True) if mark]
        )
    )


@st.composite
def _weapons(draw: st.DrawFn, clockwork: bool) -> dict[str, Any]:
    weapons = {}
    for name in ("fpv", "glider", "dummy")[: draw(st.sampled_from((2, 1, 3)))]:
        block = weapon(
            decoy=name == "dummy" or (name == "glider" and draw(st.integers(0, 2)) == 2),
            speed=draw(_figures(60.0, 120.0, 240.0, unit="km/h", exact=clockwork)),
            p_works=draw(_figures(1.0, 1.0, 0.9, 0.6)),
            signature=draw(_figures(1.0, 1.0, 0.3, 2.5, 1.0, 0.0)),
            jam_susceptibility=draw(_figures(1.0, 0.5, 0.0, 3.0)),
            p_hit=draw(_figures(1.0, 0.7, 0.9, 0.2)),
            p_destroy=draw(_figures(0.5, 1.0, 0.3, 0.0)),
        )
        if block["decoy"] and draw(st.booleans()):
            del block["p_hit"], block["p_destroy"]
        weapons[name] = block
    return weapons


@st.composite
def _shooters(draw: st.DrawFn, weapons: Iterable[str], clockwork: bool) -> dict[str, Any]:
    p_kill = {name: draw(_figures(0.5, 1.0, 0.2, 0.7, 0.0)) for name in weapons}
    if draw(st.integers(0, 4)) == 4:
        p_kill.popitem()
    if clockwork:
        looks, laws = (AT_ONCE,), ("constant",)
    else:
        looks, laws = (AT_ONCE, 30.0, 120.0, 0.0), ("constant", "exponential")
    return shooter(
        detection_rate=draw(_figures(*looks, unit="1/h")),
        reaction=draw(_figures(0.0, 0.0, 1.0, 2.5, unit="min", exact=clockwork)),
        channels=draw(_counts(1, 3)),
        service=draw(_figures(1.0, 0.5, 0.0, 2.0, unit="min", exact=clockwork)),
        service_law=draw(st.sampled_from(laws)),
        fire=draw(st.sampled_from(("shoot_look_shoot", "coordinated", "uncoordinated"))),
        takes=draw(st.sampled_from(("leaves_first", "first_come"))),
        max_shots=draw(_counts(1, 5)),
        salvo=draw(_counts(1, 3)),
        magazine=draw(st.one_of(_counts(4, 20), st.just(figure(1000)), _counts(0, 3))),
        p_kill=p_kill,
    )


@st.composite
def _units(
    draw: st.DrawFn, weapons: Iterable[str], ranges: tuple[float, ...], clockwork: bool
) -> dict[str, Any]:
    units = {}
    how_many = draw(st.sampled_from((2, 1, 3, 4, 2, 1, 3, 4, 0)))
    for name in ("gun", "battery", "team", "ew")[:how_many]:
        if draw(st.integers(0, 4)) < 4:
            units[name] = draw(_shooters(weapons, clockwork))
        else:
            units[name] = jammer(loss_rate=draw(_figures(2.0, 10.0, 0.0, unit="1/h")))
        units[name]["range"] = draw(_figures(*ranges, unit="km", exact=clockwork))
    return units


@st.composite
def _sites(
    draw: st.DrawFn, units: Iterable[str], places: tuple[tuple[float, float], ...]
) -> dict[str, Any]:
    sites = {}
    first, *others = places
    places = (first, *draw(st.permutations(others)))
    names = ("airfield", "gate", "depot-north")[: draw(st.sampled_from((2, 1, 3)))]
    for name, place in zip(names, places, strict=False):
        assets = {kind: {"count": draw(_counts(0, 8))} for kind in draw(_some(_ASSETS))}
        for asset in assets.values():
            if draw(st.booleans()):
                asset["protection"] = draw(_figures(0.3, 0.8, 1.0))
        defence = {kind: {"count": draw(_counts(0, 3))} for kind in draw(_some(units))}
        block = site(place, assets=assets, defence=defence)
        if draw(st.booleans()):
            block["readiness"] = draw(_figures(0.5, 1.0, 0.2, 0.0))
        if draw(st.integers(0, 2)) == 2:
            block["decoy_targets"] = draw(_counts(0, 4))
        sites[name] = block
    return sites


@st.composite
def _waves(
    draw: st.DrawFn,
    weapons: dict[str, Any],
    sites: tuple[str, ...],
    areas: tuple[str, ...],
    clockwork: bool,
) -> dict[str, Any]:
    waves = {}
    decoys = [name for name, block in weapons.items() if block["decoy"]]
    names = ("first", "second", "third")[: draw(st.sampled_from((1, 2, 3)))]
    launches = ("simultaneous",) if clockwork else ("simultaneous", "uniform", "poisson")
    for name in names:
        at = draw(st.permutations(sites))[: draw(st.integers(1, len(sites)))]
        most = 40 // len(names)
        block = wave(0, at, weapon=draw(st.sampled_from(tuple(weapons))))
        block["count"] = draw(st.one_of(_counts(most // 2, most), _counts(0, most)))
        block["launch"] = draw(st.sampled_from(launches))
        if block["launch"] != "simultaneous":
            block["window"] = draw(_figures(5.0, 60.0, 0.0, unit="min"))
        block["aim"] = draw(st.sampled_from(("assigned", "opportune", "retask")))
        block["at_assets"] = draw(st.one_of(st.just([]), _some(_ASSETS)))
        if areas:
            block["launch_from"] = draw(st.sampled_from(areas))
        if decoys and draw(st.booleans()):
            share = draw(_figures(0.5, 0.2, 1.0))
            block["decoys"] = {"weapon": draw(st.sampled_from(decoys)), "share": share}
        if draw(st.booleans()):
            block["visibility"] = draw(_figures(1.0, 0.0, 3.0))
        waves[name] = block
    return waves


@st.composite
def raid_scenarios(
    draw: st.DrawFn, kinds: tuple[str, ...] = ("direct", "clockwork", "direct", "covert")
) -> Scenario:
    """Small wars of one raid, called `RAID`, of at most 40 drones.

    Clockwork is covert in whole kilometres and minutes, so that shots, arrivals and entries are
    ties. A line is the same for a direct raid in a flat world, to be flown where a degree is a
    kilometre.
    """
    kind = draw(st.sampled_from(kinds))
    clockwork, is_covert = kind in ("clockwork", "line"), kind in ("clockwork", "covert")
    weapons = draw(_weapons(clockwork))
    ranges = (21.37, 9.61, 40.83, 77.19) if kind == "direct" else (10.0, 5.0, 30.0, 15.0)
    units = draw(_units(weapons, ranges, clockwork))
    sites = draw(_sites(units, _LINE_PLACES if kind == "line" else _SITE_PLACES))
    targets = tuple(
        name for name, block in sites.items() if kind != "line" or not block["position"]["lat"]
    )
    places = {"direct": _AREA_PLACES, "line": ((0.0, 0.0), (0.0, 10.0))}.get(kind, ())
    places = draw(st.permutations(places))[: draw(st.integers(1, 2))]
    areas = {
        name: {"title": name, "side": "attacker", "position": position(*place)}
        for name, place in zip(("south", "west"), places, strict=False)
    }
    delivery = None
    if is_covert:
        delivery = covert(
            carriers_per_site=draw(_counts(1, 4)),
            prepared=draw(_figures(30.0, 3.0, 0.0, unit="day")),
            found=draw(_figures(0.0, 0.01, 0.03, unit="1/day")),
            p_forewarn=draw(_figures(0.5, 0.0, 1.0)),
            standoff=draw(_figures(20.0, 10.0, 30.0, unit="km", exact=clockwork)),
        )
    return scenario(
        weapons=weapons,
        units=units,
        sites=sites,
        waves=draw(_waves(weapons, targets, tuple(areas), clockwork)),
        launch_areas=areas,
        delivery=delivery,
    )


@st.composite
def stocks(draw: st.DrawFn, war: Scenario) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Assets at the start of a raid by (site, class): how many in place, away and damaged.

    And who has hit each of them: any raid, and maybe this one on an earlier day.
    """
    few = st.integers(0, 4)
    by = st.sampled_from([frozenset(), frozenset({"any"}), frozenset({"any", "this"})])
    found = {}
    for name, block in war.sites.items():
        for kind in block.assets:
            numbers = draw(few), draw(few), draw(few)
            found[name, kind] = (*numbers, tuple(draw(by) for _ in range(sum(numbers))))
    return found


# --- whole wars ------------------------------------------------------------------------------


def side_by_side(**figures: Any) -> dict[str, Any]:
    """A figure of each side: `side_by_side(attacker=0.1, defender=0.2)`."""
    return {side: figure(value) for side, value in figures.items()}


def mechanisms(*on: str) -> dict[str, Any]:
    """All mechanisms with middling figures, those named switched on."""
    blocks: dict[str, Any] = {
        "cost": {"per_loss": figure(0.5), "lasts": figure(30, "day")},
        "learning": {"weight": figure(2), "discount": figure(0)},
        "commitment": {
            "patience": figure(0.8),
            "guarantee": figure(0.2),
            "horizon": figure(90, "day"),
            "share": figure(0.3),
            "raids": figure(3),
            "decisiveness": figure(0.5),
            "pause": figure(0.1),
        },
        "image": {
            "per_surprise": figure(0.03),
            "threshold": figure(0.2),
            "lasts": figure(30, "day"),
        },
        "rally": {"per_surprise": figure(0.02), "lasts": figure(30, "day")},
        "threshold": {"strength": figure(0.5), "turns_at": figure(0.3)},
        "sunk": {"most": figure(0.2), "scale": figure(0.2)},
        "weariness": {"per_decade": figure(0.1), "days_per_loss": figure(100, "day")},
        "reference": {
            "loss_aversion": figure(2),
            "sensitivity": figure(0.88),
            "rises": figure(0.1),
            "falls": figure(0.02),
        },
        "turbulence": {
            "strength": figure(0.05),
            "many_moves": figure(1),
            "many_losses": figure(0.1),
            "lasts": figure(30, "day"),
        },
        "sacred": {
            "share": figure(0.5),
            "stake": figure(0.4),
            "backlash": figure(0.5),
            "relief": figure(0.1),
            "lasts": figure(30, "day"),
        },
        "ripeness": {
            "hurts_at": figure(0.1),
            "still_for": figure(2, "day"),
            "sees_over": figure(1),
        },
        "spiral": {
            "reaction": figure(0.01, "1/day"),
            "fatigue": figure(0.03, "1/day"),
            "grievance": figure(0.001, "1/day"),
        },
        "audience": {"cost_below_vow": figure(0.2), "vow_per_surprise": figure(0.02)},
        "resurrection": {
            "office": figure(0.3),
            "culpability": figure(0.8),
            "line": figure(0.5),
            "doubt": figure(0.1),
            "spread": figure(0.2),
            "per_surprise": figure(0.02),
            "lasts": figure(30, "day"),
        },
    }
    return {name: {"on": name in on, **block} for name, block in blocks.items()}


MECHANISMS = tuple(mechanisms())


def public() -> dict[str, Any]:
    """A side's public with middling figures."""
    tires = {"share": figure(0.3), "per_decade": figure(2), "onset": figure(10, "day")}
    return {
        "end_war": {**tires, "rally": figure(0.1), "rally_lasts": figure(30, "day")},
        "concede": {**tires, "sunk": figure(0.3), "sunk_scale": figure(0.2)},
    }


def patron(**changes: Any) -> dict[str, Any]:
    """An outsider that backs the attacker, gives aid, threatens and proposes; middling figures."""
    return {
        "title": "Patron",
        "on": True,
        "backs": "attacker",
        "p_win": figure(0.4),
        "confidence": figure(8),
        "weight": figure(1),
        "hears": {"truth": figure(1), "own_report": figure(1), "enemy_report": figure(0.5)},
        "expected_loss": figure(0.05),
        "expected_gain": figure(0.05),
        "foresight": figure(5),
        "stake": figure(0.5),
        "price": figure(0.04),
        "aid": {
            "part": figure(0.5),
            "prospects": figure(0.2),
            "relief": figure(0.05),
            "foreseen": figure(0.8),
            "response": figure(1),
        },
        "threat": {"credibility": figure(0.5)},
        "sanctions": {"credibility": figure(0.5), "cost": figure(0.05)},
        "guarantee": figure(0.3),
        "entrapment": {"per_loss": figure(0.5), "lasts": figure(10, "day")},
        "counsel": {"own_source": figure(0.5)},
        "proposal": {"kind": "division", "lean": figure(0.05)},
        **changes,
    }


def war(**changes: Any) -> dict[str, Any]:
    """A short war as plain data: two raids, one each way, a front, talks and all policies.

    `changes` replace whole sections.
    """
    gun = shooter(
        p_kill={"fpv": figure(0.3)},
        detection_rate=figure(20, "1/h"),
        magazine=figure(12),
        resupply=figure(0.3, "1/day"),
        round_cost=figure(500, "USD"),
    )
    far, near = position(50.0, 36.0), position(50.0, 35.0)
    wave_of = {"at_attacker": "home", "at_defender": "base"}
    waves = {
        name: wave(8, [place], launch_from="west" if place == "base" else "east")
        for name, place in wave_of.items()
    }
    data = scenario(
        sites={
            "base": site(
                (50.0, 36.2),
                assets={"plane": {"count": figure(6)}},
                defence={"gun": {"count": figure(1)}},
                readiness=figure(0.5),
            )
        },
        waves={"wave": waves["at_defender"]},
        weapons={"fpv": weapon(unit_cost=figure(1000, "USD"), p_hit=figure(0.6))},
        units={"gun": gun},
        launch_areas={
            "west": {"title": "west", "side": "attacker", "position": near},
            "east": {"title": "east", "side": "defender", "position": far},
        },
    ).model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    data["sides"]["attacker"]["arsenal"] = {
        "fpv": {"stock": figure(12), "production": figure(0.5, "1/day")}
    }
    data["sides"]["attacker"]["tempo"] = {"raid": RAID, "per_day": figure(0.1, "1/day")}
    data["sides"]["defender"]["tempo"] = {
        "raid": "answer",
        "per_day": figure(0.05, "1/day"),
        "after_breakdown": figure(3),
    }
    data["sides"]["defender"]["retaliation"] = {
        "raid": "answer",
        "p_answers": figure(0.7),
        "delay": figure(2, "day"),
    }
    for side in data["sides"].values():
        side["air_defence"] = {
            "alert_lasts": figure(10, "day"),
            "experience_per_raid": figure(0.2),
            "experience_effect": figure(0.5),
            "experience_lasts": figure(60, "day"),
        }
    data["assets"]["plane"] |= {"value": figure(1e6, "USD"), "repair_time": figure(10, "day")}
    data["sites"]["home"] = {
        **site((50.0, 34.9), assets={"depot": {"count": figure(5)}}),
        "side": "attacker",
    }
    data["raids"]["answer"] = {
        "title": "Answer",
        "by": "defender",
        "delivery": {"kind": "direct"},
        "waves": {"wave": waves["at_attacker"]},
    }
    data["front"] = {
        "rungs": figure(10),
        "start": figure(5),
        "p_move": figure(0.2),
        "p_underdog_advances": figure(0.5),
    }
    data["events"] = {
        "shock": {"kind": "blow", "title": "Shock", "on": "defender", "date": "2025-01-03",
                  "loss": figure(0.1)},
        "offer": {"kind": "sweetener", "title": "Offer", "by": "attacker", "date": "2025-01-05",
                  "worth": figure(0.05), "price": figure(0.02)},
        "word": {"kind": "gesture", "title": "Word", "by": "defender", "date": "2025-01-06",
                 "worth": figure(1)},
    }  # fmt: skip
    data["publics"] = {side: public() for side in data["minds"]}
    data["mechanisms"] = mechanisms(*MECHANISMS)
    data["talks"] = {
        "meetings": {"first": "2025-01-01", "second": "2025-01-10", "third": "2025-01-25"},
        "protocol": {"kind": "nash", "underdog_weight": figure(0.5)},
        "issues": {
            "land": {
                "title": "land",
                "ideal": side_by_side(attacker=1, defender=0),
                "salience": side_by_side(attacker=0.7, defender=0.6),
            },
            "status": {
                "title": "status",
                "ideal": side_by_side(attacker=1, defender=0),
                "salience": side_by_side(attacker=0.3, defender=0.4),
            },
        },
        "length": {"most": figure(100, "min"), "hopeless": side_by_side(attacker=0.5, defender=1)},
        "ceasefire": {"p_violation": figure(0.3), "p_collapse": figure(0.4)},
        "truce": {"length": figure(3, "day"), "gain": side_by_side(attacker=0.1, defender=0.1)},
        "exchanges": {
            "prisoners": {
                "held": side_by_side(attacker=40, defender=30),
                "most": figure(12),
                "gain": side_by_side(attacker=0.1, defender=0.1),
            },
            "bodies": {
                "held": side_by_side(attacker=100, defender=900),
                "most": figure(600),
                "gain": side_by_side(attacker=0.1, defender=0.1),
            },
        },
    }
    return data | changes


def history(**amounts: float) -> dict[str, Any]:
    """A history with raids, losses and the front; `amounts` of January 2025 by name."""

    def series(name: str) -> dict[str, Any]:
        rows = {"2024-12": 31.0, "2025-01": amounts.get(name, 62.0)}
        return {"title": name, "assumed": "guess", "rows": rows}

    return {
        "raids": {
            "drones": {
                "title": "Drones",
                "by": "defender",
                "launched": series("launched"),
                "neutralised": {**series(""), "rows": {"2024-12": 0, "2025-01": 0}},
                "through_per_told": figure(1),
                "places_per_through": figure(0.5),
            }
        },
        "losses": {
            "attacker": {"loss_per_place": figure(0.001)},
            "defender": {
                "soldiers": series("soldiers"),
                "soldiers_per_told": figure(2),
                "loss_per_soldier": figure(0.0001),
            },
        },
        "front": {"rung_km2": figure(20), "occupied_change_km2": series("taken")},
    }


PROTOCOLS: tuple[dict[str, Any], ...] = (
    {"kind": "nash", "underdog_weight": figure(0.5)},
    {"kind": "mediator"},
    {"kind": "concession", "exponent": side_by_side(attacker=0.5, defender=3)},
    {
        "kind": "rubinstein",
        "patience": side_by_side(attacker=0.9, defender=0.8),
        "first": "defender",
    },
    {
        "kind": "screening",
        "first": "attacker",
        "rounds": figure(2),
        "patience": side_by_side(attacker=0.9, defender=0.8),
        "bluff": side_by_side(attacker=0.4, defender=0.5),
        "credence": side_by_side(attacker=0.5, defender=0.2),
        "fades": {
            "attacker": figure(0.001, "1/day"),
            "defender": figure(0.002, "1/day"),
        },
        "inference": side_by_side(attacker=0.5, defender=1),
    },
)


PATRONS: tuple[dict[str, Any], ...] = (
    {},
    {"friend": patron()},
    {
        "friend": patron(proposal={"kind": "ceasefire"}, patience=figure(2)),
        "uncle": patron(backs="defender", counsel=None, threat=None),
    },
)
"""Outsiders of both sides, pressing for a package or for a ceasefire."""


@st.composite
def wars(draw: st.DrawFn) -> dict[str, Any]:
    """Short wars of all sorts, as plain data for `Scenario.model_validate`."""
    data = war()
    data["mechanisms"] = mechanisms(*draw(_some(MECHANISMS)))
    for side in data["minds"]:
        data["minds"][side] = data["minds"][side] | {
            "p_win": draw(_figures(0.5, 0.2, 0.9)),
            "cost": draw(_figures(0.1, 0.0, 0.3)),
            "demand": draw(_figures(0.8, 0.3, 1.0)),
            "confidence": draw(_figures(10.0, 3.0, 40.0)),
        }
        data["reports"][side] = data["reports"][side] | {
            "overclaim": draw(_figures(2.0, 0.5, 4.0)),
            "underclaim": draw(_figures(0.5, 0.0, 1.0)),
        }
    data["front"]["p_move"] = draw(_figures(0.2, 0.0, 1.0))
    data["raids"][RAID]["date"] = draw(st.sampled_from(("2025-01-01", "2025-01-02", "2025-01-10")))
    data["raids"][RAID]["waves"]["wave"]["count"] = draw(_counts(0, 12))
    data["sides"]["attacker"]["arsenal"]["fpv"]["stock"] = draw(_counts(0, 12))
    data["units"]["gun"]["magazine"] = draw(_counts(0, 12))
    for part in ("events", "publics"):
        if draw(st.booleans()):
            del data[part]
    data["talks"]["protocol"] = draw(st.sampled_from(PROTOCOLS))
    data["patrons"] = draw(st.sampled_from(PATRONS))
    if draw(st.booleans()):
        del data["talks"]
        data["patrons"] = {}
    if draw(st.booleans()):
        del data["sides"]["defender"]["tempo"]
    if draw(st.booleans()):
        taken = draw(st.floats(-200.0, 200.0))
        data["history"] = history(
            launched=draw(st.floats(0.0, 500.0)), soldiers=draw(st.floats(0.0, 500.0)), taken=taken
        )
    if "talks" not in data and draw(st.booleans()):
        del data["front"]
        data.get("history", {}).pop("front", None)
    return data
