"""The dashboard without a browser: its state, links and YAML, and the wars behind it."""

import datetime
import itertools
import json
import math
import os
import re
import shlex
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

import sim
from sim.experiment.record import Record
from sim.report.dashboard.charts import NARROW, positions_chart
from sim.report.dashboard.choices import choices_in
from sim.report.dashboard.document import (
    OWN,
    Document,
    FieldError,
    Value,
    document_of,
    messages,
    own_document,
)
from sim.report.dashboard.line import Place
from sim.report.dashboard.link import LONGEST_LINK, digest_of, link_of, state_of
from sim.report.dashboard.raid_view import map_of, needs_map, raid_chosen, raid_page, raids_of
from sim.report.dashboard.results import results_of
from sim.report.dashboard.results_view import pages_of
from sim.report.dashboard.run_processes import Failed, Job, Stopped, Workers, fight
from sim.report.dashboard.serve import ServeError, listening, offers_of
from sim.report.dashboard.settings import GROUPS, groups_of, record_odds, switches_of
from sim.report.dashboard.state import State, command_of, runs_of, seed_of
from sim.report.dashboard.text_changes import edited, with_register
from sim.report.dashboard.weighed_raid import beside_the_record
from sim.report.numbers import number
from sim.report.plots.map import draw_map
from sim.report.timeline import diary_of
from sim.scenario.errors import ScenarioError
from sim.scenario.load import load_experiment
from sim.scenario.schema import snake
from sim.scenario.shipped import shipped
from sim.scenario.stored import content_hash
from sim.scenario.text.document import LARGEST_FILE_BYTES, plain
from tests.examples import examples

OFFERS, FIRST = offers_of(None)
MINIMAL = document_of(OFFERS["minimal"])
SPIDERWEB = document_of(OFFERS["spiderweb"])
NO_RAID = document_of(OFFERS["istanbul-talks"]).scenario
UNITS = MINIMAL.text.replace(
    '{value: 0.2, assumed: "teaching example: share',
    '{value: 20, unit: percent, assumed: "teaching example: share',
).replace("value: 120, unit: km/h", "value: '2 km/min'")
"""The small war with a share in per cent and a speed with its unit in the value."""


def never() -> bool:
    return False


def silent(share: float, compiles: bool) -> None:
    pass


def len_of(record: Record) -> int:
    return len(record.runs)


@st.composite
def changes(draw: st.DrawFn, document: Document) -> dict[str, Value]:
    """Some figures moved within their ranges, some switches flipped."""
    found: dict[str, Value] = {}
    drawn = [path for path, figure in document.figures.items() if figure.is_drawn]
    for path in draw(st.lists(st.sampled_from(drawn), max_size=4, unique=True)):
        figure = document.figures[path]
        low, high = figure.low or 0.0, figure.high or 0.0
        value = min(max(round(draw(st.floats(low, high)), 9), low), high)
        found[path] = float(round(value)) if figure.is_count else value
    for path in draw(st.lists(st.sampled_from(list(document.switches)), max_size=3, unique=True)):
        found[path] = draw(st.booleans())
    return found


# --- links -------------------------------------------------------------------------------------


@given(changes(SPIDERWEB), st.integers(2, 10_000), st.integers(0, 2**62 - 1), st.data())
@examples(25)
def test_a_link_reproduces_the_state(
    changed: dict[str, Value], runs: int, seed: int, data: st.DataObject
) -> None:
    pinned = data.draw(st.none() | changes(SPIDERWEB))
    raid = data.draw(st.sampled_from(["", *SPIDERWEB.scenario.raids]))
    state = State("spiderweb", SPIDERWEB, runs, seed, changed, pinned, raid)
    link = link_of(state)
    assert state_of(link, OFFERS, FIRST) == (state, [])


def test_a_link_holds_a_scenario_of_ones_own_if_it_is_short() -> None:
    state = State(OWN, own_document(MINIMAL.text), changes={"weapons.drone.p_hit": 0.4})
    link = link_of(state)
    assert len(link) < 6000
    assert state_of(link, OFFERS, FIRST) == (state, [])


