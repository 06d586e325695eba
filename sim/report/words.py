"""A summary's figures in plain words, for a screen: lines of text under headings."""

from typing import Any

from sim.scenario.schema import Scenario
from sim.war.record import snake

Figures = dict[str, Any]
Section = tuple[str, list[str]]


def summary_in_words(scenario: Scenario, summary: Figures) -> list[Section]:
    """The answer first, then what it rests on; every number with its interval and error."""
    sections = [("Answer", _answer(scenario, summary))]
    for name, raid in summary["raids"].items():
        if raid["flown"]["share"]:
            sections.append((scenario.raids[name].title, _raid(raid)))
    sections.append(("Reported, and where it lies in the model", _reported(summary)))
    sections.append(("Talks", _talks(scenario, summary)))
    sections.append(("How sure", _how_sure(summary)))
    return [(heading, lines) for heading, lines in sections if lines]


def number(value: float | None, unit: str = "") -> str:
    """A number for reading: dollars in k, M, bn; others to three figures."""
    if value is None:
        return "-"
    if unit == "USD":
        for size, word in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
            if abs(value) >= size:
                return f"${value / size:.3g}{word}"
        return f"${value:.3g}"
    if unit == "share":
        return f"{value:+.3f}"
    return f"{value:,.0f}" if abs(value) >= 10 or value == round(value) else f"{value:.2g}"


def interval(estimate: Figures, unit: str = "") -> str:
    """Median, central 90 % and the Monte Carlo errors of all three."""
    if not estimate["runs"]:
        return "no run to tell from"
    errors = [estimate[f"{name}_error"] for name in ("low", "median", "high")]
    shown = "/".join("?" if error is None else _error(error, unit) for error in errors)
    return (
        f"{number(estimate['median'], unit)} (90 %: {number(estimate['low'], unit)} to "
        f"{number(estimate['high'], unit)}; MC ±{shown})"
    )


def mean(estimate: Figures, unit: str = "") -> str:
    """A mean and its Monte Carlo error."""
    error = estimate["mean_error"]
    shown = "?" if error is None else _error(error, unit)
    return f"{number(estimate['mean'], unit)} (MC ±{shown})"


def chance(share: Figures) -> str:
    """A share of runs in per cent, with its Monte Carlo error."""
    if share["share"] is None:
        return "no run to tell from"
    return f"{100 * share['share']:.1f} % (MC ±{100 * share['share_error']:.1f})"


def _error(error: float, unit: str) -> str:
    return f"{error:.2g}" if unit == "share" else number(error, unit)


def _answer(scenario: Scenario, summary: Figures) -> list[str]:
    lines = [f"Question: {summary['question']}"]
    for name, raid in summary["raids"].items():
        if scenario.raids[name].date is None or not raid["flown"]["share"]:
            continue
        title = scenario.raids[name].title
        for group, losses in raid["losses"].items():
            lines.append(
                f"{title}: {group} destroyed {interval(losses['destroyed'])}, "
                f"hit {interval(losses['hit'])}."
            )
        lines.append(
            f"  It cost {scenario.sides[raid['by']].title} {interval(raid['spent_usd'], 'USD')} and "
            f"the other side {interval(raid['lost_usd'], 'USD')} in losses and "
            f"{interval(raid['fired_usd'], 'USD')} in rounds: "
            f"{interval(raid['loss_exchange'])} USD lost for a USD spent."
        )
        lines.append(
            f"  It hardened {_side(scenario, 'underdog')} in {chance(raid['underdog_hardened'])} of "
            f"the runs and {_side(scenario, 'favourite')} in {chance(raid['favourite_hardened'])}, and "
            f"narrowed the zone of agreement in {chance(raid['zone_narrowed'])} "
            f"(mean change of Z {mean(raid['positions']['z']['change'], 'share')})."
        )
        lines += _claims(scenario, summary, name)
    deal, stop = summary["settlement"]["deal"], summary["settlement"]["ceasefire"]
    if scenario.talks is not None:
        lines.append(f"A settlement was reached in {chance(deal)} of the runs, a ceasefire in "
                     f"{chance(stop)}.")
    on = ", ".join(summary["mechanisms"]) or "none"
    lines.append(f"This holds under the mechanisms switched on ({on}) and the ranges assumed.")
    return lines


def _claims(scenario: Scenario, summary: Figures, raid: str) -> list[str]:
    """Where the parties' claims about a raid lie in the model's distribution."""
    return [
        f"  The {number(entry['value'])} of {entry['by']} ({entry['outcome']}): "
        f"{100 * entry['reached']:.1f} % of the runs reach it."
        for entry in summary["reported"].values()
        if entry["kind"] == "claim"
        and entry["model"] is not None
        and entry["outcome"].startswith(f"{snake(raid)}_")
        and entry["outcome"].endswith("_hit")
    ]


