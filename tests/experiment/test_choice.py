"""Choices under uncertainty and games: laws, closed forms, and errors that hold what they say."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from sim.evidence.verify.case import of_least_share
from sim.evidence.verify.choices import blotto
from sim.experiment.choice import information, robustness
from sim.experiment.choice.allocation import allocated, allocated_in_pairs, best_in_pairs
from sim.experiment.choice.double_oracle import double_oracle
from sim.experiment.choice.front import front, places
from sim.experiment.choice.matrix_game import exploitability, solve, value_interval
from sim.experiment.choice.stackelberg import commitment, pure_commitment
from tests.examples import examples

Floats = NDArray[np.float64]
MONOTONE = (
    "expected_value", "maximin", "maximax", "hurwicz", "minimax_regret", "percentile_regret",
)  # fmt: skip
"""Measures by which who is better in every war is better: those of spread and shape are not."""


def numbers(*shape: int) -> st.SearchStrategy[Floats]:
    return arrays(np.float64, shape, elements=st.integers(-20, 20).map(float))


tables = st.tuples(st.integers(1, 5), st.integers(1, 7)).flatmap(lambda shape: numbers(*shape))


# --- robustness --------------------------------------------------------------------------------


@examples(60)
@given(tables)
def test_regret_is_never_below_0_and_in_each_war_somebody_has_none(gains: Floats) -> None:
    missed = robustness.regret(gains)
    assert (missed >= 0.0).all()
    assert (missed.min(axis=0) == 0.0).all()


@examples(60)
@given(tables, st.data())
def test_an_option_that_is_worse_in_every_war_is_never_chosen(gains: Floats, data) -> None:
    one = data.draw(st.integers(0, len(gains) - 1))
    dominated = gains[one] - data.draw(st.integers(1, 5))
    options = np.vstack([gains, dominated])
    for name in MONOTONE:
        scores = robustness.measures("large")[name].score(options)
        assert scores[-1] < scores.max(), name
    assert not front(np.array([options.mean(axis=1), options.mean(axis=1)]).T)[-1]


@examples(60)
@given(tables, st.randoms())
def test_the_order_of_options_does_not_matter(gains: Floats, random) -> None:
    order = list(range(len(gains)))
    random.shuffle(order)
    for name, measure in robustness.measures("large", threshold=1.0).items():
        scores = measure.score(gains)
        np.testing.assert_array_equal(measure.score(gains[order]), scores[order], name)
    found = information.of_everything(gains).value
    assert information.of_everything(gains[order]).value == pytest.approx(found, abs=1e-12)


@examples(60)
@given(tables)
def test_a_loss_that_should_be_small_is_read_as_a_gain_that_should_be_large(values: Floats) -> None:
    for name, measure in robustness.measures("small", threshold=1.0).items():
        scores = measure.score(robustness.gains_of(values, "small"))
        read = measure.read(scores, "small")
        if name in ("expected_value", "maximin", "maximax"):
            whole = {"expected_value": np.mean, "maximin": np.max, "maximax": np.min}[name]
            np.testing.assert_allclose(read, whole(values, axis=1), atol=1e-12)
        if measure.is_regret:
            assert (read >= 0.0).all(), name
        if name == "starr":
            np.testing.assert_array_equal(read, (values <= 1.0).mean(axis=1))


def test_the_measures_of_spread_and_shape_by_hand() -> None:
    gains = np.array([[0.0, 1.0, 2.0, 3.0, 4.0], [0.0, 4.0, 4.0, 4.0, 4.0]])
    scores = {name: m.score(gains) for name, m in robustness.measures("large").items()}
    spread = gains.std(axis=1, ddof=1)
    np.testing.assert_allclose(
        scores["mean_variance"], [3.0 / (spread[0] + 1), 4.2 / (spread[1] + 1)]
    )
    # below the median, worse half of five rounded up: 2, 1, 0 and 4, 0, 0
    np.testing.assert_allclose(scores["undesirable_deviations"], [-1.0, -4.0 / 3.0])
    # the 10th and 90th percentile: .4 and 3.6; 1.6 and 4
    np.testing.assert_allclose(scores["percentile_skewness"], [0.0, 1.0], atol=1e-12)
    np.testing.assert_allclose(scores["percentile_peakedness"][0], 3.2 / 2.0)
    assert np.isnan(scores["percentile_peakedness"][1])  # its central half has no width


def test_mean_variance_is_not_told_where_it_would_reward_spread() -> None:
    calm, wild = np.full(4, -5.0), np.array([-10.0, 0.0, -10.0, 0.0])
    assert np.isnan(
        robustness.measures("large")["mean_variance"].score(np.array([calm, wild]))
    ).all()
    scores = robustness.measures("small")["mean_variance"].score(np.array([calm, wild]))
    assert scores[0] > scores[1]


# --- what it is worth to know ------------------------------------------------------------------


@examples(40)
@given(tables, st.integers(1, 4), st.integers(0, 999))
def test_information_is_never_worth_less_than_nothing(
    gains: Floats, levels: int, seed: int
) -> None:
    """Whatever the figures are: of one level, of a few or of many, and options alike or not."""
    assert information.of_everything(gains).value >= 0.0
    rng = np.random.default_rng(seed)
    figures = rng.integers(levels, size=(60, 2)) + (levels == 4) * rng.random((60, 2))
    told = gains[:, rng.integers(gains.shape[1], size=60)]
    found = information.of_figures(told, figures)
    assert found.value >= -1e-9
    assert np.isfinite(found.error)
    assert (levels > 1) or found.value == pytest.approx(0.0, abs=1e-9)


def test_too_few_wars_for_so_many_figures_are_refused() -> None:
    with pytest.raises(ValueError, match=r"40 wars, expected at least \d+ for these figures"):
        information.of_figures(np.zeros((2, 40)), np.random.default_rng(1).random((40, 3)))


def test_knowing_is_worth_nothing_where_one_option_is_always_best() -> None:
    rng = np.random.default_rng(1)
    figure = rng.random(200)
    gains = np.array([figure, figure + 1.0, figure - 1.0])
    assert information.of_everything(gains).value == 0.0
    assert information.of_figures(gains, figure[:, None]).value == pytest.approx(0.0, abs=1e-9)


def test_a_figure_is_worth_what_it_decides_and_luck_is_not_in_it() -> None:
    """Two options, even but for a coin that is told and one that is not: half of each stake."""
    rng = np.random.default_rng(2)
    told, untold = rng.choice([-1.0, 1.0], (2, 4000))
    gains = np.array([told + 3.0 * untold, np.zeros(4000)])
    found = information.of_figures(gains, told[:, None])
    assert abs(found.value - 0.5) <= 2.0 * found.error
    assert found.error < 0.1
    other = information.of_figures(gains, rng.random((4000, 1)))
    assert other.value <= 2.0 * other.error


def test_what_knowing_is_worth_does_not_hang_on_how_a_processor_turns_axes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Eigenvectors point either way: their signs are for the linear algebra library to choose."""
    luck = np.random.default_rng(5)
    figure = luck.normal(size=(300, 1))
    gains = np.stack([np.zeros(300), figure[:, 0] + luck.normal(size=300), luck.normal(size=300)])
    plain, eigh = information.of_figures(gains, figure), np.linalg.eigh

    def turned(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        values, vectors = eigh(matrix)
        return values, vectors * luck.choice([-1.0, 1.0], len(values))

    monkeypatch.setattr(np.linalg, "eigh", turned)
    for _ in range(5):
        assert information.of_figures(gains, figure) == pytest.approx(plain, rel=1e-9)


def test_the_interval_of_what_a_figure_is_worth_holds_it() -> None:
    """The unit normal loss: phi(0) of a difference that is one normal figure, beside luck."""
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(40):
        figure, luck = rng.standard_normal((2, 400))
        found = information.of_figures(np.array([np.zeros(400), figure + luck]), figure[:, None])
        hits += abs(found.value - 0.3989423) <= found.error
    assert hits >= 34  # fewer by luck once in 300, if it is .95


# --- the front ---------------------------------------------------------------------------------


@examples(60)
@given(numbers(6, 2))
def test_on_the_front_is_who_nobody_beats(means: Floats) -> None:
    found = front(means)
    for k, own in enumerate(means):
        beaten = any((other >= own).all() and (other > own).any() for other in means)
        assert found[k] == (not beaten)


def test_the_front_says_what_is_not_told_yet() -> None:
    rng = np.random.default_rng(4)
    luck = rng.standard_normal((1, 400, 1))
    means = np.array([[2.0, 0.0], [0.0, 2.0], [-1.0, -1.0], [1.99, 0.001]])
    gains = means[:, None, :] + luck + 0.5 * rng.standard_normal((4, 400, 2))
    assert places(gains) == ["open", "on the front", "off the front", "open"]
    assert places(gains[[1, 1, 2]]) == ["on the front", "on the front", "off the front"]
    assert places(gains[:, :1]) == ["open"] * 4


def test_a_price_that_is_the_same_in_every_war_is_told_at_once() -> None:
    rng = np.random.default_rng(5)
    lost = rng.standard_normal((1, 50)) + np.array([[0.0], [0.0]])
    price = np.full((2, 50), [[-3.0], [-2.0]])
    assert places(np.stack([lost, price], axis=2)) == ["off the front", "on the front"]


def test_fronts_told_for_sure_are_right_nineteen_times_in_twenty() -> None:
    rng = np.random.default_rng(6)
    means = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])  # of two that are alike each is on it
    wrong = 0
    for _ in range(200):
        told = places(means[:, None] + rng.standard_normal((3, 30, 2)))
        wrong += "off the front" in told
    assert wrong <= 18  # more by luck once in a hundred


