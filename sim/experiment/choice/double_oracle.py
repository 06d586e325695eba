"""The double oracle method: games of many options, few of which are ever fought.

Each side starts with one option. The game of the options so far is solved, each side's best
response to the other's mix is found, and the responses join, until neither side gains by one.
"""

import itertools
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Generic, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.experiment.choice.matrix_game import solve

Row = TypeVar("Row", bound=Hashable)
Column = TypeVar("Column", bound=Hashable)

Payoffs: TypeAlias = Callable[[list[tuple[Row, Column]]], Iterable[float]]
"""The row player's pay-off for each of some pairs of options."""


class Equilibrium(NamedTuple, Generic[Row, Column]):
    """The `value`, between `least` and `most`; each side's mix, options with probabilities.

    `joined` are the options of each side in the last game solved, and `fought` the pay-offs of all
    pairs that were requested.
    """

    value: float
    least: float
    most: float
    rows: dict[Row, float]
    columns: dict[Column, float]
    joined: tuple[list[Row], list[Column]]
    fought: dict[tuple[Row, Column], float]


def double_oracle(
    payoffs: Payoffs[Row, Column],
    rows: Sequence[Row],
    columns: Sequence[Column],
    tolerance: float = 1e-9,
) -> Equilibrium[Row, Column]:
    """The equilibrium of a zero-sum game whose pay-offs are requested only when needed.

    `payoffs` gives those of a list of pairs to the row player; no pair is requested twice. A
    response is sought among all options, but only against options that the other side plays: pairs
    that nobody would choose are never fought. The search ends when the best responses together gain
    at most `tolerance`, at the latest when all options have joined. Raises ValueError if a side has
    no option. Source: mcmahan2003.
    """
    if not rows or not columns:
        raise ValueError("a side has no option, expected one or more")
    fought: dict[tuple[Row, Column], float] = {}

    def ask(some: Sequence[Row], others: Sequence[Column]) -> None:
        new = [pair for pair in itertools.product(some, others) if pair not in fought]
        if new:
            fought.update(zip(new, map(float, payoffs(new)), strict=True))

    of_rows, of_columns = [rows[0]], [columns[0]]
    while True:
        ask(of_rows, of_columns)
        known = np.array([[fought[row, column] for column in of_columns] for row in of_rows])
        found = solve(known)
        mix_of_rows = _played(of_rows, found.rows)
        mix_of_columns = _played(of_columns, found.columns)
        ask(rows, list(mix_of_columns))
        ask(list(mix_of_rows), columns)
        against = {
            row: sum(p * fought[row, column] for column, p in mix_of_columns.items())
            for row in rows
        }
        facing = {
            column: sum(p * fought[row, column] for row, p in mix_of_rows.items())
            for column in columns
        }
        row, column = max(against, key=against.__getitem__), min(facing, key=facing.__getitem__)
        least, most = facing[column], against[row]
        new_row, new_column = row not in of_rows, column not in of_columns
        if most - least <= tolerance or not (new_row or new_column):
            joined = of_rows, of_columns
            return Equilibrium(
                found.value, least, most, mix_of_rows, mix_of_columns, joined, fought
            )
        of_rows += [row] * new_row
        of_columns += [column] * new_column


def _played(options: Sequence[Row], chances: NDArray[np.float64]) -> dict[Row, float]:
    """The options that are played at all, with their probabilities."""
    return {o: float(p) for o, p in zip(options, chances, strict=True) if p > 0.0}
