"""The page of a replay: whole without its script, its animation true to tables and log."""

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import test_plots_images
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from test_plots import check_texts
from test_plots_images import MOST_CHANGED, MOST_OFF, differences, small
from test_report import check_page

from sim.experiment.execution.runner import run_into
from sim.experiment.replay import Replay, replay
from sim.experiment.storage.store import Store
from sim.raid.arrays import FATES, THROUGH
from sim.render.document import Document, Section, kinds_of
from sim.report.plots.map.countries import countries
from sim.report.plots.picture import Picture
from sim.report.plots.run.course import draw_course
from sim.report.plots.run.timeline import MOST_ROWS, draw_timeline
from sim.report.replay.animation import Animation, animation_of, places_at_end
from sim.report.replay.base_map import WIDTH, BaseMap, base_map_of
from sim.report.replay.flown_raid import NEVER_FLEW, FlownRaid, raids_in
from sim.report.replay.meetings import between, protocol_of
from sim.report.replay.packages import Table
from sim.report.replay.page import MOST_DRAWN, as_page, document_of
from sim.report.replay.panels import MIDDLE
from sim.report.replay.player import player_of
from sim.report.replay.positions import in_words
from sim.report.replay.symbols import SYMBOLS
from sim.report.timeline import timeline as events_of
from sim.rules import bargaining, hardening
from sim.rules.geometry import distance_km
from sim.scenario.load import load
from tests.examples import examples

KEPT = Path(__file__).parents[1] / "golden" / "replay"
CASES = {"minimal": 3, "spiderweb": 5, "deep-strike": 0, "india-pakistan": 5}
"""Scenarios, and the run of each that is looked at: direct, covert, made up, seen close up."""


def fought(folder: Path, name: str, run: int = 0, overrides: tuple[str, ...] = ()) -> Replay:
    """A run of a few of a shipped scenario again."""
    store = Store(folder, load(name, overrides), 6, 1, False)
    run_into(store, 1)
    return replay(store.folder, run)


@pytest.fixture(scope="module")
def fights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Replay]:
    folder = tmp_path_factory.mktemp("fought")
    return {name: fought(folder, name, run) for name, run in CASES.items()}


@pytest.fixture(scope="module")
def pages(fights: dict[str, Replay]) -> dict[str, str]:
    return {name: as_page(fight) for name, fight in fights.items()}


@pytest.fixture(params=CASES)
def fight(request: pytest.FixtureRequest, fights: dict[str, Replay]) -> Replay:
    found: Replay = fights[request.param]
    return found


def animated(fight: Replay) -> list[tuple[FlownRaid, BaseMap, Animation]]:
    raids = [(flown, base_map_of(flown)) for flown in raids_in(fight)]
    return [(flown, base, animation_of(flown, base)) for flown, base in raids]


def sections_of(document: Document) -> list[Section]:
    return [section for part in document.parts for section in part.sections]


# --- the page ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_a_page_is_whole_without_its_script(
    name: str, fights: dict[str, Replay], pages: dict[str, str]
) -> None:
    text, fight = pages[name], fights[name]
    check_page(re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL))
    assert fight.sameness in text
    assert f"run {fight.run}" in text
    assert len(text) < 2_000_000
    for flown in raids_in(fight):
        assert f"{flown.date.day} {flown.date:%B %Y}: " in text
    counted = [
        (state, int(n)) for state, n in
        re.findall(r'<li data-state="(\w+)">.*?<b>(\d+)</b>', text, re.DOTALL)
    ]  # fmt: skip
    for fate, n in fight.drones["fate"].value_counts().items():
        assert sum(k for state, k in counted if state == fate) == n
    assert not any(k for state, k in counted if state not in FATES)


def test_the_countries_of_the_sides_are_tinted_and_told(
    fights: dict[str, Replay], pages: dict[str, str]
) -> None:
    for name, fight in fights.items():
        tinted = {role for role in ("underdog", "favourite") if f'"land {role}"' in pages[name]}
        sides = fight.record.scenario.sides.values()
        told = {side.role for side in sides if f"{side.title} is " in pages[name]}
        assert tinted == told
        judged = "within internationally recognised borders" in pages[name]
        assert judged == bool(tinted)
    assert 'class="land underdog"' in pages["spiderweb"]
    assert "Ukraine is yellow. Russia is beige." in pages["spiderweb"]
    assert 'class="land underdog"' not in pages["minimal"]


