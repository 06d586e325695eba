"""A side that is seen before the other chooses: what it is worth to be bound to a mix."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from sim.experiment.choice.double_oracle import Column, Payoffs, Row

Floats = NDArray[np.float64]


class Commitment(NamedTuple):
    """What the leader gets, the mix it is bound to (rows,), and the column that answers it."""

    value: float
    rows: Floats
    answer: int


def commitment(leader: Floats, follower: Floats) -> Commitment:
    """The best mix to be bound to where the follower sees the mix, not what is drawn from it.

    `leader` and `follower`, shape (rows, columns), are what each gets. The follower answers best
    and, between answers as good, as the leader would have it (a strong Stackelberg equilibrium): a
    linear programme for each answer that it could be. Where one wins what the other loses it is
    worth the value of the game. Raises ValueError where shapes differ or a pay-off is not finite.
    Source: conitzer_sandholm2006.
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
    """What the rows' side gets, and its option, if it is bound to one option and not to a mix.

    The other side wins what it loses; no more than the value of the game.
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
    """`pure_commitment` of a game whose pay-offs are asked for when needed, and what answers it.

    `payoffs` gives those of pairs that are not `known`. A row gets no more than the least that is
    known of it, so that one whose known pay-offs are bad is never looked at whole.
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
    """Pay-offs about 0 in units of their spread, so that the solver's tolerances are relative."""
    away = payoffs - payoffs.mean()
    return away / (float(np.abs(away).max()) or 1.0)
