"""Figures: units, bounds, the laws over a range, and one draw a run by address."""

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from scipy import stats

from sim.rules import laws
from sim.scenario import figure as kinds
from sim.scenario.figure import Figure
from sim.scenario.sample import Sample
from sim.scenario.schema import Scenario, figures

LAWS = tuple(laws.BY_NAME)
LAST_DRAW = 1.0 - 2.0**-53
Z = 1.959963984540054


def figure(kind: str, value: Any, **more: Any) -> Figure:
    written = {"value": value, "assumed": "for a test", **more}
    return TypeAdapter(getattr(kinds, kind)).validate_python(written)


# --- units and bounds --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "unit", "expected"),
    [
        ("PositiveKm", "45 km", None, 45.0),
        ("PositiveKm", 45, "km", 45.0),
        ("PositiveKm", "1500 m", None, 1.5),
        ("PerHour", "12/h", None, 12.0),
        ("PerHour", 12, "1/h", 12.0),
        ("PerHour", "12 1/h", None, 12.0),
        ("PerHour", 2, "1/min", 120.0),
        ("PerHour", 48, "1/day", 2.0),
        ("PerDay", 0.5, "1/h", 12.0),
        ("Days", "18 months", None, 18 * 30.4375),
        ("Days", 1, "year", 365.25),
        ("Days", "2 weeks", None, 14.0),
        ("Days", 36, "h", 1.5),
        ("Minutes", "30 s", None, 0.5),
        ("Minutes", 2, "h", 120.0),
        ("KmPerHour", 10, "m/s", 36.0),
        ("Usd", "3 MUSD", None, 3e6),
        ("Usd", 1.5, "GUSD", 1.5e9),
        ("Usd", 20, "kUSD", 2e4),
        ("Probability", 35, "percent", 0.35),
        ("Probability", "35 percent", None, 0.35),
        ("Probability", 0.35, None, 0.35),
        ("PerHourOrAtOnce", math.inf, "1/h", math.inf),
        ("PerHourOrAtOnce", ".inf 1/h", None, math.inf),
        ("Usd", "1e6 USD", None, 1e6),
    ],
)
def test_a_figure_is_converted_to_the_unit_of_its_place(
    kind: str, value: Any, unit: str | None, expected: float | None
) -> None:
    more = {} if unit is None else {"unit": unit}
    if expected is None:
        with pytest.raises(ValidationError):
            figure(kind, value, **more)
    else:
        assert figure(kind, value, **more).value == pytest.approx(expected, rel=1e-14)


SPELT = {
    ("PositiveKm", 1.852): "nmi NM nautical~mile nautical~miles Nautical~Miles sea~miles",
    ("PositiveKm", 1.609344): "mi miles mile MI statute~miles",
    ("PositiveKm", 0.0003048): "ft feet foot FT",
    ("PositiveKm", 1.0): "km KM Km kms kilometres kilometers Kilometre",
    ("KmPerHour", 1.852): "kt kts kn knot knots KT nmi/h nautical~miles~per~hour",
    ("KmPerHour", 1.609344): "mph MPH mi/h miles~per~hour miles/hr",
    ("KmPerHour", 1.0): "km/h Km/H kmh kph km/hr km~per~hour km~h-1 km~h⁻¹ km~h^-1 km*h**-1",
    ("Probability", 0.01): "% percent Percent per~cent per-cent pct",
    ("Minutes", 60.0): "h hr hrs hour hours H Hrs hr. Hours",
    ("Days", 1.0): "day days d D Day Days",
    ("PerHour", 1.0): "1/h /h 1/hr per~hour an~hour h-1 h⁻¹ 1/hours",
    ("PerDay", 1.0): "1/day /day per~day a~day 1/d /d d^-1",
    ("PerDay", 0.01): "%/day %~a~day percent/day per~cent~per~day",
    ("Usd", 1.0): "$ USD usd US$ US~$ dollars US~dollars",
    ("Usd", 1e3): "kUSD k$ $k thousand~USD",
    ("Usd", 1e6): "MUSD musd M$ $M $m mn~USD million~dollars USD~million mio~USD USDm",
    ("Usd", 1e9): "GUSD bn~USD $bn billion~USD billion~dollars",
}


