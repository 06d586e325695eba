"""Scratch room and logs of a raid: as large as the largest run needs, and no larger."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from sim.raid.fly import _log, _room, _twins, fly
from sim.scenario.sample import Sample
from tests import strategies as war
from tests.examples import examples

some = examples(40)


def asked(scenario, rows):
    """A scenario's raid and its enemy; rows differ by what flies, what is left and who shoots."""
    orders, defence = war.ready(scenario, war.RAID, Sample(scenario, 1, np.arange(rows)))
    for row in range(rows):
        orders.flights["drones"][row] //= row + 1
        defence.units["channels"][row] += 2 * (row == 1)
        defence.units["rounds_left"][row] //= rows - row
        defence.assets["damaged"][row] = row
    return orders, defence


def needs(orders, defence, row):
    """What one run needs: drones, encounters, slots of assets, channels, a flight's drones."""
    flights, near = orders.flights[row], 0
    for flight in flights:
        near += flight["drones"] * (flight["near_end"] - flight["near_first"])
    assets = defence.assets[row].ravel()
    return {
        "drones": sum(int(flight["drones"]) for flight in flights),
        "encounters": int(near),
        "slots": sum(int(asset.present + asset.damaged) for asset in assets),
        "channels": sum(int(unit.channels) for unit in defence.units[row]),
        "flight": max(int(flight["drones"]) for flight in flights),
        "carriers": max(int(flight["carriers"]) for flight in flights),
        "rounds": sum(int(unit.rounds_left) for unit in defence.units[row]),
        "shots": max([0, *(int(unit.max_shots) for unit in defence.units[row])]),
    }


@some
@given(war.raid_scenarios(), st.sampled_from((1, 3)))
def test_room_is_for_the_largest_run_and_no_more(scenario, rows):
    orders, defence = asked(scenario, rows)
    runs = [needs(orders, defence, row) for row in range(rows)]
    most = {what: max(run[what] for run in runs) for what in runs[0]}
    under_way = min(most["channels"], most["encounters"] * max(1, most["shots"]))
    order = max(most["drones"], most["encounters"])
    flights, units = orders.flights.shape[1], defence.units.shape[1]
    assert {
        name: array.shape
        for name, array in _room(orders, defence, np.arange(rows))._asdict().items()
    } == {
        "lineup": (flights,),
        "drones": (most["drones"],),
        "crossings": (2,),
        "encounters": (most["encounters"],),
        "carrier_lost": (flights, most["carriers"]),
        "slot_state": (most["slots"],),
        "slot_next": (most["slots"],),
        "draws": (most["flight"],),
        "launched_min": (most["drones"],),
        "order_min": (order,),
        "order_item": (order,),
        "spare_min": (order,),
        "spare_item": (order,),
        "starts": (8, 256),
        "shot_min": (under_way,),
        "shot_code": (under_way,),
        "queue_key": (most["encounters"],),
        "queue_item": (most["encounters"],),
        "touched": (units,),
    }
    shots = min(most["encounters"] * most["shots"], most["rounds"])
    log = _log(defence, _room(orders, defence, np.arange(rows)), rows)
    assert log.fate.shape == log.launched_min.shape == (rows, most["drones"])
    assert log.sightings.shape == (rows, most["encounters"])
    assert log.shots.shape == (rows, shots)
    for name in ("weapon", "stopped_by", "aimed_at"):
        assert (getattr(log, name) == -1).all()
    assert (log.sightings["drone"] == -1).all()
    assert (log.shots["drone"] == -1).all()


def test_room_for_shots_under_way_is_for_those_that_can_be():
    """A hundred channels that fire once each at three drones: three shots."""
    gun = war.shooter(channels=war.figure(100), max_shots=war.figure(1))
    guarded = war.site(defence={"gun": {"count": war.figure(1)}})
    flown = war.scenario(
        sites={"base": guarded},
        waves={"wave": war.wave(3, ["base"], launch_from="west")},
        units={"gun": gun},
        launch_areas={
            "west": {"title": "west", "side": "attacker", "position": war.position(51.0, 36.8)}
        },
    )
    room = _room(*war.ready(flown, war.RAID, Sample(flown, 1, np.arange(1))), np.arange(1))
    assert room.shot_min.shape == room.shot_code.shape == (3,)


@some
@given(war.raid_scenarios())
def test_a_raid_in_some_of_the_runs_leaves_the_others_as_they_were(scenario):
    """What a raid does where it flies is what it does if it flies everywhere.

    Orders are read only.
    """
    flown = np.array([True, False, True])
    sample = Sample(scenario, 1, np.arange(3))
    (orders, defence), (_, everywhere), (ordered, before) = (
        war.ready(scenario, war.RAID, sample) for _ in range(3)
    )
    for _ in range(2):
        tally, log = fly(5, np.arange(3), 0, flown, orders, defence, with_log=True)
        of_all, log_of_all = fly(
            5, np.arange(3), 0, np.ones(3, bool), orders, everywhere, with_log=True
        )
    assert [part.tobytes() for part in orders] == [part.tobytes() for part in ordered]
    for part, was, other in zip(defence, before, everywhere, strict=True):
        assert part[1].tobytes() == was[1].tobytes()
        assert part[flown].tobytes() == other[flown].tobytes()
    for part, other in zip(tally, of_all, strict=True):
        assert part.tobytes() == other[flown].tobytes()
    drones = log.fate.shape[1]
    np.testing.assert_array_equal(log.fate, log_of_all.fate[flown, :drones])


# --- twins ---------------------------------------------------------------------------------------

WORD = 1 << 64


def odd(column):
    return (2 * (column + 1) + 1) * 0x9E3779B97F4A7C15 % WORD


def hashed(word, column):
    """What a word adds to its row's hash."""
    scattered = (word ^ (word >> 31)) * odd(column) % WORD
    return scattered ^ (scattered >> 29)


def unhashed(mixed, column):
    """The word that adds so much to its row's hash."""
    scattered = mixed ^ (mixed >> 29) ^ (mixed >> 58)
    mixed = scattered * pow(odd(column), -1, WORD) % WORD
    return mixed ^ (mixed >> 31) ^ (mixed >> 62)


@given(st.integers(0, WORD - 1), st.integers(0, WORD - 1), st.integers(0, WORD - 1))
def test_rows_that_clash_are_no_twins(one, other, changed):
    """Two rows of one kind whose hashes are equal though they are not; the third is a twin."""
    assume(changed != one)
    clash = unhashed((hashed(one, 0) + hashed(other, 1) - hashed(changed, 0)) % WORD, 1)
    states = np.array([[one, other], [changed, clash], [one, other]], np.uint64)
    first, twin_of = _twins(np.zeros(3, np.int64), states)
    np.testing.assert_array_equal(states[first[twin_of]], states)
    assert len(first) == 2
