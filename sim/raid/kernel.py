"""One raid, drone by drone, in continuous time: the event loop, compiled.

The rules are stated in docs/odd.md, "A raid". There is no time step: arrivals, detections and
losses to jamming are known when a drone is launched, so they are events from the start; the end of
a shot becomes an event when the shot is fired. All events of one instant are processed before any
channel fires again.
"""

import math

from sim import draws
from sim.compiled import ZERO, compiled, inlined
from sim.raid.heap import heap_pop, heap_push, sort_pairs
from sim.rules import damage, delivery, detection, geometry, interception

# Fates, in the order of docs/odd.md. Every drone has exactly one of them.
COMPROMISED = 0
FAILED = 1
JAMMED = 2
SHOT_DOWN = 3
DECOY_SPENT = 4
MISSED = 5
WASTED = 6
DAMAGED_TARGET = 7
DESTROYED_TARGET = 8
FLYING = -1

# Codes of the options in the schema.
SHOOTER, JAMMER = 0, 1
SIMULTANEOUS, UNIFORM, POISSON = 0, 1, 2
ASSIGNED, OPPORTUNE, RETASK = 0, 1, 2
SHOOT_LOOK_SHOOT, COORDINATED, UNCOORDINATED = 0, 1, 2
LEAVES_FIRST, FIRST_COME = 0, 1

INTACT, DAMAGED, DESTROYED = 0, 1, 2

# Marks of assets, saying which raids have hit them.
HIT, HIT_BY_TEMPO, HIT_IN_RETALIATION = 1, 2, 4

_SHOTS_PER_DRONE = 256  # a shot's index in its address is drone * 256 + shot
_LONGER_THAN_A_RAID_MIN = 1e7
_ROUNDING_MIN, _ROUNDING = 1e-6, 1e-12  # larger than the rounding of minutes, and of chances


@compiled
def fly(seed, runs, day, flown, orders, defence, tally, log, room):
    """Fly one raid in every run where `flown`; writes `defence`, `tally` and `log`.

    `runs` holds the run numbers that address the draws; row i of orders and defence belongs to
    `runs[i]`, and row i of tally and log to the i-th run flown. The tuples are those of
    sim.raid.arrays.
    """
    place = ZERO
    for row in range(len(runs)):
        if flown[row]:
            run, flights, weapons = runs[row], orders.flights[row], orders.weapons[row]
            units, p_kill = defence.units[row], defence.p_kill[row]
            sites, assets = defence.sites[row], defence.assets[row]
            _set_out(assets, room.slot_state, room.slot_next)
            drones = _line_up(flights, sites, assets, orders.aims_at, room.lineup)
            forewarned = _deliver(seed, run, day, flights, room.carrier_lost, tally.flights[place])
            tally.forewarned[place] = forewarned
            encounters = _launch(
                seed, run, day, forewarned, flights, weapons, units, orders.near, p_kill, room
            )
            sort_pairs(
                room.order_min, room.order_item, encounters,
                room.spare_min, room.spare_item, room.starts,
            )  # fmt: skip
            _fight(seed, run, day, encounters, flights, units, p_kill, room, place, tally, log)
            _arrive(
                seed, run, day, drones, flights, weapons, sites, assets, orders.aims_at, room,
                place, log,
            )  # fmt: skip
            _count(place, drones, flights, room.drones, tally)
            if len(log.fate) > 0:
                _write_down(place, drones, encounters, units, room, log)
            _settle(
                assets, defence.marks[row], orders.mark[0], room.slot_state, room.slot_next,
                tally.assets[place],
            )  # fmt: skip
            place += 1


@compiled
def _set_out(assets, slot_state, slot_next):
    """Give each asset a slot, site by site and class by class."""
    slot = 0
    for site in range(assets.shape[0]):
        for kind in range(assets.shape[1]):
            asset = assets[site, kind]
            asset.slot_first = slot
            asset.slots = asset.present + asset.damaged
            for k in range(asset.slots):
                slot_state[slot + k] = INTACT if k < asset.present else DAMAGED
                slot_next[slot + k] = slot + k
            slot += asset.slots


