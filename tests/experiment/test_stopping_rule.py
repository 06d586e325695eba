"""How many runs are enough: valid whenever they stop, and the same for any number of workers."""

import numpy as np
import pytest

from sim.experiment.errors import ExperimentError
from sim.experiment.execution import runner
from sim.experiment.execution import stopping_rule as until
from sim.experiment.execution.runner import run_into
from sim.experiment.execution.stopping_rule import half_width, run_until, wanted
from sim.experiment.storage.store import Store

CHUNK, MOST = 40, 2000
MEAN = "mean(aircraft_destroyed) +- 0.35"


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(runner, "CHUNK_RUNS", CHUNK)


def bytes_of(folder):
    return {file.name: file.read_bytes() for file in sorted(folder.glob("*.parquet"))}


@pytest.mark.parametrize(
    "law",
    [
        lambda rng, n: rng.normal(size=n),
        lambda rng, n: rng.exponential(size=n) - 1.0,
        lambda rng, n: (rng.random(n) < 0.1) - 0.1,
    ],
)
def test_looked_at_after_every_chunk_it_seldom_ever_misses(law):
    """With 95 % at all looks at once; an interval for one look would miss at some far oftener."""
    rng = np.random.default_rng(3)
    ever = once = 0
    for _ in range(300):
        values = law(rng, 10_000)
        looks = range(500, 10_001, 500)
        means = [abs(values[:n].mean()) for n in looks]
        ever += any(m > half_width(values[:n]) for m, n in zip(means, looks, strict=True))
        once += any(
            m > 1.96 * values[:n].std() / np.sqrt(n) for m, n in zip(means, looks, strict=True)
        )
    assert ever / 300 < 0.06
    assert once / 300 > 0.15


def test_it_narrows_with_the_runs_and_is_not_much_wider_than_for_one_look():
    values = np.random.default_rng(1).normal(size=20_000)
    widths = [half_width(values[:n]) for n in (500, 2000, 8000, 20_000)]
    assert widths == sorted(widths, reverse=True)
    assert widths[1] / (1.96 / np.sqrt(2000)) < 1.8
    assert half_width(np.array([1.0])) == np.inf
    assert half_width(np.array([1.0, np.nan, 2.0])) == half_width(np.array([1.0, 2.0]))


def test_it_stops_when_known_with_the_runs_of_an_ensemble_of_that_size(tmp_path, tiny):
    asked = wanted(MEAN, tiny)
    store, reached = run_until(Store(tmp_path / "a", tiny, MOST, 1, False), asked, 1, None)
    assert reached.is_enough
    assert 0 < reached.runs < MOST
    assert reached.runs % CHUNK == 0
    assert reached.half_width <= 0.35
    destroyed = store.read().runs["aircraft_destroyed"]
    assert len(destroyed) == reached.runs
    assert reached.value == destroyed.mean()
    assert half_width(destroyed[:-CHUNK].to_numpy(float)) > 0.35  # and not a chunk later
    plain = Store(tmp_path / "b", tiny, reached.runs, 1, False)
    run_into(plain, 1)
    assert bytes_of(store.folder) == bytes_of(plain.folder)
    assert [path.name for path in (tmp_path / "a").iterdir()] == [store.folder.name]


def test_workers_and_interruptions_do_not_change_when_it_stops(tmp_path, tiny):
    asked = wanted(MEAN, tiny)
    one, first = run_until(Store(tmp_path / "a", tiny, MOST, 1, False), asked, 1, None)
    calls = iter(range(100))

    def interrupted(done, most):
        if next(calls) == 1:
            raise KeyboardInterrupt

    pool = Store(tmp_path / "b", tiny, MOST, 1, False)
    with pytest.raises(KeyboardInterrupt):
        run_until(pool, asked, 3, interrupted)
    assert pool.chunks.written()
    other, second = run_until(pool, asked, 3, None)
    assert first == second
    assert bytes_of(one.folder) == bytes_of(other.folder)


