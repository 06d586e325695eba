"""The same on any machine: encodings, settings and fonts of the user, the calendar's end."""

import ast
import dataclasses
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim
from sim.cli import streams
from sim.render.document import Section
from sim.render.terminal import print_sections
from tests.conftest import Outcome

ROOT = Path(__file__).parents[2]
C_LOCALE = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


def called(*arguments, folder, **environment):
    """A call of `sim` in an environment, its output as bytes of Latin-1: nothing is undecodable."""
    command = [sys.executable, "-m", "sim.cli", *map(str, arguments)]
    done = subprocess.run(
        command,
        capture_output=True, encoding="latin-1", timeout=120, cwd=folder,
        env=os.environ | environment,
    )  # fmt: skip
    return Outcome(done.returncode, done.stdout, done.stderr)


# --- encodings ---------------------------------------------------------------------------------


@pytest.fixture
def foreign(write, war_text, tiny):
    """A war with words in Cyrillic and signs that ASCII does not have, where `tiny` was."""
    text = war_text.replace("title: A tiny war", "title: Мир ± 😀")
    return write(text.replace("value: 0.1, assumed: guess", "value: 0.1, assumed: 1 ± Мир"))


@pytest.mark.parametrize(
    ("environment", "shown"),
    [
        ({"PYTHONIOENCODING": "ascii"}, "assumed: 1 +- ???"),
        (C_LOCALE, "assumed: 1 +- ???"),
        ({"PYTHONIOENCODING": "cp1252"}, "assumed: 1 ± ???"),
        ({"PYTHONIOENCODING": "utf-8"}, "assumed: 1 ± Мир".encode().decode("latin-1")),
    ],
    ids=["ascii", "C", "cp1252", "utf-8"],
)
def test_what_a_stream_cannot_show_is_replaced(foreign, tmp_path, environment, shown):
    done = called("check", foreign, folder=tmp_path, **environment)
    assert (done.code, done.err) == (0, "")
    assert shown in done.out
    wrong = called("check", foreign, "--set", "front.p_move=Мир", folder=tmp_path, **environment)
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err.count("\n") == 1
    assert "Traceback" not in wrong.err


def test_a_closed_standard_output_is_no_fault(foreign):
    line = f"'{sys.executable}' -m sim.cli check '{foreign}' >&-"
    done = subprocess.run(line, shell=True, capture_output=True, encoding="utf-8", timeout=120)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
