"""The answer to a paired comparison, in figures."""

import datetime
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from sim.experiment.effects import effect_on, effects_on_day
from sim.experiment.record import Record
from sim.experiment.statistics.paired import paired
from sim.scenario.columns import POSITIONS, cards_of, terms_of
from sim.scenario.schema import Scenario, snake
from sim.scenario.without_effect import silent_meanings

_WITHOUT = "without "


class Compared(NamedTuple):
    """The war as it is, the answer in figures, and warnings about settings without effect."""

    as_is: Scenario
    figures: dict[str, Any]
    warnings: list[str]


def compared(base: Record, changed: Record) -> Compared:
    """The answer to a comparison of two wars, in the direction that their changes imply.

    If they differ by parts left out in `base`, an effect is that of these parts, with minus
    without; otherwise it is that of the change, changed minus as it is. Raises ExperimentError if
    no days are stored.
    """
    one, other = base.scenario, changed.scenario
    parts = _more(one, other)
    is_of_parts = bool(parts) and not _more(other, one) and one.name == other.name
    if is_of_parts and all(part.startswith(_WITHOUT) for part in parts):
        as_is, changes, wars = other, parts, [other]
    else:
        as_is, changes, wars = one, _more(other, one), [one, other]
    without = [change.removeprefix(_WITHOUT) for change in changes if change.startswith(_WITHOUT)]
    overrides = [change for change in changes if not change.startswith(_WITHOUT)]
    warnings = [line for war in wars for line in silent_meanings(war)]
    figures = compare_in_figures(base, changed, as_is, without, overrides)
    return Compared(as_is, figures, list(dict.fromkeys(warnings)))


def _more(one: Scenario, other: Scenario) -> list[str]:
    """The changes, settings and omissions, of one war that the other does not have."""
    return [change for change in one.overrides if change not in other.overrides]


def compare_in_figures(
    base: Record,
    changed: Record,
    scenario: Scenario,
    without: Sequence[str],
    overrides: Sequence[str],
) -> dict[str, Any]:
    """Paired effects on positions on the days that matter, on losses, and on the settlement.

    `scenario` is the war as it is. If that is `changed`, parts of it are left out in `base`, and an
    effect is that of these parts; otherwise it is that of the change.
    """
    is_of_parts = base.scenario is not scenario
    other = base if is_of_parts else changed
    groups = scenario.groups
    losses = [f"{group}_{what}" for group in groups for what in ("destroyed", "damaged", "hit")]
    money = [f"{snake(s)}_{w}_usd" for s in scenario.sides for w in ("spent", "lost", "fired")]
    wars = scenario, other.scenario
    acts = dict.fromkeys(term for war in wars for term in terms_of(war))
    cards = tuple(dict.fromkeys(word for war in wars for word in cards_of(war)))
    terms = [f"h_{mechanism}_{letter}" for mechanism in acts for letter in "ud"]
    raids = [
        f"{snake(raid)}_{what}"
        for raid in scenario.raids
        if raid in other.scenario.raids
        for what in ("through", "lost_usd", "fired_usd")
    ]
    return {
        "scenario": scenario.name,
        "runs": len(base.runs),
        "seed": base.seed,
        "direction": "with minus without" if is_of_parts else "changed minus as it is",
        "changes": [f"without {part}" for part in without] + [f"set {o}" for o in overrides],
        "days": {
            (scenario.start + datetime.timedelta(day)).isoformat(): {
                "day": day,
                "what": ", ".join(events),
                "effects": effects_on_day(base, changed, (*POSITIONS, *cards, *terms), day),
            }
            for day, events in sorted(_moments(scenario, other.scenario).items())
        },
        "raids": {outcome: effect_on(base, changed, outcome) for outcome in raids},
        "losses": {outcome: effect_on(base, changed, outcome) for outcome in (*losses, *money)},
        "settlement": {
            "deal_share": _occurrence(base, changed, "deal_day"),
            "ceasefire_share": _occurrence(base, changed, "ceasefire_day"),
            "days_to_deal": _days_to(base, changed, "deal_day"),
            **{
                name: effect_on(base, changed, name)
                for name in scenario.exchanged
                if name in other.scenario.exchanged
            },
        },
    }


def _moments(scenario: Scenario, other: Scenario) -> dict[int, list[str]]:
    """The days worth comparing: of dated raids that differ, of later meetings, and the last day."""
    days: dict[int, list[str]] = {}
    for name, raid in scenario.raids.items():
        if raid.date is not None and other.raids.get(name) != raid:
            days.setdefault(scenario.day_of(raid.date), []).append(name)
    first = min(days, default=0)
    for name, date in scenario.talks.meetings.items() if scenario.talks else ():
        if scenario.day_of(date) >= first:
            days.setdefault(scenario.day_of(date), []).append(name)
    days.setdefault(scenario.days - 1, []).append("last day")
    return days


def _occurrence(base: Record, changed: Record, column: str) -> dict[str, Any]:
    happened = (record.runs[column].notna() for record in (base, changed))
    return paired(*(each.to_numpy().astype(np.float64) for each in happened))


def _days_to(base: Record, changed: Record, column: str) -> dict[str, Any]:
    """Days to the event; a run without one counts as the campaign's length (a lower bound)."""
    days = (record.runs[column].fillna(base.scenario.days) for record in (base, changed))
    return paired(*(each.to_numpy(np.float64) for each in days))
