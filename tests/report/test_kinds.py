"""A kind of answer is one class that says what it shows: every format and folder has it at once."""

import importlib
import json
import pkgutil
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
import pytest

import sim
from sim.render.document import Section
from sim.report import answers
from sim.report.answers.analysis import Analysis
from sim.report.answers.kind import Kind
from sim.report.answers.kinds import KINDS
from sim.report.publish import publish


class Tides(Kind):
    """A kind that the house does not have."""

    kind = "tides"
    heading = "High water"
    made_by = ("place", "seed")
    files_of: ClassVar = {"tides": "tides.csv"}
    shown = ("tides",)

    def sections(self) -> list[Section]:
        rows = [(row["port"], f"{row['m']:.1f}") for row in self.frames["tides"].to_dict("records")]
        return [
            Section("Answer", ["Where is the water high? In Brest <&>."]),
            Section("Ports", ["By port."], ("port", "m"), rows),
            Section("How sure", ["Not very."]),
        ]

    def question(self) -> str:
        return "Where is the water high?"


@pytest.fixture
def tides(monkeypatch: pytest.MonkeyPatch) -> Tides:
    monkeypatch.setitem(KINDS, "tides", Tides)
    frame = pd.DataFrame({"port": ["Brest", "Saint-Malo"], "m": [6.6, 12.2]})
    figures: dict[str, Any] = {"place": "coast", "seed": 3, "folder": None, "m": 12.2}
    return Tides("Tides", (sim.load("minimal"),), figures, {"tides": frame})


def test_a_new_kind_is_published_and_has_a_page_in_every_form(
    tides: Tides, tmp_path: Path, command: Any
) -> None:
    publish(tmp_path / "tides", tides)
    assert json.loads((tmp_path / "tides" / "answer.json").read_text()) == tides.published
    assert "folder" not in tides.published
    manifest = json.loads((tmp_path / "tides" / "manifest.json").read_text())
    assert (manifest["kind"], manifest["place"], manifest["seed"]) == ("tides", "coast", 3)
    assert (tmp_path / "tides" / "tides.csv").read_text().splitlines()[0] == "port,m"
    for form, written in (("html", "Brest &lt;&amp;&gt;"), ("md", "Brest <&>"), ("tex", "")):
        file = tmp_path / f"page.{form}"
        told = command("report", tmp_path / "tides", "--format", form, "--to", file)
        assert told.code == 0, told.err
        page = file.read_text()
        assert written in page
        assert "12.2" in page
        assert form == "tex" or all(words in page for words in ("High water", "Every figure used"))


def test_a_new_kind_is_json_a_notebook_and_an_answer_on_disk(tides: Tides, tmp_path: Path) -> None:
    from sim.report.stored_answer import store_answer

    publish(tmp_path, tides)
    store_answer(tmp_path, tides)
    again = sim.read(tmp_path)
    assert isinstance(again, Tides)
    assert json.loads(tides.to_json()) == dict(tides.figures)
    assert "<td" in tides._repr_html_()
    assert [section.heading for section in again.sections()] == ["Answer", "Ports", "How sure"]


def test_every_kind_of_the_folder_is_in_the_list_by_its_own_name() -> None:
    found = set()
    for module in pkgutil.iter_modules(answers.__path__, "sim.report.answers."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, Kind):
                found.add(value)
    assert set(KINDS.values()) == found - {Kind, Analysis}
    assert all(KINDS[kind.kind] is kind for kind in KINDS.values())


def test_an_answer_of_no_scenario_says_so() -> None:
    with pytest.raises(sim.ExperimentError, match="tides of 0 scenarios, expected one"):
        _ = Tides("Tides", (), {}).scenario
