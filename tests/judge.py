"""The judge: a slow raid in plain Mesa and plain Python, written from docs/odd.md alone.

It shares no code with the compiled kernel but the words of the scenario and the numbers of the
purposes, and must give every drone the same fate. Drones and units are Mesa agents; what happens
stands on a time-ordered list of events.
"""

import functools
import hashlib
import heapq
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import mesa

from sim import draws
from sim.scenario.sample import Sample
from sim.scenario.schema import Position, Scenario

EARTH_RADIUS_KM = 6371.0088
WORD = 0xFFFFFFFF  # 32 bits

# The order in which events of one instant are taken.
SHOT_ENDS, JAMMED, ARRIVES, READY = range(4)


# --- luck ------------------------------------------------------------------------------------


def philox4x32(counter: tuple[int, ...], key: tuple[int, ...]) -> tuple[int, ...]:
    """Ten rounds of Philox4x32: a counter of four 32-bit words under a key of two."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        product0, product1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1 = (product1 >> 32) ^ c1 ^ k0, product1 & WORD
        c2, c3 = (product0 >> 32) ^ c3 ^ k1, product0 & WORD
        k0, k1 = (k0 + 0x9E3779B9) & WORD, (k1 + 0xBB67AE85) & WORD
    return c0, c1, c2, c3


@functools.cache
def actor(name: str) -> int:
    """The number of an actor in the address of a draw."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "little")


class Luck(NamedTuple):
    """The draws of one raid of one run."""

    seed: int
    run: int
    day: int

    def draw(self, purpose: int, name: str, index: int) -> float:
        """The uniform in [0, 1) of the actor called `name`."""
        counter = (self.run, actor(name), index, self.day << 8 | purpose)
        word0, word1, _, _ = philox4x32(counter, (self.seed & WORD, self.seed >> 32))
        return ((word0 >> 5) * 67108864.0 + (word1 >> 6)) / 9007199254740992.0

    def wait(self, rate: float, purpose: int, name: str, index: int) -> float:
        """An exponential time: infinite at rate 0 and 0 at an infinite rate."""
        if rate == 0.0:
            return math.inf
        return -math.log1p(-self.draw(purpose, name, index)) / rate


# --- the globe -------------------------------------------------------------------------------


def on_sphere(position: Position) -> tuple[float, float, float]:
    """The unit vector from the centre of the Earth."""
    lat, lon = math.radians(position.lat), math.radians(position.lon)
    return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def cross(a, b):
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )


def distance_km(start: Position, end: Position) -> float:
    """The great-circle distance."""
    a, b = on_sphere(start), on_sphere(end)
    return EARTH_RADIUS_KM * math.atan2(math.hypot(*cross(a, b)), dot(a, b))


def passing_km(start: Position, end: Position, site: Position) -> tuple[float, float]:
    """Where the great circle from start to end is nearest to the site: along it, and how far."""
    a, b, s = on_sphere(start), on_sphere(end), on_sphere(site)
    pole = cross(a, b)
    if not any(pole):  # a leg of no length
        return 0.0, distance_km(start, site)
    pole = tuple(x / math.hypot(*pole) for x in pole)
    along = math.atan2(dot(s, cross(pole, a)), dot(s, a))
    offset = abs(math.atan2(dot(s, pole), math.hypot(*cross(s, pole))))
    return EARTH_RADIUS_KM * along, EARTH_RADIUS_KM * offset


# --- things that do not act ------------------------------------------------------------------


class Figures:
    """The numbers of the scenario in one run."""

    def __init__(self, sample: Sample, row: int) -> None:
        self.sample = sample
        self.row = row

    def __call__(self, path: str, default: float | None = None) -> float:
        if default is None:
            return float(self.sample[path][self.row])
        return float(self.sample.get(path, default)[self.row])

    def count(self, path: str, default: int = 0) -> int:
        return int(self(path, default))


@dataclass
class Weapon:
    name: str
    is_decoy: bool
    speed_km_min: float
    p_works: float
    signature: float
    susceptibility: float
    p_hit: float
    p_destroy: float


