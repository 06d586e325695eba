"""Facts are numbers too: what a machine can hold of who said what, where and when.

Whether a page says what it is cited for, nobody but a reader can tell: what could not be confirmed
stands in the register.
"""

import calendar
import datetime
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from sim.report.plots.map.coast import Parts, world
from sim.scenario.figure import Figure
from sim.scenario.load import load
from sim.scenario.schema import Scenario, figures
from sim.scenario.sources import read_sources

ROOT = Path(__file__).parents[2]
SOURCES = read_sources(ROOT / "scenarios" / "sources.yaml")


@functools.cache
def shipped() -> dict[str, Scenario]:
    files = sorted((ROOT / "scenarios").glob("*.yaml"))
    return {file.stem: load(file) for file in files if file.name != "sources.yaml"}


# --- places --------------------------------------------------------------------------------------

# A place lies in the country that its side is called after, but for these. Borders are those that
# Natural Earth draws, which name no owner of Crimea and do not know Nagorno-Karabakh.
ELSEWHERE: dict[str, dict[str, str | None]] = {
    "hmeimim-2018": dict.fromkeys(("hmeimim", "tartus", "idlib"), "Syria"),
    "karabakh-2020": dict.fromkeys(("south", "centre", "north"), "Azerbaijan"),
    "massive-assault": {"east_air": "Ukraine", "black_sea": None},
    "spiderweb": {"east_air": "Ukraine", "black_sea": None, "crimea": None},
}
MADE_UP = {
    *("air-base", "city-budget", "city-defence", "deep-strike", "minimal"),
    *("two-regions", "when-to-talk"),
}
WEST, SOUTH, EAST, NORTH = 20.0, 15.0, 145.0, 75.0  # of the grid, in degrees
CELLS = 50  # a degree
NEAR = 5  # cells: a place is rounded to a tenth of a degree


def lands(places: dict[str, tuple[float, float]]) -> dict[str, str | None]:
    """The country that each place (latitude, longitude) lies in, None at sea.

    Coasts and borders cut a grid into pieces, and a piece belongs to the country whose name the
    maps write on it. A place on a line is told by the nearest piece.
    """
    named = {
        _piece(lat, lon): name
        for name, (lon, lat) in world().names.items()
        if WEST < lon < EAST and SOUTH < lat < NORTH
    }
    return {name: named.get(_piece(*spot) or -1) for name, spot in places.items()}


def _piece(lat: float, lon: float) -> int:
    row, column = round((NORTH - lat) * CELLS), round((lon - WEST) * CELLS)
    top, left = max(0, row - NEAR), max(0, column - NEAR)
    around = _pieces()[top : row + NEAR + 1, left : column + NEAR + 1]
    on_land = np.argwhere(around)
    if not len(on_land):
        return 0
    off = ((on_land - (row - top, column - left)) ** 2).sum(axis=1)
    return int(around[tuple(on_land[off.argmin()])])


@functools.cache
def _pieces() -> np.ndarray:
    """The pieces of land of the grid, numbered from 1; 0 at sea and on lines. From the north."""
    size = round((EAST - WEST) * CELLS) + 1, round((NORTH - SOUTH) * CELLS) + 1
    image = Image.new("1", size)
    pen = ImageDraw.Draw(image)
    rings = sorted(_lines(world().land), key=_turns_left)
    for is_ring, lines in ((True, rings), (False, rings), (False, _borders())):
        for line in lines:
            for shift in (-360.0, 0.0, 360.0):
                on_grid = (line - np.array([WEST - shift, NORTH])) * (CELLS, -CELLS)
                if (on_grid.max(axis=0) < 0).any() or (on_grid.min(axis=0) > size).any():
                    continue
                spots = on_grid.ravel().tolist()
                if is_ring:
                    pen.polygon(spots, fill=0 if _turns_left(line) else 1)
                else:
                    pen.line(spots, fill=0, width=2)
    numbered, _ = ndimage.label(np.array(image))
    return numbered


def _borders() -> Iterator[np.ndarray]:
    yield from _lines(world().borders)
    yield from _lines(world().disputed)


