"""What is public in sim/ says what it is, and what it raises."""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sim.scenario.sources import read_sources

ROOT = Path(__file__).parents[2]
TREES = {file: ast.parse(file.read_text()) for file in sorted((ROOT / "sim").rglob("*.py"))}
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Public(NamedTuple):
    """A public class, function or method: where it stands, and its tree."""

    place: str
    tree: ast.ClassDef | Function

    @property
    def words(self) -> str:
        """What it says of itself; a method that overrides another may leave that to it."""
        own = ast.get_docstring(self.tree)
        module, owner, name = self.place.rsplit(".", 2)
        if own is not None or not owner[:1].isupper():
            return own or ""
        return inspect.getdoc(getattr(getattr(importlib.import_module(module), owner), name)) or ""


def public(body: list[ast.stmt], place: str) -> Iterator[Public]:
    """What is public in a module or class; what stands within a function is its own affair."""
    for node in body:
        if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_"):
            inner = f"{place}.{node.name}"
            yield Public(inner, node)
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, inner)


ALL = [
    one
    for file, tree in TREES.items()
    for one in public(tree.body, ".".join(file.relative_to(ROOT).with_suffix("").parts))
]
FUNCTIONS = [one for one in ALL if isinstance(one.tree, Function)]
ARITHMETIC = {
    "bargaining.both_gain",
    "bargaining.exchanged",
    "bargaining.utility",
    "beliefs.p_no_larger",
    "counting.whole",
    "damage.p_effect",
    "damage.pick_at_random",
    "delivery.launch_delay_min",
    "front.moved",
    "geometry.half_chord_km",
    "geometry.nearest_approach_km",
    "hardening.News.after",
    "interception.exponential_service_min",
    "laws.lognormal",
    "laws.normal",
    "laws.uniform",
    "money.bought",
    "money.exchange_ratio",
    "money.lost_usd",
    "money.spent_usd",
    "publics.hardness",
    "publics.logit",
}
ERRORS = {
    node.name
    for tree in TREES.values()
    for node in ast.walk(tree)
    if isinstance(node, ast.ClassDef)
    and any(ast.unparse(base).endswith(("Error", "Exception")) for base in node.bases)
}


def raised(function: Function) -> set[str]:
    """The errors of the house that a function raises itself."""
    called = (
        node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        for node in ast.walk(function)
        if isinstance(node, ast.Raise) and node.exc is not None
    )
    return {ast.unparse(error).rpartition(".")[2] for error in called} & ERRORS


def test_every_module_that_holds_something_says_what_it_is() -> None:
    silent = [file for file, tree in TREES.items() if tree.body and not ast.get_docstring(tree)]
    assert not silent


def test_everything_public_says_what_it_is() -> None:
    assert len(ALL) > 500
    assert [one.place for one in ALL if not one.words] == []


def test_what_raises_an_error_of_the_house_says_so() -> None:
    assert {"ScenarioError", "ExperimentError", "EvidenceError"} <= ERRORS
    silent = [
        f"{one.place}: {error}"
        for one in FUNCTIONS
        for error in raised(one.tree)
        if "Raises" not in one.words or error not in one.words
    ]
    assert silent == []


def test_a_rule_cites_a_source_or_says_that_it_is_assumed_or_is_arithmetic() -> None:
    """Both ways: what need have no source, being what a word means, has none."""
    known = set(read_sources(ROOT / "scenarios" / "sources.yaml"))
    silent = {
        one.place.removeprefix("sim.rules.")
        for one in FUNCTIONS
        if one.place.startswith("sim.rules.")
        and not known & set(re.findall(r"[a-z_]+\d{4}", one.words))
        and "Assumed" not in one.words
    }
    assert silent == ARITHMETIC
