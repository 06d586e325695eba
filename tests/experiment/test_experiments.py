"""Experiments on theories: designs, shared ensembles, verdicts, impulses and their commands."""

import itertools
import json
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import MECHANISMS, RAID, figure, mechanisms, ready, war

from sim.experiment.errors import ExperimentError
from sim.experiment.factorial import fractions
from sim.experiment.questions import sign_tree, signs, verdicts
from sim.experiment.questions.impulse import run_impulse, separable
from sim.experiment.questions.theories import (
    MOVED,
    Question,
    Store,
    Trace,
    numbers_of,
    question,
    run_chunk,
    run_into,
    switches_of,
)
from sim.experiment.statistics.significance import differ_from_zero
from sim.raid import kernel
from sim.raid.fly import fly, fly_once
from sim.scenario.errors import ScenarioError
from sim.scenario.experiment import Impulse, Theories
from sim.scenario.load import load_experiment
from sim.scenario.sample import Sample
from sim.scenario.schema import Scenario
from sim.war.model import War
from tests.examples import examples

pytestmark = pytest.mark.usefixtures("sketched")

EXPERIMENTS = Path(__file__).parents[2] / "experiments"


def written(folder, data, name="war.yaml"):
    """A scenario of plain data as a file; JSON is YAML."""
    (folder / name).write_text(json.dumps(data, default=str))
    return folder / name


def a_war(**changes):
    """A short war with a focus raid and all mechanisms there, ranges on two of their figures."""
    data = war(**changes)
    data["focus"] = RAID
    del data["sides"]["attacker"]["tempo"]  # so that the raid can be left out
    data["minds"]["defender"]["p_win"] = figure(0.9)  # so that nothing is settled before the raid
    data["mechanisms"]["cost"]["per_loss"] = figure(0.5, low=0.1, high=1.0)
    data["mechanisms"]["image"]["per_surprise"] = figure(0.03, low=0.0, high=0.1)
    return data


def asked(**changes):
    """A theories experiment of three mechanisms."""
    return Theories(
        **{
            "kind": "theories",
            "name": "small",
            "title": "Small",
            "question": "Who hardens?",
            "scenario": "war.yaml",
            "mechanisms": ["cost", "image", "audience"],
            "region": {"half_width": 0.005, "because": "a small effect"},
            "runs": 6,
        }
        | changes
    )


# --- designs ---------------------------------------------------------------------------------


@pytest.mark.parametrize("switches", range(1, 14))
def test_fractions_hold_each_combination_once(switches):
    combinations = np.concatenate(fractions(switches))
    assert len(np.unique(combinations, axis=0)) == len(combinations) == 2**switches


@pytest.mark.parametrize("switches", [5, 8, 11, 13])
def test_a_fraction_shows_single_switches_and_pairs_free_of_each_other(switches):
    """Resolution V: any four columns are balanced, so no two effects of up to two coincide."""
    for fraction in (fractions(switches)[0], fractions(switches)[-1]):
        levels = np.where(fraction, 1, -1)
        for order in (1, 2, 3, 4):
            for chosen in itertools.combinations(range(switches), order):
                assert levels[:, chosen].prod(axis=1).sum() == 0


def test_a_theory_is_numbered_by_its_switches():
    combinations = fractions(5)[0]
    back = switches_of(numbers_of(combinations), MECHANISMS[:5]).to_numpy()
    np.testing.assert_array_equal(back, combinations)


# --- one ensemble for many theories ----------------------------------------------------------


