"""Sweeps made a second time in the plainest way, and equal in every number.

The judge runs one scenario with `sim.run` for each point, and takes means and differences of the
raw column. It shares no code with what it judges but `sim.load` and `sim.run`.
"""

import itertools
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from judging import Number, err, few, fixed, num, trace, trace_picture, whole
from scipy import stats
from strategies import RAID, figure, war

import sim
from sim.experiment.questions import surface, sweep
from sim.report.answers import sweep as words
from sim.report.plots.sweep import draw_sweep
from sim.scenario.experiment import Sweep

RUNS = 6
P_HIT, READY, SPEED = "weapons.fpv.p_hit", "sites.base.readiness", "weapons.fpv.speed"
WAVE = f"raids.{RAID}.waves.wave"
COUNT = f"{WAVE}.count"
OUTCOMES = ("z_end", "r_u_end", "things_hit", "strike_leak_share", "deal_day", "ceasefire_day")

FIGURES = {
    P_HIT: [0.1, 0.5, "90 percent"],
    READY: [0.0, 0.6],
    SPEED: [50, "20 m/s"],
    COUNT: [2, 25],
    "front.p_move": [0.0, 0.5],
    "minds.defender.p_win": [0.4, 0.9],
}
PARTS = {f"{WAVE}.aim": ["assigned", "opportune"], "mechanisms.audience.on": [True, False]}
SETTINGS = {
    "theory": {
        "none": {"mechanisms.cost.on": False, "mechanisms.image.on": False},
        "learning": {"mechanisms.learning.on": True, "mechanisms.cost.on": False},
        "as it is": {},
    },
    "guns": {
        "few": {"sites.base.defence.gun.count": 1},
        "many": {"sites.base.defence.gun.count": 5, "units.gun.range": 20},
    },
}
"""What is varied: figures, parts and settings, none of which sets what another does."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    data = war()
    data["minds"]["defender"]["p_win"] = figure(0.8, low=0.5, high=0.95)
    data["weapons"]["fpv"]["p_hit"] = figure(0.5, low=0.2, high=0.8)
    for name in ("image", "learning"):  # so that settings turn some on, some off
        data["mechanisms"][name]["on"] = False
    place = tmp_path_factory.mktemp("judge")
    (place / "war.yaml").write_text(json.dumps(data, default=str))
    return place


# --- what is asked ---------------------------------------------------------------------------


@st.composite
def sweeps(draw):
    """Sweeps of every design that lists its levels, over one to three things."""
    names = draw(st.permutations([*SETTINGS, *FIGURES, *PARTS]).map(lambda every: every[:3]))
    names = names[: draw(st.sampled_from((1, 2, 2, 2, 3)))]
    levels = {n: (FIGURES | PARTS | SETTINGS)[n] for n in names}
    design = draw(st.sampled_from(("grid", "one_at_a_time", "factorial")))
    if design == "factorial":
        levels = {
            name: dict(list(one.items())[:2]) if isinstance(one, dict) else one[:2]
            for name, one in levels.items()
        }
    two = [name for name, one in levels.items() if len(one) == 2 and design != "one_at_a_time"]
    constants = {"reports.attacker.overclaim": 2.0} if draw(st.booleans()) else {}
    without = ["sides.attacker.tempo"] if draw(st.booleans()) else []
    return {
        "design": design,
        "levers": levels,
        "contrast": draw(st.sampled_from(two)) if two and draw(st.booleans()) else None,
        "constants": constants,
        "without": without,
        "outcomes": draw(st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=2, unique=True)),
        "seed": draw(st.integers(1, 9)),
    }


# --- the judge -------------------------------------------------------------------------------


def judged_points(asked):
    """The levels of each point as written, None where a factor is left as it stands."""
    levels = {name: list(one) for name, one in asked["levers"].items()}
    if asked["design"] == "one_at_a_time":
        nothing = dict.fromkeys(levels)
        return [nothing, *(nothing | {n: one} for n, some in levels.items() for one in some)]
    return [dict(zip(levels, one, strict=True)) for one in itertools.product(*levels.values())]


def judged_runs(folder, asked, point):
    """The raw runs of one scenario, loaded with what the point sets."""
    sets = dict(asked["constants"])
    for name, level in point.items():
        if level is not None:
            one = asked["levers"].get(name)
            sets |= one[level] if isinstance(one, dict) else {name: level}
    written = [f"{k}={v if isinstance(v, str) else json.dumps(v)}" for k, v in sets.items()]
    scenario = sim.load(folder / "war.yaml", written, asked["without"])
    return sim.run(scenario, RUNS, asked["seed"], workers=1).runs.sort_values("run")


def answered(folder, asked):
    asks = sweep.question(
        Sweep(kind="sweep", name="judged", title="t", question="q", scenario="war.yaml",
              runs=RUNS, **asked), folder,
    )  # fmt: skip
    tables = [pd.DataFrame(sweep.run_chunk(*call)["outcomes"]) for call in sweep.calls_of(asks)]

    class Results:
        def table(self, name):
            return pd.concat(tables) if name == "outcomes" else pd.DataFrame()

    return surface.answer(Results(), asks)


def number(level):
    """A level of a figure in the scenario's unit: those of FIGURES by hand."""
    return {"90 percent": 0.9, "20 m/s": 72.0}.get(level, level)


