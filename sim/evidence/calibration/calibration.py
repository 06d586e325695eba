"""Which figures reproduce what was reported.

Wars with figures drawn from their ranges are weighted by how well they agree with the reports,
which are treated as measurements (`measurement.py`). They are simulated in rounds, and each round
draws figures near those of the wars that have weight (`population.py`). What the wars say about the
figures is worked out in `posterior.py`; what they say about the reports, also those left out of the
fit, in `predictive.py`.
"""

import contextlib
import inspect
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from sim import draws
from sim.evidence.calibration import aim, measurement, population, posterior
from sim.evidence.calibration.aim import Aim, figures_at
from sim.evidence.calibration.measurement import log_kernel
from sim.evidence.calibration.population import Particles, flown_in_rounds
from sim.evidence.calibration.posterior import Posterior
from sim.evidence.calibration.predictive import Posed, tally
from sim.evidence.polls import forecast
from sim.experiment.errors import ExperimentError
from sim.experiment.execution import runner
from sim.experiment.execution.runner import Progress
from sim.experiment.execution.workers import Workers
from sim.experiment.statistics.significance import differ_from_zero
from sim.experiment.storage.store import Results
from sim.experiment.storage.version import model_version
from sim.scenario.calls.arguments import number_of, runs_of, seed_of, switch_of, texts_of
from sim.scenario.calls.limits import MOST_EXPERIMENT_RUNS
from sim.scenario.calls.spelling import argument, either, place
from sim.scenario.figure import did_you_mean
from sim.scenario.schema import Scenario, figures, snake
from sim.scenario.stored import content_hash
from sim.war.model import War, outcomes_of
from sim.war.outcomes import Outcomes, Table

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Figures = dict[str, Any]

ROUNDS = 8
"""Wars are simulated in this many rounds of equal size, the first by the scenario's own laws."""
MOST_FIGURES = 12
"""At most this many figures are calibrated if none are named."""
LEAST_EFFECTIVE = 100.0
"""Each tail beyond a 90 % interval then holds five effective runs."""
LEAST_ERROR, MOST_ERROR = 0.001, 10.0
"""Relative error of a figure reported without a range: smallest and largest allowed."""
LEAST_RUNS = 100
"""Wars per round: fewer show neither influential figures nor conflict."""

_CHUNK_RUNS = 500
_ROUND_CHUNKS = 100_000  # chunk numbers from one round to the next
_NEW_LUCK = 1 << 61  # flips a bit that no seed in use has set


