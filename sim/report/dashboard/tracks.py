"""Losses and costs compared with what was reported of them: a track an outcome."""

from html import escape
from typing import Any

from sim.report.dashboard.answer import Answer
from sim.report.numbers import number, spread, unit_of
from sim.scenario.columns import raid_of
from sim.scenario.schema import snake

Figures = dict[str, Any]


def tracks(answer: Answer, raid: str | None) -> str:
    """The tracks of a raid, or, for None, of the whole campaign; nothing where there are none."""
    scenario = answer.record.scenario
    owned = {
        outcome: track
        for outcome, track in _tracks_of(answer).items()
        if raid_of(scenario, outcome) == raid
    }
    if not owned:
        return ""
    has_reports = any(track["reports"] for track in owned.values())
    heading = "Losses against reports" if has_reports else "Losses"
    if raid is None:
        heading = "The whole campaign against reports"
    legend = (
        '<li><span class="swatch model"></span>the model: median and 90 % of the wars</li>'
        + ('<li><span class="mark claim"></span>claim</li>'
           '<li><span class="mark independent"></span>independent count</li>'
           if has_reports else "")
    )  # fmt: skip
    inner = "".join(_track(raid, outcome, track) for outcome, track in owned.items())
    return f'<h4>{heading}</h4><ul class="legend">{legend}</ul>{inner}'


def _tracks_of(answer: Answer) -> dict[str, Figures]:
    """Every loss and every outcome reported on: the model's estimate, and the reports."""
    found: dict[str, Figures] = {}
    for raid, figures in answer.summary["raids"].items():
        for group, kinds in figures["losses"].items():
            for what in ("hit", "destroyed"):
                found[f"{snake(raid)}_{group}_{what}"] = {"model": kinds[what], "reports": []}
    for entry in answer.summary["reported"].values():
        if entry["model"] is not None:
            track = found.setdefault(entry["outcome"], {"model": entry["model"], "reports": []})
            track["reports"].append(entry)
    return found


def _track(raid: str | None, outcome: str, track: Figures) -> str:
    model, reports, unit = track["model"], track["reports"], unit_of(outcome)
    label = outcome.removeprefix("" if raid is None else f"{snake(raid)}_")
    label = label.removesuffix("_usd").replace("_", " ")
    ends = [model["high"], *(end for entry in reports for end in (entry["low"], entry["high"]))]
    lowest = min([0.0, model["low"], *(entry["low"] for entry in reports)])
    span = (max(ends) - lowest) * 1.04 or 1.0

    def at(value: float) -> str:
        return f"{100 * (value - lowest) / span:.2f}%"

    low, high = at(model["low"]), at(model["high"])
    marks = [
        f'<span class="band" style="left:{low};width:calc({high} - {low} + 2px)"></span>'
        f'<span class="median" style="left:{at(model["median"])}"></span>'
    ]
    rows = []
    for entry in reports:
        reported = number(entry["value"], unit)
        if entry["low"] != entry["high"]:
            reported += f" ({number(entry['low'], unit)} to {number(entry['high'], unit)})"
        place = "inside" if entry["inside_90"] else "outside"
        if not entry["inside_90"] and entry["overlaps_90"]:
            place = "overlaps"
        if entry["low"] != entry["high"]:
            start, end = at(entry["low"]), at(entry["high"])
            marks.append(
                f'<span class="reach" style="left:{start};width:calc({end} - {start})"></span>'
            )
        marks.append(
            f'<span class="mark {entry["kind"]}" style="left:{at(entry["value"])}"></span>'
        )
        rows.append(
            f'<li><span class="mark {entry["kind"]}"></span><b>{reported}</b> {escape(entry["by"])}'
            f'<span class="verdict"> · {entry["kind"]}, {entry["used_for"]}, {place} the 90 %'
            "</span></li>"
        )
    return (
        f'<div class="track" data-outcome="{escape(outcome)}"><span class="name">{escape(label)}'
        f'</span><span class="said">{escape(spread(model, unit))}</span>'
        f'<span class="rail" aria-hidden="true">{"".join(marks)}</span>'
        f"<ul>{''.join(rows)}</ul></div>"
    )
