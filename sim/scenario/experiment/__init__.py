"""What an experiment file may say: a question put to a scenario, a dozen lines each."""

from sim.scenario.experiment.choice import ActingTheories, Choice, Constraint, Setting
from sim.scenario.experiment.game import Game
from sim.scenario.experiment.impulse import Impulse, Stimulus
from sim.scenario.experiment.options import Level, Options, Price, Priced, Shares
from sim.scenario.experiment.sweep import Design, Sweep
from sim.scenario.experiment.theories import Odds, Theories
from sim.scenario.experiment.weighing import Ahead, Came, Candidates, Counts, Step, Table, Weighing

__all__ = [
    "EXPERIMENTS",
    "ActingTheories",
    "Ahead",
    "Came",
    "Candidates",
    "Choice",
    "Constraint",
    "Counts",
    "Design",
    "Experiment",
    "Game",
    "Impulse",
    "Level",
    "Odds",
    "Options",
    "Price",
    "Priced",
    "Setting",
    "Shares",
    "Step",
    "Stimulus",
    "Sweep",
    "Table",
    "Theories",
    "Weighing",
]

Experiment = Theories | Impulse | Sweep | Weighing | Choice | Game
EXPERIMENTS: dict[str, type[Experiment]] = {
    "theories": Theories,
    "impulse": Impulse,
    "sweep": Sweep,
    "weighing": Weighing,
    "choice": Choice,
    "game": Game,
}
