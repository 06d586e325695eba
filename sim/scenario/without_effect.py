"""What in a scenario has no effect, or one that its writer may not expect.

Each is a path and a sentence. Nothing of it is wrong, so nothing is refused; a figure that has
to be there, or a switch that is off, is not reported.
"""

import math
from collections.abc import Iterator
from itertools import chain

from sim.scenario.columns import columns_of_runs
from sim.scenario.figure import Figure
from sim.scenario.schema import Gesture, Raid, Scenario, Screening, Shooter, Site, Sweetener, Wave

Meaning = tuple[str, str]
"""The path, and what is silently meant."""

NO_EFFECT = "will have no effect: "
"""How the sentence on a part without effect begins."""

_FROM_THE_START = ("threshold", "sunk", "weariness", "turbulence")


def silent_meanings(scenario: Scenario) -> tuple[str, ...]:
    """One line each, in the order of the schema; none where everything acts as it reads."""
    found = chain(
        _days_of_war(scenario),
        _sides(scenario),
        _unused(scenario),
        _weapons(scenario),
        _sites(scenario),
        _raids(scenario),
        _events(scenario),
        _history(scenario),
        _front(scenario),
        _mechanisms(scenario),
        _patrons(scenario),
        _talks(scenario),
        _reported(scenario),
    )
    return tuple(f"{path}: {meaning}" for path, meaning in found)


def _no_effect(path: str, why: str) -> Meaning:
    return path, NO_EFFECT + why


def _on(scenario: Scenario) -> tuple[str, ...]:
    return scenario.mechanisms.switched_on


def _high(figure: Figure) -> float:
    return figure.value if figure.high is None else figure.high


def _low(figure: Figure) -> float:
    return figure.value if figure.low is None else figure.low


def _days_of_war(scenario: Scenario) -> Iterator[Meaning]:
    """Weariness and publics tire by the logarithm of days, all else begins with the campaign."""
    tires = ["mechanisms.weariness"] if "weariness" in _on(scenario) else []
    tires += ["publics"] if scenario.publics is not None else []
    if scenario.war_began is None:
        for path in tires:
            counts = f"counts the days of war from start, {scenario.start}, without a war_began"
            yield path, f"{counts}: if the war is older, it tires many times too fast"
        return
    if not tires:
        yield _no_effect("war_began", "neither weariness nor publics is there to read it")
    if scenario.war_began == scenario.start:
        return
    for name in (*_FROM_THE_START, "ripeness"):
        if name in _on(scenario):
            what = "days without a move" if name == "ripeness" else "losses"
            yield (
                f"mechanisms.{name}",
                (
                    f"counts {what} from start, {scenario.start}; those since war_began, "
                    f"{scenario.war_began}, are not counted"
                ),
            )


def _sides(scenario: Scenario) -> Iterator[Meaning]:
    for name, side in scenario.sides.items():
        path = f"sides.{name}"
        flown = {wave.weapon for raid in _raids_by(scenario, name) for wave in raid.waves.values()}
        for weapon in side.arsenal:
            if weapon not in flown:
                yield _no_effect(f"{path}.arsenal.{weapon}", f"no raid by {name} flies it")
        if side.aid is not None:
            if not any(stock.production for stock in side.arsenal.values()):
                yield _no_effect(f"{path}.aid", "it pays for production, and there is none")
            elif "learning" not in _on(scenario) and not _is_backed(scenario, name):
                why = "it follows the share a side expects, which only learning and patrons move"
                yield _no_effect(f"{path}.aid", why)
        if side.tempo is not None and side.tempo.after_breakdown and not _meets(scenario):
            yield _no_effect(f"{path}.tempo.after_breakdown", "there is no meeting to break down")
        blows = [e for e in scenario.events.values() if e.kind == "blow" and e.on == name]
        if side.retaliation is not None and not _raids_at(scenario, name) and not blows:
            yield _no_effect(f"{path}.retaliation", f"nothing strikes {name}")
        yield from _air_defence(scenario, name)


