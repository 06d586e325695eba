"""The answer of a theories experiment made a second time: one plain run a theory, with and without.

What lies behind many means (`sim/experiment/statistics/deconvolution.py`) has tests with known
truth of its own; here shares of theories are held to add up, to agree with what is said of each
theory, and to be those of a plain count where nothing is uncertain.
"""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from judging import Number, err, few, fixed, num, per_cent, same, trace, trace_rows, whole
from scipy import stats
from strategies import RAID, figure, war

import sim
from sim.experiment.questions import signs, theories
from sim.report.answers import theories as words
from sim.scenario.errors import ExperimentError
from sim.scenario.experiment import Theories

MECHANISMS = ("cost", "image", "rally", "sunk", "audience")
SIDES = {"r_u": "attacker", "r_d": "defender", "z": "attacker"}
HARDER = {"r_u": 1.0, "r_d": 1.0, "z": -1.0}
REGION = 0.005


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    data = war()
    data["focus"] = RAID
    data["minds"]["defender"]["p_win"] = figure(0.8, low=0.5, high=0.95)
    data["weapons"]["fpv"]["p_hit"] = figure(0.5, low=0.0, high=0.8)
    data["mechanisms"]["rally"]["per_surprise"] = figure(0.02, low=-0.05, high=0.08)
    data["mechanisms"]["image"]["per_surprise"] = figure(0.03, low=0.0, high=0.1)
    data["raids"][RAID]["date"] = "2025-01-05"
    del data["sides"]["attacker"]["tempo"]
    data["front"]["start"] = figure(9)  # the war may be over before the raid
    data["front"]["p_move"] = figure(0.3)
    place = tmp_path_factory.mktemp("theories")
    (place / "war.yaml").write_text(json.dumps(data, default=str))
    return place


def answered(folder, names, runs, seed):
    """The answer as `sim experiment` makes it, with its raw tables."""
    asks = theories.question(
        Theories(kind="theories", name="judged", title="t", question="q", scenario="war.yaml",
                 region={"half_width": REGION, "because": "small"}, mechanisms=names, runs=runs,
                 seed=seed), folder,
    )  # fmt: skip
    made = [theories.run_chunk(*call) for call in theories._calls(asks)]
    tables = {n: pd.concat([pd.DataFrame(part[n]) for part in made], ignore_index=True)
              for n in ("effects", "decay")}  # fmt: skip

    class Store:
        question = asks

        def table(self, name):
            return tables[name]

    return asks, tables, signs.answer(Store())


# --- the judge -------------------------------------------------------------------------------


def plain(folder, asks, theory, runs):
    """The days of a theory's wars with the raid and without it, and their runs."""
    on = {name: theory >> k & 1 for k, name in enumerate(asks.mechanisms)}
    known = [name for name, block in asks.scenario.mechanisms if block is not None]
    sets = [f"mechanisms.{name}.on={str(bool(on.get(name, 0))).lower()}" for name in known]
    wars = []
    for without in ([], [f"raids.{RAID}"]):
        scenario = sim.load(folder / "war.yaml", sets, without)
        wars.append(sim.run(scenario, runs, asks.experiment.seed, workers=1, with_days=True))
    return wars


def position(record, word, day):
    rows = record.days[(record.days["day"] == day) & (record.days["side"] == SIDES[word])]
    return rows.set_index("run")["z" if word == "z" else "r"]


def judged_wars(folder, asks, pairs):
    """Effects of each run under each theory in which it was fought, by moment and position."""
    parts = []
    for theory, runs in pairs.groupby("theory")["run"]:
        ours, theirs = plain(folder, asks, theory, int(pairs["run"].max()) + 1)
        rows = pd.DataFrame({"run": runs.to_numpy(), "theory": theory})
        wars = ours.runs.set_index("run").loc[rows["run"]]
        rows["flown"] = (wars[f"{RAID}_flown"] > 0).to_numpy()
        for moment, day in asks.moments.items():
            for word in SIDES:
                change = position(ours, word, day) - position(theirs, word, day)
                rows[f"{word}, {moment}"] = change.loc[rows["run"]].to_numpy()
        for after in range(asks.scenario.days - asks.day):
            for word in SIDES:
                change = position(ours, word, asks.day + after) - position(
                    theirs, word, asks.day + after
                )
                rows[f"{word} after {after}"] = change.loc[rows["run"]].to_numpy()
        for word, column in (("settled", "deal_day"), ("stopped", "ceasefire_day")):
            for record, name in ((ours, word), (theirs, f"{word} without")):
                rows[name] = (
                    record.runs.set_index("run").loc[rows["run"], column].notna().to_numpy()
                )
        parts.append(rows)
    return pd.concat(parts, ignore_index=True)