def test_a_long_scenario_of_ones_own_is_kept_under_its_digest() -> None:
    state = State(OWN, own_document(SPIDERWEB.text), changes={"minds.russia.p_win": 0.7}, runs=50)
    link = link_of(state)
    assert len(link) < 300
    assert state_of(link, OFFERS, FIRST, {digest_of(state.own_text): state.own_text}) == (state, [])
    other, wrong = state_of(link, OFFERS, "minimal")
    assert other.scenario == "minimal"
    assert "link: kept: is no longer kept here, expected the file opened again" in wrong


def test_a_text_is_ones_own_whatever_is_named_beside_it() -> None:
    changed = MINIMAL.text.replace("value: 0.5, low: 0.3", "value: 0.4, low: 0.3")
    link = link_of(State(OWN, own_document(changed)))
    for both in (f"{link}&scenario=minimal", f"scenario=minimal&{link}", f"{link}&scenario=x"):
        state, _ = state_of(both, OFFERS, FIRST)
        assert (state.scenario, state.own_text) == (OWN, changed)
        assert command_of(state, OFFERS).startswith(f"sim run {OWN} ")
        assert link_of(state) == link


def test_a_link_without_end_is_not_read() -> None:
    state, wrong = state_of("set=a=1&" * 100_000, OFFERS, "minimal")
    assert state.scenario == "minimal"
    assert wrong == [f"link: has over {LONGEST_LINK} characters, expected fewer"]


@given(
    st.text(max_size=60) | st.from_regex(r"(scenario|set|pin|runs|seed|yaml)=[a-z0-9.=_-]{0,30}")
)
def test_no_link_is_too_bad(link: str) -> None:
    state, _ = state_of(link, OFFERS, "minimal")
    assert state.document.changed(state.changes)


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("scenario=nowhere", "'nowhere' is not on offer"),
        ("runs=1", "'1' is out of bounds, expected 2 to 10,000"),
        ("runs=many", "'many' is no whole number, expected 2 to 10,000"),
        ("seed=-1", "'-1' is out of bounds"),
        ("set=weapons.drone.p_hit=9", "9 is outside the range, expected 0.3 to 0.7"),
        ("set=weapons.drone.p_hit", "is no change, expected PATH=VALUE"),
        ("set=weapons.drone.p_hit=many", "'many' is no number or switch"),
        ("set=weapons.none.p_hit=0.4", "is no figure of this scenario"),
        ("set=mechanisms.image.on=true", "mechanisms.image.on is no switch of this scenario"),
        ("pin=weapons.drone.p_hit=9", "9 is outside the range"),
        ("yaml=AAAA", "is no scenario, expected the whole link"),
        ("raid=dusk", "'dusk' is no raid of this scenario"),
        ("colour=red", "'colour' is not known"),
    ],
)
def test_what_a_link_cannot_mean_is_told_and_the_rest_kept(link: str, said: str) -> None:
    good = "scenario=minimal&set=minds.island.p_win=0.5"
    state, wrong = state_of(f"{good}&{link}", OFFERS, "minimal")
    assert len(wrong) == 1
    assert said in wrong[0]
    assert state.changes == {"minds.island.p_win": 0.5}


def test_a_bomb_in_a_link_is_not_unpacked() -> None:
    import base64
    import zlib

    bomb = base64.urlsafe_b64encode(zlib.compress(b"a" * 50_000_000)).decode().rstrip("=")
    _, wrong = state_of(f"yaml={bomb}", OFFERS, FIRST)
    assert str(LARGEST_FILE_BYTES) in wrong[0]


# --- YAML --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OFFERS)
def test_every_scenario_is_exported_whole(name: str) -> None:
    document = document_of(OFFERS[name])
    exported = document.yaml({}, "as it was")
    assert exported == f"# as it was\n{document.text}"
    lines, written = exported.splitlines()[1:], document.scenario.text.splitlines()
    assert [line for line in written if line not in lines] in ([], ["sources: sources.yaml"])


