"""The figure of flow: a raid's drones from the order to their site, fate and stopping unit.

It is known what a unit stopped, but not which site that drone was bound for; it may have been
another's. So bands run from the sites to the fates, and from the two fates caused by units to the
units.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from numpy.typing import NDArray

from sim.experiment.record import Record
from sim.raid.arrays import FATES
from sim.report.plots.captions import ensemble, flown_runs, flown_words, raid_in_focus, short_title
from sim.report.plots.colours import FATE_COLOURS, GREY, INK, PALE, PAPER, dark
from sim.report.plots.lettering import BODY_PT, NOTE_PT, shortened, width_of
from sim.report.plots.picture import WIDTH_IN, Picture, title_before
from sim.report.plots.places import interval
from sim.report.plots.run.fates import FATE_WORDS
from sim.report.plots.run.occasions import counts_by, occasions_of
from sim.report.plots.style import house_style
from sim.report.plots.words import number, rough, sentence
from sim.scenario.schema import Scenario

Ints = NDArray[np.integer]
Key = tuple[str, ...]
"""A place: ("ordered",), ("site", site), ("fate", fate) or ("unit", site, unit)."""
Block = dict[Key, Ints]
"""Drones by place, each time the raid was flown in some runs, shape (flights,)."""

MOST_SITES, MOST_UNITS = 8, 14
"""Sites and units shown apart; where there are more, the smallest are taken together."""

_ORDERED: Key = ("ordered",)
_BY = {"jammer": "jammed", "shooter": "shot_down"}
_HIT = ("damaged_target", "destroyed_target")
_DRONES_IN, _WORDS_IN, _GAP_IN, _BAR_IN, _PAD_IN = 2.9, 0.26, 0.08, 0.12, 0.05
_LEFT_IN = 0.34
_SEEN_THROUGH = 0.5
_COLUMNS = {
    "ordered": ("Ordered", 0.36, 0.86),
    "site": ("Sent to", 1.62, 1.12),
    "fate": ("What became of them", 3.24, 1.28),
    "unit": ("Stopped by", 4.98, 2.12),
}
"""Of each kind of place its heading, its left edge and its width, in inches."""
_EXPLAINED = (
    "A bar or band is as high as the mean number each time the raid flew; brackets hold 90 %. What "
    "a unit stopped is known, not whose drone it was: it may stop some bound for a site near by."
)


@dataclass(frozen=True)
class Node:
    """Drones that pass a place each time the raid flies: mean, 5 and 95 %.

    `holds` are the places it represents, more than one if small ones are merged.
    """

    holds: tuple[Key, ...]
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Flow:
    """The drones of a raid: nodes by the first place of each, and mean flows between them."""

    raid: str
    nodes: Mapping[Key, Node]
    links: Mapping[tuple[Key, Key], float]

    def of_kind(self, kind: str) -> list[Key]:
        """The places of a kind, in order."""
        return [key for key in self.nodes if key[0] == kind]


# --- data --------------------------------------------------------------------------------------


def flow_of(record: Record, raid: str) -> Flow:
    """The flow of a raid: each place passes on what it receives, except where drones end."""
    blocks = [*_sent(record, raid), *_stopped(record, raid)]
    flights = sum(len(block.get(_ORDERED, ())) for block in blocks)
    totals: Counter[Key] = Counter()
    for block in blocks:
        totals.update({key: int(drones.sum()) for key, drones in block.items()})
    groups = _groups(record.scenario, totals).items()
    nodes = {key: _node(parts, blocks, flights) for key, parts in groups}
    return Flow(raid, nodes, _links(record.scenario, nodes, totals, flights))


def _sent(record: Record, raid: str) -> Iterator[Block]:
    """Drones in total, by site and by fate; by both, over all flights, as ("both", site, fate)."""
    for table in record.blocks("raids", ["run", "day", "raid", "site", *FATES]):
        rows = table[table["raid"] == raid]
        if len(rows):
            flight, all_flights = occasions_of(rows), np.zeros(len(rows), np.int64)
            fates = {f: counts_by(flight, rows[f].to_numpy(), [])[()] for f in FATES}
            sites = counts_by(flight, rows[list(FATES)].to_numpy().sum(axis=1), [rows["site"]])
            both = {f: counts_by(all_flights, rows[f].to_numpy(), [rows["site"]]) for f in FATES}
            yield {
                _ORDERED: _small(np.sum([*fates.values()], axis=0)),
                **{("site", *site): _small(drones) for site, drones in sites.items()},
                **{("fate", fate): _small(drones) for fate, drones in fates.items()},
                **{("both", *site, f): drones for f in FATES for site, drones in both[f].items()},
            }


def _stopped(record: Record, raid: str) -> Iterator[Block]:
    """Drones by the unit that stopped them."""
    for table in record.blocks("defence", ["run", "day", "raid", "site", "unit", "stopped"]):
        rows = table[table["raid"] == raid]
        if len(rows):
            stopped = rows["stopped"].to_numpy()
            units = counts_by(occasions_of(rows), stopped, [rows["site"], rows["unit"]])
            yield {("unit", *unit): _small(drones) for unit, drones in units.items()}


def _small(counts: Ints) -> Ints:
    """Counts in the smallest type that has room for them: there may be millions."""
    return counts.astype(np.min_scalar_type(counts.max()))


def _groups(scenario: Scenario, totals: Mapping[Key, int]) -> dict[Key, tuple[Key, ...]]:
    """The places that drones pass, in order; the smallest sites and units are merged."""
    sites = [("site", name) for name in scenario.sites]
    units = [("unit", s, u) for s, site in scenario.sites.items() for u in site.defence]
    by_kind = [[key for key in units if scenario.units[key[2]].kind == kind] for kind in _BY]
    groups = [(_ORDERED,), *_merged([sites], totals, MOST_SITES)]
    groups += [(("fate", fate),) for fate in FATES if totals[("fate", fate)]]
    groups += _merged(by_kind, totals, MOST_UNITS)
    return {parts[0]: parts for parts in groups}


def _merged(
    lists: Sequence[Sequence[Key]], totals: Mapping[Key, int], most: int
) -> Iterator[tuple[Key, ...]]:
    """The largest keys by themselves, and the rest of each list merged: `most` in total."""
    found = [[key for key in keys if totals[key]] for keys in lists]
    by_size = sorted((key for keys in found for key in keys), key=lambda key: -totals[key])
    alone = set(by_size if len(by_size) <= most else by_size[: most - len(lists)])
    for keys in found:
        yield from ((key,) for key in keys if key in alone)
        rest = tuple(key for key in keys if key not in alone)
        if rest:
            yield rest


def _node(parts: tuple[Key, ...], blocks: Sequence[Block], flights: int) -> Node:
    """A place from how many drones passed in each flight; a flight without a row had none."""
    found = [[block[part] for part in parts if part in block] for block in blocks]
    drones = np.concatenate([[], *(np.sum(each, axis=0) for each in found if each)])
    every = np.concatenate([np.zeros(flights - len(drones)), drones])
    low, _, high = interval(every)
    return Node(parts, float(every.mean()), low, high)


def _links(
    scenario: Scenario, nodes: Mapping[Key, Node], totals: Mapping[Key, int], flights: int
) -> dict[tuple[Key, Key], float]:
    """Mean flows between places: shooters shoot down, jammers jam, and no unit does both."""
    links: dict[tuple[Key, Key], float] = {}
    for key, node in nodes.items():
        if key[0] == "site":
            links[_ORDERED, key] = node.mean
            for fate in FATES:
                drones = sum(totals["both", site, fate] for _, site in node.holds)
                if drones:
                    links[key, ("fate", fate)] = drones / flights
        elif key[0] == "unit":
            links[("fate", _BY[scenario.units[key[2]].kind]), key] = node.mean
    return links


# --- the picture -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Place:
    """A bar, and the left and middle of its words, in inches from the upper left of the axes."""

    left: float
    width: float
    top: float
    height: float
    words_left: float
    words_middle: float

    @property
    def is_written_on(self) -> bool:
        """Whether the words are on the bar."""
        is_across = self.left < self.words_left < self.left + self.width
        return is_across and self.top < self.words_middle < self.top + self.height


@house_style()
def draw_flow(record: Record) -> Picture | None:
    """Bands from the order to the sites, the fates and the units, for the raid in focus."""
    raid = raid_in_focus(record)
    flow = None if raid is None else flow_of(record, raid)
    if flow is None or not flow.nodes[_ORDERED].mean:
        return None
    places, height = _placed(flow)
    picture = Picture(_title(record, flow), _EXPLAINED)
    picture.top += 0.39
    for heading, left, _ in (_COLUMNS[kind] for kind in _COLUMNS if flow.of_kind(kind)):
        picture.write(left, picture.top - 0.26, heading, weight="bold")
    axes = picture.axes_at(_LEFT_IN, picture.top, WIDTH_IN - _LEFT_IN, height)
    picture.top += height
    axes.set(xlim=(_LEFT_IN, WIDTH_IN), ylim=(height, 0.0), xticks=[], yticks=[])
    axes.set_ylabel("Drones and missiles, mean number")
    axes.spines[["left", "bottom"]].set_visible(False)
    _draw_bands(axes, flow, places)
    for key, place in places.items():
        _draw_place(axes, record.scenario, key, flow.nodes[key], place)
    flown = len(flown_runs(record, flow.raid)) < record.runs_done
    note = f"{flown_words(record, flow.raid)}; " * flown + ensemble(record)
    return picture.finished(0.25, note, _described(record.scenario, flow))


def _placed(flow: Flow) -> tuple[dict[Key, _Place], float]:
    """The place of each node, with room for its words, and the total height."""
    bars = {key: _DRONES_IN * node.mean / flow.nodes[_ORDERED].mean
            for key, node in flow.nodes.items()}  # fmt: skip
    columns = [flow.of_kind(kind) for kind in _COLUMNS]
    room = {key: _room(key[0], bar) for key, bar in bars.items()}
    heights = [sum(room[key] + _GAP_IN for key in keys) - _GAP_IN for keys in columns]
    height = max(heights)
    places: dict[Key, _Place] = {}
    for keys, own in zip(columns, heights, strict=True):
        stopped = [places[key] for key in places if key[1:] in [(fate,) for fate in _BY.values()]]
        middle = height / 2.0
        if keys and keys[0][0] == "unit":
            middle = float(np.mean([place.top + place.height / 2.0 for place in stopped]))
        top = float(np.clip(middle - own / 2.0, 0.0, height - own))
        for key in keys:
            places[key] = _place(key[0], top, room[key], bars[key])
            top += room[key] + _GAP_IN
    return places, height


def _room(kind: str, bar: float) -> float:
    """The height of a place: words are beside a bar, on it, or above a thin one."""
    if kind == "unit":
        return max(bar, _WORDS_IN)
    return bar if bar >= _WORDS_IN + _PAD_IN else bar + _WORDS_IN


def _place(kind: str, top: float, room: float, bar: float) -> _Place:
    _, left, width = _COLUMNS[kind]
    if kind == "unit":
        middle = top + room / 2.0
        return _Place(left, _BAR_IN, middle - bar / 2.0, bar, left + _BAR_IN + _PAD_IN, middle)
    if room > bar:
        return _Place(left, width, top + _WORDS_IN, bar, left, top + _WORDS_IN / 2.0)
    return _Place(left, width, top, bar, left + _PAD_IN, top + bar / 2.0)


def _draw_bands(axes: Axes, flow: Flow, places: Mapping[Key, _Place]) -> None:
    """One band per link, stacked at both ends."""
    per_in = flow.nodes[_ORDERED].mean / _DRONES_IN
    order = list(flow.nodes)
    given = dict.fromkeys(order, 0.0)
    taken = dict.fromkeys(order, 0.0)
    for source, target in sorted(flow.links, key=lambda ends: tuple(map(order.index, ends))):
        high = flow.links[source, target] / per_in
        start, end = places[source], places[target]
        colour = PALE if source == _ORDERED else _colour((target, source)[source[0] == "fate"])
        outline = _band(
            start.left + start.width, start.top + given[source],
            end.left, end.top + taken[target], high,
        )  # fmt: skip
        axes.add_artist(PathPatch(outline, facecolor=colour, alpha=_SEEN_THROUGH, linewidth=0.0))
        given[source] += high
        taken[target] += high


def _band(left: float, top: float, right: float, end: float, high: float) -> Path:
    """A band of constant height that is horizontal at both ends."""
    middle = (left + right) / 2.0
    upper = [(left, top), (middle, top), (middle, end), (right, end)]
    lower = [(x, y + high) for x, y in reversed(upper)]
    curve = [Path.CURVE4] * 3
    codes = [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY]
    return Path([*upper, *lower, upper[0]], codes)


def _colour(key: Key) -> str:
    return FATE_COLOURS[key[1]] if key[0] == "fate" else GREY


def _draw_place(axes: Axes, scenario: Scenario, key: Key, node: Node, place: _Place) -> None:
    colour = _colour(("fate", _BY[scenario.units[key[2]].kind]) if key[0] == "unit" else key)
    axes.add_artist(Rectangle((place.left, place.top), place.width, place.height, color=colour,
                              linewidth=0.0))  # fmt: skip
    _, left, width = _COLUMNS[key[0]]
    ink = PAPER if place.is_written_on and dark(colour) else INK
    room = left + width - place.words_left
    name, at = _names(scenario, node)
    numbers = _amount(node)
    if at:
        numbers = f"{shortened(at, room - width_of(f' {numbers}', NOTE_PT), NOTE_PT)} {numbers}"
    name = shortened(name.split(" (")[0], room)
    for text, size, va in ((name, BODY_PT, "bottom"), (numbers, NOTE_PT, "top")):
        axes.text(place.words_left, place.words_middle, text, size=size, va=va, color=ink)


def _names(scenario: Scenario, node: Node) -> tuple[str, str]:
    """The name of a place and, for a single unit, that of its site."""
    kind, *names = node.holds[0]
    if len(node.holds) > 1:
        return f"{len(node.holds)} other {kind}s", ""
    if kind == "unit":
        return scenario.units[names[1]].title, _short(scenario, names[0])
    if kind == "site":
        return _short(scenario, names[0]), ""
    return sentence(FATE_WORDS[names[0]] if kind == "fate" else kind), ""


def _short(scenario: Scenario, site: str) -> str:
    return scenario.sites[site].title.split(",")[0]


def _amount(node: Node) -> str:
    """The mean and its 90 % interval, unless all values are the same."""
    if node.low == node.high == node.mean:
        return number(node.mean)
    return f"{_mean(node.mean)} ({number(round(node.low))} to {number(round(node.high))})"


def _mean(value: float) -> str:
    return number(value) if value >= 100.0 else rough(value)


def _title(record: Record, flow: Flow) -> str:
    def mean(*fates: str) -> str:
        return _mean(sum(flow.nodes[k].mean for k in flow.of_kind("fate") if k[1] in fates))

    ordered = _mean(flow.nodes[_ORDERED].mean)
    rest = f": of {ordered} drones {mean(*_BY.values())} are stopped and {mean(*_HIT)} hit a target"
    return title_before(short_title(record.scenario, flow.raid), rest)


def _described(scenario: Scenario, flow: Flow) -> Iterator[str]:
    """The numbers of each column, in a sentence."""
    for kind, (heading, *_) in _COLUMNS.items():
        nodes = [flow.nodes[key] for key in flow.of_kind(kind)]
        named = [(", ".join(filter(None, _names(scenario, node))), _amount(node)) for node in nodes]
        if named:
            yield f"{heading}: {'; '.join(' '.join(t[kind == 'ordered' :]) for t in named)}."
