"""The commands: what they print, what they leave on disk, and how they end."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest
import typer
from ruamel.yaml import YAML

import sim
from sim.cli import app
from sim.report.answers import comparison
from sim.report.numbers import number
from sim.scenario.schema import Scenario
from tests import pages, tiny

SHIPPED = Path(__file__).parents[2] / "scenarios" / "spiderweb.yaml"
Command = Callable[..., Any]


@pytest.fixture
def war(write: Callable[[str], Path], war_text: str, undrawn: None) -> Path:
    return write(war_text)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "results"


def tables_in(out: Path) -> dict[str, bytes]:
    (folder,) = out.iterdir()
    return {file.name: file.read_bytes() for file in sorted(folder.glob("*.parquet"))}


# --- help --------------------------------------------------------------------------------------


def test_help_begins_with_what_a_newcomer_needs_and_cuts_no_line(command: Command) -> None:
    lines = command("--help").out.partition("Commands:\n")[2].splitlines()
    told = dict(line.split(maxsplit=1) for line in lines)
    assert list(told)[:3] == ["run", "check", "report"]
    assert set(told) == set(typer.main.get_command(app).commands)
    assert [words for words in told.values() if words.endswith("...")] == []


# --- run ---------------------------------------------------------------------------------------


def test_run_leaves_tables_a_manifest_and_plots(
    process: Command, write: Callable[[str], Path], war_text: str, out: Path, tiny: Scenario
) -> None:
    sim.run(tiny, 1, workers=1)  # so that the raid is compiled and nothing is said of it
    done = process("run", write(war_text), "--runs", 50, "--out", out)
    assert (done.code, done.err) == (0, "")
    (folder,) = out.iterdir()
    assert {path.name for path in folder.iterdir()} >= {"runs.parquet", "manifest.json", "plots"}
    assert any(folder.glob("plots/*.png"))
    assert len(pd.read_parquet(folder / "runs.parquet")) == 50
    lines = done.out.splitlines()
    assert lines[0] == "A tiny war"
    assert lines[3] == "What does one raid do to two meetings?"
    assert lines[-1].startswith("computed in ")
    assert "\x1b" not in done.out


def test_json_is_one_object_and_nothing_else(command: Command, war: Path, out: Path) -> None:
    done = command("run", war, "--runs", 50, "--out", out, "--json")
    assert (done.code, done.err) == (0, "")
    summary = done.json
    assert (summary["scenario"], summary["runs"], summary["seed"]) == ("tiny", 50, 1)
    assert (summary["complete"], summary["found"]) == (True, False)
    assert Path(summary["folder"]) == next(out.iterdir())
    assert summary["hash"][:12] in summary["folder"]


def test_json_holds_the_figures_of_the_runs(command: Command, war: Path, out: Path) -> None:
    summary = command("run", war, "--runs", 200, "--out", out, "--json").json
    runs = pd.read_parquet(Path(summary["folder"]) / "runs.parquet")
    for outcome, made in summary["outcomes"].items():
        assert made["runs"] == 200
        assert made["mean"] == pytest.approx(runs[outcome].mean(), rel=1e-12, abs=1e-12)
        assert made["median"] == pytest.approx(runs[outcome].median(), rel=1e-12, abs=1e-12)
        assert made["low"] == pytest.approx(runs[outcome].quantile(0.05), rel=1e-12, abs=1e-12)
        assert made["high"] == pytest.approx(runs[outcome].quantile(0.95), rel=1e-12, abs=1e-12)
    assert summary["settlement"]["deal"]["share"] == runs["deal_day"].notna().mean()
    flown = runs[runs["dawn_flown"] > 0]
    dawn = summary["raids"]["dawn"]
    assert dawn["flown"]["share"] == len(flown) / 200
    assert 0 < len(flown) < 200
    assert dawn["losses"]["aircraft"]["hit"]["mean"] == pytest.approx(
        flown["dawn_aircraft_hit"].mean(), rel=1e-12
    )
    reported = summary["reported"]["their_count"]
    assert (reported["value"], reported["kind"]) == (6.0, "claim")
    assert reported["below"] == pytest.approx((flown["dawn_aircraft_hit"] < 6).mean(), rel=1e-12)


def test_screen_and_json_tell_the_same_figures(command: Command, war: Path, out: Path) -> None:
    shown = command("run", war, "--runs", 100, "--out", out, "--full").out
    summary = command("run", war, "--runs", 100, "--out", out, "--json").json
    for outcome, made in summary["outcomes"].items():
        unit = "USD" if outcome.endswith("_usd") else "share" if outcome.endswith("_end") else ""
        (row,) = re.findall(rf"^{outcome} +(\S.*)$", shown, re.MULTILINE)
        cells = [cell.split(" ±")[0] for cell in re.split(r"  +", row)]
        wanted = [number(made[name], unit) for name in ("median", "low", "high", "mean")]
        assert cells[:4] == wanted, outcome
    deal = summary["settlement"]["deal"]
    told = f"Settlement in {100 * deal['share']:.1f} ±{100 * deal['share_error']:.1f} % of the wars"
    assert told in shown


def test_the_answer_fits_on_a_screen_and_says_where_the_rest_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The longest shipped answer, on a terminal of 80 columns and 40 lines."""
    from rich.console import Console

    from sim.render import terminal
    from sim.report.answers.run import Run
    from sim.report.answers.summary import summarise

    monkeypatch.setattr(terminal, "open_console", lambda: Console(width=80, highlight=False))
    scenario = sim.load(SHIPPED)
    summary = summarise(sim.run(scenario, 30, workers=1))
    terminal.print_sections(scenario.title, Run("", (scenario,), summary).brief())
    assert len(capsys.readouterr().out.splitlines()) + 4 <= 40  # where the rest is, and the folder
    terminal.print_sections(scenario.title, Run("", (scenario,), summary).sections())
    assert len(capsys.readouterr().out.splitlines()) > 150