@dataclass(eq=False)
class Asset:
    kind: str
    protection: float
    state: str  # intact, damaged or destroyed
    hit_by: frozenset[str] = frozenset()  # "any" raid, and "this" one, on an earlier day
    newly_hit: bool = False  # damaged, or destroyed, by this raid today


class Stock(NamedTuple):
    """The assets of one class at one site at the start of the raid."""

    in_place: int
    away: int = 0
    damaged: int = 0
    hit_by: tuple[frozenset[str], ...] = ()  # of each, in place, away and damaged

    def states(self) -> list[tuple[str, frozenset[str]]]:
        """The state of each asset, and who has hit it."""
        words = ["intact"] * self.in_place + ["away"] * self.away + ["damaged"] * self.damaged
        return list(zip(words, self.hit_by or [frozenset[str]()] * len(words), strict=True))


@dataclass
class Site:
    name: str
    position: Position
    alertness: float
    assets: dict[str, list[Asset]]
    decoy_targets: int
    drones_sent: int = 0

    def scope(self, classes: tuple[str, ...]) -> list[Asset | None]:
        """What drones sent here may aim at, in order; None is a decoy target."""
        aimed_at = [
            asset
            for name, assets in self.assets.items()
            if name in classes or not classes
            for asset in assets
        ]
        return aimed_at + [None] * self.decoy_targets


@dataclass(frozen=True)
class Crossing:
    """How a flight's leg lies in the circle of a unit."""

    along_km: float
    half_km: float


@dataclass(eq=False)
class Flight:
    """The drones of one wave sent to one site."""

    name: str
    site: Site
    size: int
    leg_km: float
    aim: str
    scope: list[Asset | None]
    crossings: "list[tuple[Unit, Crossing]]"
    decoy: str | None  # the weapon class of its decoys
    visibility: float
    carriers_lost: int = 0
    rounds_fired: int = 0
    rounds_at_decoys: int = 0


@dataclass(eq=False)
class Encounter:
    """A drone that a shooter has detected in time."""

    drone: "Drone"
    shooter: "Shooter"
    ready_min: float
    leaves_min: float
    shots: int = 0
    under_fire: bool = False

    @property
    def order(self) -> tuple[int, int]:
        return self.drone.order, self.shooter.order

    @property
    def pair(self) -> str:
        return f"{self.drone.flight.name} {self.shooter.name}"

    def is_open(self) -> bool:
        """Whether the drone still flies inside the circle."""
        return self.drone.flies and self.drone.model.now <= self.leaves_min


# --- agents ----------------------------------------------------------------------------------


