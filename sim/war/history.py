"""The history as a war reads it: what each side loses at home, and how the front moves, by day.

An amount is spread evenly over the days of its row. A day without a row is silent: nothing is
heard of it.
"""

from typing import NamedTuple

import numpy as np

from sim.raid.arrays import Bools, Floats, Ints
from sim.rules import front, patronage
from sim.scenario.sample import Sample
from sim.scenario.schema import AidHistory, History, Scenario, Series
from sim.scenario.text.dates import period_of

_DAYS_A_MONTH = 365.25 / 12.0


def by_day(series: Series, scenario: Scenario) -> Floats:
    """The amount of each day of a campaign, shape (days,); NaN on unreported days."""
    amounts = np.full(scenario.days, np.nan)
    for (first, last), row in series.periods:
        begin, end = scenario.day_of(first), scenario.day_of(last)
        amounts[max(begin, 0) : max(end + 1, 0)] = row.amount / (end - begin + 1)
    return amounts


def through_by_day(name: str, scenario: Scenario, history: History) -> Floats:
    """What is told to have come through of a class, by day: launched and not neutralised.

    Where only one of the two is told, that. Not a number where it is silent.
    """
    raid = history.raids[name]
    if raid.launched is not None and raid.neutralised is not None:
        return by_day(raid.launched, scenario) - by_day(raid.neutralised, scenario)
    (told,) = filter(None, (raid.launched, raid.neutralised))
    return by_day(told, scenario)


class _Part(NamedTuple):
    """Something that is lost: how many a day, not a number where silent, and what each is."""

    number: Floats  # (days,)
    share: Floats  # (R,), of all that is at stake


class LossesRead:
    """What a side loses at home, day by day and month by month; `lost` is all that was heard of.

    A month is judged as a whole, on its last day, in the runs that heard all of it.
    """

    def __init__(self, parts: list[_Part], days: int, runs: int) -> None:
        self.parts = parts
        numbers = np.column_stack([np.full(days, np.nan), *(part.number for part in parts)])
        self.told: Bools = np.isfinite(numbers).any(axis=1)
        before = np.vstack([np.full(numbers.shape[1], np.inf), numbers[:-1]])
        is_same = (numbers == before) | (np.isnan(numbers) & np.isnan(before))
        self._changes: Bools = ~is_same.all(axis=1)
        self._told: Floats = np.zeros(runs)
        self._loss: Floats = np.zeros(runs)
        self._where: Bools = np.zeros(runs, np.bool_)
        self.days_heard: Ints = np.zeros(runs, np.int64)
        self.month_loss: Floats = np.zeros(runs)
        self.lost: Floats = np.zeros(runs)

    def of(self, day: int, where: Bools) -> Floats:
        """The share of what is at stake that is lost on a day that is told, shape (R,).

        0 outside `where`. Days are asked for one after the other; one that is as the day before
        gives the same array.
        """
        if self._changes[day]:
            self._told = self._of_parts(day)
        elif (where == self._where).all():  # most days of a month
            return self._loss
        self._where, self._loss = where, np.where(where, self._told, 0.0)
        return self._loss

    def _of_parts(self, day: int) -> Floats:
        loss: Floats = np.zeros(len(self.month_loss))
        for part in self.parts:
            if np.isfinite(part.number[day]):
                loss = loss + part.number[day] * part.share
        return np.minimum(1.0, loss)

    def hear(self, loss: Floats, where: Bools) -> None:
        """Add a day to the month."""
        self.days_heard = self.days_heard + where
        self.month_loss = self.month_loss + loss
        self.lost = self.lost + loss

    def close(self, days: int) -> tuple[Floats, Bools]:
        """What the month of so many days took, and where all of it was heard; a new one begins."""
        month, whole = self.month_loss, self.days_heard == days
        self.days_heard = np.zeros(len(month), np.int64)
        self.month_loss = np.zeros(len(month))
        return month, whole