def test_a_table_is_shown_by_its_name(command: Command, war: Path, out: Path) -> None:
    from sim.report.answers.run import TABLES

    asked = ("run", war, "--runs", 60, "--workers", 1, "--out", out)
    brief = command(*asked).out
    there = [name for name in TABLES if name not in ("history", "cards")]
    assert f"--table {'|'.join(there)}" in "".join(brief.split("\n")).replace("  ", " ")
    assert "The whole campaign, and how certain it is" not in brief
    full = command(*asked, "--full").out
    for name, heading in (
        ("reported", "Reported figures and the model: Dawn"),
        ("drones", "Dawn: drones and missiles"),
        ("money", "Dawn: money and claims"),
        ("positions", "Dawn: positions of the day"),
        ("mechanisms", "Dawn: what each mechanism added that day"),
        ("talks", "Talks"),
        ("campaign", "The whole campaign, and how certain it is"),
    ):
        shown = command(*asked, "--table", name).out
        assert f"\n{heading}\n" in shown
        assert set(shown.splitlines()[:-1]) <= set(full.splitlines())
        assert len(shown) < len(full) / 2
    for name in ("history", "cards"):  # nothing is read here, and no patron is on
        said = f"{name}: these wars have no such table, only {', '.join(there)}"
        assert said in command(*asked, "--table", name).out.replace("\n", " ")
    told = " ".join(command("run", "--help").out.split())
    assert f"answer: {', '.join(TABLES[:-1])} or {TABLES[-1]};" in told
    done = command(*asked, "--table", "mony")
    assert done == (
        2, "", f"--table mony: no such table, expected one of {', '.join(TABLES)}\n",
    )  # fmt: skip


def test_quiet_says_nothing(command: Command, war: Path, out: Path) -> None:
    assert command("run", war, "--runs", 5, "--out", out, "--quiet") == (0, "", "")
    assert tables_in(out)


