"""The maps: a true projection, coasts where they are, and every raid of every scenario shown."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from matplotlib.text import Text
from test_plots import boxes, texts_of

from sim.experiment.record import Record
from sim.report.plots.map import base, draw_map
from sim.report.plots.map.coast import Box, areas_within, laid_flat, lines_within, near, world
from sim.report.plots.map.countries import countries, km_from
from sim.report.plots.map.globe import Projection, circle_about, great_circle, projection_about
from sim.report.plots.map.grid import grid_over
from sim.report.plots.map.labels import LabelLayout, Rectangle, around
from sim.report.plots.map.scene import legs_of, scene_of, span_km
from sim.rules.geometry import EARTH_RADIUS_KM, distance_km
from sim.scenario.load import load
from sim.scenario.schema import Scenario

SCENARIOS = Path(__file__).parents[2] / "scenarios"
MADE_UP = (
    *("air-base", "city-budget", "city-defence", "deep-strike", "minimal"),
    *("two-regions", "when-to-talk"),
)
MAPPED = ("hmeimim-2018", "india-pakistan", "karabakh-2020", "massive-assault", "spiderweb")
TINTED = ("india-pakistan", "karabakh-2020", "massive-assault", "spiderweb")
WITHOUT_RAIDS = ("istanbul-talks", "public-opinion")

lons, lats = st.floats(-179.0, 179.0), st.floats(-89.0, 89.0)
places = st.tuples(lons, lats).map(np.array)


def scenario(name: str) -> Scenario:
    return load(SCENARIOS / f"{name}.yaml")


def record(shown: Scenario, raid: str, hit: dict[str, list[int]], runs: int) -> Record:
    """Runs in which a raid is flown, and what it hits at each site in the first of them."""
    rows = [
        {"run": run, "raid": raid, "site": site, "first_hit_by_raid": n, "destroyed": n // 2}
        for site, numbers in hit.items()
        for run, n in enumerate(numbers)
    ]
    flown = pd.DataFrame({"run": range(runs)})
    for name in shown.raids:
        flown[f"{name.replace('-', '_')}_flown"] = int(name == raid)
    return Record(shown, 7, runs, {"runs": flown, "losses": pd.DataFrame(rows)})


# --- the globe ---------------------------------------------------------------------------------


@given(places, places)
def test_a_flat_place_leads_back_to_its_degrees(centre, place):
    if distance_km(centre[1], centre[0], place[1], place[0]) > 19_000:
        return  # all ways lead to the opposite place
    projection = Projection(*centre)
    ((lon, lat),) = projection.degrees(projection.flat(place[None]))
    assert distance_km(lat, lon, place[1], place[0]) < 1e-3


@given(places, st.floats(1.0, 5000.0))
def test_a_circle_has_its_reach_and_its_area(centre, radius):
    ring = circle_about(centre, radius)
    far = [distance_km(centre[1], centre[0], lat, lon) for lon, lat in ring]
    assert far == pytest.approx([radius] * len(ring), rel=1e-6)
    flat = Projection(*centre).flat(ring)
    cap = 2 * np.pi * EARTH_RADIUS_KM**2 * (1 - np.cos(radius / EARTH_RADIUS_KM))
    assert np.pi * (flat**2).sum(axis=1).mean() == pytest.approx(cap, rel=1e-6)


def test_areas_are_true_far_from_the_centre():
    ring = circle_about(np.array([60.0, 50.0]), 300.0)
    x, y = Projection(20.0, 10.0).flat(ring).T
    area = abs(x[:-1] @ y[1:] - y[:-1] @ x[1:]) / 2
    assert area == pytest.approx(np.pi * 300.0**2, rel=0.003)  # a polygon of 90 sides


@given(places, places)
def test_a_great_circle_is_the_shortest_way(start, end):
    length = distance_km(start[1], start[0], end[1], end[0])
    if length > 19_900:
        return
    way = great_circle(start, end)
    steps = [distance_km(a[1], a[0], b[1], b[0]) for a, b in itertools.pairwise(way)]
    assert sum(steps) == pytest.approx(length, rel=1e-6, abs=1e-3)


def test_the_centre_is_the_middle_even_across_180_degrees():
    middle = projection_about(np.array([[170.0, 10.0], [-170.0, 10.0]]))
    assert abs(middle.lon) == pytest.approx(180.0)


# --- the coast ---------------------------------------------------------------------------------

ON_LAND = {"Moscow": (37.6, 55.75), "Delhi": (77.2, 28.6), "Quito": (-78.5, -0.2)}
AT_SEA = {"Black Sea": (34.0, 43.3), "Caspian": (51.0, 41.0), "Atlantic": (-30.0, 0.0)}


@pytest.mark.parametrize(
    "centre", [(37.0, 55.0), (-65.0, -35.0), (175.0, -40.0), (-150.0, 20.0), (10.0, -85.0)]
)
def test_land_is_land_and_sea_is_sea_wherever_the_map_is_centred(centre):
    """Among the centres are places whose opposites lie in China, Spain, Africa and the Arctic."""
    projection = Projection(*centre)
    box = Box(-12_000.0, -12_000.0, 12_000.0, 12_000.0)
    land = near(laid_flat(world().land, projection), box)
    outline = areas_within(land, projection.opposite, box, 5.0)
    assert outline is not None
    rings = [ring for ring in outline.to_polygons(closed_only=True) if len(ring) > 3]
    for name, place in (ON_LAND | AT_SEA).items():
        if distance_km(centre[1], centre[0], place[1], place[0]) > 12_000:
            continue  # not on the map
        spot = projection.flat(np.array([place]))[0]
        turns = sum(_winding(ring) for ring in rings if Outline(ring).contains_point(spot))
        assert (turns != 0) == (name in ON_LAND), name


def _winding(ring):
    x, y = ring.T
    return int(np.sign(x @ np.roll(y, -1) - y @ np.roll(x, -1)))


def test_nothing_is_drawn_outside_the_map():
    projection, box = Projection(32.0, 48.0), Box(-400.0, -300.0, 400.0, 300.0)
    land, borders = (
        near(laid_flat(parts, projection), box) for parts in (world().land, world().borders)
    )
    outline = areas_within(land, projection.opposite, box, 1.0)
    assert outline is not None
    low, high = outline.vertices.min(axis=0), outline.vertices.max(axis=0)
    assert (low >= (-400.0 - 1e-6, -300.0 - 1e-6)).all()
    assert (high <= (400.0 + 1e-6, 300.0 + 1e-6)).all()
    lines = lines_within(borders, box, 1.0)
    seen = np.abs(lines[~np.isnan(lines[:, 0])])
    assert len(seen) > 100
    assert (seen < 700.0).all()  # one step beyond the edge at most


@pytest.mark.parametrize(
    ("name", "box"),
    {
        "Crimea, by land": (33.6, 45.7, 35.1, 46.3),
        "Crimea, by the strait": (36.4, 44.8, 36.8, 45.7),
        "Kashmir": (73.5, 32.7, 77.1, 35.2),
        "Golan": (35.7, 32.7, 36.0, 33.5),
        "Cyprus": (32.5, 34.9, 34.1, 35.3),
        "Kosovo": (20.0, 42.1, 21.9, 43.4),
    }.items(),
)
def test_disputed_lines_are_told_apart(name, box):
    west, south, east, north = box
    lon, lat = world().disputed.points.T
    assert ((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)).sum() >= 5, name


@pytest.mark.parametrize("name", ["india-pakistan", "massive-assault"])
def test_disputed_lines_are_dotted_and_the_others_are_not(name):
    lines = {line.get_gid(): line for line in draw_map(scenario(name)).findobj(Line2D)}
    for kind in ("border", "disputed"):
        assert np.isfinite(lines[kind].get_xdata()).sum() > 10
        assert lines[kind].is_dashed() == (kind == "disputed")


def test_names_are_of_countries_that_nobody_disputes():
    assert {"Ukraine", "Russia", "India", "Pakistan"} <= set(world().names)
    assert not {"Kosovo", "Palestine", "W. Sahara", "Falkland Is."} & set(world().names)


@pytest.mark.parametrize(
    ("name", "raid", "named"),
    [
        ("spiderweb", "spiders-web", {"RUSSIA", "UKRAINE"}),
        ("massive-assault", None, {"RUSSIA", "UKRAINE"}),
        ("india-pakistan", None, {"INDIA", "PAKISTAN"}),
        ("karabakh-2020", None, {"ARMENIA", "AZERBAIJAN"}),
    ],
)
def test_the_countries_concerned_are_named(name, raid, named):
    shown = draw_map(scenario(name), raid)
    assert named <= {text.get_text() for text in shown.findobj(Text)}


# --- countries ---------------------------------------------------------------------------------

BASES = {
    "Olenya": (33.5, 68.2), "Belaya": (103.6, 52.9), "Dyagilevo": (39.6, 54.6),
    "Ivanovo": (41.0, 57.1), "Ukrainka": (128.4, 51.2),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "km2"),
    {  # United Nations, Demographic Yearbook 2022, table 3; of Kashmir what each side holds
        "Ukraine": 603_500,
        "Russia": 17_098_246,
        "Armenia": 29_743,
        "Azerbaijan": 86_600,
        "Pakistan": 796_095 + 85_793,
        "India": 3_287_263 - 120_849,
    }.items(),
)
def test_an_outline_has_the_area_of_its_country(name, km2):
    outline = countries()[name]
    rings = np.split(outline.points, outline.starts[1:])
    flat = [Projection(*rings[0].mean(axis=0)).flat(ring) for ring in rings]
    turned = sum(_clockwise_km2(ring) for ring in flat)
    assert turned == pytest.approx(km2, rel=0.02)


def _clockwise_km2(ring):
    x, y = ring.T
    return (y[:-1] @ x[1:] - x[:-1] @ y[1:]) / 2.0


def test_outlines_are_cut_from_the_lines_that_the_maps_draw():
    lines = (world().land, world().borders, world().disputed)
    drawn = {tuple(point) for parts in lines for point in np.rint(180 * parts.points).astype(int)}
    for name, outline in countries().items():
        points = [tuple(point) for point in np.rint(180 * outline.points).astype(int)]
        assert np.mean([point in drawn for point in points]) > 0.99, name


@pytest.mark.parametrize(
    ("country", "lon", "lat"),
    [
        *[("Ukraine", 34.1, 44.95), ("Ukraine", 37.8, 48.0), ("Ukraine", 35.1, 47.8)],
        *[("Russia", 20.5, 54.7), ("Russia", -175.0, 66.8), ("Russia", 38.97, 45.03)],
        *[("Azerbaijan", 46.75, 39.82), ("Azerbaijan", 45.4, 39.2), ("India", 74.8, 34.1)],
        *[("Pakistan", 74.3, 35.9), ("Armenia", 44.5, 40.2)],
    ],
    ids=lambda value: str(value),
)
def test_a_place_lies_in_one_country_alone(country, lon, lat):
    """Simferopol, Donetsk, Zaporizhzhia; Kaliningrad, Chukotka, Krasnodar; Stepanakert ..."""
    at = np.array([lon, lat])
    assert [name for name, outline in countries().items() if km_from(outline, at) == 0.0] == [
        country
    ]


@pytest.mark.parametrize(
    ("base", "least", "most"),
    [
        ("Olenya", 1_700, 1_900),  # ITC.ua, 1 June 2025: about 1,700; press: up to 1,900
        ("Belaya", 4_200, 4_400),  # more than 4,000; 4,300 (Reuters)
        ("Dyagilevo", 420, 520),  # CNN: 520, of the front
        ("Ivanovo", 650, 800),  # CNN: 800, of the front
        ("Ukrainka", 5_700, 6_400),  # short of the 6,326 km to Kyiv
    ],
)
def test_bases_are_as_far_from_ukraine_as_was_published(base, least, most):
    assert least <= km_from(countries()["Ukraine"], np.array(BASES[base])) <= most


@given(st.sampled_from(sorted(countries())), places)
def test_the_distance_is_the_least_over_a_dense_outline(name, place):
    """By haversines to points at most 2 km apart: another formula, another way to the nearest."""
    outline = countries()[name]
    km = km_from(outline, place)
    least = min(
        _haversine_km(place, _dense(ring)).min()
        for ring in np.split(outline.points, outline.starts[1:])
    )
    if km > 0.0:
        assert km == pytest.approx(least, abs=1.5)
    else:
        assert any(
            Outline(ring).contains_point(place)
            for ring in np.split(outline.points, outline.starts[1:])
        )


def _dense(ring):
    """A ring with a point each 2 km at least: even parts of each side."""
    shares = np.linspace(0.0, 1.0, 1 + int(111.2 * np.abs(np.diff(ring, axis=0)).max()))[:-1]
    sides = ring[:-1, None] + shares[:, None] * np.diff(ring, axis=0)[:, None]
    return sides.reshape(-1, 2)


def _haversine_km(place, points):
    lon, lat = np.radians(points).T
    here_lon, here_lat = np.radians(place)
    half = np.sin((lat - here_lat) / 2.0) ** 2
    half += np.cos(lat) * np.cos(here_lat) * np.sin((lon - here_lon) / 2.0) ** 2
    return 2.0 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0)))


def test_a_covert_raid_is_told_from_the_border_of_its_country():
    picture = draw_map(scenario("spiderweb"), "spiders-web")
    said = [text.get_text() for text in texts_of(picture)]
    assert "460 to 5,900 km from Ukraine" in picture.title
    for words in ("Belaya, Irkutsk region\n4,300 km", "Olenya, Murmansk region\n1,800 km"):
        assert any(text.startswith(f"{words} from Ukraine") for text in said)
    (axes,) = [axes for axes in picture.axes if axes.get_xlabel() == "Longitude"]
    middle = projection_about(np.array([[s.position.lon, s.position.lat] for s in _russian()]))
    x, y = middle.flat(countries()["Ukraine"].points).T
    assert axes.get_xlim()[0] < x.min()
    assert axes.get_ylim()[0] < y.min()
    assert any("Crimea as Ukraine's" in text.replace("\n", " ") for text in said)


def _russian():
    return [site for site in scenario("spiderweb").sites.values() if site.side == "russia"]


def test_a_direct_raid_is_told_from_its_launch_areas():
    picture = draw_map(scenario("massive-assault"))
    assert not any("from Russia" in text.get_text() for text in texts_of(picture))


@pytest.mark.parametrize("name", [*MAPPED, "minimal"])
def test_a_country_is_tinted_where_it_is_seen(name):
    """Russia's side at Hmeimim has no land on the map, and places made up have no country."""
    tints = {patch.get_facecolor() for patch in draw_map(scenario(name)).findobj(PathPatch)}
    assert len(tints - {to_rgba(colour) for colour in (base._LAND, base._SEA)}) == (
        2 if name in TINTED else 0
    )


