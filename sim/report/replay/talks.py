"""The talks of a run as a protocol: who demanded what and why, and what was agreed."""

import datetime
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any

import numpy as np

from sim.experiment.record import Record
from sim.experiment.replay import Replay
from sim.render.document import Part, Section
from sim.report.replay.between_meetings import between, in_force_since
from sim.report.replay.issues import Table
from sim.report.replay.mechanisms import in_words
from sim.scenario.schema import Scenario, snake

Figures = Mapping[Hashable, Any]
"""A row of the table of meetings, by column; or the eve, with its positions and terms alone."""

_SMALL = 5e-4
_SIDES = ("u", "d")


def protocol_of(replay: Replay) -> Iterator[Part]:
    """A part for each meeting that was held, and one for those that were not."""
    record = replay.record
    if record.scenario.talks is None:
        return
    meetings = record.meetings.sort_values("day").to_dict("records") if len(record.meetings) else []
    before: Figures = {**replay.eve, "day": -1}
    for meeting in meetings:
        yield _meeting(replay, meeting, before)
        before = meeting
    missing = list(_missed_meetings(record, [str(meeting["meeting"]) for meeting in meetings]))
    if missing:
        yield Part("Meetings that were not held", (), [Section("Why not", missing)])


def _meeting(replay: Replay, meeting: Figures, before: Figures) -> Part:
    """The part about a meeting; `before` is the one before, or the eve of the first day."""
    record, scenario = replay.record, replay.record.scenario
    day, after = int(meeting["day"]), int(before["day"])
    since = since_when(before)
    sections = [
        between(record, after, day, since),
        *_at_the_table(scenario, meeting),
        *_on_the_issues(replay, meeting),
        *_why(scenario, meeting, before, since),
        Section("What came of it", list(_outcome(record, meeting))),
    ]
    return Part(f"Talks, {_date(scenario, day)}: {_named(meeting['meeting'])}", (), sections)


def since_when(before: Figures) -> str:
    """The meeting that was before, or the start."""
    return _named(before["meeting"]) if "meeting" in before else "the start"


def _named(name: str) -> str:
    """A meeting's or an exchange's name as words."""
    words = str(name).replace("-", " ").replace("_", " ")
    return words[:1].upper() + words[1:]


def _date(scenario: Scenario, day: int) -> str:
    date = scenario.start + datetime.timedelta(day)
    return f"{date.day} {date:%B %Y}"


def titles_of(scenario: Scenario) -> tuple[str, str]:
    """What underdog and favourite are called."""
    underdog, favourite = (scenario.sides[s].title for s in (scenario.underdog, scenario.favourite))
    return underdog, favourite


# --- what was on the table ---------------------------------------------------------------------


def _at_the_table(scenario: Scenario, meeting: Figures) -> Iterator[Section]:
    titles = titles_of(scenario)
    lines = [
        f"{title} demands {share(meeting[f'demand_{letter}'])} of the stakes in public and would "
        f"accept {share(meeting[f'r_{letter}'])}."
        for letter, title in zip(_SIDES, titles, strict=True)
    ]
    rows = [
        (words, *(formatted(meeting[f"{name}_{letter}"]) for letter in _SIDES))
        for name, words, formatted in _rows_of(scenario)
    ]
    yield Section("At the table", [" ".join(lines), zone_text(scenario, meeting)])
    yield Section("Demands and what would do", [], ("", *titles), rows)


def _rows_of(scenario: Scenario) -> list[tuple[str, str, Any]]:
    rows: list[tuple[str, str, Any]] = [
        ("demand", "demands in public, share of the stakes", share),
        ("r", "would accept at least (reservation r)", share),
    ]
    if scenario.mechanisms.ripeness is not None and scenario.mechanisms.ripeness.on:
        rows.append(("earnest", "comes in earnest", _yes))
    if scenario.talks is not None and scenario.talks.ceasefire is not None:
        rows.append(("ceasefire", "would stop on the line", _yes))
    return rows


def _yes(value: object) -> str:
    return "yes" if value else "no"


def share(value: float) -> str:
    """A share of the stakes in two decimals."""
    return f"{value:.2f}".replace("-", "−")


def signed(value: float) -> str:
    """A change of a share, with its sign."""
    return "0" if abs(value) < _SMALL else f"{value:+.3f}".replace("-", "−")


