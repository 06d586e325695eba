"""Publics held against polls made a second time: wars stepped by hand, laws and scores by SciPy."""

import datetime
import itertools
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import rounds
from judging import Number, differ, fixed, num, per_cent, trace, trace_picture, trace_rows, whole
from scipy import integrate, optimize, special, stats
from scipy.special import expit, logit

import sim
from sim.evidence.polls import polls
from sim.evidence.polls.ensemble import Ensemble
from sim.report.answers import polls as words
from sim.report.plots.analysis.polls import draw_polls
from sim.scenario.schema import figures

MINIMAL = Path(__file__).parents[2] / "scenarios" / "minimal.yaml"
ENDS = {"low": 0.05, "median": 0.5, "high": 0.95}
GRID = 0.02  # points, of a score that is summed on a grid of a quarter of a point
UNTIL = datetime.date(2025, 2, 5)
BLOW = {"kind": "blow", "title": "Hit", "on": "mainland", "date": "2025-01-15",
        "loss": {"value": 0.1, "low": 0.05, "high": 0.2, "assumed": "a test"}}  # fmt: skip


def figure(value, *ends, **more):
    whole_range = {"low": ends[0], "high": ends[1]} if ends else {}
    return {"value": value, "assumed": "a test", **whole_range, **more}


def public(soft):
    tires = {
        "share": figure(soft, 0.1, 0.8),
        "per_decade": figure(1, -1, 3, law="uniform"),
        "onset": figure(60, 20, 90, unit="day"),
    }
    return {
        "end_war": {
            **tires,
            "rally": figure(0.1, -0.2, 0.5, law="normal"),
            "rally_lasts": figure(20, unit="day"),
        },
        "concede": {**tires, "sunk": figure(0.5, 0, 2), "sunk_scale": figure(0.1)},
    }


def poll(title, side, asks, wording, times, waves, **more):
    dated = [{"date": date, "soft": figure(soft), **rest} for date, soft, rest in waves]
    return {"title": title, "of": side, "asks": asks, "by": f"Askers of {side}",
            "question": "Enough?", "wording": figure(wording), "n": figure(400),
            "error_times": figure(times), "waves": dated, **more}  # fmt: skip


POLLS = {
    "one": poll(
        "Would stop", "mainland", "end_war", 0, 2,
        [("2025-01-04", 0.3, {}), ("2025-01-12", 0.34, {"n": figure(900)}), ("2025-01-20", 0.3, {}),
         ("2025-02-02", 0.33, {}), ("2025-02-20", 0.38, {"n": figure(250)}),
         ("2025-03-10", 0.6, {})],
        patterns={
            "blow": {"title": "Blow", "first": "2025-01-12", "last": "2025-01-20"},
            "end": {"title": "End", "first": "2025-02-20", "last": "2025-03-10"},
            "all": {"title": "All", "first": "2025-01-04", "last": "2025-02-20"},
        },
    ),
    "same": poll("Would talk", "mainland", "end_war", 0.8, 1,
                 [("2025-01-10", 0.5, {}), ("2025-03-01", 0.44, {})]),
    "land": poll("Would pay", "mainland", "concede", 0.5, 2,
                 [("2025-01-30", 0.2, {}), ("2025-02-25", 0.3, {})]),
    "new": poll("Would yield", "mainland", "concede", 0, 2, [("2025-03-01", 0.2, {})]),
    "other": poll("Would yield", "island", "concede", 0, 1.5,
                  [("2025-01-03", 0.5, {}), ("2025-01-16", 0.48, {}), ("2025-02-03", 0.52, {})]),
}  # fmt: skip
WANDERS = {
    "mainland": {"end_war": figure(0.5, 0.1, 2, law="lognormal"), "concede": figure(0.3)},
    "island": {"end_war": figure(0.3, 0.1, 2), "concede": figure(0.4, 0.1, 2)},
}


