"""Extrapolate the record: each series continues at its mean over some days, until a given date."""

import datetime

from sim.scenario.experiment import Ahead
from sim.scenario.schema import Scenario
from sim.scenario.schema.history import Row, Series
from sim.scenario.text.dates import Period, period_of

_DAY = datetime.timedelta(days=1)


def going_on(
    scenario: Scenario, end: datetime.date, ahead: Ahead, quiet: str | None = None
) -> Scenario:
    """The scenario with its record extrapolated from its last day `end` to `ahead.until`.

    A series without data on the days `ahead.as_in` stays empty. On the days `quiet` every series is
    0 except that of aid.
    """
    history = scenario.history
    assert history is not None
    after = (end + _DAY, ahead.until)
    still = period_of(quiet) if quiet else None

    def drawn_on(series: Series, stops: bool) -> Series:
        first, last = period_of(ahead.as_in)
        if not series.days_told(first, last):
            return series
        mean = series.amount(first, last) / _days((first, last))
        rows = dict(series.rows)
        for period in _apart(after, still) if stops else [after]:
            amount = 0.0 if stops and period == still else mean * _days(period)
            rows[f"{period[0]}/{period[1]}"] = Row(amount=amount, assumed=ahead.because)
        return series.model_copy(update={"rows": rows})

    aid = history.mapped(lambda series: drawn_on(series, False)).aid
    rest = history.mapped(lambda series: drawn_on(series, True))
    return scenario.model_copy(update={"history": rest.model_copy(update={"aid": aid})})


def _days(period: Period) -> int:
    return (period[1] - period[0]).days + 1


def _apart(period: Period, part: Period | None) -> list[Period]:
    """A period split at the ends of a part of it."""
    if part is None:
        return [period]
    cut = [(period[0], part[0] - _DAY), part, (part[1] + _DAY, period[1])]
    return [(first, last) for first, last in cut if first <= last]