def test_a_covert_raid_shows_the_country_that_flies_it(fights: dict[str, Replay]) -> None:
    for flown, base, _ in animated(fights["spiderweb"]):
        if not flown.is_direct:
            x, y = base.at(countries()["Ukraine"].points).T
            assert min(x.min(), y.min()) >= 0.0
            assert x.max() <= WIDTH
            assert y.max() <= base.height


def test_the_same_replay_makes_the_same_page(
    fights: dict[str, Replay], pages: dict[str, str]
) -> None:
    assert as_page(fights["minimal"]) == pages["minimal"]


def test_words_of_a_scenario_cannot_become_code(fights: dict[str, Replay]) -> None:
    fight = fights["minimal"]
    evil = "</script><img src=x onerror=alert(1)>"
    scenario = fight.record.scenario
    sites = {k: site.model_copy(update={"title": evil}) for k, site in scenario.sites.items()}
    changed = scenario.model_copy(update={"title": evil, "sites": sites})
    record = dataclasses.replace(fight.record, scenario=changed)
    text = as_page(dataclasses.replace(fight, record=record))
    assert "<img" not in text
    assert text.count("</script>") == 2  # the animation's, and the page's own


def test_of_many_raids_those_that_hit_most_are_drawn(fights: dict[str, Replay]) -> None:
    fight = fights["minimal"]
    days = range(MOST_DRAWN + 2)
    drones = pd.concat([fight.drones.assign(day=day) for day in days])
    weak = drones["day"].isin([0, 3]) & drones["fate"].isin(["damaged_target", "destroyed_target"])
    drones.loc[weak, "fate"] = "missed"
    events = pd.concat([fight.events.assign(day=day) for day in days])
    document = document_of(dataclasses.replace(fight, drones=drones, events=events))
    played = [part.heading for part in document.parts if len(part.figures) == 2]
    assert [heading.split()[0] for heading in played] == ["2", "3", "5", "6", "7", "8", "9", "10"]
    (others,) = [part for part in document.parts if part.heading == "The other raids"]
    assert [row[0] for row in others.sections[0].rows] == ["1 Jan 2025", "4 Jan 2025"]
    assert document.answer[0].startswith("10 raids were flown: of 400 sent")


def test_a_war_without_raids_is_told_too(tmp_path: Path) -> None:
    document = document_of(fought(tmp_path, "istanbul-talks"))
    assert document.answer[0] == "No raid was flown."
    assert sum(part.heading.startswith("Talks") for part in document.parts) == 3


def test_a_war_without_talks_is_told_too(fights: dict[str, Replay]) -> None:
    document = document_of(fights["deep-strike"])
    assert document.answer[1] == "Nobody talks in this scenario."
    assert not any(part.heading.startswith("Talks") for part in document.parts)


# --- the event log -----------------------------------------------------------------------------


def test_the_event_log_is_summed_up_whole(fight: Replay) -> None:
    document = document_of(fight)
    sums = [s for s in sections_of(document) if s.heading.startswith("What happened to the drones")]
    raids = list(raids_in(fight))
    assert len(sums) == len(raids)
    for section, flown in zip(sums, raids, strict=True):
        assert sum(int(row[1].replace(",", "")) for row in section.rows) == len(flown.events)
        for row in section.rows:
            assert float(row[2]) <= float(row[3])
            parts = [int(cell.replace(",", "")) for cell in row[4:]]
            assert not parts or sum(parts) == int(row[1].replace(",", ""))
    did = [s for s in sections_of(document) if s.heading == "What the defence did"]
    stopped = sum(int(row[k].replace(",", "")) for s in did for row in s.rows for k in (-1, -2))
    assert stopped == fight.drones["fate"].isin(["jammed", "shot_down"]).sum()
    rounds = sum(int(row[3].replace(",", "")) for s in did for row in s.rows)
    assert rounds == fight.events["rounds"].sum()