class Drone(mesa.Agent):
    """A flying weapon of a flight."""

    model: "Raid"

    def __init__(self, model: "Raid", order: int, flight: Flight, number: int, weapon: Weapon):
        super().__init__(model)
        self.order = order
        self.flight = flight
        self.number = number
        self.weapon = weapon
        self.place = flight.site.drones_sent
        flight.site.drones_sent += 1
        self.fate: str | None = None
        self.stopped_by: Unit | None = None
        self.launched_min = self.ended_min = math.nan
        self.aimed_at = ""

    @property
    def flies(self) -> bool:
        return self.fate is None

    def draw(self, purpose: int) -> float:
        return self.model.luck.draw(purpose, self.flight.name, self.number)

    def end(self, fate: str, stopped_by: "Unit | None" = None) -> None:
        self.fate = fate
        self.stopped_by = stopped_by
        self.ended_min = self.model.now

    def launch(self, at_min: float) -> None:
        """Take off: whatever may happen on the way is put on the list of events."""
        flight, speed = self.flight, self.weapon.speed_km_min
        self.launched_min = at_min
        arrival = at_min + flight.leg_km / speed
        self.model.schedule(arrival, ARRIVES, (self.order,), self.arrive)
        for unit, crossing in flight.crossings:
            enters = at_min + max(0.0, crossing.along_km - crossing.half_km) / speed
            leaves = arrival
            if crossing.along_km + crossing.half_km < flight.leg_km:
                leaves = at_min + (crossing.along_km + crossing.half_km) / speed
            unit.meet(self, enters, leaves, arrival)

    def jam(self, jammer: "Jammer") -> None:
        if self.flies:
            self.end("jammed", jammer)

    def arrive(self) -> None:
        if self.flies:
            self.end("decoy_spent" if self.weapon.is_decoy else self.strike())

    def strike(self) -> str:
        target = self.choose_target()
        self.aimed_at = target.kind if target else ""
        if target is None or target.state == "destroyed":
            return "wasted"
        if self.draw(draws.HIT) >= self.weapon.p_hit * (1.0 - target.protection):
            return "missed"
        is_destroyed = self.draw(draws.DESTROY) < self.weapon.p_destroy
        target.newly_hit |= is_destroyed or target.state == "intact"
        target.state = "destroyed" if is_destroyed else "damaged"
        return f"{target.state}_target"

    def choose_target(self) -> Asset | None:
        """What the drone dives at; None is a decoy target, or nothing at all."""
        scope = self.flight.scope
        if not scope:
            return None
        if self.flight.aim == "opportune":
            return scope[math.floor(self.draw(draws.AIM) * len(scope))]
        first = self.place % len(scope)
        if self.flight.aim == "retask":
            for target in scope[first:] + scope[:first]:
                if target is None or target.state != "destroyed":
                    return target
        return scope[first]


class Unit(mesa.Agent):
    """All defence units of one class at one site."""

    model: "Raid"

    def __init__(self, model: "Raid", order: int, site: Site, kind: str):
        super().__init__(model)
        figures = model.figures
        self.order = order
        self.site = site
        self.name = f"{site.name}.{kind}"
        self.actor_name = f"sites.{site.name}.defence.{kind}"
        self.count = figures(f"{self.actor_name}.count")
        self.range_km = figures(f"units.{kind}.range")

    def crossing(self, flight_site: Site, start: Position | None, leg_km: float) -> Crossing | None:
        """How a leg from `start` (None: from a carrier) crosses the circle, if it does."""
        if self.site is flight_site:
            return Crossing(leg_km, self.range_km)
        if start is None:
            return None
        along, offset = passing_km(start, flight_site.position, self.site.position)
        if offset >= self.range_km:
            return None
        half = math.sqrt(self.range_km**2 - offset**2)
        if along + half < 0.0 or along - half > leg_km:
            return None
        return Crossing(along, half)

    def meet(self, drone: Drone, enters: float, leaves: float, arrival: float) -> None:
        """A drone that is inside the circle from `enters` to `leaves` takes off."""
        raise NotImplementedError


class Jammer(Unit):
    """A unit that makes drones lose their way."""

    def __init__(self, model: "Raid", order: int, site: Site, kind: str):
        super().__init__(model, order, site, kind)
        self.losses_per_min = model.figures(f"units.{kind}.loss_rate") / 60.0 * self.count

    def meet(self, drone: Drone, enters: float, leaves: float, arrival: float) -> None:
        rate = self.losses_per_min * drone.weapon.susceptibility
        pair = f"{drone.flight.name} {self.name}"
        lost = enters + self.model.luck.wait(rate, draws.JAMMING, pair, drone.number)
        if lost <= leaves and lost < arrival:
            self.model.schedule(
                lost, JAMMED, (drone.order, self.order), functools.partial(drone.jam, self)
            )