@pytest.mark.parametrize(
    ("kind", "size", "unit"),
    [(*key, u.replace("~", " ")) for key, line in SPELT.items() for u in line.split()],
)
def test_a_unit_may_be_spelt_as_people_do(kind: str, size: float, unit: str) -> None:
    assert figure(kind, 1, unit=unit).value == size
    assert figure(kind, f"1 {unit}").value == size


@pytest.mark.parametrize(("written", "value"), [("$5 million", 5e6), ("US$ 2.5k", 2500.0)])
def test_a_price_may_have_its_sign_ahead(written: str, value: float) -> None:
    assert figure("Usd", written).value == value


@pytest.mark.parametrize(
    ("kind", "unit", "told"),
    [
        ("PositiveKm", "nm", "did you mean 'nmi'?"),
        ("KmPerHour", "knts", "did you mean 'knots'?"),
        ("KmPerHour", "kmm/h", "did you mean 'km/h'?"),
        ("Days", "dayz", "did you mean 'day'?"),
        ("Probability", "procent", "did you mean 'percent'?"),
        ("Usd", "million", "did you mean 'million USD'?"),
        ("KmPerHour", "mach", "expected km/h or the like"),
        ("Days", "fortnight", "expected day or the like"),
    ],
)
def test_a_unit_that_is_not_known_is_told_with_the_nearest(kind: str, unit: str, told: str) -> None:
    with pytest.raises(ValidationError, match="not understood here, " + re.escape(told)):
        figure(kind, 1, unit=unit)


@pytest.mark.parametrize("unit", ["EUR", "€", "M€", "million euros", "GBP", "bn RUB", "roubles"])
def test_another_currency_is_told_how_to_convert(unit: str) -> None:
    with pytest.raises(ValidationError, match=r"another currency, expected USD: convert .* rate"):
        figure("Usd", 1, unit=unit)


AMOUNTS = st.decimals(min_value="0.001", max_value="999", places=3)


@given(AMOUNTS, st.sampled_from([("USD", "kUSD"), ("day", "week"), ("min", "h"), ("h", "day")]))
def test_the_same_amount_in_any_unit_is_the_same_number(amount: Any, units: Any) -> None:
    """To the bit: figures are converted by exact ratios."""
    small, large = units
    kind = {"USD": "Usd", "day": "Days", "min": "Minutes", "h": "Days"}[small]
    times = {"USD": 1000, "day": 7, "min": 60, "h": 24}[small]
    one = figure(kind, f"{amount * times} {small}")
    assert one.value == figure(kind, f"{amount} {large}").value


def test_the_ends_are_converted_with_the_value() -> None:
    made = figure("Days", 2, low=1, high=4, unit="week")
    assert (made.low, made.value, made.high, made.unit) == (7.0, 14.0, 28.0, "day")


@pytest.mark.parametrize(
    ("kind", "unit"),
    [
        ("PositiveKm", "h"),
        ("PositiveKm", "km/h"),
        ("PerHour", "h"),
        ("Usd", "EUR"),
        ("Usd", "percent"),
        ("Probability", "km"),
        ("Probability", "deg"),
        ("Minutes", "m"),
        ("KmPerHour", "nmi"),
        ("PositiveKm", "km; import os"),
        ("PositiveKm", "km**999999999"),
        ("PositiveKm", "__class__"),
        ("PositiveKm", ""),
    ],
)
def test_a_unit_of_another_kind_is_refused(kind: str, unit: str) -> None:
    with pytest.raises(ValidationError, match="unit"):
        figure(kind, 1, unit=unit)