def test_the_second_time_it_is_found(command: Command, war: Path, out: Path) -> None:
    first = command("run", war, "--runs", 20, "--out", out, "--json").json
    before = tables_in(out)
    written = next(out.iterdir()).joinpath("runs.parquet").stat().st_mtime_ns
    second = command("run", war, "--runs", 20, "--out", out, "--json").json
    assert next(out.iterdir()).joinpath("runs.parquet").stat().st_mtime_ns == written
    assert tables_in(out) == before
    assert (first.pop("found"), second.pop("found")) == (False, True)
    del first["seconds"], second["seconds"]
    assert first == second
    assert command("run", war, "--runs", 20, "--out", out).out.splitlines()[-1].startswith("found")


def test_force_computes_the_same_bytes(command: Command, war: Path, out: Path) -> None:
    command("run", war, "--runs", 20, "--out", out)
    before = tables_in(out)
    written = next(out.iterdir()).joinpath("runs.parquet").stat().st_mtime_ns
    again = command("run", war, "--runs", 20, "--out", out, "--force", "--json").json
    assert again["found"] is False
    assert next(out.iterdir()).joinpath("runs.parquet").stat().st_mtime_ns > written
    assert tables_in(out) == before


def test_workers_do_not_show(command: Command, war: Path, tmp_path: Path) -> None:
    for workers in (1, 2):
        arguments = ("--runs", 1100, "--workers", workers, "--out", tmp_path / str(workers))
        assert command("run", war, *arguments).code == 0
    assert tables_in(tmp_path / "1") == tables_in(tmp_path / "2")


def test_days_adds_a_table_and_changes_no_other(
    command: Command, war: Path, tmp_path: Path
) -> None:
    command("run", war, "--runs", 20, "--out", tmp_path / "without")
    command("run", war, "--runs", 20, "--out", tmp_path / "with", "--days")
    without, with_days = tables_in(tmp_path / "without"), tables_in(tmp_path / "with")
    assert set(with_days) - set(without) == {"days.parquet"}
    assert {name: with_days[name] for name in without} == without
    days = pd.read_parquet(next((tmp_path / "with").glob("*/days.parquet")))
    assert len(days) == 20 * 10 * 2  # runs, days, sides
    assert set(days["day"]) == set(range(10))


def test_another_seed_goes_elsewhere(command: Command, war: Path, out: Path) -> None:
    one, other = (
        command("run", war, "--runs", 20, "--out", out, "--seed", seed, "--json").json
        for seed in (1, 2)
    )
    assert one["folder"] != other["folder"]
    assert one["outcomes"]["r_u_end"]["mean"] != other["outcomes"]["r_u_end"]["mean"]


def test_set_changes_the_war(command: Command, war: Path, out: Path) -> None:
    arguments = ("--runs", 20, "--out", out, "--json", "--set", "weapons.dart.p_hit=0")
    made = command("run", war, *arguments).json
    assert made["outcomes"]["aircraft_hit"]["high"] == 0.0
    (folder,) = out.iterdir()
    overrides = json.loads((folder / "manifest.json").read_text())["overrides"]
    assert overrides == ["weapons.dart.p_hit=0"]


# --- interrupts --------------------------------------------------------------------------------


