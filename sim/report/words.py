"""A summary's figures for a screen: the answer in plain words, then what it rests on in tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sim.experiment.record import POSITIONS
from sim.scenario.columns import raid_of
from sim.scenario.schema import Scenario, snake

Figures = dict[str, Any]

_ESTIMATE = ("median", "90 % from", "to", "mean")
_NOTHING = 1e-6  # what is smaller is no number to read
_ROUNDING = 1e-12  # what adding up leaves of nothing


@dataclass(frozen=True)
class Section:
    """A part of the answer: sentences, and a table below them."""

    heading: str
    lines: list[str] = field(default_factory=list)
    columns: tuple[str, ...] = ()
    rows: Sequence[tuple[str, ...]] = ()
    name: str = ""
    """The name by which a screen shows it alone; those of several raids share it."""


TABLES = ("reported", "drones", "money", "positions", "mechanisms", "talks", "campaign")
"""The names of the parts of a run's summary, in the order they are shown."""
_MOST_REPORTED = 4  # so that the short answer stays on a screen of 40 lines


def summary_in_words(scenario: Scenario, summary: Figures) -> list[Section]:
    """The answer first, then the tables; every number with its interval and its error."""
    flown = flown_raids(scenario, summary)
    raids = flown.items()
    return [
        answer_in_words(scenario, summary),
        *reported_in_words(scenario, summary["reported"], tuple(flown)),
        *(
            part
            for raid in raids
            for part in (*costs_in_words(scenario, *raid), *minds_in_words(scenario, *raid))
        ),
        talks_in_words(scenario, summary),
        certainty_in_words(summary),
    ]


def brief_in_words(scenario: Scenario, summary: Figures) -> list[Section]:
    """The answer about the first raid, and how what was reported lies beside it: one screen."""
    raids = flown_raids(scenario, summary)
    first = dict(list(raids.items())[:1])
    answer = answer_in_words(scenario, summary, first)
    others = [scenario.raids[name].title for name in raids if name not in first]
    if others:
        answer.lines.append(f"Flown too: {'; '.join(others)}.")
    return [answer, _reports_counted(scenario, summary["reported"])]


def _reports_counted(scenario: Scenario, beside: Figures) -> Section:
    """An outcome a row: the model's distribution, and how many reports lie inside it."""
    told: dict[str, list[Figures]] = {}
    for entry in beside.values():
        if entry["model"] is not None:
            told.setdefault(entry["outcome"], []).append(entry)
    first = f"{snake(scenario.focus)}_" if scenario.focus else ""
    order = sorted(told, key=lambda outcome: not outcome.startswith(first))
    rows = [
        (
            outcome.replace("_", " "),
            spread(entries[0]["model"], unit_of(outcome)),
            f"{sum(entry['inside_90'] for entry in entries)} of {len(entries)}",
        )
        for outcome in order[:_MOST_REPORTED]
        for entries in (told[outcome],)
    ]
    left = f", {len(rows)} of {len(order)} outcomes" if len(order) > len(rows) else ""
    columns = ("", "the model", "inside")
    return Section(f"Reports inside the model's 90 %{left}", [], columns, rows)


def flown_raids(scenario: Scenario, summary: Figures) -> Figures:
    """The figures of the raids that flew in any run, that in focus first."""
    order = sorted(scenario.raids, key=lambda name: name != scenario.focus)
    raids = summary["raids"]
    return {name: raids[name] for name in order if raids[name]["flown"]["share"]}


def number(value: float | None, unit: str = "") -> str:
    """A number for reading: dollars in k, M, bn; others to three figures."""
    if value is None:
        return "-"
    if unit == "share":
        return f"{round(value, 3) + 0.0:.3f}"  # no -0.000
    if abs(value) < _NOTHING:
        return "$0" if unit == "USD" else "0"
    if unit == "USD":
        size, word = next((s, w) for least, s, w in _DOLLARS if abs(value) >= least)
        return f"${_to_figures(value / size, 3)}{word}"
    if abs(value) >= 100 or value == round(value):
        return f"{value:,.0f}"
    return _to_figures(value, 3)


