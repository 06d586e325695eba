"""The right-hand side of the page: the wars on the screen, compared with those pinned."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.experiment.statistics.estimate import estimate, share
from sim.experiment.statistics.paired import paired
from sim.render.document import Section
from sim.report.answers.run import summary_sections
from sim.report.dashboard.answer import Answer
from sim.report.dashboard.charts import NARROW, WIDE, positions_chart
from sim.report.dashboard.tracks import tracks
from sim.report.numbers import chance, error, number, percent
from sim.report.plots.captions import deal_words, short_title
from sim.scenario.schema import Scenario, snake

Figures = dict[str, Any]
Floats = NDArray[np.float64]
_MOST_RAIDS = 3  # in the table of key numbers: the raid in focus and two more


class Pages(NamedTuple):
    """The answer as HTML: what stands above the raid that is looked at, below it, and the rest."""

    above: str
    below: str
    rest: str


def pages_of(now: Answer, pinned: Answer | None) -> Pages:
    """The answer as HTML. Every word from a scenario is escaped."""
    answer, *others = summary_sections(now.record.scenario, now.summary)
    above = (_lead(answer), _positions(now, pinned), _key_numbers(now, pinned))
    campaign = tracks(now, None)
    below = f"<section>{campaign}</section>" if campaign else ""
    return Pages("".join(above), below + _meetings(now, pinned), _everything(others))


def _lead(answer: Section) -> str:
    """The question, the first sentence with its numbers, and the rest a paragraph a raid."""
    question, _, first, *lines = answer.lines
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if line:
            paragraphs[-1].append(line)
        else:
            paragraphs.append([])
    *folded, last = [f"<p>{escape(' '.join(part))}</p>" for part in paragraphs if part] or [""]
    more = f"<details><summary>More in words</summary>{''.join(folded)}</details>" if folded else ""
    return (
        f'<section class="lead"><h2>{escape(question)}</h2>'
        f'<p class="headline" aria-live="polite">{escape(first)}</p>{last}{more}</section>'
    )


# --- key numbers -------------------------------------------------------------------------------


class _Key(NamedTuple):
    """A row of the table: its label, the outcome it is of, and the figures of both sides."""

    label: str
    outcome: str
    unit: str


def _key_numbers(now: Answer, pinned: Answer | None) -> str:
    scenario = now.record.scenario
    order = sorted(scenario.raids, key=lambda name: name != scenario.focus)
    both = [one for one in (now, pinned) if one]
    raids_flown = [name for name in order if any(_flown(one, name).any() for one in both)]
    bodies = [_raid_rows(now, pinned, raid) for raid in raids_flown[:_MOST_RAIDS]]
    bodies.append(_end_rows(now, pinned))
    compared = [] if pinned is None else ["mean change", "pinned"]
    heads = ["", "median", *compared, "90 % of wars"]
    caption = f"Key numbers of {now.summary['runs']:,} wars, seed {now.summary['seed']}"
    note = "± is the Monte Carlo error."
    if pinned is not None:
        note += (
            " The change is taken war by war on the same luck, and all numbers of a row are of the "
            "same wars; grey where it may be none."
        )
    return (
        f'<section><h3>Key numbers</h3><div class="scroll" tabindex="0" role="region" '
        f'aria-label="Key numbers"><table class="numbers"><caption class="unseen">'
        f"{caption}</caption>{_head(heads)}{''.join(bodies)}</table></div>"
        f'<p class="note">{caption}. {note}</p></section>'
    )


def _raid_rows(now: Answer, pinned: Answer | None, raid: str) -> str:
    """What a raid cost and moved, of the wars in which it flies: under both settings, if two."""
    scenario, flown = now.record.scenario, _flown(now, raid)
    title = short_title(scenario, raid)
    among = flown if pinned is None else flown & _flown(pinned, raid)
    rows = []
    if pinned is None:
        if not flown.all():
            title += f", flown in {chance(share(flown))}"
    elif not among.all():
        title += f": the {among.sum():,} wars in which it flies under both settings"
        rows.append(_share_row("flown", f"{snake(raid)}_flown", flown, _flown(pinned, raid)))
    keys = _keys_of(now, pinned, raid) if among.any() else []
    rows += [_row(key, now, pinned, among) for key in keys]
    return (
        f'<tbody><tr class="group"><th colspan="9">{escape(title)}</th></tr>{"".join(rows)}</tbody>'
    )


def _keys_of(now: Answer, pinned: Answer | None, raid: str) -> list[_Key]:
    """The rows of a raid: its losses under either setting, its money, the zone."""
    scenario = now.record.scenario
    attacker = scenario.sides[scenario.raids[raid].by].title
    defender = scenario.sides[scenario.enemy_of(scenario.raids[raid].by)].title
    groups = [
        group for one in (now, pinned) if one for group in one.summary["raids"][raid]["losses"]
    ]
    keys = [
        _Key(f"{group} {what}", f"{snake(raid)}_{group}_{what}", "")
        for group in dict.fromkeys(groups)
        for what in ("hit", "destroyed")
    ]
    keys += [
        _Key(f"{attacker} spends", f"{snake(raid)}_spent_usd", "USD"),
        _Key(f"{defender} loses", f"{snake(raid)}_lost_usd", "USD"),
    ]
    if scenario.talks is not None:
        keys.append(_Key("zone Z, change of the day", f"change of z by {raid}", "share"))
    return keys


def _flown(answer: Answer, raid: str) -> NDArray[np.bool_]:
    """In which wars a raid flies."""
    column = f"{snake(raid)}_flown"
    return answer.record.columns("runs", [column])[column].to_numpy() > 0


def _end_rows(now: Answer, pinned: Answer | None) -> str:
    scenario = now.record.scenario
    titles = {letter: scenario.sides[side].title for letter, side in _letters(scenario)}
    keys = [_Key("zone Z", "z_end", "share")]
    keys += [_Key(f"{title} accepts no less", f"r_{k}_end", "share") for k, title in titles.items()]
    if scenario.publics:
        words = "people who would give way"
        keys += [_Key(f"{title}, {words}", f"soft_{k}_end", "share") for k, title in titles.items()]
    everywhere = np.ones(now.summary["runs"], np.bool_)
    rows = [_row(key, now, pinned, everywhere) for key in keys]
    stops = {"deal": "settlement", "ceasefire": "ceasefire"}
    if scenario.talks is None:
        stops = {}
    elif scenario.talks.ceasefire is None:
        stops = {"deal": "settlement"}
    for word, label in stops.items():
        theirs = None if pinned is None else _runs_with(pinned, word)
        rows.append(_share_row(label, word, _runs_with(now, word), theirs))
    return (
        f'<tbody><tr class="group"><th colspan="9">At the end, {scenario.end}, all wars</th></tr>'
        f"{''.join(rows)}</tbody>"
    )


def _letters(scenario: Scenario) -> list[tuple[str, str]]:
    """The sides by the letter they have in the names of columns."""
    return [("u", scenario.underdog), ("d", scenario.favourite)]


def _values(answer: Answer, key: _Key) -> Floats:
    """The outcome of a row in each war."""
    if not key.outcome.startswith("change of z"):
        return answer.record.columns("runs", [key.outcome])[key.outcome].to_numpy(np.float64)
    raid = snake(key.outcome.rpartition(" ")[2])
    columns = [f"z_{when}_{raid}" for when in ("before", "after")]
    before, after = answer.record.columns("runs", columns).to_numpy(np.float64).T
    return after - before


def _row(key: _Key, now: Answer, pinned: Answer | None, among: NDArray[np.bool_]) -> str:
    """A row whose numbers are all of the same wars: those of `among` in which it is a number."""
    ours = _values(now, key)
    theirs = ours if pinned is None else _values(pinned, key)
    base = among & ~np.isnan(ours) & ~np.isnan(theirs)
    own = estimate(ours[base])
    cells = {"now": _median(own, key.unit)}
    if pinned is not None:
        effect = paired(theirs[base], ours[base])
        cells |= {
            "change": _change(effect, key.unit),
            "pinned": _median(estimate(theirs[base]), key.unit),
        }
    return _cells(key.label, key.outcome, cells | {"interval": _interval(own, key.unit)})


def _share_row(
    label: str, word: str, ours: NDArray[np.bool_], theirs: NDArray[np.bool_] | None
) -> str:
    """In how many of all wars something happens, under both settings."""
    cells = {"now": chance(share(ours))}
    if theirs is not None:
        effect = paired(theirs.astype(np.float64), ours.astype(np.float64))
        scaled = {k: v if v is None else 100 * v for k, v in effect.items() if k.startswith("mean")}
        cells |= {"change": f"{_change(scaled, '')} %", "pinned": chance(share(theirs))}
    return _cells(label, word, cells | {"interval": "of all wars"})


def _runs_with(answer: Answer, word: str) -> NDArray[np.bool_]:
    """In which runs there was a deal or a ceasefire."""
    column = f"{word}_day"
    return answer.record.columns("runs", [column])[column].notna().to_numpy()


def _cells(label: str, outcome: str, cells: Mapping[str, str]) -> str:
    inner = ""
    for name, cell in cells.items():
        kind = f"{name} none" if "~" in cell else name
        inner += f'<td class="{kind}">{escape(cell.replace(" ~", ""))}</td>'
    return f'<tr data-outcome="{escape(outcome)}"><th scope="row">{escape(label)}</th>{inner}</tr>'


def _median(estimate: Figures | None, unit: str) -> str:
    if estimate is None or not estimate["runs"]:
        return "–"
    return f"{number(estimate['median'], unit)} {error(estimate['median_error'], unit)}"


def _interval(estimate: Figures | None, unit: str) -> str:
    if estimate is None or not estimate["runs"]:
        return "–"
    return f"{number(estimate['low'], unit)} to {number(estimate['high'], unit)}"


def _change(effect: Figures | None, unit: str) -> str:
    """A mean change with its sign; a ~ behind it where it is not distinct from none."""
    if effect is None or effect["mean"] is None:
        return "–"
    sign = "+" if effect["mean"] > 0 else "−" if effect["mean"] < 0 else ""
    is_none = abs(effect["mean"]) <= (effect["mean_error"] or 0.0)
    text = f"{sign}{number(abs(effect['mean']), unit)} {error(effect['mean_error'], unit)}"
    return f"{text} ~" if is_none else text


# --- charts ------------------------------------------------------------------------------------


def _positions(now: Answer, pinned: Answer | None) -> str:
    scenario = now.record.scenario
    before = None if pinned is None else pinned.record
    wide, narrow = (positions_chart(now.record, before, width) for width in (WIDE, NARROW))
    if not wide:
        return ""
    underdog, favourite = (
        escape(scenario.sides[side].title) for side in (scenario.underdog, scenario.favourite)
    )
    keys = [
        ("u", f"{underdog} accepts no less than this (r_U)"),
        ("d", f"{favourite} grants no more than this (1 − r_D)"),
        ("z", f"the zone of agreement between them, Z{deal_words(scenario)}"),
    ]
    legend = "".join(f'<li><span class="swatch {name}"></span>{words}</li>' for name, words in keys)
    dashes = "" if pinned is None else "; dashed: the pinned setting's medians"
    runs = min(500, now.summary["runs"])
    return (
        f"<section><h3>Positions, in shares of what {underdog} could get</h3>"
        f'<ul class="legend">{legend}</ul><div class="wide">{wide}</div>'
        f'<div class="narrow">{narrow}</div><p class="note">Lines: medians; bands: 50 % and 90 % '
        f"of the first {runs} wars{dashes}. Poles: raids (solid) and meetings (dotted).</p>"
        "</section>"
    )


# --- tables ------------------------------------------------------------------------------------


def _meetings(now: Answer, pinned: Answer | None) -> str:
    meetings: Mapping[str, Figures] = now.summary["meetings"]
    if not meetings:
        return ""
    scenario = now.record.scenario
    titles = [scenario.sides[side].title for side in (scenario.underdog, scenario.favourite)]
    heads = ["meeting", "held", "settled", f"{titles[0]} r_U", f"{titles[1]} r_D", "zone Z"]
    if pinned is not None:
        heads += ["held, pinned", "Z of these"]
    has_ceasefire = scenario.talks is not None and scenario.talks.ceasefire is not None
    if has_ceasefire:
        heads += [f"{title} would cease fire" for title in titles]
    heads += [
        "minutes",
        *(f"{column.removesuffix('_exchanged')} exchanged" for column in scenario.exchanged),
    ]
    under = "" if pinned is None else ", under each setting its own"
    rows = []
    for name, meeting in meetings.items():
        cells = [f"{name}, {meeting['date']}", percent(meeting["held"])]
        if meeting["held"]:
            cells += [chance(meeting["agreed"])]
            cells += [_median(meeting[p], "share") for p in ("r_u", "r_d", "z")]
            if pinned is not None:
                theirs = pinned.summary["meetings"].get(name, {})
                cells += [percent(theirs.get("held", 0.0)), _median(theirs.get("z"), "share")]
            if has_ceasefire:
                cells += [percent(meeting[f"ceasefire_{letter}"]["share"]) for letter in "ud"]
            cells.append(_median(meeting["minutes"], ""))
            cells += [_median(meeting[column], "") for column in scenario.exchanged]
        rows.append(cells)
    return (
        f'<section><h3>Talks</h3><div class="scroll" tabindex="0" role="region" aria-label="Talks">'
        f'<table class="talks">{_head(heads)}<tbody>{_rows(rows)}</tbody></table></div>'
        f'<p class="note">Of the meetings held{under}; medians with their Monte Carlo error.</p>'
        "</section>"
    )


def _everything(sections: Iterable[Section]) -> str:
    """The other sections of the answer, as `sim run` has them, folded."""
    blocks = []
    for section in sections:
        if not section.lines and not section.rows:
            continue
        lines = "".join(f"<p>{escape(line)}</p>" for line in section.lines)
        table = ""
        if section.rows:
            table = (
                f'<div class="scroll" tabindex="0" role="region" '
                f'aria-label="{escape(section.heading)}"><table>{_head(section.columns)}'
                f"<tbody>{_rows(section.rows)}</tbody></table></div>"
            )
        blocks.append(
            f"<details><summary>{escape(section.heading)}</summary>{lines}{table}</details>"
        )
    return f"<h3>All numbers, as sim run has them</h3>{''.join(blocks)}"


def _head(names: Iterable[str]) -> str:
    cells = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    return f"<thead><tr>{cells}</tr></thead>"


def _rows(rows: Iterable[Sequence[str]]) -> str:
    parts = []
    for first, *others in rows:
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in others)
        parts.append(f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>')
    return "".join(parts)