class Request(NamedTuple):
    """A calibration; `vary` are paths, empty for the figures that the reports depend on."""

    scenario: Scenario
    vary: tuple[str, ...]
    against: tuple[str, ...]
    runs: int
    seed: int
    error: float

    @property
    def of_round(self) -> int:
        """The number of wars in a round."""
        return self.runs // ROUNDS

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns stored of each war: the reported outcomes, and which of the raids flew."""
        reports = self.scenario.reported.values()
        flown = (f"{snake(raid)}_flown" for raid in self.scenario.raids)
        return tuple(dict.fromkeys((*(report.outcome for report in reports), *flown)))


def request_of(
    scenario: Scenario,
    vary: Iterable[str],
    against: Iterable[str],
    spend_validation: bool,
    runs: int,
    seed: int,
    error: float,
) -> Request:
    """The request to calibrate a scenario. Raises ExperimentError if it cannot be calibrated."""
    vary, against = texts_of("vary", vary), texts_of("against", against)
    runs, seed = runs_of(runs, MOST_EXPERIMENT_RUNS), seed_of(seed)
    error = number_of("error", error, LEAST_ERROR, MOST_ERROR)
    if runs < ROUNDS * LEAST_RUNS:
        raise ExperimentError(
            f"{place('runs', runs)}: too few, expected at least {ROUNDS * LEAST_RUNS}"
        )
    known = dict(figures(scenario))
    for path in vary:
        if path not in known:
            hint = did_you_mean(path, known) or ", expected a path that sim check lists"
            raise ExperimentError(f"{place('vary', path)}: is no figure{hint}")
        if not known[path].is_drawn:
            raise ExperimentError(
                f"{place('vary', path)}: has no range, expected one: "
                f"{argument('overrides')} '{path}={{...}}'"
            )
    if not any(figure.is_drawn for figure in known.values()):
        raise ExperimentError("no figure has a range, so that there is nothing to calibrate")
    return Request(
        scenario,
        vary,
        _reports(scenario, against, switch_of("spend_validation", spend_validation)),
        runs,
        seed,
        error,
    )


def _reports(scenario: Scenario, names: Sequence[str], spend: bool) -> tuple[str, ...]:
    """The reports to calibrate against: those named, or all that are marked for tuning."""
    reported = scenario.reported
    if not reported:
        raise ExperimentError("nothing is reported of it, expected a reported: section")
    if not names:
        tuning = tuple(name for name, one in reported.items() if one.used_for == "tuning")
        if not tuning:
            raise ExperimentError(
                f"no report is marked used_for: tuning, expected {argument('against')} NAME"
            )
        return tuning
    for name in names:
        if name not in reported:
            hint = did_you_mean(name, reported) or ", expected a name under reported:"
            raise ExperimentError(f"{place('against', name)}: is no report{hint}")
        use = reported[name].used_for
        if use == "context":
            raise ExperimentError(
                f"{place('against', name)}: is there for context and counts something other than "
                f"{reported[name].outcome}, expected one for tuning"
            )
        if use == "validation" and not spend:
            spent = either("--spend-validation", "spend_validation=True")
            raise ExperimentError(
                f"{place('against', name)}: is kept for validation, for which it could no longer "
                f"serve, expected one for tuning, or {spent}"
            )
    return tuple(dict.fromkeys(names))


# --- the rounds ------------------------------------------------------------------------------


class Rounds:
    """The wars of a calibration, stored round by round."""

    def __init__(
        self, request: Request, out: str | Path, workers: Workers, progress: Progress | None
    ) -> None:
        self.request, self.workers, self.progress = request, workers, progress
        modules = (aim, forecast, measurement, population, posterior)
        code = [inspect.getsource(module) for module in modules]
        settings = (
            request.vary,
            request.against,
            request.runs,
            request.seed,
            request.error,
            model_version(),
        )
        hashed = content_hash(
            request.scenario, *settings, *code, Path(__file__).read_text(encoding="utf-8")
        )
        name = f"{request.scenario.name[:50]}-calibrate"
        self.results = Results(out, name, hashed, ("wars", "again", "posterior"))
        self.wars = request.of_round * ROUNDS
        self._is_found = False
        self._flown: dict[int, pd.DataFrame] = {}
        self._keys: list[int] = []

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Look for stored results, and lock their folder for writing."""
        with self.results.writing():
            self._is_found = self.results.find()
            yield

    def of(self, aimed: Aim | None, round_: int) -> pd.DataFrame:
        """The wars of a round in the order of their runs; `aimed` is None for the first."""
        if round_ not in self._flown:
            self._flown[round_] = self._fly(aimed, round_)
        return self._flown[round_]

    def _fly(self, aimed: Aim | None, round_: int) -> pd.DataFrame:
        if self._is_found:
            every = self.results.table("wars")
            return every[every["round"] == round_].reset_index(drop=True)
        request, start = self.request, round_ * self.request.of_round
        calls = {
            round_ * _ROUND_CHUNKS + place: (request, aimed, round_, first, last)
            for place, first in enumerate(range(start, start + request.of_round, _CHUNK_RUNS))
            for last in (min(start + request.of_round, first + _CHUNK_RUNS),)
        }
        missing = runner.missing_of(self.results, calls)
        done = start + sum(calls[key][4] - calls[key][3] for key in calls if key not in missing)
        self._report_progress(done)
        writing = runner.write_each(self.results, run_chunk, missing, self.workers)
        with contextlib.closing(writing) as written:
            for key in written:
                done += calls[key][4] - calls[key][3]
                self._report_progress(done)
        self._keys += calls
        columns = ("round", "run", *request.columns)
        parts = [self.results.chunks.read(key, "wars", columns) for key in calls]
        return pd.concat(parts, ignore_index=True)

    def _report_progress(self, done: int) -> None:
        if self.progress:
            self.progress(done, self.wars)

    def outcomes(self) -> pd.DataFrame:
        """The wars of all rounds simulated so far."""
        return pd.concat([self._flown[k] for k in sorted(self._flown)], ignore_index=True)

    def again(self, drawn: pd.DataFrame) -> pd.DataFrame:
        """New wars with all figures of the drawn ones and different random numbers, row by row."""
        if self._is_found:
            return self.results.table("again")
        request = self.request
        calls = {
            ROUNDS * _ROUND_CHUNKS + place: (request, drawn.iloc[first : first + _CHUNK_RUNS])
            for place, first in enumerate(range(0, len(drawn), _CHUNK_RUNS))
        }
        missing = runner.missing_of(self.results, calls)
        writing = runner.write_each(self.results, run_again, missing, self.workers)
        with contextlib.closing(writing) as written:
            for _ in written:
                self._report_progress(self.wars)
        self._keys += calls
        columns = ("run", *request.columns)
        parts = [self.results.chunks.read(key, "again", columns) for key in calls]
        return pd.concat(parts, ignore_index=True)

    def finish(self, drawn: pd.DataFrame, result: Figures) -> None:
        """Store the draws from the posterior with the wars, and a description of the results."""
        if self._is_found:
            return
        keys = ("scenario", "runs", "rounds", "seed", "error", "against", "effective")
        description = {key: result[key] for key in keys} | {
            "kind": "calibrate",
            "overrides": list(self.request.scenario.overrides),
            "scenario_text": self.request.scenario.text,
            "code": self.request.scenario.code,
        }
        last = (ROUNDS + 1) * _ROUND_CHUNKS
        table = {str(name): drawn[name].to_numpy() for name in drawn}
        self.results.chunks.write(last, {"posterior": table})
        self.results.finish(description, [*self._keys, last])


