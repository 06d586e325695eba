"""The raid, set so that one mechanism is left, against closed forms and published numbers.

All tolerances are four standard errors of the mean at the runs flown.
"""

import numpy as np
import pytest
from scipy import stats
from strategies import RAID, figure, jammer, position, ready, scenario, shooter, site, wave, weapon

from sim.raid.aggregate import yardstick
from sim.raid.arrays import FATES
from sim.raid.fly import fly
from sim.scenario.sample import Sample

AREA = {"area": {"title": "area", "side": "attacker", "position": position(0.0, 0.0)}}
POINT = {"range": figure(0.001, "km")}  # a circle so small that a drone is gone at once


def war(count, *, unit=None, gate=(0.0, 0.5), drone=None, target=None, **launch):
    """Drones flown due east over a gate with one unit, at a target beyond it."""
    defence = {"unit": {"count": figure(1)}} if unit else {}
    return scenario(
        weapons={"fpv": weapon(speed=figure(180, "km/h"), **(drone or {}))},
        units={"unit": unit} if unit else {},
        sites={
            "gate": site(gate, defence=defence),
            "target": site((0.0, 1.0), **(target or {"assets": {"plane": {"count": figure(9)}}})),
        },
        launch_areas=AREA,
        waves={"wave": wave(count, ["target"], launch_from="area", **launch)},
    )


def gun(p_kill, **changes):
    return shooter(p_kill={"fpv": figure(p_kill)}, magazine=figure(1_000_000), **changes)


def flown(built, runs=20_000, seed=11):
    """Fates by name, shape (runs,), the tally, and the defence after the raid."""
    numbers = np.arange(runs)
    orders, defence = ready(built, RAID, Sample(built, seed, numbers))
    tally, _ = fly(seed, numbers, 1, np.ones(runs, bool), orders, defence)
    fates = tally.fates.sum(axis=(1, 2))
    assert (fates.sum(axis=1) == orders.flights["drones"].sum(axis=1)).all()
    return dict(zip(FATES, fates.T, strict=True)), tally, defence


def assert_mean(sample, expected):
    error = 4.0 * sample.std() / np.sqrt(len(sample))
    assert sample.mean() == pytest.approx(expected, abs=max(error, 1e-9))


def assert_law(sample, law):
    """The whole distribution by chi-square, cells of at least five pooled at the ends."""
    counts = np.bincount(sample.astype(int))
    expected = law.pmf(np.arange(len(counts))) * len(sample)
    kept = expected >= 5
    observed = np.append(counts[kept], counts[~kept].sum())
    wanted = np.append(expected[kept], len(sample) - expected[kept].sum())
    if wanted[-1] < 5:
        observed, wanted = observed[:-1], wanted[:-1] * observed[:-1].sum() / wanted[:-1].sum()
    assert stats.chisquare(observed, wanted).pvalue > 1e-4


def test_thinning_is_binomial():
    fates, *_ = flown(war(50, drone={"p_works": figure(0.7)}))
    assert_law(50 - fates["failed"], stats.binom(50, 0.7))


def test_detection_on_a_chord():
    # rate 12/h, a circle of 30 km passed at 10 km, 180 km/h: .9769764
    offset = np.degrees(10.0 / 6371.0088)
    unit = gun(
        1.0,
        range=figure(30, "km"),
        detection_rate=figure(12, "1/h"),
        channels=figure(1000),
        service=figure(0, "min"),
    )
    fates, *_ = flown(war(40, unit=unit, gate=(offset, 0.5)))
    assert_law(fates["shot_down"], stats.binom(40, 0.9769764))


def test_shoot_look_shoot():
    unit = gun(0.7, range=figure(30, "km"), max_shots=figure(3), service=figure(0.1, "min"))
    fates, tally, _ = flown(war(1, unit=unit), runs=200_000)
    assert_mean(1.0 - fates["shot_down"], 0.027)
    assert_mean(tally.rounds_fired[:, 0].astype(float), 1.39)


@pytest.mark.parametrize("law", ["constant", "exponential"])
def test_erlang_b_whatever_the_law_of_service(law):
    # c = 4, load 3, p = .85: leak .325191; boundary effects of 4,000 arrivals are below .0005
    unit = gun(
        0.85, channels=figure(4), service=figure(3, "min"), service_law=law,
        max_shots=figure(1), **POINT,
    )  # fmt: skip
    built = war(4000, unit=unit, launch="poisson", window=figure(4000, "min"))
    fates, *_ = flown(built, runs=300)
    leak = 1.0 - fates["shot_down"] / 4000
    assert leak.mean() == pytest.approx(0.325191, abs=4 * leak.std() / np.sqrt(300) + 0.0005)