def same(found, wanted):
    if np.isnan(wanted):
        return found is None or np.isnan(found)
    return found == pytest.approx(wanted, rel=1e-9, abs=1e-12)


@few(10)
@given(asked=sweeps())
def test_every_number_of_a_sweep_is_that_of_plain_runs(folder, asked):
    figures, table = answered(folder, asked)
    raw = [judged_runs(folder, asked, point) for point in judged_points(asked)]
    points = judged_points(asked)
    if asked["design"] == "one_at_a_time":
        judge_one_at_a_time(figures, asked, points, raw)
    else:
        assert len(table) == len(points)
        judge_points(table, asked, points, raw)
        judge_alone(figures, asked, points, raw)
    if asked["contrast"] is not None:
        judge_contrast(figures["contrast"], asked, points, raw)


def judge_points(table, asked, points, raw):
    for point, runs in zip(points, raw, strict=True):
        row = table
        for name, level in point.items():
            row = row[row[name] == number(level)]
        (row,) = row.to_dict("records")
        for outcome in asked["outcomes"]:
            values = runs[outcome].dropna()
            assert row[f"{outcome} wars"] == len(values)
            assert same(row[outcome], values.mean())
            assert same(row[f"{outcome} median"], values.median())
            assert same(row[f"{outcome} 5 %"], values.quantile(0.05))
            assert same(row[f"{outcome} 95 %"], values.quantile(0.95))


def judge_alone(figures, asked, points, raw):
    for name, outcome in itertools.product(asked["levers"], asked["outcomes"]):
        told = figures["alone"][outcome][name]
        levels = list(asked["levers"][name])
        assert len(told) == len(levels)
        for level in levels:
            here = [r[outcome] for p, r in zip(points, raw, strict=True) if p[name] == level]
            means = [runs.mean() for runs in here]
            (found,) = (one for word, one in told.items() if word in words_of(level))
            assert found["wars"] == sum(runs.count() for runs in here)
            assert found["of"] == RUNS * len(here)
            assert same(found["mean"], pd.Series(means).mean())


def words_of(level):
    read = number(level)
    return {str(read)} | ({str(float(read))} if isinstance(read, int | float) else set())


def judge_one_at_a_time(figures, asked, points, raw):
    base = raw[0]
    for point, runs in zip(points[1:], raw[1:], strict=True):
        ((name, level),) = ((n, one) for n, one in point.items() if one is not None)
        for outcome in asked["outcomes"]:
            alone = figures["alone"][outcome][name]
            (word,) = words_of(level) & set(alone)
            assert same(alone[word]["mean"], runs[outcome].mean())
            change = runs[outcome].to_numpy(float) - base[outcome].to_numpy(float)
            moved = figures["moved"][outcome].get(name, {})
            if word in moved:
                assert same(moved[word]["mean"], pd.Series(change).mean())
                assert moved[word]["runs"] == (~np.isnan(change)).sum()
            else:  # it is how the scenario stands
                assert np.nan_to_num(change) == pytest.approx(np.zeros(RUNS))