def test_twins_are_flown_once_and_copied_exactly():
    scenario = Scenario.model_validate(a_war())
    runs = np.repeat(np.arange(8), 5)
    plain, once = (ready(scenario, RAID, Sample(scenario, 1, runs)) for _ in range(2))
    for orders, defence in (plain, once):  # two of five rows of a run differ from the rest
        defence.units["rounds_left"][1::5] = 1
        orders.flights["drones"][2::5] = 3
        defence.marks[4::5] = kernel.HIT
    flown = np.ones(len(runs), np.bool_)
    flown[3::5] = False
    tally, _ = fly(7, runs, 2, flown, *plain)
    other, _ = fly_once(7, runs, runs, 2, flown, *once)
    for ours, theirs in zip(tally, other, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    (_, left), (_, left_once) = plain, once
    np.testing.assert_array_equal(left.units["rounds_left"], left_once.units["rounds_left"])
    np.testing.assert_array_equal(left.marks, left_once.marks)
    for field in ("intact", "damaged", "destroyed"):
        np.testing.assert_array_equal(left.assets[field], left_once.assets[field])


@examples(8)
@given(st.sets(st.sampled_from(MECHANISMS), max_size=6), st.integers(0, 1000))
def test_a_theory_in_a_shared_ensemble_is_the_war_with_only_its_mechanisms(on, seed):
    """Row by row: many theories at once give exactly what each alone gives."""
    data = a_war()
    alone = Scenario.model_validate(data | {"mechanisms": mechanisms(*on)})
    together = Scenario.model_validate(data | {"mechanisms": mechanisms(*MECHANISMS)})
    runs = np.repeat(np.arange(3), 2)
    switches = {name: np.tile([name in on, True], 3) for name in MECHANISMS}
    shared = War(together, runs, seed, strengths=switches, recorder=lambda w: Trace(w, 0)).run()
    single = War(alone, np.arange(3), seed, recorder=lambda w: Trace(w, 0)).run()
    ours, theirs = shared.recorder.path[:, :, ::2], single.recorder.path
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-15)
    np.testing.assert_array_equal(shared.recorder.settled[::2], single.recorder.settled)


def test_the_effect_is_the_paired_difference_of_the_two_wars(tmp_path):
    written(tmp_path, a_war())
    asks = question(asked(), tmp_path)
    theories = fractions(3)[0]
    found = run_chunk(asks, np.arange(4), theories)["effects"]
    for row in (0, 5, 13, 31):
        run, theory = found["run"][row], found["theory"][row]
        on = [name for k, name in enumerate(asks.mechanisms) if theory >> k & 1]
        data = a_war()
        for name, block in data["mechanisms"].items():
            block["on"] = name in on
        with_raid = Scenario.model_validate(data)
        del data["raids"][RAID], data["focus"]
        without = Scenario.model_validate(data)
        paths = [
            War(s, np.array([run]), 1, recorder=lambda w: Trace(w, asks.day)).run().recorder.path
            for s in (with_raid, without)
        ]
        for place, word in enumerate(MOVED):
            effect = (paths[0] - paths[1])[0, place, 0]
            assert found[f"{word}, the raid's day"][row] == pytest.approx(effect, abs=1e-7)


def test_chunks_and_workers_do_not_show_in_the_bytes(tmp_path):
    written(tmp_path, a_war())
    asks = question(asked(runs=5), tmp_path)
    one, two = Store(tmp_path / "one", asks), Store(tmp_path / "two", asks)
    run_into(one, workers=1)
    stop_after = iter([False, True])

    def interrupted(done, wanted):
        if next(stop_after, True):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_into(two, workers=1, progress=interrupted)
    assert not two.is_complete
    run_into(two, workers=2)
    for name in ("effects", "decay"):
        file = f"{name}.parquet"
        assert (one.folder / file).read_bytes() == (two.folder / file).read_bytes()
    assert len(one.table("effects")) == 5 * 8


# --- verdicts --------------------------------------------------------------------------------


def test_few_of_those_called_told_from_zero_are_zero():
    rng = np.random.default_rng(5)
    true = np.r_[np.zeros(4000), np.full(1000, 0.5)]
    samples = rng.normal(true[:, None], 1.0, (5000, 64))
    error = samples.std(axis=1, ddof=1) / 8
    told = differ_from_zero(samples.mean(axis=1), error, np.full(5000, 64))
    assert told[4000:].mean() > 0.8
    assert told[:4000].sum() / told.sum() < 0.07


def test_what_is_the_same_in_every_war_is_told_and_nothing_is_not():
    told = differ_from_zero(np.array([0.01, 0.0, 1e-18]), np.zeros(3), np.full(3, 10))
    np.testing.assert_array_equal(told, [True, False, False])


def test_the_share_of_a_mechanism_is_what_was_planted():
    """y = 3 a + 2 b + a b over switches of -1 and 1: variances 9, 4 and 1 of 14."""
    on = switches_of(np.arange(8), ("a", "b", "c"))
    a, b = (np.where(on[name], 1.0, -1.0) for name in "ab")
    theories = on.assign(**{"z, day": 3 * a + 2 * b + a * b, "z, day ±": 0.0})
    found = signs.mechanism_shares(theories, "z", "day", ("a", "b", "c"))
    assert found["a"] == pytest.approx({"effect": 6.0, "alone": 9 / 14, "pairs": 1 / 14})
    assert found["b"] == pytest.approx({"effect": 4.0, "alone": 4 / 14, "pairs": 1 / 14})
    assert found["c"] == pytest.approx({"effect": 0.0, "alone": 0.0, "pairs": 0.0})


