"""Patient rule induction: a planted box is found, and only the order of values counts."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from sim.experiment.questions.prim import Wars, inside, peeled, quasi_p, worth
from tests.examples import examples

SHARE = 0.1
FEWEST = 20


@st.composite
def any_wars(draw):
    """Wars with figures of many values, of few, and of one, in which luck and two figures count."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    runs = draw(st.integers(60, 400))
    kinds = draw(st.lists(st.sampled_from(("real", "count", "constant")), min_size=1, max_size=4))
    made = {
        "real": lambda: rng.normal(size=runs),
        "count": lambda: rng.integers(0, draw(st.integers(1, 8)), runs, endpoint=True),
        "constant": lambda: np.full(runs, 7.0),
    }
    x = pd.DataFrame({f"f{k}": made[kind]() for k, kind in enumerate(kinds)})
    slope = x.iloc[:, 0] + x.iloc[:, -1]
    p = np.where(slope > slope.median(), draw(st.floats(0.3, 1.0)), draw(st.floats(0.0, 0.6)))
    return Wars(x, rng.random(runs) < p)


def way_of(wars, share=SHARE, fewest=FEWEST):
    """The boxes, which wars each holds, and how many of the boxes are peelings."""
    boxes = peeled(wars, share, fewest)
    held = [inside(wars.x, box) for box in boxes]
    return boxes, held, int(np.argmin([one.sum() for one in held])) + 1


@pytest.mark.parametrize("figures", [2, 3, 4, 5])
@pytest.mark.parametrize("seed", range(3))
def test_a_planted_box_is_found_to_within_a_peel(figures, seed):
    """Of figures from 0 to 1, each restricted at one end or at both, and one that counts not."""
    rng = np.random.default_rng(seed)
    x = pd.DataFrame(rng.random((6000, figures + 1)), columns=list("abcdef"[: figures + 1]))
    wanted = {name: ((0.3, 1.0), (0.0, 0.7), (0.2, 0.85))[k % 3] for k, name in enumerate(x)}
    wanted[x.columns[-1]] = (0.0, 1.0)
    wars = Wars(x, inside(x, wanted))
    boxes, _, _ = way_of(wars)
    assert worth(wars, boxes[-1])["density"] == 1.0
    for name, (low, high) in wanted.items():
        found_low, found_high = np.clip(boxes[-1].get(name, (0.0, 1.0)), 0.0, 1.0)
        assert found_low == pytest.approx(low, abs=SHARE * (high - low) + 0.02)
        assert found_high == pytest.approx(high, abs=SHARE * (high - low) + 0.02)


def test_the_peels_by_hand():
    """A tenth of twenty wars are two, of fewer it is one; of two peels alike the lower is taken."""
    x = pd.DataFrame({"f": np.arange(20.0)})
    wars = Wars(x, np.isin(x["f"], (0.0, 1.0, 2.0, 3.0, 18.0, 19.0), invert=True))
    limits = [(1.5, np.inf), (2.5, np.inf), (3.5, np.inf), (3.5, 18.5), (3.5, 17.5)]
    assert peeled(wars, SHARE, 2) == [{}, *({"f": ends} for ends in limits)]


def test_what_was_peeled_too_early_is_pasted_back():
    """The lower half of f is the emptiest part at first, and the fullest where g is high."""
    rng = np.random.default_rng(0)
    f, g = rng.random((2, 4000))
    p = np.where(g > 0.8, np.where(f < 0.5, 1.0, 0.9), np.where(f < 0.5, 0.0, 0.6))
    wars = Wars(pd.DataFrame({"f": f, "g": g}), rng.random(4000) < p)
    boxes, held, peels = way_of(wars, fewest=350)
    assert boxes[peels - 1]["f"][0] > 0.4
    assert list(boxes[-1]) == ["g"]
    for before, after in pairwise(held[peels - 1 :]):
        assert after.sum() - before.sum() <= 0.5 * SHARE * before.sum()


@examples(200)
@given(any_wars())
def test_peelings_nest_and_pastings_only_add_what_makes_denser(wars):
    boxes, held, peels = way_of(wars)
    assert boxes[0] == {}
    for before, after in pairwise(held[:peels]):
        assert after.sum() < before.sum()
        assert not (after & ~before).any()
    density = [wars.happens[one].mean() for one in held]
    for step in range(peels, len(held)):
        assert not (held[step - 1] & ~held[step]).any()
        assert density[step] > density[step - 1]
    assert held[peels - 1].sum() >= FEWEST
    assert density[peels - 1] == max(density[:peels])
    assert density[-1] >= wars.happens.mean()