@pytest.fixture(scope="module")
def scenario():
    return sim.load(
        MINIMAL,
        ["end=2025-03-15", f"events={json.dumps({'hit': BLOW})}", f"polls={json.dumps(POLLS)}",
         f"publics={json.dumps({'island': public(0.5), 'mainland': public(0.3)})}",
         f"discrepancy={json.dumps(WANDERS)}"],
    )  # fmt: skip


def test_publics_against_polls_are_those_of_plain_wars(scenario):
    found = polls.compare_with_polls(Ensemble(scenario, 500, 4, 1), UNTIL)
    told = found.figures
    assert told["wars"] == 500 * 13
    for side in ("mainland", "island"):
        plain = Plain(scenario, side, 500, 4)
        wanted = plain.answer()
        for name, poll in wanted["polls"].items():
            ours = told["polls"][name]
            assert list(scores_of(ours)) == pytest.approx(list(scores_of(poll)), abs=GRID)
            assert list(differ(unscored(ours), unscored(poll))) == []
        ours, public = told["publics"][side], wanted["public"]
        assert list(scores_of(ours)) == pytest.approx(list(scores_of(public)), abs=GRID)
        assert list(differ(unscored(ours), unscored(public))) == []
        for attitude in plain.asked:
            check_fan(plain, attitude, found.fans[f"{side}.{attitude}"])
    trace_polls(scenario, told)
    trace_picture_of_polls(scenario, found)


def check_fan(plain, attitude, fan):
    for k in range(1, len(fan), 4):  # on day 0 nothing has wandered, and a law of points has gaps
        date = fan["date"][k]
        day = (date - plain.scenario.start).days
        for which in ("prior", "fitted"):
            law = plain.foreseen(which, attitude, [Part(attitude, day)], None)
            at_ends = [fan[f"{which}_{end}"][k] for end in ENDS]
            assert at_ends == pytest.approx(
                [100 * expit(at(law, p)) for p in ENDS.values()], abs=GRID
            )
        rule = logit(plain.lines[attitude][day][plain.fitted])
        assert fan["rule_median"][k] == pytest.approx(100 * expit(np.median(rule)))


def scores_of(answer):
    """Every CRPS of an answer, in its order."""
    for key, value in answer.items() if isinstance(answer, dict) else enumerate(answer):
        if key == "crps":
            yield value
        elif isinstance(value, dict | list):
            yield from scores_of(value)


def unscored(answer):
    if isinstance(answer, list):
        return [unscored(one) for one in answer]
    if not isinstance(answer, dict):
        return answer
    return {key: unscored(value) for key, value in answer.items() if key != "crps"}


# --- the judge ---------------------------------------------------------------------------------


class Part(NamedTuple):
    """What a residual is made of, times its weight: the walk up to a day, an item's wording."""

    attitude: str
    day: int
    item: str | None = None
    weight: float = 1.0


