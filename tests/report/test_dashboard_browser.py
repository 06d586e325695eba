"""The dashboard in a real browser: what a reader does, and what the library says it should show."""

import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

import sim
from sim.experiment.statistics.estimate import estimate
from sim.report.numbers import error, number
from sim.scenario.shipped import named

pytestmark = pytest.mark.slow

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
LOW = {"width": 1280, "height": 640}
PATIENCE_MS = 90_000
RUNS = 200
P_HIT = "weapons.drone.p_hit"

Open = Callable[..., Page]


CHOICE = """\
kind: choice
name: cover
title: What should the mainland buy?
question: Is cover worth its price?
scenario: {scenario}
options:
  budget: [1 MUSD, 5 MUSD]
  levers:
    cover:
      none: {{}}
      nets: {{price: {{buying: {{value: 4, unit: MUSD, assumed: a test}}}}, set: {{{p_hit}: 0.1}}}}
objectives: {{dawn_lost_usd: {{better: small}}, price_usd: {{better: small}}}}
runs: 20
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, heeded: None) -> Iterator[str]:
    """The link of a dashboard of its own, as `sim dashboard` prints it; one choice is answered."""
    folder = tmp_path_factory.mktemp("served")
    asked = CHOICE.format(scenario=named("minimal"), p_hit=P_HIT)
    (folder / "choice.yaml").write_text(asked)
    sim.choose(folder / "choice.yaml", out=folder / "results", workers=1)
    server = subprocess.Popen(
        [sys.executable, "-m", "sim.cli", "dashboard", "minimal", "--no-open"],
        stdout=subprocess.PIPE, text=True, cwd=folder,
    )  # fmt: skip
    assert server.stdout is not None
    found = re.fullmatch(r"(http://127\.0\.0\.1:\d+/\?token=[\w-]+)\n", server.stdout.readline())
    assert found
    yield found[1]
    server.send_signal(signal.SIGINT)
    assert server.wait(30) == 0
    assert "stopped" in server.stdout.read()
    server.stdout.close()


@pytest.fixture(scope="module")
def shots() -> Path:
    """Where pictures of the page go: a folder that is kept, to be looked at."""
    folder = Path(tempfile.gettempdir()) / "raids-and-talks-dashboard"
    folder.mkdir(exist_ok=True)
    return folder


@contextmanager
def reading(browser: Browser, address: str) -> Iterator[Open]:
    """Opens the page as a new reader; nothing may have gone wrong or left the machine."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []
    asked: list[str] = []

    def visit(link: str = "", size: dict[str, Any] = WIDE) -> Page:
        context = browser.new_context(viewport=size)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda problem: complaints.append(str(problem)))
        page.on(
            "console",
            lambda said: (
                complaints.append(said.text) if said.type in ("error", "warning") else None
            ),
        )
        page.on("request", lambda request: asked.append(request.url))
        page.on("websocket", lambda socket: asked.append(socket.url))
        page.goto(f"{address}&{link.removeprefix('?')}")
        assert "token" not in page.url
        settle(page)
        return page

    yield visit
    for context in contexts:
        context.close()
    outside = [
        url for url in asked if not re.match(r"(http|ws)://127\.0\.0\.1[:/]|data:|blob:", url)
    ]
    assert asked
    assert outside == []
    assert complaints == []


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Open]:
    """A new reader for each page that a test opens."""
    with reading(browser, address) as visit:
        yield visit


@pytest.fixture(scope="module")
def page(browser: Browser, address: str) -> Iterator[Page]:
    """One reader for several tests, which leave the setting as it was: a visit takes seconds."""
    with reading(browser, address) as visit:
        yield visit()


def settle(page: Page) -> None:
    """Waits until the answer is that of the setting on the screen."""
    expect(page.locator("#rt-status")).to_contain_text(" wars in ", timeout=PATIENCE_MS)
    expect(page.locator(".rt-answer:not(.stale)")).to_be_visible(timeout=PATIENCE_MS)


