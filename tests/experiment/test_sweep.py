"""Sweeps: designs hold what they promise, and each point is the scenario so set, to the bit."""

import json
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import RAID, figure, war

from sim.experiment import design
from sim.experiment.design import Factor, how_many, points_of
from sim.experiment.errors import ExperimentError
from sim.experiment.questions import surface, sweep
from sim.scenario.errors import ScenarioError
from sim.scenario.experiment import Sweep
from sim.scenario.load import load
from sim.scenario.schema import Scenario
from sim.war.model import War
from sim.war.outcomes import Outcomes
from tests.examples import examples

pytestmark = pytest.mark.usefixtures("sketched")

P_HIT = "weapons.fpv.p_hit"
COUNT_OF_DRONES = f"raids.{RAID}.waves.wave.count"
SET_BY_ROW = (P_HIT, "sites.base.readiness", "units.gun.range", COUNT_OF_DRONES)


def asked(**changes):
    return Sweep(
        **{
            "kind": "sweep",
            "name": "small",
            "title": "Small",
            "question": "What varies?",
            "scenario": "war.yaml",
            "levers": {P_HIT: "0.2:0.8:3"},
            "outcomes": ["strike_leak_share", "z_end"],
            "runs": 6,
        }
        | changes
    )


@pytest.fixture
def folder(tmp_path):
    """A folder with a short war; JSON is YAML."""
    data = war()
    data["minds"]["defender"]["p_win"] = figure(0.9)  # so that nothing is settled before the raid
    (tmp_path / "war.yaml").write_text(json.dumps(data, default=str))
    return tmp_path


def fought(question, folder):
    results = sweep.store_of(folder / "out", question)
    sweep.run_into(results, question, workers=1)
    return results


# --- designs ---------------------------------------------------------------------------------

RANGE = Factor("x", (), 2.0, 10.0, 5, base=4.0, stands=4.0)
COUNT = Factor("n", (), 0.0, 3.0, 10, base=1.0, is_count=True, stands=1.0)
WORDS = Factor("w", ("a", "b", "c"), stands="b")
DRAWN = Factor("y", (), 0.0, 1.0, 3, base=0.5)


def test_a_grid_is_every_combination_once():
    points = points_of("grid", [RANGE], [COUNT, WORDS], 0, 1)
    assert len(points) == 5 * 4 * 3 == len({tuple(p.values()) for p in points})
    assert sorted({p["x"] for p in points}) == [2, 4, 6, 8, 10]
    assert {p["n"] for p in points} == {0, 1, 2, 3}  # ten steps of four whole numbers


def test_one_at_a_time_moves_one_from_where_the_scenario_stands():
    base, *moved = points_of("one_at_a_time", [RANGE, WORDS], [], 0, 1)
    assert base == {"x": 4.0, "w": "b"}
    assert all(sum(p[f] != base[f] for f in base) == 1 for p in moved)
    assert len(moved) == 4 + 2
    base, *moved = points_of("one_at_a_time", [RANGE, DRAWN], [], 0, 1)
    assert base == {"x": 4.0, "y": design.AS_IT_STANDS}
    assert [p["y"] for p in moved[-3:]] == [0.0, 0.5, 1.0]


@pytest.mark.parametrize("name", design.SAMPLED)
def test_sampled_points_fill_the_ranges_and_cross_the_levers(name):
    points = points_of(name, [WORDS], [RANGE, COUNT], 64, 1)
    assert len(points) == 3 * 64
    frame = pd.DataFrame(points)
    assert frame["x"].between(2, 10).all()
    assert set(frame["n"]) == {0.0, 1.0, 2.0, 3.0}
    of_each = [part["x"].to_numpy() for _, part in frame.groupby("w")]
    np.testing.assert_array_equal(of_each[0], of_each[2])
    assert frame["x"].mean() == pytest.approx(6.0, abs=0.8)


def test_a_latin_hypercube_has_one_point_in_each_slice():
    x = [p["x"] for p in points_of("latin_hypercube", [], [RANGE, WORDS], 40, 3)]
    assert sorted(np.floor((np.array(x) - 2.0) / 0.2).astype(int)) == list(range(40))


def test_factorials_take_both_ends():
    factors = [Factor(f"f{k}", (), 0.0, 1.0) for k in range(6)]
    assert len(points_of("factorial", factors, [], 0, 1)) == 64
    part = pd.DataFrame(points_of("fractional_factorial", factors, [], 0, 1))
    assert len(part) < 64
    assert (part.mean() == 0.5).all()