def test_events_are_told_at_their_minute(fight: Replay) -> None:
    tables = sections_of(document_of(fight))
    ends = [s for s in tables if s.heading.startswith("First and last events")]
    sums = [s for s in tables if s.heading.startswith("What happened to the drones")]
    for flown, told, summed in zip(raids_in(fight), ends, sums, strict=True):
        events = flown.events[flown.events["what"] != "launched"]
        assert told.rows[0][0] == f"{events['minute'].iloc[0]:.1f}"
        assert told.rows[-1][0] == f"{events['minute'].iloc[-1]:.1f}"
        assert f"drone {events['drone'].iloc[-1]} (" in told.rows[-1][1]
        rows = {row[0]: row for row in summed.rows}
        started = flown.events.loc[flown.events["what"] == "launched", "minute"]
        assert rows["launched"][2:4] == (f"{started.min():.1f}", f"{started.max():.1f}")


# --- the animation -----------------------------------------------------------------------------


def test_drones_are_seen_when_the_log_says_so_and_end_with_their_fate(fight: Replay) -> None:
    for flown, _, animation in animated(fight):
        rows = animation.drones.iloc[: animation.count]
        first = flown.events[flown.events["what"] == "seen"].groupby("drone")["minute"].min()
        seen = first.reindex(flown.drones["drone"]).to_numpy()
        assert rows["seen"].to_numpy() == pytest.approx(seen, nan_ok=True)
        for ours, theirs in (("starts", "launched_min"), ("ends", "ended_min")):
            assert rows[ours].to_numpy() == pytest.approx(flown.drones[theirs].to_numpy())


def test_the_end_of_an_animation_shows_every_drone_once_a_picture(fight: Replay) -> None:
    for flown, _, animation in animated(fight):
        places, svg = places_at_end(animation), player_of(flown).svg
        fates = flown.drones["fate"].value_counts()
        whole = 0 if flown.is_direct else None
        for k, fate in enumerate(FATES):
            on_map = len(places.get((0, k), []))
            on_panels = sum(len(at) for (view, f), at in places.items() if view and f == k)
            n = fates.get(fate, 0)
            assert on_map == (n if whole == 0 else 0)
            seen_closely = flown.drones["site"].isin(animation.panels)
            assert on_panels == (seen_closely & (flown.drones["fate"] == fate)).sum()
            drawn = re.findall(rf'data-state="{fate}" d="([^"]*)"', svg)
            assert [path.count("M") for path in drawn] == [
                len(places.get((view, k), [])) for view in range(1 + len(animation.panels))
            ]
        assert animation.count == len(flown.drones)


def test_drones_fly_from_where_they_start_to_their_site(fight: Replay) -> None:
    for flown, base, animation in animated(fight):
        scenario = flown.scenario
        for row, drone in zip(animation.drones.to_dict("records"), flown.drones.to_dict("records"),
                              strict=False):  # fmt: skip
            view, way = animation.tracks[row["track"]]
            site = scenario.sites[drone["site"]].position
            if not flown.is_direct:
                assert animation.panels[view - 1] == drone["site"]
                assert way[-1] == pytest.approx([MIDDLE, MIDDLE])
                continue
            area = scenario.launch_areas[flown.area_of(drone["wave"])].position
            ends = base.at(np.array([[area.lon, area.lat], [site.lon, site.lat]]))
            assert way[[0, -1]] == pytest.approx(ends, abs=0.01)
            assert drone["leg_km"] == pytest.approx(
                distance_km(area.lat, area.lon, site.lat, site.lon)
            )


def test_a_panel_is_to_scale(fights: dict[str, Replay]) -> None:
    """A drone starts as many circles of the defence away as its leg has reaches."""
    for name in ("spiderweb", "india-pakistan"):
        for flown, _, animation in animated(fights[name]):
            _, *views = player_of(flown).svg.split('<svg class="view"')
            for k, site in enumerate(animation.panels):
                ways = [way for view, way in animation.tracks if view == 1 + k]
                legs = flown.drones.loc[flown.drones["site"] == site, "leg_km"].unique()
                away = {round(float(np.hypot(*(way[0] - way[-1]))), 3) for way in ways}
                reach_km = max(km for _, km in flown.reaches[site])
                radii = re.findall(r'class="reach \w+"[^>]* r="([\d.]+)"', views[1 + k])
                drawn = max(map(float, radii))
                for leg_km in legs:
                    wanted = leg_km / reach_km * drawn
                    tolerance = 0.01 if not flown.is_direct else 0.02
                    assert min(abs(px - wanted) for px in away) < tolerance * wanted


