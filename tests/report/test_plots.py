"""The plots: every file whole and told in words, the same each time, and no text over another."""

import contextlib
import datetime
import itertools
import re
import xml.etree.ElementTree as ET
import zlib
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image

from sim.experiment.execution import runner
from sim.experiment.record import Record
from sim.experiment.storage.store import Store
from sim.report import drawing, plots
from sim.report.plots.colours import FATE_COLOURS, FATE_HATCHES
from sim.report.plots.lettering import width_of, wrapped
from sim.report.plots.picture import Picture, key_columns
from sim.report.plots.places import flag_levels, interval, spread
from sim.report.plots.run import (
    cost_exchange,
    fates,
    losses_against_reports,
    position_panels,
    positions,
)
from sim.report.plots.style import house_style
from sim.report.plots.words import dollars, number, rough
from sim.scenario.load import load
from sim.scenario.schema import Report, Scenario

SCENARIO = Path(__file__).parents[2] / "scenarios" / "spiderweb.yaml"
RUNS = 60
SVG = "http://www.w3.org/2000/svg"
DRAWN = {name: draw for name, draw in plots.DRAWINGS.items() if name != "history"}
"""What a war is drawn as that reads no history; that is looked at in test_plots_history."""


@pytest.fixture(scope="module")
def record() -> Record:
    return runner.run(load(SCENARIO), RUNS, seed=1, workers=1)


@pytest.fixture(scope="module")
def crowded(record: Record) -> Record:
    """The same runs with many long-winded reports, and meetings day after day."""
    scenario = record.scenario
    talks = scenario.talks
    assert talks is not None
    one = next(r for r in scenario.reported.values() if r.outcome == "spiders_web_aircraft_hit")
    reported = {
        f"report_{k}": one.model_copy(
            update={"by": f"Spokesperson number {k} of an office " + "with a long name " * (k % 5)}
        )
        for k in range(12)
    }
    meetings = {f"meeting-{k}": scenario.start + datetime.timedelta(15 + k) for k in range(7)} | {
        "very-last-meeting": scenario.end
    }
    return with_scenario(
        record,
        scenario.model_copy(
            update={"reported": reported, "talks": talks.model_copy(update={"meetings": meetings})}
        ),
    )


def with_scenario(record: Record, scenario: Scenario) -> Record:
    return Record(scenario, record.seed, record.runs_asked, record.frames)


def drawn(record: Record, name: str) -> Picture:
    picture = plots.DRAWINGS[name](record)
    assert picture is not None
    return picture


# --- files -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def files(record: Record, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("plots") / "figures"
    return plots.draw_all(record, folder)


def test_every_figure_is_written_in_every_format(files: list[Path]) -> None:
    forms = ("png", "svg", "pdf", "txt")
    assert {file.name for file in files} == {f"{n}.{f}" for n in DRAWN for f in forms}
    assert sorted(files) == sorted(files[0].parent.iterdir())  # and nothing half-written
    assert all(file.stat().st_size > 10_000 for file in files if file.suffix != ".txt")


def test_a_run_draws_every_figure_that_a_report_has() -> None:
    assert set(drawing.FIGURES) == set(plots.DRAWINGS)


def test_a_run_writes_what_a_screen_shows_and_a_report_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = {name: plots.DRAWINGS[name] for name in ("fates", "map")}
    monkeypatch.setattr(plots, "DRAWINGS", two)
    monkeypatch.setattr(drawing, "FIGURES", tuple(two))
    store = Store(tmp_path, load("minimal"), 20, 1, False)
    record = runner.run_into(store, 1)
    folder = tmp_path / "plots"
    drawing.draw_stored(store.folder, folder, 1)
    drawn = {file.stem for file in folder.glob("*.*")}
    assert {file.suffix for file in folder.glob("*.*")} == {".png", ".txt"}
    plots.draw_missing(record, folder)
    assert {file.stem for file in folder.glob("*.pdf")} == drawn
    before = {file: file.stat().st_mtime_ns for file in folder.iterdir()}
    plots.draw_missing(record, folder)
    assert {file: file.stat().st_mtime_ns for file in folder.iterdir()} == before
    (folder / "fates.svg").unlink()
    (folder / "map.svg").write_text("damaged")
    plots.draw_missing(record, folder)
    assert (folder / "fates.svg").exists()
    assert (folder / "map.svg").read_text() != "damaged"