def cell(page: Page, outcome: str, kind: str = "now") -> Locator:
    return page.locator(f'.numbers tr[data-outcome="{outcome}"] td.{kind}')


def median(*overrides: str, outcome: str = "dawn_planes_hit", unit: str = "") -> str:
    """What the library says the page should show."""
    record = sim.run(sim.load("minimal", overrides), RUNS, seed=1, workers=1)
    known = estimate(record.runs[outcome].to_numpy(float))
    return f"{number(known['median'], unit)} {error(known['median_error'], unit)}"


def shows(page: Page, *overrides: str) -> None:
    """The page shows what the library says, of the losses, the money and the talks."""
    for outcome, unit in (("dawn_planes_hit", ""), ("dawn_lost_usd", "USD"), ("z_end", "share")):
        told = median(*overrides, outcome=outcome, unit=unit)
        expect(cell(page, outcome)).to_have_text(told, timeout=PATIENCE_MS)
    settle(page)


def test_a_slider_goes_through_what_each_budget_buys(page: Page, shots: Path) -> None:
    choice = page.locator(".rt-choice")
    expect(choice).to_contain_text("With $1 M: choose none")
    slider = choice.get_by_role("slider")
    slider.press("ArrowRight")
    expect(choice).to_contain_text("With $5 M: choose nets")
    expect(choice).to_contain_text("greatest regret")
    choice.screenshot(path=shots / "choice.png")


def put(page: Page, path: str, text: str) -> None:
    """Types a figure into its field, found by searching, and leaves it."""
    page.fill("#rt-search", path)
    field = page.get_by_label(path, exact=True)
    field.fill(text)
    field.press("Tab")


def test_moving_a_figure_and_flipping_a_switch_shows_what_the_library_says(
    page: Page, shots: Path
) -> None:
    shows(page)
    assert page.title() == "Raids & Talks"
    headline = page.locator(".headline").inner_text()

    put(page, P_HIT, "0.65")
    expect(page.locator(".changed code")).to_have_text(f"{P_HIT} = 0.65")
    shows(page, f"{P_HIT}=0.65")
    assert page.locator(".headline").inner_text() != headline

    page.get_by_label("rally", exact=True).focus()
    page.keyboard.press("Space")
    expect(page.locator(".changed code")).to_have_count(2)
    shows(page, f"{P_HIT}=0.65", "mechanisms.rally.on=true")
    page.screenshot(path=shots / "changed.png")

    slider = page.get_by_label(f"{P_HIT}, slider")
    slider.focus()
    slider.press("Home")
    expect(page.locator(".changed code").last).to_have_text(f"{P_HIT} = 0.3")
    shows(page, "mechanisms.rally.on=true", f"{P_HIT}=0.3")

    reset(page)
    shows(page)


def reset(page: Page) -> None:
    """Takes all changes back."""
    page.get_by_role("button", name="reset all").click()
    expect(page.locator(".changed code")).to_have_count(0)


def test_what_is_being_typed_stays_while_an_answer_comes(page: Page) -> None:
    page.fill("#rt-search", "weapons.drone")
    typed = page.get_by_label("weapons.drone.speed, in km/h", exact=True)
    typed.fill("12")
    page.get_by_label(P_HIT, exact=True).evaluate(
        "one => { one.value = '0.6'; one.dispatchEvent(new Event('change')); }"
    )
    expect(page.locator(".changed code")).to_have_text(f"{P_HIT} = 0.6")
    settle(page)
    expect(typed).to_have_value("12")
    page.keyboard.type("1")
    typed.press("Tab")
    expect(page.locator(".changed code").last).to_have_text("weapons.drone.speed = 121")
    shows(page, f"{P_HIT}=0.6", "weapons.drone.speed=121")
    reset(page)
    settle(page)


COVERED = """(one) => {
  const box = one.getBoundingClientRect();
  const above = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return !one.contains(above) && !above.contains(one);
}"""


