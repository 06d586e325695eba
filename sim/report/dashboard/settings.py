"""The left-hand side of the page as data: figures by group, and switches."""

import functools
import math
from pathlib import Path
from typing import Any

from sim.report.dashboard.document import Document, formatted
from sim.scenario.experiment import Theories
from sim.scenario.figure import Figure
from sim.scenario.load import load_experiment

GROUPS = {
    "weapons": "Weapons",
    "units": "Defence units",
    "sites": "Sites",
    "raids": "Raids",
    "assets": "Assets",
    "sides": "Sides",
    "front": "Front",
    "events": "Events",
    "reports": "Reports and beliefs",
    "minds": "Minds",
    "publics": "Publics",
    "mechanisms": "Mechanisms",
    "patrons": "Patrons",
    "talks": "Talks",
}
"""The parts of a scenario with figures to change, in the order of the page."""


def groups_of(document: Document) -> list[dict[str, Any]]:
    """The groups with their figures."""
    groups = []
    for section, title in GROUPS.items():
        rows = [
            _row(document, section, path, figure)
            for path, figure in document.figures.items()
            if path.split(".")[0] == section
        ]
        if rows:
            groups.append({"name": section, "title": title, "rows": rows})
    return groups


def switches_of(document: Document) -> list[dict[str, Any]]:
    """The mechanisms and patrons of the scenario: name, path, whether they are on, and odds.

    `odds` is the factor by which the record changes the odds that a mechanism acts, if a shipped
    experiment of theories gives it for this scenario; else empty.
    """
    odds = record_odds(document.scenario.name)
    titles = {f"patrons.{name}.on": p.title for name, p in document.scenario.patrons.items()}
    return [
        {
            "path": path,
            "name": titles.get(path, path.split(".")[1]),
            "on": on,
            "odds": odds.get(path.split(".")[1], "") if path.startswith("mechanisms.") else "",
        }
        for path, on in document.switches.items()
    ]


@functools.cache
def record_odds(scenario: str) -> dict[str, str]:
    """The odds of the shipped experiment of theories as text, if it is about this scenario."""
    experiment = load_experiment("theories")
    if not isinstance(experiment, Theories) or Path(experiment.scenario).stem != scenario:
        return {}
    times = experiment.odds.times if experiment.odds else {}
    return {name: f"\u00d7{value:.2g}" for name, value in times.items()}


def _row(document: Document, section: str, path: str, figure: Figure) -> dict[str, Any]:
    _, *inner = path.split(".")
    thing, *rest = inner if len(inner) > 1 else ("", *inner)
    block = getattr(document.scenario, section)
    titled = block.get(thing) if isinstance(block, dict) else None
    low, high = (figure.low, figure.high) if figure.is_drawn else (None, None)
    law = f", {figure.law or 'triangular'}" if figure.is_drawn else ""
    ends = "" if low is None or high is None else f"{formatted(low)} to {formatted(high)}{law}"
    return {
        "path": path,
        "thing": thing,
        "title": getattr(titled, "title", "") or "",
        "label": ".".join(rest),
        "value": formatted(figure.value) if math.isfinite(figure.value) else "inf",
        "low": low,
        "high": high,
        "step": None if low is None or high is None else _step(figure, high - low),
        "unit": "" if figure.unit == "1" else figure.unit,
        "range": ends,
        "from": figure.provenance,
    }


def _step(figure: Figure, span: float) -> float:
    """The step of a slider: a round number, about a hundredth of the range."""
    if figure.is_count:
        return max(1.0, 10.0 ** math.floor(math.log10(span / 100)))
    return float(10.0 ** math.floor(math.log10(span / 50)))
