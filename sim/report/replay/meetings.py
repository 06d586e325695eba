"""The talks of a run as minutes: what each side demanded, and what was agreed."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from sim.experiment.record import Record
from sim.experiment.replay import Replay
from sim.render.document import Part, Section
from sim.report.numbers import full_date, short_date
from sim.report.plots.words import readable, sentence
from sim.report.replay.packages import package_sections
from sim.report.replay.patrons import patron_sections
from sim.report.replay.positions import change, position_sections, share
from sim.report.timeline import Event, in_force_since, timeline
from sim.scenario.columns import held_back_of
from sim.scenario.schema import Scenario, snake

Figures = Mapping[Hashable, Any]
"""A row of the table of meetings, by column; or the eve, with its positions and terms alone."""


def protocol_of(replay: Replay) -> Iterator[Part]:
    """A part for each meeting held, and one for those that were not held."""
    record, before = replay.record, {**replay.eve, "day": -1}
    if record.scenario.talks is None:
        return
    meetings, events = meetings_of(record), timeline(record)
    for meeting in meetings:
        yield _meeting(replay, meeting, before, events)
        before = meeting
    missing = list(_missed_meetings(record, {meeting["meeting"] for meeting in meetings}))
    if missing:
        yield Part("Meetings that were not held", (), [Section("Why not", missing)])


def meetings_of(record: Record) -> list[dict[Hashable, Any]]:
    """The meetings of a run, in the order of days."""
    return record.meetings.sort_values("day").to_dict("records") if len(record.meetings) else []


def _meeting(replay: Replay, meeting: Figures, before: Figures, events: Sequence[Event]) -> Part:
    """The part about a meeting; `before` is the previous one, or the eve of the first day.

    `events` is the timeline of the whole run.
    """
    record, scenario = replay.record, replay.record.scenario
    sections = [
        between(scenario, events, before, int(meeting["day"])),
        *_at_the_table(scenario, meeting),
        *patron_sections(scenario, meeting),
        *package_sections(replay, meeting),
        *position_sections(scenario, meeting, before, since_when(before)),
        Section("Results of the meeting", list(_outcome(record, meeting))),
    ]
    date = full_date(scenario.date_of(int(meeting["day"])))
    return Part(f"Talks, {date}: {sentence(readable(meeting['meeting']))}", (), sections)


def between(scenario: Scenario, events: Sequence[Event], before: Figures, until: int) -> Section:
    """The days after a meeting and up to another day: what a side knew when it came to talk.

    `events` is the timeline of the whole run.
    """
    rows = [
        (short_date(scenario.date_of(event.day)), event.title, event.outcome)
        for event in events
        if int(before["day"]) < event.day <= until
    ]
    lines = [] if rows else ["No raid, no event and no move of the front."]
    columns = ("date", "what", "result")
    return Section(f"What happened since {since_when(before)}", lines, columns, rows)


def since_when(before: Figures) -> str:
    """The previous meeting, or the start."""
    return sentence(readable(before["meeting"])) if "meeting" in before else "the start"


# --- what was on the table ---------------------------------------------------------------------


def _at_the_table(scenario: Scenario, meeting: Figures) -> Iterator[Section]:
    lines = [
        f"{title} demands {share(meeting[f'demand_{letter}'])} of the stakes in public and would "
        f"accept {share(meeting[f'r_{letter}'])}."
        for letter, title in zip("ud", scenario.titles, strict=True)
    ]
    yield Section("Positions at the meeting", [" ".join(lines), zone_text(scenario, meeting)])
    demands = [
        ("demands in public, share of the stakes", *_of_both(meeting, "demand")),
        ("would accept at least (reservation r)", *_of_both(meeting, "r")),
    ]
    ripeness = scenario.mechanisms.ripeness
    if ripeness is not None and ripeness.on:
        demands.append(("is in earnest", *_of_both(meeting, "earnest")))
    if scenario.talks is not None and scenario.talks.ceasefire is not None:
        demands.append(("would stop on the line", *_of_both(meeting, "ceasefire")))
    if held_back_of(scenario):
        demands.append(
            ("would stop, but a yes would reveal too much", *_of_both(meeting, "held_back"))
        )
    yield Section("Demands and reservations", [], ("", *scenario.titles), demands)


def _of_both(meeting: Figures, name: str) -> tuple[str, str]:
    """Both sides' demands, or whether they do something, as text."""
    u, d = (meeting[f"{name}_{letter}"] for letter in "ud")
    return (share(u), share(d)) if name in ("demand", "r") else (_yes(u), _yes(d))


def _yes(value: object) -> str:
    return "yes" if value else "no"