_DOLLARS = ((0.9995e9, 1e9, " bn"), (0.9995e6, 1e6, " M"), (999.5, 1e3, " k"), (0.0, 1.0, ""))
"""From where on dollars are told in what: what is rounded up to a thousand is one of the next."""


def _to_figures(value: float, figures: int) -> str:
    """A number rounded to so many figures and written out, without an exponent."""
    return f"{Decimal(f'{value:.{figures}g}'):,f}"


def error(value: float | None, unit: str = "") -> str:
    """A Monte Carlo error, to two figures."""
    if value is None:
        return "±?"
    value = 0.0 if abs(value) < _ROUNDING else value
    if unit == "USD" or abs(value) >= 100:
        return f"±{number(value, unit)}"
    return f"±{_to_figures(value, 2) if abs(value) >= _NOTHING else 0}"


def unit_of(outcome: str) -> str:
    """The unit an outcome is worded in: USD, share, or none."""
    if outcome.endswith("_usd"):
        return "USD"
    is_share = outcome.removesuffix("_end") in POSITIONS or outcome.startswith(("soft_", "h_"))
    return "share" if is_share or outcome.endswith("_share") else ""


def spread(estimate: Figures, unit: str = "") -> str:
    """Median with its Monte Carlo error and central 90 %, for a sentence."""
    if not estimate["runs"]:
        return "nothing to tell from"
    low, high = number(estimate["low"], unit), number(estimate["high"], unit)
    median, plus = number(estimate["median"], unit), error(estimate["median_error"], unit)
    return f"{median} {plus} ({low} to {high})"


def percent(share: float | None, plus: float | None = None) -> str:
    """A share in whole per cent, with its error where one is given."""
    if share is None:
        return "- %"
    return f"{100 * share:.0f} %" if plus is None else f"{100 * share:.0f} ±{100 * plus:.0f} %"


def chance(share: Figures) -> str:
    """A share of runs in per cent, with its Monte Carlo error."""
    if share["share"] is None:
        return "- %"
    return f"{100 * share['share']:.1f} ±{100 * share['share_error']:.1f} %"


def _cells(estimate: Figures, unit: str = "") -> tuple[str, ...]:
    """Median, low, high and mean, each with its Monte Carlo error."""
    if not estimate["runs"]:
        return ("-",) * len(_ESTIMATE)
    names = ("median", "low", "high", "mean")
    return tuple(
        f"{number(estimate[name], unit)} {error(estimate[f'{name}_error'], unit)}" for name in names
    )


# --- the answer --------------------------------------------------------------------------------


def headline(scenario: Scenario, summary: Figures) -> list[str]:
    """Two sentences: what the first of the flown raids cost, and what it did to the talks."""
    settled = f"a settlement comes about in {chance(summary['settlement']['deal'])} of the wars"
    flown = flown_raids(scenario, summary)
    if not flown:
        return [f"No raid was flown; {settled}."]
    name, raid = next(iter(flown.items()))
    attacker = scenario.sides[raid["by"]].title
    defender = scenario.sides[scenario.enemy_of(raid["by"])].title
    losses = " and ".join(
        f"destroys {spread(kind['destroyed'])} {group.replace('_', ' ')}"
        for group, kind in raid["losses"].items()
    )
    costs = (
        f"{scenario.raids[name].title} {losses or 'hits nothing'}, and costs {attacker} "
        f"{spread(raid['spent_usd'], 'USD')} and {defender} {spread(raid['lost_usd'], 'USD')} "
        f"(median, Monte Carlo error, and where 90 % of the {raid['spent_usd']['runs']:,} wars lie "
        f"in which it flew, of {summary['runs']:,})."
    )
    if not summary["mechanisms"]:
        return [costs, f"No mechanism is switched on, so it moves no position; {settled}."]
    sides = "; it ".join(
        f"hardens {_ways(scenario, raid, role, 'leaves it unmoved', 'softens it')}"
        for role in ("underdog", "favourite")
    )
    zone = (
        f"narrows the zone of agreement in {chance(raid['zone_narrowed'])} and widens it in "
        f"{chance(raid['zone_widened'])}"
    )
    return [
        costs,
        f"Of the wars in which it flew its day {sides}; it {zone}. In the end {settled}.",
    ]


