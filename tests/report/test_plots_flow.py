"""The flow of a raid's drones: nothing gets lost on the way, in the data or in the picture."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.patches import Rectangle
from test_plots import check_texts, with_scenario

from sim.experiment.execution import runner
from sim.experiment.record import Record
from sim.raid.arrays import FATES
from sim.report.plots.captions import flown_runs
from sim.report.plots.run.fates import mean_fates
from sim.report.plots.run.flow import MOST_SITES, MOST_UNITS, Flow, draw_flow, flow_of
from sim.scenario.load import load
from tests.examples import examples

ROOT = Path(__file__).parents[2]
ASSAULT = load(ROOT / "scenarios" / "massive-assault.yaml")
RAID = next(iter(ASSAULT.raids))
BY = {"jammer": "jammed", "shooter": "shot_down"}
UNITS = {
    kind: [
        (name, unit)
        for name, site in ASSAULT.sites.items()
        for unit in site.defence
        if ASSAULT.units[unit].kind == kind
    ]
    for kind in BY
}


@st.composite
def records(draw: st.DrawFn) -> Record:
    """A raid flown a few times: any fates at any sites, what was stopped dealt to any units."""
    raids, defence = [], []
    sites = draw(st.lists(st.sampled_from(list(ASSAULT.sites)), min_size=1, unique=True))
    flights = draw(st.integers(1, 4))
    for run in range(flights):
        told = {"run": run, "raid": RAID, "day": 8}
        fates = {
            site: draw(st.lists(st.integers(0, 9), min_size=len(FATES), max_size=len(FATES)))
            for site in sites
        }
        for site, numbers in fates.items():
            raids.append({**told, "site": site, **dict(zip(FATES, numbers, strict=True))})
        for kind, fate in BY.items():
            many = sum(numbers[FATES.index(fate)] for numbers in fates.values())
            who = st.lists(st.sampled_from(UNITS[kind]), min_size=many, max_size=many)
            for site, unit in draw(who):
                defence.append({**told, "site": site, "unit": unit, "stopped": 1})
    frames = {"raids": pd.DataFrame(raids)}
    if defence:
        frames["defence"] = pd.DataFrame(defence)
    return Record(ASSAULT, 1, flights, frames)


def taken(flow: Flow, key: tuple[str, ...]) -> float:
    return sum(number for (_, target), number in flow.links.items() if target == key)


def given_on(flow: Flow, key: tuple[str, ...]) -> float:
    return sum(number for (source, _), number in flow.links.items() if source == key)


@given(records())
@examples(60)
def test_what_a_place_takes_in_it_gives(record: Record) -> None:
    flow = flow_of(record, RAID)
    ordered = flow.nodes["ordered",].mean
    assert ordered == pytest.approx(mean_fates(record)[RAID].to_numpy().sum())
    for key, node in flow.nodes.items():
        if key[0] != "ordered":
            assert taken(flow, key) == pytest.approx(node.mean)
        if key[0] in ("ordered", "site") or key[1:] in (("jammed",), ("shot_down",)):
            assert given_on(flow, key) == pytest.approx(node.mean)
        else:
            assert given_on(flow, key) == 0.0
        assert 0.0 <= node.low <= node.high
    for kind in ("site", "fate"):
        means = [flow.nodes[key].mean for key in flow.of_kind(kind)]
        assert sum(means) == pytest.approx(ordered)
    assert len(flow.of_kind("site")) <= MOST_SITES
    assert len(flow.of_kind("unit")) <= MOST_UNITS
    stopped = (
        record.defence.groupby(["site", "unit"])["stopped"].sum() if len(record.defence) else []
    )
    held = [part for key in flow.of_kind("unit") for part in flow.nodes[key].holds]
    assert len(held) == len(set(held)) == len(stopped)


@given(records())
@examples(20)
def test_bars_of_a_column_are_as_high_as_what_was_ordered(record: Record) -> None:
    runs = pd.DataFrame({"run": np.arange(record.runs_asked)})
    for raid in ASSAULT.raids:
        runs[f"{raid.replace('-', '_')}_flown"] = float(raid == RAID)
    picture = draw_flow(Record(ASSAULT, 1, record.runs_asked, {**record.frames, "runs": runs}))
    table = record.raids[list(FATES)].to_numpy()
    if not table.sum():
        assert picture is None
        return
    assert picture is not None
    heights: dict[float, float] = {}
    for bar in picture.axes[0].findobj(lambda artist: type(artist) is Rectangle and artist.get_x()):
        heights[bar.get_x()] = heights.get(bar.get_x(), 0.0) + bar.get_height()
    ordered, sites, fates, *units = (height for _, height in sorted(heights.items()))
    assert sites == pytest.approx(ordered)
    assert fates == pytest.approx(ordered)
    stopped = sum(table[:, FATES.index(fate)].sum() for fate in BY.values()) / table.sum()
    assert sum(units) == pytest.approx(ordered * stopped)


@pytest.fixture(scope="module")
def assault() -> Record:
    return runner.run(ASSAULT, 40, seed=1, workers=1)


def test_a_model_s_own_raid_loses_no_drone(assault: Record) -> None:
    flow = flow_of(assault, RAID)
    rows = assault.raids[assault.raids["raid"] == RAID]
    flights = len(rows[["run", "day"]].drop_duplicates())
    assert flow.nodes["ordered",].mean == pytest.approx(rows["ordered"].sum() / flights)
    for fate in BY.values():
        assert given_on(flow, ("fate", fate)) == pytest.approx(rows[fate].sum() / flights)


def test_many_units_are_taken_together_and_no_text_lies_over_another(assault: Record) -> None:
    picture = draw_flow(assault)
    assert picture is not None
    check_texts(picture)
    assert "other units" in picture.description
    assert picture.description.count(";") > MOST_UNITS


def test_long_names_leave_nothing_over_the_edge(assault: Record) -> None:
    scenario = assault.scenario
    long = "Somewhere with a name that no column has any room for, and a region"
    sites = {n: s.model_copy(update={"title": f"{n} {long}"}) for n, s in scenario.sites.items()}
    units = {n: u.model_copy(update={"title": f"{n} {long}"}) for n, u in scenario.units.items()}
    raids = {n: r.model_copy(update={"title": f"{n} {long}"}) for n, r in scenario.raids.items()}
    update = {"sites": sites, "units": units, "raids": raids}
    picture = draw_flow(with_scenario(assault, scenario.model_copy(update=update)))
    assert picture is not None
    check_texts(picture)


def test_flights_in_which_a_unit_has_no_row_count_as_none() -> None:
    told = {"raid": RAID, "day": 8, "site": next(iter(ASSAULT.sites))}
    fates = dict.fromkeys(FATES, 0) | {"jammed": 4}
    site, unit = UNITS["jammer"][0]
    frames = {
        "raids": pd.DataFrame([{"run": run, **told, **fates} for run in range(4)]),
        "defence": pd.DataFrame(
            [{"run": 0, "raid": RAID, "day": 8, "site": site, "unit": unit, "stopped": 4}]
        ),
    }
    node = flow_of(Record(ASSAULT, 1, 4, frames), RAID).nodes["unit", site, unit]
    assert node.mean == 1.0
    assert node.low == 0.0


def test_a_raid_whose_flights_are_not_kept_is_an_error(assault: Record) -> None:
    frames = {**assault.frames, "runs": assault.runs[["run"]]}
    with pytest.raises(KeyError, match="flown"):
        flown_runs(Record(ASSAULT, 1, 40, frames), RAID)