# --- where wars are spent ----------------------------------------------------------------------


@examples(60)
@given(st.data())
def test_wars_are_spent_and_none_is_taken_back(data) -> None:
    options = data.draw(st.integers(1, 6))
    means, variances = data.draw(numbers(options)), np.abs(data.draw(numbers(options)))
    counts = np.array(data.draw(st.lists(st.integers(2, 50), min_size=options, max_size=options)))
    more = data.draw(st.integers(0, 300))
    new = allocated(means, variances, counts, more)
    assert new.sum() == more
    assert (new >= 0).all()
    rng = np.random.default_rng(1)
    new = allocated_in_pairs([rng.random(n) for n in counts], more)
    assert new.sum() == more
    assert (new >= 0).all()


def test_a_unit_does_not_move_a_war() -> None:
    means, variances = np.array([0.0, 1.0, 3.0]), np.array([1.0, 2.0, 5.0])
    counts = np.array([9, 4, 6])
    new = allocated(means, variances, counts, 500)
    np.testing.assert_array_equal(allocated(1e-9 * means, 1e-18 * variances, counts, 500), new)
    np.testing.assert_array_equal(allocated(1e9 * means + 7.0, 1e18 * variances, counts, 500), new)


def test_wars_in_pairs_go_where_they_decide() -> None:
    rng = np.random.default_rng(7)
    luck = 10.0 * rng.standard_normal(40)
    gains = [luck, luck - 0.2 + rng.standard_normal(40), luck - 5.0 + rng.standard_normal(40)]
    new = allocated_in_pairs(gains, 300)
    assert new[2] == 0  # far behind, for all the luck that all share
    assert abs(new[0] - new[1]) <= 1  # pairs need both
    unlucky = np.concatenate([luck, luck - 100.0])  # as all would be in those wars
    assert best_in_pairs([luck - 1.0, unlucky]) == 1
    with pytest.raises(ValueError, match="expected two or more"):
        allocated_in_pairs([luck, luck[:1]], 10)


