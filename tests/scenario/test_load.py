"""Bad input: one clear line a fault, all faults of a file at once. Good input: a content hash."""

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.report.dashboard.document import own_document
from sim.scenario.errors import ScenarioError
from sim.scenario.load import load
from sim.scenario.shipped import shipped
from sim.scenario.sources import read_sources
from sim.scenario.stored import content_hash
from sim.scenario.text.document import LARGEST_FILE_BYTES, nodes
from sim.scenario.text.nodes import MOST_PARTS
from tests.examples import examples

Problems = Callable[..., tuple[Any, ...]]
Read = Callable[..., Any]


def changed(text: str, *changes: tuple[str, str]) -> str:
    """The text with the first of each old replaced by its new."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def told(problems: tuple[Any, ...]) -> list[str]:
    """The problems as `line:column: path: message`, the file's folder left out."""
    return [str(p).removeprefix(f"{p.file}:") for p in problems]


# --- one fault, one line -----------------------------------------------------------------------

FAULTS = {
    "unknown key": (
        "    p_hit: {",
        "    p_hitt: {",
        "23:5: weapons.dart.p_hitt: the key is not known, did you mean 'p_hit'?",
    ),
    "unknown key of a figure": (
        "price2024}",
        "price2024, hihg: 3}",
        "18:75: weapons.dart.unit_cost.hihg: the key is not known, did you mean 'high'?",
    ),
    "wrong unit": (
        "120, unit: km/h",
        "120, unit: km",
        "19:5: weapons.dart.speed: unit 'km' is not understood here, expected km/h or the like",
    ),
    "missing unit": (
        "120, unit: km/h",
        "120",
        "19:5: weapons.dart.speed: the unit is missing, expected unit: km/h or the like",
    ),
    "a sign that YAML keeps for itself": (
        "value: 20, unit: percent",
        "value: 20, unit: %",
        "30:36: found character '%' that cannot start any token, expected it in quotes",
    ),
    "unit given twice": (
        "120, unit: km/h",
        "120 km/h, unit: km/h",
        "19:5: weapons.dart.speed: the unit is given twice, expected it once",
    ),
    "unit where none belongs": (
        "value: 10, assumed",
        "value: 10, unit: km, assumed",
        "43:5: units.gun.magazine: unit 'km' is not understood here, expected no unit or the like",
    ),
    "low above value": (
        "low: 0.2, high: 0.7",
        "low: 0.6, high: 0.7",
        "23:5: weapons.dart.p_hit: low 0.6, value 0.5, high 0.7 are out of order, "
        "expected low <= value <= high",
    ),
    "value above high": (
        "low: 0.2, high: 0.7",
        "low: 0.2, high: 0.4",
        "23:5: weapons.dart.p_hit: low 0.2, value 0.5, high 0.4 are out of order, "
        "expected low <= value <= high",
    ),
    "one end of a range": (
        "low: 0.2, high: 0.7",
        "high: 0.7",
        "23:5: weapons.dart.p_hit: a range has two ends, expected both low and high or neither",
    ),
    "negative count": (
        "value: 6, assumed: guess}}}",
        "value: -6, assumed: guess}}}",
        "51:22: sites.north.assets.plane.count: value -6 is out of bounds, "
        "expected a number from 0 to 1e+07",
    ),
    "half a thing": (
        "value: 6, assumed: guess}}}",
        "value: 6.5, assumed: guess}}}",
        "51:22: sites.north.assets.plane.count: value 6.5 is not a whole number, expected a count",
    ),
    "chance above 1": (
        "value: 0.9, low: 0.8, high: 1,",
        "value: 1.9,",
        "20:5: weapons.dart.p_works: value 1.9 is out of bounds, expected a number from 0 to 1",
    ),
    "not a number": (
        "value: 0.5, low: 0.2",
        "value: .nan, low: 0.2",
        "23:5: weapons.dart.p_hit: value nan is out of bounds, expected a number from 0 to 1",
    ),
    "a switch for a number": (
        "value: 0.5, low: 0.2",
        "value: true, low: 0.2",
        "23:5: weapons.dart.p_hit: True is not a number, expected one such as 0.3",
    ),
    "a word for a number": (
        "{value: 4, unit: km",
        "{value: far, unit: km",
        "36:5: units.gun.range: 'far' is not a number, expected one such as '45 km'",
    ),
    "neither source nor assumed": (
        "unit: km/h, assumed: guess",
        "unit: km/h",
        "19:5: weapons.dart.speed: a figure must say where it comes from, "
        "expected source: KEY or assumed: WHY",
    ),
    "a position from nowhere": (
        "lon: 37.0, assumed: made up",
        "lon: 37.0",
        "50:5: sites.north.position: a position must say where it comes from, "
        "expected source: KEY or assumed: WHY",
    ),
    "bare value": (
        "{value: 0.5, low: 0.2, high: 0.7, source: field2025}",
        "0.5",
        "23:5: weapons.dart.p_hit: 0.5 is a bare value, expected a figure "
        "with value: and source: KEY or assumed: WHY",
    ),
    "unknown source": (
        "high: 0.7, source: field2025",
        "high: 0.7, source: feild2025",
        "23:5: weapons.dart.p_hit: source 'feild2025' is not in the register of sources, "
        "did you mean 'field2025'?",
    ),
    "unknown weapon": (
        "weapon: dart",
        "weapon: drat",
        "67:15: raids.dawn.waves.first.weapon: 'drat' is not in weapons, did you mean 'dart'?",
    ),
    "unknown site": (
        "[north, south]",
        "[north, soth]",
        "67:77: raids.dawn.waves.first.at.1: 'soth' is not in sites, did you mean 'south'?",
    ),
    "unknown side": (
        "by: hares",
        "by: hare",
        "63:5: raids.dawn.by: 'hare' is not in sides, did you mean 'hares'?",
    ),
    "unknown unit": (
        "defence: {gun:",
        "defence: {gnu:",
        "52:15: sites.north.defence.gnu: 'gnu' is not in units, did you mean 'gun'?",
    ),
    "raid before the campaign": (
        "date: 2025-01-05",
        "date: 2024-12-31",
        "64:5: raids.dawn.date: 2024-12-31 is outside the campaign, "
        "expected a date from 2025-01-01 to 2025-01-10",
    ),
    "meeting after the campaign": (
        "after: 2025-01-07",
        "after: 2025-01-11",
        "111:34: talks.meetings.after: 2025-01-11 is outside the campaign, "
        "expected a date from 2025-01-01 to 2025-01-10",
    ),
    "key twice": (
        "question: What",
        "title: Again\nquestion: What",
        "4:1: title: the key stands twice (first in line 3), expected it once",
    ),
    "not YAML": (
        "role: favourite}",
        "role: favourite",
        "15:8: did not find ',' or '}', expected YAML",
    ),
    "list of keys": (
        "name: tiny",
        "name: tiny\n? [a, b]\n: tiny",
        "3:3: a key must be a plain word",
    ),
    "no switch": (
        "on: true",
        "on: perhaps",
        "103:5: mechanisms.cost.on: 'perhaps' is no switch, expected true or false",
    ),
    "no block": (
        "{title: Bears, role: favourite}",
        "Bears",
        "14:3: sides.bears: 'Bears' is no block, expected keys followed by values",
    ),
    "no name": (
        "name: tiny",
        "name: Tiny War",
        "2:1: name: is no name, expected small letters, digits, '-' and '_', a letter first",
    ),
    "unknown kind": (
        "kind: shooter",
        "kind: shotter",
        "33:3: units.gun: kind is missing or not known, expected 'shooter', 'jammer'",
    ),
    "undefined alias": (
        "by: hares",
        "by: *hares",
        "63:5: raids.dawn.by: anchors and aliases are not read, expected the value written out",
    ),
    "two documents": (
        "    figure: {value: 6, source: field2025}\n",
        "    figure: {value: 6, source: field2025}\n---\nname: other\n",
        "126:1: another document begins here, expected one",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_line_with_its_place(war_text: str, problems: Problems, fault: str) -> None:
    old, new, expected = FAULTS[fault]
    assert told(problems(changed(war_text, (old, new)))) == [expected]


def test_a_line_begins_with_the_file_as_given(write: Any, war_text: str) -> None:
    path = write(changed(war_text, ("by: hares", "by: hare")))
    with pytest.raises(ScenarioError) as error:
        load(str(path))
    place = f"{path}:63:5: raids.dawn.by: "
    assert str(error.value) == place + "'hare' is not in sides, did you mean 'hares'?"


def test_all_faults_of_a_file_come_at_once(war_text: str, problems: Problems) -> None:
    text = changed(
        war_text,
        ("question: What", "title: Again\nquestion: What"),
        ("unit: km/h", "unit: kg"),
        ("max_shots: {value: 2", "max_shots: {value: -2"),
        ("by: hares", "by: hare"),
        ("date: 2025-01-05", "date: 2025-03-05"),
        ("    p_win: {value: 0.6, ", "    p_wins: {value: 0.6, "),
    )
    found = [(p.line, p.column, p.path) for p in problems(text)]
    assert sorted(found) == [
        (4, 1, "title"),
        (20, 5, "weapons.dart.speed"),
        (42, 5, "units.gun.max_shots"),
        (64, 5, "raids.dawn.by"),
        (65, 5, "raids.dawn.date"),
        (86, 3, "minds.hares.p_win"),
        (87, 5, "minds.hares.p_wins"),
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("!mine tiny", "2:1: name: the tag '!mine' is not read, expected a plain value"),
        ("!!int x", "2:1: name: 'x' cannot be read, expected a value of kind int"),
        ("&a tiny", "2:1: name: anchors and aliases are not read, expected the value written out"),
    ],
)
def test_what_cannot_be_read_is_told_once(
    war_text: str, problems: Problems, value: str, expected: str
) -> None:
    assert told(problems(changed(war_text, ("name: tiny", f"name: {value}")))) == [expected]


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("{title: Bears,", "!mine {title: Bears,", "sides.bears"),
        ("at: [north", "at: !mine [north", "raids.dawn.waves.first.at"),
        ("name: tiny", "--- !mine\nname: tiny", ""),
    ],
    ids=["block", "list", "file"],
)
def test_custom_tags_are_refused_on_anything(
    war_text: str, problems: Problems, old: str, new: str, path: str
) -> None:
    (problem, *_) = problems(changed(war_text, (old, new)))
    assert (problem.path, problem.message[:17]) == (path, "the tag '!mine' i")


