"""Zero-sum games in matrix form: the value of a game and the optimal mixes.

`payoffs`, shape (rows, columns), are what the row player gets. The row player maximises them, the
column player minimises them. Either may mix: play each of its options with a probability.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.special import stdtrit

Floats = NDArray[np.float64]


class Solution(NamedTuple):
    """The `value`, the mixes `rows` (m,) and `columns` (n,), and the `exploitability`.

    Exploitability is how much both players together could gain by best responses to the other's
    mix: 0 in equilibrium, up to rounding. If several mixes are optimal, one is returned; the value
    is unique.
    """

    value: float
    rows: Floats
    columns: Floats
    exploitability: float


class Interval(NamedTuple):
    """A confidence interval of at least 95 % for a value, and the mixes that guarantee its ends.

    `rows` gets at least `low` whatever the other side does, `columns` concedes at most `high`, each
    with 97.5 % confidence; `value` is that of the mean pay-offs of all wars.
    """

    value: float
    low: float
    high: float
    rows: Floats
    columns: Floats


def solve(payoffs: Floats) -> Solution:
    """The value of a game and an optimal mix of either side, by a linear programme and its dual.

    Raises ValueError if there are no options or a pay-off is not finite. Source: vonneumann1928,
    dantzig1951.
    """
    payoffs = np.asarray(payoffs, np.float64)
    if payoffs.ndim != 2 or payoffs.size == 0 or not np.isfinite(payoffs).all():
        raise ValueError(f"pay-offs of shape {payoffs.shape}, expected finite numbers (m, n)")
    middle = payoffs.mean()
    scale = float(np.abs(payoffs - middle).max()) or 1.0
    scaled = (payoffs - middle) / scale  # so that the solver's tolerances are relative
    rows, columns = _mixes(scaled)
    least, most = float((rows @ payoffs).min()), float((payoffs @ columns).max())
    return Solution(0.5 * (least + most), rows, columns, max(0.0, most - least))


def exploitability(payoffs: Floats, rows: Floats, columns: Floats) -> float:
    """How much both sides together could gain by best responses to the other's mix, at least 0."""
    return float((payoffs @ columns).max() - (rows @ payoffs).min())


def value_interval(payoffs: Floats) -> Interval:
    """An interval for the value of a game of expected pay-offs, from wars (rows, columns, wars).

    Mixes are fitted on every other war and evaluated on the rest. No mix yields more than the value
    against its best response, so the smallest of the lower bounds of its pay-offs against each
    response is a lower bound of the value; the upper bound is found likewise. This holds for
    degenerate games too, and needs no correction for the number of responses, as the bound for the
    true best response is among them. Wars are paired across pairs of options. Raises ValueError
    below four wars.
    """
    wars = payoffs.shape[2]
    if wars < 4:
        raise ValueError(f"{wars} wars, expected four or more")
    found = solve(payoffs[:, :, ::2].mean(axis=2))
    judged = payoffs[:, :, 1::2]
    of_columns = np.einsum("i,ijk->jk", found.rows, judged)
    of_rows = np.einsum("ijk,j->ik", judged, found.columns)
    low, high = bounds(of_columns, of_rows)
    value = solve(payoffs.mean(axis=2)).value
    return Interval(value, low, high, found.rows, found.columns)


def bounds(of_columns: Floats, of_rows: Floats) -> tuple[float, float]:
    """Bounds of a value, each with 97.5 % confidence, from wars on which neither mix was fitted.

    `of_columns`, shape (columns, wars), are what the rows' mix gets against each column, `of_rows`,
    shape (rows, wars), what each row gets against the columns' mix.
    """
    low = (of_columns.mean(axis=1) - _reach(of_columns)).min()
    high = (of_rows.mean(axis=1) + _reach(of_rows)).max()
    return float(low), float(high)


def _reach(values: Floats) -> Floats:
    """How far a one-sided 97.5 % interval of each mean reaches, from values (means, wars)."""
    wars = values.shape[1]
    return stdtrit(wars - 1.0, 0.975) * values.std(axis=1, ddof=1) / np.sqrt(wars)


def _mixes(payoffs: Floats) -> tuple[Floats, Floats]:
    """The maximin mix of the rows and the minimax mix of the columns.

    The columns' probabilities are the dual values of the constraints, one per column.
    """
    m, n = payoffs.shape
    found = linprog(
        np.append(np.zeros(m), -1.0),
        A_ub=np.column_stack([-payoffs.T, np.ones(n)]),
        b_ub=np.zeros(n),
        A_eq=np.append(np.ones(m), 0.0)[None],
        b_eq=[1.0],
        bounds=[(0.0, None)] * m + [(None, None)],
        method="highs",
    )
    if not found.success:
        raise ArithmeticError(f"the linear programme was not solved: {found.message}")
    mixes = np.maximum(found.x[:m], 0.0), np.maximum(-found.ineqlin.marginals, 0.0)
    return mixes[0] / mixes[0].sum(), mixes[1] / mixes[1].sum()