def test_a_planted_figure_is_found_and_no_other():
    rng = np.random.default_rng(2)
    drawn = {f"figure.{k}": rng.random(4000) for k in range(40)}
    y = 2 * drawn["figure.7"] + np.sin(6 * drawn["figure.3"]) + 0.3 * rng.normal(size=4000)
    found = signs.figure_shares(drawn, {"z": y})["z"]
    assert set(list(found["shares"])[:2]) == {"figure.7", "figure.3"}
    first = np.var(2 * drawn["figure.7"]) / np.var(y)
    assert found["shares"]["figure.7"] == pytest.approx(first, abs=0.04)
    assert (found["tested"], found["runs"]) == (40, 4000)
    assert found["told"] == len(found["shares"]) <= 3


@pytest.mark.parametrize("seed", range(4))
def test_of_hundreds_of_figures_that_move_nothing_none_is_named(seed):
    """One in a hundred of 355 would be three or four of each outcome."""
    rng = np.random.default_rng(seed)
    drawn = {f"figure.{k}": rng.random(2048) for k in range(355)}
    skewed = {word: rng.exponential(size=2048) for word in MOVED}
    found = signs.figure_shares(drawn, skewed)
    assert sum(found[word]["told"] for word in MOVED) <= 1


def test_a_half_life_is_that_of_the_decay():
    days = np.arange(60)
    parts = [
        pd.DataFrame({"theory": k, "days_after": days, "z": -0.1 * np.exp(-days / lasts)})
        for k, lasts in enumerate((10.0, 1e9))
    ]
    still = pd.DataFrame({"theory": 2, "days_after": days, "z": 0.0})
    found = signs.half_lives(pd.concat([*parts, still]), "z", pd.Series([0, 1, 2]))
    assert found[0] == np.ceil(10 * np.log(2))
    assert np.isnan(found[1:]).all()


def three(**changes):
    """A question of three mechanisms whose one moment is the raid's day."""

    class OneMoment(Question):
        moments = {"the raid's day": 0}  # noqa: RUF012

    return OneMoment(asked(**changes), None, None, ("cost", "image", "audience"))


def effects_of(mean_u, mean_d, spread, wars, seed=4):
    """Wars of eight theories with given mean effects and a spread of the effect over wars."""
    luck = np.random.default_rng(seed)
    theory = np.tile(np.arange(8), wars)
    u, d = (np.array(m)[theory] + spread * luck.normal(size=8 * wars) for m in (mean_u, mean_d))
    moved = {"r_u": u, "r_d": d, "z": -u - d}
    return pd.DataFrame(
        {"run": np.repeat(np.arange(wars), 8), "theory": theory}
        | {f"{word}, the raid's day": moved[word] for word in MOVED}
    )


def test_verdicts_count_theories_by_hand():
    """Two harden both, one softens both, one each way, one moves one side; three do nothing."""
    mean_u = [0.02, 0.02, -0.02, 0.02, 0.02, 0.0, 0.002, -0.002]
    mean_d = [0.02, 0.02, -0.02, -0.02, 0.0, 0.0, 0.002, -0.002]
    theories, told = verdicts.verdicts(effects_of(mean_u, mean_d, 1e-3, 40), three())
    day = told["the raid's day"]
    for word, harder, softer in (("r_u", 4, 1), ("r_d", 2, 2), ("z", 3, 1)):
        assert day[word]["hardens"] == pytest.approx(harder / 8, abs=1e-6)
        assert day[word]["softens"] == pytest.approx(softer / 8, abs=1e-6)
        assert sum(day[word][v] for v in verdicts.VERDICTS) == pytest.approx(1.0)
        assert day[word]["decided"]["hardens"] == harder / 8
        assert day[word]["decided"]["undecided"] == 0.0
        assert day[word]["hardens_error"] == pytest.approx(0.0, abs=1e-6)
    found = [day[name] for name in ("both harden", "both soften", "opposite")]
    assert found == pytest.approx([2 / 8, 1 / 8, 1 / 8], abs=1e-6)
    assert day["r_u"]["mean"] == pytest.approx(np.mean(mean_u), abs=1e-3)
    column = "r_u, the raid's day"
    assert list(theories[f"{column} verdict"][[0, 2, 5]]) == ["hardens", "softens", "no effect"]
    assert theories[f"{column} chance above zero"][6] > 0.99  # a sign is told, and is of no note
    assert day["r_u"]["wars"] == {"hardened": 0.5, "unmoved": 0.375, "softened": 0.125}
    assert day["r_u"]["softens by twice the region"] == pytest.approx(1 / 8, abs=1e-6)