class Shooter(Unit):
    """A unit that looks, engages and shoots, in one of three ways to choose whom."""

    def __init__(self, model: "Raid", order: int, site: Site, kind: str):
        super().__init__(model, order, site, kind)
        figures, block = model.figures, model.scenario.units[kind]
        self.looks_per_min = figures(f"units.{kind}.detection_rate") / 60.0 * self.count
        self.reaction_min = figures(f"units.{kind}.reaction")
        self.service_min = figures(f"units.{kind}.service")
        self.is_exponential = block.service_law == "exponential"
        self.first_come = block.takes == "first_come"
        self.choose = getattr(self, block.fire)
        self.max_shots = figures.count(f"units.{kind}.max_shots")
        self.salvo = figures.count(f"units.{kind}.salvo")
        self.p_kill = {name: figures(f"units.{kind}.p_kill.{name}") for name in block.p_kill}
        self.free = figures.count(f"units.{kind}.channels") * int(self.count)
        self.rounds_left = figures.count(f"units.{kind}.magazine") * int(self.count)
        self.queue: list[Encounter] = []
        self.picks = 0

    def meet(self, drone: Drone, enters: float, leaves: float, arrival: float) -> None:
        if self.p_kill.get(drone.weapon.name, 0.0) == 0.0:
            return
        alertness = 1.0 if self.model.forewarned else self.site.alertness
        scale = drone.weapon.signature * drone.flight.visibility * alertness
        rate = self.looks_per_min * scale if scale else 0.0
        pair = f"{drone.flight.name} {self.name}"
        seen = enters + self.model.luck.wait(rate, draws.DETECTION, pair, drone.number)
        ready = seen + self.reaction_min
        if ready <= leaves:
            self.model.seen.append((drone.order, self.name, seen))
            encounter = Encounter(drone, self, ready, leaves)
            self.model.schedule(
                ready, READY, encounter.order, functools.partial(self.detect, encounter)
            )

    def detect(self, encounter: Encounter) -> None:
        """A drone has become ready to be engaged (also one that another unit has stopped)."""
        self.queue.append(encounter)
        self.model.has_work(self)

    def fire(self) -> None:
        """Every free channel takes a waiting drone and fires, while rounds are left."""
        while self.free and self.rounds_left:
            encounter = self.choose()
            if encounter is None:
                return
            self.shoot(encounter)

    def shoot_look_shoot(self) -> Encounter | None:
        self.drop_closed()
        waiting = [encounter for encounter in self.queue if not encounter.under_fire]
        return min(waiting, key=self.urgency, default=None)

    def coordinated(self) -> Encounter | None:
        self.drop_closed()
        return min(self.queue, key=lambda e: (e.shots, self.urgency(e)), default=None)

    def uncoordinated(self) -> Encounter | None:
        while self.queue:
            u = self.model.luck.draw(draws.PICK, self.actor_name, self.picks)
            self.picks += 1
            place = math.floor(u * len(self.queue))
            encounter = self.queue[place]
            is_open = encounter.is_open()
            if not is_open or encounter.shots + 1 == self.max_shots:
                self.queue[place] = self.queue[-1]
                self.queue.pop()
            if is_open:
                return encounter
        return None

    def urgency(self, encounter: Encounter) -> tuple[float, tuple[int, int]]:
        when = encounter.ready_min if self.first_come else encounter.leaves_min
        return when, encounter.order

    def drop_closed(self) -> None:
        """Forget the drones that wait no more and will not again."""
        self.queue = [e for e in self.queue if e.is_open() and e.shots < self.max_shots]

    def shoot(self, encounter: Encounter) -> None:
        """Fire a salvo; what comes of it is known when the channel is done."""
        rounds = min(self.salvo, self.rounds_left)
        index = 256 * encounter.drone.number + encounter.shots
        self.rounds_left -= rounds
        self.free -= 1
        encounter.shots += 1
        encounter.under_fire = True
        flight = encounter.drone.flight
        if encounter.drone.weapon.name == flight.decoy:
            flight.rounds_at_decoys += rounds
        else:
            flight.rounds_fired += rounds
        self.model.shots.append((encounter.drone.order, self.name, rounds, self.model.now))
        service = self.service_min
        if self.is_exponential:
            u = self.model.luck.draw(draws.SERVICE, encounter.pair, index)
            service = -self.service_min * math.log1p(-u)
        self.model.schedule(
            self.model.now + service,
            SHOT_ENDS,
            (*encounter.order, encounter.shots),
            functools.partial(self.end_shot, encounter, rounds, index),
        )

    def end_shot(self, encounter: Encounter, rounds: int, index: int) -> None:
        """A channel is done with its shot."""
        self.free += 1
        encounter.under_fire = False
        self.model.has_work(self)
        drone = encounter.drone
        p_stop = 1.0 - (1.0 - self.p_kill[drone.weapon.name]) ** rounds
        if drone.flies and self.model.luck.draw(draws.KILL, encounter.pair, index) < p_stop:
            drone.end("shot_down", self)


