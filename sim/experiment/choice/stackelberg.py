"""Stackelberg games: what it is worth to commit to a mix that the other side sees."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from sim.experiment.choice.double_oracle import Column, Payoffs, Row

Floats = NDArray[np.float64]


class Commitment(NamedTuple):
    """What the leader gets, the mix it commits to (rows,), and the column that is the response."""

    value: float
    rows: Floats
    answer: int


def commitment(leader: Floats, follower: Floats) -> Commitment:
    """The best mix to commit to if the follower sees the mix, but not what is drawn from it.

    `leader` and `follower`, shape (rows, columns), are what each gets. The follower plays a best
    response and breaks ties in the leader's favour (a strong Stackelberg equilibrium); there is a
    linear programme for each possible response. In a zero-sum game the commitment is worth the
    value of the game. Raises ValueError if shapes differ or a pay-off is not finite. Source:
    conitzer_sandholm2006.
    """
    leader, follower = np.asarray(leader, np.float64), np.asarray(follower, np.float64)
    if leader.shape != follower.shape or leader.ndim != 2 or leader.size == 0:
        raise ValueError(f"pay-offs of shapes {leader.shape} and {follower.shape}, expected one")
    if not (np.isfinite(leader).all() and np.isfinite(follower).all()):
        raise ValueError("pay-offs that are no finite numbers, expected finite ones")
    wanted = _scaled(follower)
    best: Commitment | None = None
    for answer in range(leader.shape[1]):
        found = linprog(
            -_scaled(leader)[:, answer],
            A_ub=(wanted - wanted[:, [answer]]).T,
            b_ub=np.zeros(leader.shape[1]),
            A_eq=np.ones((1, len(leader))),
            b_eq=[1.0],
            bounds=(0.0, 1.0),
            method="highs",
        )
        if found.success:  # else no mix makes this answer the best one
            rows = np.maximum(found.x, 0.0)
            rows = rows / rows.sum()
            value = float(rows @ leader[:, answer])
            if best is None or value > best.value:
                best = Commitment(value, rows, answer)
    if best is None:
        raise ArithmeticError("no linear programme was solved")
    return best


def pure_commitment(payoffs: Floats) -> tuple[float, int]:
    """What the row player gets, and its option, if it commits to one option instead of a mix.

    The game is zero-sum, so this is no more than its value.
    """
    least = payoffs.min(axis=1)
    row = int(np.argmax(least))
    return float(least[row]), row


def pure_commitment_asked(
    payoffs: Payoffs[Row, Column],
    rows: Sequence[Row],
    columns: Sequence[Column],
    known: Mapping[tuple[Row, Column], float],
) -> tuple[float, Row, Column]:
    """`pure_commitment` with pay-offs requested only when needed, and the response to the option.

    `payoffs` gives those of pairs that are not `known`. A row gets no more than the least known
    pay-off in it, so rows with a bad one are never completed.
    """
    found = dict(known)
    most = {row: min([found[row, c] for c in columns if (row, c) in found], default=np.inf)
            for row in rows}  # fmt: skip
    while True:
        row = max(rows, key=most.__getitem__)
        lacking = [(row, column) for column in columns if (row, column) not in found]
        if not lacking:
            answer = min(columns, key=lambda column: found[row, column])
            return found[row, answer], row, answer
        found.update(zip(lacking, map(float, payoffs(lacking)), strict=True))
        most[row] = min(found[row, column] for column in columns)


def _scaled(payoffs: Floats) -> Floats:
    """Pay-offs centred and scaled, so that the solver's tolerances are relative."""
    away = payoffs - payoffs.mean()
    return away / (float(np.abs(away).max()) or 1.0)