class AidRead:
    """The aid that arrives for a side, relative to the expected aid, shape (R,); 1 on the eve."""

    def __init__(self, name: str, scenario: Scenario, aid: AidHistory, sample: Sample) -> None:
        path = f"history.aid.{name}.arrives"
        self._lasts = sample[f"{path}.lasts"]
        self._counted_on = sample[f"{path}.counted_on_bn_eur"] / _DAYS_A_MONTH
        self._allocated = by_day(aid.allocated_bn_eur, scenario)
        self._is_paused = np.zeros(scenario.days, np.bool_)
        for period in aid.arrives.pauses if aid.arrives else ():
            first, last = map(scenario.day_of, period_of(period))
            self._is_paused[max(first, 0) : max(last + 1, 0)] = True
        self._under_way: Floats = patronage.aid_under_way(self._lasts)
        self._comes: Floats = np.ones(len(sample.runs))
        self._told: list[tuple[int, Bools]] = []

    def hear(self, day: int, where: Bools) -> None:
        """A day on which it is told what was allocated, and where the war goes on."""
        if np.isfinite(self._allocated[day]):
            self._told.append((day, where))

    @property
    def comes(self) -> Floats:
        """The aid that arrives today, computed on demand, because not all aid is read."""
        for day, where in self._told:
            self._take_in(day, where)
        self._told.clear()
        return self._comes

    def _take_in(self, day: int, where: Bools) -> None:
        allocated = self._allocated[day]
        comes, stays = patronage.aid_arriving(
            self._under_way, allocated / self._counted_on, self._lasts, self._is_paused[day]
        )
        self._comes = np.where(where, comes, self._comes)
        self._under_way = np.where(where, stays, self._under_way)


class HistoryRead:
    """The history of a scenario with its figures as drawn for each run."""

    def __init__(self, scenario: Scenario, history: History, sample: Sample) -> None:
        days, runs = scenario.days, len(sample.runs)
        self.ends_month: Bools = np.array(
            [scenario.date_of(day + 1).day == 1 for day in range(days)]
        )
        self.losses = {
            side: LossesRead(_parts(side, scenario, history, sample), days, runs)
            for side in scenario.sides
        }
        self._aid = {
            (aid.to, aid.by): AidRead(name, scenario, aid, sample)
            for name, aid in history.aid.items()
            if aid.arrives is not None
        }
        self._front_km2: Floats = np.full(days, np.nan)
        if history.front is not None:
            self._front_km2 = by_day(history.front.occupied_change_km2, scenario)
        self._rung_km2 = sample.get("history.front.rung_km2", np.inf)
        self._not_yet_km2: Floats = np.zeros(runs)
        self._judged: Ints = sample.count("front.start")

    def hear_of_aid(self, day: int, where: Bools) -> None:
        """Take in what came on a day, where the war goes on."""
        for aid in self._aid.values():
            aid.hear(day, where)

    def aid(self, side: str, by: str | None = None) -> Floats | None:
        """What comes to a side of a patron's aid, or of all, over what was counted on.

        None where that is not read.
        """
        read = self._aid.get((side, by))
        return None if read is None else read.comes

    def is_front_told(self, day: int) -> bool:
        """Whether it is recorded how the front moved on a day."""
        return bool(np.isfinite(self._front_km2[day]))

    def move_front(self, day: int, rung: Ints, rungs: Ints, still: Bools) -> Ints:
        """The recorded rung, in whole rungs; it does not change while the front stands still."""
        change_km2 = np.where(still, 0.0, self._front_km2[day])
        moved: Ints
        moved, self._not_yet_km2 = front.recorded(
            rung, rungs, self._not_yet_km2 + change_km2, self._rung_km2
        )
        return moved

    def rung_judged(self, day: int, rung: Ints) -> Ints:
        """The rung that one of today is judged by: on the last day of a month that of the last."""
        before, self._judged = self._judged, rung
        if not self.ends_month[day]:
            self._judged, before = before, rung
        return before


def _parts(side: str, scenario: Scenario, history: History, sample: Sample) -> list[_Part]:
    """What a side may lose: places, as recorded or from what came through, and soldiers."""
    losses = (history.losses or {}).get(side)
    if losses is None:
        return []
    path, parts = f"history.losses.{side}", []
    recorded = np.full(scenario.days, np.nan)
    if losses.loss_per_place is not None:
        per_place = sample[f"{path}.loss_per_place"]
        if losses.places_hit is not None:
            recorded = by_day(losses.places_hit, scenario)
            parts.append(_Part(recorded, per_place))
        for name, raid in history.raids.items():
            if raid.by == side:
                continue
            through = through_by_day(name, scenario, history)
            places = (
                sample[f"history.raids.{name}.through_per_told"]
                * sample[f"history.raids.{name}.places_per_through"]
            )
            number = np.where(np.isfinite(recorded), np.nan, through)
            parts.append(_Part(number, places * per_place))
    if losses.soldiers is not None:
        soldier = sample[f"{path}.soldiers_per_told"] * sample[f"{path}.loss_per_soldier"]
        parts.append(_Part(by_day(losses.soldiers, scenario), soldier))
    return parts