@given(
    st.sampled_from(("grid", "one_at_a_time", "factorial", "fractional_factorial", "random")),
    st.integers(1, 3),
)
def test_points_are_counted_before_they_are_made(name, count):
    factors = [RANGE, COUNT, WORDS][:count]
    levers, unknown = factors[:1], factors[1:]
    if name == "one_at_a_time":
        levers = [f._replace(stands=f.listed[0]) for f in levers]
    made = points_of(name, levers, unknown, 7, 1)
    wanted = how_many(name, levers, unknown, 7 if unknown else 1)
    assert len(made) <= wanted
    assert len(made) == wanted or name == "one_at_a_time"


# --- points ----------------------------------------------------------------------------------


@examples(6)
@given(st.sampled_from(SET_BY_ROW), st.booleans(), st.integers(0, 100))
def test_rows_of_an_ensemble_are_the_wars_so_set(path, on, seed):
    """Many points at once give, to the bit, what each gives alone."""
    data = war()
    data["minds"]["defender"]["p_win"] = figure(0.9)
    values = {"units.gun.range": (1.0, 30.0), COUNT_OF_DRONES: (3.0, 17.0)}
    low, high = values.get(path, (0.1, 0.9))
    together = Scenario.model_validate(data)
    names = [name for name, block in together.mechanisms if block is not None]
    data["mechanisms"] = {name: block | {"on": True} for name, block in data["mechanisms"].items()}
    together = Scenario.model_validate(data)
    runs = np.tile(np.arange(4), 2)
    shared = War(
        together, runs, seed,
        strengths={name: np.repeat([on, True], 4) for name in names},
        figures={path: np.repeat([low, high], 4)},
        recorder=Outcomes,
    ).run().recorder.runs()  # fmt: skip
    for place, (value, is_on) in enumerate(((low, on), (high, True))):
        alone = _set(data, path, value)
        for name in names:
            alone["mechanisms"][name]["on"] = is_on
        single = War(Scenario.model_validate(alone), 4, seed, recorder=Outcomes)
        found = single.run().recorder.runs()
        for column, numbers in found.items():
            ours = shared[column][4 * place : 4 * place + 4]
            np.testing.assert_allclose(ours, numbers, rtol=0, atol=1e-12, err_msg=column)


def _set(data, path, value):
    copy = json.loads(json.dumps(data, default=str))
    *way, last = path.split(".")
    here = copy
    for name in way:
        here = here[name]
    unit = {"unit": here[last]["unit"]} if "unit" in here.get(last, {}) else {}
    here[last] = {"value": value, "assumed": "set"} | unit
    return copy


def test_the_table_of_outcomes_is_the_scenario_loaded_with_each_setting(folder):
    levers = {
        P_HIT: "0.2:0.8:3",
        "aim": {
            "fixed": {"raids.strike.waves.wave.aim": "assigned"},
            "free": {"raids.strike.waves.wave.aim": "opportune", "front.p_move": 0.5},
        },
        "mechanisms.cost.on": [True, False],
    }
    question = sweep.question(asked(levers=levers), folder)
    assert len(question.points) == 12
    assert len(question.variants) == 2  # figures and switches share an ensemble
    wars = fought(question, folder).table("outcomes")
    for row in question.points.to_dict("records"):
        on = str(row["mechanisms.cost.on"]).lower()
        overrides = [f"{P_HIT}={row[P_HIT]}", f"mechanisms.cost.on={on}"]
        overrides += [f"{path}={value}" for path, value in levers["aim"][row["aim"]].items()]
        alone = War(load(folder / "war.yaml", overrides), 6, 1).run().recorder.runs()
        ours = wars[wars["point"] == row["point"]]
        for outcome in ("strike_leak_share", "z_end"):
            np.testing.assert_allclose(ours[outcome], alone[outcome], rtol=0, atol=1e-12)


def test_a_value_with_a_unit_is_converted(folder):
    question = sweep.question(asked(levers={"weapons.fpv.speed": ["20 m/s", 90]}), folder)
    assert list(question.points["weapons.fpv.speed"]) == [72.0, 90.0]
    assert question.units["weapons.fpv.speed"] == "km/h"


