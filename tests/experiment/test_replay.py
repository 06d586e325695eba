"""A run fought again: the same run, and a log in which nothing is lost or told twice."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.experiment import replay as replaying
from sim.experiment.errors import ExperimentError
from sim.experiment.execution.runner import run_into
from sim.experiment.replay import replay
from sim.experiment.storage.answer_files import answer_into
from sim.experiment.storage.store import Store
from sim.raid.arrays import FATES
from sim.raid.deployment import deployment_of
from sim.raid.orders import flights_of
from sim.scenario.load import load
from sim.scenario.sample import Sample
from sim.scenario.schema import Scenario
from sim.war.event_log import EVENTS, EventLog
from sim.war.model import War
from tests.strategies import RAID, raid_scenarios, wars
from tests.war.test_war import few

pytestmark = pytest.mark.usefixtures("sketched_throughout")

ROOT = Path(__file__).parents[2]
RUNS = 12
SHOT_ENDS = ("shot_missed", "shot_late", "shot_down")


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Stored runs of the article's war, in their folder."""
    scenario = load(ROOT / "scenarios/spiderweb.yaml")
    store = Store(tmp_path_factory.mktemp("kept"), scenario, RUNS, 3, False)
    run_into(store, 1)
    return store


def logged(scenario, run=0, seed=1):
    """The logbook of a run."""
    return War(scenario, np.array([run]), seed, recorder=EventLog).run().recorder


@few
@given(wars() | raid_scenarios(), st.integers(0, 50))
def test_nothing_is_lost_or_told_twice(war, run):
    book = logged(war if isinstance(war, Scenario) else Scenario.model_validate(war), run)
    drones, events = pd.DataFrame(book.drones()), pd.DataFrame(book.events())
    raids = pd.DataFrame(book.raids())
    if drones.empty:
        assert events.empty
        return
    one = ["raid", "day", "drone"]
    ends = events[events["what"].isin(FATES)]
    assert len(ends) == len(drones) == raids["ordered"].sum()
    found = ends.merge(drones, on=one, validate="one_to_one")
    assert (found["what"] == found["fate"]).all()
    assert (found["minute"] == found["ended_min"]).all()
    for fate in FATES:
        assert (drones["fate"] == fate).sum() == raids[fate].sum()
    fired = events[events["what"] == "fired_at"]
    assert len(fired) == events["what"].isin(SHOT_ENDS).sum()
    assert fired["rounds"].sum() == raids["rounds_fired"].sum()
    seen = events[events["what"] == "seen"].set_index([*one, "unit_site", "unit"])["minute"]
    assert seen.index.is_unique
    by = pd.MultiIndex.from_frame(fired[[*one, "unit_site", "unit"]])
    assert (fired["minute"].to_numpy() >= seen.reindex(by).to_numpy()).all()
    assert (drones["launched_min"] <= drones["ended_min"]).all()
    through = drones["asset"] != ""
    legs = drones["launched_min"] + drones["flown_min"]
    assert legs[through].to_numpy() == pytest.approx(drones["ended_min"][through].to_numpy())
    order = [EVENTS.index(what) for what in events["what"]]
    told = events.assign(order=order).groupby(["day", "raid"], sort=False)
    for _, rows in told:
        assert rows.equals(rows.sort_values(["minute", "order", "drone"], kind="stable"))


def test_it_is_the_stored_run(kept):
    for run in (0, RUNS - 1):
        again = replay(kept.folder, run)
        stored = kept.read().runs
        assert again.record.runs.equals(stored[stored["run"] == run].reset_index(drop=True))
        assert again.sameness == f"equal to the stored run in all of {len(stored.columns)} outcomes"
        assert set(again.record.days["run"]) == {run}


def test_a_run_that_comes_out_otherwise_is_none(kept, monkeypatch):
    class Other(War):
        def __init__(self, scenario, runs, seed, recorder):
            super().__init__(scenario, runs, seed + 1, recorder=recorder)

    monkeypatch.setattr(replaying, "War", Other)
    with pytest.raises(ExperimentError, match="comes out differently"):
        replay(kept.folder, 1)


def test_last_digits_may_differ(kept, monkeypatch):
    class Nearly(War):
        def __init__(self, scenario, runs, seed, recorder):
            super().__init__(scenario, runs, seed, recorder=recorder)
            self.negotiators[scenario.underdog].prior *= 1 + 1e-14

    monkeypatch.setattr(replaying, "War", Nearly)
    assert "but for last digits" in replay(kept.folder, 1).sameness


@pytest.mark.parametrize("how", replaying.CHOICES)
def test_chosen_by_an_outcome(kept, how):
    column = "aircraft_hit"
    values = kept.read().runs[column].to_numpy()
    again = replay(kept.folder, by=(how, column))
    found = again.record.runs[column].iloc[0]
    wanted = {"best": values.max(), "worst": values.min()}
    if how in wanted:
        assert found == wanted[how]
    else:
        assert abs(found - np.median(values)) == np.abs(values - np.median(values)).min()
    assert again.chosen.startswith(f"run {again.run}, ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--run", "99"], f"--run 99: no such run, expected 0 to {RUNS - 1}"),
        (["--best", "aircraft_hits"], "did you mean 'aircraft_hit'?"),
        (["--run", "1", "--best", "aircraft_hit"], "more than one is given"),
        (["--median", "collapse_day"], "no run has it"),
    ],
)
def test_bad_input_is_one_line(command, kept, arguments, said):
    result = command("replay", kept.folder, *arguments)
    assert result.code == 2
    assert said in result.err
    assert result.err.count("\n") == 1


