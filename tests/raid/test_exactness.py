"""The same wars to the bit: compiled or not, on plainer processors, on one thread or two.

What can differ is NumPy's `exp`, `log` and `power`, which it takes from other code on processors
with AVX-512 than on others: in the last bit or two. docs/performance.md says what comes of it.
"""

import functools
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

import sim
from sim.raid.fly import fly
from sim.scenario.sample import Sample
from tests.strategies import ready

ROOT = Path(__file__).parents[2]
RUNS = {"minimal": 20, "spiderweb": 2}
ON_EVERY_PROCESSOR = {
    "not compiled": {"NUMBA_DISABLE_JIT": "1"},
    "compiled for a plain processor": {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""},
    "one thread": dict.fromkeys(
        ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"
    ),
}
PLAIN_NUMPY = {
    "NPY_DISABLE_CPU_FEATURES": " ".join(
        feature for feature in __cpu_dispatch__ if __cpu_features__[feature]
    )
}


def load(name):
    return sim.load(ROOT / "scenarios" / f"{name}.yaml")


@functools.cache
def tables():
    """Every table of some wars, by scenario and name."""
    return {
        f"{name} {table}": frame
        for name, runs in RUNS.items()
        for table, frame in sim.run(load(name), runs, seed=1, workers=1).frames.items()
    }


def tables_elsewhere(folder, changed):
    """The same from a process with another environment."""
    subprocess.run(
        [sys.executable, __file__, str(folder / "tables.pickle")],
        env={**os.environ, **changed},
        check=True,
        timeout=300,
        cwd=ROOT,
    )
    return pd.read_pickle(folder / "tables.pickle")


@pytest.mark.parametrize(
    "how",
    [
        pytest.param("not compiled", marks=pytest.mark.slow),
        pytest.param("compiled for a plain processor", marks=pytest.mark.thorough),
        pytest.param("one thread", marks=pytest.mark.slow),
    ],
)
def test_the_same_to_the_bit(tmp_path, how):
    ours, theirs = tables(), tables_elsewhere(tmp_path, ON_EVERY_PROCESSOR[how])
    assert set(ours) == set(theirs)
    for name in ours:
        pd.testing.assert_frame_equal(ours[name], theirs[name], check_exact=True, obj=name)


@pytest.mark.slow
def test_numpy_without_its_fast_loops_moves_only_last_digits(tmp_path):
    ours, theirs = tables(), tables_elsewhere(tmp_path, PLAIN_NUMPY)
    for name in ours:
        pd.testing.assert_frame_equal(ours[name], theirs[name], rtol=1e-9, atol=1e-9, obj=name)
        counted = [column for column in ours[name] if is_counted(ours[name][column])]
        pd.testing.assert_frame_equal(
            ours[name][counted], theirs[name][counted], check_exact=True, obj=name
        )


def is_counted(column):
    """Whether all that a column holds are whole numbers (or words)."""
    return column.dtype.kind != "f" or (column.dropna() % 1.0 == 0.0).all()


def test_raids_on_two_threads_at_once_are_those_on_one():
    war, runs = load("spiderweb"), np.arange(60)

    def flown(name):
        orders, defence = ready(war, name, Sample(war, 1, runs))
        tally, log = fly(1, runs, 3, np.ones(len(runs), bool), orders, defence, with_log=True)
        return b"".join(part.tobytes() for part in (*tally, *log, *defence))

    names = [*war.raids] * 4
    alone = {name: flown(name) for name in war.raids}
    with ThreadPoolExecutor(2) as pool:
        for name, together in zip(names, pool.map(flown, names), strict=True):
            assert together == alone[name]


if __name__ == "__main__":
    pd.to_pickle(tables(), sys.argv[1])
