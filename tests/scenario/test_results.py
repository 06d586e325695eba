"""The shipped answers: a reduced version, on other luck, agrees within Monte Carlo error."""

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.experiment.factorial import fractions
from sim.experiment.questions import sweep, theories
from sim.experiment.questions.impulse import run_impulse
from sim.experiment.questions.theories import MOVED
from sim.scenario.experiment import Sweep
from sim.scenario.load import load_experiment

ROOT = Path(__file__).parents[2]
EXPERIMENTS, RESULTS = ROOT / "experiments", ROOT / "results"
NAMES = sorted(file.stem for file in EXPERIMENTS.glob("*.yaml"))
SWEEPS = [n for n in NAMES if isinstance(load_experiment(EXPERIMENTS / f"{n}.yaml"), Sweep)]
FROZEN = "forecast-2026"
"""An answer that is no experiment's own: made once, and scored later."""
OTHER_SEED = 20_250_601
FAR = 5.0  # standard errors: with some hundred comparisons, less than one in a thousand by chance


def asked(name, runs):
    found = load_experiment(EXPERIMENTS / f"{name}.yaml")
    return found.model_copy(update={"runs": runs, "seed": OTHER_SEED})


def answer(name):
    return json.loads((RESULTS / name / "answer.json").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_each_experiment_has_shipped_its_answer(name):
    files = {file.name for file in (RESULTS / name).iterdir()}
    assert {"answer.json", "manifest.json"} < files
    assert {Path(file).suffix for file in files} >= {".png", ".svg", ".csv", ".json"}
    found = load_experiment(EXPERIMENTS / f"{name}.yaml")
    told, manifest = answer(name), json.loads((RESULTS / name / "manifest.json").read_text())
    assert (told["runs"], told["seed"]) == (found.runs, found.seed)
    assert (manifest["runs"], manifest["seed"]) == (found.runs, found.seed)
    assert sum((RESULTS / name / file).stat().st_size for file in files) < 6_000_000


def test_what_is_shipped_is_whole_as_the_command_finds_it(command):
    told = {Path(one["folder"]).name: one for one in command(
        "results", "check", "--out", RESULTS, "--json").json}  # fmt: skip
    shipped = (*NAMES, FROZEN)
    assert {name: told[name]["state"] for name in shipped} == dict.fromkeys(shipped, "whole")
    assert all(told[name]["files"] >= 7 for name in shipped)


def test_nothing_is_shipped_that_no_experiment_remakes():
    folders = {path.name for path in RESULTS.iterdir() if (path / "answer.json").exists()}
    run_here = {name for name in folders if name.rpartition("-")[0] in NAMES}  # a user's own runs
    assert folders - run_here == {*NAMES, FROZEN}


def test_the_forecast_is_as_it_was_frozen():
    """Made of the shipped weighing; its tables are those whose digests its manifest has."""
    made = json.loads((RESULTS / FROZEN / "manifest.json").read_text())
    assert made["kind"] == "war-forecast"
    assert made["experiment"] == "weighing"
    for file, digest in made["sha256"].items():
        assert sha256((RESULTS / FROZEN / file).read_bytes()).hexdigest() == digest


def _far(one, one_error, other, other_error):
    """How far two means are apart, in standard errors of their difference."""
    return abs(one - other) / max(np.hypot(one_error, other_error), 1e-6 * max(1.0, abs(one)))


@pytest.mark.slow
@pytest.mark.parametrize("name", SWEEPS)
def test_a_sweep_remade_in_part_agrees(name):
    question = sweep.question(asked(name, 60), EXPERIMENTS)
    shipped = pd.read_csv(RESULTS / name / "points.csv").set_index("point")
    assert list(shipped.index) == list(question.points["point"])
    rng = np.random.default_rng(1)
    for place, variant in enumerate(question.variants):
        for row in rng.choice(len(variant.points), min(2, len(variant.points)), replace=False):
            made = sweep.run_chunk(question, place, np.array([row]), 0, 60)["outcomes"]
            there = shipped.loc[variant.points[row]]
            for outcome in question.experiment.outcomes:
                values = made[outcome][~np.isnan(made[outcome])]
                if len(values) < 30:
                    continue
                error = values.std(ddof=1) / np.sqrt(len(values))
                far = _far(values.mean(), error, there[outcome], there[f"{outcome} ±"] / 1.96)
                # a mean of ratios has a heavy tail: few runs may miss it
                assert far < FAR + 2, (outcome, there.to_dict())


@pytest.mark.slow
def test_theories_remade_in_part_agree():
    question = theories.question(asked("theories", 24), EXPERIMENTS)
    fraction = fractions(len(question.mechanisms))[3]
    effects = pd.DataFrame(theories.run_chunk(question, np.arange(24), fraction)["effects"])
    effects = effects[effects["flown"]]
    told = answer("theories")
    for moment in question.moments:
        for word in MOVED:
            by_run = effects.groupby("run")[f"{word}, {moment}"].mean()
            shipped = told["verdicts"][moment][word]["mean"]
            assert _far(by_run.mean(), by_run.sem(), shipped, 0.1 * by_run.sem()) < FAR


@pytest.mark.slow
def test_impulses_remade_agree():
    table, _ = run_impulse(asked("impulse", 40), EXPERIMENTS)
    shipped = pd.read_csv(RESULTS / "impulse" / "impulse.csv")
    keys = ["stimulus", "mechanism", "side"]
    both = table.merge(shipped, on=keys, suffixes=("", " shipped"))
    assert len(both) == len(table) == len(shipped)
    for row in both.to_dict("records"):
        far = _far(
            row["size"], row["size ±"] / 1.96, row["size shipped"], row["size ± shipped"] / 1.96
        )
        assert far < FAR, row
