"""The answer of a paired comparison, in sentences."""

from typing import Any

from sim.report.words import percent
from sim.scenario.schema import Scenario


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