@pytest.mark.parametrize("value", ['!!int ""', '!!float ""', "!!bool maybe", "!!timestamp soon"])
def test_a_standard_tag_on_what_it_cannot_hold_is_a_fault(
    war_text: str, problems: Problems, value: str
) -> None:
    found = problems(changed(war_text, ("name: tiny", f"name: {value}")))
    assert (found[0].line, found[0].column, found[0].path) == (2, 1, "name")


def test_merge_keys_are_refused(war_text: str, problems: Problems) -> None:
    text = changed(war_text, ("{title: Bears,", "{<<: {title: Bears},"))
    assert "14:11: sides.bears.<<: the key is not known" in "\n".join(told(problems(text)))


@pytest.mark.parametrize("root", ["&a\nname: tiny\n", "&a {name: tiny}", "&a [x]", "&a x"])
def test_an_anchored_file_is_refused(problems: Problems, root: str) -> None:
    assert problems(root)[0].line == 1


def test_an_alias_bomb_is_refused_before_it_goes_off(war_text: str, problems: Problems) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in pairwise("abcdefghi")
    )
    found = told(problems(war_text + bomb))
    assert found[0] == (
        "126:1: a: anchors and aliases are not read, expected the value written out"
    )
    assert all(len(line) < 200 for line in found)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: tiny", '"na\\nme": tiny'),
        ("name: tiny", '"na\\Nme": tiny'),
        ("  dart:\n    title", '  "da\\nrt":\n    title'),
        ("sources: sources.yaml", 'sources: "so\\nurces.yaml"'),
        ("weapon: dart", 'weapon: "da\\nrt"'),
        ("name: tiny", "name: !a%0Ab tiny"),
    ],
)
def test_a_fault_stays_on_one_line_whatever_the_file_says(
    war_text: str, problems: Problems, old: str, new: str
) -> None:
    for problem in problems(changed(war_text, (old, new))):
        assert len(str(problem).splitlines()) == 1


