"""Whole campaigns of the article's war: by ensemble width, by number of runs, over two cores."""

import gc
import json
import subprocess
import sys
import time

import pytest
from works import SPIDERWEB

import sim
from sim.experiment.execution.runner import run_chunk, run_into
from sim.experiment.storage.store import Store
from sim.raid import kernel

SIM = [sys.executable, "-m", "sim.cli"]
KEPT = 10_000


@pytest.mark.benchmark(group="campaigns on one core, by width", timer=time.process_time)
@pytest.mark.parametrize("runs", [1, 10, 100, 500, 1000, 2000])
def bench_width(benchmark, monkeypatch, runs):
    """Campaigns a second by how many march in step, and how many kernels one takes the time of."""
    scenario = sim.load(SPIDERWEB)
    run_chunk(scenario, 1, 1, 2, with_days=False)  # compile
    gc.freeze()  # as workers do
    inside = []
    of_kernel = kernel.fly

    def timed(*args):
        started = time.process_time()
        of_kernel(*args)
        inside[-1] += time.process_time() - started

    monkeypatch.setattr(kernel, "fly", timed)
    benchmark.pedantic(
        run_chunk,
        setup=lambda: (inside.append(0.0), ((scenario, 1, 1, 1 + runs, False), {}))[1],
        rounds=4,
        warmup_rounds=1,
    )
    gc.unfreeze()
    benchmark.extra_info["campaigns_per_second"] = runs / benchmark.stats.stats.min
    benchmark.extra_info["share_in_kernel"] = min(inside) / benchmark.stats.stats.min
    benchmark.extra_info["campaign_over_kernel"] = benchmark.stats.stats.min / min(inside)


@pytest.mark.benchmark(group=f"{KEPT:,} campaigns kept on disk")
@pytest.mark.parametrize("workers", [1, 2])
def bench_cores(benchmark, tmp_path, workers):
    """How much sooner two processes are done than one (wall clock: leave the machine alone)."""
    scenario = sim.load(SPIDERWEB)
    sim.run(scenario, 1, 1)
    store = Store(tmp_path, scenario, KEPT, 1, with_days=False)
    benchmark.pedantic(run_into, args=(store, workers), setup=store.clear, rounds=2)
    benchmark.extra_info["campaigns_per_second"] = store.runs / benchmark.stats.stats.min


@pytest.mark.benchmark(group="sim run, by runs")
@pytest.mark.parametrize("runs", [100, 1_000, 10_000, 100_000])
def bench_runs(benchmark, tmp_path, runs):
    """The whole command by the number of runs, and the memory of its largest process."""
    command = [*SIM, "run", str(SPIDERWEB), "--runs", str(runs), "--out", str(tmp_path)]
    used = []

    def play():
        used.append(used_by(command))

    benchmark.pedantic(play, rounds=1)
    benchmark.extra_info |= used[-1]


# A process counts the memory of the one that started it as its own, so a small one starts it.
_USED_BY = """\
import json, resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
seconds = used.ru_utime + used.ru_stime
print(json.dumps({"largest_process_MB": used.ru_maxrss / 1000.0, "cpu_seconds": seconds}))
"""


def used_by(command):
    """Run a command, all it prints thrown away; what the system says that it used."""
    done = subprocess.run(
        [sys.executable, "-c", _USED_BY, *command], capture_output=True, check=True
    )
    return json.loads(done.stdout)