class Plain:
    """What `sim validate polls` tells of one public and its polls."""

    def __init__(self, scenario, side, count, seed):
        self.scenario, self.side, self.seed, self.count = scenario, side, seed, count
        self.polls = {name: p for name, p in scenario.polls.items() if p.of == side}
        self.asked = [a for a in ("end_war", "concede") if any(p.asks == a for p in
                      self.polls.values())]  # fmt: skip
        about = (f"minds.{side}.expected_loss", f"minds.{side}.foresight")
        for asked in self.asked:
            about += (f"publics.{side}.{asked}.", f"discrepancy.{side}.{asked}")
        if side == BLOW["on"]:
            about += ("events.hit.",)
        ranged = {path: figure for path, figure in figures(scenario) if figure.is_drawn}
        self.laws = {p: rounds.law_of(f) for p, f in ranged.items() if p.startswith(about)}
        self.units = {path: ranged[path].unit for path in self.laws}
        self.seen = {
            attitude: [
                (name, k)
                for name, p in self.polls.items()
                for k in range(self.fits(name))
                if p.asks == attitude
            ]
            for attitude in self.asked
        }

    # one wave

    def fits(self, name):
        return sum(wave.date <= UNTIL for wave in self.polls[name].waves)

    def share(self, name, k):
        return self.polls[name].waves[k].soft.value

    def day(self, name, k):
        return (self.polls[name].waves[k].date - self.scenario.start).days

    def error(self, name, k, share=None):
        wave, p = self.polls[name].waves[k], self.polls[name]
        share = wave.soft.value if share is None else share
        n = (wave.n or p.n).value
        return p.error_times.value / np.sqrt(n * share * (1 - share))

    # the law of what a rule leaves over

    def together(self, ones, others, sds, level=0.0):
        """The covariance of two sums of parts in each run."""
        walks = still = 0.0
        for one, other in itertools.product(ones, others):
            weight = one.weight * other.weight
            walks += weight * min(one.day, other.day) / 365.25
            is_same = one.item is not None and one.item == other.item
            still += weight * (
                level**2 + (self.polls[one.item].wording.value ** 2 if is_same else 0)
            )
        return sds**2 * walks + still

    def seen_parts(self, attitude):
        return [[Part(attitude, self.day(*wave), wave[0])] for wave in self.seen[attitude]]

    def waves_together(self, attitude, sds, level=0.0):
        """Covariances of the waves fitted, a matrix a run."""
        parts = self.seen_parts(attitude)
        rows = [[self.together(a, b, sds, level) for b in parts] for a in parts]
        errors = np.diag([self.error(*wave) ** 2 for wave in self.seen[attitude]])
        return np.moveaxis(np.array(rows), 2, 0) + errors

    def given(self, attitude, parts, sds, left, level=0.0):
        """Mean and variance of a sum of parts in each run, `left` having been seen."""
        before = self.together(parts, parts, sds, level)
        if not len(left):
            return np.zeros(len(sds)), before
        seen = self.seen_parts(attitude)
        with_them = np.array([self.together(parts, one, sds, level) for one in seen]).T
        matrices = self.waves_together(attitude, sds, level)
        weight = np.linalg.solve(matrices, with_them[..., None])[..., 0]
        return np.sum(weight * left.T, axis=1), before - np.sum(weight * with_them, axis=1)

    def density(self, attitude, sds, left, level=0.0):
        """The log density of residuals in each run, but for a constant."""
        matrices = self.waves_together(attitude, sds, level)
        solved = np.linalg.solve(matrices, left.T[..., None])[..., 0]
        return -0.5 * (np.sum(solved * left.T, axis=1) + np.linalg.slogdet(matrices)[1])

    def left(self, attitude, line):
        """Residuals (waves, runs) of lines (days, runs)."""
        return np.array([logit(self.share(*w)) - logit(line[self.day(*w)])
                         for w in self.seen[attitude]]).reshape(-1, line.shape[1])  # fmt: skip

    # the fit

    def wanders(self, attitude, given, runs):
        path = f"discrepancy.{self.side}.{attitude}"
        return given.get(path, np.full(runs, dict(figures(self.scenario))[path].value))

    def fit(self):
        kept = {attitude: [] for attitude in self.asked}

        def agreement(_, runs, places):
            given = self.values(places)
            war = sim.War(self.scenario, runs, self.seed, figures=given)
            lines = {attitude: [] for attitude in self.asked}
            while war.running:
                war.step()
                for attitude, days in lines.items():
                    days.append(getattr(war.negotiators[self.side].public, attitude).copy())
            total = np.zeros(len(runs))
            for attitude, days in lines.items():
                line = np.array(days)
                kept[attitude].append(line)
                if self.seen[attitude]:
                    sds = self.wanders(attitude, given, len(runs))
                    total += self.density(attitude, sds, self.left(attitude, line))
            return total

        places, weight = rounds.aimed(
            list(self.laws), 7, lambda _: np.arange(self.count), self.seed, agreement
        )
        self.lines = {attitude: np.hstack(lines) for attitude, lines in kept.items()}
        self.drawn = self.values(places)
        self.prior = rounds.kept(np.full(self.count, 1 / self.count))
        self.fitted = rounds.kept(weight)
        self.worth = rounds.worth(weight)

    def values(self, places):
        pairs = zip(self.laws.items(), places, strict=True)
        return {path: law(stats.norm.cdf(row)) for (path, law), row in pairs}

    # what is told

    def foreseen(self, which, attitude, parts, wave):
        """The law of rule and parts; of a wave also its error."""
        runs = {"prior": self.prior, "fitted": self.fitted}[which]
        line = self.lines[attitude][:, runs]
        rule = sum(part.weight * logit(line[part.day]) for part in parts)
        return self.summed(which, attitude, parts, wave, rule)

    def summed(self, which, attitude, parts, wave, rule):
        runs = {"prior": self.prior, "fitted": self.fitted}[which]
        line = self.lines[attitude][:, runs]
        left = self.left(attitude, line) if which == "fitted" else np.empty((0, len(runs)))
        sds = self.wanders(attitude, self.drawn, self.lines[attitude].shape[1])[runs]
        means, variances = self.given(attitude, parts, sds, left)
        middle = rule + means
        error = self.error(*wave, expit(middle)) if wave else 0.0
        return stats.norm(middle, np.sqrt(np.maximum(variances, 1e-18) + error**2))

    def walk_alone(self, attitude, parts, wave):
        """The same without a rule, about any level: its sd at even places of its law."""
        path = f"discrepancy.{self.side}.{attitude}"
        law = self.laws.get(path)
        even = (np.arange(2000) + 0.5) / 2000
        sds = law(even) if law else np.full(2000, dict(figures(self.scenario))[path].value)
        seen = np.array([logit(self.share(*one)) for one in self.seen[attitude]])
        left = np.repeat(seen[:, None], 2000, axis=1)
        agrees = self.density(attitude, sds, left, 5.0) if len(seen) else np.zeros(2000)
        rows = rounds.kept(special.softmax(agrees))
        means, variances = self.given(attitude, parts, sds[rows], left, 5.0)
        return stats.norm(means, np.sqrt(variances + self.error(*wave, expit(means)) ** 2))

    def answer(self):
        self.fit()
        told = {name: self.poll(name) for name in
                sorted(self.polls, key=lambda n: self.asked.index(self.polls[n].asks))}  # fmt: skip
        later = [w for n, p in told.items() if self.fits(n) for w in p["waves"][self.fits(n) :]]
        kinds = {"prior": self.prior, "fitted": self.fitted}
        return {
            "polls": told,
            "public": {
                "effective_runs": self.worth,
                "forecast": all_scored(later),
                "figures": {
                    path: {"unit": self.units[path]}
                    | {which: ends(drawn[rows]) for which, rows in kinds.items()}
                    for path, drawn in self.drawn.items()
                },
            },
        }

    def poll(self, name):
        asked, fits = self.polls[name], self.fits(name)
        waves = [self.wave(name, k) for k in range(len(asked.waves))]
        offset = None
        if asked.wording.value:
            nothing = np.zeros(len(self.fitted))
            # a wording alone: the item on the day on which nothing has yet wandered
            law = self.summed("fitted", asked.asks, [Part(asked.asks, 0, name)], None, nothing)
            offset = {end: at(law, p) for end, p in ENDS.items()}
        return {
            "title": asked.title, "by": asked.by, "side": self.side, "attitude": asked.asks,
            "waves": waves,
            "fit": scored(waves[:fits], "model") if fits else None,
            "forecast": all_scored(waves[fits:]),
            "patterns": {one: self.pattern(name, p) for one, p in asked.patterns.items()},
            "offset": offset,
        }  # fmt: skip

    def wave(self, name, k):
        attitude, fits, day = self.polls[name].asks, self.fits(name), self.day(name, k)
        parts, wave = [Part(attitude, day, name)], (name, k)
        laws = {"prior": self.foreseen("prior", attitude, parts, wave),
                "model": self.foreseen("fitted", attitude, parts, wave)}  # fmt: skip
        if k >= fits:
            if fits:
                laws["carried"] = self.carried(name, k)
            laws["walk"] = self.walk_alone(attitude, parts, wave)
            if fits >= 3:
                laws["trend"] = self.trend(name, k)
        seen = self.share(name, k)
        wandered = self.summed("fitted", attitude, [Part(attitude, day)], None,
                               np.zeros(len(self.fitted)))  # fmt: skip
        rule = logit(self.lines[attitude][day][self.fitted])
        told = {
            "date": str(self.polls[name].waves[k].date),
            "part": "fit" if k < fits else "forecast",
            "poll": 100 * seen,
            "rule": ends(100 * expit(rule)),
            "discrepancy": {end: at(wandered, p) for end, p in ENDS.items()},
        }
        for way, law in laws.items():
            interval = {end: 100 * expit(at(law, p)) for end, p in ENDS.items()}
            told[way] = interval
            if way != "prior":
                told[way] = interval | {
                    "inside": bool(interval["low"] <= 100 * seen <= interval["high"]),
                    "error": interval["median"] - 100 * seen,
                    "crps": crps(law, seen),
                    "log_score": np.log(np.mean(law.pdf(logit(seen)))),
                }
        return told

    def carried(self, name, k):
        last = self.fits(name) - 1
        share = self.share(name, last)
        sd = np.hypot(self.error(name, last, share), self.error(name, k, share))
        return stats.norm(np.array([logit(share)]), sd)

    def trend(self, name, k):
        """The error of a new point about a line by least squares; of waves known no better."""
        fits = range(self.fits(name))
        x = np.array([self.day(name, one) for one in fits], float)
        y = logit(np.array([self.share(name, one) for one in fits]))
        line = stats.linregress(x, y)
        scatter = np.sum((y - line.intercept - line.slope * x) ** 2) / (len(x) - 2)
        floor = np.mean([self.error(name, one) ** 2 for one in fits])
        day = self.day(name, k)
        beyond = 1 + 1 / len(x) + (day - x.mean()) ** 2 / np.sum((x - x.mean()) ** 2)
        sd = np.sqrt(max(scatter, floor) * beyond)
        return stats.t(len(x) - 2, np.array([line.intercept + line.slope * day]), sd)

    def pattern(self, name, asked):
        attitude = self.polls[name].asks
        dates = [wave.date for wave in self.polls[name].waves]
        one, other = dates.index(asked.first), dates.index(asked.last)
        start, change = self.share(name, one), self.share(name, other) - self.share(name, one)
        parts = [Part(attitude, self.day(name, other)),
                 Part(attitude, self.day(name, one), weight=-1.0)]  # fmt: skip
        walked = self.summed("fitted", attitude, parts, None, np.zeros(len(self.fitted)))
        line = self.lines[attitude][:, self.fitted]
        rule = logit(line[self.day(name, other)]) - logit(line[self.day(name, one)])
        means = rule + walked.mean()
        error = np.hypot(self.error(name, one),
                         self.error(name, other, expit(logit(start) + means)))  # fmt: skip
        law = stats.norm(means, np.hypot(walked.std(), error))

        def points(logits):
            return 100 * (expit(logit(start) + logits) - start)

        low, high = points(at(law, 0.05)), points(at(law, 0.95))
        sampled = [100 * s * (1 - s) * self.error(name, k)
                   for k, s in ((one, start), (other, self.share(name, other)))]  # fmt: skip
        by_chance, own = stats.norm.ppf(0.95) * np.hypot(*sampled), ends(points(rule))
        if not low <= 100 * change <= high:
            verdict = "missed"
        elif abs(100 * change) <= by_chance or own["median"] / (100 * change) >= 0.5:
            verdict = "met"
        else:
            verdict = "unexplained"
        return {
            "title": asked.title, "first": str(asked.first), "last": str(asked.last),
            "part": "fit" if asked.last <= UNTIL else "forecast", "poll": 100 * change,
            "poll_error": by_chance, "rule": own,
            "discrepancy": {end: points(at(walked, p)) for end, p in ENDS.items()},
            "foreseen": {"low": low, "high": high}, "verdict": verdict,
        }  # fmt: skip