@pytest.mark.parametrize(
    ("kind", "unit", "inside", "outside"),
    [
        ("Probability", "1", (0, 0.5, 1), (-1e-9, 1.0001, math.inf, math.nan)),
        ("SignedShare", "1", (-1, 0, 1), (-1.01, 1.01)),
        ("Count", "1", (0, 7, 1e7), (-1, 1.5, 1e7 + 1, math.inf)),
        ("PositiveCount", "1", (1,), (0,)),
        ("ShotCount", "1", (1, 200), (0, 201)),
        ("NonNegative", "1", (0, 1e15), (-1, math.inf)),
        ("Positive", "1", (1e-9,), (0, -1)),
        ("Real", "1", (-1e15, 0, 1e15), (math.inf, -math.inf, math.nan)),
        ("PositiveDays", "day", (0.1, 1e5), (0, 100_001)),
        ("PositiveKm", "km", (1, 20100), (0, 20101)),
        ("KmPerHour", "km/h", (1,), (0,)),
        ("PerHourOrAtOnce", "1/h", (0, math.inf), (-1, math.nan)),
    ],
)
def test_bounds(kind: str, unit: str, inside: Any, outside: Any) -> None:
    for value in inside:
        assert figure(kind, value, unit=unit).value == value
    for value in outside:
        with pytest.raises(ValidationError, match=r"out of bounds|not a whole number"):
            figure(kind, value, unit=unit)


def test_bounds_hold_for_the_ends_too() -> None:
    with pytest.raises(ValidationError, match=r"high 1\.2 is out of bounds"):
        figure("Probability", 0.5, low=0.1, high=1.2)
    with pytest.raises(ValidationError, match=r"low 1\.5 is not a whole number"):
        figure("Count", 3, low=1.5, high=4)