def _pays(scenario: Scenario, side: str) -> bool:
    """Whether outsiders pay for what a side makes."""
    policy = scenario.sides[side]
    return policy.aid is not None and any(stock.production for stock in policy.arsenal.values())


def _is_backed(scenario: Scenario, side: str) -> bool:
    return any(patron.backs == side for patron in scenario.patrons_on.values())


def _air_defence(scenario: Scenario, name: str) -> Iterator[Meaning]:
    defence, path = scenario.sides[name].air_defence, f"sides.{name}.air_defence"
    sites = [site for site in scenario.sites.values() if site.side == name]
    wakes = any(site.dispersal or (site.readiness and _looks(scenario, site)) for site in sites)
    if defence.alert_lasts and not wakes:
        why = f"no site of {name} has dispersal, or readiness with a unit that has to look"
        yield _no_effect(f"{path}.alert_lasts", why)
    if defence.experience_per_raid and not defence.experience_effect:
        yield _no_effect(f"{path}.experience_per_raid", "there is no experience_effect")
    if defence.experience_effect and not defence.experience_per_raid:
        yield _no_effect(f"{path}.experience_effect", "there is no experience_per_raid")
    if defence.experience_lasts and not (defence.experience_per_raid and defence.experience_effect):
        why = "it needs experience_per_raid and experience_effect"
        yield _no_effect(f"{path}.experience_lasts", why)


def _unused(scenario: Scenario) -> Iterator[Meaning]:
    """Classes and places that nothing names."""
    waves = [wave for raid in scenario.raids.values() for wave in raid.waves.values()]
    decoys = {wave.decoys.weapon for wave in waves if wave.decoys}
    used = {
        "weapons": {wave.weapon for wave in waves} | decoys,
        "assets": {asset for site in scenario.sites.values() for asset in site.assets},
        "units": {unit for site in scenario.sites.values() for unit in site.defence},
        "launch_areas": {wave.launch_from for wave in waves if wave.launch_from},
    }
    why = {
        "weapons": "no raid flies it",
        "assets": "it stands at no site",
        "units": "it stands at no site",
        "launch_areas": "no wave comes from it",
    }
    for section, names in used.items():
        for name in getattr(scenario, section):
            if name not in names:
                yield _no_effect(f"{section}.{name}", why[section])


def _weapons(scenario: Scenario) -> Iterator[Meaning]:
    """Weapons that no unit they meet has a chance against, and aims of what never hits."""
    for name, weapon in scenario.weapons.items():
        for aim in ("p_hit", "p_destroy"):
            if weapon.decoy and getattr(weapon, aim) is not None:
                yield _no_effect(f"weapons.{name}.{aim}", "a decoy never hits")
        for side in scenario.sides:
            if name not in _flown_at(scenario, side):
                continue
            guards = [unit for site in _sites_of(scenario, side) for unit in site.defence]
            units = [scenario.units[guard] for guard in guards]
            kills = [unit.p_kill for unit in units if isinstance(unit, Shooter)]
            if kills and not any(name in p_kill for p_kill in kills):
                yield (
                    f"weapons.{name}",
                    (
                        f"flies unopposed by the guns and missiles of {side}: "
                        f"no unit there has a p_kill.{name} (0 says so openly)"
                    ),
                )


def _sites(scenario: Scenario) -> Iterator[Meaning]:
    waves = [wave for raid in scenario.raids.values() for wave in raid.waves.values()]
    struck = {site for wave in waves for site in wave.at}
    for name, site in scenario.sites.items():
        path = f"sites.{name}"
        if site.dispersal and not scenario.sides[site.side].air_defence.alert_lasts:
            why = f"{site.side} is never on the alert without an air_defence.alert_lasts"
            yield _no_effect(f"{path}.dispersal", why)
        if site.readiness and not _looks(scenario, site):
            yield _no_effect(f"{path}.readiness", "no unit there has to look before it sees")
        if name in struck:
            continue
        if not site.assets and not site.defence:
            yield _no_effect(path, "nothing stands there and no wave is sent at it")
        if site.decoy_targets:
            yield _no_effect(f"{path}.decoy_targets", "no wave is sent at it")
        for asset, there in site.assets.items():
            if there.protection:
                yield _no_effect(f"{path}.assets.{asset}.protection", "no wave is sent at it")