def test_bad_input_is_told_at_the_field_and_the_page_lives_on(visit: Open, shots: Path) -> None:
    page = visit("?scenario=minimal&set=weapons.drone.p_hit=7&colour=red", LOW)
    expect(page.locator("#rt-wrong li")).to_have_count(2)
    before = cell(page, "dawn_planes_hit").inner_text()
    for text, said in (
        ("abc", "'abc' is no number, expected one such as 0.5"),
        ("0.9", "0.9 is outside the range, expected 0.3 to 0.7"),
    ):
        put(page, P_HIT, text)
        row = page.locator(f'.row[data-path="{P_HIT}"]')
        expect(row.get_by_role("alert")).to_have_text(said)
        expect(row.get_by_role("alert")).to_be_in_viewport(ratio=1)
        covered = row.get_by_role("alert").evaluate(COVERED)
        assert not covered
        expect(page.get_by_label(P_HIT, exact=True)).to_have_attribute("aria-invalid", "true")
    page.screenshot(path=shots / "bad-input.png")
    page.fill("#rt-runs", "1000000")
    page.press("#rt-runs", "Tab")
    expect(page.locator("#rt-error-runs")).to_contain_text("expected 2 to 10,000")

    own = {"name": "own.yaml", "mimeType": "text/yaml"}
    shipped = named("minimal").read_text()
    for text, said in (
        ("a: [", "expected YAML"),
        (shipped.replace("  rally:", "  mine: {on: true, path: 'a.py:f'}\n  rally:"), "names code"),
        ("a: !!python/name:os.system x", "is not read"),
    ):
        page.set_input_files("#rt-file", {**own, "buffer": text.encode()})
        expect(page.locator("#rt-wrong")).to_contain_text(said)
    expect(cell(page, "dawn_planes_hit")).to_have_text(before)

    evil = shipped.replace("title: A small war with", "title: <img src=x onerror=alert(1)>")
    page.set_input_files("#rt-file", {**own, "buffer": evil.encode()})
    expect(page.locator(".rt-panel .title")).to_contain_text("<img src=x onerror=alert(1)>")
    settle(page)
    put(page, P_HIT, "0.4")
    shows(page, f"{P_HIT}=0.4")


def test_a_pinned_setting_stands_beside_and_a_link_brings_it_all_back(
    visit: Open, shots: Path
) -> None:
    page = visit()
    page.click("#rt-pin")
    expect(page.locator(".rt-bar .pinned")).to_have_text("Pinned: the scenario as it is")
    put(page, P_HIT, "0.65")
    shows(page, f"{P_HIT}=0.65")
    expect(cell(page, "dawn_planes_hit", "pinned")).to_have_text(median())
    ours, theirs = (
        sim.run(sim.load("minimal", overrides), RUNS, seed=1, workers=1).runs["dawn_planes_hit"]
        for overrides in ([f"{P_HIT}=0.65"], [])
    )
    change = cell(page, "dawn_planes_hit", "change").inner_text()
    assert change.startswith(f"+{number((ours - theirs).mean())} ±")
    page.evaluate("window.scrollTo(0, 0)")
    page.screenshot(path=shots / "pinned.png", full_page=True)

    again = visit("?" + page.url.partition("/?")[2])
    shows(again, f"{P_HIT}=0.65")
    expect(cell(again, "dawn_planes_hit", "change")).to_have_text(change)
    again.click("#rt-unpin")
    expect(again.locator(".numbers td.pinned")).to_have_count(0)

    with page.expect_download() as waiting:
        page.click("#rt-export")
    exported = Path(waiting.value.path()).read_text()
    comment, figure = "# The smallest complete war: one raid", 'set by an override"'
    assert comment in exported
    assert figure in exported
    assert waiting.value.suggested_filename == "minimal-changed.yaml"
    again.set_input_files(
        "#rt-file", {"name": "x.yaml", "mimeType": "text/yaml", "buffer": exported.encode()}
    )
    expect(again.locator("#rt-scenario")).to_have_value("yours.yaml")
    shows(again, f"{P_HIT}=0.65")
    own = visit("?" + again.url.partition("/?")[2])
    shows(own, f"{P_HIT}=0.65")


