"""What is on the screen, as data, and numbers from what a reader types."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from sim.report.dashboard.document import OWN, Changes, Document, Value
from sim.scenario.shipped import named

RUNS, MOST_RUNS = 200, 10_000
SEED, LARGEST_SEED = 1, 2**62 - 1
_MOST_DIGITS = 30  # as written; Python refuses to parse thousands of digits

Offers = Mapping[str, Path]
"""The scenarios to choose from, by name."""


@dataclass(frozen=True)
class State:
    """A scenario on offer (or an own one), runs, seed, what is changed, and what is pinned.

    `document` is the scenario as it was when the reader chose it, since its file may be edited
    later. `raid` is the one shown; "" for the one in focus.
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
        """The reader's own scenario as opened; empty if it is one on offer."""
        return self.document.scenario.text if self.scenario == OWN else ""

    def with_change(self, path: str, value: Value | None) -> "State":
        """The state with one value changed or, for None, reset to the scenario's."""
        others = {key: old for key, old in self.changes.items() if key != path}
        return replace(self, changes=others if value is None else {**others, path: value})


def command_of(state: State, offers: Offers) -> str:
    """The command that simulates the same wars in a terminal."""
    name = state.scenario
    is_shipped = named(name) == offers.get(name)
    file = name if is_shipped or name == OWN else str(offers[name])
    words = ["sim", "run", file, "--runs", str(state.runs), "--seed", str(state.seed)]
    for override in state.document.overrides(state.changes):
        words += ["--set", override]
    return shlex.join(words)


def runs_of(written: str) -> int:
    """Parse a number of runs. Raises ValueError."""
    return _whole(written, 2, MOST_RUNS)


def seed_of(written: str) -> int:
    """Parse a seed. Raises ValueError."""
    return _whole(written, 0, LARGEST_SEED)


def war_of(written: str, runs: int) -> int:
    """Parse the number of one of `runs` wars. Raises ValueError."""
    return _whole(written, 0, runs - 1)


def _whole(written: str, least: int, most: int) -> int:
    """Parse a whole number and check its bounds. Raises ValueError."""
    text = written.strip().replace(",", "").replace("\u202f", "")
    if not (text.isascii() and text.removeprefix("-").isdigit()):
        raise ValueError(f"{written[:20]!r} is no whole number, expected {least} to {most:,}")
    number = int(text) if len(text) <= _MOST_DIGITS else None
    if number is None or not least <= number <= most:
        raise ValueError(f"{written[:20]!r} is out of bounds, expected {least} to {most:,}")
    return number
