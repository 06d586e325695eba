"""What is on the screen, as data, and what a reader types as numbers."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from sim.report.dashboard.document import OWN, Changes, Document, Value
from sim.scenario.shipped import named

RUNS, MOST_RUNS = 200, 10_000
SEED, LARGEST_SEED = 1, 2**62 - 1
_MOST_DIGITS = 30  # as written; Python itself reads no number of thousands

Offers = Mapping[str, Path]
"""The scenarios to choose from, by name."""


@dataclass(frozen=True)
class State:
    """A scenario on offer (or one's own), runs, seed, what is changed, and what was pinned.

    `document` is the scenario as it was when the reader turned to it: its file may be edited
    meanwhile. `raid` is the one that is looked at; "" for that in focus.
    """

    scenario: str
    document: Document
    runs: int = RUNS
    seed: int = SEED
    changes: Changes = field(default_factory=dict)
    pinned: Changes | None = None
    raid: str = ""

    @property
    def own_text(self) -> str:
        """The reader's own scenario as it was opened; empty if it is one on offer."""
        return self.document.scenario.text if self.scenario == OWN else ""

    def with_change(self, path: str, value: Value | None) -> "State":
        """With one thing set, or, for None, as the scenario has it again."""
        others = {key: old for key, old in self.changes.items() if key != path}
        return replace(self, changes=others if value is None else {**others, path: value})


def command_of(state: State, offers: Offers) -> str:
    """The command that plays the same wars at a terminal."""
    name = state.scenario
    is_shipped = named(name) == offers.get(name)
    file = name if is_shipped or name == OWN else str(offers[name])
    words = ["sim", "run", file, "--runs", str(state.runs), "--seed", str(state.seed)]
    for override in state.document.overrides(state.changes):
        words += ["--set", override]
    return shlex.join(words)


def runs_of(written: str) -> int:
    """How many runs, from what was typed. Raises ValueError."""
    return _whole(written, 2, MOST_RUNS)


def seed_of(written: str) -> int:
    """A seed, from what was typed. Raises ValueError."""
    return _whole(written, 0, LARGEST_SEED)


def war_of(written: str, runs: int) -> int:
    """The number of one of so many wars, from what was typed. Raises ValueError."""
    return _whole(written, 0, runs - 1)


def _whole(written: str, least: int, most: int) -> int:
    """A number that is read once, and then checked against its bounds."""
    text = written.strip().replace(",", "").replace("\u202f", "")
    if not (text.isascii() and text.removeprefix("-").isdigit()):
        raise ValueError(f"{written[:20]!r} is no whole number, expected {least} to {most:,}")
    number = int(text) if len(text) <= _MOST_DIGITS else None
    if number is None or not least <= number <= most:
        raise ValueError(f"{written[:20]!r} is out of bounds, expected {least} to {most:,}")
    return number
