"""Where chunks begin and end, and that the wide ones of a large run give what narrow ones give."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim
from sim.experiment.execution import runner
from sim.experiment.execution.runner import chunks_of, run_into
from sim.experiment.execution.stopping_rule import run_until, wanted
from sim.experiment.record import OF_FIRST_CHUNK
from sim.experiment.storage.store import Store
from sim.scenario.schema import Scenario

ROOT = Path(__file__).parents[2]
SPIDERWEB = sim.load(ROOT / "scenarios/spiderweb.yaml")
NARROW, WIDE, WIDE_FROM, RUNS = 20, 60, 40, 170


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "CHUNK_RUNS", NARROW)
    monkeypatch.setattr(runner, "_WIDE_RUNS", WIDE)
    monkeypatch.setattr(runner, "_WIDE_FROM", WIDE_FROM)


@given(st.integers(1, 1_000_000), st.integers(1, 1_000_000), st.booleans())
def test_chunks_follow_each_other_and_begin_where_those_of_other_numbers_do(
    one: int, other: int, with_days: bool
) -> None:
    chunks = {runs: chunks_of(SPIDERWEB, runs, with_days) for runs in (one, other)}
    for runs, lasts in chunks.items():
        assert [0, *lasts.values()] == [*lasts, runs]
        assert all(last - first <= (500 if with_days else 2000) for first, last in lasts.items())
    few, many = chunks[min(one, other)], chunks[max(one, other)]
    assert list(few) == list(many)[: len(few)]


def test_days_and_long_wars_keep_chunks_narrow(long_war: Scenario) -> None:
    assert chunks_of(SPIDERWEB, 14_000, True)[10_000] == 10_500
    assert chunks_of(SPIDERWEB, 14_000, False)[10_000] == 12_000
    assert chunks_of(long_war, 14_000, False)[10_000] == 10_500


@pytest.fixture(scope="module")
def long_war() -> Scenario:
    """`spiderweb` for eight years, in which raids may fill many tables."""
    return SPIDERWEB.model_copy(update={"end": SPIDERWEB.start + pd.Timedelta(days=3000)})


@pytest.mark.usefixtures("wide")
@pytest.mark.parametrize("workers", [1, 2])
def test_wide_chunks_do_not_show(
    tiny: Scenario, tmp_path: Path, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path, tiny, RUNS, 1, False)
    assert list(runner.chunks_in(store)) == [0, 20, 40, 100, 160]
    widely = run_into(store, workers)
    monkeypatch.setattr(runner, "_WIDE_FROM", RUNS)
    narrowly = sim.run(tiny, RUNS, 1, workers=1)
    for table in narrowly.frames.keys() - OF_FIRST_CHUNK:
        left, right = (record.frames[table].astype(str) for record in (widely, narrowly))
        pd.testing.assert_frame_equal(left, right)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[tuple[int, int]]]:
    """Which runs were simulated since, in the order of the chunks."""
    calls: list[tuple[int, int]] = []
    chunk = runner.run_chunk

    def noted(*call):
        calls.append((call[2], call[3]))
        return chunk(*call)

    monkeypatch.setattr(runner, "run_chunk", noted)
    return lambda: sorted(calls)


@pytest.mark.usefixtures("wide")
def test_many_runs_borrow_the_chunks_of_fewer_and_begin_with_the_first(
    tiny: Scenario, tmp_path: Path, asked: Callable[[], list[tuple[int, int]]]
) -> None:
    run_into(Store(tmp_path, tiny, 110, 1, False), 1)
    assert asked() == [(0, 20), (20, 40), (40, 100), (100, 110)]
    many = run_into(Store(tmp_path, tiny, RUNS, 1, False), 1)
    assert asked()[4:] == [(100, 160), (160, 170)]
    alone = run_into(Store(tmp_path / "alone", tiny, RUNS, 1, False), 1)
    assert many == alone


@pytest.mark.usefixtures("wide")
def test_a_stopping_rule_looks_after_each_chunk_and_a_later_run_goes_on(
    tiny: Scenario, tmp_path: Path
) -> None:
    rule = wanted("mean(aircraft_destroyed) +- 1.2", tiny)
    pool = Store(tmp_path, tiny, RUNS, 1, False)
    store, reached = run_until(pool, rule, 1, None)
    assert reached.is_enough
    assert reached.runs in runner.chunks_in(pool).values()
    assert reached.runs > WIDE_FROM, "expected a rule that a wide chunk meets"
    assert store.read() == run_into(Store(tmp_path / "alone", tiny, reached.runs, 1, False), 1)
