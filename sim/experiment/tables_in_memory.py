"""The tables of runs that are kept in memory."""

from collections.abc import Callable, Iterator, Mapping

import pandas as pd

Frames = dict[str, pd.DataFrame]


class TablesInMemory(Mapping[str, pd.DataFrame]):
    """Tables by name; `split`, for which runs are simulated again, is computed on first use.

    The argument `split` returns it by its name, or nothing if there is none.
    """

    def __init__(self, frames: Frames, split: Callable[[], Frames]) -> None:
        self._frames = frames
        self._split: Callable[[], Frames] | None = split

    def __getitem__(self, table: str) -> pd.DataFrame:
        return (self._all() if table == "split" else self._frames)[table]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> Frames:
        if self._split is not None:
            self._frames |= self._split()
            self._split = None
        return self._frames
