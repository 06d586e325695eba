"""One raid, drone by drone, in continuous time: the event loop, compiled.

The rules of the game are stated in docs/odd.md, "A raid". Nothing here depends on a time step:
arrivals, detections and losses to jamming are known when a drone is launched, so they are events
from the start; the end of a shot becomes an event when the shot is fired. All events of one
instant are taken before any channel fires again.
"""

import math

from sim import draws
from sim.compiled import compiled
from sim.raid.heap import heap_pop, heap_push
from sim.rules import damage, delivery, detection, geometry, interception

# What can become of a drone, in the order of docs/odd.md. Exactly one of these.
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

# Events of one instant are taken in this order.
_SHOT_ENDS = 0
_JAMMED = 1
_ARRIVES = 2
_READY = 3

# Codes of the words in the schema.
SHOOTER, JAMMER = 0, 1
SIMULTANEOUS, UNIFORM, POISSON = 0, 1, 2
ASSIGNED, OPPORTUNE, RETASK = 0, 1, 2
SHOOT_LOOK_SHOOT, COORDINATED, UNCOORDINATED = 0, 1, 2
LEAVES_FIRST, FIRST_COME = 0, 1

INTACT, DAMAGED, DESTROYED = 0, 1, 2

_SHOTS_PER_DRONE = 256  # a shot's index in its address is drone * 256 + shot
_LONGER_THAN_A_RAID_MIN = 1e7


@compiled
def fly(seed, runs, day, flown, orders, tally, log, room):
    """Fly one raid in every run where `flown`; writes `orders`, `tally` and `log`.

    `runs` holds the run numbers that address the draws; row i of every array belongs to
    `runs[i]`. The tuples are those of sim.raid.records.
    """
    for row in range(len(runs)):
        if flown[row]:
            flights, units, assets = orders.flights[row], orders.units[row], orders.assets[row]
            drones = _line_up(flights, orders.sites[row], assets, room.drones, room.slot_state)
            forewarned = _deliver(seed, runs[row], day, flights, room.carrier_lost)
            tally.forewarned[row] = forewarned
            events = _launch(
                seed, runs[row], day, drones, forewarned, flights, orders.weapons[row], units,
                orders.near, orders.p_kill[row], room,
            )  # fmt: skip
            _fight(
                seed, runs[row], day, events, flights, orders.weapons[row], units,
                orders.sites[row], assets, orders.near, orders.p_kill[row], orders.aims_at, room,
            )  # fmt: skip
            _count(row, drones, flights, room.drones, tally, log)
            _settle(assets, room.slot_state)


@compiled
def _line_up(flights, sites, assets, drones, slot_state):
    """Number the drones of all flights and set out the assets; returns how many drones."""
    for site in range(len(sites)):
        sites[site].drones = 0
    count = 0
    for flight in range(len(flights)):
        site = sites[flights[flight].site]
        for number in range(flights[flight].size):
            drone = drones[count]
            drone.flight = flight
            drone.number = number
            drone.site_order = site.drones
            drone.fate = FLYING
            drone.stopped_by = -1
            drone.ended_min = 0.0
            site.drones += 1
            count += 1
    slot = 0
    for site in range(assets.shape[0]):
        for kind in range(assets.shape[1]):
            asset = assets[site, kind]
            asset.slot_first = slot
            asset.slots = asset.present + asset.damaged
            for k in range(asset.slots):
                slot_state[slot + k] = INTACT if k < asset.present else DAMAGED
            slot += asset.slots
    return count


@compiled
def _deliver(seed, run, day, flights, carrier_lost):
    """Which carriers are found; returns whether that forewarns the sites."""
    forewarned = False
    for number in range(len(flights)):
        flight = flights[number]
        for carrier in range(flight.carriers):
            u = draws.uniform(seed, run, day, flight.actor, draws.CARRIER_FOUND, carrier)
            is_lost = u >= flight.p_carrier_survives
            carrier_lost[number, carrier] = is_lost
            if is_lost:
                flight.carriers_lost += 1
                u = draws.uniform(seed, run, day, flight.actor, draws.FOREWARNED, carrier)
                forewarned = forewarned or u < flight.p_forewarn
    return forewarned