@compiled
def _line_up(flights, sites, assets, aims_at, lineup):
    """Number the drones of all flights, in the raid and at their site; returns their number."""
    for site in range(len(sites)):
        sites[site].drones = 0
    count = 0
    for number in range(len(flights)):
        flight, place = flights[number], lineup[number]
        site = sites[flight.site]
        place.first = count
        place.site_first = site.drones
        count += flight.drones
        site.drones += flight.drones
        place.in_scope = site.decoy_targets
        for kind in range(assets.shape[1]):
            if aims_at[number, kind]:
                place.in_scope += assets[flight.site, kind].slots
    return count


@compiled
def _deliver(seed, run, day, flights, carrier_lost, results):
    """Decide which carriers are found; returns whether the sites are forewarned."""
    forewarned = False
    for number in range(len(flights)):
        flight = flights[number]
        carriers = flight.carriers if flight.drones > 0 else 0
        for carrier in range(carriers):
            u = draws.uniform(seed, run, day, flight.actor, draws.CARRIER_FOUND, carrier)
            is_lost = u >= flight.p_carrier_survives
            carrier_lost[number, carrier] = is_lost
            if is_lost:
                results[number].carriers_lost += 1
                u = draws.uniform(seed, run, day, flight.actor, draws.FOREWARNED, carrier)
                forewarned = forewarned or u < flight.p_forewarn
    return forewarned


@compiled
def _launch(seed, run, day, forewarned, flights, weapons, units, near, p_kill, room):
    """Launch the drones and work out which of them each unit will detect, and when.

    Returns the number of encounters. These are in `room.order_min` and `order_item`, not yet sorted
    by the time at which they are ready; those of a unit are in the order of drones.
    """
    _man(units)
    encounters = ZERO
    for number in range(len(flights)):
        flight = flights[number]
        if flight.drones > 0:
            first = room.lineup[number].first
            drones = room.drones[first : first + flight.drones]
            launched_min = room.launched_min[first : first + flight.drones]
            _choose_classes(seed, run, day, number, flight, drones, room.draws)
            _try_out(seed, run, day, number, flight, weapons, drones, room.carrier_lost, room.draws)
            _take_off(seed, run, day, flight, weapons, drones, room.draws, launched_min)
            encounters = _meet(
                seed, run, day, forewarned, flight, weapons, units, near, p_kill, drones,
                room.draws, launched_min, room.crossings,
                first, encounters, room.encounters, room.order_min, room.order_item,
            )  # fmt: skip
    _lay_out_queues(units)
    return encounters


@compiled
def _man(units):
    """Free all channels of all units and empty their queues."""
    for number in range(len(units)):
        unit = units[number]
        unit.free = unit.channels
        unit.picks = 0
        unit.queue_size = 0
        unit.touched = 0
        unit.closes_min = 0.0


@compiled
def _lay_out_queues(units):
    """Reserve space in the queue of each unit for every drone it may engage."""
    first = 0
    for number in range(len(units)):
        unit = units[number]
        unit.queue_first = first
        first += unit.queue_size
        unit.queue_size = 0


@compiled
def _choose_classes(seed, run, day, number, flight, drones, u):
    """Initialise the drones of a flight and decide which of them are decoys."""
    for place in range(flight.drones):
        drone = drones[place]
        drone.flight = number
        drone.weapon = flight.weapon
        drone.fate = FLYING
        drone.stopped_by = -1
    if flight.decoy >= 0:
        draws.fill(seed, run, day, flight.actor, draws.DECOY, flight.drones, u)
        for place in range(flight.drones):
            if u[place] < flight.decoy_share:
                drones[place].weapon = flight.decoy


@compiled
def _try_out(seed, run, day, number, flight, weapons, drones, carrier_lost, u):
    """Mark the drones that are lost with their carrier and those that fail."""
    draws.fill(seed, run, day, flight.actor, draws.RELIABILITY, flight.drones, u)
    for place in range(flight.drones):
        drone = drones[place]
        if flight.carriers > 0 and carrier_lost[number, place % flight.carriers]:
            drone.fate = COMPROMISED
        elif u[place] >= weapons[drone.weapon].p_works:
            drone.fate = FAILED