def zone_text(scenario: Scenario, meeting: Figures) -> str:
    """Whether the least that both accept fits into what there is to divide."""
    z, room = float(meeting["z"]), float(meeting["room"])
    both = f"Together they want at least {share(1.0 - z)}; the zone Z is {signed(z)}."
    package = (
        f"No package gives both what they would accept: {share(-room)} is lacking."
        if room < 0.0
        else f"A package exists that gives both their least, with {share(room)} to spare."
    )
    if (z < 0.0) == (room < 0.0):
        return f"{both} {package}"
    return f"{both} {package} {_apart(scenario, int(meeting['day']))}"


def _apart(scenario: Scenario, day: int) -> str:
    """Why room and zone can have two signs: what the zone, of one pie, leaves out."""
    offers = [event for event in scenario.events.values() if event.kind == "sweetener"]
    stands = any(scenario.day_of(event.date) <= day for event in offers)
    many = scenario.talks is not None and len(scenario.talks.issues) > 1
    why = ["the issues weigh differently for them"] * many
    why += ["what stands offered counts with it"] * stands
    return f"The zone is of one pie: {' and '.join(why)}." if why else ""


def _on_the_issues(replay: Replay, meeting: Figures) -> Iterator[Section]:
    scenario = replay.record.scenario
    table = Table(scenario, replay.record.seed, replay.run)
    underdog, favourite = titles_of(scenario)
    columns = [
        table.of_underdog(meeting["demand_u"]),
        table.of_underdog(meeting["r_u"]),
        table.of_favourite(meeting["r_d"]),
        table.of_favourite(meeting["demand_d"]),
    ]
    heads = [
        f"{underdog}: ideal", "demand", "least", f"{favourite}: least", "demand", "ideal"
    ]  # fmt: skip
    if meeting["agreed"]:
        columns.insert(2, _agreed(scenario, meeting))
        heads.insert(3, "agreed")
    lines = [
        "On each issue's own scale. Demand and least are shares of all that is at stake; shown is "
        "the package worth that share which costs the other side least, one of many."
    ]
    yield Section("What that means on each issue", lines)
    yield Section("Positions on the issues", [], ("issue", *heads), list(table.rows(*columns)))


def _agreed(scenario: Scenario, meeting: Figures) -> Any:
    assert scenario.talks is not None
    return np.array([meeting[f"position_{snake(issue)}"] for issue in scenario.talks.issues])


# --- why ---------------------------------------------------------------------------------------


def _why(scenario: Scenario, meeting: Figures, before: Figures, since: str) -> Iterator[Section]:
    """What each mechanism adds to what a side would accept, and how that changed.

    `before` are the positions it changed from.
    """
    titles = titles_of(scenario)
    names = [str(n)[2:-2] for n in meeting if str(n).startswith("h_") and str(n).endswith("_u")]
    names = [name for name in names if name != "ripeness"]  # a gate, without a term
    if not names:
        sentences = ["No mechanism is switched on: nothing that happens moves a position."]
    else:
        sentences = [
            _changes(title, meeting, before, names, letter, since)
            for title, letter in zip(titles, _SIDES, strict=True)
        ]
    yield Section("Why: what moved them", sentences)
    rows = [
        _row("prospects less the cost of fighting on", meeting, None, names, _base),
        *(_row(in_words(name), meeting, before, names, _term(name)) for name in names),
        _row("would accept at least", meeting, before, names, _reservation),
    ]
    heads = tuple(head for title in titles for head in (title, f"since {since}"))
    yield Section("What adds to the least each accepts", [], ("", *heads), rows)


_Reading = Callable[[Figures, list[str], str], float]
"""Something of a side (its letter) at a meeting, given the names of the mechanisms."""


def _base(meeting: Figures, names: list[str], letter: str) -> float:
    """What a side would accept if no mechanism had acted: its prospects less its cost of war."""
    terms = sum(float(meeting[f"h_{name}_{letter}"]) for name in names)
    return float(meeting[f"r_{letter}"]) - terms


def _term(name: str) -> _Reading:
    """What a mechanism adds."""
    return lambda meeting, _, letter: float(meeting[f"h_{name}_{letter}"])


def _reservation(meeting: Figures, names: list[str], letter: str) -> float:
    return float(meeting[f"r_{letter}"])


def _row(
    words: str, meeting: Figures, before: Figures | None, names: list[str],
    reading: _Reading,
) -> tuple[str, ...]:  # fmt: skip
    """A reading of both sides now, each with its change."""
    cells = []
    for letter in _SIDES:
        now = reading(meeting, names, letter)
        cells.append(signed(now) if reading not in (_base, _reservation) else f"{now:.3f}")
        cells.append("" if before is None else signed(now - reading(before, names, letter)))
    return words, *cells