@few(2)
@given(
    names=st.permutations([*MECHANISMS]).map(lambda some: tuple(some[:3])),
    runs=st.sampled_from((4, 6)),
    seed=st.integers(1, 50),
)
def test_every_number_of_theories_is_that_of_plain_runs(folder, names, runs, seed):
    try:
        asks, tables, (figures, table, _) = answered(folder, names, runs, seed)
    except ExperimentError:  # of so few runs the raid may fly in none
        reject()
    effects = tables["effects"]
    assert (effects.groupby("theory").size() == runs).all()
    assert set(effects["theory"]) == set(range(8))
    wars = judged_wars(folder, asks, effects[["run", "theory"]])
    both = effects.merge(wars, on=["run", "theory"], suffixes=("", " judged"))
    for name in effects.columns[2:]:
        ours, theirs = both[name].to_numpy(float), both[f"{name} judged"].to_numpy(float)
        assert ours == pytest.approx(theirs, abs=1e-6), name
    flown = wars[wars["flown"]]
    judge_counts(figures, wars, flown, runs)
    for moment in asks.moments:
        for word in SIDES:
            judge_verdicts(figures, table, flown, word, moment)
            judge_mechanisms(figures, flown, names, word, moment)
        judge_both(figures["verdicts"][moment])
    judge_half_lives(figures, table, flown, asks)


def judge_counts(figures, wars, flown, runs):
    assert figures["wars"] == 2 * len(wars)
    assert figures["runs"] == runs
    assert figures["flown"]["share"] == pytest.approx(wars["flown"].mean())
    by_theory = flown.groupby("theory").size()
    assert figures["flown"]["of_a_theory"] == {
        "least": by_theory.min(), "median": by_theory.median()
    }  # fmt: skip
    assert figures["theories"] == len(by_theory)
    assert figures["flown"]["theories_without"] == 8 - len(by_theory)
    for word in ("settled", "stopped"):
        assert figures["talks"][word]["with"] == pytest.approx(flown[word].mean())
        assert figures["talks"][word]["without"] == pytest.approx(flown[f"{word} without"].mean())
    assert figures["talks"]["wars"] == len(flown)


def judge_verdicts(figures, table, flown, word, moment):
    told_of, name = figures["verdicts"][moment][word], f"{word}, {moment}"
    harder = HARDER[word] * flown[name]
    means = flown.groupby("theory")[name].mean()
    assert table[name].to_numpy() == pytest.approx(means.to_numpy(), abs=1e-6)
    assert told_of["mean"] == pytest.approx(means.mean(), abs=1e-6)
    for way, hit in (("hardened", harder > REGION), ("softened", harder < -REGION)):
        by_theory = hit.groupby(flown["theory"]).mean()
        assert told_of["wars"][way] == pytest.approx(by_theory.mean())
        assert table[f"{name} wars {way}"].to_numpy() == pytest.approx(by_theory.to_numpy())
    assert sum(told_of["wars"].values()) == pytest.approx(1.0)
    assert told_of["hardens"] + told_of["no effect"] + told_of["softens"] == pytest.approx(1.0)
    for verdict in ("hardens", "softens"):
        assert told_of[verdict] == pytest.approx(table[f"{name} chance {verdict}"].mean())
        assert told_of[f"{verdict} by twice the region"] <= told_of[verdict] + 1e-9
        assert told_of[verdict] <= told_of[f"{verdict} by half the region"] + 1e-9
    sure = table[f"{name} verdict"].value_counts(normalize=True)
    assert told_of["decided"] == {
        v: pytest.approx(sure.get(v, 0.0)) for v in ("hardens", "no effect", "softens", "undecided")
    }
    for verdict in ("hardens", "softens"):
        decided = table[f"{name} verdict"] == verdict
        assert (table.loc[decided, f"{name} chance {verdict}"] >= 0.95).all()
    still = flown.groupby("theory")[name].agg(lambda x: (x.abs() <= 1e-9).all())
    for theory in still[still].index:  # what never moves is known to have no effect
        row = table[table["theory"] == theory].iloc[0]
        assert row[f"{name} verdict"] == "no effect"
    wanted = left_out(flown, name)
    assert (told_of["mean_error"] is None) == (wanted is None)
    assert same(told_of["mean_error"], wanted, 1e-4)