# --- the raid --------------------------------------------------------------------------------


class Raid(mesa.Model):
    """A raid of a scenario in one run. `step` is one instant, `fly` the whole raid."""

    def __init__(
        self,
        scenario: Scenario,
        name: str,
        figures: Figures,
        luck: Luck,
        stocks: Mapping[tuple[str, str], Stock] | None = None,
    ):
        super().__init__(rng=0)  # Mesa's own luck is not used
        self.scenario = scenario
        self.raid_name = name
        self.figures = figures
        self.luck = luck
        self.now = 0.0
        self.forewarned = False
        self.events: list = []
        self.seen: list[tuple[int, str, float]] = []
        self.shots: list[tuple[int, str, int, float]] = []
        self.working: set[Shooter] = set()
        raid = scenario.raids[name]
        self.weapons = {name: self.make_weapon(name) for name in scenario.weapons}
        self.sites = {
            name: self.make_site(name, stocks or {})
            for name, site in scenario.sites.items()
            if site.side != raid.by
        }
        for site in self.sites.values():
            for kind in scenario.sites[site.name].defence:
                unit_class = {"shooter": Shooter, "jammer": Jammer}[scenario.units[kind].kind]
                unit_class(self, len(self.agents), site, kind)
        self.units = list(self.agents)
        self.flights: list[Flight] = []
        launches = [
            launch
            for wave in raid.waves
            for place, site in enumerate(raid.waves[wave].at)
            for launch in self.make_flight(wave, place, self.sites[site])
        ]
        # Nobody takes off before it is known whether the whole raid is forewarned.
        for drone, at_min in launches:
            drone.launch(at_min)
        self.drones = list(self.agents)[len(self.units) :]

    def make_weapon(self, name: str) -> Weapon:
        path = f"weapons.{name}"
        return Weapon(
            name=name,
            is_decoy=self.scenario.weapons[name].decoy,
            speed_km_min=self.figures(f"{path}.speed") / 60.0,
            p_works=self.figures(f"{path}.p_works"),
            signature=self.figures(f"{path}.signature"),
            susceptibility=self.figures(f"{path}.jam_susceptibility"),
            p_hit=self.figures(f"{path}.p_hit", 0.0),
            p_destroy=self.figures(f"{path}.p_destroy", 0.0),
        )

    def make_site(self, name: str, stocks: Mapping[tuple[str, str], Stock]) -> Site:
        path, block = f"sites.{name}", self.scenario.sites[name]
        assets = {}
        for kind in self.scenario.assets:
            if kind not in block.assets:
                continue
            asset_path = f"{path}.assets.{kind}"
            stock = stocks.get((name, kind), Stock(self.figures.count(f"{asset_path}.count")))
            protection = self.figures(f"{asset_path}.protection", 0.0)
            assets[kind] = [
                Asset(kind, protection, state, hit_by)
                for state, hit_by in stock.states()
                if state != "away"
            ]
        return Site(
            name=name,
            position=block.position,
            alertness=self.figures(f"{path}.readiness", 1.0),
            assets=assets,
            decoy_targets=self.figures.count(f"{path}.decoy_targets"),
        )

    def make_flight(self, wave_name: str, place: int, site: Site) -> list[tuple[Drone, float]]:
        """The drones of a wave sent to a site: those that take off, and when."""
        raid = self.scenario.raids[self.raid_name]
        wave, is_covert = raid.waves[wave_name], raid.delivery.kind == "covert"
        path = f"raids.{self.raid_name}.waves.{wave_name}"
        count, places = self.figures.count(f"{path}.count"), len(wave.at)
        if is_covert:
            start, leg_km = None, self.figures(f"raids.{self.raid_name}.delivery.standoff")
        else:
            start = self.scenario.launch_areas[wave.launch_from].position
            leg_km = distance_km(start, site.position)
        crossings = ((unit, unit.crossing(site, start, leg_km)) for unit in self.units)
        flight = Flight(
            name=f"{path}.{site.name}",
            site=site,
            size=(count - place + places - 1) // places,
            leg_km=leg_km,
            aim=wave.aim,
            scope=site.scope(wave.at_assets),
            crossings=[(unit, crossing) for unit, crossing in crossings if crossing],
            decoy=wave.decoys.weapon if wave.decoys else None,
            visibility=self.figures(f"{path}.visibility", 1.0),
        )
        self.flights.append(flight)
        found = self.found_carriers(flight) if is_covert and flight.size > 0 else [False]
        flight.carriers_lost = sum(found)
        launches = []
        launch_min = 0.0
        for number in range(flight.size):
            weapon = self.weapons[wave.weapon]
            if wave.decoys is not None:
                share = self.figures(f"{path}.decoys.share")
                if self.luck.draw(draws.DECOY, flight.name, number) < share:
                    weapon = self.weapons[wave.decoys.weapon]
            drone = Drone(self, len(self.agents) - len(self.units), flight, number, weapon)
            if wave.launch == "uniform":
                launch_min = drone.draw(draws.LAUNCH) * self.figures(f"{path}.window")
            elif wave.launch == "poisson":
                mean = self.figures(f"{path}.window") / flight.size
                launch_min += -math.log1p(-drone.draw(draws.LAUNCH)) * mean
            if found[number % len(found)]:
                drone.end("compromised")
            elif drone.draw(draws.RELIABILITY) >= weapon.p_works:
                drone.end("failed")
            else:
                launches.append((drone, launch_min))
        return launches

    def found_carriers(self, flight: Flight) -> list[bool]:
        """Which carriers of a covert flight are lost; a lost one may forewarn the defence."""
        path = f"raids.{self.raid_name}.delivery"
        p_survives = math.exp(-self.figures(f"{path}.found") * self.figures(f"{path}.prepared"))
        p_forewarn = self.figures(f"{path}.p_forewarn")
        found = []
        for carrier in range(self.figures.count(f"{path}.carriers_per_site")):
            is_lost = self.luck.draw(draws.CARRIER_FOUND, flight.name, carrier) >= p_survives
            if is_lost and self.luck.draw(draws.FOREWARNED, flight.name, carrier) < p_forewarn:
                self.forewarned = True
            found.append(is_lost)
        return found

    def schedule(self, at_min: float, kind: int, order: tuple[int, ...], act) -> None:
        """Put something on the list of events: by time, then kind, then order."""
        heapq.heappush(self.events, (at_min, kind, order, act))

    def has_work(self, shooter: Shooter) -> None:
        """Note that something happened to a unit at this instant."""
        self.working.add(shooter)

    def step(self) -> None:
        """All events of the next instant, and then the shots they give rise to."""
        self.now = self.events[0][0]
        while self.events and self.events[0][0] == self.now:
            *_, act = heapq.heappop(self.events)
            act()
        for shooter in sorted(self.working, key=lambda unit: unit.order):
            shooter.fire()
        self.working.clear()

    def fly(self) -> "Raid":
        while self.events:
            self.step()
        return self


