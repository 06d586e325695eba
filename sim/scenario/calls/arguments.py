"""The arguments of calls, checked: each error names argument, value and remedy."""

import numbers
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from sim.scenario.calls.limits import LARGEST_SEED, MOST_RUNS
from sim.scenario.errors import ExperimentError
from sim.scenario.figure import did_you_mean
from sim.scenario.schema import Scenario

_LONGEST_QUOTED = 60


def whole(name: str, given: Any, least: int, most: int | None = None) -> int:
    """A whole number from `least` to `most`. Raises ExperimentError where it is none."""
    is_whole = isinstance(given, numbers.Integral) and not isinstance(given, bool | np.bool_)
    if is_whole and least <= int(given) and (most is None or int(given) <= most):
        return int(given)
    end = "on" if most is None else f"to {most:,}"
    raise ExperimentError(f"{name}: {quoted(given)}, expected a whole number from {least:,} {end}")


def runs_of(given: Any, most: int = MOST_RUNS, least: int = 1) -> int:
    """How many runs are requested. Raises ExperimentError."""
    return whole("runs", given, least, most)


def seed_of(given: Any) -> int:
    """The seed of all luck. Raises ExperimentError."""
    return whole("seed", given, 0, LARGEST_SEED)


def switch_of(name: str, given: Any) -> bool:
    """True or False; no word stands for either. Raises ExperimentError."""
    if isinstance(given, bool | np.bool_):
        return bool(given)
    raise ExperimentError(f"{name}: {quoted(given)}, expected True or False")


def scenario_of(name: str, given: Any) -> Scenario:
    """A scenario that was loaded. Raises ExperimentError."""
    if isinstance(given, Scenario):
        return given
    raise ExperimentError(f"{name}: {quoted(given)} is no scenario, expected what sim.load gives")


def folder_of(name: str, given: Any) -> Path | None:
    """A folder, or None where there is to be none. Raises ExperimentError."""
    if given is None:
        return None
    if not isinstance(given, str | Path):
        raise ExperimentError(f"{name}: {quoted(given)}, expected a folder, or None")
    if wrong := no_folder(Path(given)):
        raise ExperimentError(f"{name}: {wrong}")
    return Path(given)


def no_folder(path: Path) -> str:
    """Why there is no folder at a path, nor can be one, and the remedy; empty where there can."""
    if "\0" in str(path):
        return f"{quoted(str(path))} is no name, expected a folder"
    there = next((place for place in (path, *path.parents) if os.path.lexists(place)), None)
    if there is None or there.is_dir():
        return ""
    what = "is a file" if there.exists() else "is a broken link"
    return f"{there} {what}, expected a folder"


def no_file(path: Path) -> str:
    """Why no file can be written at a path, and the remedy; empty where one can."""
    return f"{path} is a folder, expected a file" if path.is_dir() else no_folder(path.parent)


def called_back(name: str, given: Any) -> Any:
    """A function to call back, or None. Raises ExperimentError."""
    if given is None or callable(given):
        return given
    raise ExperimentError(f"{name}: {quoted(given)}, expected a function, or None")


def number_of(name: str, given: Any, least: float, most: float) -> float:
    """A number from `least` to `most`. Raises ExperimentError where it is none."""
    is_number = isinstance(given, numbers.Real) and not isinstance(given, bool | np.bool_)
    if is_number and least <= float(given) <= most:
        return float(given)
    raise ExperimentError(f"{name}: {quoted(given)}, expected a number from {least:g} to {most:g}")


def texts_of(name: str, given: Any) -> tuple[str, ...]:
    """Several texts, each once; one alone would be taken for letters. Raises ExperimentError."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise ExperimentError(
            f"{name}: {quoted(given)}, expected a list, such as [{quoted(given)}]"
        )
    texts = tuple(dict.fromkeys(given))
    for text in texts:
        if not isinstance(text, str):
            raise ExperimentError(f"{name}: {quoted(text)}, expected a list of texts")
    return texts


def known(what: str, name: Any, names: Iterable[str]) -> str:
    """A name that is one of those there are. Raises KeyError, with the nearest, where it is not."""
    there = list(names)
    if name in there:
        return str(name)
    hint = did_you_mean(name, there) or f", expected the name of a {what}"
    raise KeyError(f"no {what} {quoted(name)}{hint}")


def quoted(given: Any) -> str:
    """A value as an error quotes it: its repr, cut short."""
    text = repr(given)
    return text if len(text) <= _LONGEST_QUOTED else f"{text[: _LONGEST_QUOTED - 3]}..."
