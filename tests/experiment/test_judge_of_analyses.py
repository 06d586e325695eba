"""Sensitivity analyses and discoveries made a second time: plain runs, formulas, counts."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from judging import (
    Number,
    err,
    num,
    numbers_in,
    per_cent,
    same,
    share,
    trace,
    trace_picture,
    trace_rows,
    whole,
)
from scipy import stats

import sim
from sim.experiment.questions import discovery, sensitivity, sweep
from sim.report.answers import discovery as words_of_boxes
from sim.report.answers import sensitivity as words
from sim.report.plots.analysis.tornado import draw_tornado
from sim.scenario.experiment import Sweep
from sim.scenario.sample import Sample

MINIMAL = Path(__file__).parents[2] / "scenarios" / "minimal.yaml"
P_HIT, GUNS, COST = (
    "weapons.drone.p_hit",
    "sites.airfield.defence.gun.count",
    "weapons.drone.p_works",
)
VARIED = {P_HIT: "0.1:0.9", GUNS: "0:6", COST: ""}
OUTCOMES = ("planes_destroyed", "z_end")


def answered(folder, method, points, runs, outcomes=OUTCOMES):
    scenario = sim.load(MINIMAL)
    vary = [f"{path}={ends}" if ends and points else path for path, ends in VARIED.items()]
    if not points:
        vary = [P_HIT, COST, "units.gun.range"]
    ranges = sensitivity.ranges_by_line(vary)
    asked = sensitivity.request_of(scenario, method, ranges, outcomes, points, runs, 3)
    return sensitivity.answer(asked, folder, workers=1)[0]


def points_of(method, points, runs):
    """The places that the design takes, with the figures of each."""
    design = {"sobol": "saltelli", "morris": "morris"}[method]
    asked = Sweep(kind="sweep", name="judged", title="t", question="q", scenario=str(MINIMAL),
                  design=design, points=points, uncertainties=VARIED, outcomes=OUTCOMES,
                  runs=runs, seed=3)  # fmt: skip
    return sweep.question(asked, Path()).points


def plain(points, runs, outcome):
    """The outcome's wars at each place, by one plain run of the scenario with its figures."""
    known: dict[tuple, np.ndarray] = {}
    rows = []
    for point in points[list(VARIED)].to_dict("records"):
        key = tuple(point.values())
        if key not in known:
            sets = [f"{path}={json.dumps(value)}" for path, value in point.items()]
            record = sim.run(sim.load(MINIMAL, sets), runs, 3, workers=1)
            known[key] = record.runs.sort_values("run")[outcome].to_numpy(float)
        rows.append(known[key])
    return np.array(rows)


# --- the judge -------------------------------------------------------------------------------


def test_sobol_indices_are_those_of_plain_runs(tmp_path):
    figures = answered(tmp_path, "sobol", 8, 4)
    points = points_of("sobol", 8, 4)
    outcome = "planes_destroyed"
    wars = plain(points, 4, outcome)
    y, luck = wars.mean(axis=1), (wars[:, ::2].mean(axis=1) - wars[:, 1::2].mean(axis=1)) / 2
    found = figures["outcomes"][outcome]
    assert figures["wars"] == wars.size
    judge_of_points(found, y, luck)
    a, b = y[::5], y[4::5]
    spread = np.concatenate([a, b]).var()
    rows = {row["figure"]: row for row in found["figures"]}
    for k, path in enumerate(VARIED, 1):
        ab = y[k::5]
        first = ((b - y.mean()) * (ab - a)).mean() / spread
        assert same(rows[path]["first"]["value"], first)
        assert same(rows[path]["total"]["value"], ((a - ab) ** 2).mean() / 2 / spread)
        by_luck = ((luck[::5] - luck[k::5]) ** 2).mean() / 2 / spread
        assert same(rows[path]["total"]["chance"], by_luck)
        assert y.min() <= min(rows[path]["at low"], rows[path]["at high"])
        assert max(rows[path]["at low"], rows[path]["at high"]) <= y.max()
    order = [row["total"]["value"] for row in found["figures"]]
    assert order == sorted(order, reverse=True)
    trace_sensitivity(figures)