@compiled
def _launch(seed, run, day, drones, forewarned, flights, weapons, units, near, p_kill, room):
    """Send the drones off and put all that is known beforehand on the event heap."""
    for number in range(len(units)):
        unit = units[number]
        unit.free = unit.channels
        unit.picks = 0
        unit.queue_size = 0
        unit.touched = 0
    events = 0
    encounters = 0
    launched_min = 0.0
    for subject in range(drones):
        drone = room.drones[subject]
        flight = flights[drone.flight]
        launched_min = _launch_time_min(seed, run, day, flight, drone.number, launched_min)
        drone.weapon = flight.weapon
        if flight.decoy >= 0:
            u = draws.uniform(seed, run, day, flight.actor, draws.DECOY, drone.number)
            if u < flight.decoy_share:
                drone.weapon = flight.decoy
        weapon = weapons[drone.weapon]
        if flight.carriers > 0 and room.carrier_lost[drone.flight, drone.number % flight.carriers]:
            drone.fate = COMPROMISED
            continue
        u = draws.uniform(seed, run, day, flight.actor, draws.RELIABILITY, drone.number)
        if u >= weapon.p_works:
            drone.fate = FAILED
            continue
        events, encounters = _foresee(
            seed, run, day, subject, drone, flight, weapon, launched_min, forewarned,
            events, encounters, units, near, p_kill, room.encounters, room.event_min,
            room.event_code,
        )  # fmt: skip
    _lay_out_queues(units, room.encounters, encounters)
    return events


@compiled
def _launch_time_min(seed, run, day, flight, number, previous_min):
    """When a drone starts, by its flight's law of launch."""
    if flight.launch == SIMULTANEOUS:
        return 0.0
    u = draws.uniform(seed, run, day, flight.actor, draws.LAUNCH, number)
    if flight.launch == UNIFORM:
        return u * flight.window_min
    gap_min = delivery.launch_delay_min(u, flight.window_min / flight.size)
    return gap_min if number == 0 else previous_min + gap_min


@compiled
def _foresee(
    seed, run, day, subject, drone, flight, weapon, launched_min, forewarned,
    events, encounters, units, near, p_kill, encounter_list, event_min, event_code,
):  # fmt: skip
    """Put a drone's arrival or loss to jamming, and its detections, on the heap."""
    arrival_min = launched_min + flight.leg_km / weapon.speed_km_min
    lost_min = math.inf
    for k in range(flight.near_first, flight.near_end):
        place = near[k]
        unit = units[place.unit]
        half_km = geometry.half_chord_km(unit.range_km, place.offset_km)
        along_km = flight.leg_km - place.before_km
        if half_km <= 0.0 or along_km + half_km < 0.0 or along_km - half_km > flight.leg_km:
            continue
        enters_min = launched_min + max(0.0, along_km - half_km) / weapon.speed_km_min
        leaves_min = arrival_min
        if along_km + half_km < flight.leg_km:
            leaves_min = launched_min + (along_km + half_km) / weapon.speed_km_min
        if unit.kind == JAMMER:
            u = draws.uniform(seed, run, day, place.actor, draws.JAMMING, drone.number)
            at_min = enters_min + interception.time_to_jamming_min(
                u, unit.losses_per_min, weapon.susceptibility
            )
            if at_min <= leaves_min and at_min < lost_min:
                lost_min = at_min
                drone.stopped_by = place.unit
        elif p_kill[place.unit, drone.weapon] > 0.0:
            alertness = 1.0 if forewarned else unit.alertness
            u = draws.uniform(seed, run, day, place.actor, draws.DETECTION, drone.number)
            seen_min = enters_min + detection.time_to_detection_min(
                u, unit.looks_per_min * weapon.signature * alertness
            )
            ready_min = seen_min + unit.reaction_min
            if ready_min <= leaves_min:
                encounter = encounter_list[encounters]
                encounter.drone = subject
                encounter.near = k
                encounter.unit = place.unit
                encounter.shots = 0
                encounter.leaves_min = leaves_min
                encounter.ready_min = ready_min
                code = _code(_READY, encounters)
                events = heap_push(event_min, event_code, 0, events, ready_min, code)
                encounters += 1
    ends_min, code = arrival_min, _code(_ARRIVES, subject)
    if lost_min < arrival_min:
        ends_min, code = lost_min, _code(_JAMMED, subject)
    return heap_push(event_min, event_code, 0, events, ends_min, code), encounters


@compiled
def _code(kind, subject):
    """An event in one number; events of one instant sort by kind, then subject."""
    return (kind << 56) | (subject << 1)


@compiled
def _lay_out_queues(units, encounters, count):
    """Give each unit room in the queue for every drone it may come to engage."""
    for k in range(count):
        units[encounters[k].unit].queue_size += 1
    first = 0
    for number in range(len(units)):
        unit = units[number]
        unit.queue_first = first
        first += unit.queue_size
        unit.queue_size = 0


