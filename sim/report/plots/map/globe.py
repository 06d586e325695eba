"""Map projection: equal-area, with great circles and circles of a given radius."""

from typing import NamedTuple

import numpy as np

from sim.report.plots.places import Floats
from sim.rules.geometry import EARTH_RADIUS_KM

_CIRCLE_POINTS, _LEG_POINTS = 91, 65


def on_sphere(lon_lat: Floats) -> Floats:
    """Unit vectors (n, 3) of places (n, 2) in degrees, longitude first."""
    lon, lat = np.radians(lon_lat[:, 0]), np.radians(lon_lat[:, 1])
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


class Projection(NamedTuple):
    """Lambert's azimuthal equal-area projection about a place.

    Areas are true everywhere; lengths are true at the centre and at most 4 % off 3,500 km away.
    """

    lon: float
    lat: float

    @property
    def opposite(self) -> tuple[float, float]:
        """The antipode of the centre, which has no place on the projected map."""
        return (self.lon + 360.0) % 360.0 - 180.0, -self.lat

    def flat(self, lon_lat: Floats) -> Floats:
        """Places (n, 2) in degrees as kilometres east and north of the centre, (n, 2).

        Every place except the antipode of the centre has its own.
        """
        lon, lat = np.radians(lon_lat[:, 0] - self.lon), np.radians(lon_lat[:, 1])
        sin_lat, cos_lat, cos_lon = np.sin(lat), np.cos(lat), np.cos(lon)
        sin_0, cos_0 = np.sin(np.radians(self.lat)), np.cos(np.radians(self.lat))
        nearness = sin_0 * sin_lat + cos_0 * cos_lat * cos_lon
        scale = EARTH_RADIUS_KM * np.sqrt(2.0 / np.maximum(1.0 + nearness, 1e-12))
        east = cos_lat * np.sin(lon)
        north = cos_0 * sin_lat - sin_0 * cos_lat * cos_lon
        return np.column_stack([scale * east, scale * north])

    def degrees(self, flat: Floats) -> Floats:
        """The places (n, 2) in degrees of projected ones, longitudes within 180 of the centre's."""
        reach = np.hypot(*flat.T)
        angle = 2.0 * np.arcsin(np.minimum(reach / (2.0 * EARTH_RADIUS_KM), 1.0))
        east, north = flat.T / np.maximum(reach, 1e-12)
        sin_0, cos_0 = np.sin(np.radians(self.lat)), np.cos(np.radians(self.lat))
        lat = np.arcsin(np.cos(angle) * sin_0 + north * np.sin(angle) * cos_0)
        ahead = cos_0 * np.cos(angle) - north * sin_0 * np.sin(angle)
        lon = np.arctan2(east * np.sin(angle), ahead)
        return np.column_stack([self.lon + np.degrees(lon), np.degrees(lat)])


def projection_about(lon_lat: Floats) -> Projection:
    """The projection centred on the middle of some places."""
    x, y, z = on_sphere(lon_lat).mean(axis=0)
    return Projection(
        float(np.degrees(np.arctan2(y, x))), float(np.degrees(np.arctan2(z, np.hypot(x, y))))
    )


def great_circle(start: Floats, end: Floats) -> Floats:
    """Places (n, 2) in degrees along the shortest path from one place to another."""
    a, b = on_sphere(np.array([start, end]))
    angle = np.arccos(np.clip(a @ b, -1.0, 1.0))
    if angle < 1e-9:
        return np.array([start, end])
    part = np.linspace(0.0, 1.0, _LEG_POINTS)[:, None]
    return _degrees((np.sin((1.0 - part) * angle) * a + np.sin(part * angle) * b) / np.sin(angle))


def circle_about(centre: Floats, radius_km: float) -> Floats:
    """Places (n, 2) in degrees at a given distance from a place, all around it."""
    (up,) = on_sphere(centre[None])
    east = np.array([-np.sin(np.radians(centre[0])), np.cos(np.radians(centre[0])), 0.0])
    turn = np.linspace(0.0, 2.0 * np.pi, _CIRCLE_POINTS)[:, None]
    aside = np.cos(turn) * east + np.sin(turn) * np.cross(up, east)
    angle = radius_km / EARTH_RADIUS_KM
    return _degrees(np.cos(angle) * up + np.sin(angle) * aside)


def _degrees(vectors: Floats) -> Floats:
    x, y, z = vectors.T
    return np.degrees(np.column_stack([np.arctan2(y, x), np.arctan2(z, np.hypot(x, y))]))