def test_a_name_lies_inside_its_area_and_off_what_is_taken():
    area = Outline([(0.5, 0.5), (0.5, 3.5), (3.0, 3.5), (3.0, 0.5), (0.5, 0.5)])
    layout = LabelLayout(6.0, 4.0)
    layout.taken.append(around(np.array([1.75, 2.0]), 0.4, 0.4))
    line = np.array([[x, 2.5] for x in np.linspace(0.0, 6.0, 99)])
    box = layout.within(area, 0.8, 0.14, line)
    assert min(box.left, box.bottom) >= 0.5
    assert box.right <= 3.0
    assert box.top <= 3.5
    assert not box.meets(layout.taken[0])
    assert not box.holds(line)
    assert np.hypot(*(box.middle - np.array([1.75, 2.0]))) < 0.6
    assert LabelLayout(6.0, 4.0).within(area, 2.8, 0.14, line) is None


# --- labels ------------------------------------------------------------------------------------


on_paper = st.tuples(st.floats(0.0, 6.0), st.floats(0.0, 4.0))


@given(
    st.tuples(st.floats(0.1, 2.0), st.floats(0.1, 1.0)),
    st.lists(st.tuples(on_paper, st.floats(0.05, 1.5)), max_size=9),
    st.lists(on_paper, max_size=9),
)
def test_the_boxes_of_a_grid_meet_and_hold_what_each_meets_and_holds(size, others, points):
    grid = grid_over(6.0, 4.0, *size)
    others = [around(np.array(middle), width, 0.3) for middle, width in others]
    points = np.reshape(points, (-1, 2))
    boxes = [Rectangle(*box) for box in grid.boxes.tolist()]
    meets = [any(box.meets(other) for other in others) for box in boxes]
    assert grid.meet_any(others).tolist() == meets
    assert grid.hold_any(points).tolist() == [box.holds(points) > 0 for box in boxes]