@compiled
def _fight(
    seed, run, day, events, flights, weapons, units, sites, assets, near, p_kill, aims_at, room
):
    """Take the events in order of time until none is left."""
    drones, encounters = room.drones, room.encounters
    event_min, event_code = room.event_min, room.event_code
    queue_key, queue_item = room.queue_key, room.queue_item
    while events > 0:
        now_min = event_min[0]
        touched = 0
        while events > 0 and event_min[0] == now_min:
            code = event_code[0]
            events = heap_pop(event_min, event_code, 0, events)
            kind, subject = code >> 56, (code >> 1) & 0x7FFFFFFFFFFFF
            if kind == _JAMMED or kind == _ARRIVES:
                drone = drones[subject]
                if drone.fate == FLYING:
                    drone.ended_min = now_min
                    if kind == _JAMMED:
                        drone.fate = JAMMED
                    else:
                        drone.fate = _arrive(
                            seed, run, day, drone, flights[drone.flight], weapons[drone.weapon],
                            sites, assets, aims_at, room.slot_state,
                        )  # fmt: skip
                continue
            encounter = encounters[subject]
            unit = units[encounter.unit]
            waits = kind == _READY
            if kind == _SHOT_ENDS:
                unit.free += 1
                drone = drones[encounter.drone]
                if drone.fate == FLYING:
                    if code & 1:
                        drone.fate = SHOT_DOWN
                        drone.stopped_by = encounter.unit
                        drone.ended_min = now_min
                    else:
                        waits = unit.fire == SHOOT_LOOK_SHOOT
            if waits:
                _queue(subject, encounter, unit, queue_key, queue_item)
            if unit.touched == 0:
                unit.touched = 1
                room.touched[touched] = encounter.unit
                touched += 1
        for i in range(touched):
            number = room.touched[i]
            units[number].touched = 0
            events = _engage(
                seed, run, day, number, units[number], now_min, events, flights, near, p_kill,
                drones, encounters, event_min, event_code, queue_key, queue_item,
            )  # fmt: skip


@compiled
def _queue(subject, encounter, unit, queue_key, queue_item):
    """Let a drone wait for a channel of a unit, unless the unit has spent its shots on it."""
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


@compiled
def _engage(
    seed, run, day, number, unit, now_min, events, flights, near, p_kill,
    drones, encounters, event_min, event_code, queue_key, queue_item,
):  # fmt: skip
    """Fire every free channel of a unit that has a drone to fire at; returns the heap's size."""
    while unit.free > 0 and unit.rounds_left > 0:
        subject = _next(seed, run, day, unit, now_min, drones, encounters, queue_key, queue_item)
        if subject < 0:
            break
        encounter = encounters[subject]
        drone = drones[encounter.drone]
        rounds = min(unit.salvo, unit.rounds_left)
        unit.rounds_left -= rounds
        unit.rounds_fired += rounds
        flight = flights[drone.flight]
        if drone.weapon == flight.decoy:
            flight.rounds_at_decoys += rounds
        else:
            flight.rounds_fired += rounds
        unit.free -= 1
        index = drone.number * _SHOTS_PER_DRONE + encounter.shots
        encounter.shots += 1
        actor = near[encounter.near].actor
        u = draws.uniform(seed, run, day, actor, draws.KILL, index)
        kills = u < interception.p_kill_of_salvo(p_kill[number, drone.weapon], rounds)
        busy_min = unit.service_min
        if unit.is_exponential == 1:
            u = draws.uniform(seed, run, day, actor, draws.SERVICE, index)
            busy_min = interception.exponential_service_min(u, busy_min)
        code = _code(_SHOT_ENDS, subject) | (1 if kills else 0)
        events = heap_push(event_min, event_code, 0, events, now_min + busy_min, code)
        if unit.fire == COORDINATED:
            _queue(subject, encounter, unit, queue_key, queue_item)
    return events