def ends(values):
    return {name: np.quantile(values, p) for name, p in ENDS.items()}


def at(law, p):
    """Where a mixture in equal parts reaches a chance."""
    low, high = np.min(law.ppf(p / 100)), np.max(law.ppf(1 - (1 - p) / 100))
    return optimize.brentq(lambda x: np.mean(law.cdf(x)) - p, low, high, xtol=1e-13)


def crps(law, seen):
    """In points: the integral over shares of (P(X <= x) - 1{seen <= x}) squared."""
    x = np.linspace(0, 1, 1001)
    below = np.array([np.mean(law.cdf(logit(one))) for one in x])
    apart = np.where(x < seen, below**2, (1 - below) ** 2)
    left, right = x < seen, x > seen
    here = np.mean(law.cdf(logit(seen)))
    first = integrate.trapezoid([*apart[left], here**2], [*x[left], seen])
    return 100 * (first + integrate.trapezoid([(1 - here) ** 2, *apart[right]], [seen, *x[right]]))


def all_scored(waves):
    if not waves:
        return None
    ways = ("model", "carried", "walk", "trend")
    by_way = {way: [wave for wave in waves if way in wave] for way in ways}
    return {way: scored(told, way) for way, told in by_way.items() if told}


def scored(waves, way):
    told = [wave[way] for wave in waves]
    errors = np.array([one["error"] for one in told])
    return {
        "waves": len(told),
        "inside": sum(one["inside"] for one in told),
        "mean_error": errors.mean(),
        "mean_distance": abs(errors).mean(),
        "crps": np.mean([one["crps"] for one in told]),
        "log_score": np.mean([one["log_score"] for one in told]),
    }