def test_a_theory_of_which_little_is_known_is_undecided():
    theories, told = verdicts.verdicts(effects_of([0.004] * 8, [0.0] * 8, 0.1, 6), three())
    assert (theories["r_u, the raid's day verdict"] == "undecided").all()
    assert told["the raid's day"]["r_u"]["decided"]["undecided"] == 1.0


def test_what_moves_in_no_war_is_known_to_be_still():
    effects = effects_of([0.02] * 8, [0.0] * 8, 0.1, 30)
    effects.loc[effects["theory"] < 4, "r_u, the raid's day"] = 0.0
    theories, told = verdicts.verdicts(effects, three())
    still = theories["theory"] < 4
    assert (theories["r_u, the raid's day verdict"][still] == "no effect").all()
    assert (theories["r_u, the raid's day chance above zero"][still] == 0.0).all()
    assert told["the raid's day"]["r_u"]["no effect"] == pytest.approx(0.5, abs=0.2)


# --- trees -----------------------------------------------------------------------------------


def wars_of_all(runs):
    """Rows as the wars of a full design have them: each run under all of 64 theories in order."""
    return pd.DataFrame({"run": np.repeat(np.arange(runs), 64), "theory": np.tile(range(64), runs)})


def test_a_tree_is_scored_on_other_runs_and_other_theories():
    effects = wars_of_all(200)
    learned, scored = sign_tree.halves(effects, 1)
    for what in ("run", "theory"):
        assert not set(effects[what][learned]) & set(effects[what][scored])
    for part in (learned, scored):
        assert 0.15 < part.mean() < 0.35
        on = switches_of(effects["theory"][part].to_numpy(), MECHANISMS[:6])
        assert on.mean().between(0.2, 0.8).all()


def test_the_halves_hang_on_nothing_but_the_address():
    effects = wars_of_all(50)
    learned, _ = sign_tree.halves(effects, 3)
    shuffled = effects.sample(frac=1.0, random_state=1)
    again, _ = sign_tree.halves(shuffled, 3)
    assert set(shuffled.index[again]) == set(effects.index[learned])
    other, _ = sign_tree.halves(effects, 4)
    assert (other != learned).any()


# --- impulses --------------------------------------------------------------------------------

_BLOW = {"kind": "blow", "title": "Blow", "on": "defender", "date": "2025-01-05"}


def impulse(**changes):
    return Impulse.model_validate(
        {
            "kind": "impulse",
            "name": "small",
            "title": "Small",
            "question": "Who is told apart?",
            "scenario": "war.yaml",
            "without": ["raids", "talks", "events", "publics", "sides.defender.retaliation",
                        "sides.defender.tempo", "focus"],
            "set": {"front.p_move": 0},
            "runs": 20,
            "mechanisms": ["cost", "sunk", "weariness"],
            "stimuli": {
                "silence": {"title": "Nothing"},
                "strike": {"title": "Strike", "events": {"first": _BLOW | {"loss": figure(0.1)}}},
            },
            "predicted": {
                "cost": {"strike": ["0", "-"]},
                "sunk": {"strike": ["0", "+"]},
                "weariness": {"silence": ["-", "-"], "strike": ["0", "+"]},
            },
        }
        | changes
    )  # fmt: skip


def test_an_impulse_has_the_size_and_sign_of_its_closed_form(tmp_path):
    written(tmp_path, a_war())
    table, figures = run_impulse(impulse(), tmp_path)
    at = table.set_index(["stimulus", "mechanism", "side"])
    assert at.loc[("strike", "cost", "underdog"), "size"] == 0.0
    assert at.loc[("strike", "cost", "favourite"), "size"] < 0.0
    assert at.loc[("strike", "sunk", "favourite"), "sign"] == "+"
    assert at.loc[("silence", "cost", "favourite"), "sign"] == "0"
    assert at.loc[("silence", "weariness", "favourite"), "sign"] == "-"
    # cost fades with a mean life of 30 days: half gone after 21
    assert at.loc[("strike", "cost", "favourite"), "half-life, days"] == 21
    # four signs foretold, one wrongly; of eight times nothing all are still in every war
    assert figures["predictions"] == {
        "signs": {"made": 5, "hold": 4},
        "nothing": {"made": 7, "hold": 7, "still": 7},
        "either": {"made": 0},
    }
    wrong = figures["not_as_predicted"]  # a blow tires: the wrong prediction is told
    assert [(w["mechanism"], w["predicted"], w["sign"]) for w in wrong] == [("weariness", "+", "-")]
    assert figures["separable"]["alike"] == []


