"""What is kept of a rule for as long as its arrays are the same."""

import numpy as np

from sim.war.agents.kept import Kept


def test_a_rule_is_asked_again_once_any_array_is_another() -> None:
    asked: list[float] = []

    def rule(one: float, other: float) -> float:
        asked.append(one)
        return float(np.sum(one) + np.sum(other))

    kept = Kept[float]()
    one, other = np.ones(2), np.ones(2)
    assert kept.of(rule, one, other) == kept.of(rule, one, other) == 4.0
    assert len(asked) == 1
    assert kept.of(rule, one, other + 1.0) == 6.0
    assert kept.of(rule, one.copy(), other) == 4.0  # as large, and yet another
    assert len(asked) == 3
