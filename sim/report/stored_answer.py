"""Answers on disk, as returned by a call in Python: figures, and tables in full precision."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sim.experiment.errors import ExperimentError
from sim.experiment.record import Record, with_units
from sim.experiment.storage import store
from sim.experiment.storage.answer_files import SUMS, answer_into, check_answer
from sim.experiment.storage.disk import digest
from sim.experiment.storage.manifest import is_published, read_manifest
from sim.experiment.storage.tables import read_table
from sim.render.json import as_json
from sim.report.answer import Answer
from sim.report.answers.kinds import KINDS
from sim.scenario.calls.arguments import quoted
from sim.scenario.errors import ScenarioError
from sim.scenario.stored import from_stored, stored
from sim.scenario.text.regular_file import read_ordinary

STORED = "answer"
"""The subfolder of an answer's folder that is read here."""

_AGAIN = "expected the call or command that made it again"
_LARGEST_BYTES = 1_000_000_000


def store_answer(folder: Path, answer: Answer, of_results: Sequence[str] = ()) -> None:
    """Store an answer in its folder; tables `of_results` are there already."""
    frames = {name: frame for name, frame in answer.frames.items() if name not in of_results}
    figures = {word: value for word, value in answer.figures.items() if word != "folder"}
    content = {
        "kind": answer.kind,
        "title": answer.title,
        "figures": figures,
        "has_folder": "folder" in answer.figures,
        "frames": list(answer.frames),
        "units": {name: frame.attrs.get("units") for name, frame in answer.frames.items()},
        "of_results": list(of_results),
        "mixed": {name: _mixed(frame) for name, frame in frames.items()},
        "scenario": stored(answer.scenario),
        "beside": digest(folder / SUMS),
    }
    with answer_into(folder / STORED) as part:
        (part / "answer.json").write_text(as_json(content) + "\n", encoding="utf-8")
        for name, frame in frames.items():
            as_json_text = {column: frame[column].map(json.dumps) for column in _mixed(frame)}
            frame.assign(**as_json_text).to_parquet(part / f"{name}.parquet", index=False)


def _mixed(frame: pd.DataFrame) -> list[str]:
    """Columns that Parquet has no type for: words among numbers, or integers beyond 64 bits."""
    return [
        str(name) for name in frame.columns[frame.dtypes.eq("object")] if not _one_type(frame[name])
    ]


def _one_type(column: pd.Series) -> bool:
    some = [value for value in column if value is not None]
    is_small = all(abs(value) < 2**63 for value in some if isinstance(value, int))
    return is_small and len(set(map(type, some))) < 2


def read(folder: str | Path) -> Record | Answer:
    """Read a folder of results: the record of `sim run`, whole or in part, or an answer.

    An answer is that of `sweep`, `run_experiment`, `sensitivity`, `discover`, `calibrate`, `weigh`
    or `choose` with this folder as its `folder` (of an impulse experiment: as `publish`). The
    digest of each file is checked first; large tables of a record are read when they are needed.
    Raises ExperimentError if the folder holds neither or a file of it is damaged.
    """
    if not isinstance(folder, str | Path):
        raise ExperimentError(f"folder: {quoted(folder)}, expected a folder of results")
    place = Path(folder)
    try:
        if "\0" in str(folder) or not place.is_dir():
            raise ExperimentError("is no folder, expected a folder of results")
        if (place / STORED).is_dir():
            return _answer(place)
        manifest = read_manifest(place)
        if manifest and is_published(manifest):
            raise ExperimentError(
                "a published answer, whose tables are rounded, expected the folder of its wars"
            )
        if manifest.get("kind", "run") != "run":
            raise ExperimentError("wars without their answer, expected the call or command again")
        return store.read(place)
    except ExperimentError as error:
        raise ExperimentError(f"{folder}: {error}") from None


def _answer(folder: Path) -> Answer:
    place = folder / STORED
    check_answer(place)
    try:
        content = json.loads(read_ordinary(place / "answer.json", _LARGEST_BYTES))
        check_answer(folder)
        if content["beside"] != digest(folder / SUMS):  # killed while replacing that one
            raise ExperimentError(f"{STORED}/ is of another answer than that beside it, {_AGAIN}")
        if content["of_results"]:
            store.check_tables(folder, read_manifest(folder))
        frames = {name: _frame(folder, name, content) for name in content["frames"]}
        scenario = from_stored(content["scenario"])
        figures = content["figures"] | ({"folder": str(folder)} if content["has_folder"] else {})
        own_folder = folder if content["has_folder"] else None
        kind = KINDS[content["kind"]]
        return kind(content["title"], (scenario,), figures, frames, own_folder)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        if isinstance(error, ExperimentError):
            raise
        what = "of another version" if isinstance(error, ScenarioError) else "none that was written"
        raise ExperimentError(f"{STORED}/answer.json is {what}, {_AGAIN}") from None


def _frame(folder: Path, name: str, content: dict[str, Any]) -> pd.DataFrame:
    file = f"{name}.parquet"
    if name not in content["of_results"]:
        frame = read_table(folder / STORED / file)
        for column in content.get("mixed", {}).get(name, ()):
            frame[column] = pd.Series([json.loads(text) for text in frame[column]], dtype=object)
    elif file in read_manifest(folder).get("files", ()):
        frame = read_table(folder / file)
    else:
        frame = pd.DataFrame()
    units = content["units"][name]
    return frame if units is None else with_units(frame, units)