@pytest.mark.parametrize("line", ["--help", "check '{}'"])
def test_a_full_standard_output_is_told_in_one_line(foreign, line):
    command = f"'{sys.executable}' -m sim.cli {line.format(foreign)} >/dev/full"
    done = subprocess.run(command, shell=True, capture_output=True, encoding="utf-8", timeout=120)
    assert done.returncode == 2
    assert re.fullmatch(r"standard output: cannot be written \(.*\), expected .*\n", done.stderr)


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
def test_a_narrow_terminal_cuts_no_number_off(monkeypatch, capsys, columns):
    """Rows are folded where they do not fit; every word of every cell is there."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    cells = ("Operation of some length", "15 ±5 (7 to 30.8)", "$941 M ±$242 M", "a claim")
    print_sections("Title", [Section("Table", [], ("what", "model", "cost", "by"), [cells])])
    shown = re.sub(r"\x1b\[\d*m", "", capsys.readouterr().out)
    assert max(map(len, shown.splitlines())) <= columns
    assert "…" not in shown
    for word in " ".join(cells).split():
        assert word in shown


@pytest.mark.thorough
def test_what_is_written_does_not_depend_on_the_locale(foreign, tiny, tmp_path):
    """Tables, pictures, their words and the report are the same bytes in UTF-8 and in C."""
    sim.run(tiny, 1, workers=1)  # so that the raid is compiled and nothing is said of it
    made = []
    for name, environment in (("utf-8", {"PYTHONUTF8": "1"}), ("ascii", C_LOCALE)):
        out = tmp_path / name
        arguments = ("--runs", 5, "--workers", 1, "--quiet", "--out", out)
        done = called("run", foreign, *arguments, folder=tmp_path, **environment)
        assert done == (0, "", "")
        (folder,) = out.iterdir()
        done = called("report", folder, folder=tmp_path, **environment)
        assert (done.code, done.err) == (0, "")
        made.append({f.relative_to(out): f.read_bytes() for f in out.rglob("*") if f.is_file()})
    one, other = made
    assert set(one) == set(other)
    assert {str(f.name) for f in one if one[f] != other[f]} <= {"manifest.json"}  # says when
    (page,) = (other[file] for file in other if file.name == "report.html")
    assert "1 ± Мир".encode() in page


@given(st.text(), st.sampled_from(["ascii", "cp1252", "koi8-r", "shift_jis", "utf-8"]))
def test_no_text_stops_a_stream(text, encoding):
    streams.replace_unprintable()
    shown = text.encode(encoding, errors="sim.plain").decode(encoding)
    if all(can_show(sign, encoding) for sign in text):
        assert shown == text.encode(encoding).decode(encoding)
    else:
        assert set(shown) <= set(text) | set("?+-.x<>='\" \\~")  # Shift JIS has two of its own


def can_show(sign, encoding):
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


_WRITES_TEXT = ("read_text", "write_text", "open", "fdopen", "NamedTemporaryFile", "TextIOWrapper")
_RUNS = ("run", "Popen", "check_output")


def speechless(file):
    """The lines of a file where text is read or written in whatever encoding the locale has."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        owner = getattr(getattr(node.func, "value", None), "id", "")
        words = {word.arg for word in node.keywords}
        modes = [a.value for a in node.args if isinstance(a, ast.Constant)]
        is_binary = any(re.fullmatch("[rwax+]+b[+]?", str(mode)) for mode in modes)
        is_named = "encoding" in words or "utf-8" in modes or is_binary
        if name in _WRITES_TEXT and owner not in ("os", "webbrowser") and not is_named:
            yield node.lineno
        if name in _RUNS and {"text", "universal_newlines"} & words and not is_named:
            yield node.lineno


@pytest.mark.parametrize("folder", ["sim", "docs"])
def test_whatever_reads_or_writes_text_names_its_encoding(folder):
    wrong = [f"{f}:{line}" for f in (ROOT / folder).rglob("*.py") for line in speechless(f)]
    assert wrong == []


def test_a_call_that_leaves_its_encoding_to_the_locale_is_seen(tmp_path):
    file = tmp_path / "wrong.py"
    file.write_text(
        'a.read_text()\nopen("b")\nb.write_text("x")\nsubprocess.run(c, text=True)\n'
        'a.read_text("utf-8")\nopen("b", "rb")\nb.write_text("x", encoding="utf-8")\n',
        encoding="utf-8",
    )
    assert list(speechless(file)) == [1, 2, 3, 4]


# --- pictures ----------------------------------------------------------------------------------

DRAW = """
import sys
from pathlib import Path
import sim
from sim.report.plots.run.positions import draw_positions
draw_positions(sim.run(sim.load(sys.argv[1]), 20, workers=1)).write_to(Path(sys.argv[2]), "made")
"""
SETTINGS = """\
nonsense.key: 1
font.family: serif
lines.linewidth: 9
timezone: Asia/Tokyo
date.epoch: 0001-01-01T00:00:00
axes.facecolor: red
backend: nosuch
"""


def drawn(war, folder, name, **environment):
    """The bytes of a picture drawn in a process of its own, which says nothing."""
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", DRAW, str(war), str(folder / name)],
        capture_output=True, encoding="utf-8", timeout=120, cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return {file.name: file.read_bytes() for file in (folder / name).iterdir()}