def run_chunk(
    request: Request, aimed: Aim | None, round_: int, first: int, last: int
) -> dict[str, Table]:
    """The reported outcomes of runs `first` to `last` - 1 of a round: one row per run."""
    runs = np.arange(first, last)
    given = figures_at(request.scenario, aimed, aimed.places(request.seed, runs)) if aimed else {}
    war = War(request.scenario, runs, request.seed, figures=given, recorder=Outcomes)
    return {
        "wars": {"round": np.full(len(runs), round_), "run": runs, **_outcomes_of(request, war)}
    }


def run_again(request: Request, drawn: pd.DataFrame) -> dict[str, Table]:
    """The reported outcomes of wars with the figures of `drawn` and other luck: one row per war."""
    runs = drawn["run"].to_numpy(np.int64)
    paths = (path for path, figure in figures(request.scenario) if figure.is_drawn)
    given = {path: drawn[path].to_numpy(np.float64) for path in paths}
    luck = request.seed ^ _NEW_LUCK
    war = War(request.scenario, runs, request.seed, luck=luck, figures=given, recorder=Outcomes)
    return {"again": {"run": runs, **_outcomes_of(request, war)}}


def _outcomes_of(request: Request, war: War) -> Table:
    table = war.run().recorder.runs()
    return {name: np.asarray(table[name], np.float64) for name in request.columns}


# --- the answer ------------------------------------------------------------------------------


class Answer(NamedTuple):
    """The figures of a calibration, its posterior with one row per draw, and its folder."""

    figures: Figures
    posterior: pd.DataFrame
    folder: Path


def answer(
    request: Request,
    out: str | Path,
    workers: Workers = None,
    progress: Progress | None = None,
) -> Answer:
    """Calibrate a scenario's figures. Raises ExperimentError if the reports cannot be met."""
    _check_outcomes(request)
    rounds = Rounds(request, out, workers, progress)
    with rounds.writing():
        return _answered(request, rounds)


def _answered(request: Request, rounds: Rounds) -> Answer:
    first = rounds.of(None, 0)
    posed = Posed(request.scenario, request.against, request.error, first)
    paths = request.vary or _hung_on(request, posed, first)

    def agreement(aimed: Aim, runs: Ints) -> Floats:
        wars = rounds.of(aimed if aimed.round_ else None, aimed.round_)
        return log_kernel(posed.reported, posed.where_flown(wars, posed.outcomes))

    reach = posed.reach(first)
    found = flown_in_rounds(paths, ROUNDS, request.of_round, request.seed, agreement)
    _check_effective(request, posed, found, reach, first)
    after = Posterior(request.scenario, request.seed, request.against, found)
    wars = rounds.outcomes()
    drawn = after.draws(wars)
    _, places, counts = np.unique(drawn["run"], return_index=True, return_counts=True)
    again = rounds.again(drawn.iloc[places])
    reports = {
        name: posed.comparison(name, first, wars, found.weight, again, counts / counts.sum())
        for name in posed.measured
    }
    result = _request_figures(request, found) | {
        "conflict": reach,
        **after.figures(),
        "reports": reports,
        "held_out": tally(reports),
    }
    rounds.finish(drawn, result)
    return Answer(result, drawn, rounds.results.folder)


