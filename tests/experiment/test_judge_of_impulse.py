"""An impulse experiment made a second time: one plain run a mechanism and stimulus."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from judging import Number, few, fixed, num, same, trace, whole
from scipy import stats
from strategies import figure, war

import sim
from sim.experiment.questions import impulse
from sim.report.answers import impulse as words
from sim.scenario.experiment import Impulse

STIMULI = {
    "blow": {
        "title": "A blow",
        "events": {
            "hit": {"kind": "blow", "title": "Hit", "on": "defender", "date": "2025-01-10",
                    "loss": figure(0.2, low=0.05, high=0.4)},
        },
    },
    "offer": {
        "title": "An offer",
        "set": {"minds.attacker.p_win": figure(0.5, low=0.3, high=0.7)},
        "events": {
            "deal": {"kind": "sweetener", "title": "Deal", "by": "attacker", "date": "2025-01-08",
                     "worth": figure(0.1), "price": figure(0.02)},
            "word": {"kind": "gesture", "title": "Word", "by": "defender", "date": "2025-01-12",
                     "worth": figure(1)},
        },
    },
    "silence": {"title": "Nothing happens"},
}  # fmt: skip
PREDICTED = {
    "cost": {"blow": ("0", "-")},
    "rally": {"blow": ("0", "+-")},
    "image": {"blow": ("+", "+")},
    "weariness": {"silence": ("-", "-")},
}
SIDES = {"underdog": "attacker", "favourite": "defender"}
LAST = {"blow": 9, "offer": 11, "silence": 30}
MECHANISMS = ("cost", "rally", "image", "weariness", "sacred", "reference", "ripeness", "audience")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    data = war()
    data["mechanisms"]["rally"]["per_surprise"] = figure(0.02, low=-0.05, high=0.08)
    data["mechanisms"]["cost"]["per_loss"] = figure(0.5, low=0.1, high=2)
    data["minds"]["defender"]["p_win"] = figure(0.8, low=0.5, high=0.95)
    del data["events"]
    for side in data["sides"].values():
        side.pop("tempo", None)
        side.pop("retaliation", None)
    place = tmp_path_factory.mktemp("impulse")
    (place / "war.yaml").write_text(json.dumps(data, default=str))
    return place


def asked(names, runs, seed):
    return Impulse(
        kind="impulse", name="judged", title="t", question="q", scenario="war.yaml",
        without=["raids.strike", "raids.answer"], set={"front.p_move": 0.3}, mechanisms=names,
        stimuli=STIMULI, runs=runs, seed=seed,
        predicted={name: one for name, one in PREDICTED.items() if name in names},
    )  # fmt: skip


# --- the judge -------------------------------------------------------------------------------


def fought(folder, name, stimulus, with_events, runs, seed):
    """The days of a war with one mechanism on; of `ripeness` who is in earnest is stepped for."""
    known = [other for other, block in sim.load(folder / "war.yaml").mechanisms if block]
    sets = [f"mechanisms.{other}.on={str(other == name).lower()}" for other in known]
    sets.append("front.p_move=0.3")
    one = STIMULI[stimulus]
    sets += [f"{path}={json.dumps(value)}" for path, value in one.get("set", {}).items()]
    if with_events and "events" in one:
        sets.append(f"events={json.dumps(one['events'])}")
    scenario = sim.load(folder / "war.yaml", sets, ["raids.strike", "raids.answer"])
    if name == "ripeness":
        war = sim.War(scenario, runs, seed)
        days = []
        while war.day < scenario.days - 1:
            war.step()
            days.append({s: war.negotiators[s].in_earnest.astype(float) for s in SIDES.values()})
        return {side: np.array([day[side] for day in days]) for side in SIDES.values()}
    days = sim.run(scenario, runs, seed, workers=1, with_days=True).days
    rows = {side: days[days["side"] == side] for side in SIDES.values()}
    return {
        s: of.pivot(index="day", columns="run", values="r").to_numpy() for s, of in rows.items()
    }


def judged(folder, names, runs, seed):
    rows = []
    for stimulus, one in STIMULI.items():
        for name in names:
            ours = fought(folder, name, stimulus, True, runs, seed)
            theirs = fought(folder, name, stimulus, False, runs, seed)
            for role, side in SIDES.items():
                before = theirs[side] if "events" in one else ours[side][:1]
                change = ours[side] - before
                on_day, mean = change[LAST[stimulus]], change.mean(axis=1)
                half = [
                    d
                    for d, m in enumerate(mean[LAST[stimulus] :])
                    if abs(m) <= abs(on_day.mean()) / 2
                ]
                rows.append({
                    "stimulus": stimulus, "mechanism": name, "side": role,
                    "size": on_day.mean(),
                    "size ±": stats.t.ppf(0.975, runs - 1) * pd.Series(on_day).sem(),
                    "left at the end": mean[-1],
                    "half-life, days": float(half[0]) if len(half) and on_day.mean() else None,
                    "still": bool((abs(on_day) <= 1e-9).all()),
                    "wars": on_day,
                })  # fmt: skip
    return rows


@few(2)
@given(names=st.permutations(MECHANISMS).map(lambda some: some[:3]), seed=st.integers(1, 50))
@example(names=["ripeness", "cost", "rally"], seed=3)
def test_every_number_of_an_impulse_is_that_of_plain_runs(folder, names, seed):
    table, figures = impulse.run_impulse(asked(tuple(names), 8, seed), folder)
    wanted = judged(folder, names, 8, seed)
    found = table.to_dict("records")
    assert len(found) == len(wanted) == 3 * 3 * 2
    told = told_from_nothing([row["wars"] for row in wanted])
    for one, other, is_told in zip(found, wanted, told, strict=True):
        for key, value in other.items():
            if key != "wars":
                assert same(one[key], value), (one, key, value)
        sign = ("+" if other["size"] > 0 else "-") if is_told else "0"
        predicted = PREDICTED.get(one["mechanism"], {}).get(one["stimulus"], ("0", "0"))
        foretold = predicted[one["side"] == "favourite"]
        assert (one["sign"], one["predicted"]) == (sign, foretold)
        assert one["as predicted"] == (foretold == "+-" or sign == foretold)
    judge_counts(figures, found)


def told_from_nothing(samples):
    """Benjamini and Hochberg's procedure, step by step, over t-tests of the means."""
    p = []
    for values in samples:
        mean, error = values.mean(), pd.Series(values).sem()
        if abs(mean) <= 1e-9:
            p.append(1.0)
        else:
            t = np.inf if error == 0.0 else abs(mean) / error
            p.append(2 * stats.t.sf(t, len(values) - 1))
    order = np.argsort(p)
    passed = [k for k, place in enumerate(order, 1) if p[place] <= 0.05 * k / len(p)]
    told = np.zeros(len(p), bool)
    told[order[: max(passed, default=0)]] = True
    return told