@pytest.mark.parametrize("name", OFFERS)
def test_what_is_exported_stands_alone(name: str, tmp_path: Path) -> None:
    document = document_of(OFFERS[name])
    file = tmp_path / "exported.yaml"
    file.write_text(document.yaml({}, "as it was"))
    alone = sim.load(file)
    assert content_hash(alone) == content_hash(document.scenario)
    assert alone.cited == document.scenario.cited
    assert own_document(file.read_text()).text == file.read_text()


@given(st.dictionaries(st.text(min_size=1), st.text(), min_size=1, max_size=3))
def test_a_register_is_written_into_its_scenario_as_it_is(said: dict[str, str]) -> None:
    for text in ("a: 1\nsources: s.yaml  # here\nb: 2\n", '{"sources": "s.yaml", "b": 2}'):
        data = plain(with_register(text, {"k": {"title": "T"}, **dict.fromkeys(said, said)}))
        assert data["b"] == 2
        assert data["sources"] == {"k": {"title": "T"}, **dict.fromkeys(said, said)}
    assert with_register("b: 2\n", {"k": {"title": "T"}}) == "b: 2\n"


BLOCKS = """\
# before
a: 1  # beside
weapons:
  drone:   # a drone
    speed:
      # inside: goes
      value: 2
      low: 1
    # after
    p_hit: {value: 0.5, low: 0,
            high: 1, assumed: "a } and a # in words"}  # kept
  other: {p_hit: {value: 1}, p_works: {value: 1}}
mechanisms: {cost: {on: true}}
# the end"""


def test_a_change_leaves_the_rest_of_the_text_as_it_stands() -> None:
    written = {
        "weapons.other.p_works": "0.5",
        "mechanisms.cost.on": "false",
        "weapons.drone.p_hit": "1e-07",
        "weapons.drone.speed": "90 km/h",
    }
    said = '{value: VALUE, assumed: "set by an override"}'
    figure = {
        path: said.replace("VALUE", value)
        for path, value in {**written, "weapons.drone.speed": '"90 km/h"'}.items()
    }
    wanted = BLOCKS.replace(
        "# inside: goes\n      value: 2\n      low: 1\n",
        f"# inside: goes\n      {figure['weapons.drone.speed']}\n",
    )
    wanted = wanted.replace(
        '{value: 0.5, low: 0,\n            high: 1, assumed: "a } and a # in words"}',
        figure["weapons.drone.p_hit"],
    )
    wanted = wanted.replace("p_works: {value: 1}", f"p_works: {figure['weapons.other.p_works']}")
    wanted = wanted.replace("on: true", "on: false")
    assert edited(BLOCKS, written) == wanted
    for text in (BLOCKS, BLOCKS.replace("\n", "\r\n")):
        assert plain(edited(text, written)) == plain(wanted)


@given(st.data())
@examples(25)
def test_what_is_exported_is_what_is_fought(data: st.DataObject) -> None:
    document = own_document(
        data.draw(
            st.sampled_from([MINIMAL.text, UNITS, f"\ufeff{UNITS}", UNITS.replace("\n", "\r\n")])
        )
    )
    changed = data.draw(changes(document))
    exported = own_document(document.yaml(changed, "a test")).scenario
    fought = document.changed(changed)
    assert content_hash(exported) == content_hash(fought)
    found = dict(sim.scenario.schema.figures(fought))
    for path, value in changed.items():
        if not isinstance(value, bool):
            assert found[path].value == pytest.approx(value, rel=1e-12)
            assert not found[path].is_drawn


def test_a_change_is_in_the_unit_on_the_screen_not_in_that_of_the_file() -> None:
    document = own_document(UNITS)
    assert document.figures["assets.plane.repair_cost"].value == pytest.approx(0.2)
    found = document.changed({"assets.plane.repair_cost": 0.3, "weapons.drone.speed": 90.0})
    assert found.assets["plane"].repair_cost.value == pytest.approx(0.3)
    assert found.weapons["drone"].speed.value == pytest.approx(90.0)