# --- files that are no scenario ----------------------------------------------------------------

NO_SCENARIOS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "1:1: the file is empty, expected a mapping of names to blocks"),
    "comments": (b"# none\n", "1:1: the file is empty, expected a mapping of names to blocks"),
    "word": (b"hello\n", "1:1: the file is no mapping, expected names followed by blocks"),
    "list": (b"- a\n- b\n", "1:1: the file is no mapping, expected names followed by blocks"),
    "not UTF-8": (
        b"name: a\ntitle: H\xe4sen\n",
        "2:1: the file is not UTF-8 text, expected YAML in UTF-8",
    ),
    "UTF-16": (
        "name: a\n".encode("utf-16"),
        "1:1: the file is not UTF-8 text, expected YAML in UTF-8",
    ),
    "binary": (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        "1:1: the file is not UTF-8 text, expected YAML in UTF-8",
    ),
    "open bracket": (
        b"name: [a\ntitle: b\n",
        "2:6: did not find ',' or ']', expected YAML",
    ),
    "half a character": (
        b'name: "a\\ud800b"\n',
        "1:11: found invalid Unicode character escape code, expected YAML",
    ),
    "tab": (
        b"name:\n\ttitle: x\n",
        "2:1: found character '\\t' that cannot start any token, expected YAML",
    ),
    "deep": (
        b"name: " + b"[" * 2000,
        "1:1: the nesting is too deep, expected at most 40 levels",
    ),
}


@pytest.mark.parametrize("kind", NO_SCENARIOS)
def test_a_file_that_is_no_scenario_is_one_line(problems: Problems, kind: str) -> None:
    content, expected = NO_SCENARIOS[kind]
    assert told(problems(content)) == [expected]