def test_bounds_are_of_the_converted_number() -> None:
    assert figure("Probability", 100, unit="percent").value == 1.0
    with pytest.raises(ValidationError, match=r"value 1\.01 is out of bounds"):
        figure("Probability", 101, unit="percent")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"law": "pert"}, "a law needs a range"),
        ({"law": "lognormal", "low": 0, "high": 2}, "a lognormal range starts above 0"),
        ({"low": 0}, "both low and high"),
        ({"low": 2, "high": 3}, "out of order"),
        ({"low": 0, "high": 0.5}, "out of order"),
    ],
)
def test_a_range_that_makes_no_sense_is_refused(more: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        figure("NonNegative", 1, **more)


@pytest.mark.parametrize(("low", "high"), [(-2, 0), (-1, 0), (-1, -1), (-3, -1), (-1, 2)])
def test_a_range_may_lie_below_zero(low: float, high: float) -> None:
    made = figure("Real", -1, low=low, high=high)
    assert (made.low, made.high, made.is_drawn) == (low, high, low < high)


@pytest.mark.parametrize(
    ("where", "sources", "line"),
    [
        ({"source": "a2020"}, ("a2020",), "a2020"),
        ({"source": ["a2020", "b2021"]}, ("a2020", "b2021"), "a2020, b2021"),
        ({"assumed": "why"}, (), "assumed: why"),
        ({"source": "a2020", "assumed": "why"}, ("a2020",), "a2020; assumed: why"),
    ],
)
def test_provenance(where: Any, sources: tuple[str, ...], line: str) -> None:
    made = TypeAdapter(kinds.Probability).validate_python({"value": 0.5, **where})
    assert (made.sources, made.provenance) == (sources, line)


@pytest.mark.parametrize("where", [{}, {"assumed": ""}, {"assumed": "  "}, {"source": []}])
def test_a_figure_from_nowhere_is_refused(where: Any) -> None:
    with pytest.raises(ValidationError, match="must say where it comes from"):
        TypeAdapter(kinds.Probability).validate_python({"value": 0.5, **where})


# --- laws --------------------------------------------------------------------------------------

RANGES = [(0.0, 0.3, 1.0), (2.0, 2.0, 5.0), (2.0, 5.0, 5.0), (1e-3, 0.02, 40.0), (1e6, 3e6, 9e6)]


@st.composite
def ranges(draw: st.DrawFn) -> tuple[float, float, float]:
    """Positive ranges of any width, the value anywhere in them."""
    low = draw(st.floats(1e-6, 1e9))
    width = draw(st.floats(1e-6, 1e6)) * low
    return low, low + width * draw(st.floats(0.0, 1.0)), low + width


@pytest.mark.parametrize("law", LAWS)
@given(between=ranges(), u=st.lists(st.integers(0, 2**53 - 1), min_size=1, max_size=20))
def test_every_draw_of_a_law_is_in_its_range(
    law: str, between: tuple[float, float, float], u: list[int]
) -> None:
    low, mode, high = between
    mode = min(mode, high)
    drawn = laws.BY_NAME[law](np.array([0, *u, 2**53 - 1]) / 2**53, low, mode, high)
    assert np.all(drawn >= low)
    assert np.all(drawn <= high)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize(("low", "mode", "high"), RANGES)
def test_a_law_rises_from_low_to_high(law: str, low: float, mode: float, high: float) -> None:
    low = max(low, 1e-3) if law == "lognormal" else low
    drawn = laws.BY_NAME[law](np.linspace(0.0, LAST_DRAW, 2001), low, mode, high)
    assert np.all(np.diff(drawn) > 0.0)
    assert drawn[0] == pytest.approx(low, abs=1e-9 * high)
    assert drawn[-1] == pytest.approx(high, rel=1e-3)


def reference(law: str, low: float, mode: float, high: float, u: Any) -> Any:
    """The quantiles by scipy's distributions."""
    width = high - low
    if law == "triangular":
        return stats.triang.ppf(u, (mode - low) / width, low, width)
    if law == "uniform":
        return stats.uniform.ppf(u, low, width)
    if law == "pert":
        a, b = 1 + 4 * (mode - low) / width, 1 + 4 * (high - mode) / width
        return stats.beta.ppf(u, a, b, low, width)
    if law == "normal":
        sd = width / (2 * Z)
        return stats.truncnorm.ppf(u, (low - mode) / sd, (high - mode) / sd, mode, sd)
    sd = math.log(high / low) / (2 * Z)
    ends = (math.log(low / mode) / sd, math.log(high / mode) / sd)
    return np.exp(stats.truncnorm.ppf(u, *ends, math.log(mode), sd))


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize(("low", "mode", "high"), RANGES)
def test_a_law_is_the_inverse_cdf_it_says(law: str, low: float, mode: float, high: float) -> None:
    low = max(low, 1e-3) if law == "lognormal" else low
    u = np.linspace(0.001, 0.999, 999)
    expected = reference(law, low, mode, high, u)
    np.testing.assert_allclose(laws.BY_NAME[law](u, low, mode, high), expected, rtol=1e-8)


@pytest.mark.parametrize(
    ("law", "expected"),
    [("triangular", (2 + 3 + 10) / 3), ("uniform", 6.0), ("pert", (2 + 4 * 3 + 10) / 6)],
)
def test_the_mean_of_a_law(law: str, expected: float) -> None:
    u = (np.arange(100_000) + 0.5) / 100_000
    mean = laws.BY_NAME[law](u, 2.0, 3.0, 10.0).mean()
    assert mean == pytest.approx(expected, abs=1e-4)


def test_the_median_of_the_normal_laws_is_the_value() -> None:
    half = np.array([0.5])
    assert laws.normal(half, 2.0, 5.0, 8.0)[0] == pytest.approx(5.0, rel=1e-12)
    assert laws.lognormal(half, 1.0, 3.0, 9.0)[0] == pytest.approx(3.0, rel=1e-12)


# --- one draw a run ----------------------------------------------------------------------------

RUNS = np.arange(100)


def test_a_constant_is_the_same_in_all_runs(tiny: Scenario) -> None:
    assert set(Sample(tiny, 1, RUNS)["weapons.dart.speed"]) == {120.0}


def test_every_figure_with_a_range_is_drawn_and_no_other(tiny: Scenario) -> None:
    sample = Sample(tiny, 1, RUNS)
    for path, written in figures(tiny):
        is_ranged = written.low is not None
        assert (len(set(sample[path])) > 1) == is_ranged, path
        assert (path in sample.drawn) == is_ranged, path
        if is_ranged:
            assert written.low <= sample[path].min() < sample[path].max() <= written.high
    assert len(sample.drawn) == 11


def test_a_run_draws_the_same_alone_and_in_company(tiny: Scenario) -> None:
    together, alone = Sample(tiny, 1, RUNS), Sample(tiny, 1, np.array([7]))
    mixed = Sample(tiny, 1, np.array([99, 7, 3]))
    for path in together.drawn:
        assert alone[path][0] == together[path][7] == mixed[path][1]


def test_another_seed_draws_otherwise(tiny: Scenario) -> None:
    one, other = Sample(tiny, 1, RUNS), Sample(tiny, 2, RUNS)
    assert not np.any(one["weapons.dart.p_hit"] == other["weapons.dart.p_hit"])


def test_two_figures_of_one_range_are_drawn_apart(read: Callable[..., Scenario]) -> None:
    alike = "{value: 0.5, low: 0, high: 1, assumed: x}"
    war = read(overrides=[f"weapons.dart.p_{what}={alike}" for what in ("hit", "destroy")])
    sample = Sample(war, 1, np.arange(2000))
    hit, destroy = sample["weapons.dart.p_hit"], sample["weapons.dart.p_destroy"]
    assert abs(np.corrcoef(hit, destroy)[0, 1]) < 0.08


def test_counts_are_whole_and_reach_both_ends(tiny: Scenario) -> None:
    drawn = Sample(tiny, 1, np.arange(2000)).count("sites.south.assets.plane.count")
    assert drawn.dtype == np.int64
    assert set(drawn) == {2, 3, 4, 5, 6, 7, 8}
    assert set(Sample(tiny, 1, RUNS)["sites.south.assets.plane.count"]) <= set(range(2, 9))


def test_a_figure_added_elsewhere_moves_no_other(
    war_text: str, read: Callable[..., Scenario]
) -> None:
    before = Sample(read(), 1, RUNS)
    block = war_text[war_text.index("  dart:\n    title") : war_text.index("assets:\n")]
    text = war_text.replace("weapons:\n", "weapons:\n" + block.replace("  dart:", "  arrow:", 1))
    text = text.replace("{value: 0.4, source: [", "{value: 0.4, low: 0.3, high: 0.6, source: [", 1)
    war = read(text)
    after = Sample(war, 1, RUNS)
    assert set(war.weapons) == {"arrow", "dart"}
    for path, _ in figures(read()):
        np.testing.assert_array_equal(after[path], before[path])


def test_the_law_of_a_figure_takes_its_draw(read: Callable[..., Scenario]) -> None:
    """One uniform at the figure's address, whatever the law and the range."""
    path = "weapons.dart.p_hit"
    even = "{value: 0, low: 0, high: 1, law: uniform, assumed: x}"
    u = Sample(read(overrides=[f"{path}={even}"]), 1, RUNS)[path]
    for law in ("triangular", "pert", "normal", "lognormal"):
        written = f"{{value: 0.3, low: 0.2, high: 0.7, law: {law}, assumed: x}}"
        drawn = Sample(read(overrides=[f"{path}={written}"]), 1, RUNS)[path]
        np.testing.assert_allclose(drawn, reference(law, 0.2, 0.3, 0.7, u), rtol=1e-9)


def test_a_figure_that_is_left_out_has_a_default(tiny: Scenario) -> None:
    sample = Sample(tiny, 1, RUNS[:3])
    assert list(sample.get("front.strength_effect", 0.5)) == [0.5, 0.5, 0.5]
    with pytest.raises(KeyError):
        sample["front.strength_effect"]


def test_a_figure_is_of_both_sides_or_has_one_a_side(read: Callable[..., Scenario]) -> None:
    each = "{hares: {value: 2, assumed: x}, bears: {value: 3, assumed: x}}"
    both = Sample(read(overrides=["mechanisms.cost.per_loss=4"]), 1, RUNS[:2])
    apart = Sample(read(overrides=[f"mechanisms.cost.per_loss={each}"]), 1, RUNS[:2])
    path = "mechanisms.cost.per_loss"
    assert list(both.of_side(path, "hares")) == list(both.of_side(path, "bears")) == [4.0, 4.0]
    assert list(apart.of_side(path, "hares")) == [2.0, 2.0]
    assert list(apart.of_side(path, "bears")) == [3.0, 3.0]