# --- one's own scenario ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no mapping"),
        ("- a", "is no mapping"),
        ("a: [", "expected YAML"),
        ("a: &x 1\nb: *x", "anchors and aliases are not read"),
        ("a: !!python/object/apply:os.system [ls]", "is not read"),
        ("x: " + "a" * LARGEST_FILE_BYTES, "has over 1000000 bytes"),
        (f"sources: ../secret.yaml\n{MINIMAL.text}", "sources: names a file"),
        (f"sources: /etc/passwd\n{MINIMAL.text}", "sources: names a file"),
        (
            MINIMAL.text.replace("  rally:", "  mine: {on: true, path: 'mine.py:act'}\n  rally:"),
            "mechanisms.mine.path: names code, which is not run from here",
        ),
        (
            MINIMAL.text.replace("  rally:", "  mine: {on: false, path: 'mine.py:act'}\n  rally:"),
            "mechanisms.mine.path: names code, which is not run from here",
        ),
        (MINIMAL.text.replace("p_hit: {value: 0.5", "p_hit: {value: 5"), "weapons.drone.p_hit"),
    ],
)
def test_what_cannot_be_used_is_told_in_words(text: str, said: str) -> None:
    with pytest.raises(ScenarioError) as error:
        own_document(text)
    lines = messages(error.value.problems)
    assert any(said in line for line in lines), lines
    assert not any("/tmp" in line for line in lines)


def test_a_scenario_of_ones_own_finds_the_register_of_the_house() -> None:
    assert own_document(SPIDERWEB.scenario.text).scenario == SPIDERWEB.scenario


# --- fields ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "written", "said"),
    [
        ("weapons.drone.p_hit", "abc", "'abc' is no number, expected one such as 0.5"),
        ("weapons.drone.p_hit", "", "'' is no number"),
        ("weapons.drone.p_hit", "nan", "'nan' is no number"),
        ("weapons.drone.p_hit", "1e999", "'1e999' is no number"),
        ("weapons.drone.p_hit", "0.71", "0.71 is outside the range, expected 0.3 to 0.7"),
        ("sites.airfield.defence.gun.count", "2.5", "2.5 is no whole number, expected a count"),
        ("weapons.drone.speed", "-3", "out of bounds, expected a number from 1 to 100000"),
        ("weapons.drone.colour", "1", "is no figure of this scenario"),
    ],
)
def test_bad_input_is_told_at_its_field(path: str, written: str, said: str) -> None:
    with pytest.raises(FieldError, match=re.escape(said)):
        MINIMAL.accept(path, written, {})


@pytest.mark.parametrize(
    ("path", "written", "value"),
    [
        ("weapons.drone.p_hit", " 0.7 ", 0.7),
        ("weapons.drone.speed", "1e2", 100.0),
        ("sites.airfield.defence.gun.count", "4", 4.0),
    ],
)
def test_good_input_is_taken(path: str, written: str, value: float) -> None:
    assert MINIMAL.accept(path, written, {}) == value


def test_runs_and_seeds_have_bounds() -> None:
    assert runs_of("1,000") == 1000
    assert seed_of("0") == 0
    assert runs_of("0" * 27 + "200") == 200
    for read, bad in (
        (runs_of, "0"), (runs_of, "10001"), (seed_of, "1.5"), (seed_of, "²"),
        (runs_of, "0" * 21 + "200000000"), (runs_of, "0" * 27 + "200000000"),
        (runs_of, "0" * 5000 + "2"), (seed_of, "9" * 5000), (runs_of, "1" + "0" * 30),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"out of bounds|no whole number"):
            read(bad)