def judge_contrast(contrast, asked, points, raw):
    name = asked["contrast"]
    one, other = asked["levers"][name]
    for outcome in asked["outcomes"]:
        places = contrast[outcome]["places"]
        judged = [(p, r) for p, r in zip(points, raw, strict=True) if p[name] == one]
        assert len(places) == len(judged)
        for point, runs in judged:
            against = next(
                r for p, r in zip(points, raw, strict=True) if p == point | {name: other}
            )
            difference = runs[outcome].to_numpy(float) - against[outcome].to_numpy(float)
            rest = {n: number(level) for n, level in point.items() if n != name}
            (place,) = (p for p in places if all(p[n] == level for n, level in rest.items()))
            assert place["runs"] == (~np.isnan(difference)).sum()
            assert same(place["mean"], pd.Series(difference).mean())


# --- other ways to the same answer -----------------------------------------------------------


@few(3)
@given(asked=sweeps(), rows=st.integers(1, 40))
def test_how_a_sweep_is_split_does_not_matter(folder, asked, rows):
    with pytest.MonkeyPatch.context() as patch:
        whole = answered(folder, asked)
        patch.setattr(sweep, "_ROWS", rows)
        parts = answered(folder, asked)
    pd.testing.assert_frame_equal(whole[1], parts[1], check_exact=True)
    assert repr(whole[0]) == repr(parts[0])


# --- points that are sampled -----------------------------------------------------------------

RANGES = {P_HIT: (0.1, 0.9), COUNT: (2, 4), READY: (0.0, 0.6), SPEED: (50, 200)}


@st.composite
def samples(draw):
    """Sweeps whose points are sampled, with or without a lever crossed with them."""
    names = draw(st.permutations([*RANGES]).map(lambda every: every[:2]))
    lever = draw(st.sampled_from([None, "guns"]))
    return {
        "design": draw(st.sampled_from(("random", "latin_hypercube", "sobol"))),
        "points": 8,
        "levers": {} if lever is None else {lever: SETTINGS[lever]},
        "uncertainties": {name: "{}:{}".format(*RANGES[name]) for name in names},
        "contrast": lever,
        "constants": {},
        "without": [],
        "outcomes": ["z_end", "things_hit"],
        "seed": draw(st.integers(1, 9)),
    }


EQUAL_POINTS = {
    "design": "latin_hypercube", "points": 8, "levers": {"guns": SETTINGS["guns"]},
    "uncertainties": {COUNT: "2:4"}, "contrast": "guns", "constants": {}, "without": [],
    "outcomes": ["things_hit"], "seed": 1,
}  # fmt: skip
"""Eight points of a count that has three values: the same points are the same wars."""


@few(3)
@given(asked=samples())
@example(asked=EQUAL_POINTS)
def test_every_number_of_a_sampled_sweep_is_that_of_plain_runs(folder, asked):
    figures, table = answered(folder, asked)
    factors = [*asked["levers"], *asked["uncertainties"]]
    points = table[factors].to_dict("records")
    chosen = [tuple(p[n] for n in asked["uncertainties"]) for p in points]
    assert len(points) == 8 * (2 if asked["levers"] else 1)
    for name in asked["uncertainties"]:
        low, high = RANGES[name]
        values = [point[name] for point in points[:8]]
        assert all(low <= value <= high for value in values)
        if asked["design"] == "latin_hypercube" and name != COUNT:
            places = [min(7, int(8 * (value - low) / (high - low))) for value in values]
            assert sorted(places) == list(range(8))
        if name == COUNT:
            assert all(value == round(value) for value in values)
    if asked["levers"]:  # each level meets the same points
        assert chosen[:8] == chosen[8:]
    raw = [judged_runs(folder, asked, point) for point in points]
    for row, runs in zip(table.to_dict("records"), raw, strict=True):
        for outcome in asked["outcomes"]:
            assert same(row[outcome], runs[outcome].mean())
            assert same(row[f"{outcome} median"], runs[outcome].median())
    judge_parts(figures, asked, table)
    if asked["contrast"]:
        judge_distinct(figures["contrast"], asked, points, raw)