@pytest.mark.thorough
def test_each_raid_can_be_looked_at_without_a_new_war(visit: Open, shots: Path) -> None:
    page = visit("?scenario=spiderweb&runs=60")
    expect(page.locator("#rt-raid")).to_have_value("spiders-web")
    image = page.locator(".rt-raid img.map")
    first = image.get_attribute("alt") or ""
    assert first.startswith("Operation Spider's Web: ")
    before = page.locator("#rt-status").inner_text()
    page.select_option("#rt-raid", "massive-assault")
    expect(image).to_have_attribute("alt", re.compile("^Night of 24-25 May 2025"))
    expect(page.locator("#rt-status")).to_have_text(before)
    record = sim.run(sim.load("spiderweb"), 60, seed=1, workers=1)
    flown = record.runs[record.runs["massive_assault_flown"] > 0]
    known = estimate(flown["massive_assault_facilities_hit"].to_numpy(float))
    track = page.locator('.rt-raid .track[data-outcome="massive_assault_facilities_hit"] .said')
    expect(track).to_contain_text(f"{number(known['median'])} {error(known['median_error'])} (")
    page.locator(".rt-raid").screenshot(path=shots / "raid.png")

    again = visit("?" + page.url.partition("/?")[2])
    expect(again.locator("#rt-raid")).to_have_value("massive-assault")
    expect(again.locator(".rt-raid img.map")).to_have_attribute("alt", image.get_attribute("alt"))
    again.select_option("#rt-scenario", "minimal")
    expect(again.locator("#rt-raid")).to_have_value("dawn", timeout=PATIENCE_MS)


@pytest.mark.thorough
def test_two_readers_do_not_meet(visit: Open) -> None:
    one, other = visit(), visit("?scenario=minimal&set=mechanisms.cost.on=false")
    put(one, P_HIT, "0.7")
    put(other, P_HIT, "0.3")
    shows(one, f"{P_HIT}=0.7")
    shows(other, "mechanisms.cost.on=false", f"{P_HIT}=0.3")


@pytest.mark.thorough
def test_long_work_shows_how_far_it_is_and_can_be_stopped(visit: Open) -> None:
    page = visit()
    page.select_option("#rt-scenario", "spiderweb")
    page.fill("#rt-runs", "10000")
    page.press("#rt-runs", "Tab")
    expect(page.locator("#rt-status")).to_contain_text(" of 10,000 wars", timeout=PATIENCE_MS)
    expect(page.locator(".rt-bar progress")).to_be_visible()
    expect(page.locator("#rt-run")).to_have_text("Stop")
    page.click("#rt-run")
    expect(page.locator("#rt-status")).to_contain_text("Stopped. Run starts again.")
    page.select_option("#rt-scenario", "minimal")
    page.fill("#rt-runs", str(RUNS))
    page.press("#rt-runs", "Tab")
    shows(page)


def test_one_war_is_stepped_day_by_day(page: Page, shots: Path) -> None:
    page.fill("#rt-war", "3")
    page.press("#rt-war", "Enter")
    expect(page.locator("#rt-day")).to_have_text("2025-01-01")
    page.click("#rt-next-day")
    expect(page.locator("#rt-day")).to_have_text("2025-01-02")
    page.click("#rt-next-event")
    expect(page.locator("#rt-day")).to_have_text("2025-01-05")
    record = sim.run(sim.load("minimal"), 4, seed=1, workers=1)
    lost = record.losses[record.losses["run"] == 3]["destroyed"].sum()
    expect(page.locator(".rt-diary .events")).to_contain_text("(Island): of 40 sent ")
    expect(page.locator(".rt-diary .events")).to_contain_text(f"planes: {lost} destroyed")
    page.get_by_label("Day", exact=True).press("End")
    expect(page.locator("#rt-day")).to_have_text("2025-01-10")
    z = record.runs["z_end"].iloc[3]
    expect(page.locator(".rt-diary td.both")).to_have_text(f"{z:+.3f}".replace("-", "−"))
    page.locator(".rt-diary").screenshot(path=shots / "one-war.png")
    page.fill("#rt-war", "300")
    page.press("#rt-war", "Enter")
    expect(page.locator(".rt-diary .error")).to_have_text("expected 0 to 199")