def test_ctrl_c_ends_with_130_and_a_store_to_resume(tmp_path: Path, heeded: None) -> None:
    """As in a terminal: the signal goes to the command and its workers alike."""
    arguments = ["run", str(SHIPPED), "--runs", "200000", "--workers", "2", "--out", str(tmp_path)]
    running = subprocess.Popen(
        [sys.executable, "-m", "sim.cli", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        until = time.monotonic() + 90
        while not list(tmp_path.glob("*/chunks/*.done")) and time.monotonic() < until:
            assert running.poll() is None
            time.sleep(0.02)
        os.killpg(running.pid, signal.SIGINT)
        shown, told = running.communicate(timeout=60)
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
    assert running.returncode == 130
    assert shown == ""
    assert told.splitlines()[-1] == (
        "interrupted; finished wars are stored, and the same command resumes"
    )
    assert "Traceback" not in told
    (folder,) = tmp_path.iterdir()
    manifest = json.loads((folder / "manifest.json").read_text())
    runs = pd.read_parquet(folder / "runs.parquet")
    assert manifest["complete"] is False
    assert len(runs) == manifest["runs_done"] >= 500
    assert list(folder.glob("chunks/*.done"))


def test_the_same_command_goes_on_after_an_interrupt(
    command: Command, war: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim.experiment.execution import runner

    monkeypatch.setattr(runner, "CHUNK_RUNS", 7)
    chunk, done = runner.run_chunk, []

    def stopping(*call: Any) -> Any:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(call[2])
        return chunk(*call)

    arguments = ("run", war, "--runs", 30, "--workers", 1, "--json", "--out")
    through = command(*arguments, tmp_path / "through").json
    monkeypatch.setattr(runner, "run_chunk", stopping)
    stopped = command(*arguments, tmp_path / "stopped")
    assert (stopped.code, stopped.out, done) == (130, "", [0, 7])
    assert stopped.err.count("\n") == 1
    done.extend([None] * 3)  # stop no more
    resumed = command(*arguments, tmp_path / "stopped").json
    assert done == [0, 7, None, None, None, 14, 21, 28]
    assert resumed["outcomes"] == through["outcomes"]
    assert tables_in(tmp_path / "stopped") == tables_in(tmp_path / "through")


# --- compare -----------------------------------------------------------------------------------


def test_an_effect_is_the_difference_of_two_runs(command: Command, war: Path, out: Path) -> None:
    made = command("compare", war, "--without", "raids.dawn", "--runs", 200, "--json").json
    assert (made["changes"], made["runs"]) == (["without raids.dawn"], 200)
    assert made["direction"] == "with minus without"
    moments = {date: (on["day"], on["what"]) for date, on in made["days"].items()}
    assert moments == {
        "2025-01-05": (4, "dawn"),
        "2025-01-07": (6, "after"),
        "2025-01-10": (9, "last day"),
    }
    base, changed = sim.load(war), sim.load(war, without=["raids.dawn"])
    ours, theirs = (sim.run(w, 200, 1, workers=1).runs for w in (base, changed))
    money = made["losses"]
    for outcome in ("aircraft_hit", "bears_lost_usd", "hares_spent_usd"):
        difference = ours[outcome] - theirs[outcome]
        assert money[outcome]["mean"] == pytest.approx(difference.mean(), rel=1e-12)
        assert money[outcome]["median"] == pytest.approx(difference.median(), rel=1e-12)
        assert money[outcome]["base"]["mean"] == pytest.approx(theirs[outcome].mean(), rel=1e-12)
        assert money[outcome]["changed"]["mean"] == pytest.approx(ours[outcome].mean(), rel=1e-12)
    last = made["days"]["2025-01-10"]["effects"]
    for position in ("r_u", "r_d", "z", "demand_u", "demand_d"):
        difference = ours[f"{position}_end"] - theirs[f"{position}_end"]
        assert last[position]["mean"] == pytest.approx(difference.mean(), rel=1e-9, abs=1e-12)
    deal = ours["deal_day"].notna().mean() - theirs["deal_day"].notna().mean()
    assert made["settlement"]["deal_share"]["mean"] == pytest.approx(deal, rel=1e-12)


def test_a_change_is_told_as_changed_minus_as_it_is(command: Command, war: Path) -> None:
    """Darts that hit more often hit more: up, on the screen, in the sentences and in JSON."""
    better = ("compare", war, "--set", "weapons.dart.p_hit=1", "--runs", 50)
    made = command(*better, "--json").json
    hit = made["losses"]["aircraft_hit"]
    assert made["direction"] == "changed minus as it is"
    assert hit["mean"] == pytest.approx(hit["changed"]["mean"] - hit["base"]["mean"])
    assert hit["above_zero"] > 0.5
    assert sim.load(war).weapons["dart"].p_hit.value < 1.0
    words = command(*better).out
    assert "changed minus as it is" in words
    assert "as it is minus" not in words
    both = command(*better, "--without", "raids.dawn", "--json").json
    assert both["direction"] == "changed minus as it is"
    assert both["losses"]["aircraft_hit"]["mean"] <= 0.0


def test_sentences_say_mean_median_and_in_how_many_wars(war: Path) -> None:
    effect = {
        "runs": 200, "mean": 0.02, "mean_error": 0.001, "median": -0.01, "above_zero": 0.4,
        "below_zero": 0.6,
    }  # fmt: skip
    effects = {"r_u": effect, "r_d": effect | {"mean": -0.0005}, "z": effect | {"mean": -0.02}}
    day = {"what": "dawn", "effects": effects}
    figures = {"direction": "with minus without", "days": {"2025-01-05": day}}
    (told,) = comparison.Comparison("", (sim.load(war),), figures).headline()
    law = "(median -0.0100, up in 40 % and down in 60 % of 200 wars)"
    assert f"rises by 0.0200 ±0.001 in the mean {law}" in told
    assert f"has the same mean within the error of 0.001 {law}" in told
    assert f"zone of agreement falls by 0.0200 ±0.001 in the mean {law}" in told


def test_pairing_saves_variance(command: Command, war: Path) -> None:
    made = command("compare", war, "--without", "raids.dawn", "--runs", 300, "--json").json
    positions = made["days"]["2025-01-10"]["effects"]
    assert positions["r_d"]["variance_saved"] >= 1.0
    assert positions["z"]["variance_saved"] >= 1.0
    assert positions["r_u"]["mean"] == 0.0  # losses of the enemy's do not move the hares' cost
    a_little = command(
        "compare", war, "--set", "weapons.dart.unit_cost=1", "--runs", 300, "--json"
    ).json["losses"]
    assert a_little["aircraft_hit"]["mean"] == a_little["aircraft_hit"]["high"] == 0.0
    assert a_little["hares_spent_usd"]["variance_saved"] >= 1.0


def test_compare_leaves_nothing_on_disk(command: Command, war: Path, tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    assert command("compare", war, "--without", "talks", "--runs", 20).code == 0
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "nothing to compare with, expected --without PATH or --set PATH=VALUE"),
        (
            ("--without", "raids.dwan"),
            "--without raids.dwan: raids.dwan: no 'dwan' in raids, did you mean 'dawn'?",
        ),
    ],
)
def test_compare_needs_a_change(
    command: Command, war: Path, arguments: tuple[str, ...], expected: str
) -> None:
    assert command("compare", war, *arguments) == (2, "", expected + "\n")


@pytest.mark.parametrize("change", ["end=2025-01-08", "start=2025-01-02", "end=2025-01-12"])
def test_compare_with_another_campaign_is_told_or_refused(
    command: Command, war: Path, change: str
) -> None:
    done = command("compare", war, "--set", change, "--runs", 20, "--json")
    assert done.code in (0, 2)
    if done.code == 2:
        assert done.err.count("\n") == 1


# --- check and schema --------------------------------------------------------------------------


def test_check_prints_the_register(command: Command, war: Path) -> None:
    done = command("check", war)
    assert (done.code, done.err) == (0, "")
    lines = [line.rstrip() for line in done.out.splitlines()]
    assert re.split(r"  +", lines[0]) == ["path", "value", "range", "unit", "source or assumption"]
    table = {line.split()[0]: re.split(r"  +", line) for line in lines[1:] if line}
    assert table["weapons.dart.unit_cost"][1:] == [
        *("2000", "1000 to 4000 triangular", "USD", "price2024")
    ]
    assert table["weapons.dart.p_destroy"][1:] == ["0.4", "field2025, price2024"]
    assert table["assets.plane.repair_time"][1:] == ["14", "day", "assumed: guess"]
    assert lines[-1] == (
        "70 figures: 4 with a source, 66 assumed, 11 with a range drawn once a run; "
        "2 sources cited."
    )
    assert len(table) - 1 == 70


def test_check_tells_the_same_in_json(command: Command, war: Path) -> None:
    made = command("check", war, "--json").json
    totals = {"figures": 70, "sourced": 4, "assumed": 66, "ranged": 11, "sources": 2}
    assert made["totals"] == totals
    rows = {row["path"]: row for row in made["figures"]}
    assert len(rows) == 70
    assert rows["assets.plane.value"] == {
        "path": "assets.plane.value", "value": 3e6, "low": 1e6, "high": 9e6, "law": "lognormal",
        "unit": "USD", "sources": [], "assumed": "guess", "provenance": "assumed: guess",
    }  # fmt: skip


def test_check_takes_overrides(command: Command, war: Path) -> None:
    rows = command("check", war, "--json", "--set", "front.p_move=0.2").json["figures"]
    (row,) = (row for row in rows if row["path"] == "front.p_move")
    assert (row["value"], row["provenance"]) == (0.2, "assumed: set by an override")


def test_check_handles_a_rate_without_end(
    command: Command, write: Callable[[str], Path], war_text: str
) -> None:
    path = write(war_text.replace("{value: 60, unit: 1/h", "{value: .inf, unit: 1/h"))
    assert command("check", path).code == 0
    done = command("check", path, "--json")
    assert (done.code, done.err) == (0, "")
    rows = {row["path"]: row for row in done.json["figures"]}
    assert "units.gun.detection_rate" in rows


def plain(value: Any) -> Any:
    """YAML as the JSON an editor checks: dates are strings."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = json.loads(json.dumps(Scenario.model_json_schema()))
    kind = jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)
    kind.check_schema(schema)
    return kind(schema)


def test_schema_prints_the_schema(command: Command, validator: Any) -> None:
    done = command("schema")
    assert (done.code, done.err) == (0, "")
    assert done.json == validator.schema


def test_the_schema_accepts_what_loads(validator: Any, war_text: str) -> None:
    yaml = YAML(typ="safe", pure=True)
    for text in (war_text, SHIPPED.read_text(encoding="utf-8")):
        faults = validator.iter_errors(plain(yaml.load(text)))
        assert [f"{list(fault.path)}: {fault.message[:80]}" for fault in faults] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("p_hit:", "p_hitt:"),
        ("kind: shooter", "kind: shotter"),
        ("role: underdog", "role: hero"),
        ("name: tiny\n", ""),
        ("on: true", "on: perhaps"),
        ("{value: 0.5, low: 0.2, high: 0.7, source: field2025}", "0.5"),
        ("law: lognormal", "law: gauss"),
    ],
)
def test_the_schema_refuses_what_does_not_load(
    validator: Any, war_text: str, old: str, new: str
) -> None:
    assert old in war_text
    text = war_text.replace(old, new, 1)
    assert not validator.is_valid(plain(YAML(typ="safe", pure=True).load(text)))


# --- how it ends -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("run",),
        ("rnu",),
        ("run", "war.yaml", "--rnus", "5"),
        ("run", "war.yaml", "--runs", "0"),
        ("run", "war.yaml", "--runs", "many"),
        ("run", "war.yaml", "--seed", "-1"),
        ("run", "war.yaml", "--workers", "0"),
        ("run", "war.yaml", "extra"),
        ("check",),
        ("--verbose",),
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_one_line(command: Command, arguments: tuple[str, ...]) -> None:
    done = command(*arguments)
    assert (done.code, done.out) == (2, "")
    assert re.fullmatch(r"sim: .+\n", done.err)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [(("rnu",), "run"), (("run", "war.yaml", "--rnus", "5"), "--runs")],
)
def test_a_wrong_word_gets_a_hint(command: Command, arguments: Any, hint: str) -> None:
    assert hint in command(*arguments).err


@pytest.mark.parametrize("name", ["run", "check", "compare"])
def test_a_bad_scenario_ends_with_2_and_leaves_nothing(
    command: Command, write: Callable[[str], Path], war_text: str, tmp_path: Path, name: str
) -> None:
    path = write(war_text.replace("by: hares", "by: hare").replace("km/h", "kg"))
    before = set(tmp_path.iterdir())
    more = () if name == "check" else ("--runs", 5)
    more += ("--without", "talks") if name == "compare" else ()
    more += ("--out", tmp_path / "results") if name == "run" else ()
    done = command(name, path, *more)
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines() == [
        f"{path}:19:5: weapons.dart.speed: "
        "unit 'kg' is not understood here, expected km/h or the like",
        f"{path}:63:5: raids.dawn.by: 'hare' is not in sides, did you mean 'hares'?",
    ]
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("weapons.dart.p_hit=2", "value 2 is out of bounds, expected a number from 0 to 1"),
        ("weapons.drat.p_hit=1", "no 'drat' in weapons, did you mean 'dart'?"),
    ],
)
def test_a_bad_override_ends_with_2_and_leaves_nothing(
    command: Command, war: Path, out: Path, override: str, expected: str
) -> None:
    done = command("run", war, "--out", out, "--set", override)
    path = override.partition("=")[0]
    assert done == (2, "", f"--set {override}: {path}: {expected}\n")
    assert not out.exists()


def test_a_results_folder_that_cannot_be_written_is_one_line(
    command: Command, war: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    done = command("run", war, "--runs", 5, "--out", tmp_path / "file")
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("name", ["schema", "check"])
def test_a_reader_that_goes_away_is_no_fault(
    write: Callable[[str], Path], war_text: str, name: str
) -> None:
    more = [str(write(war_text)), "--json"] if name == "check" else []
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "sim.cli", name, *more],
        stdout=writer, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_help_needs_no_heavy_library() -> None:
    heavy = (
        "numpy", "mesa", "numba", "pandas", "scipy", "pyarrow", "matplotlib", "pydantic", "jinja2"
    )  # fmt: skip
    code = (
        "import sys; sys.argv = ['sim', '--help']\n"
        "from sim.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit as stop:\n    assert not stop.code\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
    for name in ("run", "compare", "check", "schema"):
        assert re.search(rf"^ +{name} ", done.stdout, re.MULTILINE)


def test_a_check_needs_no_more_than_the_scenario(war: Path) -> None:
    heavy = ("mesa", "numba", "pandas", "pyarrow", "matplotlib", "jinja2")
    code = (
        "import sys\n"
        "from sim.cli import main\n"
        f"sys.argv = ['sim', 'check', {str(war)!r}]\n"
        "try:\n    main()\n"
        "except SystemExit as stop:\n    assert not stop.code\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_the_shipped_scenario_runs(tmp_path: Path) -> None:
    record = sim.run(sim.load(SHIPPED), runs=3, workers=1)
    assert len(record.runs) == 3
    assert np.isfinite(record.runs["r_u_end"]).all()


# --- a file of another kind ---------------------------------------------------------------------

_SCENARIO_COMMANDS = [
    "run FILE",
    "check FILE",
    "compare FILE --without raids.dawn",
    "sweep FILE --vary front.p_move=0.1,0.2",
    "sensitivity FILE",
    "discover FILE --when z_end>0",
    "calibrate FILE",
    "validate reported FILE",
    "validate polls FILE",
    "dashboard FILE",
]


@pytest.mark.parametrize("line", _SCENARIO_COMMANDS)
@pytest.mark.parametrize("name", ["theories", "file"])
def test_an_experiment_is_no_scenario(
    command: Command, tmp_path: Path, line: str, name: str
) -> None:
    if name == "file":
        name = str(tmp_path / "asked.yaml")
        Path(name).write_text("kind: theories\nscenario: war.yaml\nruns: 4\n", encoding="utf-8")
    done = command(*line.replace("FILE", name).split())
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith(f": this is an experiment, run it with `sim experiment {name}`\n")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("shipped", [True, False])
def test_a_scenario_is_no_experiment(command: Command, war: Path, shipped: bool) -> None:
    name = "minimal" if shipped else war
    done = command("experiment", name)
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith(f": this is a scenario, run it with `sim run {name}`\n")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(("line", "kind"), [("run", "scenario"), ("experiment", "experiment")])
def test_a_register_of_sources_is_neither(command: Command, line: str, kind: str) -> None:
    done = command(line, SHIPPED.parent / "sources.yaml")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"{SHIPPED.parent / 'sources.yaml'}: this is a register of sources, expected the {kind} "
        "that cites them\n"
    )


# --- what was reported, and an experiment -------------------------------------------------------


def test_what_was_reported_is_counted_inside_by_its_use(command: Command, war: Path) -> None:
    """The tally is that of the entries, and an entry that of the wars in which its raid flew."""
    held = command("validate", "reported", war, "--runs", 200, "--workers", 1, "--json")
    assert held.code == 0
    told = held.json["tiny"]
    entry = told["reported"]["their_count"]
    wars = sim.run(sim.load(war), runs=200, workers=1).runs
    hit = wars.dawn_aircraft_hit[wars.dawn_flown > 0]
    assert entry["model"]["mean"] == pytest.approx(hit.mean())
    assert entry["inside_90"] == (hit.quantile(0.05) <= 6 <= hit.quantile(0.95))
    assert told["tally"] == {"validation, claim": {"inside": int(entry["inside_90"]), "of": 1}}
    words = command("validate", "reported", war, "--runs", 200, "--workers", 1).out
    assert f"tiny: validation, claim  {int(entry['inside_90'])} of 1" in words
    assert "the hares" in words


def test_a_scenario_that_reports_nothing_cannot_be_held_against_it(
    command: Command, war: Path
) -> None:
    war.write_text(war.read_text().partition("reported:")[0])
    held = command("validate", "reported", war)
    assert (held.code, held.out) == (2, "")
    assert held.err == "tiny: has no reported figures, expected a section reported\n"


@pytest.mark.usefixtures("sketched")
def test_an_experiment_is_answered_printed_and_published(
    command: Command, war: Path, tmp_path: Path
) -> None:
    tiny.write_questions(war.parent)
    foretold = "predicted: {cost: {blow: ['-', '0']}}\n"
    (tmp_path / "impulse.yaml").write_text(tiny.IMPULSE + foretold, encoding="utf-8")
    asked = ("experiment", tmp_path / "impulse.yaml")
    done = command(*asked, "--json", "--publish", tmp_path / "impulse")
    assert done.code == 0
    kept = json.loads((tmp_path / "impulse" / "answer.json").read_text())
    assert {key: done.json[key] for key in kept} == kept
    table = pd.read_csv(tmp_path / "impulse" / "impulse.csv")
    made = kept["predictions"]
    assert len(table) == len(done.json["table"]) == sum(kind["made"] for kind in made.values())
    words = command(*asked).out
    assert f"{made['signs']['hold']} of {made['signs']['made']} predicted" in " ".join(
        words.split()
    )


def test_a_terminal_sees_a_bar_with_rate_and_time_left(war: Path, tmp_path: Path) -> None:
    pty = pytest.importorskip("pty", reason="there are no pseudo-terminals here")
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover
        os.environ |= {"TERM": "xterm", "COLUMNS": "120"}
        command = ["-m", "sim.cli", "run", str(war), "--runs", "1200", "--out", str(tmp_path / "r")]
        os.execv(sys.executable, [sys.executable, *command])
    shown = b""
    with contextlib.suppress(OSError):  # the end of the child closes the terminal
        while part := os.read(terminal, 65536):
            shown += part
    _, status = os.waitpid(child, 0)
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())
    assert os.waitstatus_to_exitcode(status) == 0, text
    assert re.search(r"tiny .* 1,200/1,200 runs [\d,]+ runs/s .* left", text)
    assert "Answer" in text


def test_where_something_is_written_is_a_folder_before_anything_is_done(tmp_path, command) -> None:
    """A file of that name, and a place below it, for every option of every command."""
    (tmp_path / "file").touch()
    options = pages.written_by_options()
    assert len(options) > 15
    assert {option for _, option in options} == {"--out", "--publish", "--to"}
    for words, option in options:
        is_file = words in (["report"], ["forecast", "nights"]) and option == "--to"
        for wrong in ("file/x/y",) if is_file else ("file", "file/below"):
            told = command(*words, option, tmp_path / wrong, *(["x"] if words else []))
            assert told.code == 2, (words, option)
            assert told.err == (
                f"sim: Invalid value for '{option}': {tmp_path / 'file'} is a file, expected a "
                "folder\n"
            )
