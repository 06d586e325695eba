"""What no single block of a scenario can see: names and places that contradict each other."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from sim.scenario.columns import doubles
from sim.scenario.figure import Figure
from sim.scenario.schema import Raid, Scenario, Shooter, Site, Wave

MOST_DRONES = 10_000_000
"""In one wave, as many as a count may be."""
MOST_IN_A_RAID = 2_000_000
"""Drones times units of defence, channels, assets and carriers: half a GB, seconds a war."""
MOST_PAIRS = 40_000
"""Flights, weapons times units, sites times assets: in 500 wars at once up to 4 GB."""

_MOST_SHOTS = 200  # at one drone, as many as a shot count may be

Contradiction = tuple[tuple[str, ...], str]
"""Where it stands, and what is wrong with what was expected."""


def contradictions(scenario: Scenario) -> Iterator[Contradiction]:
    """Everything in a scenario that contradicts something else in it."""
    yield from _raids_strike_the_enemy(scenario)
    yield from _decoys_are_decoys(scenario)
    yield from _budgets_buy_a_countable_number(scenario)
    yield from _raids_fit_into_memory(scenario)
    yield from _policies_use_own_raids(scenario)
    yield from _columns_are_distinct(scenario)
    yield from _beliefs_have_weight(scenario)
    yield from _patrons_give_what_there_is(scenario)
    yield from _patrons_press_for_something(scenario)
    yield from _aid_is_told_once(scenario)
    yield from _own_mechanisms_are_words(scenario)
    yield from _polls_are_in_order(scenario)
    if scenario.talks is not None:
        dates = Counter(scenario.talks.meetings.values())
        for name, date in scenario.talks.meetings.items():
            if dates[date] > 1:
                yield ("talks", "meetings", name), f"{date} has two meetings, expected one a day"
    front = scenario.front
    if front is not None and _high(front.start) > _low(front.rungs):
        yield ("front", "start"), "may be above rungs, expected a rung of the ladder"


def _raids_strike_the_enemy(scenario: Scenario) -> Iterator[Contradiction]:
    for name, raid in scenario.raids.items():
        for wave_name, wave in raid.waves.items():
            path = ("raids", name, "waves", wave_name)
            for site in wave.at:
                if scenario.sites[site].side == raid.by:
                    yield (*path, "at"), f"{site!r} is the raider's own, expected an enemy's site"
            area = wave.launch_from
            if area is not None and scenario.launch_areas[area].side != raid.by:
                yield (*path, "launch_from"), f"{area!r} is the enemy's, expected one of {raid.by}"


def _decoys_are_decoys(scenario: Scenario) -> Iterator[Contradiction]:
    for name, raid in scenario.raids.items():
        for wave_name, wave in raid.waves.items():
            if wave.decoys is None:
                continue
            weapon, path = wave.decoys.weapon, ("raids", name, "waves", wave_name, "decoys")
            if not scenario.weapons[weapon].decoy:
                yield path, f"{weapon!r} is no decoy, expected a weapon with decoy: true"
            if weapon == wave.weapon:
                yield path, f"{weapon!r} is the wave's own weapon, expected another"


def _budgets_buy_a_countable_number(scenario: Scenario) -> Iterator[Contradiction]:
    for name, raid in scenario.raids.items():
        for wave_name, wave in raid.waves.items():
            if wave.budget is None:
                continue
            if _cheapest(scenario, wave) * MOST_DRONES <= _high(wave.budget):
                yield (
                    ("raids", name, "waves", wave_name, "budget"),
                    f"may buy {MOST_DRONES:,} drones or more, expected less or a dearer weapon",
                )


def _raids_fit_into_memory(scenario: Scenario) -> Iterator[Contradiction]:
    """A raid takes room for all that may happen in it, before it does."""
    for name, raid in scenario.raids.items():
        sites = [site for site in scenario.sites.values() if site.side != raid.by]
        units = sum(len(site.defence) for site in sites)
        flights = sum(len(wave.at) for wave in raid.waves.values())
        drones = sum(_most_drones(scenario, wave) for wave in raid.waves.values())
        carriers = raid.delivery.carriers_per_site if raid.delivery.kind == "covert" else None
        things = (
            drones * max(1, units)
            + min(_most_channels(scenario, sites), drones * units * _MOST_SHOTS)
            + sum(_high(assets.count) for site in sites for assets in site.assets.values())
            + (0.0 if carriers is None else flights * _high(carriers))
        )
        if things > MOST_IN_A_RAID:
            message = (
                f"has {things:,.0f} drones times units of defence, channels, assets and carriers, "
                f"expected at most {MOST_IN_A_RAID:,}"
            )
            yield ("raids", name), message
        pairs = pairs_of(scenario, raid)
        if pairs > MOST_PAIRS:
            message = (
                f"has {pairs:,} flights, weapons times units and sites times classes of assets, "
                f"expected at most {MOST_PAIRS:,}"
            )
            yield ("raids", name), message


def pairs_of(scenario: Scenario, raid: Raid) -> int:
    """Flights, weapons times units and sites times classes of assets, of a raid in one war."""
    sites = [site for site in scenario.sites.values() if site.side != raid.by]
    units = sum(len(site.defence) for site in sites)
    flights = sum(len(wave.at) for wave in raid.waves.values())
    return flights + len(scenario.weapons) * units + len(sites) * len(scenario.assets)


def _most_drones(scenario: Scenario, wave: Wave) -> float:
    if wave.count is not None:
        return _high(wave.count)
    if wave.budget is None:
        return 0.0
    cheapest = _cheapest(scenario, wave)
    return _high(wave.budget) / cheapest if cheapest > 0.0 else 0.0  # an error of its own


def _cheapest(scenario: Scenario, wave: Wave) -> float:
    """The least that one of a wave's drones or decoys may cost."""
    weapons = [wave.weapon, *([wave.decoys.weapon] if wave.decoys else [])]
    return min(_low(scenario.weapons[weapon].unit_cost) for weapon in weapons)


