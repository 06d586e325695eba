"""What the weighted war forecasts after the record: polls by month, an end of the fighting, counts.

Wars are weighted by all that was observed up to the end of the record, and continue with an
extrapolated record (`going_on`). The forecast of a wave in the middle of a month has a closed form
for each item (`measurement.foreseen`). The rate of meetings is gamma distributed, from their number
on the days `as_in`, and each may end the fighting by the law that is used to read those of the
record (`meetings`).
"""

import datetime
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, ndtri

from sim.evidence.calibration import weighted
from sim.evidence.polls.forecast import Law, carried_forward, error_of, resampled
from sim.evidence.weighing import meetings
from sim.evidence.weighing.counts import QUANTILES, Rate, counted
from sim.evidence.weighing.ensemble import Wars, days_ahead, days_kept, meeting_days
from sim.evidence.weighing.measurement import Attitude, foreseen
from sim.evidence.weighing.names import CARRIED, EVERYTHING, NONE, RECORD
from sim.evidence.weighing.question import Question
from sim.evidence.weighing.weighing import Observed, Together, Weighed
from sim.scenario.text.dates import period_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Figures = dict[str, Any]

_PARTS = 2000  # wars in a mixture
_JEFFREYS = 0.5


class Drawn(NamedTuple):
    """Equally likely wars of a model: its name, its weighted wars, and the numbers drawn."""

    name: str
    weighed: Weighed
    rows: Ints


def models_of(together: Together, alone: Mapping[str, Weighed]) -> list[Drawn]:
    """Wars resampled by weight, of all mechanisms together and of none."""
    models = ((EVERYTHING, together.weighed), (NONE, alone[NONE]))
    return [Drawn(name, one, resampled(one.weight(), _PARTS)) for name, one in models]


# --- polls ---------------------------------------------------------------------------------------


def items(models: list[Drawn], observed: Observed, seed: int) -> pd.DataFrame:
    """One row per model, item and month: the forecast of a wave of its usual size, in per cent.

    Columns: `model` (everything, none, last wave), `side`, `asks`, `item`, `month`, `date`,
    `respondents`, `last` (the last wave of the record), quantiles `q05` to `q95` of what the poll
    will show, `mean` and `sd` of its logit, and `seen`, whether somebody who built this had seen
    it.
    """
    question = observed.question
    rows: list[Figures] = []
    days = days_ahead(question)
    for number, attitude in enumerate(observed.attitudes):
        for item in range(len(attitude.items)):
            for model in models:
                rng = np.random.default_rng([seed, 4, number, item])
                luck = rng.random(len(model.rows))
                laws = _laws(observed, attitude, item, model, days, luck)
                rows += _rows(question, attitude, item, model.name, days, laws)
            rows += _carried(question, attitude, item, days)
    return pd.DataFrame(rows)


def _laws(
    observed: Observed, attitude: Attitude, item: int, model: Drawn, days: Ints, luck: Floats
) -> list[Law]:
    """The forecast of a wave on each day, with the error of a poll at the forecast share."""
    wars = model.weighed.wars.of(model.rows)
    side = list(observed.question.scenario.sides).index(attitude.side)
    places = np.searchsorted(days_kept(observed.question), days)
    latent = foreseen(
        attitude, item, days, observed.reservations(attitude, wars),
        wars.reservations[side, places], observed.candidates, luck,
    )  # fmt: skip
    n, times = _usual(attitude, item)
    error = error_of(expit(latent.mean), n, times)
    return [Law(mean, sd) for mean, sd in zip(latent.mean, np.hypot(latent.sd, error), strict=True)]


def _usual(attitude: Attitude, item: int) -> tuple[float, float]:
    """The median respondents of an item, and the median error relative to a simple sample's."""
    own = attitude.item == item
    return float(np.median(attitude.n[own])), float(np.median(attitude.times[own]))


def _rows(
    question: Question, attitude: Attitude, item: int, model: str, days: Ints, laws: list[Law]
) -> list[Figures]:
    ahead, name = question.experiment.ahead, attitude.items[item]
    assert ahead is not None
    n, _ = _usual(attitude, item)
    last = attitude.logit[np.flatnonzero(attitude.item == item)[-1]]
    rows = []
    for day, law in zip(days, laws, strict=True):
        date = question.scenario.date_of(int(day))
        month = f"{date:%Y-%m}"
        shares = 100.0 * expit(law.quantiles(QUANTILES))
        rows.append(
            {
                "model": model, "side": attitude.side, "asks": attitude.asks, "item": name,
                "month": month, "date": str(date), "respondents": n, "last": 100.0 * expit(last),
                **{f"q{100 * q:02.0f}": float(v) for q, v in zip(QUANTILES, shares, strict=True)},
                "mean": float(law.means.mean()),
                "sd": float(np.sqrt((law.sds**2).mean() + law.means.var())),
                "seen": month in ahead.seen.get(name, ()),
            }
        )  # fmt: skip
    return rows