def test_pictures_do_not_depend_on_the_settings_of_the_user(write, war_text, tiny, tmp_path):
    sim.run(tiny, 20, workers=1)
    war = write(war_text)
    plain = drawn(war, tmp_path, "plain")
    (tmp_path / "matplotlibrc").write_text(SETTINGS, encoding="utf-8")
    styles = tmp_path / "config" / "stylelib"
    styles.mkdir(parents=True)
    (styles / "default.mplstyle").write_bytes(b"# \xff\nlines.linewidth: 9\n")
    settings = {"MPLBACKEND": "nosuch", "MPLCONFIGDIR": str(styles.parent)}
    assert drawn(war, tmp_path, "set", **settings) == plain


def test_settings_that_are_no_text_are_told_in_one_line(write, war_text, tiny, tmp_path, process):
    sim.run(tiny, 5, workers=1)
    (tmp_path / "matplotlibrc").write_bytes(b"# \xff\n")
    done = process("run", write(war_text), "--runs", 5, "--workers", 1)
    assert done.code == 2
    assert "Answer" in done.out, "only the pictures need matplotlib"
    assert done.err.startswith("the settings of matplotlib cannot be read (")
    assert done.err.count("\n") == 1


def test_a_backend_that_is_there_is_left_to_the_user():
    code = "import sim.report.plots, matplotlib; print(matplotlib.rcParams['backend'])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=120,
        env=os.environ | {"MPLBACKEND": "svg", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout.strip().lower() == "svg", done.stderr


def test_pictures_do_not_depend_on_the_fonts_of_the_user(tiny, tmp_path):
    """One that calls itself as matplotlib's own does, and is another, is not taken."""
    from matplotlib import font_manager

    from sim.report.plots.lettering import width_of
    from sim.report.plots.run.positions import draw_positions

    record = sim.run(tiny, 20, workers=1)
    before = draw_positions(record).as_png(50)
    manager = font_manager.fontManager
    was = list(manager.ttflist)
    serif = next(entry for entry in was if entry.name == "DejaVu Serif")
    manager.ttflist[:] = [
        dataclasses.replace(entry, fname=serif.fname) if entry.name == "DejaVu Sans" else entry
        for entry in was
    ]
    clear = getattr(type(manager)._findfont_cached, "cache_clear", None)
    if clear is not None:
        clear()
    width_of.cache_clear()
    try:
        assert draw_positions(record).as_png(50) == before
    finally:
        manager.ttflist[:] = was
        if clear is not None:
            clear()
        width_of.cache_clear()


@pytest.mark.usefixtures("sketched")
def test_letters_that_the_font_does_not_have_are_drawn_in_silence(read, war_text, tmp_path):
    from sim.report.plots import draw_all
    from sim.report.plots.lettering import width_of

    text = war_text
    for title in ("A tiny war", "Hares", "Bears", "Dawn", "North", "South", "Plane", "Dart"):
        text = text.replace(f"title: {title}", f"title: {title} 😀 战争 ไทย")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        width_of("😀 战争 ไทย")
        assert draw_all(sim.run(read(text), 20, workers=1), tmp_path)


@pytest.fixture
def last_days(read, war_text):
    """The tiny war in the last days of the calendar."""
    return read(moved(war_text, "9999-12", 21))


def moved(text, month, days):
    for day in range(31, 0, -1):
        text = text.replace(f"2025-01-{day:02d}", f"{month}-{day + days:02d}")
    return text


@pytest.mark.usefixtures("sketched")
def test_a_campaign_may_end_with_the_calendar(last_days, write, war_text, tmp_path, command):
    from sim.experiment.contrast import Contrast
    from sim.report.plots import draw_all
    from sim.report.plots.analysis.effects import draw_effects

    assert str(last_days.end) == "9999-12-31"
    record = sim.run(last_days, 20, workers=1, with_days=True)
    assert draw_all(record, tmp_path)
    assert draw_effects(Contrast(record, record), "nothing", []).as_png(30)
    war = write(moved(war_text, "9999-12", 21))
    arguments = ("--runs", 20, "--workers", 1, "--out", tmp_path / "out")
    folder = command("run", war, *arguments, "--json").json["folder"]
    assert command("report", folder).code == 0
    assert command("replay", folder).code == 0
    assert command("compare", war, "--without", "raids.dawn", "--runs", 20).code == 0
