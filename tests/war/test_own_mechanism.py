"""A mechanism of the user's own: allowed or refused, what it leaves, and what it may do wrong."""

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.scenario.code import CodeError
from sim.scenario.errors import ScenarioError
from sim.scenario.load import load
from sim.scenario.stored import content_hash

GRUDGE = """\
    import numpy as np

    def grudge(was, news, figures):
        fading = np.exp(-1.0 / figures["lasts"])
        return {"term": was["term"] * fading + figures["per_loss"] * news.own_loss}
"""
MINE = """\
mechanisms:
  mine:
    on: true
    path: my_file.py:grudge
    per_loss: {hares: {value: 9, assumed: mine}, bears: {value: 0.3, low: 0.3, high: 0.5, \
assumed: mine}}
    lasts: {value: 30, assumed: "mine, in days"}
"""

Write = Callable[[str], Path]


@pytest.fixture
def war(write: Write, war_text: str, tmp_path: Path) -> Path:
    (tmp_path / "my_file.py").write_text(textwrap.dedent(GRUDGE))
    return write(war_text.replace("mechanisms:\n", MINE))


def says(war: Path, code: str) -> Path:
    (war.parent / "my_file.py").write_text(textwrap.dedent(code))
    return war


def run(war: Path, **more: Any) -> Any:
    return sim.run(load(war, allow_code=True), 20, 1, workers=1, with_days=True, **more)


# --- allowed or refused ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [("run", "--runs", 5), ("compare", "--without", "raids.dawn"), ("check",)]
)
def test_without_leave_it_is_refused_in_one_line_and_not_run(
    command: Any, war: Path, tmp_path: Path, arguments: tuple[Any, ...]
) -> None:
    says(war, f"open({str(tmp_path / 'ran')!r}, 'w').close()\n" + textwrap.dedent(GRUDGE))
    refused = command(arguments[0], war, *arguments[1:])
    line = war.read_text().splitlines().index("    path: my_file.py:grudge") + 1
    place = f"{war}:{line}:5: mechanisms.mine.path: my_file.py:grudge is code, "
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.splitlines() == [place + "expected --allow-code if you trust it"]
    assert not (tmp_path / "ran").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"my_file.py", "sources.yaml", "war.yaml"}


def test_one_that_is_off_needs_no_leave(war: Path) -> None:
    scenario = load(war, overrides=["mechanisms.mine.on=false"])
    days = sim.run(scenario, 3, 1, workers=1, with_days=True).days
    assert [column for column in days if column.startswith("h_")] == ["h_cost"]


def test_reading_a_scenario_runs_no_code(war: Path, tmp_path: Path) -> None:
    says(war, f"open({str(tmp_path / 'ran')!r}, 'w').close()\n" + textwrap.dedent(GRUDGE))
    scenario = load(war, allow_code=True)
    with pytest.raises(CodeError, match="line 1: opens "):
        sim.run(scenario, 1, 1, workers=1)
    assert not (tmp_path / "ran").exists()


# --- what it leaves ----------------------------------------------------------------------------


def test_its_term_is_in_the_reservation_and_in_every_table(war: Path) -> None:
    record = run(war)
    days, runs = record.days, record.runs
    terms = days[["h_cost", "h_mine"]].sum(axis=1)
    start = days.groupby(["run", "side"], observed=True)["r"].transform("first")
    first = terms.groupby([days["run"], days["side"]], observed=True).transform("first")
    np.testing.assert_allclose(days["r"] - start, terms - first, atol=1e-12)
    # the bears' leader reads half the truth, half the admission of .4 of it
    believed = 0.7 * runs["dawn_lost_usd"] / at_stake(war)
    figure = record.scenario.mechanisms.own["mine"].per_loss["bears"]
    assert figure.is_drawn
    ratio = (runs["h_mine_d_by_dawn"] / believed)[believed > 0]
    assert ratio.between(0.3, 0.5).all()
    assert ratio.nunique() == len(ratio)
    flown = runs[runs["dawn_flown"] > 0]
    assert (flown["h_mine_u_by_dawn"] == 0).all()
    assert (runs["h_mine_d_end"] > 0).equals(believed > 0)
    faded = flown["h_mine_d_by_dawn"] * np.exp(-5 / 30)
    np.testing.assert_allclose(flown["h_mine_d_end"], faded)


def at_stake(war: Path) -> Any:
    model = sim.War(load(war, allow_code=True), 20, 1)
    return model.defenders["bears"].value_at_start_usd


