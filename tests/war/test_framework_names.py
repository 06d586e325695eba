"""Names of ours and names of Mesa's do not get into each other's way, whichever Mesa there is."""

import inspect
import subprocess
import sys

import mesa
import pytest

import sim
from sim.war.agents.attacker import Attacker
from sim.war.agents.defender import Defender
from sim.war.agents.mediator import Mediator
from sim.war.agents.negotiator import Negotiator
from sim.war.agents.public import Public
from sim.war.light_mesa import frames_without_source

AGENTS = [Attacker, Defender, Mediator, Negotiator, Public]
OURS = [*AGENTS, sim.War]
SHARED = {"running", "scenario", "step"}
"""What Mesa asks us to write, and `scenario`, of which Mesa reads nothing but to hand it out."""


def own_names(kind: type) -> set[str]:
    """State and methods that a class of ours declares, without what Mesa puts in every class."""
    base = mesa.Model if issubclass(kind, mesa.Model) else mesa.Agent
    return set(vars(kind)) - set(vars(type("Plain", (base,), {})))


def names_of_mesa(kind: type) -> set[str]:
    """What a model or an agent of Mesa has once it is made, whatever it is for."""
    model = mesa.Model(rng=0)
    made = model if issubclass(kind, mesa.Model) else mesa.Agent(model)
    return {name for name in dir(made) if not name.startswith("__")}


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_no_method_or_state_of_ours_replaces_one_of_mesa(kind: type) -> None:
    assert {n for n in own_names(kind) & names_of_mesa(kind) if n[:2] != "__"} <= SHARED


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_all_state_of_ours_is_declared_so_that_no_property_can_take_its_name(kind: type) -> None:
    """A base class may turn any name into a property; a slot of ours goes before it."""
    war = sim.War(sim.load("spiderweb"), 2)
    made = [war, *war.agents]
    for one in (one for one in made if isinstance(one, kind)):
        plain = mesa.Model(rng=0) if kind is sim.War else mesa.Agent(mesa.Model(rng=0))
        assert set(vars(one)) <= set(vars(plain)) | {"step"}


def test_a_later_mesa_may_take_the_name_of_any_state(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AttributeError("this name is the framework's")

    for kind, base in [(sim.War, mesa.Model), *((agent, mesa.Agent) for agent in AGENTS)]:
        for name in kind.__slots__:
            monkeypatch.setattr(base, name, property(refuse, refuse), raising=False)
    war = sim.War(sim.load("spiderweb"), 2)
    assert war.run().day == war.scenario.days - 1


def test_the_war_asks_mesa_for_what_every_version_has() -> None:
    """A generator by number, agents by type, steps: no keyword that a version lacks."""
    assert "rng" in inspect.signature(mesa.Model.__init__).parameters


def test_parts_of_mesa_that_no_war_uses_load_when_they_are_asked_for() -> None:
    """Spaces bring networkx and a part of SciPy, which take a quarter of the start of a command."""
    asked = """
import sys
import sim.experiment.execution.runner
assert not {"networkx", "scipy.spatial"} & set(sys.modules)
import mesa
from mesa.experimental.devs import ABMSimulator
assert mesa.space.MultiGrid(2, 2, torus=False).width == 2
assert issubclass(mesa.discrete_space.CellAgent, mesa.Agent)
assert sys.modules["mesa.space"] is mesa.space
assert "networkx" in sys.modules
"""
    subprocess.run([sys.executable, "-c", asked], check=True)


def test_mesa_that_is_loaded_already_stays_as_it_is() -> None:
    asked = """
import mesa
before = mesa.space
import sim.war.model
assert mesa.space is before
"""
    subprocess.run([sys.executable, "-c", asked], check=True)


def test_mesa_names_its_loggers_by_the_stack_and_no_source_is_read_for_it() -> None:
    """Looking for the source of every frame took .2 s of each command that fights."""
    asked = """
import inspect, linecache
before = inspect.getouterframes
import sim.war.model
from mesa import mesa_logging
assert "mesa.model" in mesa_logging._module_loggers
assert not [file for file in linecache.cache if "mesa" in file]
assert inspect.getouterframes is before
"""
    subprocess.run([sys.executable, "-c", asked], check=True)


def test_frames_without_source_are_those_of_python_but_for_their_lines() -> None:
    frame = inspect.currentframe()
    ours, theirs = frames_without_source(frame), inspect.getouterframes(frame)
    assert [(one.frame, one.function) for one in ours] == [(f.frame, f.function) for f in theirs]
    assert (ours[0].filename, ours[1].lineno) == (theirs[0].filename, theirs[1].lineno)