def zone_text(scenario: Scenario, meeting: Figures) -> str:
    """Whether both reservations together fit into what there is to divide."""
    z, room = float(meeting["z"]), float(meeting["room"])
    both = f"Together they want at least {share(1.0 - z)}; the zone Z is {change(z)}."
    package = (
        f"No package gives both what they would accept: {share(-room)} is missing."
        if room < 0.0
        else f"A package exists that gives both their least, with {share(room)} to spare."
    )
    if (z < 0.0) == (room < 0.0):
        return f"{both} {package}"
    return f"{both} {package} {_apart(scenario, int(meeting['day']))}"


def _apart(scenario: Scenario, day: int) -> str:
    """Why room and zone can differ in sign: what the zone, which assumes one issue, leaves out."""
    offers = [event for event in scenario.events.values() if event.kind == "sweetener"]
    stands = any(scenario.day_of(event.date) <= day for event in offers)
    many = scenario.talks is not None and len(scenario.talks.issues) > 1
    why = ["the issues weigh differently for them"] * many
    why += ["standing offers count as well"] * stands
    return f"The zone assumes one divisible issue: {' and '.join(why)}." if why else ""


# --- what came of it ---------------------------------------------------------------------------


def _outcome(record: Record, meeting: Figures) -> Iterator[str]:
    scenario, talks = record.scenario, record.scenario.talks
    assert talks is not None
    yield _settlement(scenario, meeting)
    if talks.ceasefire is not None and not meeting["agreed"]:
        yield _ceasefire(record, meeting)
    if talks.truce is not None:
        yield "A local truce is made." if meeting["truce"] else "No local truce is made."
    for name in talks.exchanges:
        number = int(meeting[f"{snake(name)}_exchanged"])
        count = f"{number:,} exchanged each" if number else "none exchanged"
        yield f"{sentence(readable(name))}: {count}."
    if not np.isnan(meeting["minutes"]):
        yield _length(scenario, meeting)


def _those(scenario: Scenario, meeting: Figures, what: str, does: bool) -> list[str]:
    """The sides that do something at a meeting, or that do not."""
    titles = zip("ud", scenario.titles, strict=True)
    return [title for letter, title in titles if bool(meeting[f"{what}_{letter}"]) is does]


def _settlement(scenario: Scenario, meeting: Figures) -> str:
    if meeting["agreed"]:
        assert scenario.talks is not None
        parts = ", ".join(
            f"{issue.title} at {share(meeting[f'position_{snake(name)}'])}"
            for name, issue in scenario.talks.issues.items()
        )
        return f"They settle: {parts}. The war is over."
    if meeting["room"] < 0.0:
        return "No settlement: no package gives both sides what they would accept."
    idle = _those(scenario, meeting, "earnest", False)
    if idle:
        return (
            f"No settlement, though there was room: {' and '.join(idle)} did not come in earnest."
        )
    return (
        "No settlement, though there was room: the bargaining produced no package that both accept."
    )


def _ceasefire(record: Record, meeting: Figures) -> str:
    against = _those(record.scenario, meeting, "ceasefire", False)
    since = in_force_since(record, int(meeting["day"]))
    if since is not None:
        still = "both would still stop on the line"
        if against:
            still = f"{' and '.join(against)} would not stop on the line today"
        began = full_date(record.scenario.date_of(since))
        return f"The ceasefire in force since {began} goes on: {still}."
    if not against:
        return "A ceasefire on the line begins: both would stop there."
    refuse = "refuses" if len(against) == 1 else "refuse"
    no = f"No ceasefire: {' and '.join(against)} {refuse} to stop on the line."
    return no + _pride(record.scenario, meeting)


def _pride(scenario: Scenario, meeting: Figures) -> str:
    """Who refuses a line that is better than fighting on, because of what a yes would reveal."""
    proud = _those(scenario, meeting, "held_back", True) if held_back_of(scenario) else []
    return f" {' and '.join(proud)} would gain by it, but for what a yes shows." if proud else ""


def _length(scenario: Scenario, meeting: Figures) -> str:
    left = _those(scenario, meeting, "walked_out", True)
    stays = ", until they settle" if meeting["agreed"] else ", to its end"
    who = f"; {left[0]} walks out" if left else stays
    return f"It lasts {meeting['minutes']:.0f} minutes{who}."


def _missed_meetings(record: Record, held: set[str]) -> Iterator[str]:
    """Why the sides did not meet on a date of the scenario."""
    assert record.scenario.talks is not None
    (run,) = record.runs.to_dict("records")
    for name, date in record.scenario.talks.meetings.items():
        if name in held:
            continue
        day = record.scenario.day_of(date)
        if run["deal_day"] < day:
            why = "the war was settled before"
        elif run["decided_day"] <= day:
            why = "the war was decided at the front before"
        else:
            why = "after so many meetings without a result the mediator calls no more"
        yield f"{sentence(readable(name))}, {full_date(date)}: {why}."
