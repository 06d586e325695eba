"""The answer of a run made a second time from its raw tables: every figure, row and sentence."""

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from judging import (
    Figures,
    Number,
    cells,
    chance,
    differ,
    err,
    few,
    num,
    numbers_in,
    per_cent,
    share,
    spread,
    told,
    trace,
    trace_rows,
    whole,
)
from strategies import MECHANISMS, RAID, figure, war, wars

from sim.experiment.execution.runner import run
from sim.experiment.record import Record
from sim.report.answers.run import Run
from sim.report.answers.summary import summarise
from sim.report.numbers import error, number
from sim.scenario.schema import Scenario

POSITIONS = ("r_u", "r_d", "z", "demand_u", "demand_d")
FATES = ("ordered", "compromised", "failed", "jammed", "shot_down", "decoy_spent", "missed",
         "wasted", "damaged_target", "destroyed_target", "through")  # fmt: skip
REPORTED = {
    "count": ("strike_things_hit", "claim", "tuning", figure(4, low=2, high=6)),
    "boast": ("strike_things_hit", "claim", "validation", figure(6)),
    "money": ("strike_lost_usd", "independent", "validation", figure(900_000)),
    "all": ("things_destroyed", "independent", "validation", figure(1)),
    "unknown": ("things_stolen", "claim", "validation", figure(3)),
}


def with_reports(data: dict[str, Any]) -> dict[str, Any]:
    """A war with a raid in focus and reports of all sorts, and ranges for what nobody knows."""
    data["weapons"]["fpv"]["p_hit"] = figure(0.5, low=0.2, high=0.8)
    data["minds"]["defender"]["p_win"] = figure(0.8, low=0.5, high=0.95)
    data["focus"] = RAID
    data["reported"] = {
        name: {"outcome": outcome, "by": f"the {name}", "kind": kind, "used_for": used,
               "figure": value}
        for name, (outcome, kind, used, value) in REPORTED.items()
    }  # fmt: skip
    return data


# --- the figures ---------------------------------------------------------------------------------


def judged(record: Record) -> Figures:
    """What a summary says, from the raw tables alone."""
    scenario, runs = record.scenario, record.runs
    letters = {"u": scenario.underdog, "d": scenario.favourite}
    columns = [f"things_{w}" for w in ("destroyed", "damaged", "hit")]
    columns += [f"{s}_{w}_usd" for s in letters.values() for w in ("spent", "lost", "fired")]
    columns += [f"{position}_end" for position in POSITIONS]
    columns += [f"{word}_{when}" for word in cards_in(scenario) for when in ("start", "end")]
    if scenario.publics:
        whens = ("start", "end")
        columns += [f"end_war_{x}_{when}" for x in "ud" for when in whens]
        columns += [f"concede_{x}_{when}" for x in "ud" for when in whens]
    if scenario.history:
        columns += ["meetings_held", "ceasefires", "truces", "history_lost_u", "history_lost_d"]
    split = record.split.set_index("outcome") if len(record.split) else record.split
    talks = scenario.talks
    exchanges = [f"{name}_exchanged" for name in talks.exchanges or ()] if talks else []
    return {
        "runs": len(runs),
        "outcomes": {name: told(runs[name]) for name in columns},
        "epistemic_share": {
            name: {"share": row["epistemic_share"], "error": row["error"]}
            for name, row in split.iterrows()
            if name in columns
        },
        "raids": {name: judged_raid(record, name) for name in scenario.raids},
        **(
            {
                "patrons": {
                    patron: {
                        w: share(runs[f"{patron}_{w}_day"].notna())
                        for w in ("withdrawn", "sanctioned")
                    }
                    for patron in scenario.patrons
                }
            }
            if scenario.patrons
            else {}
        ),
        "meetings": {
            name: judged_meeting(record, name, exchanges)
            for name in (talks.meetings if talks else ())
        },
        "settlement": {w: share(runs[f"{w}_day"].notna()) for w in ("deal", "ceasefire", "decided")}
        | {name: told(runs[name]) for name in exchanges},
        "reported": {name: judged_report(record, name) for name in scenario.reported},
    }


def on_in(scenario: Scenario) -> list[str]:
    """What adds a term: mechanisms that are on, and patrons."""
    on = [m for m, block in scenario.mechanisms if block is not None and block.on]
    return [*on, *(["patrons"] if scenario.patrons else [])]


def cards_in(scenario: Scenario) -> list[str]:
    """Who holds the cards, in whose eyes, and how hard patrons press."""
    of_patrons = [f"{w}_{patron}" for w in ("p", "pressure") for patron in scenario.patrons]
    return ["p_u", "p_d", *of_patrons] if scenario.patrons else []


