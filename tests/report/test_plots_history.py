"""The figure of a history: what was recorded, month by month, and no text over another."""

import calendar
import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_plots import check_texts, with_scenario

from sim.experiment.record import FAN_QUANTILES, POSITIONS, Record
from sim.report.plots.picture import Picture
from sim.report.plots.run.history import by_month, draw_history, months_of
from sim.report.plots.run.history_outcomes import agreed_by, wanting_of
from sim.scenario.load import load

SCENARIO = load(Path(__file__).parents[2] / "scenarios" / "ukraine-2022-2025.yaml")
DAYS = SCENARIO.days


@pytest.fixture(scope="module")
def record() -> Record:
    """No war is fought: the lines beneath are made up."""
    fans: dict[str, object] = {
        "day": np.repeat(np.arange(DAYS), len(POSITIONS)),
        "position": np.tile(np.array(POSITIONS), DAYS),
        "runs": np.full(DAYS * len(POSITIONS), 40),
    }
    for k, q in enumerate(FAN_QUANTILES):
        height = np.linspace(0.2, 0.6, DAYS * len(POSITIONS)) + 0.05 * k
        fans[f"q{round(100 * q):02d}"] = height
    runs = pd.DataFrame({"run": np.arange(40)})
    return Record(SCENARIO, 1, 40, {"runs": runs, "fans": pd.DataFrame(fans)})


@pytest.fixture(scope="module")
def picture(record: Record) -> Picture:
    drawn = draw_history(record)
    assert drawn is not None
    return drawn


def test_months_make_up_the_campaign() -> None:
    months = months_of(SCENARIO)
    assert months[0] == (datetime.date(2022, 2, 24), datetime.date(2022, 2, 28))
    assert months[-1] == (datetime.date(2025, 12, 1), datetime.date(2025, 12, 31))
    assert sum((last - first).days + 1 for first, last in months) == DAYS


def test_bars_are_what_the_scenario_tells_of_each_month(picture: Picture) -> None:
    """Worked out from the rows, which are months: launched and come through of all classes."""
    history = SCENARIO.history
    assert history is not None
    launched, through = (dict.fromkeys(months_of(SCENARIO), 0.0) for _ in range(2))
    for raid in history.raids.values():
        if raid.launched is None or raid.neutralised is None:
            continue
        for name, row in raid.launched.rows.items():
            year, month = map(int, name.split("-"))
            last = datetime.date(year, month, calendar.monthrange(year, month)[1])
            key = (last.replace(day=1), last)
            launched[key] += row.amount
            through[key] += row.amount - raid.neutralised.rows[name].amount
    bars, parts = picture.axes[0].containers
    for drawn, told in ((bars, launched), (parts, through)):
        heights = [bar.get_height() for bar in drawn]
        assert np.nan_to_num(heights) == pytest.approx(list(told.values()))
    assert sum(launched.values()) == pytest.approx(75_100, abs=50)


def test_silence_is_not_drawn_as_zero(picture: Picture) -> None:
    places = [bar.get_height() for bar in picture.axes[2].containers[0]]
    assert np.isnan(places[:39]).all()
    assert places[-7:] == [254, 233, 306, 284, 358, 389, 420]
    front = np.asarray(picture.axes[3].lines[0].get_ydata())
    assert np.isnan(front).sum() == 3  # October to December 2023
    history = SCENARIO.history
    assert history is not None
    assert history.front is not None
    change = by_month(history.front.occupied_change_km2, SCENARIO)
    assert front[-1] == pytest.approx(np.nansum(change) / 1000.0)


def test_rounds_and_blows_are_marked_in_every_panel(picture: Picture) -> None:
    talks = SCENARIO.talks
    assert talks is not None
    dates = {*talks.meetings.values(), *(event.date for event in SCENARIO.events.values())}
    days = {(date - datetime.date(1970, 1, 1)).days for date in dates}
    for axes in picture.axes:
        upright = {line.get_xdata()[0] for line in axes.lines if len(set(line.get_xdata())) == 1}
        assert days <= upright


def test_no_text_lies_over_another_and_it_is_told_in_words(picture: Picture) -> None:
    check_texts(picture)
    assert "came through: 11,200 in all" in picture.description
    assert "Operation Spider's Web, 1 Jun" in picture.description


# --- what came of it -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told(record: Record) -> Record:
    """The same with an outcome: 10 of 40 settle on the last day, 4 had a truce on the fifth."""
    never = np.full(40, np.nan)
    deals = never.copy()
    deals[:10] = DAYS - 1
    runs = {"run": np.arange(40), "deal_day": deals, "ceasefire_day": never}
    for k, word in enumerate(("end_war_u", "concede_u", "end_war_d", "concede_d")):
        runs[f"{word}_start"] = np.full(40, 0.1 + 0.1 * k)
        runs[f"{word}_end"] = np.linspace(0.2 + 0.1 * k, 0.4 + 0.1 * k, 40)
    held = np.repeat(np.arange(40), 2)
    truces = {"run": held, "day": np.tile([4, 400], 40), "truce": held < 4}
    frames = record.frames | {"runs": pd.DataFrame(runs), "meetings": pd.DataFrame(truces)}
    return Record(SCENARIO, 1, 40, frames)


def test_what_was_agreed_by_a_day_is_a_share_of_all_runs(told: Record) -> None:
    found = agreed_by(told, [3, 4, 500, DAYS - 2, DAYS - 1])
    assert found["settlement"].tolist() == [0.0, 0.0, 0.0, 0.0, 25.0]
    assert found["local truce"].tolist() == [0.0, 10.0, 10.0, 10.0, 10.0]
    assert found["ceasefire"].tolist() == [0.0] * 5


def test_publics_are_told_at_the_start_and_at_the_end(told: Record) -> None:
    found = {(one.side, one.attitude): one for one in wanting_of(told)}
    assert set(found) == {(s, a) for s in SCENARIO.sides for a in ("end_war", "concede")}
    russia = found[SCENARIO.favourite, "concede"]
    assert russia.start == pytest.approx((40.0, 40.0, 40.0))
    assert russia.end == pytest.approx((51.0, 60.0, 69.0))
    assert wanting_of(with_scenario(told, SCENARIO.model_copy(update={"publics": None}))) == []


def test_the_outcome_stands_under_the_record(picture: Picture, told: Record) -> None:
    whole = draw_history(told)
    assert whole is not None
    check_texts(whole)
    labels = [axes.get_ylabel().replace("\n", " ") for axes in whole.axes]
    assert labels[-3:-1] == ["Agreed, % of runs", "Ready to ..., % of a public"]
    assert len(whole.axes) == len(picture.axes) + 2
    assert "Agreed, % of runs, local truce: 10 at the end." in whole.description
    assert "Public of Russia: concede for it, 40 % (40 to 40) at the start" in whole.description


def test_without_a_history_there_is_no_such_picture(record: Record) -> None:
    plain = SCENARIO.model_copy(update={"history": None})
    assert draw_history(with_scenario(record, plain)) is None