def test_every_figure_but_what_was_observed_can_be_moved() -> None:
    for file in OFFERS.values():
        document = document_of(file)
        rows = [row for group in groups_of(document) for row in group["rows"]]
        paths = {path for path, _ in sim.scenario.schema.figures(document.scenario)}
        assert {row["path"] for row in rows} == {
            path for path in paths if path.split(".")[0] in GROUPS
        }
        assert {path.split(".")[0] for path in paths} <= {
            *GROUPS,
            "history",
            "reported",
            "polls",
            "discrepancy",
        }
        assert all(row["from"] for row in rows)
        for row in rows:
            if row["step"]:
                assert 0 < row["step"] <= row["high"] - row["low"]
    assert [one["name"] for one in switches_of(MINIMAL)] == ["cost", "rally"]
    assert [one["odds"] for one in switches_of(MINIMAL)] == ["", ""]


def test_a_switch_says_what_the_record_makes_of_its_odds() -> None:
    """Those of the shipped experiment of theories, of its scenario alone."""
    times = load_experiment("theories").odds.times
    told = record_odds("spiderweb")
    assert told == {name: f"×{value:.2g}" for name, value in times.items()}
    assert record_odds("minimal") == {}


# --- the wars are those of the library ---------------------------------------------------------

FRAMES = ("runs", "raids", "losses", "defence", "meetings", "fans")


@pytest.mark.parametrize("runs", [200, 620])
def test_the_wars_are_those_of_sim_run(runs: int) -> None:
    changed: dict[str, Value] = {"weapons.drone.p_hit": 0.65, "mechanisms.rally.on": True}
    theirs = sim.run(sim.load("minimal", MINIMAL.overrides(changed)), runs, seed=3, workers=1)
    ours = fight(Job(MINIMAL.changed(changed), 3, runs), silent, never)
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(ours, name), getattr(theirs, name))


def test_the_command_shown_is_the_same_scenario(tmp_path: Path) -> None:
    state = State(
        "minimal", MINIMAL, changes={"weapons.drone.speed": 90.0, "mechanisms.cost.on": False}
    )
    command, file, *options = shlex.split(command_of(state, OFFERS))[1:]
    assert command == "run"
    overrides = [b for a, b in itertools.pairwise(options) if a == "--set"]
    ours = state.document.changed(state.changes)
    assert content_hash(sim.load(file, overrides)) == content_hash(ours)
    other = tmp_path / "minimal.yaml"
    other.write_text(MINIMAL.text)
    offers, first = offers_of(other)
    assert f"run {other}" in command_of(State(first, document_of(other)), offers)


def asleep(record: Record) -> None:
    time.sleep(60)


def hungry(record: Record) -> int:
    return len(bytearray(4 * 1024**3))