def judged_raid(record: Record, name: str) -> Figures:
    every = record.runs
    rows = every[every[f"{name}_flown"] > 0]
    change = {p: rows[f"{p}_after_{name}"] - rows[f"{p}_before_{name}"] for p in POSITIONS}
    made: Figures = {
        "by": {RAID: "attacker", "answer": "defender"}[name],
        "flown": share(every[f"{name}_flown"] > 0),
        "losses": {
            "things": {w: told(rows[f"{name}_things_{w}"]) for w in ("destroyed", "damaged", "hit")}
        }
        if (rows[f"{name}_things_hit"] > 0).any()
        else {},
        "leakers": {w: told(rows[f"{name}_{w}"]) for w in ("through", "hughes_through",
                                                           "armstrong_through")},
        "fates": {"wave": {fate: told(rows[f"{name}_wave_{fate}"]) for fate in FATES}},
        "days_flown": told(rows[f"{name}_flown"]),
        "positions": {
            p: {
                "before": told(rows[f"{p}_before_{name}"]),
                "after": told(rows[f"{p}_after_{name}"]),
                "change": told(change[p]),
            }
            for p in POSITIONS
        },
        "to_the_end": {p: told(rows[f"{p}_end"] - rows[f"{p}_before_{name}"])
                       for p in ("r_u", "r_d", "z")},
        "terms": {
            m: {x: told(rows[f"h_{m}_{x}_by_{name}"]) for x in "ud"}
            for m in on_in(record.scenario)
        },
    }  # fmt: skip
    if record.scenario.patrons:
        made["cards"] = {}
        for word in cards_in(record.scenario):
            before, after = (rows[f"{word}_{when}_{name}"] for when in ("before", "after"))
            made["cards"][word] = {
                "before": told(before), "after": told(after), "change": told(after - before),
                "raised": share(after - before > 1e-9), "lowered": share(before - after > 1e-9),
            }  # fmt: skip
    for word in ("claimed_hit", "admitted_hit", "spent_usd", "lost_usd", "fired_usd",
                 "loss_exchange", "cost_exchange"):  # fmt: skip
        made[word] = told(rows[f"{name}_{word}"])
    for what, position, up, down in (
        ("zone", "z", "widened", "narrowed"),
        ("underdog", "r_u", "hardened", "softened"),
        ("favourite", "r_d", "hardened", "softened"),
    ):
        made[f"{what}_{up}"] = share(change[position] > 1e-9)
        made[f"{what}_{down}"] = share(change[position] < -1e-9)
        made[f"{what}_unmoved"] = share(change[position].abs() <= 1e-9)
    return made


def judged_meeting(record: Record, name: str, exchanges: list[str]) -> Figures:
    talks = record.scenario.talks
    assert talks is not None
    made: Figures = {"date": str(talks.meetings[name]), "held": 0.0}
    if record.meetings.empty or not (record.meetings["meeting"] == name).any():
        return made
    rows = record.meetings[record.meetings["meeting"] == name]
    made["held"] = len(rows) / len(record.runs)
    answers = [f"{patron}_accepted_{x}" for patron in record.scenario.patrons for x in "ud"]
    if getattr(talks.protocol, "inference", None) is not None:  # answers are read
        answers += ["held_back_u", "held_back_d"]
    for word in ("agreed", "ceasefire_u", "ceasefire_d", "truce", "walked_out_u", "walked_out_d",
                 *answers):  # fmt: skip
        made[word] = share(rows[word])
    unsigned, earnest = ~rows["agreed"], rows["earnest_u"] & rows["earnest_d"]
    made["failed_without_room"] = share(unsigned & (rows["room"] < 0))
    made["failed_with_room"] = share(unsigned & (rows["room"] >= 0) & earnest)
    return made | {word: told(rows[word]) for word in (*POSITIONS, "room", "minutes", *exchanges)}


def judged_report(record: Record, name: str) -> Figures:
    outcome, kind, used, value = REPORTED[name]
    at = value["value"]
    low, high = value.get("low", at), value.get("high", at)
    made = {"outcome": outcome, "by": f"the {name}", "kind": kind, "used_for": used, "value": at,
            "low": low, "high": high, "model": None}  # fmt: skip
    if outcome not in record.runs:
        return made
    rows = record.runs
    if outcome.startswith(RAID):
        rows = rows[rows[f"{RAID}_flown"] > 0]
    if rows.empty:
        return made
    model = told(rows[outcome])
    return made | {
        "model": model,
        "below": (rows[outcome] < at).mean(),
        "reached": (rows[outcome] >= at).mean(),
        "inside_90": model["low"] <= at <= model["high"],
        "overlaps_90": high >= model["low"] and low <= model["high"],
    }