def _looks(scenario: Scenario, site: Site) -> bool:
    """Whether a unit guards it that does not see at once."""
    guards = [scenario.units[unit] for unit in site.defence]
    return any(isinstance(u, Shooter) and math.isfinite(u.detection_rate.value) for u in guards)


def _raids(scenario: Scenario) -> Iterator[Meaning]:
    for name, raid in scenario.raids.items():
        side = scenario.sides[raid.by]
        called = {policy.raid for policy in (side.tempo, side.retaliation) if policy is not None}
        if raid.date is None and name not in called:
            why = "it has no date, and no tempo or retaliation calls it"
            yield f"raids.{name}", f"never flies: {why}"
        for wave_name, wave in raid.waves.items():
            path = f"raids.{name}.waves.{wave_name}"
            for site in wave.at:
                yield from _aims(scenario.sites[site], site, path, wave)


def _aims(site: Site, name: str, path: str, wave: Wave) -> Iterator[Meaning]:
    for asset in wave.at_assets:
        if asset not in site.assets:
            yield _no_effect(f"{path}.at_assets", f"no {asset!r} stands at {name}")
    there = [asset for asset in site.assets if not wave.at_assets or asset in wave.at_assets]
    if not there:
        yield path, f"has no target at {name}: nothing that it aims at is there"


def _events(scenario: Scenario) -> Iterator[Meaning]:
    for name, event in scenario.events.items():
        if "sacred" in _on(scenario):
            continue
        if isinstance(event, Gesture):
            yield _no_effect(f"events.{name}", "a gesture acts through sacred, which is off")
        if isinstance(event, Sweetener):
            meetings = scenario.talks.meetings.values() if scenario.talks else ()
            if not any(date >= event.date for date in meetings):
                yield _no_effect(f"events.{name}", "no meeting follows it, and sacred is off")


def _history(scenario: Scenario) -> Iterator[Meaning]:
    """Series of other days, and those that nothing reads."""
    history = scenario.history
    if history is None:
        return
    for name, series in history.series.items():
        if not series.days_told(scenario.start, scenario.end):
            yield _no_effect(f"history.{name}", "no row of it lies in the campaign")
    for name, raid in history.raids.items():
        loss = (history.losses or {}).get(scenario.enemy_of(raid.by))
        if loss is None or loss.loss_per_place is None:
            why = f"there is no history.losses.{scenario.enemy_of(raid.by)}.loss_per_place"
            yield _no_effect(f"history.raids.{name}", why)
    for name, aid in history.aid.items():
        if aid.arrives is None:
            yield _no_effect(f"history.aid.{name}", "it does not say how it arrives")
        elif aid.by is not None and aid.by not in scenario.patrons_on:
            yield _no_effect(f"history.aid.{name}", f"{aid.by} is off")
        elif aid.by is None and "commitment" not in _on(scenario) and not _pays(scenario, aid.to):
            why = f"commitment is off, and nothing that {aid.to} makes is paid for by outsiders"
            yield _no_effect(f"history.aid.{name}", why)


def _front(scenario: Scenario) -> Iterator[Meaning]:
    front = scenario.front
    if front is None:
        return
    ends = "an end of the ladder, so that the war is over on its first evening"
    if _low(front.start) <= 0 or _high(front.start) >= _low(front.rungs):
        always = _high(front.start) <= 0 or _low(front.start) >= _high(front.rungs)
        yield "front.start", f"{'is' if always else 'may be'} at {ends}"
    if front.strength_effect and not any(site.assets for site in scenario.sites.values()):
        yield _no_effect("front.strength_effect", "no side has assets that are its strength")


