"""The plots of sweeps: the picture each asks for, the same each time, and no text over another."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import AsinhNorm
from matplotlib.contour import QuadContourSet
from test_plots import check_texts, texts_of

from sim.experiment.design import AS_IT_STANDS, Factor, points_of
from sim.experiment.questions import surface, sweep
from sim.report.plots.picture import Picture
from sim.report.plots.sweep import draw_sweep
from sim.scenario.experiment import Sweep

SCENARIOS = Path(__file__).parents[2] / "scenarios"
TITLES = {
    "money": "money for the raid",
    "spread": "spread of arrival",
    "strength": "strength of the defence",
    "share": "leak share",
    "exchange": "cost exchange",
}
TACTIC = {"kind": "settings", "unit": None, "levels": ["saturation", "precision"], "stands": None}
MONEY = {
    "kind": "range",
    "unit": "USD",
    "levels": [1e5, 2.5e5, 6e5, 1.5e6, 4e6, 1e7],
    "stands": None,
}
SPREAD = {"kind": "range", "unit": "min", "levels": [0.0, 20.0, 40.0, 60.0, 80.0], "stands": None}
STRENGTH = {"kind": "range", "unit": "1", "levels": [2.0, 4.0, 6.0, 8.0, 10.0], "stands": None}
DEFENCE = {"kind": "range", "unit": None, "levels": [0.25, 0.5, 1.0, 2.0, 4.0], "stands": None}
RUNS = 50


def share_of(point):
    """A leak share in which saturation overtakes precision above a million."""
    point = {name: level for name, level in point.items() if level != AS_IT_STANDS}
    size = np.log10(point.get("money", 1e6) / 1e6)
    saturated = point.get("tactic") == "saturation"
    leak = 0.4 + (0.25 if saturated else -0.1) * size - 0.002 * point.get("spread", 30.0)
    return leak - 0.01 * point.get("strength", 4.0) + 0.02 * (point.get("cheap") is True)


OUTCOMES = {"share": share_of, "exchange": lambda point: 100.0 ** (3 * share_of(point))}


def answer_of(factors, contrast=None, design="grid", outcomes=OUTCOMES, points=None, hole=()):
    """An answer as from a sweep, its outcomes known; at the points of `hole` without a value."""
    names = list(factors)
    if points is None:
        levels = itertools.product(*(factor["levels"] for factor in factors.values()))
        points = [dict(zip(names, chosen, strict=True)) for chosen in levels]
    table = pd.DataFrame(points)
    table.insert(0, "point", np.arange(len(table)))
    luck = np.random.default_rng(1)
    for outcome, of in outcomes.items():
        mean = np.array([of(point) for point in points]) * (1 + 0.02 * luck.normal(size=len(table)))
        mean[list(hole)] = np.nan
        for what, factor in zip(surface.POINT_COLUMNS, (1.0, 0.05, 0.98, 0.6, 1.7), strict=False):
            table[f"{outcome}{what}"] = mean * factor
        table[f"{outcome} wars"] = np.where(np.isnan(mean), 0, RUNS)
    figures = {
        "design": design,
        "factors": factors,
        "outcomes": list(outcomes),
        "points": len(table),
        "runs": RUNS,
        "seed": 7,
        "contrast": None if contrast is None else contrast_of(table, factors, contrast, outcomes),
    }
    return figures, table


def contrast_of(table, factors, lever, outcomes):
    first, second = factors[lever]["levels"]
    keys = [name for name in factors if name != lever]
    one, other = (table[table[lever] == level].set_index(keys) for level in (first, second))
    result = {"lever": lever, "first": first, "second": second}
    for outcome in outcomes:
        mean = one[outcome] - other[outcome]
        error = 0.1 * other[outcome].abs()
        places = pd.DataFrame({"mean": mean, "±": error, "runs": RUNS, "told": mean.abs() > error})
        places["compared"] = mean.notna()
        result[outcome] = {"places": places.reset_index().to_dict("records"), "crossings": []}
    return result


def cloud_of(design="sobol", settings=(), count=64):
    highest = {"money": 1e7, "spread": 80.0, "other": 1.0}
    unknown = [Factor(name, (), 0.01 * high, high, 5, 0.5 * high) for name, high in highest.items()]
    levers = [Factor(name, (True, False), base=True) for name in settings]
    points = points_of(design, levers, unknown, count, 1)
    factors = {
        f.name: {"kind": "range", "unit": "1", "levels": list(f.listed), "stands": f.stands}
        for f in unknown
    }
    factors |= {
        f.name: {"kind": "settings", "unit": None, "levels": [True, False], "stands": f.stands}
        for f in levers
    }
    return answer_of(factors, design=design, points=points)


CHEAP = {"kind": "settings", "unit": None, "levels": [True, False], "stands": None}
DISTANCE = {
    "kind": "settings",
    "unit": None,
    "levels": ["200 km", "500_km", "900 km"],
    "stands": None,
}
LONG = {
    "kind": "settings",
    "unit": None,
    "levels": [f"a_defence_of_many_parts_{k}" for k in "abcdefghi"],
    "stands": None,
}
PLANE = {"money": MONEY, "spread": SPREAD}

CASES = {
    "contrast": lambda: answer_of({"tactic": TACTIC, **PLANE}, "tactic", hole=(3, 11, 40)),
    "contrast in rows": lambda: answer_of(
        {"tactic": TACTIC, **PLANE, "strength": STRENGTH, "cheap": CHEAP}, "tactic"
    ),
    "contrast by numbers": lambda: answer_of(
        {"money": MONEY, "defence": DEFENCE, "window": SPREAD, "tactic": TACTIC}, "tactic"
    ),
    "contrast in lines": lambda: answer_of({"tactic": TACTIC, "money": MONEY}, "tactic"),
    "map": lambda: answer_of(PLANE, hole=(3,)),
    "maps": lambda: answer_of({**PLANE, "strength": STRENGTH, "tactic": TACTIC, "cheap": CHEAP}),
    "line": lambda: answer_of({"spread": SPREAD}, hole=(2,)),
    "lines": lambda: answer_of({"tactic": LONG, "money": MONEY}),
    "distance": lambda: answer_of({"distance": DISTANCE, "cheap": CHEAP}),
    "numbers": lambda: answer_of({"defence": DEFENCE, "tactic": TACTIC}),
    "settings": lambda: answer_of({"tactic": LONG, "cheap": CHEAP}, hole=(1,)),
    "nothing": lambda: answer_of(PLANE, hole=range(30)),
    "no line": lambda: answer_of({"money": MONEY}, hole=range(6)),
    "sobol": lambda: cloud_of(settings=["cheap"]),
    "random": lambda: cloud_of("random", count=300),
    "factorial": lambda: cloud_of("factorial", ["cheap"]),
    "one_at_a_time": lambda: cloud_of("one_at_a_time", ["cheap"]),
}  # fmt: skip


def drawn(case, titles=TITLES) -> dict[str, Picture]:
    return draw_sweep(*CASES[case](), titles)


# --- which picture -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "files"),
    [
        ("contrast", {"map_share", "map_exchange"}),
        ("contrast by numbers", {"map_share", "map_exchange"}),
        ("contrast in lines", {"lines"}),
        ("map", {"map_share", "map_exchange"}),
        ("lines", {"lines"}),
        ("distance", {"lines"}),
        ("numbers", {"lines"}),
        ("settings", {"settings"}),
        ("sobol", {"points_share", "points_exchange"}),
        ("factorial", {"points_share", "points_exchange"}),
    ],
)
def test_a_sweep_gets_the_picture_it_asks_for(case, files):
    assert set(drawn(case)) == files


@pytest.mark.thorough
def test_the_files_are_whole_and_the_same_each_time(tmp_path):
    for case in ("contrast", "lines", "settings", "sobol"):
        for name, picture in drawn(case).items():
            first = picture.write_to(tmp_path / "one", name)
            again = drawn(case)[name].write_to(tmp_path / "two", name)
            assert [file.suffix for file in first] == [".png", ".svg", ".pdf", ".txt"]
            for one, other in zip(first, again, strict=True):
                assert one.stat().st_size > (100 if one.suffix == ".txt" else 10_000)
                assert one.read_bytes() == other.read_bytes(), one.name


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("named", [True, False])
def test_no_text_lies_over_another_or_leaves_the_paper(case, named):
    words = {"money": "money that the attacker spends on the whole of the raid, drones and decoys"}
    for picture in drawn(case, TITLES if named else words).values():
        assert picture.get_figwidth() == 7.2
        assert picture.get_figheight() < 9.5
        assert "nan" not in " ".join(text.get_text() for text in texts_of(picture)).lower()
        check_texts(picture, 1)


@pytest.mark.parametrize("case", CASES)
def test_a_picture_says_in_words_what_it_shows(case):
    for picture in drawn(case).values():
        assert len(picture.description) > len(picture.title) + 20
        assert "nan" not in picture.description
        assert "seed 7" in said(picture)


def said(picture):
    return " | ".join(text.get_text() for text in texts_of(picture))


# --- maps --------------------------------------------------------------------------------------


def maps_of(picture):
    """The meshes of the maps, without those of the scales of colours."""
    meshes = [axes.collections[0] for axes in picture.axes if axes.collections]
    return [mesh for mesh in meshes if hasattr(mesh, "get_coordinates")][: len(picture.axes) - 2]


def test_a_contrast_shows_both_settings_and_their_difference():
    figures, table = CASES["contrast"]()
    picture = draw_sweep(figures, table, TITLES)["map_share"]
    one, other, difference = (m.get_array().filled(np.nan).ravel() for m in maps_of(picture))
    by = table.sort_values(["spread", "money"])
    for setting, shown in (("saturation", one), ("precision", other)):
        expected = by[by["tactic"] == setting]["share"].to_numpy()
        np.testing.assert_array_equal(shown, expected)
    np.testing.assert_allclose(difference, one - other)
    assert np.isnan(difference).sum() == 3


def test_the_title_tells_where_one_setting_overtakes_the_other():
    title = drawn("contrast")["map_share"].title
    assert title == (
        "Leak share: saturation rises above precision at $980 k to $1 M (money for the raid)"
    )


def zero_lines(picture):
    return len(picture.findobj(QuadContourSet))


def test_without_a_told_turn_the_title_counts_places_and_no_line_is_drawn():
    figures, table = CASES["contrast"]()
    for place in figures["contrast"]["share"]["places"]:
        place["told"] = place["mean"] > 0.1
    above = sum(place["told"] for place in figures["contrast"]["share"]["places"])
    picture = draw_sweep(figures, table, TITLES)["map_share"]
    assert 0 < above < 27
    assert picture.title == (
        f"Leak share: saturation above precision at {above} of 27 places, below at 0, "
        f"no clear difference at {27 - above}"
    )
    assert "not distinguishable from zero" in said(picture)
    turned = drawn("contrast")["map_share"]
    assert [zero_lines(shown) for shown in (picture, turned)] == [0, 1]
    assert ["no difference" in said(shown) for shown in (picture, turned)] == [False, True]


def test_cells_below_zero_are_hatched_and_no_others():
    figures, table = CASES["contrast"]()
    picture = draw_sweep(figures, table, TITLES)["map_share"]
    hatched = [patch for axes in picture.axes for patch in axes.patches if patch.get_hatch()]
    means = [place["mean"] for place in figures["contrast"]["share"]["places"]]
    assert len(hatched) == sum(mean < 0.0 for mean in means) > 0
    assert "below zero" in said(picture)


def test_dots_lie_where_nothing_is_told():
    figures, table = CASES["contrast"]()
    places = figures["contrast"]["share"]["places"]
    for place in places:
        place["told"] = place["spread"] != 40.0
    picture = draw_sweep(figures, table, TITLES)["map_share"]
    (dots,) = (
        line for axes in picture.axes for line in axes.lines
        if line.get_marker() == "o" and len(line.get_xdata())
    )  # fmt: skip
    assert set(dots.get_ydata()) == {40.0}
    np.testing.assert_allclose(sorted(dots.get_xdata()), np.log10(MONEY["levels"]))


def test_levels_even_in_logs_and_differences_over_decades_are_drawn_in_logs():
    picture = drawn("contrast")["map_exchange"]
    first = picture.axes[0]
    assert first.get_xlim() == pytest.approx((4.8, 7.2), abs=0.05)
    assert first.get_ylim() == pytest.approx((-10.0, 90.0))
    assert isinstance(maps_of(picture)[2].norm, AsinhNorm)
    assert not isinstance(maps_of(drawn("contrast")["map_share"])[2].norm, AsinhNorm)


@pytest.mark.parametrize("order", list(itertools.permutations(("money", "defence", "window"))))
@pytest.mark.parametrize("contrast", ["tactic", None])
def test_x_y_and_rows_are_the_ranges_in_the_order_of_the_sweep(order, contrast):
    ranges = {"money": MONEY, "defence": DEFENCE, "window": SPREAD}
    factors = {"tactic": TACTIC} | {name: ranges[name] for name in order}
    outcomes = {"share": share_of}
    titles = {name: name for name in order}
    picture = draw_sweep(*answer_of(factors, contrast, outcomes=outcomes), titles)["map_share"]
    x, y, rows = (name.capitalize() for name in order)
    along = {axes.get_xlabel().split(" ")[0] for axes in picture.axes} - {""}
    up = {axes.get_ylabel().split(" ")[0] for axes in picture.axes} - {""}
    heads = [t.get_text() for t in picture.texts if t.get_text().startswith(f"{rows} ")]
    assert (along, up) == ({x}, {y})
    assert len(heads) >= 4


def test_what_there_is_no_room_for_is_said():
    assert "4 of 10 rows shown" in said(drawn("contrast in rows")["map_share"])
    assert "12 of 20 panels shown" in said(drawn("maps")["map_share"])
    assert "6 of 9 combinations shown" in said(drawn("lines")["lines"])


# --- lines, dots and clouds --------------------------------------------------------------------


def test_settings_that_are_numbers_with_a_unit_make_an_axis():
    picture = drawn("distance")["lines"]
    assert "Distance (km)" in said(picture)
    assert picture.axes[0].get_xlim()[0] < 200.0 < 900.0 < picture.axes[0].get_xlim()[1]


def test_settings_that_are_plain_numbers_make_an_axis():
    for axes in drawn("numbers", {"defence": "strength, times today's"})["lines"].axes:
        assert axes.get_xlabel() == "Strength, times today's"
        ticks = [label.get_text() for label in axes.get_xticklabels()]
        assert ticks == ["0.25", "0.5", "1", "2", "4"]
        assert [len(line.get_xdata()) for line in axes.lines if line.get_marker() in "os"] == [5, 5]


def test_a_unit_that_the_title_says_is_not_said_twice():
    words = said(drawn("line", {"spread": "spread of arrival, min"})["lines"])
    assert "Spread of arrival (min)" in words
    assert "arrival, min" not in words


def test_lines_of_decades_are_drawn_in_logs():
    share, exchange = drawn("contrast in lines")["lines"].axes
    assert exchange.get_yscale() == "log"
    figures, table = answer_of({"spread": SPREAD}, outcomes={"share": share_of})
    (plain,) = draw_sweep(figures, table, TITLES)["lines"].axes
    assert plain.get_yscale() == "linear"
    assert share.get_xlim() == exchange.get_xlim()


def test_a_crossing_is_marked_where_its_interval_is_known():
    figures, table = CASES["contrast in lines"]()
    found = {"along": "money", "at": 1.1e6, "low": 9e5, "high": 1.4e6, "from": "-"}
    figures["contrast"]["share"]["crossings"] = [found]
    figures["contrast"]["exchange"]["crossings"] = [found | {"low": None, "high": None}]
    words = said(draw_sweep(figures, table, TITLES)["lines"])
    assert words.count("means cross at $1.1 M ($900 k to $1.4 M)") == 1


def test_a_point_without_a_value_says_so():
    assert said(drawn("settings")["settings"]).count("no value") == 2  # one an outcome
    assert said(drawn("no line")["lines"]).count("no value") == 2
    assert "no value" in said(drawn("nothing")["map_share"])


def test_a_cloud_names_what_the_outcome_follows_most():
    pictures = drawn("random")
    assert pictures["points_share"].title.startswith("Leak share follows spread of arrival (rank")
    figures, table = cloud_of("random")
    table["share"] = np.random.default_rng(3).normal(size=len(table))
    title = draw_sweep(figures, table, TITLES)["points_share"].title
    assert title == "Leak share follows none of 3 factors"


def test_one_at_a_time_shows_each_factor_with_the_others_as_they_stand():
    figures, table = cloud_of("one_at_a_time", ["cheap"])
    picture = draw_sweep(figures, table, TITLES)["points_share"]
    shown = [len(axes.lines[0].get_xdata()) for axes in picture.axes]
    levels = [table[name].nunique() for name in ("money", "spread", "other", "cheap")]
    assert shown == levels


# --- of real wars ------------------------------------------------------------------------------


def test_the_answer_of_a_sweep_can_be_drawn(tmp_path):
    asked = Sweep(
        kind="sweep", name="t", title="t", question="q", scenario="spiderweb.yaml", runs=4,
        levers={
            "weapons.fpv.p_hit": "0.2:0.8:2",
            "weapons.fpv.unit_cost": [400, 1300, 4000],
            "aim": {word: {"raids.spiders-web.waves.fpv.aim": word}
                    for word in ("retask", "opportune")},
        },
        outcomes=("aircraft_destroyed", "spiders_web_cost_exchange"), contrast="aim",
    )  # fmt: skip
    question = sweep.question(asked, SCENARIOS)
    results = sweep.store_of(tmp_path, question)
    sweep.run_into(results, question, 1)
    pictures = draw_sweep(*surface.answer(results, question), {})
    assert set(pictures) == {"map_aircraft_destroyed", "map_spiders_web_cost_exchange"}
    assert "Weapons fpv p hit" in said(pictures["map_aircraft_destroyed"])