def test_a_range_left_out_is_the_figures_own(folder):
    data = json.loads((folder / "war.yaml").read_text())
    data["weapons"]["fpv"]["p_hit"] = figure(0.5, low=0.3, high=0.6)
    (folder / "war.yaml").write_text(json.dumps(data))
    for written in (None, "::4", ":"):
        levels = sweep.question(asked(levers={P_HIT: written}), folder).points[P_HIT]
        assert (levels.min(), levels.max()) == (0.3, 0.6)
    assert len(sweep.question(asked(levers={P_HIT: "::4"}), folder).points) == 4


def test_chunks_workers_and_interruptions_do_not_show_in_the_bytes(folder, monkeypatch):
    question = sweep.question(asked(), folder)
    one = fought(question, folder / "one")
    monkeypatch.setattr(sweep, "_ROWS", 6)  # a point a chunk
    two = sweep.store_of(folder / "two", question)
    told = iter([False, True])

    def interrupted(done, wanted):
        if next(told, True):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep.run_into(two, question, 1, interrupted)
    assert not two.is_complete
    sweep.run_into(two, question, 2)
    pd.testing.assert_frame_equal(one.table("outcomes"), two.table("outcomes"), check_exact=True)


# --- answers ---------------------------------------------------------------------------------


def test_a_contrast_is_the_paired_difference_and_crosses_where_it_turns(folder):
    """Two deliveries whose leak shares cross as readiness grows would; here lines are planted."""
    levers = {"x": "unused"}
    factors = (Factor("side", ("a", "b")), Factor("x", (), 0.0, 10.0, 11))
    points = pd.DataFrame(points_of("grid", factors, [], 0, 1))
    points.insert(0, "point", np.arange(len(points)))
    rng = np.random.default_rng(1)
    luck = rng.normal(size=400)
    rows = []
    for point in points.to_dict("records"):
        level = 4.0 if point["side"] == "a" else point["x"] * 0.5
        noise = rng.normal(scale=0.1, size=400)
        rows.append(pd.DataFrame(
            {"point": point["point"], "run": np.arange(400), "y": level + luck + noise}
        ))  # fmt: skip
    asks = sweep.Question(
        asked(contrast="side", outcomes=["y"], levers=levers), factors, {"x": "1"}, points, ()
    )
    found = surface.contrast_of(pd.concat(rows), asks)["y"]
    at_8 = next(place for place in found["places"] if place["x"] == 8.0)
    assert at_8["±"] < 0.02  # paired: the luck they share is gone
    assert not at_8["told"]
    (crossing,) = found["crossings"]
    assert crossing["at"] == pytest.approx(8.0, abs=0.1)
    assert (crossing["low"], crossing["high"]) == (7.0, 9.0)
    assert crossing["from"] == "+"


def test_the_table_of_points_holds_means_and_errors(folder):
    question = sweep.question(asked(), folder)
    results = fought(question, folder)
    figures, table = surface.answer(results, question)
    wars = results.table("outcomes")
    means = wars.groupby("point")["z_end"].mean()
    np.testing.assert_allclose(table["z_end"], means)
    told = {level: found["mean"] for level, found in figures["alone"]["z_end"][P_HIT].items()}
    assert told == pytest.approx(
        {str(level): mean for level, mean in zip(table[P_HIT], means, strict=True)}
    )


def test_settings_may_name_different_switches(folder):
    """What a setting does not name stands as in the scenario, in each row."""
    theory = {
        "no cost": {"mechanisms.cost.on": False},
        "no cost, no vows": {"mechanisms.cost.on": False, "mechanisms.audience.on": False},
        "as it is": {},
    }
    question = sweep.question(asked(levers={"theory": theory}, outcomes=["r_u_end"]), folder)
    assert len(question.variants) == 1
    wars = fought(question, folder).table("outcomes")
    told = []
    for point, switches in enumerate(theory.values()):
        overrides = [f"{path}={str(on).lower()}" for path, on in switches.items()]
        alone = War(load(folder / "war.yaml", overrides), 6, 1).run().recorder.runs()
        ours = wars[wars["point"] == point]["r_u_end"].to_numpy()
        np.testing.assert_allclose(ours, alone["r_u_end"], rtol=0, atol=1e-12)
        told.append(tuple(ours))
    assert len(set(told)) == 3


