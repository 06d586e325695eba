"""The page of a replay in a real browser: it plays, and ends where the tables end."""

import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from test_replay_page import fought

from sim.experiment.replay import Replay
from sim.report.replay.flown_raid import raids_in
from sim.report.replay.page import as_page

pytestmark = pytest.mark.slow

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 400, "height": 860}
CASES = {"minimal": 3, "spiderweb": 5, "massive-assault": 2, "city-defence": 1}
FEW = [pytest.param(n, marks=[] if n == "minimal" else [pytest.mark.thorough])
       for n in CASES]  # fmt: skip
"""The smallest in make test, the larger ones in make thorough."""
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def fights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Replay]:
    folder = tmp_path_factory.mktemp("fought")
    return {name: fought(folder, name, run) for name, run in CASES.items()}


@pytest.fixture(scope="module")
def files(fights: dict[str, Replay], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    for name, fight in fights.items():
        (folder / f"{name}.html").write_text(as_page(fight), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in fights}


@pytest.fixture(scope="module")
def shots() -> Path:
    """Where pictures of the page go: a folder that is kept, to be looked at."""
    folder = Path(tempfile.gettempdir()) / "raids-and-talks-replay"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def visit(browser: Browser, files: dict[str, Path]) -> Iterator[Open]:
    """Opens a page; nothing may have gone wrong, and nothing but the file may be asked for."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []
    asked: list[str] = []

    def visit(name: str, size: dict[str, Any] = WIDE, by_hand: bool = False, **more: Any) -> Page:
        context = browser.new_context(viewport=size, **more)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        if by_hand:  # the page's clock goes on when a test says so
            page.clock.install(time=0)
            page.clock.pause_at(1000)
        page.on("pageerror", lambda problem: complaints.append(str(problem)))
        page.on("console", lambda said: complaints.append(said.text))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(files[name].as_uri())
        return page

    yield visit
    for context in contexts:
        context.close()
    assert asked
    assert all(url.startswith("file:///") for url in asked)
    assert complaints == []


def players(page: Page) -> list[Locator]:
    return page.locator("figure:has(.player)").all()


def counts(figure: Locator) -> dict[str, int]:
    """The counters below a animation, by state."""
    told = figure.locator(".counts li").evaluate_all(
        "(all) => all.map((one) => [one.dataset.state, one.querySelector('b').textContent])"
    )
    return {state: int(number) for state, number in told}


def marks(figure: Locator) -> dict[str, list[tuple[float, float]]]:
    """Where marks are, by state, on the map and the panels one after the other."""
    told = figure.locator("path.mark").evaluate_all(
        "(all) => all.map((one) => [one.dataset.state, one.getAttribute('d')])"
    )
    places: dict[str, list[tuple[float, float]]] = {}
    for state, path in told:
        found = re.findall(r"M(-?[\d.]+) (-?[\d.]+)", path)
        places.setdefault(state, []).extend((float(x), float(y)) for x, y in found)
    return places


def move_to(figure: Locator, part: float) -> None:
    """Moves the slider to a part of the raid."""
    figure.locator("input").evaluate(
        "(one, part) => { one.value = one.max * part; one.dispatchEvent(new Event('input')); }",
        part,
    )


PLAYS_MS = 24_000 / 4
"""How long a raid plays at four times the speed."""


@pytest.mark.parametrize("name", FEW)
def test_play_moves_the_drones_and_ends_at_their_fates(
    name: str, visit: Open, fights: dict[str, Replay], shots: Path
) -> None:
    page = visit(name, by_hand=True)
    raids = list(raids_in(fights[name]))
    figures = players(page)
    assert len(figures) == len(raids) > 0
    for figure in figures:
        figure.scroll_into_view_if_needed()
        figure.locator("select").select_option("4")
        figure.get_by_role("button", name="Play").click()
        page.clock.run_for(PLAYS_MS / 10)
        expect(figure.locator("output")).not_to_contain_text(re.compile(r"^0(\.0)? "))
        early = marks(figure)
        expect(figure.get_by_role("button", name="Stop")).to_be_visible()
        page.clock.run_for(PLAYS_MS / 15)
        assert marks(figure) != early
    expect(figures[-1].get_by_role("button", name="Stop")).to_be_visible()
    page.clock.run_for(PLAYS_MS)
    for figure, flown in zip(figures, raids, strict=True):
        fates = flown.drones["fate"].value_counts().to_dict()
        expect(figure.get_by_role("button", name="Play")).to_be_visible()
        told = counts(figure)
        assert {state: n for state, n in told.items() if n} == fates
    page.locator("figure").first.screenshot(path=shots / f"{name}-end.png")


@pytest.mark.parametrize("name", CASES)
def test_the_script_shows_the_end_that_stands_there_without_it(name: str, visit: Open) -> None:
    without = visit(name, java_script_enabled=False)
    assert without.locator(".player").count() == 0
    stands = [marks(figure) for figure in without.locator("figure:has(.counts)").all()]
    shown = [marks(figure) for figure in players(visit(name))]
    for one, other in zip(stands, shown, strict=True):
        for state, places in one.items():
            assert len(places) == len(other[state])
            for a, b in zip(places, other[state], strict=True):
                assert a == pytest.approx(b, abs=0.5)


def test_at_any_minute_the_counters_say_what_the_log_says(
    visit: Open, fights: dict[str, Replay], shots: Path
) -> None:
    page = visit("massive-assault")
    flown = next(raids_in(fights["massive-assault"]))
    figure, drones = players(page)[0], flown.drones
    for part in (0.1, 0.4, 0.7):
        move_to(figure, part)
        minute = part * float(drones["ended_min"].max())
        told = counts(figure)
        ended = drones[drones["ended_min"] <= minute]
        wanted = ended["fate"].value_counts()
        assert {s: n for s, n in told.items() if s in wanted} == wanted.to_dict()
        in_air = (drones["launched_min"] <= minute) & (drones["ended_min"] > minute)
        assert sum(told[state] for state in ("unseen", "seen", "fire")) == in_air.sum()
        first = flown.events[flown.events["what"] == "seen"].groupby("drone")["minute"].min()
        seen = drones.loc[in_air, "drone"].map(first) <= minute
        assert told["seen"] + told["fire"] == seen.sum()
    figure.screenshot(path=shots / "massive-assault-middle.png")


def test_the_keyboard_plays_stops_and_moves(visit: Open) -> None:
    page = visit("minimal")
    (figure,) = players(page)
    clock, bar = figure.locator("output"), figure.locator(".player")
    bar.focus()
    page.keyboard.press("Home")
    expect(clock).to_contain_text("0.0 of")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    moved = float((clock.text_content() or "").split()[0])
    ends = float((clock.text_content() or "").split()[2])
    assert moved == pytest.approx(0.06 * ends, abs=0.06)
    page.keyboard.press("ArrowLeft")
    assert float((clock.text_content() or "").split()[0]) < moved
    page.keyboard.press(" ")
    expect(figure.get_by_role("button", name="Stop")).to_be_visible()
    page.keyboard.press(" ")
    expect(figure.get_by_role("button", name="Play")).to_be_visible()
    page.keyboard.press("End")
    expect(clock).to_have_text(f"{ends:.1f} of {ends:.1f} min")
    figure.get_by_role("button").focus()
    page.keyboard.press(" ")  # once, not twice: the button's own
    expect(figure.get_by_role("button", name="Stop")).to_be_visible()


def test_it_moves_in_steps_where_less_motion_is_asked_for(visit: Open) -> None:
    page = visit("minimal", by_hand=True, reduced_motion="reduce")
    (figure,) = players(page)
    expect(figure.locator("small")).to_contain_text("in steps")
    figure.locator("select").select_option("4")
    figure.get_by_role("button", name="Play").click()
    seen = set()
    for _ in range(20):
        seen.add(figure.locator("output").text_content())
        page.clock.run_for(PLAYS_MS / 20)
    ends = float(next(iter(seen)).split()[2])
    steps = [step * ends / 24 for step in range(25)]
    assert len(seen) > 15
    for shown in seen:
        assert min(abs(float(shown.split()[0]) - step) for step in steps) < 0.11, shown
    page.clock.run_for(PLAYS_MS / 2)
    expect(figure.get_by_role("button", name="Play")).to_be_visible()


@pytest.mark.parametrize("name", FEW)
def test_a_phone_and_the_night_have_room_for_the_page(name: str, visit: Open, shots: Path) -> None:
    for size, word in ((PHONE, "phone"), (WIDE, "wide")):
        page = visit(name, size)
        assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
        is_narrow = size is PHONE
        expect(page.locator(".labels.narrow").first).to_be_visible(visible=is_narrow)
        ends = "[...document.querySelectorAll('.view')].map(v => v.getBoundingClientRect().right)"
        assert max(page.evaluate(ends)) <= size["width"]
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.screenshot(path=shots / f"{name}-{word}-{scheme}.png", full_page=True)
    page.emulate_media(media="print")
    expect(page.locator(".player").first).to_be_hidden()