def left_out(flown, name):
    """Half the 95 % interval of the mean over theories by leaving out a tenth of the runs."""
    numbers = sorted(set(flown["run"]))
    groups = min(10, len(numbers))
    if groups < 4:
        return None
    group = flown["run"].map({run: k % groups for k, run in enumerate(numbers)})
    ones = []
    for k in range(groups):
        ones.append(flown[group != k].groupby("theory")[name].mean().mean())
    spread = np.sqrt((groups - 1) / groups * np.square(np.array(ones) - np.mean(ones)).sum())
    return stats.t.ppf(0.975, groups - 1) * spread


def judge_both(of):
    """What both sides do cannot be more than what either does."""
    assert of["both harden"] <= min(of["r_u"]["hardens"], of["r_d"]["hardens"]) + 1e-9
    assert of["both soften"] <= min(of["r_u"]["softens"], of["r_d"]["softens"]) + 1e-9
    either = of["r_u"]["hardens"] + of["r_d"]["hardens"] - of["both harden"]
    assert either <= 1.0 + 1e-9
    assert of["both harden"] + of["both soften"] + of["opposite"] <= 1.0 + 1e-9


def judge_mechanisms(figures, flown, names, word, moment):
    """Differences of means of means, and the shares of the variance that they explain."""
    found = figures["mechanisms_decide"][word][moment]
    means = flown.groupby("theory")[f"{word}, {moment}"].mean()
    if len(means) < 8 or means.var(ddof=0) <= 1e-18:
        return
    for k, name in enumerate(names):
        on = np.array([theory >> k & 1 for theory in means.index], bool)
        effect = means[on].mean() - means[~on].mean()
        assert found[name]["effect"] == pytest.approx(effect, abs=2e-6)
        explained = (effect / 2) ** 2 / means.var(ddof=0)
        assert found[name]["alone"] == pytest.approx(explained, rel=1e-2, abs=1e-4)


def judge_half_lives(figures, table, flown, asks):
    for word in SIDES:
        wanted = {}
        for theory, rows in flown.groupby("theory"):
            days = range(asks.scenario.days - asks.day)
            path = [abs(rows[f"{word} after {after}"].mean()) for after in days]
            halved = [after for after in days if path[after] <= path[0] / 2]
            wanted[theory] = halved[0] if path[0] > 1e-9 and halved else np.nan
        found = table.set_index("theory")[f"{word} half-life"]
        for theory, half in wanted.items():
            assert same(found[theory], half)
        moved = table[f"{word}, the raid's day verdict"].isin(["hardens", "softens"])
        days = table.loc[moved, f"{word} half-life"].dropna()
        told_of = figures["half_lives"][word]
        assert (told_of["theories"], told_of["halved"]) == (moved.sum(), len(days))
        for name, q in (("low", 0.05), ("median", 0.5), ("high", 0.95)):
            assert same(told_of[name], days.quantile(q) if len(days) else None)


# --- its words -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def answer(folder):
    asks, _, (figures, *_) = answered(folder, MECHANISMS, 12, 3)
    return asks.scenario, figures


def share(of, name):
    return [per_cent(of[name]), per_cent(of[f"{name}_error"])]


def test_the_headline_of_theories(answer):
    scenario, figures = answer
    moments = list(figures["verdicts"])
    first, last = figures["verdicts"][moments[0]], figures["verdicts"][moments[-1]]
    trace(
        words.Theories("", (scenario,), figures).headline()[0],
        [
            whole(figures["theories"]), whole(5),
            *share(first["r_u"], "hardens"), *share(first["r_d"], "hardens"),
            *share(first["r_u"], "softens"), *share(first["r_d"], "softens"),
            Number(REGION), *share(first, "both harden"), *share(last, "both harden"),
            *share(last["z"], "hardens"), *share(last["z"], "softens"),
        ],
    )  # fmt: skip