@compiled
def _take_off(seed, run, day, flight, weapons, drones, u, launched_min):
    """Set when each drone of a flight is launched, by its law of launch, and would arrive."""
    if flight.launch != SIMULTANEOUS:
        draws.fill(seed, run, day, flight.actor, draws.LAUNCH, flight.drones, u)
    now_min = 0.0
    for place in range(flight.drones):
        if flight.launch == UNIFORM:
            now_min = u[place] * flight.window_min
        elif flight.launch == POISSON:
            now_min += delivery.launch_delay_min(u[place], flight.window_min / flight.drones)
        launched_min[place] = now_min
        drone = drones[place]
        flown_min = flight.leg_km / weapons[drone.weapon].speed_km_min
        drone.ends_min = now_min + flown_min if drone.fate == FLYING else 0.0


@compiled
def _meet(
    seed, run, day, forewarned, flight, weapons, units, near, p_kill, drones,
    u, launched_min, crossings, first, encounters, encounter_list, order_min, order_item,
):  # fmt: skip
    """Send a flight past the units near it; returns the number of encounters so far."""
    for k in range(flight.near_first, flight.near_end):
        unit = units[near[k].unit]
        half_km = geometry.half_chord_km(unit.range_km, near[k].offset_km)
        along_km = flight.leg_km - near[k].before_km
        if half_km <= 0.0 or along_km + half_km < 0.0 or along_km - half_km > flight.leg_km:
            continue
        for place in range(2):  # the flight's weapon, and its decoys
            kind = flight.weapon if place == 0 else flight.decoy
            if kind >= 0:
                crossing = crossings[place]
                _cross(crossing, along_km, half_km, flight.leg_km, weapons[kind].speed_km_min)
                crossing.p_kill = p_kill[near[k].unit, kind]
                crossing.per_min = _hazard_per_min(
                    unit, weapons[kind], flight.visibility, forewarned
                )
                crossing.most_u = _most_u(unit, crossing)
        if unit.kind == JAMMER:
            draws.fill(seed, run, day, near[k].actor, draws.JAMMING, flight.drones, u)
            _jam(flight, near[k].unit, crossings, drones, u, launched_min)
        else:
            draws.fill(seed, run, day, near[k].actor, draws.DETECTION, flight.drones, u)
            encounters = _detect(
                flight, near[k], unit, crossings, drones, u, launched_min,
                first, encounters, encounter_list, order_min, order_item,
            )  # fmt: skip
    return encounters


@inlined
def _hazard_per_min(unit, weapon, visibility, forewarned):
    """The rate at which a unit jams, or detects, a drone of a class inside its circle."""
    if unit.kind == JAMMER:
        return unit.losses_per_min * weapon.susceptibility
    alertness = 1.0 if forewarned else unit.alertness
    return unit.looks_per_min * weapon.signature * visibility * alertness


@inlined
def _most_u(unit, crossing):
    """The largest draw with which a unit may act on a drone in time, plus a margin for rounding.

    Most draws are above it and need no logarithm.
    """
    within_min = crossing.leaves_min - crossing.enters_min + _ROUNDING_MIN
    if unit.kind != JAMMER:
        within_min -= unit.reaction_min
    return -math.expm1(-crossing.per_min * max(0.0, within_min)) + _ROUNDING


@compiled
def _cross(crossing, along_km, half_km, leg_km, speed_km_min):
    """Set when a drone enters and leaves a circle, in minutes after launch; arrival ends a stay."""
    crossing.enters_min = max(0.0, along_km - half_km) / speed_km_min
    crossing.leaves_min = min(along_km + half_km, leg_km) / speed_km_min