@given(
    st.tuples(st.floats(0.3, 2.9), st.floats(0.2, 3.8)),
    st.lists(st.tuples(st.floats(0.2, 5.8), st.floats(0.2, 3.8)), max_size=25),
)
def test_the_name_of_a_country_stays_behind_its_borders(middle, spots):
    layout = LabelLayout(6.0, 4.0)
    layout.taken += [around(np.array(spot), 0.3, 0.3) for spot in spots]
    border = np.array([[[3.0, -1.0], [3.0, 5.0]]])
    taken = list(layout.taken)
    box = layout.nearest(np.array(middle), 0.6, 0.14, border, np.empty((0, 2)))
    if box is not None:
        assert box.right <= 3.0
        assert not any(box.meets(other) for other in taken)


def test_the_name_of_a_country_lies_by_its_middle_and_off_what_is_drawn():
    middle, line = np.array([1.0, 2.0]), np.array([[1.0, y] for y in np.linspace(0.0, 4.0, 99)])
    nowhere, no_walls = np.empty((0, 2)), np.empty((0, 2, 2))
    near, beside = (
        LabelLayout(6.0, 4.0).nearest(middle, 0.6, 0.14, no_walls, drawn)
        for drawn in (nowhere, line)
    )
    assert np.hypot(*(near.middle - middle)) < 0.1
    assert not beside.holds(line)
    assert 0.3 <= np.hypot(*(beside.middle - middle)) < 0.45


