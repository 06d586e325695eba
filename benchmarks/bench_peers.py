"""Whole campaigns beside others: by the code as it was, and as EMA workbench asks for them.

What is not there is skipped with a word: the commit in a clone without history, a library that no
part of the model needs.
"""

import functools
import subprocess
import time

import numpy as np
import pytest
from bench_campaign import SIM, used_by
from works import ROOT, SPIDERWEB

import sim
from sim.war.model import War
from sim.war.outcomes import Outcomes

BEFORE = "64a228c"  # of 25 November 2026
WARS = 20_000
OUTCOMES = ("aircraft_destroyed", "r_u_end", "r_d_end")
_ALONE, _IN_STEP = 40, 1_000


@pytest.fixture
def code(request, tmp_path):
    """The folder of this code, or of a commit's, which is gone afterwards."""
    if request.param == "now":
        yield ROOT
        return
    git = ["git", "-C", str(ROOT)]
    asked = [*git, "cat-file", "-e", f"{request.param}^{{commit}}"]
    if subprocess.run(asked, stderr=subprocess.DEVNULL).returncode:
        pytest.skip(f"{request.param} is not in this clone")
    pytest.importorskip("pint", reason=f"{request.param} needs pint, which is not installed")
    folder = tmp_path / request.param
    subprocess.run([*git, "worktree", "add", "-q", "--detach", folder, request.param], check=True)
    yield folder
    subprocess.run([*git, "worktree", "remove", "--force", folder], check=True)


@pytest.mark.benchmark(group=f"sim run spiderweb --runs {WARS} --workers 2, by the clock")
@pytest.mark.parametrize("code", [BEFORE, "now"], indirect=True)
def bench_before(benchmark, tmp_path, monkeypatch, code):
    """The whole command, each code on its own file of the war, with the same mechanisms on."""
    monkeypatch.chdir(code)
    command = [*SIM, "run", "scenarios/spiderweb.yaml", "--workers", "2"]
    used_by([*command, "--runs", "1", "--out", str(tmp_path / "compiled")])
    places = iter(range(9))

    def play():
        used_by([*command, "--runs", str(WARS), "--out", str(tmp_path / str(next(places)))])

    benchmark.pedantic(play, rounds=2)
    benchmark.extra_info["wars_per_second"] = WARS / benchmark.stats.stats.min


@functools.cache
def _war():
    return sim.load(SPIDERWEB)


def outcomes(runs):
    """Some outcomes of runs in step, by name."""
    table = War(_war(), runs, 1, recorder=Outcomes).run().recorder.runs()
    return {name: table[name] for name in OUTCOMES}


def _asked_alone(run=0):
    """One war, as a model of EMA workbench is asked for one: its parameter is the run."""
    return {name: float(values[0]) for name, values in outcomes(np.array([run])).items()}


@pytest.mark.benchmark(group="outcomes of campaigns", timer=time.process_time)
def bench_ema_workbench(benchmark):
    """One war after the other by its SequentialEvaluator; run k is run k of the ensemble."""
    ema = pytest.importorskip("ema_workbench", reason="ema_workbench is not installed")
    model = ema.Model("spiderweb", function=_asked_alone)
    model.uncertainties = [ema.IntegerParameter("run", 0, 10_000)]
    model.outcomes = [ema.ScalarOutcome(name) for name in OUTCOMES]
    with ema.SequentialEvaluator(model) as evaluator:
        asked, given = benchmark.pedantic(
            evaluator.perform_experiments, args=(_ALONE,), rounds=2, warmup_rounds=1
        )
    benchmark.extra_info["campaigns_per_second"] = _ALONE / benchmark.stats.stats.min
    for name, values in outcomes(asked["run"].to_numpy(np.int64)).items():
        assert (values == given[name]).all()


@pytest.mark.benchmark(group="outcomes of campaigns", timer=time.process_time)
def bench_in_step(benchmark):
    """As many outcomes of the same wars, all in step."""
    benchmark.pedantic(outcomes, args=(np.arange(_IN_STEP),), rounds=4, warmup_rounds=1)
    benchmark.extra_info["campaigns_per_second"] = _IN_STEP / benchmark.stats.stats.min
