"""The columns that a scenario's names make, and whose each is: no two may make one.

A name is a word of a column with `_` for `-`, wherever it stands.
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sim.scenario.schema import ATTITUDES, Scenario, Screening, snake

FATES = (
    "compromised",
    "failed",
    "jammed",
    "shot_down",
    "decoy_spent",
    "missed",
    "wasted",
    "damaged_target",
    "destroyed_target",
)
"""What can become of a drone: exactly one of these, coded by place."""

THROUGH = ("decoy_spent", "missed", "wasted", "damaged_target", "destroyed_target")
"""The fates of drones that came to their target."""

HITS = ("damaged_target", "destroyed_target")
"""The fates of drones that hit it."""

POSITIONS = ("r_u", "r_d", "z", "demand_u", "demand_d")
LOSSES = ("damaged", "destroyed", "hit")
OF_HISTORY = ("meetings_held", "ceasefires", "truces", "history_lost_u", "history_lost_d")
"""What a war comes to that reads a history: how often it talked and paused, and what it read."""

_OF_A_RAID = (
    *("flown", "spent_usd", "lost_usd", "fired_usd", "forewarned", "carriers_lost"),
    *("claimed_hit", "admitted_hit", "ordered", "jammed", "shot_down", "through"),
    *("hughes_through", "armstrong_through", "leak_share", "loss_exchange", "cost_exchange"),
)
_OF_A_RUN = (
    *("run", "deal_day", "ceasefire_day", "collapse_day", "decided_day", "share_held_u_end"),
)
_OF_A_MEETING = (
    *("run", "meeting", "day", *POSITIONS, "room", "agreed", "earnest_u", "earnest_d"),
    *("ceasefire_u", "ceasefire_d", "truce", "minutes", "walked_out_u", "walked_out_d"),
)

Owner = tuple[str, ...]
"""Where the name stands in the scenario; nothing for a word of the table's own."""


class Column(NamedTuple):
    """A column and whose it is."""

    name: str
    owner: Owner


def columns_of_runs(scenario: Scenario) -> Iterator[Column]:
    """The columns of runs.parquet."""
    yield from _owned((), _OF_A_RUN)
    yield from _owned((), (f"{word}_{when}" for word in POSITIONS for when in ("start", "end")))
    if scenario.publics is not None:
        ends = itertools.product(ATTITUDES, "ud", ("start", "end"))
        yield from _owned((), (f"{attitude}_{x}_{when}" for attitude, x, when in ends))
    for owner, word in _cards(scenario):
        yield from _owned(owner, (f"{word}_{when}" for when in ("start", "end")))
    for owner, term in _terms(scenario):
        yield Column(f"{term}_end", owner)
    for name in scenario.patrons_on:
        days = (f"{snake(name)}_{what}_day" for what in ("withdrawn", "sanctioned"))
        yield from _owned(("patrons", name), days)
    for name in scenario.talks.meetings if scenario.talks else ():
        yield Column(f"{snake(name)}_minutes", ("talks", "meetings", name))
    yield from _exchanged(scenario)
    if scenario.history is not None:
        yield from _owned((), OF_HISTORY)
    for name in scenario.raids:
        yield from _of_raid(scenario, name)
    for group, owner in _groups(scenario):
        yield from _owned(owner, (f"{group}_{what}" for what in LOSSES))
    for side in scenario.sides:
        money = (f"{snake(side)}_{what}_usd" for what in ("spent", "lost", "fired"))
        yield from _owned(("sides", side), money)


def _of_raid(scenario: Scenario, name: str) -> Iterator[Column]:
    owner, raid = ("raids", name), snake(name)
    yield from _owned(owner, (f"{raid}_{what}" for what in _OF_A_RAID))
    for word in (*POSITIONS, *(word for _, word in _cards(scenario))):
        yield from _owned(owner, (f"{word}_{when}_{raid}" for when in ("before", "after")))
    yield from _owned(owner, (f"{term}_by_{raid}" for _, term in _terms(scenario)))
    for group, its_owner in _groups(scenario):
        yield from _owned(its_owner, (f"{raid}_{group}_{what}" for what in LOSSES))
    for wave in scenario.raids[name].waves:
        what_of = (f"{raid}_{snake(wave)}_{what}" for what in ("ordered", *FATES, "through"))
        yield from _owned((*owner, "waves", wave), what_of)