# --- the words ---------------------------------------------------------------------------------

TITLES = {
    "model": "the model",
    "carried": "the last wave fitted, carried forward",
    "walk": "a random walk without a rule",
    "trend": "a straight line through the waves fitted",
}
MIDDLE_FIRST = ("median", "low", "high")


def trace_polls(scenario, found):
    told = words.Polls("", (scenario,), found).sections()
    sections = {section.heading: section for section in told}
    answer = list(sections["Answer"].lines)
    assert answer[0] == scenario.question
    for (side, public), line in zip(found["publics"].items(), answer[2::2], strict=True):
        title = scenario.sides[side].title
        own = {name: p for name, p in found["polls"].items() if p["side"] == side}
        assert line.startswith(f"{title}: ")
        trace_answer(public["forecast"], own, line)
        rows = []
        for poll in own.values():
            about = f"{title}, {poll['by']}: {poll['title'].lower()}"
            trace_poll(poll, sections, about)
            rows += score_rows(f"{poll['by']}, {poll['title'].lower()}", poll["fit"],
                               poll["forecast"])  # fmt: skip
        rows += score_rows("all forecasts", None, public["forecast"])
        trace_rows(sections[f"{title}: scores"].rows, rows)
        last = sections[f"{title}: what the fitted waves say of the figures"]
        fits = sum(wave["part"] == "fit" for poll in own.values() for wave in poll["waves"])
        trace(last.lines[0], [Number(public["effective_runs"], 0.5), whole(fits)])
        for row, (path, one) in zip(last.rows, public["figures"].items(), strict=True):
            assert row[0] == path
            numbers = [num(one[of][end]) for of in ("prior", "fitted") for end in MIDDLE_FIRST]
            trace(" ; ".join(row[2:]), numbers)
    counts = [found["wars"], found["seed"], found["runs"]]
    others = ("(Rubin 1988)", "(Kennedy and O'Hagan 2001)", str(UNTIL))
    trace(sections["How"].lines[0], [whole(n) for n in counts], *others)