def test_asked_again_no_war_is_fought_again(tmp_path, tiny, monkeypatch):
    asked = wanted(MEAN, tiny)
    store, reached = run_until(Store(tmp_path / "a", tiny, MOST, 1, False), asked, 1, None)
    before = bytes_of(store.folder)
    monkeypatch.setattr(runner, "run_chunk", None)
    monkeypatch.setattr(until, "run_chunk", None)
    again, reached_again = run_until(Store(tmp_path / "a", tiny, MOST, 1, False), asked, 1, None)
    assert reached_again == reached
    assert bytes_of(again.folder) == before
    assert [path.name for path in (tmp_path / "a").iterdir()] == [store.folder.name]


@pytest.mark.parametrize("runs", [MOST, MOST + CHUNK])
def test_finished_runs_are_read_and_stay(tmp_path, tiny, monkeypatch, runs):
    """Of just as many runs as are allowed, and of more: nothing finished goes, no war is new."""
    finished = Store(tmp_path, tiny, runs, 1, False)
    run_into(finished, 1)
    before = bytes_of(finished.folder)
    monkeypatch.setattr(runner, "run_chunk", None)
    monkeypatch.setattr(until, "run_chunk", None)
    store, reached = run_until(Store(tmp_path, tiny, MOST, 1, False), wanted(MEAN, tiny), 1, None)
    assert reached.is_enough
    assert reached.runs < MOST
    assert finished.is_complete
    assert bytes_of(finished.folder) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [finished.folder.name, store.folder.name, "sources.yaml", "war.yaml"]
    )


def test_what_an_interrupted_ensemble_has_done_stays_done(tmp_path, tiny):
    """Chunks that others left in the pool are either in the finished results or still there."""
    pool = Store(tmp_path, tiny, MOST, 1, False)

    def interrupted(done, most):
        if done >= MOST // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_into(pool, 1, interrupted)
    done = pool.chunks.written()
    told = pool.read().runs_done
    _, reached = run_until(pool, wanted("mean(aircraft_hit) +- 1", tiny), 1, None)
    assert reached.runs < MOST // 4
    assert set(done) - set(pool.chunks.written()) == set(range(0, reached.runs, CHUNK))
    assert Store.of_folder(pool.folder).read().runs_done == told
    missing = runner.missing_of(pool, dict.fromkeys(done, ()))
    runner.borrow(pool)
    assert missing
    assert not runner.missing_of(pool, dict.fromkeys(done, ()))


def test_what_is_not_reached_is_said_not_to_be(tmp_path, tiny):
    asked = wanted("mean(aircraft_destroyed) +- 1e-9", tiny)
    store, reached = run_until(Store(tmp_path, tiny, 100, 1, False), asked, 1, None)
    assert (reached.runs, reached.is_enough) == (100, False)
    assert store.is_complete


def test_what_never_happened_is_not_known_to_be_impossible(tmp_path, tiny):
    asked = wanted("share(aircraft_destroyed > 1000) +- 0.1", tiny)
    _, reached = run_until(Store(tmp_path, tiny, 120, 1, False), asked, 1, None)
    assert not reached.is_enough


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("mean(aircraft)", "cannot be read"),
        ("median(aircraft_hit) +- 1", "cannot be read"),
        ("mean(aircraft_hot) +- 1", "did you mean 'aircraft_hit'"),
        ("mean(aircraft_hit) +- 0", "expected a number above 0"),
        ("mean(aircraft_hit) +- inf", "expected a number above 0"),
        ("share(aircraft_hit >) +- 0.1", "--until: character"),
    ],
)
def test_what_cannot_be_read_is_one_line(tiny, written, message):
    with pytest.raises(ExperimentError) as told:
        wanted(written, tiny)
    assert message in str(told.value)
    assert "\n" not in str(told.value)


def test_the_command_says_what_was_reached(here, write, war_text, undrawn):
    asked = ("run", write(war_text), "--workers", 1, "--out", "out", "--until")
    line = (*asked, "mean(aircraft_hit) +- 1", "--runs", 1500)
    told = here(*line)
    assert told.code == 0, told.err
    assert "mean(aircraft_hit) +- 1: reached after 200 runs" in " ".join(told.out.split())
    assert here(*line, "--json").json["until"]["is_enough"] is True
    assert here(*asked, "much").code == 2
    short = here(*asked, "mean(aircraft_hit) +- 0.001", "--runs", 500)
    assert short.code == 4
    assert "not reached after 500 runs" in short.err
