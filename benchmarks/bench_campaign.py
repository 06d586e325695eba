"""The whole campaign of the article's war: runs a second by ensemble width, and 10,000 runs."""

import time
from pathlib import Path

import pytest

import sim
from sim.experiment.runner import run_chunk

SPIDERWEB = Path(__file__).parent.parent / "scenarios" / "spiderweb.yaml"


@pytest.mark.benchmark(group="campaigns on one core, by ensemble width")
@pytest.mark.parametrize("runs", [1, 10, 100, 500, 1000])
def bench_width(benchmark, runs):
    scenario = sim.load(SPIDERWEB)
    run_chunk(scenario, 1, 1, 2, with_days=False)  # compile
    started = time.perf_counter()
    benchmark.pedantic(run_chunk, args=(scenario, 1, 1, 1 + runs, False), rounds=2, warmup_rounds=1)
    benchmark.extra_info["runs_per_second"] = runs / benchmark.stats.stats.min
    benchmark.extra_info["seconds_in_all"] = time.perf_counter() - started


@pytest.mark.benchmark(group="10,000 campaigns")
@pytest.mark.parametrize("workers", [1, 2])
def bench_ten_thousand(benchmark, workers):
    scenario = sim.load(SPIDERWEB)
    sim.run(scenario, 1, 1)
    benchmark.pedantic(sim.run, args=(scenario, 10_000, 1), kwargs={"workers": workers}, rounds=1)
    benchmark.extra_info["runs_per_second"] = 10_000 / benchmark.stats.stats.min