@compiled
def _jam(flight, number, crossings, drones, u, launched_min):
    """Set when a jammer stops each drone of a flight, unless something else stops it earlier."""
    for place in range(flight.drones):
        drone = drones[place]
        if drone.fate != FLYING:
            continue
        crossing = crossings[1 if drone.weapon == flight.decoy else 0]
        if u[place] > crossing.most_u:
            continue
        enters_min = launched_min[place] + crossing.enters_min
        at_min = enters_min + interception.time_to_jamming_min(u[place], crossing.per_min, 1.0)
        if at_min <= launched_min[place] + crossing.leaves_min and at_min < drone.ends_min:
            drone.ends_min = at_min
            drone.stopped_by = number


@compiled
def _detect(
    flight, near, unit, crossings, drones, u, launched_min,
    first, encounters, encounter_list, order_min, order_item,
):  # fmt: skip
    """Add an encounter for each drone that a unit detects in time; returns the number so far.

    A drone that will be jammed is included, because it may be fired at before.
    """
    for place in range(flight.drones):
        drone = drones[place]
        crossing = crossings[1 if drone.weapon == flight.decoy else 0]
        if drone.fate != FLYING or crossing.p_kill <= 0.0 or u[place] > crossing.most_u:
            continue
        enters_min = launched_min[place] + crossing.enters_min
        leaves_min = launched_min[place] + crossing.leaves_min
        seen_min = enters_min + detection.time_to_detection_min(u[place], crossing.per_min)
        ready_min = seen_min + unit.reaction_min
        if ready_min <= leaves_min:
            encounter = encounter_list[encounters]
            encounter.drone = first + place
            encounter.number = place
            encounter.actor = near.actor
            encounter.unit = near.unit
            encounter.shots = 0
            encounter.leaves_min = leaves_min
            encounter.ready_min = ready_min
            order_min[encounters] = ready_min
            order_item[encounters] = encounters
            unit.queue_size += 1
            unit.closes_min = max(unit.closes_min, leaves_min)
            encounters += 1
    return encounters


@compiled
def _fight(seed, run, day, count, flights, units, p_kill, room, row, tally, log):
    """Process detections and ends of shots in order of time until none is left."""
    drones, encounters = room.drones, room.encounters
    order_min, order_item = room.order_min, room.order_item
    shot_min, shot_code = room.shot_min, room.shot_code
    queue_key, queue_item = room.queue_key, room.queue_item
    touched_units = room.touched
    met = shots = ZERO
    while met < count or shots > 0:
        now_min = order_min[met] if met < count else math.inf
        if shots > 0:
            now_min = min(now_min, shot_min[0])
        touched = ZERO
        while shots > 0 and shot_min[0] == now_min:
            code = shot_code[0]
            shots = heap_pop(shot_min, shot_code, ZERO, shots)
            encounter = encounters[code >> 1]
            unit = units[encounter.unit]
            unit.free += 1
            drone = drones[encounter.drone]
            if drone.fate == FLYING and now_min <= drone.ends_min:
                if code & 1:
                    drone.fate = SHOT_DOWN
                    drone.stopped_by = encounter.unit
                    drone.ends_min = now_min
                elif unit.fire == SHOOT_LOOK_SHOOT:
                    _queue(code >> 1, encounter, unit, queue_key, queue_item)
            touched = _touch(unit, encounter.unit, touched, touched_units)
        while met < count and order_min[met] == now_min:
            encounter = encounters[order_item[met]]
            unit = units[encounter.unit]
            if unit.rounds_left > 0:
                _queue(order_item[met], encounter, unit, queue_key, queue_item)
                touched = _touch(unit, encounter.unit, touched, touched_units)
            met += 1
        for i in range(touched):
            unit = units[touched_units[i]]
            unit.touched = 0
            shots = _engage(
                seed, run, day, unit, p_kill[touched_units[i]], now_min, shots, flights, drones,
                encounters, shot_min, shot_code, queue_key, queue_item, row, tally, log,
            )  # fmt: skip


@inlined
def _touch(unit, number, touched, touched_units):
    """Note a unit for which something happened at this instant; returns the number noted."""
    if unit.touched == 0:
        unit.touched = 1
        touched_units[touched] = number
        touched += 1
    return touched


