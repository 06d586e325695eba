"""A raid as a film: of each drone its way on the picture, and when it is where and in what state.

The script of the page (replay.js) puts drones where `places_at_end` does, at any minute.
"""

import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.raid.arrays import FATES, THROUGH, Bools, Ints
from sim.report.plots.map.globe import great_circle
from sim.report.plots.places import Floats
from sim.report.replay.base_map import Ground
from sim.report.replay.drone_symbols import MARKS, UNDER_WAY
from sim.report.replay.panels import sites_with_panels, way_closely, way_in
from sim.report.replay.raids import NEVER_FLEW, FlownRaid

_GOLDEN = 0.6180339887498949
_GOLDEN_TURN = math.pi * (3.0 - math.sqrt(5.0))
_EVERY = 4  # of the points of a great circle: closer ones have no sure direction in pixels
_DOWN = ("shot_missed", "shot_late", "shot_down")
_SIZES = ((60, 4.6), (150, 3.8), (400, 3.1), (900, 2.5))


@dataclass(frozen=True)
class Film:
    """The tracks of a raid (each on a view, places in pixels), and of each drone a row of
    `drones`: its track, minutes of start, way and end, fate, places aside, when it was seen.

    View 0 is the map, the others are the panels of sites. The first `count` rows are the drones;
    the rest are the same drones once more, on panels. `fires` are the minutes between which a
    drone is under fire, by row. `radius` is that of a mark, in pixels.
    """

    panels: list[str]
    tracks: list[tuple[int, Floats]]
    drones: pd.DataFrame
    count: int
    fires: dict[int, list[float]]
    radius: float


def film_of(raid: FlownRaid, ground: Ground) -> Film:
    """The film of a raid: on the map where its drones come along it, and on panels of sites."""
    panels = sites_with_panels(raid, ground)
    tracks, track_of = _legs(raid, ground) if raid.is_direct else _local(raid)
    drones, count = raid.drones, len(raid.drones)
    most = count if raid.is_direct else int(drones["site"].value_counts().max())
    radius = next((size for limit, size in _SIZES if most <= limit), 2.0)
    never = drones["fate"].isin(NEVER_FLEW).to_numpy()
    dx, dy = _crowds(raid, never, radius).T
    frame = pd.DataFrame(
        {
            "track": track_of,
            "starts": drones["launched_min"],
            "flies": np.where(never, 0.0, drones["flown_min"]),
            "ends": drones["ended_min"],
            "fate": [FATES.index(fate) for fate in drones["fate"]],
            "aside": _asides(np.array(track_of), radius) if raid.is_direct else 0.0,
            "dx": dx,
            "dy": dy,
            "seen": _first(raid, "seen"),
        }
    )
    fires = _fires(raid)
    if raid.is_direct and panels:
        again, of_row = _closely(raid, panels, tracks, frame)
        shots = {count + k: fires[row] for k, row in enumerate(of_row) if row in fires}
        frame, fires = pd.concat([frame, again], ignore_index=True), fires | shots
    return Film(panels, tracks, frame, count, fires, radius)


# --- ways --------------------------------------------------------------------------------------


def _legs(raid: FlownRaid, ground: Ground) -> tuple[list[tuple[int, Floats]], list[int]]:
    """A great circle for each pair of launch area and site."""
    scenario, drones = raid.scenario, raid.drones
    pairs = zip(drones["wave"], drones["site"], strict=True)
    keys = [(raid.area_of(wave), site) for wave, site in pairs]
    order: dict[tuple[str, str], int] = {}
    tracks: list[tuple[int, Floats]] = []
    for area, site in dict.fromkeys(keys):
        a, b = scenario.launch_areas[area].position, scenario.sites[site].position
        order[area, site] = len(tracks)
        way = great_circle(np.array([a.lon, a.lat]), np.array([b.lon, b.lat]))
        tracks.append((0, ground.at(way[::_EVERY])))
    return tracks, [order[key] for key in keys]


def _local(raid: FlownRaid) -> tuple[list[tuple[int, Floats]], list[int]]:
    """A way of its own for each drone, on the panel of its site."""
    views = {site: 1 + k for k, site in enumerate(raid.sites)}
    there = raid.drones.groupby("site", sort=False).cumcount()
    tracks = [
        (views[site], way_in(raid, site, number, leg_km))
        for site, number, leg_km in zip(
            raid.drones["site"], there, raid.drones["leg_km"], strict=True
        )
    ]
    return tracks, list(range(len(tracks)))


def _closely(
    raid: FlownRaid, panels: list[str], tracks: list[tuple[int, Floats]], frame: pd.DataFrame
) -> tuple[pd.DataFrame, list[int]]:
    """The rows of drones once more, on the panels of their sites, and of which row each is.

    Adds the ways on the panels to `tracks`.
    """
    drones = raid.drones
    rows = [k for k, site in enumerate(drones["site"]) if site in panels]
    order: dict[tuple[str, str], int] = {}
    track_of = []
    for k in rows:
        key = raid.area_of(drones["wave"][k]), drones["site"][k]
        if key not in order:
            order[key] = len(tracks)
            tracks.append((1 + panels.index(key[1]), way_closely(raid, *key)[::_EVERY]))
        track_of.append(order[key])
    return frame.iloc[rows].assign(track=track_of), rows


