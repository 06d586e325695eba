"""The answer of a paired comparison, in figures."""

import datetime
from typing import Any

import numpy as np

from sim.experiment.contrast import Contrast, paired
from sim.experiment.record import POSITIONS
from sim.report.words import percent
from sim.scenario.schema import Scenario, snake


def compare_in_figures(
    contrast: Contrast, scenario: Scenario, without: list[str], overrides: list[str]
) -> dict[str, Any]:
    """Paired effects on positions at the moments that matter, on losses, and on the settlement.

    `scenario` is the war as it is. Where parts of it are left out and nothing is set, an effect is
    that of these parts, with minus without; else it is that of the change, changed minus as it is.
    """
    other = contrast.base if contrast.changed.scenario is scenario else contrast.changed
    groups = scenario.groups
    losses = [f"{group}_{what}" for group in groups for what in ("destroyed", "damaged", "hit")]
    money = [f"{snake(s)}_{w}_usd" for s in scenario.sides for w in ("spent", "lost", "fired")]
    acts = dict.fromkeys((*scenario.mechanisms.switched_on, *other.scenario.mechanisms.switched_on))
    terms = [f"h_{mechanism}_{letter}" for mechanism in acts for letter in "ud"]
    raids = [
        f"{snake(raid)}_{what}"
        for raid in scenario.raids
        if raid in other.scenario.raids
        for what in ("through", "lost_usd", "fired_usd")
    ]
    return {
        "scenario": scenario.name,
        "runs": len(contrast.base.runs),
        "seed": contrast.base.seed,
        "direction": "changed minus as it is" if overrides else "with minus without",
        "changes": [f"without {part}" for part in without] + [f"set {o}" for o in overrides],
        "days": {
            (scenario.start + datetime.timedelta(day)).isoformat(): {
                "day": day,
                "what": ", ".join(events),
                "effects": {p: contrast.effect_on_day(p, day) for p in (*POSITIONS, *terms)},
            }
            for day, events in sorted(_moments(scenario, other.scenario).items())
        },
        "raids": {outcome: contrast.effect_on(outcome) for outcome in raids},
        "losses": {outcome: contrast.effect_on(outcome) for outcome in (*losses, *money)},
        "settlement": {
            "deal_share": _happened(contrast, "deal_day"),
            "ceasefire_share": _happened(contrast, "ceasefire_day"),
            "days_to_deal": _days_to(contrast, "deal_day"),
            **{
                name: contrast.effect_on(name)
                for name in scenario.exchanged
                if name in other.scenario.exchanged
            },
        },
    }


def headline(scenario: Scenario, figures: dict[str, Any]) -> list[str]:
    """Two sentences: the effect on both reservations and the zone, first and last."""
    sides = {"r_u": scenario.underdog, "r_d": scenario.favourite}
    told = []
    days = list(figures["days"].items())
    for date, day in dict((days[0], days[-1])).items():
        parts = [
            _moves(f"the least share {scenario.sides[side].title} accepts", day["effects"][word])
            for word, side in sides.items()
        ]
        zone = _moves("the zone of agreement", day["effects"]["z"])
        what = f"On {date} ({day['what']}), {figures['direction']}"
        told.append(f"{what}: {'; '.join(parts)}; {zone}.")
    return told


def _moves(what: str, effect: dict[str, Any]) -> str:
    """What an effect does to something: its mean, its median, and in how many wars which way."""
    if not effect["runs"]:
        return f"nothing is known of {what}"
    error = effect["mean_error"] or 0.0
    law = (
        f"median {effect['median']:+.4f}, up in {percent(effect['above_zero'])} and down in "
        f"{percent(effect['below_zero'])} of {effect['runs']:,} wars"
    )
    if abs(effect["mean"]) <= error:
        return f"{what} has the same mean within the error of {error:.2g} ({law})"
    verb = "rises" if effect["mean"] > 0.0 else "falls"
    return f"{what} {verb} by {abs(effect['mean']):.4f} ±{error:.2g} in the mean ({law})"


def _moments(scenario: Scenario, other: Scenario) -> dict[int, list[str]]:
    """The days worth comparing: of dated raids that differ, of later meetings, and the last."""
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


def _happened(contrast: Contrast, column: str) -> dict[str, Any]:
    base, changed = (
        record.runs[column].notna().to_numpy().astype(np.float64)
        for record in (contrast.base, contrast.changed)
    )
    return paired(base, changed)


def _days_to(contrast: Contrast, column: str) -> dict[str, Any]:
    """Days to the event; a run without one counts as the campaign's length (a lower bound)."""
    length = contrast.base.scenario.days
    base, changed = (
        record.runs[column].fillna(length).to_numpy(np.float64)
        for record in (contrast.base, contrast.changed)
    )
    return paired(base, changed)
