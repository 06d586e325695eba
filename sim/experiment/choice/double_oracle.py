"""A game of many options, of which few need ever be fought against each other.

Each side starts with one option. The game of the options so far is solved, each side is asked for
its best answer to the other's mix, and the answers join, until neither gains by one.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.experiment.choice.matrix_game import solve

Row = TypeVar("Row", bound=Hashable)
Column = TypeVar("Column", bound=Hashable)


class Equilibrium(NamedTuple, Generic[Row, Column]):
    """The `value`, which lies in `least` to `most`; each side's mix, options with their chances;
    and the pay-offs of all pairs that were `fought`."""

    value: float
    least: float
    most: float
    rows: dict[Row, float]
    columns: dict[Column, float]
    fought: dict[tuple[Row, Column], float]


def double_oracle(
    payoff: Callable[[Row, Column], float],
    rows: Sequence[Row],
    columns: Sequence[Column],
    tolerance: float = 1e-9,
) -> Equilibrium[Row, Column]:
    """The equilibrium of a game whose pay-offs to the rows' side are asked for one by one.

    An answer is looked for among all options, against those alone that the other side plays: pairs
    that nobody would come to are never fought. It ends when the best answers gain at most
    `tolerance` together, at the latest when all options have joined. Raises ValueError where a side
    has no option. Source: mcmahan2003.
    """
    if not rows or not columns:
        raise ValueError("a side has no option, expected one or more")
    fought: dict[tuple[Row, Column], float] = {}

    def asked(row: Row, column: Column) -> float:
        if (row, column) not in fought:
            fought[row, column] = float(payoff(row, column))
        return fought[row, column]

    of_rows, of_columns = [rows[0]], [columns[0]]
    while True:
        known = np.array([[asked(row, column) for column in of_columns] for row in of_rows])
        found = solve(known)
        mix_of_rows = _played(of_rows, found.rows)
        mix_of_columns = _played(of_columns, found.columns)
        against = {
            row: sum(p * asked(row, column) for column, p in mix_of_columns.items()) for row in rows
        }
        facing = {
            column: sum(p * asked(row, column) for row, p in mix_of_rows.items())
            for column in columns
        }
        row, column = max(against, key=against.__getitem__), min(facing, key=facing.__getitem__)
        least, most = facing[column], against[row]
        joined = [row not in of_rows, column not in of_columns]
        if most - least <= tolerance or not any(joined):
            value = found.value
            return Equilibrium(value, least, most, mix_of_rows, mix_of_columns, fought)
        of_rows += [row] * joined[0]
        of_columns += [column] * joined[1]


def _played(options: Sequence[Row], chances: NDArray[np.float64]) -> dict[Row, float]:
    """The options that are played at all, with their chances."""
    return {o: float(p) for o, p in zip(options, chances, strict=True) if p > 0.0}