def _changes(
    title: str, meeting: Figures, before: Figures, names: list[str], letter: str,
    since: str,
) -> str:  # fmt: skip
    """A sentence: what moved a side since, the largest first."""
    moved = {name: float(meeting[f"h_{name}_{letter}"] - before[f"h_{name}_{letter}"])
             for name in names}  # fmt: skip
    total = float(meeting[f"r_{letter}"]) - float(before[f"r_{letter}"])
    order = sorted((name for name in names if abs(moved[name]) >= _SMALL),
                   key=lambda name: -abs(moved[name]))  # fmt: skip
    parts = ", ".join(f"{name} {signed(moved[name])}" for name in order) or "no mechanism by much"
    if abs(total) >= _SMALL:
        way = "harder" if total > 0.0 else "softer"
        return f"{title}: {way} by {abs(total):.3f} since {since}: {parts}."
    if order:
        return f"{title}: as hard as at {since}, though not untouched: {parts}."
    return f"{title}: nothing moved it since {since}."


# --- what came of it ---------------------------------------------------------------------------


def _outcome(record: Record, meeting: Figures) -> Iterator[str]:
    scenario = record.scenario
    talks, titles = scenario.talks, titles_of(scenario)
    assert talks is not None
    yield _settlement(scenario, meeting)
    if talks.ceasefire is not None and not meeting["agreed"]:
        yield _ceasefire(record, titles, meeting)
    if talks.truce is not None:
        yield "A local truce is made." if meeting["truce"] else "No local truce is made."
    for name in talks.exchanges:
        number = int(meeting[f"{snake(name)}_exchanged"])
        yield f"{_named(name)}: {f'{number:,} exchanged each' if number else 'none exchanged'}."
    if not np.isnan(meeting["minutes"]):
        yield _length(titles, meeting)


def _settlement(scenario: Scenario, meeting: Figures) -> str:
    if meeting["agreed"]:
        assert scenario.talks is not None
        positions = zip(scenario.talks.issues.values(), _agreed(scenario, meeting), strict=True)
        parts = ", ".join(f"{issue.title} at {share(place)}" for issue, place in positions)
        return f"They settle: {parts}. The war is over."
    if meeting["room"] < 0.0:
        return "No settlement: no package gives both what they would accept."
    idle = [t for t, letter in zip(titles_of(scenario), _SIDES, strict=True)
            if not meeting[f"earnest_{letter}"]]  # fmt: skip
    if idle:
        return (
            f"No settlement, though there was room: {' and '.join(idle)} did not come in earnest."
        )
    return "No settlement, though there was room: the bargaining brought no package both accept."


def _ceasefire(record: Record, titles: tuple[str, str], meeting: Figures) -> str:
    stops = [bool(meeting[f"ceasefire_{letter}"]) for letter in _SIDES]
    against = [title for title, stop in zip(titles, stops, strict=True) if not stop]
    since = in_force_since(record, int(meeting["day"]))
    if since is not None:
        if not against:
            still = "both would still stop on the line"
        else:
            still = f"{' and '.join(against)} would not stop on the line today"
        return f"The ceasefire in force since {_date(record.scenario, since)} goes on: {still}."
    if not against:
        return "A ceasefire on the line begins: both would stop there."
    refuse = "refuses" if len(against) == 1 else "refuse"
    return f"No ceasefire: {' and '.join(against)} {refuse} to stop on the line."


def _length(titles: tuple[str, str], meeting: Figures) -> str:
    left = [t for t, letter in zip(titles, _SIDES, strict=True) if meeting[f"walked_out_{letter}"]]
    stays = ", until they settle" if meeting["agreed"] else ", to its end"
    who = f"; {left[0]} walks out" if left else stays
    return f"It lasts {meeting['minutes']:.0f} minutes{who}."


def _missed_meetings(record: Record, took_place: list[str]) -> Iterator[str]:
    """Why the sides did not come together at a date of the scenario."""
    talks = record.scenario.talks
    assert talks is not None
    (run,) = record.runs.to_dict("records")
    for name, date in talks.meetings.items():
        if name in took_place:
            continue
        day = record.scenario.day_of(date)
        if run["deal_day"] < day:
            why = "the war was settled before"
        elif run["decided_day"] <= day:
            why = "the war was decided at the front before"
        else:
            why = "after so many meetings that brought nothing nobody calls the sides together"
        yield f"{_named(name)}, {date.day} {date:%B %Y}: {why}."