def test_a_question_has_a_bound_on_its_time(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.report.dashboard.run_processes.MOST_S", 1)
    with pytest.raises(Failed, match="stopped after 1 s, expected fewer wars or a terminal"):
        workers.do(Job(MINIMAL.scenario, 1, 5, then=asleep), silent, never)
    monkeypatch.undo()
    assert workers.do(Job(MINIMAL.scenario, 1, 5, then=len_of), silent, never) == 5


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps such an account")
def test_a_question_has_a_bound_on_its_memory(workers: Workers) -> None:
    with pytest.raises(Failed, match=r"it takes over 2\.1 GB, expected fewer wars or a terminal"):
        workers.do(Job(MINIMAL.scenario, 1, 5, then=hungry), silent, never)
    assert workers.do(Job(MINIMAL.scenario, 1, 5, then=len_of), silent, never) == 5


def test_wars_tell_how_far_they_are_and_stop() -> None:
    told_shares: list[float] = []
    fight(Job(MINIMAL.scenario, 1, 5), lambda share, _: told_shares.append(share), never)
    assert told_shares == pytest.approx([day / 10 for day in range(1, 11)])
    with pytest.raises(Stopped):
        fight(Job(MINIMAL.scenario, 1, 5), silent, lambda: True)


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    workers = Workers(1)
    yield workers
    workers.end()


def test_worker_processes_fight_stop_and_are_replaced(workers: Workers) -> None:
    job = Job(MINIMAL.scenario, 1, 40)
    ours = workers.do(job, silent, never)
    assert workers.do(job._replace(then=len_of), silent, never) == 40
    pd.testing.assert_frame_equal(ours.runs, sim.run(MINIMAL.scenario, 40, workers=1).runs)

    stop = threading.Event()
    long = Job(SPIDERWEB.scenario, 1, 10_000)
    started = time.monotonic()
    with pytest.raises(Stopped):
        workers.do(long, lambda share, _: stop.set(), stop.is_set)
    assert time.monotonic() - started < 15

    (worker,) = workers._all
    pid = worker._process.pid
    assert pid is not None

    def kill(share: float, compiles: bool) -> None:
        os.kill(pid, signal.SIGKILL)

    with pytest.raises(Failed, match="the worker process died"):
        workers.do(long, kill, never)
    assert len(workers.do(job, silent, never).runs) == 40
    assert workers._all[0]._process.pid != pid


def test_who_waits_for_a_worker_can_stop_waiting(workers: Workers) -> None:
    held = workers._line.take(Place(), never)
    stop = threading.Event()
    stop.set()
    try:
        with pytest.raises(Stopped):
            workers.do(Job(MINIMAL.scenario, 1, 5), silent, stop.is_set)
    finally:
        workers._line.put_back(held)


# --- what is shown -----------------------------------------------------------------------------


class _Tags(HTMLParser):
    """Counts what is open; void tags aside."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.seen.add(tag)


def tags(html: str) -> set[str]:
    parser = _Tags()
    parser.feed(html)
    parser.close()
    assert not parser.open
    return parser.seen


def shown(html: str, outcome: str, cell: str) -> str:
    row = re.search(rf'data-outcome="{re.escape(outcome)}">(.*?)</tr>', html)
    assert row
    found = re.search(rf'class="{cell}[^"]*">(.*?)<', row[1])
    assert found
    return found[1]


@pytest.mark.parametrize("name", OFFERS)
def test_every_scenario_has_an_answer_on_the_page(name: str) -> None:
    scenario = document_of(OFFERS[name]).scenario
    now = results_of(fight(Job(scenario, 1, 12), silent, never))
    raids = [raid_page(now, raid["name"]) for raid in raids_of(now)]
    for html in (*pages_of(now, None), *pages_of(now, now), *raids):
        assert tags(html) <= {
            "section", "h2", "h3", "p", "ul", "li", "span", "div", "svg", "path", "line", "text",
            "rect", "title", "table", "caption", "thead", "tbody", "tr", "th", "td", "details",
            "summary", "b", "img", "h4",
        }  # fmt: skip
        assert "nan" not in re.sub(r"<[^>]*>|[a-z]*nan[a-z]+|[a-z]+nan", "", html)
    assert (positions_chart(now.record, None, NARROW) == "") == (scenario.talks is None)


def test_the_numbers_on_the_page_are_those_of_the_record() -> None:
    record = sim.run(MINIMAL.scenario, 100, seed=2, workers=1)
    then = sim.run(MINIMAL.changed({"weapons.drone.p_hit": 0.3}), 100, seed=2, workers=1)
    html = pages_of(results_of(record), results_of(then)).above
    for outcome, unit in (("dawn_planes_hit", ""), ("dawn_lost_usd", "USD"), ("z_end", "share")):
        ours, theirs = record.runs[outcome], then.runs[outcome]
        assert shown(html, outcome, "now").startswith(number(ours.median(), unit))
        assert shown(html, outcome, "pinned").startswith(number(theirs.median(), unit))
        mean = shown(html, outcome, "change").lstrip("+−")
        assert mean.startswith(number(abs((ours - theirs).mean()), unit))
    deals = record.runs["deal_day"].notna().mean()
    assert shown(html, "deal", "now").startswith(f"{100 * deals:.1f} ")


def test_the_raid_stands_beside_its_chances_given_the_record() -> None:
    """These wars' shares are those of their columns, the others those of the shipped weighing."""
    record = sim.run(SPIDERWEB.scenario, 40, seed=1, workers=1)
    now, folder = results_of(record), shipped("results") / "weighing"
    beside = beside_the_record(now)
    assert beside is not None
    runs = record.runs[record.runs["spiders_web_flown"] > 0]
    moved = {
        of: runs[f"{of}_after_spiders_web"] - runs[f"{of}_before_spiders_web"]
        for of in ("r_u", "r_d", "z")
    }
    harder = {of: moved[of] > beside.region for of in ("r_u", "r_d")}
    shares = (harder["r_u"], harder["r_d"], harder["r_u"] & harder["r_d"], moved["z"] < -0.005)
    here = [float(row.here.split()[0]) for row in beside.rows]
    np.testing.assert_allclose(here, [100.0 * share.mean() for share in shares], atol=0.051)
    both = json.loads((folder / "answer.json").read_text())["headline"]
    table = pd.read_csv(folder / "headline.csv").query('moment == "the raid\'s day"')
    table = table.set_index(["law", "of"])["harder"]
    for law in ("after", "before"):
        day = table[law]
        wanted = [day["r_u"], day["r_d"], both[law]["both"]["value"], day["z"]]
        told = [float(getattr(row, law).split()[0]) for row in beside.rows]
        np.testing.assert_allclose(told, 100.0 * np.array(wanted), atol=0.51)
    assert "given the record" in pages_of(now, None).above
    assert beside_the_record(results_of(fight(Job(MINIMAL.scenario, 1, 4), silent, never))) is None


def test_no_word_of_a_scenario_becomes_a_tag() -> None:
    evil = '<script>alert(1)</script><img src=x onerror="alert(2)">'
    text = MINIMAL.text
    for old in ("The raid at dawn", "Mainland", "A small war", "What does the raid cost"):
        text = text.replace(old, f"'{evil}'" if old != "What does the raid cost" else old)
    text = text.replace("title: 'A small war'", "title: x").replace(
        f"title: '{evil}' with one raid and one meeting", f"title: '{evil}'"
    )
    text = text.replace("name: minimal", "name: evil")
    scenario = own_document(text).scenario
    now = results_of(fight(Job(scenario, 1, 12), silent, never))
    for html in (*pages_of(now, now), raid_page(now, "dawn")):
        assert "script" not in tags(html)
        assert html.count("<img") == html.count("data:image/png;base64,")


def test_each_raid_has_its_map_losses_and_fates() -> None:
    record = sim.run(SPIDERWEB.scenario, 60, seed=1, workers=1)
    answer = results_of(record)
    names = [raid["name"] for raid in raids_of(answer)]
    assert names == ["spiders-web", "massive-assault", "reprisal"]
    assert raid_chosen(answer, "") == "spiders-web"
    for name in names:
        assert '<p class="map note">The map comes' in raid_page(answer, name)
        answer.maps[name] = map_of(answer, name)
        page = raid_page(answer, name)
        raid = SPIDERWEB.scenario.raids[name]
        picture = draw_map(record, name)
        assert picture is not None
        assert f'alt="{escape(picture.description)}"' in page
        sites = {site for wave in raid.waves.values() for site in wave.at}
        for site in sites:
            title = escape(SPIDERWEB.scenario.sites[site].title)
            assert page.count(f'<span class="name">{title}</span>') == 1
        rows = record.raids[record.raids["raid"] == name]
        flown = len(rows[["run", "day"]].drop_duplicates())
        shot_down = f"{rows['shot_down'].sum() / flown:.1f}".removesuffix(".0")
        assert f"shot down {shot_down}</li>" in page
        reports = [
            r for r in SPIDERWEB.scenario.reported.values() if r.outcome.startswith(snake(name))
        ]
        assert page.count('<span class="verdict">') == len(reports)


def test_a_raid_that_no_war_has_is_said_not_to_fly() -> None:
    calm = SPIDERWEB.changed({"sides.russia.retaliation.p_answers": 0.0})
    answer = results_of(fight(Job(calm, 1, 12), silent, never))
    assert not needs_map(answer, "reprisal")
    assert raids_of(answer)[-1]["title"].endswith(" (not flown)")
    assert raid_page(answer, "reprisal").strip() == (
        '<p class="note">The raid flies in none of these wars.</p>'
    )
    assert raid_page(results_of(fight(Job(NO_RAID, 1, 4), silent, never)), "") == ""


def test_a_diary_is_the_war_of_that_number() -> None:
    scenario = SPIDERWEB.scenario
    ensemble = fight(Job(scenario, 1, 8), silent, never)
    alone = fight(Job(scenario, 1, 8, only=5), silent, never)
    days = diary_of(alone)
    assert [day["date"] for day in days] == [
        (scenario.start + datetime.timedelta(k)).isoformat() for k in range(scenario.days)
    ]
    run = ensemble.runs[ensemble.runs["run"] == 5].iloc[0]
    last = days[-1]["positions"]
    for ours, theirs in (("r_u", "r_u_end"), ("r_d", "r_d_end"), ("z", "z_end")):
        assert last[ours] == run[theirs]
    raids = ensemble.raids[ensemble.raids["run"] == 5]
    for (raid, day), rows in raids.groupby(["raid", "day"]):
        line = next(e for e in days[day]["events"] if e.startswith(scenario.raids[raid].title))
        assert f": of {rows['ordered'].sum():,} sent " in line
        lost = ensemble.losses[(ensemble.losses["run"] == 5) & (ensemble.losses["raid"] == raid)]
        destroyed = lost[lost["day"] == day]["destroyed"].sum()
        assert sum(map(int, re.findall(r"(\d+) destroyed", line))) == destroyed
    meetings = ensemble.meetings[ensemble.meetings["run"] == 5]
    for _, row in meetings.iterrows():
        assert any(row["meeting"] in line for line in days[int(row["day"])]["events"])
    assert math.isfinite(sum(term[1] for day in days for term in day["terms"]))


# --- the command -------------------------------------------------------------------------------


def test_a_port_that_is_taken_gives_way_unless_it_was_asked_for() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match="cannot be listened at"):
            listening("127.0.0.1", port)
    with listening("127.0.0.1", port) as ours:
        assert ours.getsockname()[1] == port
    with listening("127.0.0.1", None) as one, listening("127.0.0.1", None) as other:
        assert 1024 < one.getsockname()[1] != other.getsockname()[1] > 1024
    with pytest.raises(ServeError, match="cannot be listened at"):
        listening("no.such.host.invalid", None)


def test_without_solara_the_command_says_what_to_install(
    command: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.cli.dashboard.find_spec", lambda name: None)
    done = command("dashboard")
    assert (done.code, done.out) == (2, "")
    assert "pip install 'raids-and-talks[dashboard]'" in done.err


def test_a_bad_scenario_serves_nothing(command: Callable[..., Any], tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("name: x\n")
    done = command("dashboard", bad, "--no-open")
    assert done.code == 2
    assert f"{bad}:1:1: " in done.err


def test_what_to_choose_is_found_by_its_scenario_and_what_is_damaged_is_left_out(
    tmp_path: Path,
) -> None:
    shutil.copytree(shipped("results") / "city-budget", tmp_path / "one")
    shutil.copytree(shipped("results") / "air-base", tmp_path / "other")
    (tmp_path / "other" / "answer.json").write_text("{}")
    found = choices_in(tmp_path)
    assert list(found) == ["city-budget"]
    (chosen,) = found["city-budget"]
    assert len(chosen.budgets) == len(chosen.pages) == 3
    assert all("do as well" in page for page in chosen.pages)
    assert set(choices_in(shipped("results"))) > set(found)