def test_what_a_sweep_leaves_out_is_left_out(folder):
    levers = {"levers": {"front.p_move": [0.1, 0.2]}, "outcomes": ["defender_lost_usd"]}
    means = []
    for without in ((), (f"raids.{RAID}", "sides.attacker.tempo")):
        question = sweep.question(asked(**levers, without=without), folder)
        means.append(fought(question, folder).table("outcomes")["defender_lost_usd"].mean())
    assert means[0] > 0.0 == means[1]
    with pytest.raises(ScenarioError, match="no 'no' in the scenario"):
        sweep.question(asked(without=("no.such.part",)), folder)


def test_a_point_that_no_scenario_may_be_is_refused_before_anything_is_fought(folder):
    front = {"front.start": [3, 9], "front.rungs": [6, 10]}
    with pytest.raises(ExperimentError, match=r"at front\.start 9, front\.rungs 6: front"):
        sweep.question(asked(levers=front), folder)
    fits = {"front.start": [3, 5], "front.rungs": [6, 10]}
    assert len(sweep.question(asked(levers=fits), folder).points) == 4
    too_many = {COUNT_OF_DRONES: [3, 1_500_000], "sites.base.defence.gun.count": [1, 1_000_000]}
    with pytest.raises(ExperimentError, match="expected at most 2,000,000"):
        sweep.question(asked(levers=too_many), folder)


def test_a_design_of_points_with_counts_has_its_distinct_wars(folder):
    """A sample of a count from 1 to 2 has equal points; they are the same wars, told once."""
    asks = asked(
        design="latin_hypercube", points=12, runs=6, contrast="aim",
        levers={"aim": {"low": {P_HIT: 0.3}, "high": {P_HIT: 0.6}}},
        uncertainties={"sites.base.defence.gun.count": "1:2"}, outcomes=["strike_leak_share"],
    )  # fmt: skip
    question = sweep.question(asks, folder)
    assert len(question.points) == 24
    figures, _ = surface.answer(fought(question, folder), question)
    places = figures["contrast"]["strike_leak_share"]["places"]
    assert [place["runs"] for place in places] == [6, 6]


def test_one_at_a_time_is_told_from_the_scenario_as_it_stands(folder):
    """Means and paired changes are those of plain wars, with drawn figures drawn at the base."""
    data = json.loads((folder / "war.yaml").read_text())
    data["weapons"]["fpv"]["p_hit"] = figure(0.5, low=0.1, high=0.9)
    (folder / "war.yaml").write_text(json.dumps(data))
    moved = {P_HIT: [0.2, 0.9], COUNT_OF_DRONES: [2, 30]}
    levers = moved | {"delivery": {"late": {"raids.strike.waves.wave.aim": "opportune"}}}
    asks = asked(design="one_at_a_time", levers=levers, outcomes=["things_hit"], runs=8)
    question = sweep.question(asks, folder)
    figures, table = surface.answer(fought(question, folder), question)

    def plain(*overrides):
        return War(load(folder / "war.yaml", overrides), 8, 1).run().recorder.runs()["things_hit"]

    base = plain()
    assert table["things_hit"].iloc[0] == pytest.approx(base.mean())
    for path, levels in moved.items():
        for level in levels:
            here, key = plain(f"{path}={level}"), str(float(level))
            told = figures["alone"]["things_hit"][path][key]
            assert told == {"mean": pytest.approx(here.mean()), "wars": 8, "of": 8}
            change = figures["moved"]["things_hit"][path][key]
            assert change["mean"] == pytest.approx((here - base).mean())


def test_a_mean_says_of_how_many_wars_it_is(folder, here):
    """On the screen, in the table, the JSON and the picture."""
    line = ("sweep", "war.yaml", "--vary", "minds.defender.p_win=0.5,0.9", "--outcome", "deal_day",
            "--runs", "30", "--out", "out", "--publish", "shown")  # fmt: skip
    told = here(*line)
    assert told.code == 0, told.err
    table = pd.read_csv(folder / "shown" / "points.csv")
    wars = table["deal_day wars"].tolist()
    some = next(count for count in wars if 0 < count < 30)
    assert f"in {some} of 30 wars" in " ".join(told.out.split())
    found = json.loads((folder / "shown" / "answer.json").read_text())["alone"]["deal_day"]
    assert [level["wars"] for level in found["minds.defender.p_win"].values()] == wars
    words = next((folder / "shown").glob("*.txt")).read_text()
    assert f"of the wars in which it happened, {min(wars)} to {max(wars)} of 30" in words