def columns_of_meetings(scenario: Scenario) -> Iterator[Column]:
    """The columns of meetings.parquet."""
    yield from _owned((), _OF_A_MEETING)
    yield from _owned((), held_back_of(scenario))
    yield from _exchanged(scenario)
    for owner, word in (*_cards(scenario), *_terms(scenario)):
        yield Column(word, owner)
    for name in scenario.patrons_on:
        yield from _owned(("patrons", name), (f"{snake(name)}_accepted_{x}" for x in "ud"))
    for issue in scenario.talks.issues if scenario.talks else ():
        yield Column(f"position_{snake(issue)}", ("talks", "issues", issue))


def held_back_of(scenario: Scenario) -> tuple[str, ...]:
    """The columns of who would have stopped if its answer were not read; none where it is not."""
    protocol = scenario.talks.protocol if scenario.talks else None
    is_read = isinstance(protocol, Screening) and protocol.inference is not None
    return ("held_back_u", "held_back_d") if is_read else ()


def _owned(owner: Owner, names: Iterable[str]) -> Iterator[Column]:
    return (Column(name, owner) for name in names)


def cards_of(scenario: Scenario) -> tuple[str, ...]:
    """The words of the cards and of the pressure, by which patrons act; none without patrons."""
    return tuple(word for _, word in _cards(scenario))


def terms_of(scenario: Scenario) -> tuple[str, ...]:
    """What adds a term to a reservation: the mechanisms that are on, and all patrons together."""
    return (*scenario.mechanisms.switched_on, *(("patrons",) if scenario.patrons_on else ()))


def _cards(scenario: Scenario) -> Iterator[tuple[Owner, str]]:
    if scenario.patrons_on:
        yield from (((), f"p_{letter}") for letter in "ud")
    for word in ("p", "pressure"):
        yield from ((("patrons", name), f"{word}_{snake(name)}") for name in scenario.patrons_on)


def _terms(scenario: Scenario) -> Iterator[tuple[Owner, str]]:
    """The columns of terms and whose each is; those of patrons are a word of the tables."""
    for name in scenario.mechanisms.switched_on:
        yield from ((("mechanisms", name), f"h_{name}_{letter}") for letter in "ud")
    if scenario.patrons_on:
        yield from (((), f"h_patrons_{letter}") for letter in "ud")


def _exchanged(scenario: Scenario) -> Iterator[Column]:
    for name in scenario.talks.exchanges if scenario.talks else ():
        yield Column(f"{snake(name)}_exchanged", ("talks", "exchanges", name))


def _groups(scenario: Scenario) -> Iterator[tuple[str, Owner]]:
    """Each group as written, as a word and where it stands first."""
    first = {asset.group: name for name, asset in reversed(scenario.assets.items())}
    for written in dict.fromkeys(asset.group for asset in scenario.assets.values()):
        yield snake(written), ("assets", first[written], "group")


def raids_by_column(scenario: Scenario) -> dict[str, str]:
    """The raid that each column of runs.parquet about a raid belongs to."""
    raids: dict[str, str] = {}
    for name in scenario.raids:
        for column in _of_raid(scenario, name):
            raids.setdefault(column.name, name)
    return raids


def usual_outcomes(scenario: Scenario) -> tuple[str, ...]:
    """What is destroyed, what each side spends and loses, and the zone at the end."""
    return (
        *(f"{group}_destroyed" for group in scenario.groups),
        *(f"{snake(side)}_{what}_usd" for side in scenario.sides for what in ("spent", "lost")),
        "z_end",
    )


def unit_of(column: str) -> str:
    """The unit of a column of numbers: USD, day, min, km, or 1 for counts and shares."""
    word = column.removesuffix(" ±").removesuffix(" median")
    word = word.removesuffix(" 5 %").removesuffix(" 95 %")
    if word.endswith("_usd"):
        return "USD"
    if word in ("day", "days_after") or word.endswith(("_day", "half-life", ", days")):
        return "day"
    if word.endswith("minutes"):
        return "min"
    return "km" if word.endswith("_km") else "1"


def doubles(scenario: Scenario) -> Iterator[tuple[str, Owner, Owner]]:
    """Columns that two names make, one a pair of names: the column, and both."""
    found: set[tuple[Owner, Owner]] = set()
    for columns in (columns_of_runs(scenario), columns_of_meetings(scenario)):
        owners: dict[str, Owner] = {}
        for name, owner in columns:
            first = owners.setdefault(name, owner)
            pair = (first, owner)
            if first != owner and pair not in found:
                found.add(pair)
                yield name, first, owner
