"""The summary of a record: the figures of its answer as a dictionary."""

import numpy as np
from numpy.typing import NDArray

from sim.evidence.reported import compare_reported
from sim.experiment.record import Record
from sim.experiment.statistics.estimate import estimate, share
from sim.raid.arrays import THROUGH
from sim.render.document import Figures
from sim.scenario.columns import OF_HISTORY, POSITIONS, cards_of, held_back_of, terms_of
from sim.scenario.schema import ATTITUDES, snake

LEAKERS = ("through", "hughes_through", "armstrong_through")
_ROUNDING = 1e-9  # smaller changes of a position are rounding errors
Floats = NDArray[np.float64]


def summarise(record: Record) -> Figures:
    """The summary in figures; docs/reading-results.md describes the keys."""
    scenario = record.scenario
    groups = scenario.groups
    outcomes = [f"{group}_{what}" for group in groups for what in ("destroyed", "damaged", "hit")]
    outcomes += [
        f"{snake(side)}_{what}_usd"
        for side in scenario.sides
        for what in ("spent", "lost", "fired")
        if scenario.raids
    ]
    outcomes += OF_HISTORY if scenario.history is not None else ()
    outcomes += [f"{position}_end" for position in POSITIONS]
    outcomes += [f"{word}_{when}" for word in cards_of(scenario) for when in ("start", "end")]
    outcomes += [
        f"{attitude}_{letter}_{w}"
        for attitude in ATTITUDES
        for letter in "ud"
        for w in ("start", "end")
        if scenario.publics
    ]
    return {
        "scenario": scenario.name,
        "title": scenario.title,
        "question": " ".join(scenario.question.split()),
        "runs": record.runs_done,
        "runs_asked": record.runs_asked,
        "complete": record.is_complete,
        "seed": record.seed,
        "mechanisms": list(scenario.mechanisms.switched_on),
        "outcomes": {name: _column(record, name) for name in outcomes},
        "epistemic_share": _epistemic(record, outcomes),
        "raids": {name: _raid(record, name) for name in scenario.raids},
        "meetings": {} if scenario.talks is None else _meetings(record),
        "settlement": _settlement(record),
        **({"patrons": _patrons(record)} if scenario.patrons_on else {}),
        "reported": compare_reported(record),
    }


def _epistemic(record: Record, outcomes: list[str]) -> Figures:
    """For each outcome that varies, the share of its variance due to unknown figures."""
    rows = record.split.to_dict("records")
    return {
        row["outcome"]: {"share": row["epistemic_share"], "error": row["error"]}
        for row in rows
        if row["outcome"] in outcomes
    }


def _column(record: Record, name: str) -> Figures:
    return estimate(record.column("runs", name).to_numpy(np.float64))