def _most_channels(scenario: Scenario, sites: Iterable[Site]) -> float:
    kinds = [(scenario.units[name], put.count) for site in sites for name, put in
             site.defence.items()]  # fmt: skip
    return sum(
        _high(kind.channels) * _high(count) for kind, count in kinds if isinstance(kind, Shooter)
    )


def _low(figure: Figure) -> float:
    return figure.value if figure.low is None else figure.low


def _high(figure: Figure) -> float:
    return figure.value if figure.high is None else figure.high


def _policies_use_own_raids(scenario: Scenario) -> Iterator[Contradiction]:
    for name, side in scenario.sides.items():
        for word, policy in (("tempo", side.tempo), ("retaliation", side.retaliation)):
            if policy is not None and scenario.raids[policy.raid].by != name:
                message = f"{policy.raid!r} is the enemy's raid, expected one by {name}"
                yield ("sides", name, word, "raid"), message


def _columns_are_distinct(scenario: Scenario) -> Iterator[Contradiction]:
    """Reported where each of the two names stands; a word of the tables stands nowhere."""
    for column, *owners in doubles(scenario):
        for owner, other in (owners, reversed(owners)):
            what = f"as {'.'.join(other)} does" if other else "which the tables already have"
            if owner:
                yield owner, f"gives the column {column!r}, {what}, expected another name"


def _beliefs_have_weight(scenario: Scenario) -> Iterator[Contradiction]:
    mixed = {
        ("reports", side, holder): getattr(reporting, holder)
        for side, reporting in scenario.reports.items()
        for holder in ("leader", "public")
    } | {("patrons", name, "hears"): patron.hears for name, patron in scenario.patrons.items()}
    for place, weights in mixed.items():
        parts = (weights.truth, weights.own_report, weights.enemy_report)
        if not any(_low(part) for part in parts):
            yield place, "all weights may be 0, expected one that is above 0 over its whole range"


def _patrons_give_what_there_is(scenario: Scenario) -> Iterator[Contradiction]:
    """A side's patrons pay no more than all its aid, nor rests more than all it expects on it."""
    for side in scenario.sides:
        for word in ("part", "prospects"):
            given = 0.0
            for name, patron in scenario.patrons.items():
                given += _high(getattr(patron.aid, word)) if patron.backs == side else 0.0
                if patron.backs == side and given > 1.0 + 1e-9:
                    message = f"may add up to {given:g} with the other patrons of {side}, "
                    yield ("patrons", name, "aid", word), f"{message}expected at most 1"


def _patrons_press_for_something(scenario: Scenario) -> Iterator[Contradiction]:
    for name, patron in scenario.patrons.items():
        for word in ("threat", "sanctions"):
            if getattr(patron, word) is not None and patron.proposal is None:
                message = "depends on the patron's proposal, expected a proposal: beside it"
                yield ("patrons", name, word), message
        stops = patron.proposal is not None and patron.proposal.kind == "ceasefire"
        if stops and (scenario.talks is None or scenario.talks.ceasefire is None):
            message = "proposes a ceasefire, expected a talks.ceasefire: block"
            yield ("patrons", name, "proposal"), message


def _aid_is_told_once(scenario: Scenario) -> Iterator[Contradiction]:
    """Aid that is read is that of a patron of the side it goes to, or all of it, and told once."""
    seen: dict[tuple[str, str | None], str] = {}
    for name, aid in (scenario.history.aid if scenario.history else {}).items():
        place = ("history", "aid", name)
        if aid.by is not None and aid.by not in scenario.patrons:
            yield (*place, "by"), f"{aid.by} is no patron of the scenario, expected one"
            continue
        if aid.by is not None and scenario.patrons[aid.by].backs != aid.to:
            backs = scenario.patrons[aid.by].backs
            yield (*place, "by"), f"{aid.by} backs {backs}, expected a patron that backs {aid.to}"
        if aid.by is not None and aid.arrives is None:
            yield (*place, "by"), "is not used, expected arrives: beside it"
        if aid.arrives is None:
            continue
        first = seen.setdefault((aid.to, aid.by), name)
        if first != name:
            yield (*place, "arrives"), f"{first} records the same aid, expected one of the two"


def _own_mechanisms_are_words(scenario: Scenario) -> Iterator[Contradiction]:
    """Their names become words of columns."""
    for name in scenario.mechanisms.own:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", name):
            message = "is no name, expected small letters, digits and '_', a letter first"
            yield ("mechanisms", name), message


def _polls_are_in_order(scenario: Scenario) -> Iterator[Contradiction]:
    """Waves follow each other, their shares fit into one, and patterns lie between two waves."""
    for name, poll in scenario.polls.items():
        path = ("polls", name)
        dates = [wave.date for wave in poll.waves]
        for place, wave in enumerate(poll.waves):
            where = (*path, "waves", str(place))
            if place and wave.date <= dates[place - 1]:
                message = f"{wave.date} is not after the wave before, expected waves by date"
                yield where, message
            if wave.hard is not None and wave.soft.value + wave.hard.value > 1.0 + 1e-9:
                yield where, "soft and hard are more than 1 together, expected at most 1"
        for word, pattern in poll.patterns.items():
            where = (*path, "patterns", word)
            for end in ("first", "last"):
                if getattr(pattern, end) not in dates:
                    message = f"{getattr(pattern, end)} is no wave of {name!r}, expected one"
                    yield (*where, end), message
            if pattern.first >= pattern.last:
                yield where, "first is not before last, expected a change from first to last"
