"""Great circles: how long a leg is, and how close it passes to a place."""

import math

from sim.compiled import compiled

EARTH_RADIUS_KM = 6371.0088


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance by the haversine formula; angles in degrees. Source: sinnott1984."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half_dphi, half_dlambda = (phi2 - phi1) / 2.0, math.radians(lon2 - lon1) / 2.0
    chord = math.sin(half_dphi) ** 2 + math.cos(phi1) * math.cos(phi2) * math.sin(half_dlambda) ** 2
    return 2.0 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord)))


Vector = tuple[float, float, float]


def nearest_approach_km(
    leg: tuple[float, float, float, float], lat: float, lon: float
) -> tuple[float, float]:
    """The point of a leg's great circle that is nearest to a place, as (along, offset).

    `leg` is (lat, lon, lat, lon) of its ends. `along` is measured from the start of the leg and is
    negative for a place behind it; `offset` is the distance from the circle and never negative.
    """
    start, end, place = _unit_vector(*leg[:2]), _unit_vector(*leg[2:]), _unit_vector(lat, lon)
    normal = _cross(start, end)
    length = math.sqrt(_dot(normal, normal))
    if length < 1e-12:
        return 0.0, distance_km(leg[0], leg[1], lat, lon)
    sine = max(-1.0, min(1.0, _dot(normal, place) / length))
    ahead = _dot(_cross(normal, start), place) / length
    along = math.atan2(ahead, _dot(start, place))
    return along * EARTH_RADIUS_KM, abs(math.asin(sine)) * EARTH_RADIUS_KM


def _unit_vector(lat: float, lon: float) -> Vector:
    phi, lam = math.radians(lat), math.radians(lon)
    return math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)


def _dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _cross(a: Vector, b: Vector) -> Vector:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


@compiled
def half_chord_km(radius_km, offset_km):
    """Half of the path inside a circle that is passed at an offset; 0 if the circle is missed.

    sqrt(R^2 - b^2), in plane geometry because a defence circle is small compared with the Earth.
    """
    if offset_km >= radius_km:
        return 0.0
    return math.sqrt(radius_km * radius_km - offset_km * offset_km)
