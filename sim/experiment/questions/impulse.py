"""Impulse experiments: each mechanism alone under one stimulus, compared with no event."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.experiment.execution.runner import Progress
from sim.experiment.questions.switches import check_switches, mechanisms_in, switching_on
from sim.experiment.statistics.estimate import t95
from sim.experiment.statistics.significance import differ_from_zero
from sim.scenario.experiment import Impulse, Stimulus
from sim.scenario.load import load
from sim.scenario.schema import Scenario
from sim.war.model import War
from sim.war.observer import Observer

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Figures = dict[str, Any]

_STILL = 1e-9  # a smaller change is rounding

GATES = ("ripeness",)
"""Mechanisms without a term: they are measured by the share of wars in earnest."""


class _Trace(Observer):
    """A recorder of both reservations and of who is in earnest: (days, 2, rows) each."""

    def __init__(self, war: War) -> None:
        self._war = war
        self.reservations: list[Floats] = []
        self.earnest: list[Floats] = []

    def end_of_day(self) -> None:
        """Record the evening."""
        scenario, sides = self._war.scenario, self._war.negotiators
        both = [sides[scenario.underdog], sides[scenario.favourite]]
        self.reservations.append(np.stack([side.reservation for side in both]))
        self.earnest.append(np.stack([side.in_earnest.astype(np.float64) for side in both]))


def run_impulse(
    experiment: Impulse, folder: Path, progress: Progress | None = None, allow_code: bool = False
) -> tuple[pd.DataFrame, Figures]:
    """One row per mechanism, stimulus and side, and the answer in figures.

    `folder` is where the experiment's file stands. Raises ScenarioError if the scenario, with a
    stimulus in it, is wrong, and ExperimentError if it lacks a mechanism of the experiment.
    """
    path = folder / experiment.scenario
    names, ground = _ground(experiment, path, allow_code)
    rows: list[Figures] = []
    for done, (word, stimulus) in enumerate(experiment.stimuli.items()):
        if progress:
            wars = experiment.runs * len(names)
            progress(done * wars, len(experiment.stimuli) * wars)
        silent, stirred = _scenarios(experiment, path, ground, stimulus, allow_code)
        rows += _rows(experiment, silent, stirred, word, names)
    table = pd.DataFrame(rows)
    errors = table["size ±"].to_numpy() / t95(experiment.runs)
    runs = np.full(len(table), experiment.runs)
    differs = differ_from_zero(table["size"].to_numpy(), errors, runs)
    table["sign"] = np.where(differs, np.where(table["size"] > 0.0, "+", "-"), "0")
    table["predicted"] = [
        experiment.predicted.get(mechanism, {}).get(stimulus, ("0", "0"))[side == "favourite"]
        for mechanism, stimulus, side in table[["mechanism", "stimulus", "side"]].to_numpy()
    ]
    either = table["predicted"] == "+-"
    table["as predicted"] = either | (table["sign"] == table["predicted"])
    return table, _answer(experiment, table, names)


class Wars(NamedTuple):
    """The war without events, and the war under each stimulus, with all mechanisms on."""

    plain: Scenario
    under: dict[str, Scenario]


def wars_of(experiment: Impulse, folder: Path, allow_code: bool = False) -> Wars:
    """The wars that `run_impulse` simulates with one mechanism on at a time. Raises as it does."""
    path = folder / experiment.scenario
    _, ground = _ground(experiment, path, allow_code)
    under = {}
    for word, stimulus in experiment.stimuli.items():
        silent, stirred = _scenarios(experiment, path, ground, stimulus, allow_code)
        under[word] = stirred or silent
    return Wars(load(path, ground, experiment.without, allow_code), under)


def _ground(experiment: Impulse, path: Path, allow_code: bool) -> tuple[list[str], list[str]]:
    """The mechanisms of the experiment, and the overrides that all wars share."""
    plain = load(path, allow_code=allow_code)
    names = list(experiment.mechanisms or mechanisms_in(plain))
    check_switches((*names, *experiment.predicted), plain, "", experiment.scenario)
    return names, [*switching_on(names, plain), *overrides_of(experiment.set)]


def overrides_of(settings: dict[str, Any]) -> list[str]:
    """Settings of an experiment, by path, as overrides of its scenario."""
    return [f"{path}={json.dumps(value, default=str)}" for path, value in settings.items()]


def _scenarios(
    experiment: Impulse, path: Path, ground: Sequence[str], stimulus: Stimulus, allow_code: bool
) -> tuple[Scenario, Scenario | None]:
    """The war without the events of a stimulus, and with them if there are any."""
    events = {n: e.model_dump(mode="json", exclude_none=True) for n, e in stimulus.events.items()}
    ground = [*ground, *overrides_of(stimulus.set)]
    silent = load(path, ground, experiment.without, allow_code)
    if not events:
        return silent, None
    stirring = [*ground, f"events={json.dumps(events)}"]
    return silent, load(path, stirring, experiment.without, allow_code)


def _rows(
    experiment: Impulse, silent: Scenario, stirred: Scenario | None, word: str, names: Sequence[str]
) -> list[Figures]:
    ours = _fight(silent, experiment, names)
    if stirred is None:
        first, against = silent.days - 1, [np.broadcast_to(p[0], p.shape) for p in ours]
    else:
        against, ours = ours, _fight(stirred, experiment, names)
        first = max(stirred.day_of(event.date) for event in stirred.events.values())
    rows = []
    for place, name in enumerate(names):
        measured = 1 if name in GATES else 0
        change = (ours[measured] - against[measured])[:, :, place]
        for side in (0, 1):
            rows.append(
                {"stimulus": word, "mechanism": name, "side": ("underdog", "favourite")[side]}
                | _shape(change[:, side], first)
            )
    return rows


def _fight(scenario: Scenario, experiment: Impulse, names: Sequence[str]) -> list[Floats]:
    """Reservations and earnestness with each mechanism alone, (days, 2, mechanisms, runs) each."""
    runs = np.repeat(np.arange(experiment.runs), len(names))
    alone = np.eye(len(names), dtype=np.bool_)
    on: dict[str, Bools] = {n: np.tile(alone[k], experiment.runs) for k, n in enumerate(names)}
    trace = War(scenario, runs, experiment.seed, strengths=on, recorder=_Trace).run().recorder
    shape = (scenario.days, 2, experiment.runs, len(names))
    return [
        np.moveaxis(np.array(course).reshape(shape), 3, 2)
        for course in (trace.reservations, trace.earnest)
    ]


def _shape(change: Floats, day: int) -> Figures:
    """Size on the evening of the last event, what is left at the end, and the half-life in days."""
    mean = change.mean(axis=1)
    size = float(mean[day])
    error = float(change[day].std(ddof=1) / np.sqrt(change.shape[1]))
    halved = np.flatnonzero(np.abs(mean[day:]) <= 0.5 * abs(size))
    return {
        "size": size,
        "size ±": float(t95(change.shape[1])) * error,
        "still": bool((np.abs(change[day]) <= _STILL).all()),
        "left at the end": float(mean[-1]),
        "half-life, days": float(halved[0]) if len(halved) and size != 0.0 else None,
    }


def _answer(experiment: Impulse, table: pd.DataFrame, names: Sequence[str]) -> Figures:
    wrong = table[~table["as predicted"]].drop(columns="as predicted")
    return {
        "experiment": experiment.name,
        "question": experiment.question,
        "runs": experiment.runs,
        "seed": experiment.seed,
        "mechanisms": list(names),
        "stimuli": {name: stimulus.title for name, stimulus in experiment.stimuli.items()},
        "predictions": predictions(table),
        "not_as_predicted": wrong.to_dict("records"),
        "separable": separable(table),
    }


def predictions(table: pd.DataFrame) -> Figures:
    """How many predictions there are of each kind, and how many hold.

    `signs` predict + or - and can fail either way. `nothing` fails if a mechanism moves something;
    `still` are those that hold and moved in no war, by construction of the rule. `either` predicts
    one sign or the other and cannot fail.
    """
    signed = table["predicted"].isin(["+", "-"])
    nothing, holds = table["predicted"] == "0", table["as predicted"]
    return {
        "signs": {"made": int(signed.sum()), "hold": int((signed & holds).sum())},
        "nothing": {
            "made": int(nothing.sum()),
            "hold": int((nothing & holds).sum()),
            "still": int((nothing & holds & table["still"]).sum()),
        },
        "either": {"made": int((table["predicted"] == "+-").sum())},
    }


def separable(table: pd.DataFrame) -> Figures:
    """Which mechanisms no stimulus distinguishes by sign and by whether the effect halves in time.

    Returns the pattern of each (a sign per stimulus and side, with `f` after it if it fades) and
    the groups of two or more with the same pattern. A gate is measured differently and is in no
    group.
    """
    fades = (table["sign"] != "0") & table["half-life, days"].notna()
    marks = table.assign(mark=table["sign"] + np.where(fades, "f", ""))
    marks = marks.sort_values(["stimulus", "side"])
    keyed = marks.groupby("mechanism", observed=True)["mark"].agg(" ".join)
    terms = keyed[~keyed.index.isin(GATES)]
    groups = [sorted(part.index) for _, part in terms.groupby(terms)]
    return {
        "patterns": keyed.to_dict(),
        "alike": [group for group in groups if len(group) > 1],
    }
