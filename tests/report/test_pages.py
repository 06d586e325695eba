"""README, tutorial and how-tos do what they say, in a folder that holds what a clone does."""

import functools
import shutil
from pathlib import Path

import pytest

from sim.evidence.verify import salvo, suite
from tests.pages import ROOT, Step, called, follow, in_order, put_down, steps

pytestmark = pytest.mark.usefixtures("sketched")

PAGES = {
    "README.md": 6,
    "docs/tutorial.md": 17,
    "docs/own-weapon.md": 5,
    "docs/own-site.md": 4,
    "docs/own-negotiator.md": 1,
    "docs/own-experiment.md": 5,
    "docs/own-record.md": 4,
    "docs/own-prices.md": 5,
    "docs/own-objective.md": 6,
    "docs/reading-a-mix.md": 5,
    "docs/on-a-cluster.md": 1,
    "docs/nightly-data.md": 8,
    "docs/results-as-tables.md": 5,
    "docs/ensembles-and-luck.md": 2,
}
"""How many commands and scripts each holds, so that none can be passed over."""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    for name in ("scenarios", "experiments"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def verified_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """`sim verify` makes the cases of salvos alone; that all agree is held by `test_verify`."""
    monkeypatch.setattr(suite, "verify", functools.partial(suite.verify, checks=salvo.CHECKS))


@pytest.mark.slow
@pytest.mark.usefixtures("verified_in_part")
@pytest.mark.parametrize("page", PAGES)
def test_a_page_can_be_followed(page: str, clone: Path) -> None:
    assert follow(page, clone) == PAGES[page]


def test_the_choice_that_a_page_shows_is_answered(clone: Path) -> None:
    asked = next(step.text for step in steps("docs/choosing.md") if step.kind == "yaml")
    (clone / "mine").mkdir()
    (clone / "mine" / "choice.yaml").write_text(asked)
    code, out, errors = called(["choose", "mine/choice.yaml", "--runs", "60"], clone)
    assert code == 0, errors
    assert "With $30 M: choose two more" in out


def test_an_output_that_differs_is_seen() -> None:
    in_order("a b\n...\nd", "a b c d")
    for expected in ("a c\n", "d\n...\na b\n", "a b\n...\nb c\n"):
        with pytest.raises(AssertionError, match="not put out"):
            in_order(expected, "a b c d")


def test_a_change_needs_its_place_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("raids:\n  raids: 1\n")
    whole, part = (
        f"In `a.yaml`, find {what}`raids:` and replace it with this:" for what in ("the line ", "")
    )
    assert put_down(Step("yaml", "raids:\n  new: 2\n", whole), tmp_path)
    assert (tmp_path / "a.yaml").read_text() == "raids:\n  new: 2\n  raids: 1\n"
    with pytest.raises(AssertionError, match="2 times"):
        put_down(Step("yaml", "x", part), tmp_path)
