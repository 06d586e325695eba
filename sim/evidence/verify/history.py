"""A history recomputed from its rows, day by day, with calendar and arithmetic."""

import calendar
import datetime
from collections.abc import Iterator, Mapping

import numpy as np

from sim.evidence.verify.case import Case, Check, Floats, Loader, of_identity
from sim.evidence.verify.courses import SIDES, course, fought
from sim.raid.arrays import Bools
from sim.scenario.schema import Scenario, Series
from sim.war.model import War

_PER_SURPRISE = 0.01  # rally per surprise, as in the scenario


def history(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Losses, the front, and the monthly surprise, until a ceasefire or settlement."""
    war = fought(load(), runs, seed)
    reads = _reads(war)
    table = war.recorder.runs()
    for side, letter in SIDES.items():
        losses = np.where(reads, _losses(war, side), 0.0)
        name = f"history, {side}"
        yield of_identity(
            f"{name}: lost in all",
            "definition",
            losses.sum(axis=0),
            table[f"history_lost_{letter}"],
        )
        cost = -_faded(losses, war.sample["mechanisms.cost.lasts"])
        yield _course(war, f"{name}: felt day by day", cost, f"h_cost_{letter}")
        surprise = _PER_SURPRISE * _surprises(war, side, losses, reads)
        rally = _faded(surprise, war.sample["mechanisms.rally.lasts"])
        yield _course(war, f"{name}: a month surprises once", rally, f"h_rally_{letter}")
    yield _course(war, "history, the front in whole rungs", _held(war, reads), "share_held_u")
    comes = war.aid_read("underdog")
    assert comes is not None
    yield of_identity("history, aid that comes at the end", "definition", _aid(war, reads), comes)


def _course(war: War, name: str, expected: Floats, word: str) -> Case:
    """A state on every evening, all days and runs one after the other."""
    return of_identity(name, "definition", expected.ravel(), course(war, word).ravel())


def _reads(war: War) -> Bools:
    """Whether a day is read, (days, runs): up to the day of a ceasefire or settlement."""
    table = war.recorder.runs()
    stop = np.fmin(table["deal_day"], table["ceasefire_day"])
    stop = np.where(np.isnan(stop), np.inf, stop)
    return np.asarray(np.arange(war.scenario.days)[:, None] <= stop)


def _aid(war: War, reads: Bools) -> Floats:
    """The aid that arrives on the last day read: the part 1 - w of what is then under way.

    Of an allocation w^n is left after n days on which something was sent, w = exp(-1 / lasts). The
    same holds for what was under way at the start, which is such that the amount counted on
    arrives.
    """
    scenario, path = war.scenario, "history.aid.all.arrives"
    stays = np.exp(-1.0 / war.sample[f"{path}.lasts"])
    series = scenario.history.aid["all"].allocated_bn_eur if scenario.history else None
    assert series is not None
    counted_on = war.sample[f"{path}.counted_on_bn_eur"] * 12.0 / 365.25
    allocated = _daily(series, scenario) / counted_on
    first, last = datetime.date(2025, 2, 3), datetime.date(2025, 2, 9)  # of the pause
    sends = np.array([not first <= date <= last for date in _dates(scenario)])
    sent_before = np.concatenate([[0], np.cumsum(sends)])[:-1]
    end = reads.sum(axis=0) - 1
    n = sent_before[end] - sent_before[:, None]
    left = np.where(reads, allocated * stays ** np.maximum(n, 0), 0.0).sum(axis=0)
    left = left + stays / (1.0 - stays) * stays ** sent_before[end]
    return np.where(sends[end], (1.0 - stays) * left, 0.0)


def _dates(scenario: Scenario) -> list[datetime.date]:
    return [scenario.start + datetime.timedelta(day) for day in range(scenario.days)]


def _daily(series: Series, scenario: Scenario) -> Floats:
    """The amount of each day of the campaign, shape (days, 1); NaN if there is none."""
    amounts: dict[datetime.date, float] = {}
    for period, row in series.rows.items():
        days = list(_days_of(period))
        amounts |= dict.fromkeys(days, row.amount / len(days))
    return np.array([[amounts.get(date, np.nan)] for date in _dates(scenario)])


def _days_of(period: str) -> Iterator[datetime.date]:
    """The days of a period, including both ends."""
    if "/" in period:
        first, last = map(datetime.date.fromisoformat, period.split("/"))
    else:
        year, month = map(int, period.split("-"))
        first = datetime.date(year, month, 1)
        last = datetime.date(year, month, calendar.monthrange(year, month)[1])
    while first <= last:
        yield first
        first += datetime.timedelta(1)


def _losses(war: War, side: str) -> Floats:
    """What a side would lose at home each day if the war went on, (days, runs)."""
    scenario, sample = war.scenario, war.sample
    told: Mapping[str, Series] = scenario.history.series if scenario.history else {}
    raid = "drones" if side == "underdog" else "answers"
    through = _daily(told[f"raids.{raid}.neutralised"], scenario)
    if side == "underdog":
        through = _daily(told["raids.drones.launched"], scenario) - through
    per_told = sample[f"history.raids.{raid}.through_per_told"]
    places = through * per_told * sample[f"history.raids.{raid}.places_per_through"]
    if side == "favourite":
        return np.nan_to_num(places) * sample["history.losses.favourite.loss_per_place"]
    hit = _daily(told["losses.underdog.places_hit"], scenario)
    places = np.where(np.isnan(hit), np.nan_to_num(places), hit)
    path = "history.losses.underdog"
    soldiers = np.nan_to_num(_daily(told["losses.underdog.soldiers"], scenario))
    men = sample[f"{path}.soldiers_per_told"] * sample[f"{path}.loss_per_soldier"]
    losses: Floats = places * sample[f"{path}.loss_per_place"] + soldiers * men
    return losses


def _surprises(war: War, side: str, losses: Floats, reads: Bools) -> Floats:
    """The surprise of each day, (days, runs): on the last day of each month that was read whole."""
    scenario, path = war.scenario, f"minds.{side}"
    dates, told = _dates(scenario), _is_told(war, side)
    raids = war.sample[f"{path}.foresight"]
    a, b = raids + 1.0, raids * war.sample[f"{path}.expected_loss"]
    surprises = np.zeros(losses.shape)
    for year, month in sorted({(date.year, date.month) for date in dates}):
        days = [day for day, date in enumerate(dates) if (date.year, date.month) == (year, month)]
        is_whole = len(days) == calendar.monthrange(year, month)[1] and told[days].all()
        heard = reads[days].all(axis=0) & is_whole
        loss = losses[days].sum(axis=0)
        surprises[days[-1]] = np.where(heard, a * np.log10(1.0 + loss / b), 0.0)
        a, b = a + heard, b + np.where(heard, loss, 0.0)
    return surprises


def _is_told(war: War, side: str) -> Bools:
    """Whether a side's losses are recorded on a day: the underdog's on every day."""
    if side == "underdog":
        return np.ones(war.scenario.days, np.bool_)
    told = war.scenario.history.series if war.scenario.history else {}
    return ~np.isnan(_daily(told["raids.answers.neutralised"], war.scenario))[:, 0]


def _faded(pulses: Floats, lasts: Floats) -> Floats:
    """What is left each evening of all pulses so far, each fading from its own day on."""
    left = np.zeros(pulses.shape)
    now = np.zeros(pulses.shape[1])
    for day, pulse in enumerate(pulses):
        now = now * np.exp(-1.0 / lasts) + pulse
        left[day] = now
    return left


def _held(war: War, reads: Bools) -> Floats:
    """The underdog's share of the line each evening, (days, runs)."""
    scenario, sample = war.scenario, war.sample
    told = scenario.history.series if scenario.history else {}
    change = np.nan_to_num(_daily(told["front.occupied_change_km2"], scenario))
    taken = np.where(reads, change, 0.0)
    rung, rest = sample["front.start"].copy(), np.zeros(len(war.runs))
    held = np.zeros(taken.shape)
    for day, km2 in enumerate(taken):
        rest = rest + km2
        whole = np.fix(rest / sample["history.front.rung_km2"])
        rung, rest = rung - whole, rest - whole * sample["history.front.rung_km2"]
        held[day] = rung / sample["front.rungs"]
    return held


CHECKS = (Check("history", history, runs=200),)
