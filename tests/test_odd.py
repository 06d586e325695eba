"""docs/odd.md names what the code has: what is added without its paragraph is red here."""

import re
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from sim.raid.records import FATES
from sim.rules.hardening import MECHANISMS
from sim.scenario.figure import Figure
from sim.scenario.load import read_sources
from sim.scenario.schema import Mechanisms, Scenario, Talks

ROOT = Path(__file__).parents[1]
ODD = (ROOT / "docs" / "odd.md").read_text()
HEADINGS = (
    "1. Purpose and patterns",
    "2. Entities, state variables, and scales",
    "3. Process overview and scheduling",
    "4. Design concepts",
    "5. Initialization",
    "6. Input data",
    "7. Submodels",
)
RULES = sorted(f.stem for f in (ROOT / "sim" / "rules").glob("*.py") if f.stem != "__init__")


def section(heading: str) -> str:
    """The text under a heading, up to the next of the same depth."""
    return ODD.partition(f"\n{heading}\n")[2].partition(f"\n{heading.split()[0]} ")[0]


# --- the schema, walked ------------------------------------------------------------------------


def held(annotation: Any) -> Iterator[tuple[bool, type[BaseModel]]]:
    """The blocks an annotation may hold, and whether each stands there under a name."""
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        yield from held(inner[0])
    elif origin in (typing.Union, types.UnionType):
        for kind in inner:
            yield from held(kind)
    elif origin in (dict, tuple):
        for _, block in held(inner[1 if origin is dict else 0]):
            yield origin is dict, block
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield False, annotation


def figures_of(block: type[BaseModel], place: str = "") -> Iterator[tuple[str, str]]:
    """Every figure a scenario may have: the place of its block, NAME for names, and its field."""
    for field, info in block.model_fields.items():
        path = f"{place}.{field}" if place else field
        for is_named, inner in held(info.annotation):
            if inner is Figure:
                yield place, field
            else:
                yield from figures_of(inner, f"{path}.NAME" if is_named else path)


def words_of_kind(annotation: Any) -> set[str]:
    """The words that `kind:` may have in a tagged block."""
    blocks = [block for _, block in held(annotation)]
    return {typing.get_args(block.model_fields["kind"].annotation)[0] for block in blocks}


# --- what must stand there ---------------------------------------------------------------------


def test_the_seven_headings_stand_in_their_order():
    assert tuple(re.findall(r"^## (.*)$", ODD, re.MULTILINE)) == HEADINGS


@pytest.mark.parametrize("name", MECHANISMS)
def test_each_mechanism_has_its_paragraph_with_a_source(name):
    paragraph = re.search(rf"^\*\*{name}\*\*(.*?)\n\n\*\*", section("### Minds"), re.M | re.S)
    assert paragraph, f"no paragraph starts with **{name}**"
    sources = read_sources(ROOT / "scenarios" / "sources.yaml")
    assert set(re.findall(r"\b[a-z_]+\d{4}\b", paragraph[1])) & set(sources)


def test_mechanisms_stand_in_the_order_they_act():
    told = re.findall(r"^\*\*([a-z]+)\*\*", section("### Minds"), re.MULTILINE)
    assert told == list(MECHANISMS) == list(Mechanisms.model_fields)


def test_each_protocol_has_its_item():
    told = re.findall(r"^- `(\w+)`", section("### Talks"), re.MULTILINE)
    assert set(told) == words_of_kind(Talks.model_fields["protocol"].annotation)


def test_each_event_has_its_paragraph():
    told = re.findall(r"^\*\*(\w+)\.\*\*", section("### Events"), re.MULTILINE)
    assert set(told) == words_of_kind(Scenario.model_fields["events"].annotation)


def test_each_part_of_talks_has_its_paragraph():
    parts = set(Talks.model_fields) - {"meetings", "patience", "protocol", "issues"}
    told = re.findall(r"^\*\*(.*?)\.\*\*", section("### Talks"), re.MULTILINE)
    assert parts <= {word.split()[0].lower() for word in told}


def test_the_fates_are_told_in_their_order():
    told = ODD.partition("**Fate.**")[2].partition(".\n")[0]
    assert tuple(re.findall(r"\w+", told.partition(":")[2])) == FATES


@pytest.mark.parametrize("name", RULES)
def test_each_file_of_rules_is_named(name):
    assert f"`{name}`" in section("## 7. Submodels").partition("\n###")[0]


def test_the_table_of_figures_is_that_of_the_schema():
    """Both ways: no figure is left out, and none is told that is no more."""
    told: set[tuple[str, str]] = set()
    for row in re.findall(r"^\| `(.*)$", section("## 6. Input data"), re.MULTILINE):
        places, names = f"`{row}".strip(" |").split(" | ")
        told |= {
            (place, name)
            for place in re.findall(r"`([\w.]+)`", places)
            for name in re.findall(r"`(\w+)`", names)
        }
    assert told == set(figures_of(Scenario))
    assert len(told) > 100


def test_sources_named_in_the_text_are_in_the_register():
    sources = read_sources(ROOT / "scenarios" / "sources.yaml")
    named = set(re.findall(r"\b[a-z]+(?:_[a-z]+)*(?:19|20)\d{2}\b", ODD))
    assert named
    assert named - set(sources) == set()