def test_every_number_in_the_words_of_theories(answer):
    scenario, figures = answer
    told = words.Theories("", (scenario,), figures)
    sections = told.sections()
    assert sections[0].lines == ["q", "", *told.headline()]
    verdicts, moments = figures["verdicts"], list(figures["verdicts"])
    names = {"r_u": "r_u, Attacker", "r_d": "r_d, Defender", "z": "Z"}
    labels = [(f"{m}: {names[word]}", verdicts[m][word]) for m in moments for word in names]
    who, decided, half, *by_moment = sections[1 : 4 + len(moments)]
    rows = [
        (label, [*(n for v in ("hardens", "no effect", "softens") for n in share(of, v)),
                 fixed(of["mean"], 4), err(of["mean_error"]),
                 *(per_cent(of["wars"][w]) for w in ("hardened", "unmoved", "softened"))])
        for label, of in labels
    ]  # fmt: skip
    trace_rows(who.rows, rows)
    talks = figures["talks"]
    lines = [Number(REGION)]
    for moment in moments:
        lines += [n for w in ("both harden", "both soften", "opposite")
                  for n in share(verdicts[moment], w)]  # fmt: skip
    lines += [whole(talks["wars"])] + [per_cent(talks[w][x], 1) for w in ("settled", "stopped")
                                       for x in ("with", "without")]  # fmt: skip
    trace(" ".join(who.lines), lines, "(95 %)", "small")
    rows = [
        (label, [*(per_cent(of["decided"][v])
                   for v in ("hardens", "no effect", "softens", "undecided")),
                 *(per_cent(of[f"{v} by {w} the region"])
                   for v in ("hardens", "softens") for w in ("half", "twice"))])
        for label, of in labels
    ]  # fmt: skip
    trace_rows(decided.rows, rows)
    trace(" ".join(decided.lines), [per_cent(verdicts[moments[0]][w]["noise"]) for w in names],
          "95 %")  # fmt: skip
    rows = []
    for word, of in figures["half_lives"].items():
        halved = of["halved"] / of["theories"] if of["theories"] else None
        ends = [num(of[name]) for name in ("low", "median", "high")]
        rows.append((names[word], [whole(of["theories"]), whole(of["halved"]),
                                   per_cent(halved), *ends]))  # fmt: skip
    trace_rows(half.rows, rows)
    for section, moment in zip(by_moment, moments, strict=True):
        trace_mechanisms(section, figures, moment)
    trace_figures(sections[4 + len(moments)], figures)
    trees = sections[5 + len(moments) : -1]
    for section, tree in zip(trees, figures["trees"].values(), strict=True):
        counts = [whole(tree["learned_on"]), per_cent(tree["right"]), whole(tree["scored_on"])]
        trace(section.lines[0], [*counts, per_cent(tree["majority"])])
        assert tree["leaves"]
        for row, leaf in zip(section.rows, tree["leaves"], strict=True):
            assert row[0] == " and ".join(leaf["if"])
            trace(" ; ".join(row[2:]), [per_cent(leaf["chance"]), per_cent(leaf["share"])])
    flown = figures["flown"]
    counts = [whole(figures["wars"]), whole(32), whole(12), whole(3), per_cent(flown["share"])]
    counts += [fixed(flown["of_a_theory"]["median"], 0), whole(flown["of_a_theory"]["least"])]
    trace(" ".join(sections[-1].lines), [*counts, whole(flown["theories_without"])])


def trace_mechanisms(section, figures, moment):
    rows = []
    for name in MECHANISMS:
        numbers = []
        for word in ("r_u", "r_d", "z"):
            one = figures["mechanisms_decide"][word][moment].get(name)
            numbers += (
                [Number(None)] * 2
                if one is None
                else [fixed(one["effect"], 4), per_cent(one["alone"])]
            )
        rows.append((name, numbers))
    by_name = dict(rows)
    trace_rows(section.rows, [(row[0], by_name[row[0]]) for row in section.rows])
    assert len(section.rows) == len(by_name)


def trace_figures(section, figures):
    decide = figures["figures_decide"]
    rows = []
    for word, one in decide.items():
        largest = sorted(one["shares"].items(), key=lambda pair: -pair[1])[:5]
        rows += [(f"{word.replace('z', 'Z')}: {path}", [per_cent(s)]) for path, s in largest]
    trace_rows(section.rows, rows)
    trace(section.lines[0], [whole(decide["z"]["tested"]), whole(3)], "5 %")


def test_a_tree_counts_every_war_it_is_scored_on(folder):
    _, tables, (figures, *_) = answered(folder, MECHANISMS[:4], 12, 3)
    flown = tables["effects"]["flown"].sum()
    for tree in figures["trees"].values():
        assert tree["learned_on"] + tree["scored_on"] < flown
        assert sum(tree["shares"].values()) == pytest.approx(1.0)
        assert tree["majority"] == pytest.approx(max(tree["shares"].values()))
        assert sum(leaf["share"] for leaf in tree["leaves"]) == pytest.approx(1.0)


def test_where_there_is_no_war_to_score_a_tree_on_there_is_none(folder):
    asks, _, (figures, *_) = answered(folder, MECHANISMS[:3], 4, 1)
    tree = figures["trees"]["r_u"]
    assert not (tree["learned_on"] and tree["scored_on"])
    section = words.Theories("", (asks.scenario,), figures).sections()[-2]
    assert section.rows == []
    trace(section.lines[0], [whole(tree["learned_on"]), whole(tree["scored_on"])])
