"""How the war of a replay ended: the days after the last meeting, and the final state."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from sim.experiment.record import Record
from sim.experiment.replay import Replay
from sim.render.document import Part, Section
from sim.report.numbers import full_date
from sim.report.replay.meetings import between, meetings_of
from sim.report.replay.positions import share
from sim.report.timeline import in_force_since, last_day_of_war, timeline

_STOPS = {
    "ceasefire_day": "a ceasefire from",
    "collapse_day": "broken first on",
    "deal_day": "they settle on",
    "decided_day": "no settlement before the front decides on",
}


def end_of(replay: Replay) -> Iterator[Part]:
    """The days after the last meeting, and the state of the war after them."""
    record = replay.record
    last: Mapping[Hashable, Any] = next(reversed(meetings_of(record)), {"day": -1})
    until = last_day_of_war(record)
    date = full_date(record.scenario.date_of(until))
    sections = [Section("How it ended", [f"{_how(record, until, date)}."])]
    if int(last["day"]) < until:
        sections.insert(0, between(record.scenario, timeline(record), last, until))
    yield Part(f"The end, {date}", (), sections)


def _how(record: Record, until: int, date: str) -> str:
    (run,) = record.runs.to_dict("records")
    if run["deal_day"] >= 0:
        return f"The war is settled on {date}"
    if run["decided_day"] >= 0:
        underdog, favourite = record.scenario.titles
        winner = underdog if run["share_held_u_end"] > 0.0 else favourite
        return f"The war is decided at the front on {date}: {winner} holds all"
    since = in_force_since(record, until + 1)
    if since is None:
        return "The campaign ends and the war goes on"
    began = full_date(record.scenario.date_of(since))
    return f"The campaign ends under the ceasefire in force since {began}"


def talks_in_short(replay: Replay) -> str:
    """The result of the talks, in a sentence."""
    scenario = replay.record.scenario
    if scenario.talks is None:
        return "Nobody talks in this scenario."
    (run,) = replay.record.runs.to_dict("records")
    stood = " and ".join(
        f"{title} would accept {share(run[f'r_{letter}_start'])} of the stakes at first and "
        f"{share(run[f'r_{letter}_end'])} in the end"
        for title, letter in zip(scenario.titles, "ud", strict=True)
    )
    events = [
        f"{words} {full_date(scenario.date_of(int(run[column])))}"
        for column, words in _STOPS.items()
        if run[column] >= 0
    ]
    if not run["ceasefire_day"] >= 0 and not run["deal_day"] >= 0:
        events.append("no ceasefire" if run["decided_day"] >= 0 else "no settlement, no ceasefire")
    return f"{stood}; {', '.join(events)}."
