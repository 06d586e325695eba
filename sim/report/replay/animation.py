"""The animation of a raid: each drone's track on the picture, and its place and state over time.

The script of the page (templates/replay.js) places drones as `places_at_end` does, at any minute.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.raid.arrays import FATES, THROUGH, Bools, Ints
from sim.report.plots.map.globe import great_circle
from sim.report.plots.map.scene import place_of
from sim.report.plots.places import Floats
from sim.report.replay.base_map import BaseMap
from sim.report.replay.flown_raid import NEVER_FLEW, FlownRaid
from sim.report.replay.panels import sites_with_panels, way_closely, way_in
from sim.report.replay.symbols import SYMBOLS, UNDER_WAY

_GOLDEN = 0.6180339887498949
_GOLDEN_TURN = math.pi * (3.0 - math.sqrt(5.0))
_EVERY = 4  # points of a great circle: closer ones have no clear direction in pixels
_DOWN = ("shot_missed", "shot_late", "shot_down")
_SIZES = ((60, 4.6), (150, 3.8), (400, 3.1), (900, 2.5))

Leg = tuple[str, str]
"""A launch area and a site."""
Track = tuple[int, Floats]
"""A view, and the path on it in pixels, shape (n, 2)."""


@dataclass(frozen=True)
class Animation:
    """The tracks of a raid, and a row of `drones` for each drone.

    The row has the drone's track, the minutes of start, flight and end, its fate, its offsets, and
    when it was seen. View 0 is the map, the others are the panels of sites. The first `count` rows
    are the drones; the rest are the same drones again, on panels. `fires` are the minutes between
    which a drone is under fire, by row. `radius` is that of a symbol, in pixels.
    """

    panels: list[str]
    tracks: list[Track]
    drones: pd.DataFrame
    count: int
    fires: dict[int, list[float]]
    radius: float


def animation_of(raid: FlownRaid, base: BaseMap) -> Animation:
    """The animation of a raid: on the map if drones come across it, and on panels of sites."""
    panels = sites_with_panels(raid, base)
    tracks, track_of = _on_map(raid, base) if raid.is_direct else _on_panels(raid)
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
            "seen": _first_seen(raid),
        }
    )
    fires = _fires(raid)
    if raid.is_direct and panels:
        rows = [k for k, site in enumerate(drones["site"]) if site in panels]
        ways, way_of = _closely(raid, panels, rows)
        again = frame.iloc[rows].assign(track=[len(tracks) + k for k in way_of])
        fires |= {count + k: fires[row] for k, row in enumerate(rows) if row in fires}
        tracks, frame = tracks + ways, pd.concat([frame, again], ignore_index=True)
    return Animation(panels, tracks, frame, count, fires, radius)


# --- tracks ------------------------------------------------------------------------------------


def _on_map(raid: FlownRaid, base: BaseMap) -> tuple[list[Track], list[int]]:
    """A great circle for each pair of launch area and site, and the number of each drone's."""
    legs, leg_of = _legs(raid, range(len(raid.drones)))
    areas, sites = raid.scene.areas, raid.scene.sites
    ways = [great_circle(place_of(areas[area]), place_of(sites[site])) for area, site in legs]
    return [(0, base.at(way[::_EVERY])) for way in ways], leg_of


def _closely(raid: FlownRaid, panels: list[str], rows: list[int]) -> tuple[list[Track], list[int]]:
    """The same tracks on the panels of their sites, for some of the drones."""
    legs, leg_of = _legs(raid, rows)
    ways = [(1 + panels.index(leg[1]), way_closely(raid, *leg)[::_EVERY]) for leg in legs]
    return ways, leg_of


def _legs(raid: FlownRaid, rows: Sequence[int]) -> tuple[list[Leg], list[int]]:
    """The legs that some drones fly, and the number of each drone's leg."""
    drones = raid.drones.iloc[list(rows)]
    pairs = zip(drones["wave"], drones["site"], strict=True)
    flown = [(raid.area_of(wave), site) for wave, site in pairs]
    legs = list(dict.fromkeys(flown))
    return legs, [legs.index(leg) for leg in flown]