def test_the_command_writes_it_and_tells_it(
    command: Any, war: Path, tmp_path: Path, undrawn: None
) -> None:
    out = tmp_path / "out"
    given = ("--allow-code", "--runs", 20, "--workers", 1, "--days", "--out", out)
    done = command("run", war, *given, "--full")
    assert done.code == 0
    (folder,) = out.iterdir()
    assert "h_mine_d_end" in pd.read_parquet(folder / "runs.parquet")
    assert "h_mine" in pd.read_parquet(folder / "days.parquet")
    assert "mine, r_d" in done.out
    assert "(cost, mine)" in done.out


def test_compared_with_and_without_it_the_difference_is_its_term(command: Any, war: Path) -> None:
    made = command(
        "compare", war, "--allow-code", "--runs", 20, "--without", "mechanisms.mine", "--json"
    ).json
    last = made["days"]["2025-01-10"]["effects"]["r_d"]["mean"]
    record = run(war)
    assert last == pytest.approx(record.runs["h_mine_d_end"].mean(), abs=1e-12)
    assert last > 0.0


def test_it_sees_what_the_house_made_of_the_day(war: Path) -> None:
    says(
        war,
        """
        def grudge(was, news, figures):
            given = {"term": 0.5 * (0.4 - news.base), "days": was["days"] + 1.0}
            assert (given["days"] == news.days_of_war + (was["days"] > 0)).all()
            assert (abs(news.base - (news.p_win - news.cost)) < 1e-12).all()
            return given
        """,
    )
    days = run(war).days
    before = days["r"] - days["h_mine"]
    np.testing.assert_allclose(days["h_mine"], 0.5 * (0.4 - before), atol=1e-12)


def test_two_of_ones_own_act_in_their_order(war: Path) -> None:
    says(
        war,
        textwrap.dedent(GRUDGE)
        + "def first(was, news, figures):\n    return {'term': 0.125}\n"
        + "def second(was, news, figures):\n    return {'term': -news.base}\n",
    )
    text = war.read_text().replace(
        "mechanisms:\n",
        "mechanisms:\n  one: {on: true, path: 'my_file.py:first'}\n"
        "  other: {on: true, path: 'my_file.py:second'}\n",
    )
    text = text.replace("  mine:\n    on: true", "  mine:\n    on: false")
    war.write_text(text)
    days = run(war).days
    assert (days["h_one"] == 0.125).all()
    np.testing.assert_allclose(days["r"], 0.0, atol=1e-12)


def test_another_code_is_another_question(war: Path) -> None:
    before = content_hash(load(war, allow_code=True))
    assert content_hash(load(war, allow_code=True)) == before
    says(war, textwrap.dedent(GRUDGE).replace("-1.0", "-2.0"))
    assert content_hash(load(war, allow_code=True)) != before


def test_it_can_change_nothing_but_what_it_gives_back(war: Path) -> None:
    says(
        war,
        """
        def grudge(was, news, figures):
            memory = was["term"]
            memory += 0.25
            return {"term": memory}
        """,
    )
    assert run(war).days["h_mine"].max() == pytest.approx(0.25 * 11)  # the eve and ten days
    for touched in ("news.prior", "news.cost", "figures['lasts']", "news.hard_public"):
        says(
            war,
            f"""
            def grudge(was, news, figures):
                touched = {touched}
                touched *= 0.5
                return {{"term": 0.0}}
            """,
        )
        with pytest.raises(CodeError, match=r"line 4: ValueError: .*read-only"):
            run(war)


# --- what it may do wrong ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return {'term': figures['per_los'] * news.own_loss}", "line 3: KeyError: 'per_los', "),
        ("return {'term': news.own_los}", "line 3: AttributeError: "),
        ("x = (\n        1 / 0)", "line 4: ZeroDivisionError: division by zero, "),
        ("pass", "line 2: AttributeError: "),
        ("return 0.0", "line 2: AttributeError: "),
        ("return {'term': [1.0, 2.0, 3.0]}", "line 2: ValueError: "),
        ("return {'term': 'much'}", "line 2: ValueError: "),
        ("return {'trem': 0.0}", "line 2: its result has no 'term', "),
        ("return {'term': float('nan')}", "line 2: its result has a number that is not"),
        ("return {'term': 0.0, 'x': news.own_loss / 0.0}", "line 2: its result has a "),
        (
            "x = np.zeros(20)\n    x[7] = np.inf\n    return {'term': x}",
            "line 2: its result has a number that is not",
        ),
        ("raise SystemExit(3)", "line 3: SystemExit: 3, "),
        ("raise ValueError('two\\nlines')", "line 3: ValueError: two lines, "),
    ],
)
def test_a_fault_in_it_is_one_line_with_its_place(
    command: Any, war: Path, tmp_path: Path, body: str, message: str
) -> None:
    says(war, f"import numpy as np\ndef grudge(was, news, figures):\n    {body}\n")
    done = command("run", war, "--allow-code", "--runs", 20, "--workers", 1, "--quiet")
    assert (done.code, done.out) == (2, "")
    (line,) = done.err.splitlines()
    assert line.startswith(f"mechanisms.mine: my_file.py:grudge: {message}")
    assert "expected" in line