# --- files and commands ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"levers": {"weapons.fpv.p_hot": None}}, "did you mean 'weapons.fpv.p_hit'"),
        ({"levers": {P_HIT: "0.8:0.2"}}, "expected LOW < HIGH"),
        ({"levers": {P_HIT: "0.2:0.8:1"}}, "expected a whole number from 2 on"),
        ({"levers": {P_HIT: "often"}}, "is no range"),
        ({"levers": {P_HIT: ":"}}, "has no range of its own"),
        ({"levers": {}}, "nothing is varied"),
        ({"levers": {P_HIT: []}}, "is no list of values"),
        ({"levers": {"aim": {"fixed": 3}}}, "is no setting"),
        ({"uncertainties": {P_HIT: "0.1:0.2"}}, "is both a lever and an uncertainty"),
        ({"outcomes": ["z_ende"]}, "did you mean 'z_end'"),
        ({"contrast": "aim"}, "is no lever of two settings"),
        ({"titles": {"z_and": "the zone"}}, "titles: 'z_and' is nothing of this sweep"),
        ({"constants": {P_HIT: 0.3}}, f"constants: {P_HIT} does nothing"),
        ({"constants": {f"{P_HIT}.value": 0.3}}, f"constants: {P_HIT}.value does nothing"),
        ({"levers": {P_HIT: [0.5, "50 percent"]}}, "0.5 and '50 percent' are the same level"),
        ({"levers": {"mechanisms.cost.on": [True, 1]}}, "True and 1 are the same level"),
        ({"levers": {"aim": {"1": {P_HIT: 0.1}, "1.0": {P_HIT: 0.2}}}}, "'1' and '1.0' are the"),
        (
            {"levers": {P_HIT: [0.1, 0.2], "aim": {"low": {P_HIT: 0.1}, "high": {P_HIT: 0.9}}}},
            f"{P_HIT} sets {P_HIT} and aim sets {P_HIT}",
        ),
        (
            {"levers": {"readiness": {"low": {"sites.base.readiness": 0.1}},
                        "site": {"other": {"sites.base": {}}}}},
            "readiness sets sites.base.readiness and site sets sites.base",
        ),
        ({"design": "factorial", "levers": {P_HIT: [0.1, 0.2, 0.3]}}, "has 3 levels, expected the"),
        ({"design": "factorial", "levers": {P_HIT: "0.1:0.3:3"}}, "has points between"),
        *(
            (
                {"design": name, "levers": {P_HIT: [0.1, 0.2], "front.p_move": [0.1, 0.2]},
                 "contrast": P_HIT},
                f"contrast: the design {name} does not have both",
            )
            for name in ("one_at_a_time", "fractional_factorial")
        ),
        (
            {"design": "random", "points": 4, "contrast": P_HIT, "levers": {},
             "uncertainties": {P_HIT: [0.1, 0.2], "front.p_move": "0:1"}},
            "contrast: the design random does not have both",
        ),
        ({"design": "sobol"}, "points: missing"),
        ({"design": "sobol", "points": 8}, "uncertainties: none"),
        ({"points": 8}, "grid has its own"),
        ({"levers": {P_HIT: "0:1:9999", "sites.base.readiness": "0:1:9999"}}, "at most 1,000,000"),
        (
            {"design": "sobol", "points": 6, "levers": {}, "uncertainties": {P_HIT: "0:1"}},
            "no power of two",
        ),
    ],
)  # fmt: skip
def test_a_wrong_sweep_is_told_in_one_line(folder, changes, message):
    with pytest.raises(ExperimentError) as told:
        sweep.question(asked(**changes), folder)
    assert message in str(told.value)
    assert "\n" not in str(told.value)


def test_a_level_that_does_not_fit_is_told_by_the_scenario(folder):
    with pytest.raises(ScenarioError, match="out of bounds"):
        sweep.question(asked(levers={P_HIT: "0.5:1.5:3"}), folder)


