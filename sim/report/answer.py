"""The answer to a question that was put to many wars: in figures, in tables, in words, as JSON."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from sim.experiment.record import same_frames
from sim.render.document import Section
from sim.render.json import as_json
from sim.render.notebook import as_html
from sim.report.answers.calibration import calibration_sections
from sim.report.answers.discovery import discovery_sections
from sim.report.answers.impulse import impulse_sections
from sim.report.answers.sensitivity import sensitivity_sections
from sim.report.answers.sweep import sweep_sections
from sim.report.answers.theories import theories_sections
from sim.scenario.schema import Scenario

Kind = Literal["sweep", "theories", "impulse", "sensitivity", "discovery", "calibration"]


@dataclass(frozen=True, eq=False)
class Answer:
    """What many wars answer to a question.

    `figures` are what the command prints with `--json`; `frames` are the tables, each with the unit
    of its columns of numbers in `attrs["units"]`; `folder` is where the wars are stored, None where
    they are not. Two answers are equal where their contents are; they pickle.
    """

    kind: Kind
    title: str
    scenario: Scenario
    figures: Mapping[str, Any]
    frames: Mapping[str, pd.DataFrame]
    folder: Path | None

    def to_json(self) -> str:
        """The text that the command prints with `--json`."""
        return as_json(dict(self.figures))

    def sections(self) -> list[Section]:
        """What the command prints: headings, sentences and tables of words."""
        return _WORDS[self.kind](self)

    def _repr_html_(self) -> str:
        filled = [section for section in self.sections() if any(section.lines) or section.rows]
        rows = [
            (f'answer.frames["{name}"]', f"{len(frame):,}", f"{len(frame.columns):,}")
            for name, frame in self.frames.items()
        ]
        return as_html(
            self.title, [*filled, Section("Tables", [], ("table", "rows", "columns"), rows)]
        )

    def __repr__(self) -> str:
        tables = ", ".join(f"{name} ({len(frame):,})" for name, frame in self.frames.items())
        return f"<Answer: {self.title}; tables {tables}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Answer):
            return NotImplemented
        return (
            (self.kind, self.title, self.scenario) == (other.kind, other.title, other.scenario)
            and self.to_json() == other.to_json()
            and same_frames(self.frames, other.frames)
        )


_WORDS: dict[Kind, Callable[[Answer], list[Section]]] = {
    "sweep": lambda a: sweep_sections(a.frames["points"], dict(a.figures)),
    "theories": lambda a: theories_sections(a.scenario, dict(a.figures)),
    "impulse": lambda a: impulse_sections(a.frames["responses"], dict(a.figures)),
    "sensitivity": lambda a: sensitivity_sections(dict(a.figures)),
    "discovery": lambda a: discovery_sections(dict(a.figures), next(iter(a.frames.values()))),
    "calibration": lambda a: calibration_sections(dict(a.figures)),
}
