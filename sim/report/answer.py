"""The answer to a question that was put to many wars: figures, tables, text and JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import pandas as pd

from sim.experiment.errors import ExperimentError
from sim.experiment.record import same_frames
from sim.render.document import Figures, Section
from sim.render.json import as_json
from sim.render.notebook import as_html
from sim.scenario.schema import Scenario


@dataclass(frozen=True, eq=False)
class Answer:
    """The answer of many wars to a question.

    `kind` is the kind of answer; `scenarios` are those that it is about, `scenario` the only one if
    it is about one; `figures` are what the command prints with `--json`; `frames` are the tables,
    each with the units of its numeric columns in `attrs["units"]`; `folder` is where the wars are
    stored, None if they are not. Answers with equal contents are equal, and answers can be pickled.
    """

    title: str
    scenarios: tuple[Scenario, ...]
    figures: Figures
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    folder: Path | None = None

    kind: ClassVar[str]

    @property
    def scenario(self) -> Scenario:
        """The scenario of the answer. Raises ExperimentError if there is none or several."""
        if len(self.scenarios) != 1:
            raise ExperimentError(
                f"an answer of kind {self.kind} of {len(self.scenarios)} scenarios, expected one"
            )
        return self.scenarios[0]

    def to_json(self) -> str:
        """The text that the command prints with `--json`."""
        return as_json(self.figures)

    def sections(self) -> list[Section]:
        """The text that the command prints: headings, sentences and tables."""
        raise NotImplementedError

    def _repr_html_(self) -> str:
        filled = [section for section in self.sections() if any(section.lines) or section.rows]
        rows = [
            (f'answer.frames["{name}"]', f"{len(frame):,}", f"{len(frame.columns):,}")
            for name, frame in self.frames.items()
        ]
        tables = Section("Tables", [], ("table", "rows", "columns"), rows)
        return as_html(self.title, [*filled, tables])

    def __repr__(self) -> str:
        tables = ", ".join(f"{name} ({len(frame):,})" for name, frame in self.frames.items())
        return f"<Answer: {self.title}; tables {tables}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Answer):
            return NotImplemented
        own, others = ((one.kind, one.title, one.scenarios) for one in (self, other))
        return (
            own == others
            and self.to_json() == other.to_json()
            and same_frames(self.frames, other.frames)
        )