def _lines(parts: Parts) -> Iterator[np.ndarray]:
    for line in np.split(parts.points, parts.starts[1:]):
        yield np.column_stack([np.unwrap(line[:, 0], period=360.0), line[:, 1]])


def _turns_left(ring: np.ndarray) -> bool:
    """Whether a ring is the shore of an inland sea: rings of land run clockwise."""
    x, y = ring.T
    return bool((x * np.roll(y, -1) - y * np.roll(x, -1)).sum() > 0.0)


def test_the_map_knows_where_places_lie() -> None:
    known: dict[tuple[float, float], str | None] = {
        (28.6, 77.2): "India", (31.6, 74.9): "India", (31.5, 74.3): "Pakistan",
        (27.2, 70.6): "India", (24.0, 69.2): "India", (32.8, 74.4): "India",
        (50.9, 34.8): "Ukraine", (51.7, 36.2): "Russia", (51.3, 34.5): "Russia",
        (43.2, 132.1): "Russia", (40.4, 49.9): "Azerbaijan", (40.2, 44.5): "Armenia",
        (43.5, 34.0): None, (42.0, 51.0): None,
    }  # fmt: skip
    told = lands({str(spot): spot for spot in known})
    assert told == {str(spot): country for spot, country in known.items()}


def test_each_place_lies_in_the_country_that_it_names() -> None:
    """By the name of its side: whose drones start in another country would be another war's."""
    spots, said = {}, {}
    for name, war in shipped().items():
        if name in MADE_UP:
            continue
        for key, place in {**war.sites, **war.launch_areas}.items():
            spots[f"{name}: {key}"] = place.position.lat, place.position.lon
            country = war.sides[place.side].title
            said[f"{name}: {key}"] = ELSEWHERE.get(name, {}).get(key, country)
    for name, places in ELSEWHERE.items():
        said |= {f"{name}: {key}": country for key, country in places.items()}
    assert lands(spots) == said


# --- days ----------------------------------------------------------------------------------------


def last_day(date: datetime.date | str | int) -> datetime.date:
    """The last day that the date of a source can mean: of a year or a month the end."""
    if isinstance(date, datetime.date):
        return date
    year, month = (int(part) for part in f"{date}-12".split("-")[:2])
    return datetime.date(year, month, calendar.monthrange(year, month)[1])


def reports_of_days(war: Scenario) -> Iterator[tuple[str, datetime.date, Figure]]:
    """Every figure that tells of a day, with that day; reports of other things stand apart."""
    dated = {key: raid.date for key, raid in war.raids.items() if raid.date}
    dated |= dict(war.talks.meetings) if war.talks else {}
    for key, report in war.reported.items():
        if report.used_for == "context":
            continue
        days = [d for of, d in dated.items() if report.outcome.startswith(of.replace("-", "_"))]
        yield f"reported.{key}", max(days, default=war.start), report.figure
    for key, event in war.events.items():
        for path, figure in figures(event):
            yield f"events.{key}.{path}", event.date, figure
    for key, raid in war.raids.items():
        for name, wave in raid.waves.items():
            if wave.count is not None:
                yield f"raids.{key}.{name}", raid.date or war.start, wave.count
    for key, poll in war.polls.items():
        for wave in poll.waves:
            for path, figure in figures(wave):
                yield f"polls.{key}.{wave.date}.{path}", wave.date, figure


def test_no_source_is_older_than_what_it_tells_of() -> None:
    too_early = [
        f"{name}: {place} of {day} from {source} of {SOURCES[source]['date']}"
        for name, war in shipped().items()
        if name not in MADE_UP
        for place, day, figure in reports_of_days(war)
        for source in figure.sources
        if "date" in SOURCES[source] and last_day(SOURCES[source]["date"]) < day
    ]
    assert too_early == []


# --- who says it ---------------------------------------------------------------------------------


def is_a_party(key: str) -> bool:
    return "Claim of a party" in SOURCES[key].get("note", "")