def test_mechanisms_that_nothing_tells_apart_are_named():
    rows = [
        {"stimulus": "s", "side": side, "mechanism": name, "sign": "+", "half-life, days": None}
        for name in ("rally", "image")
        for side in ("underdog", "favourite")
    ]
    assert separable(pd.DataFrame(rows))["alike"] == [["image", "rally"]]


# --- files and commands ----------------------------------------------------------------------


def test_the_shipped_experiments_are_read():
    for name in ("theories", "impulse"):
        found = load_experiment(EXPERIMENTS / f"{name}.yaml")
        assert found.name == name
        assert (EXPERIMENTS / found.scenario).exists()


def test_an_experiment_without_a_focus_raid_is_refused(tmp_path):
    data = a_war()
    del data["focus"]
    written(tmp_path, data)
    with pytest.raises(ExperimentError, match="no focus raid"):
        question(asked(), tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind: theory\n", "experiment.yaml:1:1: kind: 'theory' is no kind of experiment"),
        ("title: x\n", "experiment.yaml:1:1: kind: None is no kind of experiment"),
        (
            "kind: theories\nrun: 3\n",
            "experiment.yaml:2:1: run: the key is not known, did you mean",
        ),
        ("kind: theories\nruns: 1\n", "runs: 1 does not fit"),
    ],
)
def test_a_wrong_experiment_file_is_told_by_its_line(tmp_path, text, message):
    (tmp_path / "experiment.yaml").write_text(text)
    with pytest.raises(ScenarioError) as told:
        load_experiment(tmp_path / "experiment.yaml")
    assert message in str(told.value)


def test_the_command_answers_publishes_and_finds_again(tmp_path, here):
    written(tmp_path, a_war())
    (tmp_path / "experiment.yaml").write_text(
        textwrap.dedent("""\
            kind: theories
            name: small
            title: Small
            question: Who hardens?
            scenario: war.yaml
            mechanisms: [cost, image, audience]
            region: {half_width: 0.005, because: a small effect}
            runs: 6
        """)
    )
    line = ("experiment", "experiment.yaml", "--out", "out", "--publish", "shown")
    first = here(*line)
    assert first.code == 0, first.err
    assert "Of 8 combinations of 3 rival mechanisms" in " ".join(first.out.split())
    shown = {file.name for file in (tmp_path / "shown").iterdir()}
    pictures = {f"theories.{form}" for form in ("png", "svg", "pdf", "txt")}
    assert shown == {"answer.json", "theories.csv", "manifest.json", "SHA256SUMS"} | pictures
    again = here(*line, "--json")
    assert again.json["wars"] == 2 * 6 * 8
    manifest = (tmp_path / "shown" / "manifest.json").read_text()
    assert str(tmp_path) not in manifest
    (answer,) = (tmp_path / "out").glob("*/answer/theories.parquet")
    full, table = pd.read_parquet(answer), pd.read_csv(tmp_path / "shown" / "theories.csv")
    moments = list(again.json["verdicts"])
    said = [f"{word}, {moment}" for moment in (moments[0], moments[-1]) for word in MOVED]
    parts = ("", " ±", " chance hardens", " chance softens", " verdict")
    columns = [f"{one}{part}" for one in said for part in parts
               if one[0] != "z" or "chance" not in part]  # fmt: skip
    assert list(table) == ["theory", "wars", *columns]
    for one in said:
        np.testing.assert_allclose(table[one], full[one], atol=5.1e-5)
        np.testing.assert_array_equal(
            table[f"{one} verdict"].fillna("undecided"), full[f"{one} verdict"]
        )


def test_a_mechanism_without_figures_is_one_line_and_exit_2(tmp_path, here):
    data = a_war()
    del data["mechanisms"]["image"]
    written(tmp_path, data)
    (tmp_path / "experiment.yaml").write_text(
        "kind: theories\nname: s\ntitle: s\nquestion: q\nscenario: war.yaml\n"
        "mechanisms: [cost, imaje]\nruns: 4\nregion: {half_width: 0.005, because: small}\n"
    )
    told = here("experiment", "experiment.yaml")
    assert told.code == 2
    assert len(told.err.strip().splitlines()) == 1
    assert "'imaje' has no figures" in told.err