def judge_of_points(found, y, luck):
    assert same(found["mean"], y.mean())
    assert same(found["sd"], y.std())
    assert same(found["luck"], luck.var() / y.var())


def test_elementary_effects_are_those_of_plain_runs(tmp_path):
    figures = answered(tmp_path, "morris", 5, 4)
    points = points_of("morris", 5, 4)
    outcome = "planes_destroyed"
    wars = plain(points, 4, outcome)
    y, luck = wars.mean(axis=1), (wars[:, ::2].mean(axis=1) - wars[:, 1::2].mean(axis=1)) / 2
    found = figures["outcomes"][outcome]
    judge_of_points(found, y, luck)
    effects: dict[str, list[tuple[float, float, float]]] = {path: [] for path in VARIED}
    for k in range(len(points) - 1):
        if k % 4 == 3:
            continue  # from one path to the next
        one, other = points.iloc[k], points.iloc[k + 1]
        (path,) = (name for name in VARIED if one[name] != other[name])
        low, high = (k, k + 1) if one[path] < other[path] else (k + 1, k)
        effects[path].append(((y[high] - y[low]) * 1.5, y[low], y[high]))
    for row in found["figures"]:
        moved = np.array(effects[row["figure"]])
        assert len(moved) == 5
        assert same(row["effect"]["value"], abs(moved[:, 0]).mean())
        assert same(row["mean effect"], moved[:, 0].mean())
        assert same(row["spread"], moved[:, 0].std(ddof=1))
        assert same(row["at low"], moved[:, 1].mean())
        assert same(row["at high"], moved[:, 2].mean())
    trace_sensitivity(figures)


def test_pawn_is_that_of_the_raw_runs(tmp_path):
    figures = answered(tmp_path, "pawn", None, 400)
    record = sim.run(sim.load(MINIMAL), 400, 3, workers=1)
    drawn = Sample(record.scenario, 3, record.runs["run"].to_numpy())
    for outcome, found in figures["outcomes"].items():
        y = record.runs[outcome].to_numpy(float)
        assert same(found["mean"], y.mean())
        assert same(found["sd"], y.std())
        for row in found["figures"]:
            x = drawn[row["figure"]]
            assert row["index"]["value"] == pytest.approx(gap(x, y), abs=0.012)
        again = np.random.default_rng(1).integers(len(y), size=(60, len(y)))
        error = 1.96 * np.std([gap(x[rows], y[rows]) for rows in again], ddof=1)
        assert row["index"]["±"] == pytest.approx(error, rel=0.3)  # of the last of them
    trace_sensitivity(figures)


def gap(x, y):
    """The median over ten slices of a figure of the gap between laws of the outcome."""
    parts = np.array_split(np.argsort(x, kind="stable"), 10)
    return np.median([stats.ks_2samp(y[part], y, method="asymp").statistic for part in parts])


# --- its words -------------------------------------------------------------------------------

COLUMNS = {"sobol": ("total", "first"), "morris": ("effect",), "pawn": ("index",)}