def _ways(scenario: Scenario, raid: Figures, role: str, stays: str, softens: str) -> str:
    """In how many wars a side hardened, stayed and softened, with the words for the last two."""
    hardened, unmoved, softened = (
        chance(raid[f"{role}_{way}"]) for way in ("hardened", "unmoved", "softened")
    )
    side = _title(scenario, role)
    return f"{side} in {hardened}, {stays} in {unmoved} and {softens} in {softened}"


def answer_in_words(scenario: Scenario, summary: Figures, raids: Figures | None = None) -> Section:
    """The question, and what the dated raids, or those of `raids`, cost and did, in sentences."""
    lines = [summary["question"], ""]
    for name, raid in (flown_raids(scenario, summary) if raids is None else raids).items():
        if scenario.raids[name].date is not None or name == scenario.focus:
            lines += [*_raid_in_words(scenario, summary, name, raid), ""]
    if scenario.talks is not None:
        settlement = summary["settlement"]
        stopped = ""
        if scenario.talks.ceasefire is not None:
            stopped = f", ceasefire in {chance(settlement['ceasefire'])}, both"
        lines.append(
            f"Settlement in {chance(settlement['deal'])} of the wars{stopped} by {scenario.end}."
        )
    on = ", ".join(summary["mechanisms"])
    theories = (
        f"the mechanisms switched on ({on})" if on else "no mechanism, so minds stay as they are,"
    )
    lines.append(f"All this under {theories} and the ranges of the scenario.")
    return Section("Answer", lines)


def _raid_in_words(scenario: Scenario, summary: Figures, name: str, raid: Figures) -> list[str]:
    title = scenario.raids[name].title
    losses = "; ".join(
        f"destroyed {spread(kind['destroyed'])} {group.replace('_', ' ')} "
        f"and hit {spread(kind['hit'])}"
        for group, kind in raid["losses"].items()
    )
    attacker = scenario.sides[raid["by"]].title
    defender = scenario.sides[scenario.enemy_of(raid["by"])].title
    lines = [
        f"{title} {losses or 'hit nothing'}. Brackets hold 90 % of the wars in which it flew, ± is "
        "the Monte Carlo error.",
        *_claims(summary, name),
        f"It cost {attacker} {spread(raid['spent_usd'], 'USD')} and "
        f"{defender} {spread(raid['lost_usd'], 'USD')} in losses and "
        f"{spread(raid['fired_usd'], 'USD')} in rounds: {spread(raid['loss_exchange'])} USD lost "
        "for a USD spent.",
    ]
    return [*lines, *([_hardening(scenario, raid)] if summary["mechanisms"] else [])]


def _hardening(scenario: Scenario, raid: Figures) -> str:
    """What the day of a raid did to minds."""
    sides = " of these wars; it ".join(
        f"hardened {_ways(scenario, raid, role, 'left it unmoved', 'softened it')}"
        for role in ("underdog", "favourite")
    )
    narrowed, stayed, widened = (
        chance(raid[f"zone_{way}"]) for way in ("narrowed", "unmoved", "widened")
    )
    zone = f"narrowed in {narrowed}, stayed in {stayed} and widened in {widened}"
    change = raid["positions"]["z"]["change"]
    return (
        f"The day {sides}; the zone of agreement Z {zone}, its mean change being "
        f"{number(change['mean'], 'share')} {error(change['mean_error'], 'share')}."
        f"{_many_days(raid)}"
    )