def test_a_burst_saturates_the_channels():
    unit = gun(0.8, channels=figure(10), service=figure(2, "min"), max_shots=figure(1), **POINT)
    fates, *_ = flown(war(40, unit=unit))
    assert_law(fates["shot_down"], stats.binom(10, 0.8))


@pytest.mark.parametrize(("rounds", "leakers"), [(100, 1.8), (30, 1.81671), (20, 6.0), (10, 13.0)])
def test_a_magazine_runs_out(rounds, leakers):
    unit = gun(0.7, range=figure(30, "km"), channels=figure(20), max_shots=figure(2),
               service=figure(0.1, "min"))  # fmt: skip
    unit["magazine"] = figure(rounds)
    fates, _, defence = flown(war(20, unit=unit), runs=100_000)
    assert_mean(20.0 - fates["shot_down"], leakers)
    assert (defence.units["rounds_left"] >= 0).all()


@pytest.mark.parametrize(
    ("fire", "leakers"), [("coordinated", 3.9), ("uncoordinated", 20 * (1 - 0.7 / 20) ** 30)]
)
def test_allocation_of_thirty_rounds_to_twenty_drones(fire, leakers):
    unit = gun(0.7, channels=figure(30), fire=fire, max_shots=figure(100),
               service=figure(0.1, "min"), **POINT)  # fmt: skip
    unit["magazine"] = figure(30)
    fates, *_ = flown(war(20, unit=unit), runs=50_000)
    assert_mean(20.0 - fates["shot_down"], leakers)


def test_jamming_is_an_exponential_race_against_the_exit():
    unit = jammer(range=figure(30, "km"), loss_rate=figure(6, "1/h"))
    fates, *_ = flown(war(30, unit=unit))
    dwell_h = 60.0 / 180.0
    assert_law(fates["jammed"], stats.binom(30, 1.0 - np.exp(-6.0 * dwell_h)))


def test_a_thinned_poisson_stream_is_detected_like_each_drone():
    unit = gun(1.0, range=figure(15, "km"), detection_rate=figure(6, "1/h"),
               channels=figure(1000), service=figure(0, "min"))  # fmt: skip
    built = war(25, unit=unit, launch="poisson", window=figure(60, "min"))
    fates, *_ = flown(built)
    assert_law(fates["shot_down"], stats.binom(25, 1.0 - np.exp(-6.0 * 30.0 / 180.0)))


def test_arrivals_hit_destroy_and_miss_by_their_chances():
    drone = {"p_hit": figure(0.6), "p_destroy": figure(0.25)}
    target = {"assets": {"plane": {"count": figure(10_000), "protection": figure(0.5)}}}
    fates, tally, _ = flown(war(40, drone=drone, target=target), runs=10_000)
    assert_law(fates["missed"], stats.binom(40, 0.7))
    assert_law(fates["destroyed_target"], stats.binom(40, 0.3 * 0.25))
    assert (tally.assets["newly_destroyed"].sum(axis=(1, 2)) == fates["destroyed_target"]).all()


def test_drones_at_random_waste_themselves_on_what_is_already_dead():
    # 20 sure drones at 10 targets: each target survives with (9/10)^20
    built = war(20, aim="opportune", target={"assets": {"plane": {"count": figure(10)}}})
    fates, *_ = flown(built, runs=50_000)
    assert_mean(10.0 - fates["destroyed_target"], 10 * 0.9**20)


def test_an_operator_who_sees_wastes_nothing():
    target = {"assets": {"plane": {"count": figure(10)}}}
    fates, *_ = flown(war(12, aim="retask", target=target), runs=50)
    assert (fates["destroyed_target"] == 10).all()
    assert (fates["wasted"] == 2).all()


def test_the_textbook_agrees_where_its_assumptions_hold():
    # ten channels that see at once and fire once each: 36 working drones less 5 kills
    unit = gun(0.5, channels=figure(10), service=figure(1, "min"), max_shots=figure(1), **POINT)
    unit["magazine"] = figure(10)
    built = war(40, unit=unit, drone={"p_works": figure(0.9)})
    sample = Sample(built, 1, np.arange(1))
    textbook = yardstick(*ready(built, RAID, sample))
    fates, *_ = flown(built)
    through = 40 - fates["failed"] - fates["shot_down"]
    assert textbook.hughes[0] == pytest.approx(31.0, abs=0.01)
    assert textbook.armstrong[0] == pytest.approx(31.0, abs=0.01)
    assert_mean(through, 31.0)