def trace_sensitivity(figures):
    method, measures = figures["method"], COLUMNS[figures["method"]]
    sections = words.Sensitivity("", (), figures).sections()
    answer, _, *tables, how = sections
    if method == "sobol":
        varied = tables.pop(0)
        trace_rows(varied.rows, [(path, over(figures, path)) for path in figures["figures"]])
    for line, table, (outcome, found) in zip(
        answer.lines, tables, figures["outcomes"].items(), strict=True
    ):
        unit = "share" if outcome == "z_end" else ""
        of = unit if method == "morris" else ""
        told = [row for row in found["figures"] if row[measures[0]]["verdict"] != "nothing"]
        numbers = [n for row in told[:3] for n in index(row[measures[0]], of)]
        trace(line, [*numbers, *([whole(len(told) - 3)] if len(told) > 3 else [])])
        for row in told[:3]:
            verb = "raises" if row["at high"] > row["at low"] else "lowers"
            assert f"{row['figure']} (" in line
            assert verb in line[line.index(row["figure"]) :].split(")")[0]
        lines = [num(found["mean"], unit), num(found["sd"], unit)]
        if found.get("luck") is not None:
            lines += [per_cent(found["luck"], 1), whole(figures["runs"])]
        trace(table.lines[0], lines)
        for row, one in zip(table.rows, found["figures"], strict=True):
            wanted = [] if method == "sobol" else over(figures, one["figure"])
            wanted += [n for name in measures for n in index(one[name], of)]
            wanted += [] if method == "sobol" else [num(one[measures[0]]["chance"], of)]
            ends = ("mean effect", "spread") if method == "morris" else ("at low", "at high")
            wanted += [num(one[name], unit) for name in ends]
            needs = row[-1]
            assert row[0] == one["figure"]
            trace(" ; ".join(row[1:-1]).replace("cannot be told from 0", ""), wanted)
            trace_needs(needs, one, measures, method)
            first = 1 if method == "sobol" else 2
            for cell, name in zip(row[first:], measures, strict=False):
                assert ("cannot be told" in cell) == (one[name]["verdict"] == "nothing")
                assert ("rough" in cell) == (one[name]["verdict"] == "rough")
                if method in ("sobol", "morris"):
                    assert one[name]["verdict"] == verdict_of(one[name])
    trace(" ".join(how.lines), how_sure(figures), "holds 0", "told from 0")
    trace_tornado(figures)


def trace_tornado(figures):
    measure = COLUMNS[figures["method"]][0]
    found = figures["outcomes"].values()
    numbers = [err(row[measure]["value"]) for one in found for row in one["figures"][:3]]
    others = [num(one["mean"]) for one in found]
    others += [whole(figures[key]) for key in ("points", "runs", "wars", "seed") if figures[key]]
    is_interval = figures["points"] is not None
    assert ("no 95 % interval" in figures["error_is"]) != is_interval
    whiskers = "hold 95 %" if is_interval else "are 1.96 sd over resamples, no 95 % interval"
    names = [f"Whiskers {whiskers}", "distinguishable from 0 or luck"]
    trace_picture(draw_tornado(figures, "Judged"), numbers, others, names)


def verdict_of(told):
    """What luck reaches is nothing, what is known to less than its size is rough."""
    if told["value"] - told["±"] <= told["chance"] + 1e-12:
        return "nothing"
    return "rough" if 2 * told["±"] > told["value"] else "told"


def index(told, unit):
    return [num(told["value"], unit), err(told["±"])]


def over(figures, path):
    told = figures["figures"][path]
    if told["asked"]:
        return [num(float(end)) for end in told["asked"].split(":")]
    return [num(told[end]) for end in ("low", "high")]


def trace_needs(text, row, measures, method):
    unclear = [row[name] for name in measures if row[name]["verdict"] != "told"]
    known = [one["needs"] for one in unclear if one["needs"] is not None]
    if not known:
        assert numbers_in(text) == []
    elif max(known) > 1_000_000:
        assert text == "over a million"
    elif method == "sobol":
        assert numbers_in(text) == [min(2**k for k in range(40) if 2**k >= max(known))]
    else:
        assert numbers_in(text) == [max(known)]


def how_sure(figures):
    counts = []
    if figures["method"] == "sobol":
        counts = [figures["points"], figures["runs"], figures["wars"], figures["seed"]]
    elif figures["method"] == "morris":
        counts = [figures["varied"], figures["drawn"], figures["points"], figures["runs"],
                  figures["wars"], figures["seed"]]  # fmt: skip
    else:
        counts = [figures["varied"], figures["drawn"], figures["runs"], figures["seed"]]
    return [whole(n) for n in counts]