@compiled
def _next(seed, run, day, unit, now_min, drones, encounters, queue_key, queue_item):
    """The encounter a free channel takes, or -1; drones dead or gone leave the queue."""
    while unit.queue_size > 0:
        place = unit.queue_first
        if unit.fire == UNCOORDINATED:
            u = draws.uniform(seed, run, day, unit.actor, draws.PICK, unit.picks)
            unit.picks += 1
            place += damage.pick_at_random(u, unit.queue_size)
        subject = queue_item[place]
        encounter = encounters[subject]
        is_open = drones[encounter.drone].fate == FLYING and now_min <= encounter.leaves_min
        if unit.fire != UNCOORDINATED:
            unit.queue_size = heap_pop(queue_key, queue_item, unit.queue_first, unit.queue_size)
        elif not is_open or encounter.shots + 1 >= unit.max_shots:
            unit.queue_size -= 1
            queue_item[place] = queue_item[unit.queue_first + unit.queue_size]
        if is_open:
            return subject
    return -1


@compiled
def _arrive(seed, run, day, drone, flight, weapon, sites, assets, aims_at, slot_state):
    """The fate of a drone that has come to its target."""
    if weapon.is_decoy == 1:
        return DECOY_SPENT
    kind, slot = _target(seed, run, day, drone, flight, sites, assets, aims_at, slot_state)
    if slot < 0 or slot_state[slot] == DESTROYED:
        return WASTED
    p_effect = damage.p_effect(weapon.p_hit, assets[flight.site, kind].protection)
    if draws.uniform(seed, run, day, flight.actor, draws.HIT, drone.number) >= p_effect:
        return MISSED
    if draws.uniform(seed, run, day, flight.actor, draws.DESTROY, drone.number) < weapon.p_destroy:
        slot_state[slot] = DESTROYED
        return DESTROYED_TARGET
    slot_state[slot] = DAMAGED
    return DAMAGED_TARGET


@compiled
def _target(seed, run, day, drone, flight, sites, assets, aims_at, slot_state):
    """The asset a drone goes for: (class, slot), the slot -1 for a dummy or nothing there."""
    in_scope = sites[flight.site].decoy_targets
    for kind in range(assets.shape[1]):
        if aims_at[drone.flight, kind]:
            in_scope += assets[flight.site, kind].slots
    if in_scope == 0:
        return 0, -1
    if flight.aim == OPPORTUNE:
        u = draws.uniform(seed, run, day, flight.actor, draws.AIM, drone.number)
        choice = damage.pick_at_random(u, in_scope)
    else:
        choice = drone.site_order % in_scope
    kind, slot = _thing(drone.flight, flight.site, choice, assets, aims_at)
    if flight.aim == RETASK:
        for _ in range(in_scope - 1):
            if slot < 0 or slot_state[slot] != DESTROYED:
                break
            choice = (choice + 1) % in_scope
            kind, slot = _thing(drone.flight, flight.site, choice, assets, aims_at)
    return kind, slot


@compiled
def _thing(flight, site, choice, assets, aims_at):
    """The choice-th thing a flight may aim at: its assets class by class, then the dummies."""
    for kind in range(assets.shape[1]):
        if aims_at[flight, kind]:
            asset = assets[site, kind]
            if choice < asset.slots:
                return kind, asset.slot_first + choice
            choice -= asset.slots
    return 0, -1


@compiled
def _count(row, count, flights, drones, tally, log):
    """Add up the fates of a run's drones."""
    for subject in range(count):
        drone = drones[subject]
        if drone.fate != JAMMED and drone.fate != SHOT_DOWN:
            drone.stopped_by = -1
        else:
            tally.stopped_by[row, drone.flight, drone.stopped_by] += 1
        is_decoy = 1 if drone.weapon == flights[drone.flight].decoy else 0
        tally.fates[row, drone.flight, is_decoy, drone.fate] += 1
        if len(log.fate) > 0:
            log.fate[row, subject] = drone.fate
            log.weapon[row, subject] = drone.weapon
            log.stopped_by[row, subject] = drone.stopped_by
            log.ended_min[row, subject] = drone.ended_min


@compiled
def _settle(assets, slot_state):
    """Write what is left of the assets."""
    for site in range(assets.shape[0]):
        for kind in range(assets.shape[1]):
            asset = assets[site, kind]
            asset.newly_damaged = 0
            asset.newly_destroyed = 0
            asset.newly_finished = 0
            for k in range(asset.slots):
                was_intact = k < asset.present
                state = slot_state[asset.slot_first + k]
                if state == DESTROYED:
                    asset.newly_destroyed += 1
                    asset.destroyed += 1
                    asset.intact -= 1 if was_intact else 0
                    asset.damaged -= 0 if was_intact else 1
                    asset.newly_finished += 0 if was_intact else 1
                elif state == DAMAGED and was_intact:
                    asset.newly_damaged += 1
                    asset.damaged += 1
                    asset.intact -= 1
