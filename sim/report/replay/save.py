"""Files of a replay, and its figures and sections."""

from pathlib import Path
from typing import Any

from sim.experiment.replay import Replay
from sim.experiment.storage.answer_files import answer_into
from sim.render.document import Section
from sim.report.as_csv import as_csv
from sim.report.replay.page import as_page
from sim.report.timeline import diary_of


def write_replay(replay: Replay, folder: Path) -> Path:
    """Write the page, and drones and events as tables if there are any; returns the page's path."""
    texts = {"replay.html": as_page(replay)}
    for name, table in (("drones.csv", replay.drones), ("events.csv", replay.events)):
        if len(table):
            texts[name] = as_csv(table)
    with answer_into(folder) as part:
        for name, text in texts.items():
            (part / name).write_text(text, encoding="utf-8")
    return folder / "replay.html"


def figures_of(replay: Replay) -> dict[str, Any]:
    """The number of the run, and all its outcomes, as figures."""
    (outcomes,) = replay.record.runs.drop(columns="run").to_dict("records")
    return {
        "run": replay.run,
        "chosen": replay.chosen,
        "sameness": replay.sameness,
        "seed": replay.record.seed,
        "drones": len(replay.drones),
        "events": len(replay.events),
        "outcomes": {str(name): value for name, value in outcomes.items()},
    }


def replay_sections(replay: Replay) -> list[Section]:
    """The events of the run, one line each with its date."""
    lines = [f"{day['date']}  {line}" for day in diary_of(replay.record) for line in day["events"]]
    return [Section("One war in detail", [replay.sameness]), Section("What happened", lines)]
