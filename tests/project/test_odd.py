"""docs/odd.md names what the code has: what is added without its paragraph is red here.

And docs/trace.md has the elements of TRACE, with figures that stand in the pages it sums up.
"""

import ast
import inspect
import itertools
import re
import textwrap
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from sim import draws
from sim.experiment.record import POSITIONS, tables_of
from sim.raid.arrays import FATES
from sim.rules.hardening import MECHANISMS
from sim.scenario.columns import cards_of
from sim.scenario.figure import Figure
from sim.scenario.load import load
from sim.scenario.schema import ATTITUDES, Mechanisms, Scenario, Talks, snake
from sim.scenario.sources import read_sources
from sim.war.agents.agent import Agent
from sim.war.model import War

ROOT = Path(__file__).parents[2]
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
PURPOSES = [name for name, value in vars(draws).items() if name.isupper() and name[0] != "_"]
TRACE = (ROOT / "docs" / "trace.md").read_text()
ELEMENTS = (
    "1. Problem formulation",
    "2. Model description",
    "3. Data evaluation",
    "4. Conceptual model evaluation",
    "5. Implementation verification",
    "6. Model output verification",
    "7. Model analysis",
    "8. Model output corroboration",
)


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


def choices(annotation: Any) -> Iterator[str]:
    """Every word that a scenario may choose among others, wherever it stands."""
    if typing.get_origin(annotation) is typing.Literal:
        yield from typing.get_args(annotation)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for info in annotation.model_fields.values():
            yield from choices(info.annotation)
    else:
        for inner in typing.get_args(annotation):
            yield from choices(inner)


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


def test_each_kind_of_agent_has_its_row():
    told = re.findall(
        r"^\| (\w+) \(agent", section("## 2. Entities, state variables, and scales"), re.MULTILINE
    )
    assert sorted(told) == sorted(kind.__name__ for kind in Agent.__subclasses__())


@pytest.mark.parametrize("word", sorted(set(choices(Scenario))))
def test_each_word_a_scenario_may_choose_is_told(word):
    assert re.search(rf"\b{re.sub('[-_]', '[-_ ]', word)}\b", ODD)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_each_purpose_of_a_draw_is_told(purpose):
    assert re.search(rf"\b{purpose}\b", section("## 7. Submodels"))


# --- the day -----------------------------------------------------------------------------------


def phases_of_the_code() -> list[str]:
    """What War.step calls, in order, each once; `agents.do(NAME)` counts as NAME."""
    calls = [
        node
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(War.step))))
        if isinstance(node, ast.Call)
    ]
    names = []
    for call in sorted(calls, key=lambda call: (call.end_lineno, call.end_col_offset)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id
        names.append(ast.literal_eval(call.args[0]) if name == "do" else name)
    no_phases = "zeros", "len", "select", "RuntimeError"
    return [name for name in dict.fromkeys(names) if name not in no_phases]


def test_the_phases_of_a_day_stand_in_their_order():
    """The numbered list names what is called, and the docstring has its words."""
    day = section("## 3. Process overview and scheduling")
    told = re.findall(r"^\d\. \*\*(\w+)\*\* \(`(\w+)`\)", day, re.MULTILINE)
    assert [method for _, method in told] == phases_of_the_code()
    assert ", ".join(word for word, _ in told).lower() in War.step.__doc__.lower()


# --- the rules ---------------------------------------------------------------------------------


def rules_of_the_code() -> set[tuple[str, str]]:
    """Every public function of sim/rules: its file and its name."""
    return {
        (file.stem, node.name)
        for file in (ROOT / "sim" / "rules").glob("*.py")
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }


def test_the_table_of_rules_is_that_of_the_code():
    """Both ways, and each file has its part of section 7."""
    told = set()
    head = section("## 7. Submodels").partition("\n###")[0]
    for row in re.findall(r"^\| `(.*)$", head, re.MULTILINE):
        file, parts, rules = f"`{row}".strip(" |").split(" | ")
        assert all(f"\n### {part}\n" in ODD for part in parts.split(", "))
        told |= {(file.strip("`"), rule) for rule in re.findall(r"`(\w+)`", rules)}
    assert told == rules_of_the_code()
    assert len(told) > 50


# --- what a run leaves -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def everything(tmp_path_factory) -> Scenario:
    """The scenario with every block."""
    folder = tmp_path_factory.mktemp("everything")
    (folder / "sources.yaml").write_text("field2025: {title: A}\nprice2024: {title: B}\n")
    war = folder / "everything.yaml"
    war.write_text((ROOT / "tests" / "everything.yaml").read_text())
    return load(war)


def written_out(column: str, war: Scenario) -> set[str]:
    """The columns that a name with <raid>, <wave> ... in it stands for in a scenario."""
    names = {
        "fate": FATES,
        "group": war.groups,
        "issue": [snake(name) for name in war.talks.issues],
        "mechanism": MECHANISMS,
        "meeting": [snake(name) for name in war.talks.meetings],
        "exchange": [snake(name) for name in war.talks.exchanges],
        "attitude": ATTITUDES,
        "position": POSITIONS,
        "card": cards_of(war),
        "patron": [snake(name) for name in war.patrons],
        "raid": [snake(name) for name in war.raids],
        "raid>_<wave": [
            f"{snake(name)}_{snake(wave)}"
            for name, raid in war.raids.items()
            for wave in raid.waves
        ],
        "role": "ud",
        "side": [snake(name) for name in war.sides],
    }
    within = re.findall(r"<(raid>_<wave|\w+)>", column)
    choices = itertools.product(*(names[word] for word in within))
    frame = re.sub(r"<(raid>_<wave|\w+)>", "{}", column)
    return {frame.format(*chosen) for chosen in choices}


def test_the_columns_of_a_run_are_those_of_the_code(everything):
    """Both ways, in every table of a record."""
    left = tables_of(War(everything, 40).run().recorder, with_days=True)
    told = dict(re.findall(r"^\| `(\w+)`, .*? \| (.*) \|$", section("### Observation"), re.M))
    assert list(told) == list(left)
    for table, columns in told.items():
        named = set().union(
            *(written_out(column, everything) for column in re.findall(r"`(.*?)`", columns))
        )
        assert named == set(left[table]), table


# --- figures and sources -----------------------------------------------------------------------


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


# --- TRACE -------------------------------------------------------------------------------------


def test_the_eight_elements_of_trace_stand_in_their_order():
    assert tuple(re.findall(r"^## (.*)$", TRACE, re.MULTILINE)) == ELEMENTS


@pytest.mark.parametrize("element", ELEMENTS)
def test_each_element_says_what_was_done_found_and_not_done(element):
    text = TRACE.partition(f"\n## {element}\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\*\*(.*?)\.\*\*", text, re.MULTILINE) == ["Done", "Found", "Not done"]
    assert "](" in text


def test_the_figures_of_trace_stand_in_the_pages_it_sums_up():
    """A number that another page corrects must be corrected here."""
    pages = [*(ROOT / "docs").glob("*.md"), ROOT / "README.md"]
    there = " ".join(page.read_text() for page in pages if page.name != "trace.md")
    elements = TRACE.partition("\n## ")[2]
    prose = re.sub(r"\]\(.*?\)|`.*?`|^#.*$", " ", elements, flags=re.MULTILINE)
    number = r"\d*[.,]?\d+(?:[.,]\d+)*"
    figures = set(re.findall(rf"(?<![\w.,]){number}(?: of {number})?", prose)) - set("123456789")
    assert len(figures) > 30
    missing = {n for n in figures if not re.search(rf"(?<![\w.,]){re.escape(n)}(?!\d)", there)}
    assert not missing