def _many_days(raid: Figures) -> str:
    """Of a raid on many days: that its day is the first of them, and what came by the end."""
    days, end = raid["days_flown"], raid["to_the_end"]["z"]
    if not days["runs"] or days["high"] <= 1.0:
        return ""
    return (
        f" That is the first of {spread(days)} days on which it flew; from the eve of it to the "
        "end of the war the mean change of Z, by all that happened, is "
        f"{number(end['mean'], 'share')} {error(end['mean_error'], 'share')}."
    )


def _claims(summary: Figures, raid: str) -> list[str]:
    """Where the attacker's claims of hits lie in the model's distribution."""
    claims: dict[tuple[float, str, float], list[str]] = {}
    for entry in summary["reported"].values():
        outcome = entry["outcome"]
        is_hit = outcome.startswith(f"{snake(raid)}_") and outcome.endswith("_hit")
        is_some = is_hit and entry["value"] > 0.0  # every war reaches none
        if is_some and entry["kind"] == "claim" and entry["model"] is not None:
            what = outcome.removeprefix(f"{snake(raid)}_").replace("_", " ")
            claims.setdefault((entry["value"], what, entry["reached"]), []).append(entry["by"])
    return [
        f"{100 * reached:.1f} % of these wars reach the {number(value)} {what} claimed by "
        f"{'; '.join(who)}."
        for (value, what, reached), who in claims.items()
    ]


# --- the tables --------------------------------------------------------------------------------


def reported_in_words(scenario: Scenario, beside: Figures, raids: Sequence[str]) -> list[Section]:
    """Reported figures beside the model: a table a raid, and one of the whole campaign."""
    return [_reported(scenario, beside, raid) for raid in (*raids, None)]


def _reported(scenario: Scenario, beside: Figures, raid: str | None) -> Section:
    """Reports about a raid, or, for None, those about the whole campaign."""
    rows: list[tuple[str, ...]] = []
    last = ""
    for entry in beside.values():
        outcome = entry["outcome"]
        if raid_of(scenario, outcome) != raid:
            continue
        if outcome != last:
            short = outcome.removeprefix("" if raid is None else f"{snake(raid)}_")
            model = "no such outcome"
            if entry["model"] is not None:
                model = spread(entry["model"], unit_of(outcome))
            rows.append((f"{short.replace('_', ' ')}: the model", model, "", "", ""))
        rows.append(_reported_row(entry))
        last = outcome
    columns = ("who says so", "how many", "is, used for", "90 %", "wars below")
    about = "the whole campaign" if raid is None else scenario.raids[raid].title
    return Section(f"Reported beside the model: {about}", [], columns, rows, "reported")


def _reported_row(entry: Figures) -> tuple[str, ...]:
    unit = unit_of(entry["outcome"])
    told = number(entry["value"], unit)
    if entry["low"] != entry["high"]:
        told += f" ({number(entry['low'], unit)} to {number(entry['high'], unit)})"
    verdict, below = "", ""
    if entry["model"] is not None:
        verdict = "inside" if entry["inside_90"] else "outside"
        if not entry["inside_90"] and entry["overlaps_90"]:
            verdict = "overlaps"
        below = f"{100 * entry['below']:.1f} %"
    return f"  {entry['by']}", told, f"{entry['kind']}, {entry['used_for']}", verdict, below