# --- discovery -------------------------------------------------------------------------------

WHEN = {"z_end < 0.05": lambda runs: runs["z_end"] < 0.05,
        "planes_destroyed > 9 or never(deal_day)":
            lambda runs: (runs["planes_destroyed"] > 9) | runs["deal_day"].isna()}  # fmt: skip


@pytest.mark.parametrize("method", ["prim", "cart"])
@pytest.mark.parametrize("when", WHEN)
def test_boxes_are_counted_in_the_raw_runs(tmp_path, when, method):
    scenario, runs = sim.load(MINIMAL), 1200
    threshold = 0.95 if when.startswith("z") and method == "prim" else None
    figures, table, _ = discovery.answer(scenario, when, method, runs, 2, threshold, tmp_path, 1)
    record = sim.run(scenario, runs, 2, workers=1).runs.sort_values("run")
    drawn = Sample(scenario, 2, record["run"].to_numpy())
    x = pd.DataFrame({path: drawn[path] for path in drawn.drawn})
    happens = WHEN[when](record).to_numpy()
    assert same(figures["share"], happens.mean())
    halves = [(x.iloc[k::2].reset_index(drop=True), happens[k::2]) for k in (0, 1)]
    assert [figures["learned"], figures["judged"]] == [len(h) for _, h in halves]
    missing = {"deal_day": record["deal_day"].isna().sum(), "z_end": 0, "planes_destroyed": 0}
    assert all(wars == missing[name] for name, wars in figures["missing"].items())
    assert figures["looked_at"] == x.shape[1]
    assert len(figures["kept"]) <= 12
    for path in figures["kept"]:
        with_it, without = (halves[0][0].loc[h, path] for h in (halves[0][1], ~halves[0][1]))
        assert stats.ks_2samp(with_it, without, method="asymp").pvalue <= 0.01
    assert figures["boxes"] or figures["rules"]
    outside = [np.ones(len(h), bool) for _, h in halves]
    for box in (*figures["boxes"], *figures["rules"]):
        for k, told in ((0, box["learned"]), (1, box)):
            judge_box(told, box["box"], *halves[k], outside[k])
        if figures["boxes"]:
            assert same(box["among"], halves[1][1][outside[1]].mean())
            judge_quasi_p(box, *halves[1], outside[1])
            outside = [o & ~within(x_of, box["box"]) for o, (x_of, _) in
                       zip(outside, halves, strict=True)]  # fmt: skip
            assert box["is_dense_enough"] == (threshold is None or box["density"] >= threshold)
    covered = sum(rule["coverage"] for rule in figures["rules"])
    assert not figures["rules"] or covered == pytest.approx(1.0)
    trace_discovery(figures, table)


def within(x, box):
    found = np.ones(len(x), bool)
    for path, (low, high) in box.items():
        found &= x[path].to_numpy() >= (-np.inf if low is None else low)
        found &= x[path].to_numpy() <= (np.inf if high is None else high)
    return found


def judge_box(told, box, x, happens, outside):
    """Coverage of all cases, density of the wars in it, mass of all wars; outside those before."""
    inside = within(x, box) & outside
    assert told["wars"] == inside.sum()
    assert same(told["mass"], inside.sum() / len(x))
    assert same(told["coverage"], happens[inside].sum() / happens.sum())
    assert same(told["density"], happens[inside].mean() if inside.any() else None)
    if "density_error" in told:
        assert same(told["density_error"], share(happens[inside])["share_error"])
        covered = inside[happens] if happens.any() else []
        assert same(told["coverage_error"], share(covered)["share_error"])


