"""The map of a raid: coasts and borders, sites, launch areas, legs, defence circles, losses."""

from sim.report.plots.map.draw import draw_map

__all__ = ["draw_map"]
