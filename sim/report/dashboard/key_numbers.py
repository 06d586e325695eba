"""The table of key numbers: the current wars compared with those of a pinned setting."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.experiment.statistics.estimate import estimate, share
from sim.experiment.statistics.paired import paired
from sim.render.document import Figures
from sim.report.dashboard.results import Floats, Results
from sim.report.numbers import chance, span, unit_of, with_error
from sim.report.plots.captions import short_title
from sim.scenario.schema import ATTITUDES, snake

Bools = NDArray[np.bool_]
_CHANGE = "change of z by "
_MOST_RAIDS = 3  # shown in the table: the raid in focus and two more


class Row(NamedTuple):
    """A row: its label, its outcome, and its cells by class in the style sheet."""

    label: str
    outcome: str
    cells: dict[str, str]


class Group(NamedTuple):
    """Rows under a heading: a raid, or the end of the wars."""

    title: str
    rows: list[Row]


def key_numbers(now: Results, pinned: Results | None) -> Iterator[Group]:
    """The costs and effects of the first raids that flew, and how the wars ended."""
    both = [one for one in (now, pinned) if one]
    raids_flown = [raid for raid in now.raids if any(flown(one, raid).any() for one in both)]
    for raid in raids_flown[:_MOST_RAIDS]:
        yield _raid(now, pinned, raid)
    yield Group(f"At the end, {now.scenario.end}, all wars", list(_end(now, pinned)))


def flown(results: Results, raid: str) -> Bools:
    """The wars in which a raid flies."""
    return results.outcome(f"{snake(raid)}_flown") > 0


# --- groups of rows ----------------------------------------------------------------------------


def _raid(now: Results, pinned: Results | None, raid: str) -> Group:
    """A raid in the wars in which it flies: under both settings, if there are two."""
    ours, title = flown(now, raid), short_title(now.scenario, raid)
    among, rows = ours, []
    if pinned is not None:
        theirs = flown(pinned, raid)
        among = ours & theirs
        if not among.all():
            title += f": the {among.sum():,} wars in which it flies under both settings"
            rows.append(_share_row(f"{snake(raid)}_flown", "flown", ours, theirs))
    elif not ours.all():
        title += f", flown in {chance(share(ours))}"
    labels = _labels_of_raid(now, pinned, raid) if among.any() else {}
    return Group(title, rows + [_row(*label, now, pinned, among) for label in labels.items()])


def _labels_of_raid(now: Results, pinned: Results | None, raid: str) -> dict[str, str]:
    """The outcomes of a raid with labels: losses under either setting, money, the zone."""
    scenario, name = now.scenario, snake(raid)
    by = scenario.raids[raid].by
    labels = {
        f"{name}_{group}_{what}": f"{group} {what}"
        for one in (now, pinned)
        if one
        for group in one.summary["raids"][raid]["losses"]
        for what in ("hit", "destroyed")
    }
    labels[f"{name}_spent_usd"] = f"{scenario.sides[by].title} spends"
    labels[f"{name}_lost_usd"] = f"{scenario.sides[scenario.enemy_of(by)].title} loses"
    if scenario.talks is not None:
        labels[f"{_CHANGE}{raid}"] = "zone Z, change on the day"
    return labels


def _end(now: Results, pinned: Results | None) -> Iterator[Row]:
    """The end of all wars: the zone, what each side accepts, its public, deals and ceasefires."""
    scenario, everywhere = now.scenario, np.ones(now.summary["runs"], np.bool_)
    titles = dict(zip("ud", scenario.titles, strict=True))
    labels = {"z_end": "zone Z"}
    labels |= {f"r_{k}_end": f"{title} accepts no less" for k, title in titles.items()}
    if scenario.publics:
        words = {"end_war": "people who would end the war", "concede": "people who would concede"}
        labels |= {
            f"{attitude}_{k}_end": f"{title}, {words[attitude]}"
            for k, title in titles.items()
            for attitude in ATTITUDES
        }
    for name, patron in scenario.patrons_on.items():
        if pinned is None or name in pinned.scenario.patrons_on:
            client = scenario.sides[patron.backs].title
            labels[f"p_{snake(name)}_end"] = f"{patron.title}, what it thinks {client} gets"
    yield from (_row(*label, now, pinned, everywhere) for label in labels.items())
    stops = {} if scenario.talks is None else {"deal": "settlement"}
    if scenario.talks is not None and scenario.talks.ceasefire is not None:
        stops["ceasefire"] = "ceasefire"
    for word, label in stops.items():
        theirs = None if pinned is None else _stopped(pinned, word)
        yield _share_row(word, label, _stopped(now, word), theirs)


# --- rows --------------------------------------------------------------------------------------


def _row(outcome: str, label: str, now: Results, pinned: Results | None, among: Bools) -> Row:
    """A row whose numbers are all from the same wars: those of `among` that have the outcome."""
    unit = "share" if outcome.startswith(_CHANGE) else unit_of(outcome)
    ours = _values(now, outcome)
    theirs = ours if pinned is None else _values(pinned, outcome)
    base = among & ~np.isnan(ours) & ~np.isnan(theirs)
    own = estimate(ours[base])
    cells = {"now": median(own, unit)}
    if pinned is not None:
        cells |= _change(paired(theirs[base], ours[base]), unit)
        cells["pinned"] = median(estimate(theirs[base]), unit)
    interval = span(own, unit) if own["runs"] else "–"
    return Row(label, outcome, cells | {"interval": interval})


def _values(results: Results, outcome: str) -> Floats:
    """The outcome of a row in each war."""
    if not outcome.startswith(_CHANGE):
        return results.outcome(outcome)
    raid = snake(outcome.removeprefix(_CHANGE))
    return results.outcome(f"z_after_{raid}") - results.outcome(f"z_before_{raid}")


def _stopped(results: Results, word: str) -> Bools:
    """The wars in which there was a deal or a ceasefire, and so a day of it."""
    return ~np.isnan(results.outcome(f"{word}_day"))


def _share_row(outcome: str, label: str, ours: Bools, theirs: Bools | None) -> Row:
    """The share of all wars in which something happens, under both settings."""
    cells = {"now": chance(share(ours))}
    if theirs is not None:
        effect = paired(100.0 * theirs.astype(np.float64), 100.0 * ours.astype(np.float64))
        cells |= {kind: f"{text} %" for kind, text in _change(effect, "").items()}
        cells["pinned"] = chance(share(theirs))
    return Row(label, outcome, cells | {"interval": "of all wars"})


# --- cells -------------------------------------------------------------------------------------


def median(estimate: Figures | None, unit: str) -> str:
    """A median with its Monte Carlo error."""
    if estimate is None or not estimate["runs"]:
        return "–"
    return with_error(estimate["median"], estimate["median_error"], unit)


def _change(effect: Figures, unit: str) -> dict[str, str]:
    """A mean change with its sign; it has another class if it is not distinct from none."""
    mean, plus = effect["mean"], effect["mean_error"]
    if mean is None:
        return {"change": "–"}
    sign = "+" if mean > 0 else "−" if mean < 0 else ""
    is_none = abs(mean) <= (plus or 0.0)
    return {"change none" if is_none else "change": f"{sign}{with_error(abs(mean), plus, unit)}"}
