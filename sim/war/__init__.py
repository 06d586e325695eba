"""The Mesa model: attackers, defenders, negotiators, the order of a day."""

from sim.war import light_mesa as light_mesa  # before anything imports Mesa
