"""All kinds of answers: a new one is a file in this folder and a line here."""

from sim.report.answers.calibration import Calibration
from sim.report.answers.choice import Choice
from sim.report.answers.comparison import Comparison
from sim.report.answers.discovery import Discovery
from sim.report.answers.forecast import NightsForecast
from sim.report.answers.game import Game
from sim.report.answers.impulse import Impulse
from sim.report.answers.kind import Kind
from sim.report.answers.nights import Nights
from sim.report.answers.polls import Polls
from sim.report.answers.reported import Reported
from sim.report.answers.run import Run
from sim.report.answers.sensitivity import Sensitivity
from sim.report.answers.sequential import Sequential
from sim.report.answers.sweep import Sweep
from sim.report.answers.theories import Theories
from sim.report.answers.transfer import Transfer
from sim.report.answers.verification import Verification
from sim.report.answers.war_forecast import WarForecast
from sim.report.answers.weighing import Weighing

KINDS: dict[str, type[Kind]] = {
    kind.kind: kind
    for kind in (
        Run, Comparison, Sweep, Theories, Impulse, Choice, Game, Sensitivity, Discovery,
        Calibration, Weighing, WarForecast, Nights, NightsForecast, Sequential, Transfer, Polls,
        Reported, Verification,
    )
}  # fmt: skip