def test_what_a_party_claims_is_never_called_independent() -> None:
    reports = [(n, k, r) for n, war in shipped().items() for k, r in war.reported.items()]
    assert [
        f"{name}: {key} rests on {source}"
        for name, key, report in reports
        for source in report.figure.sources
        if report.kind == "independent" and is_a_party(source)
    ] == []
    assert sum(map(is_a_party, SOURCES)) > 40


# --- the register --------------------------------------------------------------------------------

DOI = {
    "Computer Physics Communications": r"10\.1016/j\.cpc\.\d{4}\.\d\d\.\d{3}",
    "American Political Science Review": r"10\.1017/S\d{16}",
    "International Security": r"10\.1162/ISEC_a_\d{5}",
    "International Studies Quarterly": r"10\.1111/j\.1468-2478\.\d{4}\.\d{5}\.x",
    "American Journal of Political Science": (
        r"10\.1111/(ajps\.\d{5}|1540-5907\.\d{5}|j\.1540-5907\.\d{4}\.\d{5}\.x)"
    ),
    "Journal of Theoretical Politics": r"10\.1177/\d{14,17}",
    "Journal of Peace Research": r"10\.1093/jopres/\w+",
    "Environmental Modelling and Software": r"10\.1016/j\.envsoft\.\d{4}\.\d\d\.\d{3}",
    "Journal of Conflict Resolution": r"10\.1177/\d{14,17}",
    "Journal of Economic Literature": r"10\.1257/jel\.\d{8}",
    "Journal of the American Statistical Association": r"10\.1080/01621459\.\d{4}\.\d{7}",
    "Military Operations Research": r"10\.5711/morj\.\d+\.\d+\.\d+",
    "PNAS": r"10\.1073/pnas\.\d{10}",
    "Political Science Research and Methods": r"10\.1017/psrm\.\d{4}\.\d+",
    "Reliability Engineering and System Safety": r"10\.1016/j\.ress\.\d{4}\.\d\d\.\d{3}",
    "Statistics and Computing": r"10\.1023/A:\d{13}",
    "Technological Forecasting and Social Change": r"10\.1016/j\.techfore\.\d{4}\.\d\d\.\d{3}",
    "Technometrics": r"10\.1080/00401706\.\d{4}\.\d{8}",
    "Earth's Future": r"10\.1002/\d{4}EF\d{6}",
    "Medical Decision Making": r"10\.1177/0272989X\d{8}",
    "Statistical Science": r"10\.1214/ss/\d{10}",
    "Games 14": r"10\.3390/g\d+",
}


def test_each_doi_has_the_form_of_its_publisher() -> None:
    """A journal that is not in the table gets its line there with its first DOI."""
    for key, entry in SOURCES.items():
        doi = entry.get("url", "").partition("doi.org/")[2]
        if doi:
            (form,) = (form for journal, form in DOI.items() if journal in entry["title"])
            assert re.fullmatch(form, doi), key


def test_each_address_is_that_of_a_page() -> None:
    """And not of all that appeared on a day."""
    for key, entry in SOURCES.items():
        if "url" in entry:
            assert re.fullmatch(r"https?://[^/\s]+/\S+", entry["url"]), key
            assert not re.search(r"/\d{4}/\d\d/\d\d/?$", entry["url"]), key


KEY = re.compile(r"(?<!\\)\b[a-z][a-z_]*(?:19|20)\d\d[a-z]?\b")  # and not "\u2028"
EXAMPLES = {"field2025", "price2024"}  # of pages that show how a source is named


def test_every_source_cited_exists_and_every_source_is_cited() -> None:
    written = {"sources.md", "sources.yaml"}
    files = [
        *(path for ext in ("yaml", "py") for path in (ROOT / "sim").rglob(f"*.{ext}")),
        *(ROOT / "scenarios").rglob("*.yaml"),
        *(ROOT / "experiments").glob("*.yaml"),
        *(path for path in (ROOT / "docs").glob("*.md") if path.name not in written),
    ]
    texts = {path: path.read_text() for path in files if path.name not in written}
    cited = {key for text in texts.values() for key in KEY.findall(text)}
    assert set(SOURCES) - cited == set(), "cited by nothing"
    assert cited - set(SOURCES) <= EXAMPLES, "not in the register"