def test_a_fault_in_a_worker_is_the_same_line(process: Any, war: Path) -> None:
    says(war, "\ndef grudge(was, news, figures):\n    return {'term': news.moves / news.moves}\n")
    done = process("run", war, "--allow-code", "--runs", 1100, "--workers", 2, "--quiet")
    assert done.code == 2
    (line,) = done.err.splitlines()
    told = "line 2: its result has a number that is not finite, expected a finite term"
    assert line.startswith(f"mechanisms.mine: my_file.py:grudge: {told}")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("\n1 / 0\ndef grudge(): pass", "line 2: ZeroDivisionError: "),
        ("def grudge(): pass\n\nreturn 1", "line 3: SyntaxError: "),
        ("import sys\nsys.exit(0)\ndef grudge(): pass", "line 2: SystemExit: 0, "),
        ("def grudge(): pass\ngrudge = 3", "'grudge' is no function, expected one"),
        ("def grudge():\n    pass", "line 1: TypeError: grudge() takes 0 positional arguments"),
    ],
)
def test_a_file_that_does_not_run_is_one_line(
    command: Any, war: Path, code: str, message: str
) -> None:
    done = command("run", says(war, code), "--allow-code", "--runs", 5, "--quiet")
    assert done.code == 2
    (line,) = done.err.splitlines()
    assert line.startswith(f"mechanisms.mine: my_file.py:grudge: {message}")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def gruge(was, news, figures): pass", "has no 'grudge', did you mean 'gruge'?"),
        ("def grudge(:\n", "my_file.py:1: invalid syntax, expected Python"),
        ("x = 1\ndef grudge()\n", "my_file.py:2: expected ':', expected Python"),
        (None, "my_file.py cannot be read (No such file or directory), expected a Python file"),
        (
            "import nowhere\ndef grudge(): pass",
            "my_file.py:1: imports 'nowhere', which is no file beside it and not installed, "
            "expected nowhere.py there",
        ),
        ("def grudge():\n    from . import x", "my_file.py:2: uses a relative import but "),
        (
            "def grudge():\n    return __file__",
            "my_file.py:2: uses __file__, expected its ",
        ),
        ("import helper\ndef grudge(): pass", "helper.py:1: invalid syntax, expected Python"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_at_the_path(
    command: Any, war: Path, code: str | None, message: str
) -> None:
    file = war.parent / "my_file.py"
    (war.parent / "helper.py").write_text("def (:")
    file.unlink() if code is None else file.write_text(code)
    done = command("check", war, "--allow-code")
    assert done.code == 2
    (line,) = done.err.splitlines()
    assert ": mechanisms.mine.path: " in line
    assert message in line


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("my_file.py:grudge", "my_file.py", "mechanisms.mine.path"),
        ("    path: my_file.py:grudge\n", "", "mine is not a built-in mechanism"),
        ("  mine:\n", "  my-own:\n", "is no name, expected small letters"),
        ("{value: 9, assumed: mine}", "9", "mechanisms.mine.per_loss.hares"),
        ("hares: {value: 9, assumed: mine}, ", "", "there is no entry for 'hares'"),
    ],
)
def test_a_wrong_block_is_told(command: Any, war: Path, old: str, new: str, message: str) -> None:
    text = war.read_text()
    assert old in text
    war.write_text(text.replace(old, new))
    done = command("check", war, "--allow-code")
    assert done.code == 2
    assert message in done.err


# --- all that decides is part of the name ------------------------------------------------------


HELPED = """
from helper import K

def grudge(was, news, figures):
    import other
    return {"term": K * news.own_loss + other.more()}
"""


@pytest.fixture
def helped(war: Path) -> Path:
    """A war with a mechanism that imports one module at once and one later, which imports both."""
    (war.parent / "helper.py").write_text("K = 0.4\n")
    (war.parent / "other.py").write_text("import helper\ndef more():\n    return helper.K\n")
    return says(war, HELPED)