def _request_figures(request: Request, found: Particles) -> Figures:
    """The request, and the effective number of wars."""
    reported = request.scenario.reported
    return {
        "scenario": request.scenario.name,
        "runs": len(found.weight),
        "rounds": ROUNDS,
        "seed": request.seed,
        "error": request.error,
        "against": list(request.against),
        "spent": [name for name in request.against if reported[name].used_for == "validation"],
        "is_named": bool(request.vary),
        "effective": found.effective,
        "largest_weight": float(found.weight.max()),
    }


def _check_effective(
    request: Request, posed: Posed, found: Particles, reach: Figures, first: pd.DataFrame
) -> None:
    if found.effective >= LEAST_EFFECTIVE:
        return
    rare = {name: posed.p_before(name, first) for name in request.against}
    worst = min(rare, key=lambda name: rare[name])
    raise ExperimentError(
        f"the reports leave {found.effective:.0f} wars' worth of {len(found.weight):,}, expected "
        f"at least {LEAST_EFFECTIVE:.0f}: more {argument('runs')}, a larger {argument('error')}, "
        f"fewer {argument('against')} or wider ranges; {worst} is hardest to reach "
        f"(p {rare[worst]:.2g}), and all together are as far "
        f"out as in {100 * reach['share']:.1f} % of wars"
    )


def _check_outcomes(request: Request) -> None:
    known = outcomes_of(request.scenario)
    for name, report in request.scenario.reported.items():
        if report.outcome not in known:
            hint = did_you_mean(report.outcome, known)
            raise ExperimentError(
                f"reported.{name}: no {report.outcome!r} among the outcomes{hint}"
            )


def _hung_on(request: Request, posed: Posed, first: pd.DataFrame) -> tuple[str, ...]:
    """The figures that the outcomes calibrated against depend on, according to the first round.

    Chosen by rank correlation with a false discovery rate of 5 %; of these, the ones that explain
    most of the variance of all outcomes together.
    """
    paths = [path for path, figure in figures(request.scenario) if figure.is_drawn]
    runs = first["run"].to_numpy(np.int64)
    drawn = np.stack([_uniform(path, request.seed, runs) for path in paths])
    strength = np.zeros(len(paths))
    correlations = []
    for values in posed.where_flown(first, posed.outcomes).values():
        there = ~np.isnan(values)
        if there.sum() < LEAST_RUNS / 2 or np.ptp(values[there]) == 0.0:
            continue
        ranks = rankdata(values[there])
        own = drawn[:, there]
        r = np.corrcoef(np.vstack([own, ranks]))[-1, :-1]
        correlations.append((r, np.sqrt((1.0 - r**2) / (there.sum() - 2)), there.sum()))
        strength += r**2
    chosen: list[int] = []
    if correlations:
        r, errors, counts = (np.stack(column) for column in zip(*correlations, strict=True))
        wars = np.repeat(counts, len(paths))
        differs = differ_from_zero(r.ravel(), errors.ravel(), wars).reshape(r.shape)
        hung_on = differs.sum(axis=0) > 0
        chosen = [int(k) for k in np.argsort(-strength, kind="stable") if hung_on[k]]
    if not chosen:
        raise ExperimentError(
            "no figure stands out from luck in the reported outcomes, expected "
            f"{argument('vary')} PATH or more {argument('runs')}"
        )
    return tuple(paths[k] for k in chosen[:MOST_FIGURES])


def _uniform(path: str, seed: int, runs: Ints) -> Floats:
    """The quantile of a figure in its law in each run that draws it from that, as in `Sample`."""
    return draws.uniforms(seed, runs, 0, draws.actor_id(path), draws.FIGURE, 1)[:, 0]