def test_control_characters_are_refused(problems: Problems) -> None:
    (problem,) = problems(b"name: a\0b\n")
    assert (problem.line, problem.column) == (1, 8)
    assert problem.message == "the character '\\x00' is not allowed, expected text"


def test_nesting_ends_at_forty_levels(problems: Problems) -> None:
    found = problems("name: " + "[" * 60 + "]" * 60)
    assert (found[0].line, found[0].column) == (1, 47)
    assert found[0].message == "nesting is too deep, expected at most 40 levels"


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as stream:
        stream.truncate(100_000_000)
    with pytest.raises(ScenarioError) as error:
        load(path)
    expected = f"{path}: has over {LARGEST_FILE_BYTES} bytes, expected fewer"
    assert str(error.value) == expected


def test_a_folder_and_a_missing_file_are_told_from_each_other(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as error:
        load(tmp_path)
    assert str(error.value) == f"{tmp_path}: is a folder, expected a file"
    path = tmp_path / "none.yaml"
    with pytest.raises(ScenarioError) as error:
        load(path)
    expected = f"{path}: cannot be read (No such file or directory), expected a YAML file"
    assert str(error.value) == expected


def test_a_byte_order_mark_does_no_harm(war_text: str, read: Read) -> None:
    assert read(b"\xef\xbb\xbf" + war_text.encode()).name == "tiny"


@pytest.mark.parametrize("name", ["none.yaml", ".", '"a\\0b"'])
def test_a_register_that_cannot_be_read_is_a_fault(
    war_text: str, problems: Problems, name: str
) -> None:
    text = changed(war_text, ("sources: sources.yaml", f"sources: {name}"))
    assert re.search("expected a (YAML )?file", problems(text)[0].message)


# --- what the schema asks for ------------------------------------------------------------------


def test_a_war_has_two_sides(war_text: str, problems: Problems) -> None:
    text = changed(war_text, ("  bears: {title: Bears, role: favourite}\n", ""))
    text = re.sub(r"  bears:\n(    .*\n)+", "", text.replace("side: bears", "side: hares"))
    text = text.replace(", bears: {value: 0, assumed: guess}", "")
    text = text.replace(", bears: {value: 1, assumed: guess}", "")
    assert [(p.line, p.column, p.path) for p in problems(text)] == [(8, 1, "sides")]


def test_two_underdogs_are_refused(war_text: str, problems: Problems) -> None:
    text = changed(war_text, ("role: favourite", "role: underdog"))
    expected = ["1:1: sides need one role: underdog and one role: favourite"]
    assert told(problems(text)) == expected


def test_an_end_before_the_start_is_told(war_text: str, problems: Problems) -> None:
    text = changed(war_text, ("end: 2025-01-10", "end: 2024-01-10"))
    assert any("end is not after start" in line for line in told(problems(text)))


EVERYTHING = (Path(__file__).parents[1] / "everything.yaml").read_text()
DATES = list(re.finditer(r"(?<!/)\b\d{4}-\d{2}-\d{2}\b(?!/)", EVERYTHING))
"""Those that stand alone: a period of two is a key, and no value."""


@pytest.mark.parametrize("written", ["1736035200", "true", "2025-01-05T00:00:00", '"20250105"'])
def test_every_date_is_year_month_day(problems: Problems, written: str) -> None:
    """Under each key that takes one: a number of seconds is a slip, and a moment is no day."""
    text = EVERYTHING
    for date in reversed(DATES):
        text = text[: date.start()] + written + text[date.end() :]
    found = problems(text)
    assert [str(problem) for problem in found if "YYYY-MM-DD" not in str(problem)] == []
    lines = [EVERYTHING[: date.start()].count("\n") + 1 for date in DATES]
    assert len(lines) > 10
    assert sorted(problem.line for problem in found) == lines


@pytest.mark.parametrize(
    "written",
    ["20250105", "5", "1.5", "soon", "[]", "2025-01", '"1736035200"', "2025-02-30", "2025-W01-5"],
)
def test_what_is_no_date_is_refused(problems: Problems, written: str) -> None:
    (found,) = problems(overrides=[f"raids.dawn.date={written}"])
    assert "YYYY-MM-DD" in found.message


@pytest.mark.parametrize("what", ["nights", "polls"])
@pytest.mark.parametrize("written", ["5", "20250105", "2025-02-30", "2025-01-05T00:00", "soon"])
def test_a_date_on_the_command_line_is_no_other(
    command: Callable[..., Any], what: str, written: str
) -> None:
    told = command("validate", what, "some.csv", "--train-until", written)
    assert told.code == 2
    assert "is no date, expected YYYY-MM-DD" in told.err


def test_a_start_that_is_no_date_does_not_pass(problems: Problems) -> None:
    """It once switched off every check of a date."""
    (found,) = problems(overrides=["start=2025-01-01T00:00:00", "raids.dawn.date=2052-01-05"])
    assert found.message == "'2025-01-01T00:00:00' is no date, expected YYYY-MM-DD"


@pytest.mark.parametrize(
    ("date", "is_read"),
    [("2025-06-04", True), ("2025-06", True), ("2025", True), ("5", False), ("true", False),
     ("1736035200", False), ("2025-06-04T10:00:00", False), ("2025-13", False), ("soon", False)],
)  # fmt: skip
def test_a_source_has_a_date_a_month_or_a_year(tmp_path: Path, date: str, is_read: bool) -> None:
    register = tmp_path / "sources.yaml"
    register.write_text(f"field2025: {{title: A report, date: {date}}}\n")
    if is_read:
        assert read_sources(register)
        return
    with pytest.raises(ScenarioError, match="date: is no date, expected YYYY-MM-DD, YYYY-MM or"):
        read_sources(register)


def test_dates_in_quotes_are_dates(war_text: str, problems: Problems) -> None:
    text = changed(
        war_text,
        ("start: 2025-01-01", 'start: "2025-01-01"'),
        ("end: 2025-01-10", 'end: "2025-01-10"'),
        ("date: 2025-01-05", 'date: "2025-02-05"'),
    )
    expected = (
        "64:5: raids.dawn.date: 2025-02-05 is outside the campaign, "
        "expected a date from 2025-01-01 to 2025-01-10"
    )
    assert told(problems(text)) == [expected]


@pytest.mark.parametrize("name", ["gun", "jammer", "shooter", "covert"])
def test_a_thing_may_have_any_name(war_text: str, problems: Problems, name: str) -> None:
    text = changed(war_text, ("  gun:\n", f"  {name}:\n"), ("{gun: {", f"{{{name}: {{"))
    text = changed(text, ("unit: km,", "unit: kg,"))
    expected = (
        f"36:5: units.{name}.range: unit 'kg' is not understood here, expected km or the like"
    )
    assert told(problems(text)) == [expected]


def test_a_range_may_end_at_zero(war_text: str, read: Read) -> None:
    text = changed(
        war_text, ("value: 0.01, low: -0.02, high: 0.06", "value: -0.01, low: -0.02, high: 0")
    )
    figure = read(text).mechanisms.rally.per_surprise
    assert (figure.low, figure.value, figure.high) == (-0.02, -0.01, 0.0)


def test_a_range_has_finite_ends(war_text: str, problems: Problems) -> None:
    text = changed(
        war_text, ("{value: 60, unit: 1/h", "{value: 60, low: 20, high: .inf, unit: 1/h")
    )
    assert problems(text)[0].path == "units.gun.detection_rate"


# --- overrides ---------------------------------------------------------------------------------


def test_an_override_drops_the_range_and_keeps_the_unit(read: Read) -> None:
    figure = read(overrides=["weapons.dart.unit_cost=3"]).weapons["dart"].unit_cost
    assert (figure.value, figure.low, figure.high, figure.law) == (3000.0, None, None, None)
    assert (figure.unit, figure.sources) == ("USD", ())
    assert figure.assumed == "set by an override"


def test_an_override_drops_the_law_with_the_range(read: Read) -> None:
    figure = read(overrides=["assets.plane.value=5"]).assets["plane"].value
    assert (figure.value, figure.low, figure.law) == (5e6, None, None)


def test_an_override_keeps_a_unit_written_in_the_value(war_text: str, read: Read) -> None:
    text = changed(war_text, ("{value: 120, unit: km/h,", "{value: 120 km/h,"))
    assert read(text, ["weapons.dart.speed=90"]).weapons["dart"].speed.value == 90.0


@pytest.mark.parametrize(
    ("override", "minutes"), [("2 h", 120.0), ("30 s", 0.5), ("'2 min'", 2.0), ("12", 0.2)]
)
def test_an_override_may_bring_its_own_unit(read: Read, override: str, minutes: float) -> None:
    figure = read(overrides=[f"units.gun.reaction={override}"]).units["gun"].reaction
    assert figure.value == pytest.approx(minutes, rel=1e-12)


def test_an_override_turns_a_switch(read: Read) -> None:
    assert read().mechanisms.switched_on == ("cost",)
    turned = read(overrides=["mechanisms.rally.on=true", "mechanisms.cost.on=false"])
    assert turned.mechanisms.switched_on == ("rally",)


def test_an_override_changes_words_and_dates(read: Read) -> None:
    war = read(overrides=["raids.dawn.date=2025-01-09", "title=Another war"])
    assert (war.day_of(war.raids["dawn"].date), war.title) == (8, "Another war")


def test_the_last_override_of_a_path_counts(read: Read) -> None:
    war = read(overrides=["weapons.dart.p_hit=0.1", "weapons.dart.p_hit=0.2"])
    assert war.weapons["dart"].p_hit.value == 0.2
    assert war.overrides == ("weapons.dart.p_hit=0.1", "weapons.dart.p_hit=0.2")


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        (
            "weapons.drat.p_hit=0.3",
            "weapons.drat.p_hit: no 'drat' in weapons, did you mean 'dart'?",
        ),
        (
            "weapons.dart.p_hti=0.3",
            "weapons.dart.p_hti: the key is not known, did you mean 'p_hit'?",
        ),
        (
            "mechanisms.rallly.on=true",
            "mechanisms.rallly.on: no 'rallly' in mechanisms, did you mean 'rally'?",
        ),
        (
            "weapons.dart.p_hit=2",
            "weapons.dart.p_hit: value 2 is out of bounds, expected a number from 0 to 1",
        ),
        (
            "weapons.dart.p_hit=much",
            "weapons.dart.p_hit: 'much' is not a number, expected one such as 0.3",
        ),
        (
            "units.gun.reaction=2 km",
            "units.gun.reaction: unit 'km' is not understood here, expected min or the like",
        ),
        (
            "mechanisms.rally.on=2",
            "mechanisms.rally.on: 2 is no switch, expected true or false",
        ),
        (
            "weapons.dart.p_hit={",
            "weapons.dart.p_hit: did not find node content, expected YAML",
        ),
        ("weapons.dart.p_hit", "expected PATH=VALUE"),
        ("=3", "expected PATH=VALUE"),
    ],
)
def test_a_wrong_override_is_one_line(problems: Problems, override: str, expected: str) -> None:
    assert [str(p) for p in problems(overrides=[override])] == [
        f"overrides: {override}: {expected}"
    ]