def test_what_it_imports_from_beside_it_is_part_of_the_name(helped: Path) -> None:
    first = load(helped, allow_code=True)
    assert first.code.keys() == {"mine", "helper.py", "other.py"}
    assert run(helped).days["h_mine"].min() == 0.4
    (helped.parent / "helper.py").write_text("K = 4\n")
    assert content_hash(load(helped, allow_code=True)) != content_hash(first)
    assert run(helped).days["h_mine"].min() == 4.0


def test_the_kept_text_is_run_whatever_lies_there_now_or_where_one_stands(
    helped: Path, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replay elsewhere needs no file, and a file of the name where one stands is not taken."""
    monkeypatch.setattr("sim.report.drawing.FIGURES", ())
    monkeypatch.setattr("sim.report.plots.DRAWINGS", {})
    out = helped.parent / "out"
    words = ("--allow-code", "--workers", 1, "--quiet")
    assert command("run", helped, *words, "--runs", 5, "--out", out).code == 0
    (folder,) = out.iterdir()
    there = helped.parent / "there"
    there.mkdir()
    for name in ("helper.py", "other.py"):
        (helped.parent / name).unlink()
        (there / name).write_text("K = 1 / 0")
    monkeypatch.chdir(there)
    monkeypatch.syspath_prepend(there)
    told = command("replay", folder, "--run", 3, "--allow-code", "--json")
    assert told.code == 0, told.err
    assert told.json["sameness"].startswith("equal to the stored run in all")


def test_a_module_where_one_stands_is_none(
    war: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "there"
    there.mkdir()
    (there / "stranger.py").write_text("K = 1\n")
    monkeypatch.chdir(there)
    monkeypatch.syspath_prepend(there)
    says(war, "import stranger\ndef grudge(was, news, figures): return {'term': 0}\n")
    with pytest.raises(ScenarioError, match="imports 'stranger', which is no file beside it"):
        load(war, allow_code=True)
    by_the_back_door = "import importlib\nstranger = importlib.import_module('stranger')\n"
    says(war, by_the_back_door + "def grudge(was, news, figures): return {'term': 0}\n")
    with pytest.raises(CodeError, match="line 2: opens "):
        run(war)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("K = float(open('data.txt').read())\n{}", "line 1: opens data.txt, expected its numbers"),
        ("{}    open('data.txt')\n", "line 2: opens data.txt"),
        ("import numpy as np\n{}    np.loadtxt('data.txt')\n", "line 3: opens "),
        (
            "{}    try:\n        open('data.txt')\n    except Exception:\n        pass\n",
            "opens data",
        ),
        ("import os\n{}    os.system('true')\n", "line 3: reaches outside (os.system)"),
        ("import subprocess\n{}    subprocess.run(['true'])\n", "line 3: reaches outside"),
        ("import socket\n{}    socket.create_connection(('127.0.0.1', 9))\n", "reaches outside"),
    ],
)
def test_it_reads_no_file_and_reaches_nothing_outside(
    war: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.txt").write_text("0.5\n")
    body = code.format("def grudge(was, news, figures):\n") + "    return {'term': 0.0}\n"
    if code.endswith("\n{}"):
        body = code.format("def grudge(was, news, figures):\n    return {'term': 0.0}\n")
    says(war, body)
    with pytest.raises(CodeError) as error:
        run(war)
    assert told in str(error.value)
    assert "\n" not in str(error.value)
    assert (tmp_path / "data.txt").read_text() == "0.5\n"  # nobody else is watched


@pytest.mark.parametrize(
    ("before", "term"),
    [
        ("n = []", "(n.append(1) or 0.1) * len(n)"),
        ("import random", "random.random()"),
        ("import time", "1e-9 * time.perf_counter_ns()"),
        ("", "news.cost - news.cost.mean()"),
        ("", "np.arange(len(news.base))"),
    ],
)
def test_what_hangs_on_more_than_its_run_is_refused(war: Path, before: str, term: str) -> None:
    says(
        war,
        f"import numpy as np\n{before}\ndef grudge(was, news, figures):\n"
        f"    return {{'term': 0 * news.cost + {term}}}\n",
    )
    with pytest.raises(CodeError, match="called again for half of the runs it gives other"):
        run(war)


def test_nothing_it_keeps_outlives_a_war(war: Path) -> None:
    """The largest loss of all wars so far, which each question gives again at once."""
    says(
        war,
        """
        worst = {}

        def grudge(was, news, figures):
            now = float(news.days_of_war)
            worst[now] = worst.get(now, 0) or len(worst) + 1
            return {"term": 0.01 * worst[now]}
        """,
    )
    one, other = run(war), run(war)
    pd.testing.assert_frame_equal(one.runs, other.runs)