@few(12)
@given(data=wars(), seed=st.integers(1, 99), runs=st.sampled_from((1, 7, 40)))
def test_every_figure_of_a_summary_is_that_of_the_raw_tables(
    data: dict[str, Any], seed: int, runs: int
) -> None:
    record = run(Scenario.model_validate(with_reports(data)), runs, seed, workers=1)
    found = summarise(record)
    said = ("scenario", "title", "question", "runs_asked", "complete", "seed", "mechanisms")
    found["mechanisms"] = set(found["mechanisms"])
    assert {key: found.pop(key) for key in said} == {
        "scenario": "small", "title": "A small war", "question": "Who is right?",
        "runs_asked": runs, "complete": True, "seed": seed,
        "mechanisms": {m for m in MECHANISMS if data["mechanisms"][m]["on"]},
    }  # fmt: skip
    assert list(differ(found, judged(record))) == []


# --- the sentences and tables --------------------------------------------------------------------

NO_RESULTS = ("90 %", "95 %", "2025-01-31", "Hughes' salvo model", "by 2025-01-31")
"""What stands in the sentences and is none: the interval's share, and dates."""


@pytest.fixture(scope="module", params=["all on", "all off"])
def answered(request: pytest.FixtureRequest) -> tuple[Scenario, Figures, Figures]:
    """A war, its summary, and the summary made again."""
    data = with_reports(war())
    if request.param == "all off":
        for block in data["mechanisms"].values():
            block["on"] = False
    scenario = Scenario.model_validate(data)
    record = run(scenario, 60, 3, workers=1)
    summary = summarise(record)
    return scenario, summary, judged(record) | {"on": data["mechanisms"]["cost"]["on"]}


def unit_of(name: str) -> str:
    """Dollars by their ending, shares of the stakes by their name, else none."""
    if name.endswith("_usd"):
        return "USD"
    is_share = re.match(r"(r_[ud]|z|demand_[ud])(_end)?$|(end_war|concede)_|h_", name)
    return "share" if is_share or name.endswith("_share") else ""


def ways(raid: Figures, what: str, *how: str) -> list[Number]:
    return [one for way in how for one in chance(raid[f"{what}_{way}"])]


def test_the_answer_of_a_screen(answered: tuple[Scenario, Figures, Figures]) -> None:
    scenario, summary, made = answered
    section = Run("", (scenario,), summary).sections()[0]
    raid, lines = made["raids"][RAID], [line for line in section.lines if line]
    assert lines[0] == "Who is right?"
    lost = [one for kind in raid["losses"].values() for what in ("destroyed", "hit")
            for one in spread(kind[what])]  # fmt: skip
    trace(lines[1], lost, *NO_RESULTS)
    claims = [(4, "count"), (6, "boast")]
    for line, (value, name) in zip(lines[2:4], claims, strict=True):
        trace(line, [per_cent(made["reported"][name]["reached"], 1), whole(value)])
        assert f"the {name}" in line
    money = [*spread(raid["spent_usd"], "USD"), *spread(raid["lost_usd"], "USD"),
             *spread(raid["fired_usd"], "USD"), *spread(raid["loss_exchange"])]  # fmt: skip
    trace(lines[4], money)
    rest = lines[5:]
    if made["on"]:
        day = [
            *ways(raid, "underdog", "hardened", "unmoved", "softened"),
            *ways(raid, "favourite", "hardened", "unmoved", "softened"),
            *ways(raid, "zone", "narrowed", "unmoved", "widened"),
            *mean_of(raid["positions"]["z"]["change"]),
        ]
        if raid["days_flown"]["high"] > 1:
            day += [*spread(raid["days_flown"]), *mean_of(raid["to_the_end"]["z"])]
        trace(rest.pop(0), day)
    settled = [*chance(made["settlement"]["deal"]), *chance(made["settlement"]["ceasefire"])]
    trace(rest.pop(0), settled, *NO_RESULTS)
    trace(rest.pop(0), [])
    assert rest == []


def mean_of(estimate: Figures, unit: str = "share") -> list[Number]:
    return [num(estimate["mean"], unit), err(estimate["mean_error"])]