def test_wrong_overrides_come_with_the_faults_of_the_file(
    war_text: str, problems: Problems
) -> None:
    text = changed(war_text, ("by: hares", "by: hare"))
    found = problems(text, ["weapons.drat.p_hit=1", "front.rungs=-1"])
    assert {p.path for p in found} == {"weapons.drat.p_hit", "front.rungs", "raids.dawn.by"}


def test_a_newline_in_an_override_stays_on_one_line(problems: Problems) -> None:
    for problem in problems(overrides=["weapons.da\nrt.p_hit=0.3", "weapons.dart.p_hit=0\n.3"]):
        assert len(str(problem).splitlines()) == 1


# --- parts that contradict each other ----------------------------------------------------------

EVERYTHING = (Path(__file__).parents[1] / "everything.yaml").read_text()


def text_with(old: str, new: str) -> str:
    return changed(EVERYTHING, (old, new))


CONTRADICTIONS = {
    "raids.dawn.waves.first.at": (
        text_with(
            "at: [north], launch_from: wood, launch", "at: [town], launch_from: wood, launch"
        ),
        "'town' is the raider's own, expected an enemy's site",
    ),
    "raids.dawn.waves.first.launch_from": (
        text_with("launch_from: wood, launch", "launch_from: den, launch"),
        "'den' is the enemy's, expected one of hares",
    ),
    "raids.dawn.waves.first.decoys": (
        text_with("decoys: {weapon: dummy", "decoys: {weapon: dart"),
        "'dart' is no decoy, expected a weapon with decoy: true",
    ),
    "raids.dawn.waves.second.budget": (
        text_with(
            "weapon: dart, budget: {value: 20, unit: kUSD",
            "weapon: dart, budget: {value: 1e12, unit: USD",
        ),
        "may buy 10,000,000 drones or more, expected less or a dearer weapon",
    ),
    "raids.dawn": (
        text_with("count: {value: 20, low: 10, high: 30", "count: {value: 3000000"),
        "has 6,000,048 drones times units of defence, channels, assets and carriers, "
        "expected at most 2,000,000",
    ),
    "sides.hares.tempo.raid": (
        text_with("tempo: {raid: dusk", "tempo: {raid: answer"),
        "'answer' is the enemy's raid, expected one by hares",
    ),
    "sides.bears.retaliation.raid": (
        text_with("retaliation: {raid: answer", "retaliation: {raid: dusk"),
        "'dusk' is the enemy's raid, expected one by bears",
    ),
    "raids.da-wn": (
        text_with("  dusk:\n", "  da-wn: &x\n")
        .replace("&x", "")
        .replace("raid: dusk", "raid: da-wn")
        .replace("  dawn:\n", "  da_wn:\n")
        .replace("focus: dawn", "focus: da_wn"),
        "gives the column 'da_wn_flown', as raids.da_wn does, expected another name",
    ),
    "reports.hares.leader": (
        text_with(
            "leader: {truth: {value: 1, assumed: guess}",
            "leader: {truth: {value: 0, assumed: guess}",
        ),
        "all weights may be 0, expected one that is above 0 over its whole range",
    ),
    "talks.meetings.after": (
        text_with("after: 2025-01-07", "after: 2025-01-03"),
        "2025-01-03 has two meetings, expected one a day",
    ),
    "front.start": (
        text_with("start: {value: 5, assumed", "start: {value: 5, low: 2, high: 11, assumed"),
        "may be above rungs, expected a rung of the ladder",
    ),
    "polls.asked.waves.1": (
        text_with("{date: 2025-01-09, soft", "{date: 2025-01-02, soft"),
        "2025-01-02 is not after the wave before, expected waves by date",
    ),
    "polls.asked.waves.0": (
        text_with(
            "soft: {value: 0.2, assumed: guess}, hard",
            "soft: {value: 0.5, assumed: guess}, hard",
        ),
        "soft and hard are more than 1 together, expected at most 1",
    ),
    "polls.asked.patterns.shock.first": (
        text_with("first: 2025-01-02, last", "first: 2025-01-04, last"),
        "2025-01-04 is no wave of 'asked', expected one",
    ),
    "polls.asked.patterns.shock": (
        text_with("first: 2025-01-02, last: 2025-01-09", "first: 2025-01-09, last: 2025-01-02"),
        "first is not before last, expected a change from first to last",
    ),
}