def picture(page: Page, folder: Path, name: str, **more: Any) -> None:
    """A picture of the page by day and one by night."""
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.screenshot(path=folder / f"{name}-{scheme}.png", **more)


NAMELESS = """() => [...document.querySelectorAll('main *, aside *')].filter((one) =>
  one.matches('input, select, button, progress, [tabindex="0"]') && one.checkVisibility() &&
  !one.ariaLabel && !one.textContent.trim() && !(one.labels && one.labels.length))
  .map((one) => one.outerHTML)"""


@pytest.mark.thorough
def test_a_phone_has_room_for_the_page(visit: Open, shots: Path) -> None:
    page = visit("?scenario=spiderweb&pin=&set=mechanisms.image.on=false", PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    expect(page.locator(".chart").first).to_be_hidden()
    expect(page.locator(".narrow .chart").first).to_be_visible()
    expect(page.locator("#rt-figures")).to_be_hidden()
    picture(page, shots, "phone", full_page=True)
    page.get_by_role("button", name="Show the settings").click()
    expect(page.locator("#rt-figures")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


SIDEWAYS = """() => [...document.querySelectorAll('.rt-main .scroll:has(table)')].filter((one) =>
  one.scrollWidth > one.clientWidth).map((one) => one.ariaLabel)"""


def test_no_table_is_scrolled_sideways_on_a_phone(visit: Open, shots: Path) -> None:
    page = visit(size=PHONE)
    choice = page.locator(".rt-choice")
    page.evaluate("document.querySelectorAll('.rt-main details').forEach((one) => one.open = true)")
    assert page.evaluate(SIDEWAYS) == []
    table = choice.get_by_role("table").first
    assert table.get_by_role("row").count() == 1 + table.locator("tbody tr").count() > 1
    name, value = (
        table.locator("tbody td").first.evaluate(f"(one) => {read}")
        for read in ("one.dataset.column", "one.textContent")
    )
    header = table.locator("thead th").nth(1)
    assert (header.text_content(), value[:1]) == (name, "$")
    choice.screenshot(path=shots / "choice-phone.png")


def test_a_shipped_choice_is_read_without_scrolling_sideways(visit: Open, shots: Path) -> None:
    page = visit("?scenario=air-base")
    choice = page.locator(".rt-choice")
    choice.get_by_role("slider").press("End")
    expect(choice).to_contain_text("With $300 M: choose")
    expect(choice).to_contain_text("Its regret, by how much the best option of the same war")
    page.evaluate(
        "document.querySelectorAll('.rt-choice details').forEach((one) => one.open = true)"
    )
    assert page.evaluate(SIDEWAYS) == []
    choice.screenshot(path=shots / "choice-shipped.png")


def test_everything_has_a_name_and_is_reached_by_keyboard(visit: Open, shots: Path) -> None:
    page = visit("?scenario=spiderweb&pin=&set=weapons.fpv.p_hit=0.55")
    page.locator("#rt-group-weapons").focus()
    page.keyboard.press("Enter")
    page.locator(".row").first.wait_for()
    assert page.evaluate(NAMELESS) == []
    page.locator("#rt-scenario").focus()
    for wanted in ("", "rt-export", "rt-runs", "rt-seed"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == wanted
    page.get_by_label("weapons.fpv.p_hit, slider").focus()
    expect(page.locator(".from")).to_contain_text("weapons.fpv.p_hit")
    page.evaluate("document.querySelector('.rt-panel').scrollTop = 0")
    picture(page, shots, "wide")