@given(st.lists(st.tuples(st.floats(0.2, 5.8), st.floats(0.2, 3.8)), max_size=25))
def test_labels_never_touch_each_other_or_a_mark(spots):
    layout = LabelLayout(6.0, 4.0)
    layout.taken += [around(np.array(spot), 0.1, 0.1) for spot in spots]
    marks = len(layout.taken)
    for spot in spots:
        layout.place(np.array(spot), 0.08, 1.0, 0.25)
    placed = layout.taken[marks:]
    for one, other in itertools.combinations(placed, 2):
        assert not one.meets(other)
    for label in placed:
        assert not any(label.meets(mark) for mark in layout.taken[:marks])
        assert min(label.left, label.bottom) >= 0
        assert label.right <= 6.0
        assert label.top <= 4.0


# --- what is shown -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*MAPPED, *MADE_UP])
def test_every_raid_of_every_scenario_has_a_map_without_text_over_text(name):
    for raid in scenario(name).raids:
        check_map(scenario(name), raid)


def check_map(shown: Scenario, raid: str) -> None:
    picture = draw_map(shown, raid)
    assert picture is not None
    placed = boxes(picture)
    for (one, a), (other, b) in itertools.combinations(placed, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        down = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert not (across > 0.5 and down > 0.5), f"{one!r} lies over {other!r}"
    width, height = picture.canvas.get_width_height()
    for text, box in placed:
        assert min(box.x0, box.y0) >= 0, text
        assert box.x1 <= width, text
        assert box.y1 <= height, text
    for site in {site for wave in shown.raids[raid].waves.values() for site in wave.at}:
        assert any(shown.sites[site].title[:12] in text for text, _ in placed), site
    said = " ".join(text.get_text() for text in texts_of(picture)).replace("\n", " ")
    assert ("Natural Earth" in said) == (shown.name in MAPPED)
    is_judged = "within internationally recognised borders" in said
    assert is_judged == (shown.name in TINTED)
    assert ("no claim" in said) == (shown.name in set(MAPPED) - set(TINTED))


@pytest.mark.parametrize("name", WITHOUT_RAIDS)
def test_without_a_raid_there_is_no_map(name):
    assert draw_map(scenario(name)) is None


def test_the_raid_in_focus_is_shown_or_the_one_asked_for():
    shown = scenario("spiderweb")
    assert scene_of(shown, None).raid == "spiders-web"
    assert scene_of(shown, "massive-assault").raid == "massive-assault"
    flown = record(shown, "massive-assault", {"kyiv": [1]}, 5)
    assert scene_of(flown, None).raid == "massive-assault"  # Spider's Web is flown in no run


def test_spiders_web_spans_over_4000_km():
    scene = scene_of(scenario("spiderweb"), None)
    assert len(scene.targets) == 5
    assert span_km(scene) > 4000
    assert not scene.legs


def test_legs_carry_every_drone_and_what_money_buys():
    shown = scenario("massive-assault")
    waves = shown.raids["massive-assault"].waves.values()
    legs = legs_of(shown, "massive-assault")
    assert sum(leg.drones for leg in legs) == pytest.approx(sum(w.count.value for w in waves))
    kyiv = next(leg for leg in legs if (leg.site, leg.weapon) == ("kyiv", "shahed"))
    assert kyiv.length_km == pytest.approx(distance_km(52.3, 35.3, 50.4, 30.5))
    bought = scenario("india-pakistan")
    wave = bought.raids["pakistan-precision"].waves["north"]
    drones = sum(
        leg.drones for leg in legs_of(bought, "pakistan-precision") if leg.area == wave.launch_from
    )
    assert drones == pytest.approx(wave.budget.value / bought.weapons[wave.weapon].unit_cost.value)


def test_a_run_without_a_row_lost_nothing():
    hit = {"belaya": [4] * 60}  # of 100 runs
    scene = scene_of(record(scenario("spiderweb"), "spiders-web", hit, 100), None)
    assert scene.losses["belaya"].hit == (0.0, 4.0, 4.0)
    assert scene.losses["belaya"].destroyed == (0.0, 2.0, 2.0)


def test_losses_stand_on_the_map_and_in_its_words():
    hit = {"belaya": [12] * 100, "olenya": [0, 6] * 50}
    picture = draw_map(record(scenario("spiderweb"), "spiders-web", hit, 100))
    said = [text.get_text() for text in texts_of(picture)]
    assert any("Belaya" in text and "hit 12 (12–12)" in text for text in said)
    belaya = "Belaya, Irkutsk region, 4,300 km from Ukraine"
    assert f"{belaya}: hit 12 (12–12), destroyed 6 (6–6)." in picture.description
    assert "100 runs, seed 7" in said