@pytest.mark.parametrize("path", CONTRADICTIONS)
def test_a_contradiction_is_told_where_it_stands(problems: Problems, path: str) -> None:
    text, message = CONTRADICTIONS[path]
    assert (path, message) in {(p.path, p.message) for p in problems(text)}


@pytest.mark.parametrize("part", ["discrepancy", "publics"])
def test_polls_stand_without_what_only_a_fit_of_publics_needs(read: Read, part: str) -> None:
    assert read(EVERYTHING, without=[part]).polls


def test_without_leaves_a_part_out(read: Read) -> None:
    war = read(without=["raids.dawn", "talks"])
    assert (war.raids, war.talks) == ({}, None)
    assert war.overrides == ("without raids.dawn", "without talks")


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (
            "raids.dwan",
            "without: raids.dwan: raids.dwan: no 'dwan' in raids, did you mean 'dawn'?",
        ),
        ("", "without: no '' in the scenario, expected a path of the scenario"),
    ],
)
def test_a_wrong_part_to_leave_out_is_one_line(
    problems: Problems, part: str, expected: str
) -> None:
    assert [str(p) for p in problems(without=[part])] == [expected]


# --- the content hash --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: tiny\n", "# another comment\n\nname:    tiny # here too\n"),
        ("{title: Bears, role: favourite}", "{role: 'favourite', title: \"Bears\"}"),
        (
            "  bears: {title: Bears, role: favourite}\n",
            "  bears:\n    title: Bears\n    role: favourite\n",
        ),
        ("{value: 0.5, low: 0.2, high: 0.7,", "{high: 0.70, value: .5, low: 2.0e-1,"),
        (
            "{value: 2, low: 1, high: 4, unit: kUSD,",
            "{unit: USD, value: 2000, low: 1000, high: 4000,",
        ),
        ("name: tiny\ntitle: A tiny war\n", "title: A tiny war\nname: tiny\n"),
    ],
    ids=["comments", "quotes", "style", "figure order", "unit", "key order"],
)
def test_the_hash_does_not_see_how_a_scenario_is_written(
    war_text: str, read: Read, old: str, new: str
) -> None:
    assert content_hash(read(changed(war_text, (old, new)))) == content_hash(read())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("value: 0.5, low: 0.2", "value: 0.51, low: 0.2"),
        ("low: 0.2, high: 0.7", "low: 0.2000000000001, high: 0.7"),
        ("law: lognormal", "law: uniform"),
        ("unit: kUSD", "unit: USD"),
        ("on: false", "on: true"),
        ("date: 2025-01-05", "date: 2025-01-06"),
        ("[north, south]", "[south, north]"),
        ("lat: 51.0", "lat: 51.1"),
        ("assumed: the reference", "assumed: another reason"),
        (
            "role: favourite}",
            "role: favourite, air_defence: {alert_lasts: {value: 1 day, assumed: x}}}",
        ),
    ],
)
def test_the_hash_sees_every_value(war_text: str, read: Read, old: str, new: str) -> None:
    assert content_hash(read(changed(war_text, (old, new)))) != content_hash(read())