def _carried(question: Question, attitude: Attitude, item: int, days: Ints) -> list[Figures]:
    """The baseline that carries the last wave of an item forward."""
    last = np.flatnonzero(attitude.item == item)[-1]
    n, times = _usual(attitude, item)
    law = carried_forward(float(expit(attitude.logit[last])), float(attitude.n[last]), n, times)
    return _rows(question, attitude, item, CARRIED, days, [law] * len(days))


# --- an end of the fighting ----------------------------------------------------------------------


def chances(models: list[Drawn], observed: Observed) -> pd.DataFrame:
    """One row per model, event (settlement, ceasefire, either) and day: `chance` and its `±`.

    `±` is 95 % of the Monte Carlo error. Empty if no meetings of the record are used.
    """
    question = observed.question
    ahead, table = question.experiment.ahead, question.experiment.table
    assert ahead is not None
    if table is None:
        return pd.DataFrame()
    rows: list[Figures] = []
    rate = meeting_rate(question)
    for model in models:
        wars = model.weighed.wars.of(model.rows)
        weight = meetings.candidate_weights(observed.meeting_parts(wars))
        even = np.full(len(model.rows), 1.0 / len(model.rows))
        months = wars_ahead(question, wars)
        for day in ahead.by:
            for event, load in _loads(question, months, day).items():
                come = ((1.0 - rate.none_within(load)) * weight).sum(axis=0)
                middle, error = weighted.mean(come, even)
                rows.append(_chance(model.name, event, day, middle, float(ndtri(0.975)) * error))
    end, start = question.recorded.end, question.recorded.start
    plain = Rate(_JEFFREYS, float((end - start).days + 1))
    for day in ahead.by:
        value = float(1.0 - plain.none_within(float((day - end).days)))
        rows += [_chance(RECORD, event, day, value, 0.0) for event in meetings.Endings._fields]
    return pd.DataFrame(rows)


def _chance(model: str, event: str, day: datetime.date, value: float, error: float) -> Figures:
    return {"model": model, "event": event, "by": str(day), "chance": value, "chance ±": error}


def meeting_rate(question: Question) -> Rate:
    """The rate of meetings, from the number of those in the record on the days `as_in`."""
    ahead, talks = question.experiment.ahead, question.recorded.talks
    assert ahead is not None
    first, last = period_of(ahead.as_in)
    held = [day for day in (talks.meetings.values() if talks else ()) if first <= day <= last]
    return Rate(_JEFFREYS + len(held), float((last - first).days + 1))


def wars_ahead(question: Question, wars: Wars) -> list[meetings.Endings]:
    """The possible results of a meeting in the middle of each month, month by month."""
    table, days = question.experiment.table, days_ahead(question)
    assert table is not None
    kept, met = days_kept(question), meeting_days(question)
    return [
        meetings.endings(
            table,
            wars.reservations[:, np.searchsorted(kept, day)],
            wars.gain_from_stopping[:, np.searchsorted(met, day)],
        )
        for day in days
    ]


def _loads(
    question: Question, months: list[meetings.Endings], by: datetime.date
) -> dict[str, Floats]:
    """Days up to `by`, weighted by the chance that a meeting then ends the fighting, by event."""
    loads = {}
    for event in meetings.Endings._fields:
        total = np.zeros(1)
        for day, month in zip(days_ahead(question), months, strict=True):
            total = total + _days_within(question, int(day), by) * getattr(month, event)
        loads[event] = total
    return loads


def _days_within(question: Question, middle: int, by: datetime.date) -> float:
    """The number of days of the month around a day that lie after the record and not after `by`."""
    month = pd.Period(question.scenario.date_of(middle), freq="M")
    first = max(month.start_time.date(), question.recorded.end + datetime.timedelta(days=1))
    return float(max(0, (min(month.end_time.date(), by) - first).days + 1))


# --- counts --------------------------------------------------------------------------------------


def counts(question: Question) -> pd.DataFrame:
    """One row per kind of event and day, with the columns of `counts.counted`."""
    ahead = question.experiment.ahead
    assert ahead is not None
    rows = [
        {"of": name} | row
        for name, one in ahead.counts.items()
        for row in counted(one, question.recorded.end, ahead.by, question.experiment.seed)
    ]
    return pd.DataFrame(rows)