def _mechanisms(scenario: Scenario) -> Iterator[Meaning]:
    on = _on(scenario)
    if not on and _meets(scenario):
        yield "mechanisms", "none is on, so that nothing that happens moves a position"
    if scenario.front is None and "turbulence" in on:
        yield "mechanisms.turbulence", "only softens: without a front nothing moves"
    if scenario.front is None and "ripeness" in on:
        yield "mechanisms.ripeness", "finds the front still at all times: there is none"
    if "ripeness" in on and not _meets(scenario):
        yield _no_effect("mechanisms.ripeness", "there is no meeting to come to in earnest")


def _patrons(scenario: Scenario) -> Iterator[Meaning]:
    for name, patron in scenario.patrons_on.items():
        path = f"patrons.{name}"
        if patron.proposal is not None and not _meets(scenario):
            yield _no_effect(f"{path}.proposal", "there is no meeting to put it to")
        if patron.patience is not None and patron.threat is None and patron.sanctions is None:
            yield _no_effect(f"{path}.patience", "it threatens nobody")
        told = scenario.history.aid.values() if scenario.history else ()
        if any(aid.by == name for aid in told) and _high(patron.aid.response) > 0.0:
            yield _no_effect(f"{path}.aid.response", "its aid is read from the history")
        if patron.guarantee is not None and "commitment" not in _on(scenario):
            yield _no_effect(f"{path}.guarantee", "only commitment reads what is guaranteed")


def _talks(scenario: Scenario) -> Iterator[Meaning]:
    talks = scenario.talks
    if talks is None:
        return
    if not talks.meetings:
        yield _no_effect("talks", "there is no meeting")
    for name, issue in talks.issues.items():
        one, other = issue.ideal.values()
        if (one.value, one.low, one.high) == (other.value, other.low, other.high):
            yield (
                f"talks.issues.{name}",
                ("has one ideal for both sides, yet is bargained over as if they were opposed"),
            )
    protocol, truce = talks.protocol, talks.ceasefire
    if truce is None and isinstance(protocol, Screening) and protocol.inference is not None:
        yield _no_effect("talks.protocol.inference", "there is no ceasefire to answer to")
    if truce is not None and truce.p_collapse and _high(truce.p_violation) <= 0.0:
        yield _no_effect("talks.ceasefire.p_collapse", "no raid flies under it: p_violation is 0")


def _reported(scenario: Scenario) -> Iterator[Meaning]:
    columns = {column.name for column in columns_of_runs(scenario)}
    for name, report in scenario.reported.items():
        if report.outcome not in columns:
            yield _no_effect(f"reported.{name}", f"no run has an outcome {report.outcome!r}")
    if scenario.discrepancy is not None and not scenario.polls:
        yield _no_effect("discrepancy", "it is compared with polls, and there are none")


def _meets(scenario: Scenario) -> bool:
    return scenario.talks is not None and bool(scenario.talks.meetings)


def _raids_by(scenario: Scenario, side: str) -> list[Raid]:
    return [raid for raid in scenario.raids.values() if raid.by == side]


def _raids_at(scenario: Scenario, side: str) -> list[Raid]:
    return [raid for raid in scenario.raids.values() if raid.by != side]


def _flown_at(scenario: Scenario, side: str) -> set[str]:
    """The weapons that raids fly at a side, their decoys among them."""
    waves = [wave for raid in _raids_at(scenario, side) for wave in raid.waves.values()]
    return {wave.weapon for wave in waves} | {w.decoys.weapon for w in waves if w.decoys}


def _sites_of(scenario: Scenario, side: str) -> list[Site]:
    return [site for site in scenario.sites.values() if site.side == side]