@inlined
def _queue(subject, encounter, unit, queue_key, queue_item):
    """Put a drone into the queue of a unit, unless the unit has used up its shots at it."""
    if encounter.shots >= unit.max_shots:
        return
    if unit.fire == UNCOORDINATED:
        queue_item[unit.queue_first + unit.queue_size] = subject
        unit.queue_size += 1
        return
    key = encounter.ready_min if unit.takes == FIRST_COME else encounter.leaves_min
    if unit.fire == COORDINATED:
        key += encounter.shots * _LONGER_THAN_A_RAID_MIN
    unit.queue_size = heap_push(
        queue_key, queue_item, unit.queue_first, unit.queue_size, key, subject
    )


@inlined
def _engage(
    seed, run, day, unit, p_kill, now_min, shots, flights, drones, encounters,
    shot_min, shot_code, queue_key, queue_item, row, tally, log,
):  # fmt: skip
    """Fire each free channel of a unit while there is a drone to fire at.

    Returns the number of shots under way.
    """
    while unit.free > 0 and unit.rounds_left > 0:
        subject = _next(seed, run, day, unit, now_min, drones, encounters, queue_key, queue_item)
        if subject < 0:
            break
        encounter = encounters[subject]
        drone = drones[encounter.drone]
        rounds = min(unit.salvo, unit.rounds_left)
        unit.rounds_left -= rounds
        tally.rounds_fired[row, encounter.unit] += rounds
        at = tally.flights[row, drone.flight]
        if drone.weapon == flights[drone.flight].decoy:
            at.rounds_at_decoys += rounds
        else:
            at.rounds_fired += rounds
        unit.free -= 1
        index = encounter.number * _SHOTS_PER_DRONE + encounter.shots
        encounter.shots += 1
        u = draws.uniform(seed, run, day, encounter.actor, draws.KILL, index)
        kills = u < interception.p_kill_of_salvo(p_kill[drone.weapon], rounds)
        busy_min = unit.service_min
        if unit.is_exponential == 1:
            u = draws.uniform(seed, run, day, encounter.actor, draws.SERVICE, index)
            busy_min = interception.exponential_service_min(u, busy_min)
        code = (subject << 1) | (1 if kills else 0)  # orders shots that end together by encounter
        shots = heap_push(shot_min, shot_code, ZERO, shots, now_min + busy_min, code)
        if len(log.shots) > 0:
            _note_shot(log, row, encounter, rounds, kills, now_min, busy_min)
        if unit.fire == COORDINATED:
            _queue(subject, encounter, unit, queue_key, queue_item)
    return shots


@compiled
def _note_shot(log, row, encounter, rounds, kills, now_min, busy_min):
    """Write a shot into the log."""
    shot = log.shots[row, log.shots_fired[row]]
    shot.drone = encounter.drone
    shot.unit = encounter.unit
    shot.rounds = rounds
    shot.kills = 1 if kills else 0
    shot.fired_min = now_min
    shot.ends_min = now_min + busy_min
    log.shots_fired[row] += 1


@inlined
def _next(seed, run, day, unit, now_min, drones, encounters, queue_key, queue_item):
    """The next encounter for a free channel, or -1; drones that are dead or gone are dropped."""
    if now_min > unit.closes_min:
        unit.queue_size = 0
    while unit.queue_size > 0:
        place = unit.queue_first
        if unit.fire == UNCOORDINATED:
            u = draws.uniform(seed, run, day, unit.actor, draws.PICK, unit.picks)
            unit.picks += 1
            place += damage.pick_at_random(u, unit.queue_size)
        subject = queue_item[place]
        encounter = encounters[subject]
        drone = drones[encounter.drone]
        is_open = (
            drone.fate == FLYING and now_min < drone.ends_min and now_min <= encounter.leaves_min
        )
        if unit.fire != UNCOORDINATED:
            unit.queue_size = heap_pop(queue_key, queue_item, unit.queue_first, unit.queue_size)
        elif not is_open or encounter.shots + 1 >= unit.max_shots:
            unit.queue_size -= 1
            queue_item[place] = queue_item[unit.queue_first + unit.queue_size]
        if is_open:
            return subject
    return -1


