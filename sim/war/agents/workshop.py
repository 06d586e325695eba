"""The damaged assets of a side that can be repaired."""

from collections.abc import Callable, Sequence

import numpy as np

from sim import draws
from sim.raid.arrays import Floats, Ints, Records


class Workshop:
    """The damaged assets of a side that can be repaired: one entry per row, site and class.

    Most sites of most rows are whole, so a day costs what is damaged and not what there is.
    `p_mended` (R, C) is the chance that a damaged asset of a class is mended in a day, and `assets`
    (R, S, C) are all that there are at the start.
    """

    def __init__(
        self, sites: Sequence[str], classes: Sequence[str], p_mended: Floats, assets: Records
    ) -> None:
        some = (assets["intact"] + assets["damaged"]).any(axis=0)
        self._sites, self._kinds = places = np.nonzero(some & (p_mended > 0.0).any(axis=0))
        self._p_of_place = p_mended[:, self._kinds]
        self._numbers = np.array(
            [
                draws.actor_id(f"sites.{sites[site]}.assets.{classes[kind]}")
                for site, kind in zip(*places, strict=True)
            ],
            np.int64,
        )
        none = np.zeros(0, np.int64)
        self._at: tuple[Ints, ...] = (none, none, none)
        self._actors, self._damaged, self._p = none, np.zeros(0), np.zeros(0)

    def take_in(self, assets: Records) -> None:
        """Look through all assets, (R, S, C), for what is damaged."""
        damaged = assets["damaged"][:, self._sites, self._kinds]
        rows, places = at = np.nonzero((damaged > 0) & (self._p_of_place > 0.0))
        self._at = rows, self._sites[places], self._kinds[places]
        self._actors = self._numbers[places]
        self._damaged, self._p = damaged[at].astype(np.float64), self._p_of_place[at]

    def mend(self, assets: Records, draw: Callable[[Ints, Ints], Floats]) -> None:
        """Mend for a day, on average exactly what the chance says.

        `draw` gives a draw for each pair of a row and an actor.
        """
        if not len(self._damaged):
            return
        rows, sites, kinds = self._at
        u = draw(rows, self._actors)
        whole = self._damaged * self._p + u
        some = np.flatnonzero(whole >= 1.0)
        at, mended = (rows[some], sites[some], kinds[some]), whole[some].astype(np.int64)
        assets["damaged"][at] -= mended
        assets["intact"][at] += mended
        self._damaged[some] -= mended
