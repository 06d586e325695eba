"""Great circles: how long a leg is, and how near it passes a place."""

import math

import numpy as np
from numpy.typing import NDArray

from sim.compiled import compiled

EARTH_RADIUS_KM = 6371.0088


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance by the haversine formula, degrees in. Source: sinnott1984."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half_dphi, half_dlambda = (phi2 - phi1) / 2.0, math.radians(lon2 - lon1) / 2.0
    chord = math.sin(half_dphi) ** 2 + math.cos(phi1) * math.cos(phi2) * math.sin(half_dlambda) ** 2
    return 2.0 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord)))


def nearest_approach_km(
    leg: tuple[float, float, float, float], lat: float, lon: float
) -> tuple[float, float]:
    """Where the great circle of a leg passes nearest a place: (along, offset).

    `leg` is (lat, lon, lat, lon) of its ends. `along` is measured from the leg's start and is
    negative for a place behind it; `offset` is the distance from the circle, never negative.
    """
    start, end, place = (_unit_vector(*leg[:2]), _unit_vector(*leg[2:]), _unit_vector(lat, lon))
    normal = np.cross(start, end)
    length = float(np.linalg.norm(normal))
    if length < 1e-12:
        return 0.0, distance_km(leg[0], leg[1], lat, lon)
    normal /= length
    offset = math.asin(max(-1.0, min(1.0, float(normal @ place))))
    foot = place - math.sin(offset) * normal
    along = math.atan2(float(np.cross(start, foot) @ normal), float(start @ foot))
    return along * EARTH_RADIUS_KM, abs(offset) * EARTH_RADIUS_KM


def _unit_vector(lat: float, lon: float) -> NDArray[np.float64]:
    phi, lam = math.radians(lat), math.radians(lon)
    return np.array([math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)])


@compiled
def half_chord_km(radius_km, offset_km):
    """Half the path inside a circle passed at an offset, 0 when it is missed.

    sqrt(R^2 - b^2); flat, since a defence circle is small beside the Earth.
    """
    if offset_km >= radius_km:
        return 0.0
    return math.sqrt(radius_km * radius_km - offset_km * offset_km)