def test_the_hash_sees_overrides_and_what_else_decides(read: Read) -> None:
    war, changed_war = read(), read(overrides=["weapons.dart.p_destroy=0.41"])
    hashes = {content_hash(war), content_hash(changed_war), content_hash(war, 1, 2)}
    assert len(hashes | {content_hash(war, 2, 1), content_hash(war, 12)}) == 5


# --- anything at all ---------------------------------------------------------------------------

_JUNK = (
    *"[]{}:,-?|>'\"%@`#&*!~\t\n\0\x07\x85\u2028\ufeff\ud7ff",
    *("&a", "*a", "&a ", "!t ", "!!int ", "!!float ", "!!bool ", "!!set ", "!!binary ", "!<x> "),
    *("<<", "---\n", "...\n", "%YAML 1.1\n", "null", "true", ".inf", "-.inf", ".nan", "1e999"),
    *("-1", "0", "0x1F", "1_0", "1:30", "2025-13-01", "2024-02-29", "2025-01-01T00:00:00Z"),
    *('"\\0"', '"\\n"', '"\\ud800"', "''", "hares", "jammer", "value", "km**9", "1/1", "9" * 400),
    *("  ", "- ", ": ", " #", "? "),
)


@st.composite
def mutations(draw: st.DrawFn, text: str) -> bytes:
    """The text with a few tokens, lines or bytes deleted, doubled, swapped or made junk."""
    for _ in range(draw(st.integers(1, 3))):
        grain = draw(st.sampled_from(("tokens", "lines", "characters")))
        parts = {
            "tokens": lambda text: re.split(r"(\s+|[{}\[\],]|: ?)", text),
            "lines": lambda text: text.splitlines(keepends=True),
            "characters": list,
        }[grain](text)
        at = draw(st.integers(0, max(0, len(parts) - 1)))
        until = at + draw(st.sampled_from((1, 1, 1, 2, 5, 40)))
        what = draw(st.sampled_from(("delete", "double", "junk", "insert", "swap")))
        if what == "delete":
            parts[at:until] = []
        elif what == "double":
            parts[at:at] = parts[at:until]
        elif what == "junk":
            parts[at:until] = [draw(st.sampled_from(_JUNK))]
        elif what == "insert":
            parts[at:at] = [draw(st.sampled_from(_JUNK))]
        else:
            other = draw(st.integers(0, max(0, len(parts) - 1)))
            parts[at:until] = parts[other : other + 1]
        text = "".join(parts)
    raw = bytearray(text.encode("utf-8", "surrogatepass"))
    for place in draw(st.lists(st.integers(0, max(0, len(raw) - 1)), max_size=1)):
        if raw:
            raw[place] = draw(st.integers(0, 255))
    return bytes(raw)


