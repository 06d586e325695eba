"""What `sim choose` is asked about stands nowhere and is called after nobody.

docs/responsible-use.md says why.
"""

import functools
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sim.report.plots.map.coast import world
from sim.scenario.experiment import Choice, Game, Theories
from sim.scenario.load import load, load_experiment
from sim.scenario.schema import Scenario

ROOT = Path(__file__).parents[2]
FAR_KM = 300.0
"""From any site or launch area of a scenario that is about a war there was."""
STYLISED = {"city-defence", "deep-strike", "minimal"}
"""Made-up wars that no choice is put to; of the first and the last places lie near real ones."""


@functools.cache
def questions() -> dict[str, Choice | Game]:
    asked = {path.stem: load_experiment(path) for path in (ROOT / "experiments").glob("*.yaml")}
    return {name: one for name, one in asked.items() if isinstance(one, Choice | Game)}


@functools.cache
def scenarios_chosen_in() -> set[str]:
    return {Path(one.scenario).stem for one in questions().values()}


@functools.cache
def war(name: str) -> Scenario:
    return load(ROOT / "scenarios" / f"{name}.yaml")


@functools.cache
def real_wars() -> tuple[str, ...]:
    names = {path.stem for path in (ROOT / "scenarios").glob("*.yaml")}
    return tuple(sorted(names - {"sources"} - STYLISED - scenarios_chosen_in()))


def places(scenario: Scenario) -> Iterator[tuple[str, float, float]]:
    for key, place in itertools.chain(scenario.sites.items(), scenario.launch_areas.items()):
        yield key, place.position.lat, place.position.lon


def apart_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    (lat, lon), (at, on) = np.radians(one), np.radians(other)
    cosine = np.sin(lat) * np.sin(at) + np.cos(lat) * np.cos(at) * np.cos(lon - on)
    return float(6371.0 * np.arccos(np.clip(cosine, -1.0, 1.0)))


def nations() -> set[str]:
    """The names that the maps write on countries, and those of sides of wars there were."""
    sides = {side.title for name in real_wars() for side in war(name).sides.values()}
    return {word for name in (*world().names, *sides) for word in [name.lower()] if len(word) > 3}


def named_in(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Every key and title of a side, a place or a raid, in small letters."""
    blocks = {**scenario.sides, **scenario.sites, **scenario.launch_areas, **scenario.raids}
    for key, block in blocks.items():
        yield key, f"{key.replace('-', ' ')} {block.title}".lower()


def test_there_are_questions_and_wars_to_keep_them_from() -> None:
    assert len(questions()) >= 4
    assert {"spiderweb", "india-pakistan", "karabakh-2020"} <= set(real_wars())
    assert {"ukraine", "russia", "india"} <= nations()
    assert apart_km((0.0, 0.0), (0.0, 90.0)) == pytest.approx(6371.0 * np.pi / 2)


@pytest.mark.parametrize("name", sorted(questions()))
def test_a_question_is_put_to_a_made_up_war(name: str) -> None:
    asked = Path(questions()[name].scenario).stem
    assert asked not in real_wars()
    assert (
        "made-up" in (ROOT / "scenarios" / f"{asked}.yaml").read_text()
        or "stylised" in (ROOT / "scenarios" / f"{asked}.yaml").read_text()
    )


@pytest.mark.parametrize("name", sorted(scenarios_chosen_in()))
def test_no_place_is_near_one_that_there_is(name: str) -> None:
    there = {f"{n} {key}": (lat, lon) for n in real_wars() for key, lat, lon in places(war(n))}
    near = [
        f"{key} is near {other}"
        for key, lat, lon in places(war(name))
        for other, spot in there.items()
        if apart_km((lat, lon), spot) < FAR_KM
    ]
    assert near == []


@pytest.mark.parametrize("name", sorted(scenarios_chosen_in()))
def test_nobody_is_called_after_a_nation(name: str) -> None:
    called = [
        f"{key}: {nation}"
        for key, words in named_in(war(name))
        for nation in nations()
        if re.search(rf"\b{re.escape(nation)}\b", words)
    ]
    assert called == []


@pytest.mark.parametrize("name", sorted(questions()))
def test_no_position_is_set_by_a_question(name: str) -> None:
    """A lever that moved a site to a real place would pass the other tests."""
    assert "position" not in (ROOT / "experiments" / f"{name}.yaml").read_text()


def test_theories_are_weighed_as_the_experiment_on_theories_weighs_them() -> None:
    asked = questions()["when-to-talk"]
    assert isinstance(asked, Choice)
    theories = load_experiment(ROOT / "experiments" / "theories.yaml")
    assert isinstance(theories, Theories)
    assert asked.theories is not None
    assert asked.theories.odds is not None
    assert theories.odds is not None
    assert asked.theories.odds.times == theories.odds.times