@compiled
def _arrive(seed, run, day, count, flights, weapons, sites, assets, aims_at, room, row, log):
    """Decide the fates of the drones that nobody shot down, in the order in which they arrive."""
    drones, order_min, order_item = room.drones, room.order_min, room.order_item
    slot_state, slot_next = room.slot_state, room.slot_next
    arrivals = ZERO
    in_order = True
    for subject in range(count):
        drone = drones[subject]
        if drone.fate != FLYING:
            continue
        if drone.stopped_by >= 0:
            drone.fate = JAMMED
        elif weapons[drone.weapon].is_decoy == 1:
            drone.fate = DECOY_SPENT
        else:
            in_order = in_order and (arrivals == 0 or order_min[arrivals - 1] <= drone.ends_min)
            order_min[arrivals] = drone.ends_min
            order_item[arrivals] = subject
            arrivals += 1
    if not in_order:
        sort_pairs(order_min, order_item, arrivals, room.spare_min, room.spare_item, room.starts)
    for place in range(arrivals):
        subject = order_item[place]
        drone = drones[subject]
        drone.fate = _strike(
            seed, run, day, subject, drone.flight, flights[drone.flight],
            room.lineup[drone.flight], weapons[drone.weapon],
            sites, assets, aims_at, slot_state, slot_next, row, log,
        )  # fmt: skip


@inlined
def _strike(
    seed, run, day, subject, number, flight, lineup, weapon,
    sites, assets, aims_at, slot_state, slot_next, row, log,
):  # fmt: skip
    """Decide the fate of a drone that has reached its site."""
    place = subject - lineup.first
    kind, slot = _target(
        seed, run, day, place, number, flight, lineup, sites, assets, aims_at, slot_next
    )
    if len(log.aimed_at) > 0 and slot >= 0:
        log.aimed_at[row, subject] = kind
    if slot < 0 or slot_state[slot] == DESTROYED:
        return WASTED
    p_effect = damage.p_effect(weapon.p_hit, assets[flight.site, kind].protection)
    if draws.uniform(seed, run, day, flight.actor, draws.HIT, place) >= p_effect:
        return MISSED
    if draws.uniform(seed, run, day, flight.actor, draws.DESTROY, place) < weapon.p_destroy:
        slot_state[slot] = DESTROYED
        slot_next[slot] = slot + 1
        return DESTROYED_TARGET
    slot_state[slot] = DAMAGED
    return DAMAGED_TARGET


@inlined
def _target(seed, run, day, place, number, flight, lineup, sites, assets, aims_at, slot_next):
    """The target of a drone as (class, slot); the slot is -1 for a dummy or if there is none."""
    if lineup.in_scope == 0:
        return 0, -1
    if flight.aim == OPPORTUNE:
        u = draws.uniform(seed, run, day, flight.actor, draws.AIM, place)
        choice = damage.pick_at_random(u, lineup.in_scope)
    else:
        choice = (lineup.site_first + place) % lineup.in_scope
    kind, slot = _thing(number, flight.site, choice, assets, aims_at)
    if flight.aim == RETASK and slot >= 0:
        return _still_there(
            number, flight.site, kind, slot, sites[flight.site].decoy_targets, assets, aims_at,
            slot_next,
        )  # fmt: skip
    return kind, slot


@inlined
def _thing(number, site, choice, assets, aims_at):
    """The target number `choice` of a flight: its assets class by class, then the dummies."""
    for kind in range(assets.shape[1]):
        if aims_at[number, kind]:
            asset = assets[site, kind]
            if choice < asset.slots:
                return kind, asset.slot_first + choice
            choice -= asset.slots
    return 0, -1


