"""The damaged assets of a side that can be repaired."""

from collections.abc import Callable, Sequence

import numpy as np

from sim import draws
from sim.raid.arrays import Floats, Ints, Records


class Workshop:
    """The damaged assets of a side that can be repaired: one entry per row, site and class.

    Most sites of most rows are whole, so a day costs what is damaged and not what there is.
    `p_mended` (R, C) is the chance that a damaged asset of a class is mended in a day.
    """

    def __init__(self, sites: Sequence[str], classes: Sequence[str], p_mended: Floats) -> None:
        self._p_mended = p_mended
        self._numbers = np.array(
            [[draws.actor_id(f"sites.{site}.assets.{kind}") for kind in classes] for site in sites],
            np.int64,
        ).reshape(len(sites), len(classes))
        none = np.zeros(0, np.int64)
        self._at: tuple[Ints, ...] = (none, none, none)
        self._actors, self._damaged, self._p = none, none, np.zeros(0)

    def take_in(self, assets: Records) -> None:
        """Look through all assets, (R, S, C), for what is damaged."""
        damaged = assets["damaged"]
        self._at = rows, sites, kinds = np.nonzero(
            (damaged > 0) & (self._p_mended[:, None, :] > 0.0)
        )
        self._actors = self._numbers[sites, kinds]
        self._damaged, self._p = damaged[self._at], self._p_mended[rows, kinds]

    def mend(self, assets: Records, draw: Callable[[Ints, Ints], Floats]) -> None:
        """Mend for a day, on average exactly what the chance says.

        `draw` gives a draw for each pair of a row and an actor.
        """
        if not len(self._damaged):
            return
        rows, sites, kinds = self._at
        u = draw(rows, self._actors)
        mended = np.floor(self._damaged * self._p + u).astype(np.int64)
        some = np.flatnonzero(mended)
        at = rows[some], sites[some], kinds[some]
        assets["damaged"][at] -= mended[some]
        assets["intact"][at] += mended[some]
        self._damaged = self._damaged - mended