def _raid(record: Record, name: str) -> Figures:
    """What a raid cost each side and its effects, over the runs in which it flew."""
    raid = snake(name)
    flown = record.column("runs", f"{raid}_flown").to_numpy() > 0

    def values(name: str) -> Floats:
        return record.column("runs", name).to_numpy(np.float64)[flown]

    def column(word: str) -> Figures:
        return estimate(values(f"{raid}_{word}"))

    def change(position: str) -> Floats:
        return values(f"{position}_after_{raid}") - values(f"{position}_before_{raid}")

    groups = record.scenario.groups
    hit = [group for group in groups if values(f"{raid}_{group}_hit").any()]
    waves = record.scenario.raids[name].waves
    fates = ("ordered", "compromised", "failed", "jammed", "shot_down", *THROUGH, "through")
    positions = {
        position: {
            when: estimate(values(f"{position}_{when}_{raid}")) for when in ("before", "after")
        }
        | {"change": estimate(change(position))}
        for position in POSITIONS
    }
    terms = {
        mechanism: {
            letter: estimate(values(f"h_{mechanism}_{letter}_by_{raid}")) for letter in ("u", "d")
        }
        for mechanism in terms_of(record.scenario)
    }
    cards = {
        word: {when: estimate(values(f"{word}_{when}_{raid}")) for when in ("before", "after")}
        | {
            "change": estimate(change(word)),
            "raised": share(change(word) > _ROUNDING),
            "lowered": share(change(word) < -_ROUNDING),
        }
        for word in cards_of(record.scenario)
    }
    return {
        "by": record.scenario.raids[name].by,
        "flown": share(flown),
        "losses": {
            group: {w: column(f"{group}_{w}") for w in ("destroyed", "damaged", "hit")}
            for group in hit
        },
        "claimed_hit": column("claimed_hit"),
        "admitted_hit": column("admitted_hit"),
        "leakers": {word: column(word) for word in LEAKERS},
        "spent_usd": column("spent_usd"),
        "lost_usd": column("lost_usd"),
        "fired_usd": column("fired_usd"),
        "loss_exchange": column("loss_exchange"),
        "cost_exchange": column("cost_exchange"),
        "fates": {wave: {f: column(f"{snake(wave)}_{f}") for f in fates} for wave in waves},
        "positions": positions,
        "days_flown": column("flown"),
        "to_the_end": {
            p: estimate(values(f"{p}_end") - values(f"{p}_before_{raid}"))
            for p in ("r_u", "r_d", "z")
        },
        **_ways("zone", change("z"), "widened", "narrowed"),
        **_ways("underdog", change("r_u"), "hardened", "softened"),
        **_ways("favourite", change("r_d"), "hardened", "softened"),
        "terms": terms,
        **({"cards": cards} if cards else {}),
    }


def _ways(what: str, change: Floats, up: str, down: str) -> Figures:
    """The shares of runs in which something rose, stayed (up to rounding) and fell."""
    return {
        f"{what}_{up}": share(change > _ROUNDING),
        f"{what}_unmoved": share(np.abs(change) <= _ROUNDING),
        f"{what}_{down}": share(change < -_ROUNDING),
    }


def _meetings(record: Record) -> Figures:
    talks = record.scenario.talks
    result: Figures = {}
    yes_or_no = ["agreed", "ceasefire_u", "ceasefire_d", "truce", "walked_out_u", "walked_out_d"]
    yes_or_no += held_back_of(record.scenario)
    earnest = ("earnest_u", "earnest_d")
    amounts = (*POSITIONS, "room", "minutes", *record.scenario.exchanged)
    yes_or_no += [
        f"{snake(name)}_accepted_{letter}" for name in record.scenario.patrons_on for letter in "ud"
    ]
    for name, date in talks.meetings.items() if talks else ():
        columns = [*yes_or_no, *amounts, *earnest]
        rows = record.columns("meetings", columns, ("meeting", name))
        count = len(rows)
        result[name] = {"date": date.isoformat(), "held": count / max(1, record.runs_done)}
        if count:
            result[name] |= {column: share(rows[column].to_numpy()) for column in yes_or_no}
            result[name] |= {column: estimate(rows[column].to_numpy()) for column in amounts}
            failed, possible = ~rows["agreed"].to_numpy(), rows["room"].to_numpy() >= 0.0
            willing = rows[[*earnest]].to_numpy().all(axis=1)
            result[name] |= {
                "failed_without_room": share(failed & ~possible),
                "failed_with_room": share(failed & possible & willing),
            }
    return result


def _patrons(record: Record) -> Figures:
    """The shares of the wars in which each patron acted on a refusal."""
    return {
        name: {
            what: share(record.column("runs", day).notna().to_numpy())
            for what, day in (
                (what, f"{snake(name)}_{what}_day") for what in ("withdrawn", "sanctioned")
            )
        }
        for name in record.scenario.patrons_on
    }


def _settlement(record: Record) -> Figures:
    runs = record.columns("runs", ["deal_day", "ceasefire_day", "decided_day"])
    words = ("deal", "ceasefire", "decided")
    return {word: share(runs[f"{word}_day"].notna().to_numpy()) for word in words} | {
        name: _column(record, name) for name in record.scenario.exchanged
    }
