"""Publics compared with polls, wave by wave: some are fitted, later ones are forecast."""

import datetime
from typing import Any, NamedTuple

import pandas as pd
from scipy.special import expit, logit

from sim.evidence.calibration.aim import at_prior
from sim.evidence.polls.ensemble import ROUNDS, Ensemble
from sim.evidence.polls.forecast import Z90, error_of
from sim.evidence.polls.public_fit import EvidenceError, PublicFit, figures_of
from sim.scenario.schema import Poll

Figures = dict[str, Any]


class Answer(NamedTuple):
    """The figures of all polls and publics, and quantiles by date for each `side.attitude`."""

    figures: Figures
    fans: dict[str, pd.DataFrame]


def compare_with_polls(ensemble: Ensemble, train_until: datetime.date) -> Answer:
    """Simulate the war and compare its publics with the scenario's polls.

    The range of each figure is its prior. Runs are weighted by the waves up to `train_until` of all
    polls of a public; each public is fitted separately, since two publics share no figure that both
    could inform. Later waves are forecast. Raises EvidenceError if there are too few waves or runs
    to fit.
    """
    scenario = ensemble.scenario
    if not scenario.polls:
        raise EvidenceError("the scenario has no polls, expected a polls: section")
    if scenario.publics is None:
        raise EvidenceError("the scenario has no publics to ask, expected a publics: block")
    if scenario.discrepancy is None:
        raise EvidenceError(
            "the scenario has no discrepancy, expected a discrepancy: block (by side, end_war and "
            "concede: logits a year that no rule moves, 0 for none)"
        )
    sides = tuple(dict.fromkeys(poll.of for poll in scenario.polls.values()))
    fits = {side: PublicFit(ensemble, side, train_until) for side in sides}
    paths = {side: figures_of(scenario, side) for side in sides}
    most = max(len(those) for those in paths.values())
    if ensemble.runs <= most:
        raise EvidenceError(
            f"--runs {ensemble.runs}: too few, expected more than the {most} figures of a public"
        )
    if ensemble.progress:
        ensemble.progress(0, ensemble.wars)
    prior = ensemble.lines(at_prior([path for side in sides for path in paths[side]]), 0)
    for place, fit in enumerate(fits.values()):
        fit.weigh(prior, ensemble.runs * (1 + (ROUNDS - 1) * place))
    polls = {name: told for fit in fits.values() for name, told in fit.polls().items()}
    figures = {
        "scenario": scenario.name,
        "title": scenario.title,
        "question": scenario.question,
        "runs": ensemble.runs,
        "wars": ensemble.wars,
        "seed": ensemble.seed,
        "train_until": str(train_until),
        "publics": {side: fit.public(polls) for side, fit in fits.items()},
        "polls": {name: polls[name] for name in scenario.polls},
    }
    return Answer(figures, {key: fan for fit in fits.values() for key, fan in fit.fans().items()})


def poll_errors(poll: Poll, offset: float = 0.0) -> list[tuple[datetime.date, float, float, float]]:
    """Each wave's date, share and the ends of its 90 % error interval, in per cent.

    `offset` is the effect of the wording in logits. It is subtracted, so that items lie on one
    scale.
    """
    errors = []
    for wave in poll.waves:
        n = (wave.n or poll.n).value
        sd = float(error_of(wave.soft.value, n, poll.error_times.value))
        middle = float(logit(wave.soft.value)) - offset
        low, value, high = (100.0 * float(expit(middle + z * sd)) for z in (-Z90, 0.0, Z90))
        errors.append((wave.date, value, low, high))
    return errors