def test_what_keeps_no_runs_is_refused(command, tmp_path):
    assert "no results here" in command("replay", tmp_path).err
    assert "contain no runs" in command("replay", ROOT / "results/impulse").err


def test_the_command_writes_the_page_and_the_log(command, kept, tmp_path):
    result = command("replay", kept.folder, "--run", 4, "--to", tmp_path / "four", "--json")
    told, again = json.loads(result.out), replay(kept.folder, 4)
    events = pd.read_csv(tmp_path / "four" / "events.csv", keep_default_na=False)
    assert told["run"] == 4
    assert told["outcomes"]["aircraft_hit"] == again.record.runs["aircraft_hit"].iloc[0]
    assert len(events) == len(again.events) == told["events"]
    assert told["folder"] == str(tmp_path / "four")
    assert Path(told["page"]).read_text().startswith("<!doctype html>")


def test_a_war_without_raids_has_no_tables_and_leaves_none_of_another(command, tmp_path):
    command("run", "istanbul-talks", "--runs", 2, "--out", tmp_path, "--quiet")
    (folder,) = tmp_path.glob("istanbul-talks-*")
    with answer_into(folder / "replays" / "run-1") as part:
        (part / "drones.csv").write_text("of another run")
    result = command("replay", folder, "--run", 1, "--quiet")
    assert result.code == 0, result.err
    left = {file.name for file in (folder / "replays" / "run-1").iterdir()}
    assert left == {"replay.html", "SHA256SUMS"}


class _Kept(EventLog):
    """A logbook that keeps what it was told."""

    def __init__(self, war):
        super().__init__(war)
        self.told = []

    def raid(self, flown):
        orders = flown.orders._replace(flights=flown.orders.flights.copy())
        self.told.append(flown._replace(orders=orders))
        super().raid(flown)


@few
@given(raid_scenarios(), st.integers(0, 50))
def test_it_says_in_words_what_the_raid_gave_in_numbers(war, run):
    """Drone by drone and shot by shot, as an ordinary loop reads the log."""
    book = War(war, np.array([run]), 1, recorder=_Kept).run().recorder
    drones, events = book.drones(), pd.DataFrame(book.events())
    if not book.told:
        assert not drones
        assert events.empty
        return
    (flown,) = book.told
    log, orders, deployment = flown.log, flown.orders, deployment_of(war, "defender")
    weapons, assets = list(war.weapons), list(war.assets)
    speeds = Sample(war, 1, np.array([run]))
    expected = []
    for flight, order in zip(flights_of(war.raids[RAID]), orders.flights[0], strict=True):
        decoys = war.raids[RAID].waves[flight.wave].decoys
        for _ in range(order["drones"]):
            at = len(expected)
            weapon = weapons[log.weapon[0, at]]
            by, aim = log.stopped_by[0, at], log.aimed_at[0, at]
            expected.append(
                {
                    "run": run, "raid": RAID, "day": 1, "drone": at, "wave": flight.wave,
                    "weapon": weapon, "site": flight.site,
                    "is_decoy": decoys is not None and weapon == decoys.weapon,
                    "leg_km": order["leg_km"],
                    "launched_min": log.launched_min[0, at],
                    "flown_min": order["leg_km"] / (speeds[f"weapons.{weapon}.speed"][0] / 60.0),
                    "ended_min": max(log.ended_min[0, at], log.launched_min[0, at]),
                    "fate": FATES[log.fate[0, at]],
                    "stopped_at": deployment.units[by][0] if by >= 0 else "",
                    "stopped_by": deployment.units[by][1] if by >= 0 else "",
                    "asset": assets[aim] if aim >= 0 else "",
                }
            )  # fmt: skip
    found = pd.DataFrame(drones)
    assert found["flown_min"].to_numpy() == pytest.approx(
        [row.pop("flown_min") for row in expected]
    )
    assert found.drop(columns="flown_min").to_dict("records") == expected
    told = dict(iter(events.groupby("what")))
    shots = log.shots[0][: log.shots_fired[0]]
    fired = [
        (shot["fired_min"], shot["drone"], *deployment.units[shot["unit"]], shot["rounds"])
        for shot in shots
    ]
    columns = ["minute", "drone", "unit_site", "unit", "rounds"]
    none = events.iloc[:0]
    assert sorted(told.get("fired_at", none)[columns].itertuples(index=False)) == sorted(fired)
    seen = [
        (sighting["seen_min"], sighting["drone"], *deployment.units[sighting["unit"]], 0)
        for sighting in log.sightings[0]
        if sighting["drone"] >= 0
        and sighting["seen_min"] <= expected[sighting["drone"]]["ended_min"]
    ]
    assert sorted(told.get("seen", none)[columns].itertuples(index=False)) == sorted(seen)
    off = [
        (row["launched_min"], row["drone"], "", "", 0)
        for row in expected
        if row["fate"] not in ("compromised", "failed")
    ]
    assert list(told.get("launched", none)[columns].itertuples(index=False)) == sorted(off)
    ended = [
        (row["ended_min"], row["drone"], row["stopped_at"], row["stopped_by"], 0)
        for row in expected
    ]
    fates = events[events["what"].isin(FATES)]
    assert sorted(fates[columns].itertuples(index=False)) == sorted(ended)
    late = [
        shot["drone"] for shot in shots if shot["ends_min"] > expected[shot["drone"]]["ended_min"]
    ]
    assert sorted(told.get("shot_late", none)["drone"]) == sorted(late)
    assert set(events["run"]) | {run} == {run}