def _asides(track: Ints, radius: float) -> Floats:
    """How far each drone of a leg flies beside it, in pixels, so that they do not overlap."""
    crowd = np.bincount(track)[track]
    spread = ((np.arange(len(track)) * _GOLDEN) % 1.0) - 0.5
    return np.asarray(spread * 2.0 * radius * np.minimum(np.sqrt(crowd), 7.0))


def _crowds(raid: FlownRaid, never: Bools, radius: float) -> Floats:
    """Where drones that ended at one place lie about it, in pixels, shape (n, 2)."""
    drones = raid.drones
    offsets = np.zeros((len(drones), 2))
    arrived = drones["fate"].isin(THROUGH).to_numpy()
    crowds = [(drones["site"].to_numpy(), arrived)]
    if raid.is_direct:
        areas = {wave: raid.area_of(wave) for wave in drones["wave"].unique()}
        crowds.append((drones["wave"].map(areas).to_numpy(), never))
    for place, ended in crowds:
        for name in np.unique(place[ended].astype(str)):
            (those,) = np.nonzero(ended & (place == name))
            those = those[np.argsort(drones["ended_min"].to_numpy()[those], kind="stable")]
            number = np.arange(len(those)) + 0.6
            away, turn = 1.9 * radius * np.sqrt(number), number * _GOLDEN_TURN
            offsets[those] = np.column_stack([away * np.sin(turn), -away * np.cos(turn)])
    return offsets


# --- times -------------------------------------------------------------------------------------


def _first(raid: FlownRaid, what: str) -> Floats:
    """When something first happened to each drone, not a number where it never did."""
    rows = raid.events[raid.events["what"] == what]
    first = rows.groupby("drone")["minute"].min()
    return first.reindex(raid.drones["drone"]).to_numpy(float)


def _fires(raid: FlownRaid) -> dict[int, list[float]]:
    """From when to when shots at a drone are under way, by its place in the raid."""
    place = {drone: k for k, drone in enumerate(raid.drones["drone"])}
    ended = raid.drones["ended_min"].to_numpy()
    fires: dict[int, list[float]] = {}
    shots: dict[int, int] = {}
    rows = raid.events[raid.events["what"].isin(("fired_at", *_DOWN))]
    for drone, what, minute in zip(rows["drone"], rows["what"], rows["minute"], strict=True):
        k = place[drone]
        under_way = shots.get(k, 0)
        shots[k] = under_way + (1 if what == "fired_at" else -1)
        if (under_way == 0) != (shots[k] <= 0):
            fires.setdefault(k, []).append(min(float(minute), float(ended[k])))
    for k, minutes in fires.items():
        if len(minutes) % 2:
            minutes.append(float(ended[k]))
    return fires


# --- what the page gets ------------------------------------------------------------------------


def places_at_end(film: Film) -> dict[tuple[int, int], list[tuple[float, float]]]:
    """Where the drones of each view and fate lie when all is over."""
    places: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for drone in film.drones.to_dict("records"):
        view, points = film.tracks[drone["track"]]
        flies = drone["flies"]
        part = min((drone["ends"] - drone["starts"]) / flies, 1.0) if flies > 0.0 else 0.0
        crowd = part**6 if flies > 0.0 else 1.0
        x, y = _along(points, part, drone["aside"])
        place = (x + crowd * drone["dx"], y + crowd * drone["dy"])
        places.setdefault((view, drone["fate"]), []).append(place)
    return places


def _along(points: Floats, part: float, aside: float) -> tuple[float, float]:
    """A place on a way, `aside` pixels beside it but for a sixth at either end, and on it there."""
    step = part * (len(points) - 1)
    k = min(int(step), len(points) - 2)
    ahead = points[k + 1] - points[k]
    x, y = points[k] + (step - k) * ahead
    length = math.hypot(*ahead) or 1.0
    bow = aside * min(1.0, 6.0 * min(part, 1.0 - part)) / length
    return x - bow * ahead[1], y + bow * ahead[0]


def as_json(film: Film) -> str:
    """What the script needs, as JSON that may stand in a page."""
    drones: dict[str, Any] = {str(name): _column(film.drones[name]) for name in film.drones}
    content = {
        "ends": max(drones["ends"][: film.count]),
        "count": film.count,
        "tracks": [[view, *np.round(points, 2).ravel().tolist()] for view, points in film.tracks],
        "drones": drones,
        "fires": {str(k): [round(m, 3) for m in minutes] for k, minutes in film.fires.items()},
        "radius": film.radius,
        "shapes": {name: [round(v, 3) for corner in mark.corners for v in corner]
                   for name, mark in MARKS.items()},
        "under_way": UNDER_WAY,
        "fates": FATES,
    }  # fmt: skip
    return json.dumps(content, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _column(values: "pd.Series[Any]") -> list[float | int | None]:
    """A column with four decimals; null where it is not a number."""
    if values.dtype.kind == "i":
        return [int(value) for value in values]
    rounded = (None if math.isnan(value) else round(float(value), 4) for value in values)
    return [int(value) if value is not None and value == int(value) else value for value in rounded]