def _side(scenario: Scenario, role: str) -> str:
    return scenario.sides[getattr(scenario, role)].title


def _raid(raid: Figures) -> list[str]:
    lines = [f"flown in {chance(raid['flown'])} of the runs"]
    for wave, fates in raid["fates"].items():
        told = ", ".join(
            f"{fate.replace('_', ' ')} {mean(fates[fate])}"
            for fate in fates
            if fate not in ("ordered", "through") and fates[fate]["mean"]
        )
        lines.append(f"{wave}: {mean(fates['ordered'])} ordered; {told}")
    lines.append(f"cost exchange, lost and fired over spent: {interval(raid['cost_exchange'])}")
    for position, when in raid["positions"].items():
        lines.append(
            f"{position}: before {interval(when['before'], 'share')}, "
            f"after {interval(when['after'], 'share')}, change {mean(when['change'], 'share')}"
        )
    for mechanism, sides in raid["terms"].items():
        lines.append(
            f"of which {mechanism}: r_u {mean(sides['u'], 'share')}, "
            f"r_d {mean(sides['d'], 'share')}"
        )
    return lines


def _reported(summary: Figures) -> list[str]:
    lines = []
    for entry in summary["reported"].values():
        span = number(entry["value"])
        if entry["low"] != entry["high"]:
            span += f" ({number(entry['low'])} to {number(entry['high'])})"
        head = f"{entry['outcome']} {span}, {entry['by']} [{entry['kind']}, {entry['used_for']}]"
        if entry["model"] is None:
            lines.append(f"{head}: the model has no such outcome")
        elif not entry["model"]["runs"]:
            lines.append(f"{head}: it did not happen in any run")
        else:
            verdict = "inside" if entry["inside_90"] else "outside"
            lines.append(
                f"{head}: {verdict} the model's 90 %, {interval(entry['model'])}; "
                f"{100 * entry['below']:.1f} % of the runs lie below"
            )
    return lines


def _talks(scenario: Scenario, summary: Figures) -> list[str]:
    lines = []
    for name, meeting in summary["meetings"].items():
        if not meeting["held"]:
            lines.append(f"{name}, {meeting['date']}: held in no run")
            continue
        lines.append(
            f"{name}, {meeting['date']}: held in {100 * meeting['held']:.1f} % of the runs; settled in "
            f"{chance(meeting['agreed'])} of these; would cease fire on the line: "
            f"{_side(scenario, 'underdog')} {chance(meeting['ceasefire_u'])}, "
            f"{_side(scenario, 'favourite')} {chance(meeting['ceasefire_d'])}; "
            f"exchanged {interval(meeting['exchanged'])} prisoners each"
        )
        lines.append(
            "  " + ", ".join(
                f"{p} {interval(meeting[p], 'share')}"
                for p in ("r_u", "r_d", "z", "room", "demand_u", "demand_d")
            )
        )  # fmt: skip
    return lines


def _how_sure(summary: Figures) -> list[str]:
    lines = [
        f"{summary['runs']:,} runs, seed {summary['seed']}. MC ± is the Monte Carlo error: half the "
        "width of the 95 % interval of what endless runs would give, for the low end, the median "
        "and the high end in this order."
    ]
    if not summary["complete"]:
        lines.append(f"UNFINISHED: {summary['runs']:,} of {summary['runs_asked']:,} runs.")
    return lines


def contrast_in_words(scenario: Scenario, contrast: Figures) -> list[Section]:
    """A paired comparison in words."""
    sections = [("What was changed", list(contrast["changes"]))]
    for heading, effects in contrast["effects"].items():
        lines = []
        for outcome, effect in effects.items():
            saved = effect["variance_saved"]
            saving = "" if saved is None else f"; pairing saved {saved:.1f} times the variance"
            unit = _unit(outcome)
            lines.append(
                f"{outcome}: {_signed(effect, unit)}, 90 % of the runs {number(effect['low'], unit)} "
                f"to {number(effect['high'], unit)}{saving}"
            )
        sections.append((heading, lines))
    return sections


def _signed(effect: Figures, unit: str) -> str:
    if not effect["runs"]:
        return "no run to tell from"
    told = mean(effect, unit)
    error = effect["mean_error"]
    if error is not None and abs(effect["mean"]) <= error:
        told += ", not to be told from zero"
    return told


def _unit(outcome: str) -> str:
    if outcome.endswith("_usd"):
        return "USD"
    is_share = outcome.startswith(("r_", "z", "demand_", "underdog", "favourite"))
    return "share" if is_share else ""