def judge_counts(figures, rows):
    signed = [row for row in rows if row["predicted"] in "+-" and len(row["predicted"]) == 1]
    nothing = [row for row in rows if row["predicted"] == "0"]
    right = [row for row in nothing if row["sign"] == "0"]
    assert figures["predictions"] == {
        "signs": {"made": len(signed), "hold": sum(r["sign"] == r["predicted"] for r in signed)},
        "nothing": {"made": len(nothing), "hold": len(right),
                    "still": sum(row["still"] for row in right)},
        "either": {"made": sum(row["predicted"] == "+-" for row in rows)},
    }  # fmt: skip
    assert len(figures["not_as_predicted"]) == sum(not row["as predicted"] for row in rows)


# --- its words -------------------------------------------------------------------------------


def test_every_number_in_the_words_of_an_impulse(folder):
    names = ("cost", "rally", "image", "weariness")
    table, figures = impulse.run_impulse(asked(names, 20, 2), folder)
    sections = words.Impulse("", (), figures, {"responses": table}).sections()
    made = figures["predictions"]
    counts = [made["signs"]["hold"], made["signs"]["made"], made["nothing"]["hold"],
              made["nothing"]["made"], made["nothing"]["still"]]  # fmt: skip
    counts += [made["either"]["made"]] if made["either"]["made"] else []
    headline = sections[0].lines[2]
    wrong = headline[headline.find("; not as") : headline.find(". Where")]
    trace(headline.replace(wrong, "") if "; not as" in headline else headline,
          [whole(n) for n in (*counts, 3, 4)])  # fmt: skip
    for section, stimulus in zip(sections[1:-1], STIMULI, strict=True):
        part = table[(table["stimulus"] == stimulus)]
        shown = part[(part["sign"] != "0") | ~part["as predicted"]].to_dict("records")
        assert len(section.rows) == len(shown)
        for row, one in zip(section.rows, shown, strict=True):
            assert row[0] == f"{one['mechanism']}, {one['side']}"
            half = one["half-life, days"]
            trace(f"{row[1]} ; {row[3]} ; {row[4]}",
                  [fixed(one["size"], 4), fixed(one["size ±"], 4), fixed(one["left at the end"], 4),
                   num(half) if pd.notna(half) else Number(None)])  # fmt: skip
            sign = {"0": "none"}
            assert row[2] == sign.get(one["sign"], one["sign"])
            assert row[5].removesuffix(" !") == sign.get(one["predicted"], one["predicted"])
            assert row[5].endswith(" !") == (not one["as predicted"])
    trace(sections[-1].lines[0], [whole(20), whole(2)], "5 %")