@pytest.mark.parametrize("is_paired", [False, True])
def test_wars_spent_where_they_decide_find_the_best_more_often(is_paired: bool) -> None:
    """Ten options half a step apart, sixty wars to begin with and a hundred and twenty more."""
    means, repeats = -0.5 * np.arange(10.0), 300
    rng = np.random.default_rng(8)
    right = {"even": 0, "by rule": 0}
    for _ in range(repeats):
        own = 1.5 * rng.standard_normal((10, 200))
        gains = means[:, None] + own + is_paired * 3.0 * rng.standard_normal(200)
        first = gains[:, :6]
        if is_paired:
            new = allocated_in_pairs(list(first), 120)
        else:
            new = allocated(first.mean(axis=1), first.var(axis=1, ddof=1), np.full(10, 6), 120)
        right["even"] += int(gains[:, :18].mean(axis=1).argmax() == 0)
        spent = [gains[k, : 6 + new[k]] for k in range(10)]
        best = best_in_pairs(spent) if is_paired else np.argmax([one.mean() for one in spent])
        right["by rule"] += int(best == 0)
    assert right["by rule"] > right["even"]


# --- games -------------------------------------------------------------------------------------


@examples(60)
@given(tables, st.integers(-1000, 1000))
def test_a_constant_moves_the_value_by_it_and_turned_about_it_is_as_much(
    payoffs: Floats, constant: int
) -> None:
    found = solve(payoffs)
    assert solve(payoffs + constant).value == pytest.approx(found.value + constant, abs=1e-6)
    assert solve(-payoffs.T).value == pytest.approx(-found.value, abs=1e-6)


@examples(60)
@given(tables)
def test_neither_side_gains_by_an_answer(payoffs: Floats) -> None:
    found = solve(payoffs)
    assert found.rows.sum() == pytest.approx(1.0)
    assert found.columns.sum() == pytest.approx(1.0)
    assert min(found.rows.min(), found.columns.min()) >= 0.0
    assert exploitability(payoffs, found.rows, found.columns) <= 1e-6
    assert pure_commitment(payoffs)[0] <= found.value + 1e-9
    assert commitment(payoffs, -payoffs).value == pytest.approx(found.value, abs=1e-6)