# --- the verdict -----------------------------------------------------------------------------


@dataclass
class Verdict:
    """What became of one raid in one run, in plain values."""

    fate: list[str] = field(default_factory=list)
    weapon: list[str] = field(default_factory=list)
    stopped_by: list[str] = field(default_factory=list)  # SITE.UNIT, or nothing
    ended_min: list[float] = field(default_factory=list)
    rounds_left: dict[str, int] = field(default_factory=dict)  # by SITE.UNIT
    assets: dict[tuple[str, str, str], int] = field(default_factory=dict)  # site, class, state
    flight: list[int] = field(default_factory=list)
    rounds_fired: list[int] = field(default_factory=list)  # at each flight, its decoys apart
    rounds_at_decoys: list[int] = field(default_factory=list)
    carriers_lost: list[int] = field(default_factory=list)
    forewarned: bool = False
    aimed_at: list[str] = field(default_factory=list)  # the asset class, or nothing
    # by site and class: assets first hit by any raid, by this one; and who has hit those that stand
    first_hits: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    hit_by: dict[tuple[str, str], list[frozenset[str]]] = field(default_factory=dict)
    launched: list[tuple[int, float]] = field(default_factory=list)  # drone, when
    seen: list[tuple[int, str, float]] = field(default_factory=list)  # drone, unit, when
    shots: list[tuple[int, str, int, float]] = field(default_factory=list)  # and rounds