def test_drones_are_under_fire_from_shot_to_shots_end(fight: Replay) -> None:
    for flown, _, animation in animated(fight):
        fired = flown.events[flown.events["what"] == "fired_at"]
        assert set(animation.fires) & set(range(animation.count)) == set(fired["drone"])
        for k, minutes in animation.fires.items():
            row = animation.drones.iloc[k]
            assert len(minutes) % 2 == 0
            assert minutes == sorted(minutes)
            assert row["starts"] <= minutes[0]
            assert minutes[-1] <= row["ends"]
            if k < animation.count:
                of_drone = fired.loc[fired["drone"] == k, "minute"]
                assert minutes[0] == of_drone.min()
                pairs = list(zip(minutes[::2], minutes[1::2], strict=True))
                for minute in of_drone:
                    assert any(a <= minute <= b for a, b in pairs)


def test_those_who_never_flew_lie_where_they_would_have_started(fights: dict[str, Replay]) -> None:
    found = 0
    for fight in fights.values():
        for flown, _, animation in animated(fight):
            never = flown.drones["fate"].isin(NEVER_FLEW).to_numpy()
            rows = animation.drones.iloc[: animation.count]
            assert (rows["flies"].to_numpy()[never] == 0.0).all()
            assert (rows["flies"].to_numpy()[~never] > 0.0).all()
            arrived = flown.drones["fate"].isin(THROUGH).to_numpy()
            flights = (rows["ends"] - rows["starts"]).to_numpy()
            assert flights[arrived] == pytest.approx(rows["flies"].to_numpy()[arrived])
            assert (flights[~arrived & ~never] <= rows["flies"].to_numpy()[~arrived & ~never]).all()
            found += never.sum()
    assert found


def test_the_animation_in_the_page_is_that_of_raids(
    fights: dict[str, Replay], pages: dict[str, str]
) -> None:
    told = re.findall(r'class="animation">(.*?)</script>', pages["spiderweb"])
    animations = [animation for _, _, animation in animated(fights["spiderweb"])]
    for text, animation in zip(told, animations, strict=True):
        data = json.loads(text)
        assert data["count"] == animation.count
        assert data["ends"] == max(data["drones"]["ends"])  # or the last would never end
        for name, column in data["drones"].items():
            values = np.array(column, float)
            assert values == pytest.approx(
                animation.drones[name].to_numpy(float), abs=6e-4, nan_ok=True
            )


def test_no_two_states_look_alike() -> None:
    looks = {(mark.corners, mark.fill, mark.edge) for mark in SYMBOLS.values()}
    assert len(looks) == len(SYMBOLS)
    fates = [SYMBOLS[fate] for fate in FATES]
    assert len({mark.fill for mark in fates}) == len(fates)
    assert len({mark.corners for mark in fates}) == len(fates)


# --- the talks ---------------------------------------------------------------------------------


def changes_in(section: Section) -> np.ndarray:
    """The numbers of the table of what adds to the least, rows by columns."""
    cells = [[cell.replace("−", "-") or "nan" for cell in row[1:]] for row in section.rows]
    return np.array(cells, float)


@pytest.mark.parametrize("name", ["minimal", "spiderweb", "india-pakistan"])
def test_what_adds_to_the_least_adds_up(name: str, fights: dict[str, Replay]) -> None:
    tables = [
        section
        for part in protocol_of(fights[name])
        for section in part.sections
        if section.heading == "What makes up the least that each accepts"
    ]
    assert len(tables) == len(fights[name].record.meetings)
    bases = set()
    for table in tables:
        numbers = changes_in(table)
        terms = np.nansum(numbers[:-1], axis=0)
        assert terms == pytest.approx(numbers[-1], abs=0.0005 * len(numbers) + 1e-9)
        bases.add(tuple(numbers[0][~np.isnan(numbers[0])]))
    assert len(bases) == 1  # prospects and costs of the start are the same at every meeting