@compiled
def _still_there(number, site, kind, slot, decoy_targets, assets, aims_at, slot_next):
    """The first target of a flight from `slot` on that is not destroyed, going round once."""
    kinds = assets.shape[1]
    for step in range(kinds + 1):
        if kind + step == kinds and decoy_targets > 0:
            return 0, -1
        other = (kind + step) % kinds
        if aims_at[number, other]:
            asset = assets[site, other]
            end = asset.slot_first + asset.slots
            found = _first_standing(slot if step == 0 else asset.slot_first, end, slot_next)
            if found < end:
                return other, found
    return kind, slot


@compiled
def _first_standing(slot, end, slot_next):
    """The first slot from `slot` on, below `end`, that is not destroyed; `end` if there is none.

    A destroyed slot points to a later one, and these pointers are shortened on the way, so that
    many drones against few assets do not search all of them each time.
    """
    found = slot
    while found < end and slot_next[found] != found:
        found = slot_next[found]
    while slot < found:
        slot_next[slot], slot = found, slot_next[slot]
    return found


@compiled
def _count(row, count, flights, drones, tally):
    """Add up the fates of a run's drones."""
    for subject in range(count):
        drone = drones[subject]
        if drone.stopped_by >= 0:
            tally.stopped_by[row, drone.stopped_by] += 1
        is_decoy = 1 if drone.weapon == flights[drone.flight].decoy else 0
        tally.fates[row, drone.flight, is_decoy, drone.fate] += 1


@compiled
def _write_down(row, count, encounters, units, room, log):
    """Write the drones of a run, and when which unit detected them, into the log."""
    for subject in range(count):
        drone = room.drones[subject]
        log.fate[row, subject] = drone.fate
        log.weapon[row, subject] = drone.weapon
        log.stopped_by[row, subject] = drone.stopped_by
        log.launched_min[row, subject] = room.launched_min[subject]
        log.ended_min[row, subject] = drone.ends_min
    for place in range(encounters):
        encounter, sighting = room.encounters[place], log.sightings[row, place]
        sighting.drone = encounter.drone
        sighting.unit = encounter.unit
        sighting.seen_min = encounter.ready_min - units[encounter.unit].reaction_min


@compiled
def _settle(assets, marks, mark, slot_state, spare, results):
    """Update the assets and their marks, and count what the raid did to them."""
    for site in range(assets.shape[0]):
        for kind in range(assets.shape[1]):
            asset, result = assets[site, kind], results[site, kind]
            intact = asset.intact
            for k in range(asset.slots):
                was_intact = k < asset.present
                state = slot_state[asset.slot_first + k]
                if state == DESTROYED:
                    result.newly_destroyed += 1
                    asset.destroyed += 1
                    asset.intact -= 1 if was_intact else 0
                    asset.damaged -= 0 if was_intact else 1
                    result.newly_finished += 0 if was_intact else 1
                elif state == DAMAGED and was_intact:
                    result.newly_damaged += 1
                    asset.damaged += 1
                    asset.intact -= 1
            if result.newly_damaged + result.newly_destroyed > 0:
                _mark(asset, result, intact, marks, mark, slot_state, spare)


@inlined
def _mark(asset, result, intact, marks, mark, slot_state, spare):
    """Count the assets that are hit for the first time, and move the newly damaged to the end.

    `intact` is how many assets were intact before the raid; the first `present` of them were there.
    """
    first, hit = asset.first_mark, 0
    stands = first
    for k in range(asset.slots + intact - asset.present):
        is_away = asset.present <= k < intact
        slot = k if k < asset.present else k - intact + asset.present
        state = INTACT if is_away else slot_state[asset.slot_first + slot]
        was = marks[first + k]
        if state == DESTROYED or (state == DAMAGED and k < asset.present):
            result.first_hit += 1 if was & HIT == 0 else 0
            result.first_hit_by_raid += 1 if was & mark == 0 else 0
            if state == DAMAGED:
                spare[hit] = was | HIT | mark
                hit += 1
        else:
            marks[stands] = was
            stands += 1
    for k in range(hit):
        marks[stands + k] = spare[k]
