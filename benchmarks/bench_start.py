"""Commands from the prompt and back: what a user waits for, as whole processes."""

import os
import subprocess
import sys

import pytest
from works import ROOT, SPIDERWEB

SIM = [sys.executable, "-m", "sim.cli"]


def call(*words, **environment):
    done = subprocess.run(
        [*SIM, *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.benchmark(group="from the prompt")
def bench_help(benchmark):
    """`sim --help`."""
    benchmark.pedantic(call, args=("--help",), rounds=10, warmup_rounds=1)


@pytest.mark.benchmark(group="from the prompt")
def bench_check(benchmark):
    """`sim check` of the article's war."""
    benchmark.pedantic(call, args=("check", str(SPIDERWEB)), rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group="from the prompt")
def bench_run(benchmark, tmp_path):
    """`sim run` of the article's war, 1,000 runs with tables and plots, compiled before."""
    places = iter(range(100))
    benchmark.pedantic(
        lambda: call("run", str(SPIDERWEB), "--out", str(tmp_path / str(next(places)))),
        rounds=3,
        warmup_rounds=1,
    )


@pytest.mark.benchmark(group="from the prompt")
def bench_found(benchmark, tmp_path):
    """The same again, which finds its results."""
    asked = ("run", str(SPIDERWEB), "--out", str(tmp_path))
    benchmark.pedantic(call, args=asked, rounds=3, warmup_rounds=1)


@pytest.mark.benchmark(group="from the prompt")
def bench_first(benchmark, tmp_path):
    """The first `sim run` ever on a machine, which compiles."""
    benchmark.pedantic(
        lambda: call(
            "run", str(SPIDERWEB), "--out", str(tmp_path / "results"),
            XDG_CACHE_HOME=str(tmp_path / "cache"),
        ),
        rounds=1,
    )  # fmt: skip