def judge_parts(figures, asked, table):
    """A range in five parts of equal number, by the middle of each."""
    for name, outcome in itertools.product(asked["uncertainties"], asked["outcomes"]):
        told = figures["alone"][outcome][name]
        values = table[name]
        if values.nunique() <= 5:
            parts = [values == value for value in dict.fromkeys(values)]
            middles = list(dict.fromkeys(values))
        else:
            ends = np.unique(np.quantile(values, np.linspace(0.0, 1.0, 6)))
            pairs = list(itertools.pairwise(ends))
            parts = [(values > low) & (values <= high) for low, high in pairs]
            parts[0] |= values == ends[0]
            middles = [(low + high) / 2 for low, high in pairs]
        wide = values.max() - values.min()
        found = {float(word): one for word, one in told.items()}
        assert len(found) == len(parts)
        for part, middle in zip(parts, middles, strict=True):
            (key,) = (word for word in found if abs(word - middle) < 0.01 * wide)
            assert same(found[key]["mean"], table.loc[part, outcome].mean())
            assert found[key]["wars"] == found[key]["of"] == RUNS * part.sum()


def judge_distinct(contrast, asked, points, raw):
    """A place a different point; the same point twice is the same wars, once."""
    (name,) = asked["levers"]
    one, other = asked["levers"][name]
    wars = {tuple(p.values()): runs for p, runs in zip(points, raw, strict=True)}
    places = {key[1:] for key in wars}
    for outcome in asked["outcomes"]:
        found = contrast[outcome]["places"]
        assert len(found) == len(places)
        for place in found:
            key = tuple(place[n] for n in asked["uncertainties"])
            difference = wars[one, *key][outcome].to_numpy(float) - wars[other, *key][
                outcome
            ].to_numpy(float)
            assert place["runs"] == RUNS
            assert same(place["mean"], difference.mean())


# --- its words -------------------------------------------------------------------------------

TOLD = {
    "crossed": {
        "design": "grid", "levers": {"guns": SETTINGS["guns"]}, "contrast": "guns",
        "uncertainties": {P_HIT: "0.1:0.9:20"}, "outcomes": ["things_hit", "deal_day"],  # 40 points
    },
    "one by one": {
        "design": "one_at_a_time", "levers": {P_HIT: FIGURES[P_HIT], **PARTS},
        "contrast": None, "uncertainties": {}, "outcomes": ["things_hit", "deal_day"],
    },
    "sampled": {
        "design": "latin_hypercube", "points": 13, "levers": {}, "contrast": None,
        "uncertainties": {READY: "0:0.6", COUNT: "2:9", SPEED: "50:200"}, "outcomes": ["z_end"],
    },
}  # fmt: skip


@pytest.mark.parametrize("name", TOLD)
def test_every_number_in_the_words_of_a_sweep_and_of_its_pictures(folder, name):
    asked = TOLD[name] | {"constants": {}, "without": [], "seed": 2}
    figures, table = answered(folder, asked)
    told = words.Sweep("", (), figures, {"points": table})
    sections = told.sections()
    assert sections.pop(0).lines == ["q"]
    if asked["contrast"]:
        for outcome in asked["outcomes"]:
            trace_contrast(sections.pop(0), figures, outcome)
    for outcome in asked["outcomes"]:
        trace_points(sections.pop(0), figures, table, outcome)
    by_factor = asked["design"] == "one_at_a_time" or len(figures["factors"]) > 2 or len(table) > 40
    assert len(sections) - 1 == by_factor * len(asked["outcomes"])
    while len(sections) > 1:
        outcome = asked["outcomes"][-len(sections) + 1 :][0]
        trace_alone(sections.pop(0), figures, outcome)
    counts = [whole(len(table)), whole(RUNS), whole(len(table) * RUNS), whole(2)]
    trace(sections[0].lines[0], counts)
    for line, outcome in zip(told.headline(), asked["outcomes"], strict=False):
        if not asked["contrast"]:
            order = table[table[outcome].notna()].sort_values(outcome)
            ends = [one for k in (0, -1) for one in cell(order.iloc[k], outcome, False)]
            trace(line, [whole(len(table)), *ends])
    trace_pictures(figures, table, asked)


