"""Nights forecast one by one: the filter, its plain rivals, and what is said of them."""

import csv
import datetime
import json
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import expit

from sim.evidence.nights import forgetting
from sim.evidence.nights.defence import defence
from sim.evidence.nights.families import CHOICES, families, raids
from sim.evidence.nights.file import KINDS, read_nights
from sim.evidence.nights.filter import forecast, learned, unlearned, weights
from sim.evidence.nights.oddities import MARKS, marks_of, shares
from sim.evidence.nights.rows import COLUMNS
from sim.evidence.nights.sequential import against_goal, history, validate_sequentially
from sim.report.answers.sequential import Sequential
from sim.report.plots.analysis.sequential import (
    draw_defence,
    draw_nights_and_forecasts,
    draw_skill,
)
from sim.scenario.shipped import shipped
from sim.scenario.text.document import plain

DAY = datetime.date(2024, 9, 1)
HEAD = (*COLUMNS, "is_shahed")


def rows_of(count, seed=3, p=0.15, first=DAY):
    """Nights of two classes; some tell how many were armed, some missiles are of another kind."""
    luck, rows = np.random.default_rng(seed), []
    for k in range(count):
        day = first + datetime.timedelta(int(k + k // 5))
        size = int(luck.integers(8, 150))
        leaked = int(luck.binomial(size, luck.beta(20 * p, 20 * (1 - p))))
        armed = int(size * luck.uniform(0.5, 0.8)) if k > count // 2 else ""
        rows.append((day, day, "Shahed-136/131", size, size - leaked, "", armed))
        if k % 2:
            model = "Iskander-M" if k % 3 else "C-300"
            few = int(luck.integers(1, 9))
            rows.append((day, day, model, few, int(luck.binomial(few, 0.3)), "", ""))
    return rows


def written(path, rows):
    with path.open("w", newline="") as out:
        csv.writer(out).writerows([HEAD, *rows])
    return path


@pytest.fixture(scope="module")
def rows():
    return rows_of(64)


@pytest.fixture(scope="module")
def file(rows, tmp_path_factory):
    return written(tmp_path_factory.mktemp("nights") / "nights.csv", rows)


@pytest.fixture(scope="module")
def judged(file):
    return validate_sequentially(file)


# --- the file ----------------------------------------------------------------------------------


def test_kinds_and_armed_are_read(tmp_path):
    rows = [
        ("2025-08-01", "2025-08-02", "Shahed-136/131", 100, 80, "", 60),
        ("2025-08-01", "2025-08-02", "Iskander-M", 2, 1, "", ""),
        ("2025-08-01", "2025-08-02", "C-300 and X-22", 4, 1, "", ""),
    ]
    classes = read_nights(written(tmp_path / "nights.csv", rows)).classes
    assert classes["shahed"].armed.tolist() == [0.6]
    assert np.isnan(classes["ballistic"].armed).all()
    assert classes["ballistic"].kinds.tolist() == pytest.approx(np.array([[2, 2, 0, 2]]) / 6)
    assert all(len(KINDS[name]) == classes[name].kinds.shape[1] for name in KINDS)


def test_the_armed_share_moves_a_forecast_only_against_what_it_was_lately(tmp_path):
    rows = [(DAY + datetime.timedelta(k), DAY + datetime.timedelta(k), "Shahed-136/131", 100, 80,
             "", armed) for k, armed in enumerate(["", 60, 60, "", 30])]  # fmt: skip
    nights = read_nights(written(tmp_path / "nights.csv", rows)).classes["shahed"]
    extras = [float(raid.extras[-1]) for raid in raids("shahed", nights)]
    assert extras == pytest.approx([0.0, 0.0, 0.0, 0.0, np.log(0.5)])


# --- the filter --------------------------------------------------------------------------------


def by_grid(spread, level_sd, wander, nights):
    """The mean chance of the next night by a level that walks, all summed out on a grid."""
    grid = np.linspace(-9, 6, 1501)
    law = stats.norm.pdf(grid, CHOICES["shahed"].level, level_sd)
    kernel = cache(lambda days: stats.norm.pdf(grid[:, None], grid, wander * np.sqrt(days)))
    last = None
    for day, launched, leaked in nights:
        if last is not None:
            law = kernel(day - last) @ law
            law /= law.sum()
        last = day
        s = 1 / (spread / (1 + launched / CHOICES["shahed"].spread_half)) - 1
        p = expit(grid)
        law = law * stats.betabinom.pmf(leaked, launched, p * s, (1 - p) * s)
        law /= law.sum()
    return float(law @ grid), float(np.sqrt(law @ grid**2 - (law @ grid) ** 2))


def test_a_level_that_walks_is_learned_as_it_is_on_a_grid(file):
    nights = read_nights(file).classes["shahed"]
    (family,) = families("shahed", "drift")
    known = history((family,), list(raids("shahed", nights)), nights)[-1]
    came = list(zip(nights.day, nights.launched, nights.leaked, strict=True))
    for member in (1, len(family.spread) - 1):
        mean, sd = by_grid(family.spread[member], 1.0, family.wander[member, 0], came)
        assert known.states[0].mean[member, 0] == pytest.approx(mean, abs=0.03)
        assert known.states[0].covariance[member, 0, 0] ** 0.5 == pytest.approx(sd, rel=0.05)


def test_members_count_by_how_likely_they_made_what_came(file):
    nights = read_nights(file).classes["shahed"]
    own, met = families("shahed", "plain"), list(raids("shahed", nights))
    before = unlearned(own, met[0].day)
    after = learned(own, before, met[0], int(nights.leaked[0]))
    odds = forecast(own, before, met[0]).cumulative(met[0].launched)
    came = odds[nights.leaked[0]] - odds[nights.leaked[0] - 1]
    assert np.log(np.mean(np.exp(after.log_score))) == pytest.approx(np.log(came), abs=1e-3)
    assert weights(own, after)[0].sum() == pytest.approx(1.0)


@pytest.mark.parametrize("sees", ["both", "plain", "mechanism", "drift", "massing", "channels"])
def test_a_forecast_is_a_law_and_wider_further_ahead(file, sees):
    nights = read_nights(file).classes["ballistic"]
    own, met = families("ballistic", sees), list(raids("ballistic", nights))
    known = history(own, met[:-1], nights.where(np.arange(len(nights)) < len(nights) - 1))[-1]
    soon, late = (
        forecast(own, known, met[-1]._replace(day=known.day + ahead)).cumulative(30)
        for ahead in (1, 60)
    )
    for law in (soon, late):
        assert len(law) == 31
        assert (np.diff(law) >= 0).all()
        assert law[-1] == pytest.approx(1.0)
    width = [np.searchsorted(law, 0.95) - np.searchsorted(law, 0.05) for law in (soon, late)]
    assert width[1] >= width[0]


def test_later_nights_change_no_forecast(judged, rows, tmp_path):
    changed = [(*row[:4], 0, *row[5:]) if k > len(rows) - 8 else row for k, row in enumerate(rows)]
    other = validate_sequentially(written(tmp_path / "nights.csv", changed))
    first = {row["night"]: row for row in judged["classes"]["shahed"]["series"]}
    last = [row["night"] for row in other["classes"]["shahed"]["series"]]
    same = [row for row in other["classes"]["shahed"]["series"] if row["night"] < last[-5]]
    assert len(same) > 20
    assert all(row == first[row["night"]] for row in same)
    assert other["classes"]["shahed"]["series"][-1] != first[last[-1]]


def test_the_filter_finds_a_share_that_has_changed(tmp_path):
    turned = rows_of(80, p=0.1)[:]
    later = [(DAY + datetime.timedelta(100 + k),) * 2 + ("Shahed-136/131", 100, 50, "", "")
             for k in range(30)]  # fmt: skip
    nights = read_nights(written(tmp_path / "nights.csv", turned + later)).classes["shahed"]
    own, met = families("shahed"), list(raids("shahed", nights))
    known = history(own, met, nights)[-1]
    asked = met[-1]._replace(day=met[-1].day + 1)
    assert forecast(own, known, asked).p == pytest.approx(0.5, abs=0.06)


def test_the_defence_has_a_range_that_holds_its_median(file):
    nights = read_nights(file).classes["shahed"]
    own, met = families("shahed"), list(raids("shahed", nights))
    found = defence("shahed", own, history(own, met, nights)[-1], 80.0)
    assert {"looks", "channels", "p_kill", "jam", "decoys", "massing"} <= set(found)
    assert all(f["low"] < f["median"] < f["high"] for f in found.values())
    assert 0 < found["p_kill"]["low"] < found["p_kill"]["high"] < 1
    guess = defence("shahed", own, unlearned(own, 738_886), 10.0)
    assert guess["looks"]["median"] == pytest.approx(2.5)
    assert guess["channels"]["median"] == pytest.approx(6.0)
    assert guess["p_kill"]["median"] == pytest.approx(0.92)


# --- the rivals --------------------------------------------------------------------------------


@pytest.mark.parametrize("half_life", forgetting.HALF_LIVES_DAYS)
def test_no_line_is_likelier_for_a_regression_that_forgets(file, half_life):
    nights = read_nights(file).classes["shahed"]
    b = forgetting.fits(nights, half_life)[-1]

    def height(b):
        p, s = expit(b[0] + b[1] * np.log(nights.launched)), np.exp(-b[2])
        chance = stats.betabinom.logpmf(nights.leaked, nights.launched, p * s, (1 - p) * s)
        return chance @ 0.5 ** ((nights.day[-1] - nights.day) / half_life)

    for move in 0.05 * np.vstack([np.eye(3), -np.eye(3)]):
        assert height(b) > height(b + move)


def test_fits_begun_late_are_the_same(file):
    nights = read_nights(file).classes["ballistic"]
    early, late = forgetting.fits(nights, 45), forgetting.fits(nights, 45, 15)
    assert np.isnan(late[:15]).all()
    assert late[15:] == pytest.approx(early[15:], abs=1e-2)


# --- the scores --------------------------------------------------------------------------------


@given(st.floats(0.5, 1.5), st.floats(0.8, 1.0))
def test_the_goal_is_coverage_and_a_twentieth_less(crps, covered):
    found = {"crps": crps, "crps_forgetting": 1.0, "coverage_90": covered}
    assert against_goal(found) == (crps <= 0.95 and 0.86 <= covered <= 0.94)


def test_the_answer_is_json_of_the_promised_form(judged):
    assert json.loads(json.dumps(judged)) == judged
    assert set(judged["not_judged"]) == {"cruise"}
    for entry in judged["classes"].values():
        assert entry["nights"] == len(entry["series"])
        assert entry["crps_forgetting"] == min(entry[f"crps_forgetting_{n}"] for n in (20, 45, 90))
        assert entry["gain"] == pytest.approx(1 - entry["crps"] / entry["crps_forgetting"])
        assert {"coverage_50", "coverage_90", "log_score"} <= set(entry)
        others = ("drift", "last_month", "regression", "filter_alone", "without_massing")
        assert all(f"crps_{who}" in entry for who in others)
        assert list(entry["horizons"]) == ["1", "7", "30"]
        for parts in ("by_half", "by_month", "by_size"):
            assert sum(row["nights"] for row in entry[parts]) == entry["nights"]
            sums = sum(row["nights"] * row["crps"] for row in entry[parts])
            assert sums / entry["nights"] == pytest.approx(entry["crps"])


def test_nights_after_a_date_are_scored_as_among_all(judged, file):
    after = validate_sequentially(file, datetime.date(2024, 10, 31))
    for name, entry in after["classes"].items():
        scored = judged["classes"][name]["series"]
        wanted = [row for row in scored if row["night"] > "2024-10-31"]
        for own, all_ in zip(entry["series"], wanted, strict=True):
            assert own["crps"] == all_["crps"]
            assert own["crps_forgetting_45"] == pytest.approx(all_["crps_forgetting_45"], abs=1e-2)


def test_the_words_and_pictures_say_what_was_found(judged, tmp_path):
    lines = Sequential("", (), judged).sections()[0].lines
    for name, entry in judged["classes"].items():
        (line,) = (line for line in lines if f"{entry['crps']:.3g} against" in line)
        assert ("NOT met" in line) != entry["goal_met"], name
        assert f"{100 * entry['coverage_90']:.1f} %" in line
    for draw in (draw_skill, draw_nights_and_forecasts, draw_defence):
        assert draw(judged).write_to(tmp_path, draw.__name__, ("svg",))[0].stat().st_size > 5000


def test_the_command_asks_for_a_date_or_to_learn(command, file):
    found = command("validate", "nights", file)
    assert found.code == 2
    assert found.err.startswith("--train-until: not given")
    late = command("validate", "nights", file, "--sequential", "--train-until", "2030-01-01")
    assert late.code == 2
    assert "no night after 2030-01-01" in late.err


# --- what was odd about a night ------------------------------------------------------------------


def test_marks_are_of_the_sixty_days_before(tmp_path):
    head = (*COLUMNS, "is_shahed", "still_attacking", "num_hit_location", "target")
    rows = [
        (DAY + datetime.timedelta(k), DAY + datetime.timedelta(k), "Shahed-136", 20 + k % 3, 15,
         2 + k % 2, 10, "", 1, "Ukraine")
        for k in range(12)
    ]  # fmt: skip
    last = DAY + datetime.timedelta(30)
    rows.append((last, last, "Shahed-136", 90, 60, 1, 80, 4, 9, "Odesa oblast"))
    with (tmp_path / "nights.csv").open("w", newline="") as out:
        csv.writer(out).writerows([head, *rows])
    nights = read_nights(tmp_path / "nights.csv").classes["shahed"]
    assert marks_of("shahed", nights, 11) == {}
    assert marks_of("shahed", nights, 12) == {
        "largest": "90 launched", "many armed": "89% armed", "few lost": "1% lost",
        "pause": "19 days", "aimed at a region": "100% of the launched", "in the air": "4",
    }  # fmt: skip


def test_a_mark_that_all_outside_bear_is_told_from_chance():
    outside = np.arange(20) < 5
    every = [{"pause": "9 days"} if one else {} for one in outside]
    (row,) = shares(every, outside)
    assert (row["nights"], row["outside"], row["others_outside_share"]) == (5, 5, 0.0)
    assert row["p"] == pytest.approx(1 / 15504)


def test_the_worst_nights_and_their_marks_are_told(judged):
    for entry in judged["classes"].values():
        assert all(set(row["odd"]) <= set(MARKS) for row in entry["worst"])
        for row in entry["oddities"]:
            assert 0 < row["nights"] <= entry["nights"]
    assert any("unusual features" in part.heading for part in Sequential("", (), judged).sections())


# --- other skies ---------------------------------------------------------------------------------

SKIES = shipped("scenarios") / "other-skies.csv"


def test_every_raid_under_another_sky_has_its_sources():
    with SKIES.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    known = plain((shipped("scenarios") / "sources.yaml").read_text())
    assert {key for row in rows for key in row["source"].split(" and ")} <= set(known)
    assert all(row["time_end"] < "2026" for row in rows)
    assert sum(len(one) for one in read_nights(SKIES).classes.values()) == len(rows)


def test_other_skies_are_forecast_and_not_learned_from(command, tmp_path):
    file = written(tmp_path / "nights.csv", rows_of(50, first=datetime.date(2024, 10, 1)))
    other = tmp_path / "other.csv"
    other.write_text(
        "time_start,time_end,model,launched,destroyed,not_reach_goal\n"
        "2025-01-01,2025-01-01,one-way attack drones,400,400,\n"
        "2025-01-02,2025-01-02,one-way attack drones,2,2,\n"
    )
    found = command("validate", "nights", file, "--elsewhere", other, "--json")
    assert found.code == 0, found.err
    large, small = found.json["raids"]
    assert not large["learned"]["inside"]
    assert small["learned"]["inside"]
    assert found.json["inside"]["learned"] == 1
    law = found.json["raids"][0]["guessed"]
    assert law["low_90"] <= law["median"] <= law["high_90"]
    assert "! lies outside" in command("validate", "nights", file, "--elsewhere", other).out
    both = command("validate", "nights", file, "--elsewhere", other, "--sequential")
    assert both.code == 2
    early = command("validate", "nights", file, "--elsewhere", SKIES)
    assert early.code == 0
    assert "Of 0 raids" in early.out
    assert "too few nights before" in early.out