def judge(
    scenario: Scenario,
    name: str,
    sample: Sample,
    row: int,
    seed: int,
    day: int,
    stocks: Mapping[tuple[str, str], Stock] | None = None,
    flies_often: bool = False,
) -> Verdict:
    """The raid of one run (a row of the sample), from full magazines.

    `stocks` says which assets stand by (site, class); without it they are intact as counted. Whom
    a raid hit is kept for its later days if it `flies_often`.
    """
    luck = Luck(seed, int(sample.runs[row]), day)
    raid = Raid(scenario, name, Figures(sample, row), luck, stocks).fly()
    verdict = Verdict(
        fate=[drone.fate for drone in raid.drones],
        weapon=[drone.weapon.name for drone in raid.drones],
        stopped_by=[drone.stopped_by.name if drone.stopped_by else "" for drone in raid.drones],
        ended_min=[drone.ended_min for drone in raid.drones],
        rounds_left={u.name: u.rounds_left for u in raid.units if isinstance(u, Shooter)},
        flight=[raid.flights.index(drone.flight) for drone in raid.drones],
        rounds_fired=[flight.rounds_fired for flight in raid.flights],
        rounds_at_decoys=[flight.rounds_at_decoys for flight in raid.flights],
        carriers_lost=[flight.carriers_lost for flight in raid.flights],
        forewarned=raid.forewarned,
        aimed_at=[drone.aimed_at for drone in raid.drones],
        launched=[(d.order, d.launched_min) for d in raid.drones if not math.isnan(d.launched_min)],
        seen=sorted(raid.seen),
        shots=sorted(raid.shots),
    )
    for site in raid.sites.values():
        for kind, assets in site.assets.items():
            stock = (stocks or {}).get((site.name, kind), Stock(0))
            line_up(verdict, (site.name, kind), assets, stock, flies_often)
            away = stock.away
            for state in ("intact", "damaged", "destroyed"):
                number = sum(asset.state == state for asset in assets)
                verdict.assets[site.name, kind, state] = number + away * (state == "intact")
    # Mesa numbers agents by model and so never lets go of a model: keep what it holds small.
    raid.remove_all_agents()
    raid.units, raid.drones, raid.flights, raid.sites = [], [], [], {}
    return verdict


def line_up(
    verdict: Verdict,
    where: tuple[str, str],
    assets: list[Asset],
    stock: Stock,
    flies_often: bool,
) -> None:
    """Count whom the raid hit first, and line up what stands: intact, away, damaged, lately so."""
    hit = [asset for asset in assets if asset.newly_hit]
    verdict.first_hits[where] = (
        sum("any" not in asset.hit_by for asset in hit),
        sum("this" not in asset.hit_by for asset in hit),
    )
    marks = frozenset({"any", "this"} if flies_often else {"any"})
    verdict.hit_by[where] = [
        *(asset.hit_by for asset in assets if asset.state == "intact"),
        *(hit_by for state, hit_by in stock.states() if state == "away"),
        *(a.hit_by for a in assets if a.state == "damaged" and not a.newly_hit),
        *(a.hit_by | marks for a in assets if a.state == "damaged" and a.newly_hit),
    ]