def test_who_demanded_what_and_what_came_of_it(fights: dict[str, Replay]) -> None:
    fight = fights["spiderweb"]
    parts = list(protocol_of(fight))
    assert len(parts) == 3
    for part, meeting in zip(parts, fight.record.meetings.to_dict("records"), strict=True):
        lines = " ".join(line for section in part.sections for line in section.lines)
        assert f"Ukraine demands {meeting['demand_u']:.2f} of the stakes" in lines
        assert f"would accept {meeting['r_d']:.2f}" in lines
        assert ("A ceasefire on the line begins" in lines) == bool(
            meeting["ceasefire_u"] and meeting["ceasefire_d"]
        )
        assert f"{int(meeting['prisoners_exchanged']):,} exchanged each" in lines
        assert f"It lasts {meeting['minutes']:.0f} minutes" in lines
        assert ("walks out" in lines) == bool(meeting["walked_out_u"] or meeting["walked_out_d"])
    between = parts[1].sections[0]
    assert [row[0] for row in between.rows if "Operation" in row[1]] == ["1 Jun 2025"]


@pytest.mark.parametrize("name", ["spiderweb", "india-pakistan", "minimal"])
def test_who_hardened_who_refused_and_who_walked_out(name: str, fights: dict[str, Replay]) -> None:
    record = fights[name].record
    scenario, meetings = record.scenario, record.meetings.to_dict("records")
    assert scenario.talks is not None
    sides = {"u": scenario.underdog, "d": scenario.favourite}
    titles = {letter: scenario.sides[side].title for letter, side in sides.items()}
    for k, (part, meeting) in enumerate(zip(protocol_of(fights[name]), meetings, strict=True)):
        lines = " ".join(line for section in part.sections for line in section.lines)
        before = meetings[k - 1] if k else fights[name].eve
        for letter, title in titles.items():
            moved = meeting[f"r_{letter}"] - before[f"r_{letter}"]
            if abs(moved) >= 0.001:
                way = "harder" if moved > 0.0 else "softer"
                assert f"{title}: {way} by {abs(moved):.3f} since" in lines
            if meeting[f"walked_out_{letter}"]:
                assert f"; {title} walks out." in lines
        refuse = [title for letter, title in titles.items() if not meeting[f"ceasefire_{letter}"]]
        if refuse and scenario.talks.ceasefire is not None and not meeting["agreed"]:
            assert f"{' and '.join(refuse)} refuse" in lines or "in force since" in lines


def test_what_happened_before_a_meeting_ends_with_its_own_day(fights: dict[str, Replay]) -> None:
    record = fights["minimal"].record
    scenario, happened = record.scenario, events_of(record)
    (day,) = record.raids["day"].unique()
    told = {
        (after, until): len(between(scenario, happened, {"day": after}, until).rows)
        for after, until in ((day - 1, day), (day, day + 3), (day - 3, day - 1))
    }
    assert told == {(day - 1, day): 1, (day, day + 3): 0, (day - 3, day - 1): 0}
    section = between(scenario, happened, {"day": day - 1}, day)
    assert kinds_of(section)[2] != "numbers"  # it is a sentence


def test_a_settlement_is_told_with_its_package(tmp_path: Path) -> None:
    fight = fought(tmp_path, "minimal", 0, ("minds.mainland.p_win=0.4",))
    (part,) = protocol_of(fight)
    (meeting,) = fight.record.meetings.to_dict("records")
    assert meeting["agreed"]
    lines = " ".join(line for section in part.sections for line in section.lines)
    assert f"They settle: Land at {meeting['position_land']:.2f}. The war is over." in lines
    assert "with " in lines
    assert " to spare" in lines
    (issues,) = [s for s in part.sections if s.heading == "Positions on the issues"]
    assert "agreed" in issues.columns
    assert f"{meeting['position_land']:.2f}" in issues.rows[0]
    assert "they settle on 8 January 2025" in document_of(fight).answer[1]


def test_a_meeting_that_was_not_held_says_why(tmp_path: Path) -> None:
    overrides = ("talks.patience={value: 1, assumed: a test}",)
    fight = fought(tmp_path, "istanbul-talks", 0, overrides)
    *held, missing = protocol_of(fight)
    assert len(held) == 1
    assert missing.heading == "Meetings that were not held"
    assert [line.partition(",")[0] for line in missing.sections[0].lines] == [
        "Istanbul 2",
        "Istanbul 3",
    ]
    assert "the mediator calls no more" in missing.sections[0].lines[0]