def costs_in_words(scenario: Scenario, name: str, raid: Figures) -> list[Section]:
    """What became of a raid's drones, and the money and claims."""
    title = scenario.raids[name].title
    fates = [
        (f"{wave} {fate.replace('_', ' ')}", *_cells(estimate))
        for wave, by_fate in raid["fates"].items()
        for fate, estimate in by_fate.items()
        if estimate["mean"]
    ]
    names = ("came through", "came through by Hughes' salvo model", "by Armstrong's")
    fates += [
        (told, *_cells(estimate))
        for told, estimate in zip(names, raid["leakers"].values(), strict=True)
    ]
    words = ("spent", "lost", "fired")
    money = [(f"{word}, USD", *_cells(raid[f"{word}_usd"], "USD")) for word in words]
    money += [
        ("lost for a USD spent", *_cells(raid["loss_exchange"])),
        ("lost and fired for a USD spent", *_cells(raid["cost_exchange"])),
        ("hits the attacker claims", *_cells(raid["claimed_hit"])),
        ("hits the defender admits", *_cells(raid["admitted_hit"])),
    ]
    flown = [f"Flown in {chance(raid['flown'])} of the wars; the tables are of these."]
    return [
        Section(f"{title}: drones and missiles", flown, ("", *_ESTIMATE), fates, "drones"),
        Section(f"{title}: money and claims", [], ("", *_ESTIMATE), money, "money"),
    ]


def minds_in_words(scenario: Scenario, name: str, raid: Figures) -> list[Section]:
    """Positions before and after the day of a raid, and what each mechanism added to them."""
    title = scenario.raids[name].title
    positions = [
        (f"{position} {when}", *_cells(estimate, "share"))
        for position, moments in raid["positions"].items()
        for when, estimate in moments.items()
    ]
    terms = [
        (f"{mechanism}, r_{letter}", *_cells(estimate, "share"))
        for mechanism, sides in raid["terms"].items()
        for letter, estimate in sides.items()
    ]
    if not terms:
        return []
    return [
        Section(f"{title}: positions of the day", [], ("", *_ESTIMATE), positions, "positions"),
        Section(
            f"{title}: what each mechanism added that day",
            [],
            ("", *_ESTIMATE),
            terms,
            "mechanisms",
        ),
    ]


def talks_in_words(scenario: Scenario, summary: Figures) -> Section:
    """The meetings: what was held, settled and exchanged, and the positions at the table."""
    lines, rows = [], []
    for name, meeting in summary["meetings"].items():
        head = f"{name}, {meeting['date']}: held in {100 * meeting['held']:.1f} % of the wars"
        if not meeting["held"]:
            lines.append(head)
            continue
        lines.append(
            f"{head}; settled in {chance(meeting['agreed'])} of these{_beside(scenario, meeting)}."
        )
        for position in (*POSITIONS, "room"):
            rows.append((f"{name} {position}", *_cells(meeting[position], "share")))
    return Section("Talks", lines, ("", *_ESTIMATE), rows, "talks")


def _beside(scenario: Scenario, meeting: Figures) -> str:
    """What else a meeting brought: a ceasefire, exchanges, truces, and how long it took."""
    parts = []
    if scenario.talks is not None and scenario.talks.ceasefire is not None:
        stops = ", ".join(
            f"{_title(scenario, role)} {chance(meeting[f'ceasefire_{letter}'])}"
            for role, letter in (("underdog", "u"), ("favourite", "d"))
        )
        parts.append(f"would cease fire on the line: {stops}")
    parts += [
        f"{spread(meeting[column])} {column.removesuffix('_exchanged')} exchanged each"
        for column in scenario.exchanged
    ]
    if scenario.talks is not None and scenario.talks.truce is not None:
        parts.append(f"local truce in {chance(meeting['truce'])}")
    if meeting["minutes"]["runs"]:
        left = " and ".join(
            f"{_title(scenario, role)} {chance(meeting[f'walked_out_{letter}'])}"
            for role, letter in (("underdog", "u"), ("favourite", "d"))
        )
        parts.append(f"{spread(meeting['minutes'])} minutes, walked out: {left}")
    return "".join(f"; {part}" for part in parts)


def _title(scenario: Scenario, role: str) -> str:
    return scenario.sides[getattr(scenario, role)].title