def judge_quasi_p(box, x, happens, outside):
    for path in box["box"]:
        wider = {name: ends for name, ends in box["box"].items() if name != path}
        around, inside = within(x, wider) & outside, within(x, box["box"]) & outside
        test = stats.binomtest(int(happens[inside].sum()), int(inside.sum()),
                               happens[around].mean(), alternative="greater")  # fmt: skip
        assert same(box["quasi_p"][path], test.pvalue, 1e-6)


def sure(box, name):
    return [per_cent(box[name]), per_cent(box[f"{name}_error"])]


def limits(figures, path, ends, with_range=True):
    """The limits of a figure in a box, and its whole range."""
    one = figures["figures"][path]
    unit = "USD" if one["unit"] == "USD" else ""
    low, high = ends
    if one["is_count"]:
        low, high = low and np.ceil(low), high and np.floor(high)
    told = [end for end in (low, high) if end is not None]
    whole_range = [one["low"], one["high"]] if with_range else []
    return [num(end, unit) for end in (*told, *whole_range)]


def trace_discovery(figures, table):
    sections = words_of_boxes.Discovery("", (), figures, {"table": table}).sections()
    lines, when = list(sections[0].lines), figures["when"]
    trace(lines.pop(0), [per_cent(figures["share"]), whole(figures["runs"])], when)
    boxes = figures["boxes"] or [rule for rule in figures["rules"][:1] if rule["box"]]
    for place, box in enumerate(boxes):
        assert lines[0].startswith("Otherwise, where" if place else "Where")
        ends = [n for path, both in box["box"].items() for n in limits(figures, path, both)]
        trace(lines.pop(0), [*ends, *sure(box, "density"), *sure(box, "coverage")])
    if lines:
        densest = max(range(len(boxes)), key=lambda k: boxes[k]["density"]) + 1
        numbers = [Number(figures["threshold"])] + ([whole(densest)] if len(boxes) > 1 else [])
        trace(lines.pop(), numbers)
        assert not any(box["is_dense_enough"] for box in boxes)
    for section, box in zip(sections[1:], figures["boxes"], strict=False):
        numbers = [*sure(box, "coverage"), *sure(box, "density"), per_cent(box["mass"])]
        numbers += [whole(box["wars"]), per_cent(box["among"])]
        numbers += [per_cent(box["learned"][name]) for name in ("coverage", "density")]
        trace(section.lines[0], numbers)
        for row, (path, both) in zip(section.rows, box["box"].items(), strict=True):
            trace(row[0], limits(figures, path, both))
            assert float(row[1]) == pytest.approx(box["quasi_p"][path], rel=0.05)
    if figures["method"] == "prim":
        trajectory = sections[1 + len(figures["boxes"])]
        for row, one in zip(trajectory.rows, table.to_dict("records"), strict=False):
            numbers = [whole(one["box"]), whole(one["step"]), whole(one["restricted"])]
            names = ("coverage", "density", "mass", "learned coverage", "learned density")
            trace(" ; ".join(row), [*numbers, *(per_cent(one[name]) for name in names)])
            assert row[0].startswith(">") == bool(one["taken"])
    else:
        for row, rule in zip(sections[1].rows, figures["rules"], strict=True):
            numbers = [*sure(rule, "density"), *sure(rule, "coverage"), per_cent(rule["mass"])]
            trace(" ; ".join(row[1:]), [*numbers, per_cent(rule["learned"]["density"])])
        for line, rule in zip(sections[1].lines[1:], figures["rules"], strict=True):
            ends = [n for p, b in rule["box"].items() for n in limits(figures, p, b, False)]
            trace(line.split(": ", 1)[1], ends)
    how = sections[-1].lines
    counts = [figures[name] for name in ("runs", "seed", "learned", "judged")]
    trace(how[0], [whole(n) for n in counts])
    trace(how[1].split(": ")[0], [whole(figures["looked_at"]), whole(len(figures["kept"]))],
          "1 in 100")  # fmt: skip
    missing = [wars for wars in figures["missing"].values() if wars]
    if missing:
        trace(how[3], [whole(wars) for wars in missing])