def test_the_same_bytes_each_time_whatever_the_users_style(
    record: Record, files: list[Path], tmp_path: Path
) -> None:
    with matplotlib.rc_context({"font.size": 20, "axes.grid": True, "savefig.dpi": 50}):
        again = plots.draw_all(record, tmp_path)
        assert matplotlib.rcParams["font.size"] == 20
    for one, other in zip(files, again, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_a_file_says_in_words_what_it_shows(record: Record, files: list[Path]) -> None:
    pictures = {name: drawn(record, name) for name in DRAWN}
    for file in files:
        picture = pictures[file.stem]
        title, description = picture.title, picture.description
        assert len(description) > len(title) + 80
        assert description.startswith(title.rstrip("."))
        if file.suffix == ".png":
            with Image.open(file) as image:
                assert image.info["Title"] == title
                assert image.info["Description"] == description
        elif file.suffix == ".svg":
            tree = ET.parse(file)
            assert tree.getroot().get("role") == "img"
            assert tree.findtext(f"{{{SVG}}}title") == title
            assert tree.findtext(f"{{{SVG}}}desc") == description
            assert tree.find(".//{http://purl.org/dc/elements/1.1/}date") is None
        elif file.suffix == ".pdf":
            assert b"/Subject" in file.read_bytes()
            assert b"/CreationDate" not in file.read_bytes()
        else:
            assert file.read_text(encoding="utf-8") == f"{description}\n"


def test_the_letters_of_a_pdf_come_without_the_fonts_rules(files: list[Path]) -> None:
    fonts = []
    for file in (file for file in files if file.suffix == ".pdf"):
        for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", file.read_bytes(), re.DOTALL):
            with contextlib.suppress(zlib.error):
                fonts += [one for one in [zlib.decompress(stream)] if one[:4] == b"\0\1\0\0"]
    assert fonts
    for font in fonts:
        assert b"glyf" in font[:400]
        assert b"GSUB" not in font[:400]


def test_runs_and_seed_stand_in_the_corner_and_axes_have_names(record: Record) -> None:
    for name in DRAWN:
        picture = drawn(record, name)
        (note,) = [text for text in texts_of(picture) if "seed 1" in text.get_text()]
        assert f"{RUNS} runs" in note.get_text()
        assert note.get_window_extent().x1 > picture.bbox.x1 - 0.2 * picture.dpi
        named = [
            axis.get_label_text()
            for axes in picture.axes
            for axis in (axes.xaxis, axes.yaxis)
            if axis.get_label_text()
        ]
        assert named, name


def test_a_file_that_cannot_be_written_leaves_nothing(
    record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = drawn(record, "positions")

    def broken(part: Path, **options: object) -> None:
        part.write_bytes(b"half")
        raise OSError("no space left")

    monkeypatch.setattr(picture, "savefig", broken)
    with pytest.raises(OSError, match="no space"):
        picture.write_to(tmp_path, "positions")
    assert list(tmp_path.iterdir()) == []


# --- nothing to show ---------------------------------------------------------------------------


@pytest.mark.usefixtures("sketched")
def test_without_talks_there_are_no_positions(tmp_path: Path) -> None:
    quiet = runner.run(load(SCENARIO, without=["talks", "patrons"]), 5, seed=1, workers=1)
    assert positions.draw_positions(quiet) is None
    assert not any(file.stem == "positions" for file in plots.draw_all(quiet, tmp_path))


def test_a_raid_that_is_never_flown_is_not_shown(record: Record) -> None:
    runs = record.runs.assign(spiders_web_flown=0.0)
    raids = record.raids[record.raids["raid"] != "spiders-web"]
    frames = {**record.frames, "runs": runs, "raids": raids}
    grounded = Record(record.scenario, record.seed, record.runs_asked, frames)
    for name, draw in DRAWN.items():
        picture = draw(grounded)
        assert picture is not None
        assert "Operation Spider" not in picture.description, name


def test_a_record_without_raids_leaves_only_positions(record: Record) -> None:
    runs = record.runs.assign(**{c: 0.0 for c in record.runs if str(c).endswith("_flown")})
    frames = {"runs": runs, "fans": record.fans}
    peace = Record(record.scenario, record.seed, record.runs_asked, frames)
    shown = {name for name, draw in plots.DRAWINGS.items() if draw(peace) is not None}
    assert shown == {"positions"}


def test_a_raid_that_costs_nobody_anything(record: Record) -> None:
    free = record.runs.copy()
    for what in ("spent_usd", "lost_usd", "fired_usd"):
        free[f"reprisal_{what}"] = 0.0
    for what in ("cost_exchange", "loss_exchange"):
        free[f"reprisal_{what}"] = np.nan
    frames = {**record.frames, "runs": free}
    picture = cost_exchange.draw_cost_exchange(Record(record.scenario, 1, RUNS, frames))
    assert picture is not None
    assert [text.get_text() for text in texts_of(picture)].count(" none") == 3


# --- what is shown -------------------------------------------------------------------------------


def test_each_report_stands_beside_its_outcome(record: Record) -> None:
    picture = drawn(record, "losses_against_reports")
    labels = [unwrapped(text) for text in texts_of(picture) if text.get_gid() == "report-label"]
    outcomes = losses_against_reports.outcomes_of(record)
    columns = {f"{o.raid}_{o.group}_{o.what}".replace("-", "_") for o in outcomes}
    said = [r for r in record.scenario.reported.values() if r.outcome in columns]
    assert len(labels) == len(said) + len(outcomes)  # the model's own rows too
    for report in said:
        assert any(label.lower().startswith(report.by.lower()) for label in labels)
        assert report.by in picture.description
    tuned = sum(label.endswith("†") for label in labels)
    assert tuned == sum(report.used_for == "tuning" for report in said)


def test_the_count_in_the_title_is_of_reports_kept_for_validation(record: Record) -> None:
    values = np.arange(101.0)
    report = next(iter(record.scenario.reported.values()))

    def said(value: float, used_for: str, kind: str) -> Report:
        figure = report.figure.model_copy(update={"value": value, "low": None, "high": None})
        words = {"figure": figure, "used_for": used_for, "kind": kind}
        return report.model_copy(update=words)

    reports = (
        said(50, "validation", "independent"),
        said(99, "validation", "independent"),
        said(200, "validation", "claim"),
        said(50, "tuning", "claim"),
    )
    outcome = losses_against_reports.Outcome("spiders-web", "aircraft", "hit", values, reports)
    assert [outcome.meets(r) for r in reports] == [True, False, False, True]
    title = losses_against_reports._losses_title([outcome])
    assert "1 of 2 independent estimates and 0 of 1 claims kept for validation" in title


def test_mean_fates_add_up_to_the_drones_ordered(record: Record) -> None:
    table = fates.mean_fates(record)["spiders-web"]
    rows = record.raids[record.raids["raid"] == "spiders-web"]
    per_run = rows.groupby("run")["ordered"].sum().mean()
    assert table.to_numpy().sum() == pytest.approx(per_run)
    assert list(table.index) == list(record.scenario.raids["spiders-web"].waves["fpv"].at)


def test_the_favourites_fan_is_turned_over() -> None:
    fan = pd.DataFrame({"q05": [0.1], "q25": [0.2], "q50": [0.3], "q75": [0.4], "q95": [0.6]})
    turned = positions.of_underdog(fan)
    assert turned.iloc[0].tolist() == pytest.approx([0.4, 0.6, 0.7, 0.8, 0.9])


# --- no text over another ----------------------------------------------------------------------


def texts_of(picture: Picture) -> list[Text]:
    """Every text that can be seen."""
    ticks: set[Text] = set()
    for axes in picture.axes:
        for axis in (axes.xaxis, axes.yaxis):
            ticks |= hidden_ticks(axis)
    found: list[Text] = picture.findobj(Text)
    return [
        text
        for text in found
        if text.get_visible() and text.get_text().strip() and text not in ticks
    ]


def hidden_ticks(axis: Axis) -> set[Text]:
    """The labels of ticks that are out of view or switched off."""
    low, high = sorted(axis.get_view_interval())
    all_ticks = [*axis.majorTicks, *axis.minorTicks]
    seen = {
        label
        for tick in all_ticks
        if low <= tick.get_loc() <= high
        for label in (tick.label1, tick.label2)
        if label.get_visible()
    }
    return {label for tick in all_ticks for label in (tick.label1, tick.label2)} - seen


def unwrapped(text: Text) -> str:
    return re.sub(r"\s+", " ", text.get_text())


def boxes(picture: Picture) -> list[tuple[str, Bbox]]:
    picture.draw_without_rendering()
    return [(text.get_text(), text.get_window_extent()) for text in texts_of(picture)]


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("which", ["record", "crowded"])
def test_no_text_lies_over_another_or_leaves_the_paper(
    name: str, which: str, request: pytest.FixtureRequest
) -> None:
    check_texts(drawn(request.getfixturevalue(which), name))


def check_texts(picture: Picture, least: int = 11) -> None:
    """There are texts, `least` of them, and none lies over another or leaves the paper."""
    placed = boxes(picture)
    assert len(placed) >= least
    width, height = picture.canvas.get_width_height()
    for text, box in placed:
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= width, text
        assert box.y1 <= height, text
    for (one, a), (other, b) in itertools.combinations(placed, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        down = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert not (across > 0.5 and down > 0.5), f"{one!r} lies over {other!r}"


def test_marks_by_the_dozen_are_shown_without_names(record: Record) -> None:
    talks, start = record.scenario.talks, record.scenario.start
    assert talks is not None
    meetings = {f"m-{k}": start + datetime.timedelta(k) for k in range(position_panels.MOST_NAMED)}
    many = talks.model_copy(update={"meetings": meetings})
    scenario = record.scenario.model_copy(update={"talks": many})
    picture = drawn(with_scenario(record, scenario), "positions")
    assert not [text for text in texts_of(picture) if text.get_gid() == "mark-label"]


# --- words and places --------------------------------------------------------------------------


def test_numbers_in_words() -> None:
    amounts = (0, 950, 1000, 85_400, 1.04e6, 999e6, 2.75e9)
    assert [dollars(a) for a in amounts] == [
        "$0", "$950", "$1 k", "$85 k", "$1 M", "$1 bn", "$2.8 bn",
    ]  # fmt: skip
    assert [number(a) for a in (-0.1234, 12, 40.25, 12345)] == ["−0.123", "12", "40.2", "12,300"]
    assert [rough(a) for a in (0, 0.7, 10, 99.7, 4954)] == ["0", "0.70", "10", "100", "5,000"]


def test_fates_are_told_apart_in_grey() -> None:
    greys = {fate: np.dot(to_rgb(c), (0.299, 0.587, 0.114)) for fate, c in FATE_COLOURS.items()}
    for one, other in itertools.combinations(FATE_COLOURS, 2):
        is_alike = abs(greys[one] - greys[other]) < 0.08
        assert not is_alike or FATE_HATCHES.get(one) != FATE_HATCHES.get(other), (one, other)


def test_bars_and_key_of_fates_have_their_hatches(record: Record) -> None:
    picture = drawn(record, "fates")
    bars = {
        (to_hex(bar.get_facecolor()), bar.get_hatch() or None)
        for axes in picture.axes
        for bar in axes.patches
    }
    looks = {(colour.lower(), FATE_HATCHES.get(fate)) for fate, colour in FATE_COLOURS.items()}
    assert bars <= looks
    key = {(to_hex(p.get_facecolor()), p.get_hatch()) for p in picture.legends[0].get_patches()}
    assert key <= looks
    assert len(key) >= 7


def test_the_rows_of_a_key_are_even() -> None:
    assert [key_columns(["word"] * n, 5 * (0.46 + width_of("word"))) for n in (0, 1, 5, 6, 11)] == [
        *(1, 1, 5, 3, 4)
    ]


def test_the_interval_is_of_ninety_per_cent() -> None:
    assert interval(np.arange(101.0)) == pytest.approx((5.0, 50.0, 95.0))


def test_lines_are_no_wider_than_their_room() -> None:
    text = "Head of the Centre for Countering Disinformation, at least 13\u00a0†"
    lines = wrapped(text, 1.5)
    assert " ".join(lines) == text
    assert max(width_of(line) for line in lines) <= 1.5
    assert lines[-1].endswith("13\u00a0†")


@pytest.mark.parametrize("dpi", [72, 100, 110, 140, 200])
def test_a_line_is_as_wide_at_any_dpi_as_it_was_measured(dpi: int) -> None:
    line = "Carriers bring the drones to each site, so there are no legs. The defences reach far."
    with house_style():
        picture = Picture("A line")
        text = picture.write(0.1, 0.5, line)
        picture.set_dpi(dpi)
        shown = text.get_window_extent(FigureCanvasAgg(picture).get_renderer())
    assert shown.width / dpi == pytest.approx(width_of(line), rel=0.01)


def test_spread_places_are_apart_and_near() -> None:
    assert spread([0.1, 0.9], 0.2) == [0.1, 0.9]
    assert spread([0.5, 0.5, 0.5], 0.2) == pytest.approx([0.3, 0.5, 0.7])
    crowd = spread([1.0, 0.0, 0.95, 1.05, 0.1], 0.3)
    assert min(np.diff(sorted(crowd))) > 0.3 - 1e-12
    assert np.argsort(crowd).tolist() == np.argsort([1.0, 0.0, 0.95, 1.05, 0.1]).tolist()


def test_flags_do_not_cross_poles() -> None:
    left, width = [0.0, 1.0, 1.1, 5.0, 1.1], [2.0, 1.0, 1.0, 1.0, 1.0]
    levels = flag_levels(left, width)
    for i, j in itertools.permutations(range(len(left)), 2):
        if left[i] <= left[j] <= left[i] + width[i]:
            assert levels[i] != levels[j]
            if left[i] < left[j]:
                assert levels[i] > levels[j]