def certainty_in_words(summary: Figures) -> Section:
    """Every outcome of the campaign with its Monte Carlo errors and its epistemic share."""
    lines = [
        f"{summary['runs']:,} runs, seed {summary['seed']}. ± is the Monte Carlo error: how far to "
        "either side what endless runs would give may lie, with 95 %. The last column is the share "
        "of an outcome's variance that comes from figures that are not known; the rest is luck.",
    ]
    rows = [
        (name, *_cells(estimate, unit_of(name)), _split(summary["epistemic_share"].get(name)))
        for name, estimate in summary["outcomes"].items()
    ]
    if not summary["complete"]:
        lines.append(f"UNFINISHED: {summary['runs']:,} of {summary['runs_asked']:,} runs.")
    columns = ("", *_ESTIMATE, "epistemic")
    return Section("The whole campaign, and how sure", lines, columns, rows, "campaign")


def _split(share: Figures | None) -> str:
    return "" if share is None else f"{100 * share['share']:.0f} ±{100 * share['error']:.0f} %"


# --- a comparison ------------------------------------------------------------------------------


_DIRECTIONS = {
    "with minus without": ("without", "with"),
    "changed minus as it is": ("as it is", "changed"),
}
_OF_EFFECTS = ("", "wars", "mean effect", "median", "90 % from", "to", "up in", "down in")


def contrast_in_words(contrast: Figures) -> list[Section]:
    """A paired comparison: what was changed, and the effects with what the pairing saved."""
    tables = {
        "Raids flown on both sides of the comparison": contrast["raids"],
        "Losses and money, the whole campaign": contrast["losses"],
        "Settlement": contrast["settlement"],
    }
    return [
        Section("Changed", list(contrast["changes"])),
        *effects_by_day(contrast),
        *(_effects(heading, effects, contrast) for heading, effects in tables.items()),
        Section("How sure", [how_paired(contrast)]),
    ]


def effects_by_day(contrast: Figures) -> list[Section]:
    """The paired effects on positions and on what each mechanism adds, a table a day."""
    return [
        _effects(f"{date}: {day['what']}", day["effects"], contrast)
        for date, day in contrast["days"].items()
    ]


def how_paired(contrast: Figures) -> str:
    """How many runs an effect is of, and how it is to be read."""
    return (
        f"{contrast['runs']:,} paired runs on shared luck, seed {contrast['seed']}. An effect is "
        f"{contrast['direction']}, run by run; up and down are the shares of the wars in which it "
        "is above and below 0. ± is the 95 % Monte Carlo error of the mean; 'none' marks a mean "
        "that cannot be told from zero, each row by itself: of twenty means that are 0 about one "
        "is not so marked. Variance saved: how many times smaller pairing makes that of the mean."
    )


def _effects(heading: str, effects: Figures, contrast: Figures) -> Section:
    rows = [_effect_row(outcome, effect) for outcome, effect in effects.items()]
    columns = (*_OF_EFFECTS, *_DIRECTIONS[contrast["direction"]], "variance saved")
    return Section(heading, [], columns, rows)


def _effect_row(outcome: str, effect: Figures) -> tuple[str, ...]:
    unit = unit_of(outcome)
    if not effect["runs"]:
        return outcome, "0", *("-",) * 9
    told = f"{number(effect['mean'], unit)} {error(effect['mean_error'], unit)}"
    if abs(effect["mean"]) <= (effect["mean_error"] or 0.0):
        told += " none"
    saved = effect["variance_saved"]
    return (
        outcome,
        f"{effect['runs']:,}",
        told,
        *(number(effect[name], unit) for name in ("median", "low", "high")),
        *(percent(effect[name]) for name in ("above_zero", "below_zero")),
        *(number(effect[name]["mean"], unit) for name in ("base", "changed")),
        "" if saved is None else f"{saved:.1f}",
    )


def row_in_words(row: Mapping[str, Any]) -> tuple[str, str, str, str, str, str]:
    """A row of the register: path, value, range, unit, law, and where it comes from."""
    return (
        row["path"],
        number(row["value"]),
        "" if row["low"] is None else f"{number(row['low'])} to {number(row['high'])}",
        "" if row["unit"] == "1" else row["unit"],
        row["law"] or "",
        row["provenance"],
    )