def trace_answer(forecast, polls, line):
    for verdict, said in (("met", "Patterns met: "), ("missed", "MISSED: ")):
        titles = [p["title"] for poll in polls.values() for p in poll["patterns"].values()
                  if p["verdict"] == verdict]  # fmt: skip
        assert not titles or f"{said}{'; '.join(titles)}" in line
    if forecast is None:
        trace(line, [], str(UNTIL))
        return
    model = forecast["model"]
    alike = [one for one in forecast.values() if one["waves"] == model["waves"]]
    numbers = [whole(model["inside"]), whole(model["waves"])]
    numbers += [fixed(one["crps"], 1) for one in alike]
    goal = model["crps"] < forecast["carried"]["crps"], model["inside"] >= 0.8 * model["waves"]
    assert ("The aim is met" in line) == all(goal)
    assert ("no better than the last wave" in line) == (not goal[0])
    trace(line, numbers, str(UNTIL), "90 %", "fewer than 80 %")


def trace_poll(poll, sections, about):
    waves = sections[f"{about}: wave by wave"]
    trace_rows(waves.rows, [wave_row(w) for w in poll["waves"]])
    for row, wave in zip(waves.rows, poll["waves"], strict=True):
        assert (row[7] == "inside") == wave["model"]["inside"]
    offset = poll["offset"]
    numbers = [fixed(offset[end], 2) for end in MIDDLE_FIRST] if offset else []
    trace(waves.lines[0], numbers, str(UNTIL), "90 of 100 cases")
    if poll["patterns"]:
        trace_patterns(poll, sections[f"{about}: patterns"].rows)


