"""The record drawn on: each series goes on at its mean of some days, until a day after its end."""

import datetime

from sim.scenario.experiment import Ahead
from sim.scenario.schema import Scenario
from sim.scenario.schema.history import Row, Series
from sim.scenario.text.dates import period_of

_DAY = datetime.timedelta(days=1)


def going_on(scenario: Scenario, ahead: Ahead) -> Scenario:
    """The scenario with its record drawn on from its last day to `ahead.until`.

    A series that tells nothing of the days `ahead.as_in` stays silent.
    """
    history = scenario.history
    assert history is not None
    period = (scenario.end + _DAY, ahead.until)

    def drawn_on(series: Series) -> Series:
        first, last = period_of(ahead.as_in)
        if not series.days_told(first, last):
            return series
        days = (period[1] - period[0]).days + 1
        mean = series.amount(first, last) / ((last - first).days + 1)
        row = Row(amount=mean * days, assumed=ahead.because)
        name = f"{period[0]}/{period[1]}"
        return series.model_copy(update={"rows": {**series.rows, name: row}})

    return scenario.model_copy(update={"end": ahead.until, "history": history.mapped(drawn_on)})