def test_the_short_answer_and_the_headline(answered: tuple[Scenario, Figures, Figures]) -> None:
    scenario, summary, made = answered
    raid = made["raids"][RAID]
    told = Run("", (scenario,), summary)
    answer, reports = told.brief()
    assert answer.lines[:-1] == told.sections()[0].lines
    inside = {o: [r for r in made["reported"].values() if r["outcome"] == o and r["model"]]
              for o in ("strike_things_hit", "strike_lost_usd", "things_destroyed")}  # fmt: skip
    trace_rows(
        reports.rows,
        [(outcome.replace("_", " "), [*spread(found[0]["model"], unit_of(outcome)),
          whole(sum(r["inside_90"] for r in found)), whole(len(found))])
         for outcome, found in inside.items()],
    )  # fmt: skip
    costs, minds = told.headline()
    destroyed = [one for kind in raid["losses"].values() for one in spread(kind["destroyed"])]
    trace(
        costs,
        [*destroyed, *spread(raid["spent_usd"], "USD"), *spread(raid["lost_usd"], "USD"),
         whole(raid["spent_usd"]["runs"]), whole(made["runs"])],
        *NO_RESULTS,
    )  # fmt: skip
    moved = [*ways(raid, "underdog", "hardened", "unmoved", "softened"),
             *ways(raid, "favourite", "hardened", "unmoved", "softened"),
             *ways(raid, "zone", "narrowed", "widened")]  # fmt: skip
    trace(minds, [*(moved if made["on"] else []), *chance(made["settlement"]["deal"])])


def test_every_row_of_every_table(answered: tuple[Scenario, Figures, Figures]) -> None:
    scenario, summary, made = answered
    sections = Run("", (scenario,), summary).sections()[1:]
    by_name: dict[str, list[Any]] = {}
    for section in sections:
        by_name.setdefault(section.name, []).append(section)
    for table, raid in zip(by_name["reported"], (RAID, "answer", None), strict=True):
        rows_of_reports(table.rows, made, raid)
    titles = {RAID: "Strike", "answer": "Answer"}
    for (name, raid), table in zip(made["raids"].items(), by_name["drones"], strict=True):
        assert table.heading.startswith(titles[name])
        trace(" ".join(table.lines), chance(raid["flown"]))
        fates = [(f"wave {fate.replace('_', ' ')}", cells(raid["fates"]["wave"][fate]))
                 for fate in FATES if raid["fates"]["wave"][fate]["mean"]]  # fmt: skip
        words = ("came through", "came through by Hughes' salvo model", "by Armstrong's")
        leakers = zip(words, raid["leakers"].values(), strict=True)
        trace_rows(table.rows, [*fates, *((word, cells(one)) for word, one in leakers)])
    for raid, table in zip(made["raids"].values(), by_name["money"], strict=True):
        money = [(f"{w}, USD", cells(raid[f"{w}_usd"], "USD")) for w in ("spent", "lost", "fired")]
        named = {"lost for a USD spent": "loss_exchange",
                 "lost and fired for a USD spent": "cost_exchange",
                 "hits the attacker claims": "claimed_hit",
                 "hits the defender admits": "admitted_hit"}  # fmt: skip
        trace_rows(table.rows, [*money, *((w, cells(raid[key])) for w, key in named.items())])
    for raid, table in zip(made["raids"].values(), by_name.get("positions", []), strict=False):
        rows = [(f"{p} {when}", cells(one, "share")) for p, moments in raid["positions"].items()
                for when, one in moments.items()]  # fmt: skip
        trace_rows(table.rows, rows)
    for raid, table in zip(made["raids"].values(), by_name.get("mechanisms", []), strict=False):
        rows = [(f"{m}, r_{x}", cells(raid["terms"][m][x], "share"))
                for m in raid["terms"] for x in "ud"]  # fmt: skip
        trace_rows(table.rows, rows)
    assert ("positions" in by_name) == ("mechanisms" in by_name) == made["on"]
    judge_talks(by_name["talks"][0], made)
    judge_campaign(by_name["campaign"][0], made)


def rows_of_reports(rows: Any, made: Figures, raid: str | None) -> None:
    wanted: list[tuple[str, list[Number]]] = []
    last = ""
    for name, one in made["reported"].items():
        if (RAID if one["outcome"].startswith(RAID) else None) != raid:
            continue
        unit, model = unit_of(one["outcome"]), one["model"]
        if one["outcome"] != last:
            short = one["outcome"].removeprefix("" if raid is None else f"{raid}_")
            row = spread(model, unit) if model else []
            wanted.append((f"{short.replace('_', ' ')}: the model", row))
        ends = [num(one[end], unit) for end in ("low", "high")] if one["low"] != one["high"] else []
        below = [per_cent(one["below"], 1)] if model else []
        wanted.append((f"the {name}", [num(one["value"], unit), *ends, *below]))
        last = one["outcome"]
    trace_rows(rows, wanted)
    for row, one in zip([r for r in rows if r[0].startswith("  ")],
                        [r for r in made["reported"].values()
                         if (RAID if r["outcome"].startswith(RAID) else None) == raid],
                        strict=True):  # fmt: skip
        if one["model"]:
            word = "overlaps" if one["overlaps_90"] else "outside"
            assert row[3] == ("inside" if one["inside_90"] else word)