def wave_row(wave):
    numbers = [Number(wave["poll"], 0.5)]
    numbers += [fixed(wave["model"][end], 1) for end in (*MIDDLE_FIRST, "error")]
    numbers += [fixed(wave["rule"]["median"], 1)]
    numbers += [fixed(wave["discrepancy"][end], 2) for end in MIDDLE_FIRST]
    return wave["date"], numbers


def score_rows(about, fit, forecast):
    rows = [(f"{about}, fitted: the model", score_row(fit))] if fit else []
    return rows + [(f"{about}: {TITLES[way]}", score_row(s)) for way, s in (forecast or {}).items()]


def score_row(score):
    return [whole(score["waves"]), whole(score["inside"]),
            *(fixed(score[key], 1) for key in ("mean_error", "mean_distance", "crps")),
            fixed(score["log_score"], 2)]  # fmt: skip


def trace_patterns(poll, rows):
    for row, one in zip(rows, poll["patterns"].values(), strict=True):
        assert row[0] == one["title"]
        numbers = [Number(one["poll"], 0.5), Number(one["poll_error"], 0.5)]
        numbers += [fixed(one["rule"][end], 1) for end in MIDDLE_FIRST]
        numbers += [fixed(one["discrepancy"][end], 1) for end in MIDDLE_FIRST]
        numbers += [fixed(one["foreseen"][end], 1) for end in ("low", "high")]
        trace(" ; ".join(row[4:-1]), numbers)


def trace_picture_of_polls(scenario, found):
    of = [told["forecast"]["model"] for told in found.figures["polls"].values() if told["forecast"]]
    numbers = [whole(sum(one[key] for one in of)) for key in ("inside", "waves")]
    others, dates = [whole(found.figures["wars"]), whole(found.figures["seed"])], []
    for told in found.figures["polls"].values():
        last = told["waves"][-1]
        model = last["model"]
        numbers += [per_cent(last["poll"] / 100), per_cent(model["median"] / 100)]
        numbers += [fixed(model["low"], 0), per_cent(model["high"] / 100)]
        dates.append(last["date"])
    for held in found.fans:
        worth = found.figures["publics"][held.split(".")[0]]["effective_runs"]
        others.append(fixed(worth, 0))
    axis = f"Date ({scenario.start.year})"
    names = ["its 90 % interval", "hold 90 %", "the 90 % of", axis, *dates]
    trace_picture(draw_polls(scenario, found.figures, found.fans), numbers, others, names)
