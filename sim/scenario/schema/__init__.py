"""What a scenario may say: one block a thing, one line a figure.

Names are the words of docs/odd.md. Every number is a `Figure`; a dotted path through these blocks
(`weapons.fpv.p_hit`) names a figure the same way in an override, a table and an error.
"""

from sim.scenario.schema.equipment import Jammer, Shooter
from sim.scenario.schema.events import Blow, Event, Gesture, Sweetener
from sim.scenario.schema.history import AidHistory, History, Series
from sim.scenario.schema.mechanisms import Mechanisms, Own
from sim.scenario.schema.minds import ATTITUDES, Attitude
from sim.scenario.schema.observed import Pattern, Poll, Report
from sim.scenario.schema.patrons import Division, Patron, Stop
from sim.scenario.schema.raids import Covert, Raid, Wave
from sim.scenario.schema.references import Name, Text, is_source, snake
from sim.scenario.schema.scenario import Scenario, figures
from sim.scenario.schema.sites import LaunchArea, Position, Site
from sim.scenario.schema.talks import Concession, Nash, Rubinstein, Screening, Talks

__all__ = [
    "ATTITUDES",
    "AidHistory",
    "Attitude",
    "Blow",
    "Concession",
    "Covert",
    "Division",
    "Event",
    "Gesture",
    "History",
    "Jammer",
    "LaunchArea",
    "Mechanisms",
    "Name",
    "Nash",
    "Own",
    "Patron",
    "Pattern",
    "Poll",
    "Position",
    "Raid",
    "Report",
    "Rubinstein",
    "Scenario",
    "Screening",
    "Series",
    "Shooter",
    "Site",
    "Stop",
    "Sweetener",
    "Talks",
    "Text",
    "Wave",
    "figures",
    "is_source",
    "snake",
]