def _on_panels(raid: FlownRaid) -> tuple[list[Track], list[int]]:
    """A track for each drone, on the panel of its site."""
    views = {site: 1 + k for k, site in enumerate(raid.sites)}
    there = raid.drones.groupby("site", sort=False, observed=True).cumcount()
    tracks = [
        (views[site], way_in(raid, site, number, leg_km))
        for site, number, leg_km in zip(
            raid.drones["site"], there, raid.drones["leg_km"], strict=True
        )
    ]
    return tracks, list(range(len(tracks)))


def _asides(track: Ints, radius: float) -> Floats:
    """The lateral offset of each drone of a leg, in pixels, to avoid overlaps."""
    crowd = np.bincount(track)[track]
    spread = ((np.arange(len(track)) * _GOLDEN) % 1.0) - 0.5
    return np.asarray(spread * 2.0 * radius * np.minimum(np.sqrt(crowd), 7.0))


def _crowds(raid: FlownRaid, never: Bools, radius: float) -> Floats:
    """Offsets of drones that ended at the same place, in pixels, shape (n, 2)."""
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


def _first_seen(raid: FlownRaid) -> Floats:
    """When each drone was first seen, NaN if it never was."""
    rows = raid.events[raid.events["what"] == "seen"]
    first = rows.groupby("drone", observed=True)["minute"].min()
    return first.reindex(raid.drones["drone"]).to_numpy(float)


def _fires(raid: FlownRaid) -> dict[int, list[float]]:
    """The minutes between which shots at a drone are under way, by its place in the raid."""
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


# --- data for the page -------------------------------------------------------------------------


def places_at_end(animation: Animation) -> dict[tuple[int, int], list[tuple[float, float]]]:
    """The final places of drones, by view and fate."""
    places: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for drone in animation.drones.to_dict("records"):
        view, points = animation.tracks[drone["track"]]
        flies = drone["flies"]
        part = min((drone["ends"] - drone["starts"]) / flies, 1.0) if flies > 0.0 else 0.0
        crowd = part**6 if flies > 0.0 else 1.0
        x, y = _along(points, part, drone["aside"])
        place = (x + crowd * drone["dx"], y + crowd * drone["dy"])
        places.setdefault((view, drone["fate"]), []).append(place)
    return places


def _along(points: Floats, part: float, aside: float) -> tuple[float, float]:
    """A place on a path, offset by `aside` pixels, which taper off within a sixth of both ends."""
    step = part * (len(points) - 1)
    k = min(int(step), len(points) - 2)
    ahead = points[k + 1] - points[k]
    x, y = points[k] + (step - k) * ahead
    length = math.hypot(*ahead) or 1.0
    bow = aside * min(1.0, 6.0 * min(part, 1.0 - part)) / length
    return x - bow * ahead[1], y + bow * ahead[0]


def as_json(animation: Animation) -> str:
    """The data for the script, as JSON that is safe within a page."""
    drones = {str(name): _column(column) for name, column in animation.drones.items()}
    content = {
        "ends": float(animation.drones["ends"].iloc[: animation.count].round(4).max()),
        "count": animation.count,
        "tracks": [
            [view, *np.round(points, 2).ravel().tolist()] for view, points in animation.tracks
        ],
        "drones": drones,
        "fires": {k: [round(m, 3) for m in minutes] for k, minutes in animation.fires.items()},
        "radius": animation.radius,
        "shapes": {
            state: np.round(symbol.corners, 3).ravel().tolist() for state, symbol in SYMBOLS.items()
        },
        "under_way": UNDER_WAY,
        "fates": FATES,
    }
    return json.dumps(content, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _column(values: "pd.Series[Any]") -> list[float | int | None]:
    """A column with four decimals; null for NaN."""
    if values.dtype.kind == "i":
        return [int(value) for value in values]
    rounded = (None if math.isnan(value) else round(float(value), 4) for value in values)
    return [int(value) if value is not None and value == int(value) else value for value in rounded]