@examples(60)
@given(tables, st.data())
def test_one_more_option_never_makes_it_worse_and_a_dominated_one_is_not_played(
    payoffs: Floats, data
) -> None:
    found = solve(payoffs)
    more = np.vstack([payoffs, data.draw(numbers(payoffs.shape[1]))])
    assert solve(more).value >= found.value - 1e-6
    worse = np.vstack([payoffs[0] - 1.0, payoffs])
    again = solve(worse)
    assert again.value == pytest.approx(found.value, abs=1e-6)
    assert again.rows[0] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    "payoffs",
    [
        [[3.0]], [[0.0, 0.0], [0.0, 0.0]], [[1.0, 1.0, 1.0]], [[1.0], [2.0], [2.0]],
        [[1.0, -1.0], [1.0, -1.0], [-1.0, 1.0]], [[1e12, 0.0], [0.0, 1e12]],
        [[1e-12, 0.0], [0.0, 1e-12]], [[1e12 + 1.0, 1e12], [1e12, 1e12 + 1.0]],
    ],
)  # fmt: skip
def test_degenerate_games_are_solved(payoffs: list[list[float]]) -> None:
    game = np.array(payoffs)
    found = solve(game)
    assert found.exploitability <= 1e-9 * max(np.ptp(game), np.abs(game).max() * 1e-6, 1e-12)


@pytest.mark.parametrize("payoffs", [[[np.nan, 1.0]], [[np.inf]], [[]], [1.0, 2.0]])
def test_what_is_no_game_is_refused(payoffs: list[float]) -> None:
    with pytest.raises(ValueError, match="pay-offs of shape"):
        solve(np.array(payoffs))
    with pytest.raises(ValueError, match="pay-offs"):
        commitment(np.array(payoffs), np.array(payoffs))


def test_a_double_oracle_leaves_pairs_unfought_and_finds_the_value() -> None:
    """Guess a number and be told how far off: the middle is as good as any other."""
    numbers = range(41)
    asked: list[tuple[int, int]] = []

    def payoffs(pairs: list[tuple[int, int]]) -> list[float]:
        asked.extend(pairs)
        return [-float(abs(row - column)) for row, column in pairs]

    found = double_oracle(payoffs, numbers, numbers)
    assert found.value == pytest.approx(-20.0)
    assert found.least == pytest.approx(-20.0)
    assert found.most == pytest.approx(-20.0)
    assert len(asked) == len(set(asked)) == len(found.fought) < 41 * 41 / 4
    assert found.rows == {20: pytest.approx(1.0)} or sum(found.rows.values()) == pytest.approx(1.0)
    with pytest.raises(ValueError, match="no option"):
        double_oracle(payoffs, [], numbers)


@examples(40)
@given(tables)
def test_a_double_oracle_finds_what_the_whole_table_gives(payoffs: Floats) -> None:
    rows, columns = (range(length) for length in payoffs.shape)
    found = double_oracle(lambda pairs: [payoffs[pair] for pair in pairs], rows, columns)
    assert found.value == pytest.approx(solve(payoffs).value, abs=1e-6)
    assert found.least <= found.most + 1e-9


@pytest.mark.parametrize(
    ("game", "value"), [(lambda: blotto(4, 3), 14 / 9), (lambda: np.zeros((3, 4)), 0.0)]
)
def test_the_interval_of_a_value_holds_it(game: Callable[[], Floats], value: float) -> None:
    rng = np.random.default_rng(9)
    payoffs, hits, widths = game(), 0, []
    for _ in range(40):
        noise = rng.standard_normal((*payoffs.shape, 60))
        found = value_interval(payoffs[:, :, None] + noise)
        hits += found.low <= value <= found.high
        widths.append(found.high - found.low)
    assert hits >= 34  # fewer by luck once in 300, if it is .95
    assert np.mean(widths) < 2.0  # noise of 1 in sixty wars, half of them to judge by
    with pytest.raises(ValueError, match="expected four or more"):
        value_interval(np.zeros((2, 2, 3)))


def test_the_interval_of_one_pair_is_that_of_a_mean_and_without_noise_has_no_width() -> None:
    wars = np.random.default_rng(10).standard_normal(40)
    found = value_interval(wars[None, None])
    judged = wars[1::2]
    reach = 2.093024054 * judged.std(ddof=1) / np.sqrt(20)  # Student's 97.5 %, 19 degrees
    assert found.low == pytest.approx(judged.mean() - reach, rel=1e-8)
    assert found.high == pytest.approx(judged.mean() + reach, rel=1e-8)
    assert found.value == pytest.approx(wars.mean())
    still = value_interval(np.repeat(blotto(4, 3)[:, :, None], 4, axis=2))
    assert still[:3] == pytest.approx((14 / 9, 14 / 9, 14 / 9))


def test_a_bound_of_a_share_is_one_sided() -> None:
    assert of_least_share("a", "definition", 0.95, 1000, 1000).agrees
    assert not of_least_share("a", "definition", 0.95, 900, 1000).agrees