def judge_talks(section: Any, made: Figures) -> None:
    rows, lines = [], []
    for name, meeting in made["meetings"].items():
        line = [per_cent(meeting["held"], 1)]
        if meeting["held"]:
            line += [*chance(meeting["agreed"]), *chance(meeting["ceasefire_u"]),
                     *chance(meeting["ceasefire_d"]), *spread(meeting["prisoners_exchanged"]),
                     *spread(meeting["bodies_exchanged"]), *chance(meeting["truce"])]  # fmt: skip
            if meeting["minutes"]["runs"]:
                line += [*spread(meeting["minutes"]), *chance(meeting["walked_out_u"]),
                         *chance(meeting["walked_out_d"])]  # fmt: skip
            rows += [(f"{name} {p}", cells(meeting[p], "share")) for p in (*POSITIONS, "room")]
        lines.append((line, meeting["date"]))
    for text, (line, date) in zip(section.lines, lines, strict=True):
        trace(text, line, date)
    trace_rows(section.rows, rows)


def judge_campaign(section: Any, made: Figures) -> None:
    trace(" ".join(section.lines), [whole(made["runs"]), whole(3)], *NO_RESULTS)
    wanted = []
    for name, one in made["outcomes"].items():
        split = made["epistemic_share"].get(name)
        part = [per_cent(split["share"]), per_cent(split["error"])] if split else []
        wanted.append((name, [*cells(one, unit_of(name)), *part]))
    trace_rows(section.rows, wanted)


@given(
    st.floats(-1e13, 1e13) | st.floats(-1200.0, 1200.0) | st.floats(-1e-3, 1e-3),
    st.sampled_from(("", "USD", "share")),
)
@example(999.6, "USD")
@example(99.7, "")
@example(3.1e-5, "")
def test_a_number_is_written_out_and_reads_back(value: float, unit: str) -> None:
    trace(number(value, unit), [num(value, unit)])
    trace(error(abs(value), unit), [err(abs(value)) if unit != "USD" else num(abs(value), unit)])


def test_a_number_put_wrong_is_found() -> None:
    """The judge itself: a digit, an order, a number too many and one too few."""
    wanted = [num(1234.0), err(0.026), num(5.26e6, "USD"), per_cent(0.126)]
    trace("1,234 ±0.026 of $5.26 M in 13 %", wanted)
    for wrong in ("1,235 ±0.026 of $5.26 M in 13 %", "1,234 ±0.026 of $5.26 k in 13 %",
                  "1,234 ±0.026 of $5.26 M in 12 %", "1,234 ±0.026 of $5.26 M",
                  "1,234 ±0.026 of $5.26 M in 13 % of 7", "0.026 ±1,234 of $5.26 M in 13 %",
                  "1,234 ±? of $5.26 M in 13 %"):  # fmt: skip
        with pytest.raises(AssertionError):
            trace(wrong, wanted)
    assert np.isclose(numbers_in("3.5 ±0.4 %"), [0.035, 0.004]).all()


def test_an_asset_is_one_hit_however_many_raids_hit_it() -> None:
    """Two raids on one base: each counts what it hit, the war what was hit, once each."""
    data = war()
    second = {**data["raids"][RAID], "title": "Second", "date": "2025-01-04"}
    data["raids"] |= {"second": second}
    data["sides"]["attacker"]["arsenal"]["fpv"]["stock"] = figure(40)
    data["weapons"]["fpv"]["p_destroy"] = figure(0.2)  # the rest can be hit again
    del data["talks"]
    record = run(Scenario.model_validate(data), 40, 2, workers=1)
    runs, losses = record.runs.set_index("run"), record.losses.groupby("run")
    assert (runs["things_hit"] == losses["first_hit"].sum().reindex(runs.index, fill_value=0)).all()
    raids = runs[[f"{raid}_things_hit" for raid in (RAID, "second", "answer")]].sum(axis=1)
    assert (runs["things_hit"] <= 6 + 5).all()  # planes at the base, depots at home
    assert (runs["things_hit"] < raids).any()
    hit_by_strike = losses["first_hit_by_raid"].sum().reindex(runs.index, fill_value=0)
    assert (raids == hit_by_strike).all()
