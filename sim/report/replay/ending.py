"""How the war of a replay ended: the days after the last meeting, and the state they led to."""

import datetime
from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from sim.experiment.record import Record
from sim.experiment.replay import Replay
from sim.render.document import Part, Section
from sim.report.replay.between_meetings import between, in_force_since, last_day_of_war
from sim.report.replay.talks import share, since_when, titles_of


def end_of(replay: Replay) -> Iterator[Part]:
    """The days after the last meeting, and how the war stood when they were over."""
    record = replay.record
    meetings = record.meetings.sort_values("day").to_dict("records") if len(record.meetings) else []
    last: Mapping[Hashable, Any] = meetings[-1] if meetings else {"day": -1}
    sections = [Section("How it ended", [f"{_how(record)}."])]
    until = last_day_of_war(record)
    if int(last["day"]) < until:
        sections.insert(0, between(record, int(last["day"]), until, since_when(last)))
    yield Part(f"The end, {_date(record, until)}", (), sections)


def _how(record: Record) -> str:
    (run,) = record.runs.to_dict("records")
    until = last_day_of_war(record)
    if run["deal_day"] >= 0:
        return f"The war is settled on {_date(record, until)}"
    if run["decided_day"] >= 0:
        titles = titles_of(record.scenario)
        winner = titles[0] if run["share_held_u_end"] > 0.0 else titles[1]
        return f"The war is decided at the front on {_date(record, until)}: {winner} holds all"
    since = in_force_since(record, until + 1)
    if since is None:
        return "The campaign ends and the war goes on"
    return f"The campaign ends under the ceasefire in force since {_date(record, since)}"


def talks_in_short(replay: Replay) -> str:
    """What came of the talks, in a sentence."""
    record = replay.record
    if record.scenario.talks is None:
        return "Nobody talks in this scenario."
    (run,) = record.runs.to_dict("records")
    stood = " and ".join(
        f"{title} would accept {share(run[f'r_{letter}_start'])} of the stakes at first and "
        f"{share(run[f'r_{letter}_end'])} in the end"
        for title, letter in zip(titles_of(record.scenario), "ud", strict=True)
    )
    events = [
        f"{words} {_date(record, int(run[column]))}"
        for column, words in (
            ("ceasefire_day", "a ceasefire from"),
            ("collapse_day", "broken first on"),
            ("deal_day", "they settle on"),
            ("decided_day", "no settlement before the front decides on"),
        )
        if run[column] >= 0
    ]
    if not run["ceasefire_day"] >= 0 and not run["deal_day"] >= 0:
        events.append("no ceasefire" if run["decided_day"] >= 0 else "no settlement, no ceasefire")
    return f"{stood}; {', '.join(events)}."


def _date(record: Record, day: int) -> str:
    date = record.scenario.start + datetime.timedelta(day)
    return f"{date.day} {date:%B %Y}"