@examples(100)
@given(any_wars())
def test_no_peel_is_larger_than_its_share_or_one_value(wars):
    boxes, held, peels = way_of(wars)
    for step in range(1, peels):
        gone = held[step - 1] & ~held[step]
        (path,) = [name for name in wars.x if boxes[step].get(name) != boxes[step - 1].get(name)]
        is_one_value = wars.x[path][gone].nunique() == 1
        assert gone.sum() <= SHARE * held[step - 1].sum() or is_one_value


@examples(100)
@given(any_wars(), st.sampled_from((np.exp, np.arctan, lambda x: 3.0 * x - 8.0, lambda x: x**3)))
def test_only_the_order_of_values_counts(wars, increasing):
    other = wars._replace(x=wars.x.astype(np.float64).apply(increasing))
    for one, two in zip(way_of(wars)[1], way_of(other)[1], strict=True):
        assert (one == two).all()


def test_a_turned_figure_gives_the_turned_box():
    rng = np.random.default_rng(5)
    x = pd.DataFrame(rng.random((9000, 3)), columns=list("abc"))
    wars = Wars(x, rng.random(9000) < np.where((x["a"] > 0.6) & (x["b"] < 0.5), 0.9, 0.2))
    straight, turned = (way_of(wars._replace(x=one), fewest=900)[1] for one in (x, -x))
    assert [one.tolist() for one in straight] == [one.tolist() for one in turned]


def test_a_figure_of_one_value_is_never_restricted():
    rng = np.random.default_rng(1)
    x = pd.DataFrame({"constant": np.full(500, 3), "f": rng.random(500)})
    boxes, _, _ = way_of(Wars(x, x["f"].to_numpy() > 0.5))
    assert {path for box in boxes for path in box} == {"f"}
    assert peeled(Wars(x[["constant"]], rng.random(500) < 0.5), SHARE, FEWEST) == [{}]


def test_equal_values_go_together_and_limits_lie_between_them():
    rng = np.random.default_rng(2)
    x = pd.DataFrame({"count": rng.integers(0, 4, 800)})
    boxes, held, _ = way_of(Wars(x, x["count"].to_numpy() == 2))
    assert boxes[-1] == {"count": (1.5, 2.5)}
    assert held[-1].tolist() == (x["count"] == 2).tolist()


def test_a_figure_of_two_values_has_no_advantage_by_its_larger_peel():
    """Half of all wars at once raise the density more than a tenth, but less for each war taken."""
    x = pd.DataFrame({"switch": np.arange(1000) % 2, "f": np.arange(1000) / 1000.0})
    rng = np.random.default_rng(3)
    p = 0.3 + 0.2 * x["switch"] + np.where(x["f"] < 0.3, -0.3, 0.0)
    boxes, _, _ = way_of(Wars(x, rng.random(1000) < p))
    assert list(boxes[1]) == ["f"]


def test_no_number_between_two_values_still_tells_them_apart():
    low = 1.0
    high = float(np.nextafter(low, 2.0))
    x = pd.DataFrame({"f": np.repeat([low, high], 50)})
    for wanted in (low, high):
        wars = Wars(x, x["f"].to_numpy() == wanted)
        assert way_of(wars)[1][-1].tolist() == wars.happens.tolist()


def test_nothing_is_peeled_where_it_always_happens_or_few_are_left():
    x = pd.DataFrame({"f": np.arange(100.0)})
    assert peeled(Wars(x, np.ones(100, np.bool_)), SHARE, FEWEST) == [{}]
    assert peeled(Wars(x, x["f"].to_numpy() > 50.0), SHARE, 95) == [{}]


@examples(100)
@given(any_wars())
def test_quasi_p_is_a_one_sided_binomial_test(wars):
    box = peeled(wars, SHARE, FEWEST)[-1]
    within = inside(wars.x, box)
    for path in box:
        wider = inside(wars.x, {name: ends for name, ends in box.items() if name != path})
        tested = binomtest(
            int(wars.happens[within].sum()),
            int(within.sum()),
            float(wars.happens[wider].mean()),
            alternative="greater",
        )
        assert quasi_p(wars, box, path) == pytest.approx(tested.pvalue, rel=1e-9)


def test_quasi_p_of_an_empty_box_is_one():
    wars = Wars(pd.DataFrame({"f": [0.0, 1.0]}), np.array([True, False]))
    assert quasi_p(wars, {"f": (2.0, np.inf)}, "f") == 1.0


@examples(100)
@given(any_wars())
def test_coverage_density_and_mass_hang_together(wars):
    """coverage = density x mass / share of cases, for every box of a way."""
    for box in peeled(wars, SHARE, FEWEST):
        told = worth(wars, box)
        assert told["wars"] == inside(wars.x, box).sum()
        if wars.happens.any():
            product = told["density"] * told["mass"] / wars.happens.mean()
            assert told["coverage"] == pytest.approx(product)