def test_the_command_sweeps_publishes_and_finds_again(folder, here):
    line = ("sweep", "war.yaml", "--vary", f"{P_HIT}=0.2:0.8:3", "--vary",
            "raids.strike.waves.wave.aim=assigned,opportune", "--outcome", "strike_leak_share",
            "--runs", "8", "--out", "out", "--publish", "shown")  # fmt: skip
    first = here(*line)
    assert first.code == 0, first.err
    assert "Strike leak share" in first.out
    shown = {file.name for file in (folder / "shown").iterdir()}
    assert {"answer.json", "points.csv", "manifest.json"} < shown
    assert any(name.endswith(".svg") for name in shown)
    assert here(*line, "--json").json["points"] == 6
    assert len(pd.read_csv(folder / "shown" / "points.csv")) == 6


def test_an_experiment_of_a_dozen_lines_sweeps(folder, here):
    (folder / "experiment.yaml").write_text(
        textwrap.dedent(f"""\
            kind: sweep
            name: small
            title: Small
            question: What varies?
            scenario: war.yaml
            design: latin_hypercube
            points: 5
            levers: {{raids.{RAID}.waves.wave.aim: [assigned, opportune]}}
            uncertainties: {{{P_HIT}: "0.2:0.8"}}
            constants: {{front.p_move: 0}}
            outcomes: [z_end]
            runs: 4
        """)
    )
    told = here("experiment", "experiment.yaml", "--json", "--out", "out")
    assert told.code == 0, told.err
    assert told.json["points"] == 10


@pytest.mark.parametrize(
    "words", [(), ("--vary", "=3"), ("--vary", f"{P_HIT}="), ("--vary", P_HIT, "--design", "grit")]
)
def test_a_wrong_line_is_one_line_and_exit_2(folder, here, words):
    told = here("sweep", "war.yaml", *words)
    assert told.code == 2
    assert len(told.err.strip().splitlines()) == 1


@pytest.mark.parametrize("name", ["one_at_a_time", "latin_hypercube", "fractional_factorial"])
def test_every_design_is_answered(folder, name):
    ranges = {P_HIT: "0.2:0.8", "sites.base.readiness": "0.1:0.9", "front.p_move": "0:0.5"}
    where = "uncertainties" if name in design.SAMPLED else "levers"
    points = {"points": 12} if name in design.SAMPLED else {}
    asks = asked(design=name, runs=3, **({"levers": {}} | {where: ranges} | points))
    question = sweep.question(asks, folder)
    figures, table = surface.answer(fought(question, folder), question)
    assert len(table) == len(question.points)
    assert all(len(levels) >= 2 for levels in figures["alone"]["z_end"].values())


def test_a_point_that_fails_is_a_record_and_the_others_go_on(folder, here):
    """A mechanism of one's own that fails at some levels of its figure."""
    (folder / "sour.py").write_text(
        "def sour(was, news, figures):\n"
        "    if (figures['size'] > 0.5).any():\n"
        "        raise ValueError('too sour')\n"
        "    return {'term': figures['size'] + 0 * news.base}\n"
    )
    data = json.loads((folder / "war.yaml").read_text())
    data["mechanisms"]["mine"] = {"on": True, "path": "sour.py:sour", "size": figure(0.1)}
    (folder / "war.yaml").write_text(json.dumps(data))
    line = ("sweep", "war.yaml", "--vary", "mechanisms.mine.size=0:1:5", "--outcome", "z_end",
            "--runs", "3", "--allow-code", "--out", "out")  # fmt: skip
    told = here(*line)
    assert told.code == 3
    assert "2 of 5 points failed; point 3, run 0" in told.err
    assert "too sour" in told.err
    (made,) = (folder / "out").iterdir()
    failed = pd.read_parquet(made / "failed.parquet")
    assert list(failed["point"]) == [3, 4]
    wars = pd.read_parquet(made / "outcomes.parquet")
    assert sorted(wars["point"].unique()) == [0, 1, 2]
    assert here(*line).code == 3  # and so when it is found again


def test_dates_can_be_varied(folder):
    path = "raids.strike.date"
    question = sweep.question(asked(levers={path: ["2025-01-02", "2025-01-05"]}), folder)
    assert [v.scenario.raids["strike"].date.day for v in question.variants] == [2, 5]
    levels = sweep.levels_by_line([f"{path}=2025-01-02,2025-01-05"], ["z_end"], [])
    by_line = sweep.request_of(load(folder / "war.yaml"), levels, ["z_end"], "grid", None, 3, 1)
    assert len(sweep.question(by_line, Path()).points) == 2