def check_anything(path: Path, content: bytes) -> None:
    """Whatever the file holds: a scenario, or problems of one line each."""
    path.write_bytes(content)
    try:
        load(path)
        return
    except ScenarioError as error:
        problems = error.problems
    assert problems
    for problem in problems:
        assert problem.message
        assert len(str(problem).splitlines()) == 1


@examples(300, derandomize=True)
@given(data=st.data())
def test_anything_is_a_scenario_or_a_list_of_faults(
    tmp_path_factory: pytest.TempPathFactory, war_text: str, data: st.DataObject
) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / "sources.yaml").write_text("field2025: {title: A}\nprice2024: {title: B}\n")
    check_anything(folder / "anything.yaml", data.draw(mutations(war_text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\n" * 600, "has over 1,000 parts, expected fewer"),
        ("a: [" + "{}," * 1100 + "]", "has over 1,000 parts, expected fewer"),
        ("a: " + "[" * 300, "the nesting is too deep, expected at most 40 levels"),
        ("".join(f"{' ' * k}a:\n" for k in range(300)), "the nesting is too deep, expected"),
        ("!" * 200_001, "has a line of over 200,000 characters, expected shorter"),
        ("a: " + "[" * 300_000, "has a line of over 200,000 characters, expected shorter"),
        ("*" * 190_000, "did not find alphabetic or numeric character, expected YAML"),
    ],
)
def test_what_would_take_minutes_to_read_is_one_short_line(problems, monkeypatch, text, expected):
    """The library's time grows with the square of some lines, and 5,000 parts take a second."""
    monkeypatch.setattr("sim.scenario.text.nodes.MOST_PARTS", 1000)
    with pytest.raises(ScenarioError) as asked:
        own_document(text)  # the dashboard, in whose process a stranger's text is read
    for found in (problems(text), asked.value.problems):
        assert len(found) == 1
        assert expected in found[0].message
        assert len(str(found[0])) < 500


def test_all_that_comes_along_has_far_fewer_parts_than_a_file_may_have(monkeypatch):
    monkeypatch.setattr("sim.scenario.text.nodes.MOST_PARTS", MOST_PARTS // 4)
    for file in shipped("scenarios").glob("*.yaml"):
        nodes.__wrapped__(file.read_text(encoding="utf-8"))
