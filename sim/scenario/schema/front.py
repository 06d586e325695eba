"""The front."""

from sim.scenario.figure import Block, Count, NonNegative, PositiveCount, Probability


class Front(Block):
    """A ladder of rungs; the underdog holds `start` of them. Either end decides the war."""

    rungs: PositiveCount
    start: Count
    p_move: Probability
    p_underdog_advances: Probability
    strength_effect: NonNegative | None = None