def cell(point, outcome, with_range):
    """A mean with its error, 90 % where they are told, and of how many wars if not of all."""
    unit = "share" if outcome == "z_end" else ""
    if point[f"{outcome} wars"] == 0:
        return [Number(None)]
    told = [num(point[outcome], unit), err(point[f"{outcome} ±"])]
    if with_range:
        told += [num(point[f"{outcome} {end}"], unit) for end in ("5 %", "95 %")]
    wars = int(point[f"{outcome} wars"])
    return told if wars == RUNS else [*told, whole(wars), whole(RUNS)]


def at(figures, point, names):
    """The numbers that say where a point is, in the words before its cells."""
    return [num(float(point[n])) for n in names
            if not isinstance(point[n], str | bool | np.bool_)]  # fmt: skip


def trace_points(section, figures, table, outcome):
    """A row a place; the levels of the first factor of words side by side."""
    across = next((n for n, f in figures["factors"].items() if f["kind"] == "settings"), None)
    down = [name for name in figures["factors"] if name != across]
    wanted = []
    for _, group in table.groupby(down, sort=False):
        numbers = at(figures, group.iloc[0], down)
        if across is None:
            (point,) = (point for _, point in group.iterrows())
            numbers += cell(point, outcome, True)
        for level in figures["factors"][across]["levels"] if across else ():
            here = group[group[across].astype(str) == str(level)]
            numbers += cell(here.iloc[0], outcome, False) if len(here) else [Number(None)]
        wanted.append(numbers)
    for row, numbers in zip(section.rows, wanted, strict=True):
        trace(" ; ".join(row), numbers)
    trace(" ".join(section.lines), [], "90 %")


def trace_alone(section, figures, outcome):
    unit = "share" if outcome == "z_end" else ""
    told = [(name, level, one) for name, levels in figures["alone"][outcome].items()
            for level, one in levels.items()]  # fmt: skip
    is_whole = all(one["wars"] == one["of"] for *_, one in told)
    for row, (name, level, one) in zip(section.rows, told, strict=True):
        numbers = [num(float(level))] if level[0].isdigit() else []
        numbers += [num(one["mean"], unit) if one["mean"] is not None else Number(None)]
        if "moved" in figures:
            change = figures["moved"][outcome].get(name, {}).get(level)
            if change is None or change["mean"] is None:
                numbers += [Number(None)]
            else:
                numbers += [num(change["mean"], unit), err(change["±"])]
        numbers += [] if is_whole else [whole(one["wars"]), whole(one["of"])]
        trace(" ; ".join(row), numbers)
    trace(" ".join(section.lines), [])


def trace_contrast(section, figures, outcome):
    places = figures["contrast"][outcome]["places"]
    compared = [place for place in places if place["compared"]]
    told = [place for place in compared if place["told"]]
    more = sum(place["mean"] > 0 for place in told)
    counts = [len(compared), more, len(told) - more, len(compared) - len(told)]
    if len(places) > len(compared):
        counts.append(len(places) - len(compared))
    pairs = [place["runs"] for place in compared]
    if pairs and min(pairs) < RUNS:
        counts += [min(pairs), max(place["runs"] for place in places), RUNS]
    trace(" ".join(section.lines), [whole(n) for n in counts], "5 %")
    crossings = figures["contrast"][outcome]["crossings"]
    for row, one in zip(section.rows, crossings, strict=True):
        trace(row[1], [num(one[key]) for key in ("at", "low", "high")])