@examples(60)
@given(share=st.floats(0.0, 1.0))
def test_a_share_of_the_stakes_is_a_package_worth_it(share: float) -> None:
    for name in ("spiderweb", "india-pakistan"):
        table = Table(load(name), 1, 7)
        scale = table.best - table.worst
        of_underdog = (table.of_underdog(share) - table.worst) / scale
        assert bargaining.utility(of_underdog, table.weights[0]) == pytest.approx(share, abs=1e-9)
        left = 1.0 - (table.of_favourite(share) - table.worst) / scale
        assert bargaining.utility(left, table.weights[1]) == pytest.approx(share, abs=1e-9)


# --- the pictures ------------------------------------------------------------------------------


def made_up(sent: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Drones and events of a raid on two sites with numbers that are the same everywhere."""
    order = np.arange(sent)
    launched = (order * 0.6180339887) % 1.0 * 40.0
    ended = launched + 20.0 + (order * 0.7548776662) % 1.0 * 30.0
    fates = [FATES[k % len(FATES)] for k in order]
    drones = pd.DataFrame(
        {
            "drone": order,
            "site": np.where(order % 3 == 0, "belaya", "olenya"),
            "launched_min": launched,
            "ended_min": np.where(np.isin(fates, NEVER_FLEW), launched, ended),
            "fate": fates,
        }
    )
    flew = drones[~drones["fate"].isin(NEVER_FLEW) & (order % 2 == 0)]
    seen = pd.DataFrame(
        {"drone": flew["drone"], "minute": flew["launched_min"] + 8.0, "what": "seen"}
    )
    shots = seen.assign(minute=seen["minute"] + 4.0, what="fired_at")
    return drones, pd.concat([seen, shots])


def timeline(sent: int) -> Picture:
    return draw_timeline(load("spiderweb"), "spiders-web", *made_up(sent), "run 7, seed 1")


PICTURES: dict[str, Callable[[], Picture]] = {
    "timeline_rows": lambda: timeline(40),
    "timeline_counts": lambda: timeline(400),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_looks_as_it_did(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_plots_images, "KEPT", KEPT)
    off, changed = differences(small(PICTURES[name]()), name)
    assert off <= MOST_OFF
    assert changed <= MOST_CHANGED


def test_every_kept_picture_is_looked_at() -> None:
    assert {file.stem for file in KEPT.glob("*.png")} == set(PICTURES)


@pytest.mark.parametrize("sent", [2, 60, 400])
def test_a_timeline_tells_its_numbers_and_its_words_fit(sent: int) -> None:
    picture = timeline(sent)
    drones, _ = made_up(sent)
    hits = drones["fate"].isin(["damaged_target", "destroyed_target"]).sum()
    assert picture.title.startswith(f"Operation Spider's Web: {hits} of {sent} hit a target")
    for site, there in drones.groupby("site"):
        title = load("spiderweb").sites[str(site)].title
        assert f"{title}: {len(there)} sent" in picture.description
    assert (len(picture.axes[0].lines) > 0) == (sent * 2 / 3 <= MOST_ROWS)
    check_texts(picture, 1)


def test_the_course_of_a_war_is_drawn(fights: dict[str, Replay]) -> None:
    record = fights["spiderweb"].record
    picture = draw_course(record, "run 5, seed 1")
    assert picture is not None
    days = record.days[record.days["side"] == "russia"].sort_values("day")
    lines = [np.asarray(line.get_ydata(), float) for line in picture.axes[0].lines]
    assert any(len(y) > 2 and y[:-1] == pytest.approx(1.0 - days["r"].to_numpy()) for y in lines)
    zone = np.asarray(picture.axes[1].lines[0].get_ydata(), float)
    assert zone[:-1] == pytest.approx(days["z"].to_numpy())
    assert "Operation Spider's Web, 1 Jun" in picture.description
    assert draw_course(fights["deep-strike"].record, "run 0, seed 1") is None
    check_texts(picture, 1)


def test_each_mechanism_that_adds_a_term_is_said_in_words():
    """What is none of the house, and the gate, have a name alone."""
    said = {name for name in hardening.MECHANISMS if in_words(name) != name}
    assert said == set(hardening.MECHANISMS) - {"ripeness"}
    assert in_words("my_own") == "my own"


if __name__ == "__main__":
    KEPT.mkdir(exist_ok=True)
    for shown, draw_it in PICTURES.items():
        dots = np.rint(small(draw_it())).astype(np.uint8)
        Image.fromarray(dots).save(KEPT / f"{shown}.png", optimize=True)