# --- the words of its pictures ---------------------------------------------------------------


def trace_pictures(figures, table, asked):
    pictures = draw_sweep(figures, table, {})
    wanted = {"lines": of_lines(figures, table, asked)} if asked["design"] == "grid" else {
        f"points_{outcome}": of_cloud(figures, table, asked, outcome)
        for outcome in asked["outcomes"]
    }  # fmt: skip
    assert set(pictures) == set(wanted)
    others = [whole(len(table)), whole(RUNS), whole(2), whole(len(figures["factors"]))]
    for place, (numbers, more) in wanted.items():
        wars = [whole(n) for outcome in asked["outcomes"] for n in having(table, outcome)]
        trace_picture(pictures[place], numbers, [*others, *more, *wars], ["90 % of", "(95 %)"])


def having(table, outcome):
    """The fewest and the most wars of a point that have an outcome, where some have it not."""
    wars = table[f"{outcome} wars"]
    return [wars.min(), wars.max()] if wars.min() < RUNS else []


def of_lines(figures, table, asked):
    """Each outcome's first and last mean by setting, along the range."""
    ends = [num(end) for end in (table[P_HIT].min(), table[P_HIT].max())]
    numbers, missing = [], []
    for outcome in asked["outcomes"]:
        numbers += ends
        for _, points in table.groupby("guns", sort=False):
            means = points.sort_values(P_HIT)[outcome]
            numbers += [err(mean) for mean in (means.iloc[0], means.iloc[-1]) if mean == mean]
        crossings = figures["contrast"][outcome]["crossings"]
        assert len(crossings) != 1 or crossings[0]["low"] is None  # else they stand there too
        few = having(table, outcome)
        missing += [whole(n) for n in (*few, RUNS)] if few else []
    return numbers + missing, []


def of_cloud(figures, table, asked, outcome):
    """Means at the least and the most of each factor, or at each setting, and how they rank."""
    seen, told = table[table[outcome].notna()], {}
    for name, factor in figures["factors"].items():
        if asked["design"] != "one_at_a_time":
            told[name] = ends_of(seen[name], seen[outcome])
            continue
        stands = [seen[other] == one["stands"] for other, one in figures["factors"].items()
                  if other != name]  # fmt: skip
        alone = seen[np.all(stands, axis=0)]
        if factor["kind"] == "range":
            alone = alone[alone[name] != factor["stands"]]
            told[name] = ends_of(alone[name].astype(float), alone[outcome])
        else:
            told[name] = alone.groupby(name, sort=False)[outcome].mean().tolist()
    if asked["design"] == "one_at_a_time":
        numbers, ranks = [[err(mean) for mean in means] for means in told.values()], []
    else:
        follow = {name: seen[name].corr(seen[outcome], "spearman") for name in told}
        order = sorted(follow, key=lambda name: -abs(follow[name]))
        ranks = [fixed(follow[name], 2) for name in order]
        numbers = [[*map(err, told[name]), fixed(follow[name], 2)] for name in order]
    few = having(table, outcome)
    missing = [whole(n) for n in (*few, RUNS)] if few else []
    return [*title_of(figures, ranks, len(seen)), *itertools.chain(*numbers), *missing], []


def ends_of(x, y):
    """The mean of an outcome at the least and the most of a factor, or of six equal parts of it."""
    if x.nunique() <= 12:
        means = y.groupby(x).mean()
        return [means.iloc[0], means.iloc[-1]]
    parts = np.array_split(y.to_numpy()[np.argsort(x, kind="stable")], 6)
    return [parts[0].mean(), parts[-1].mean()]


def title_of(figures, ranks, points):
    """How what it follows most ranks, where that is known at 5 % over all; else of how many."""
    told = stats.norm.isf(0.025 / max(len(ranks), 1)) / np.sqrt(points - 1)
    if ranks and abs(ranks[0].value) >= told:
        return ranks[:1]
    return [whole(len(figures["factors"]))]
