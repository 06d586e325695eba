"""Publics held against polls made a second time: wars stepped by hand, laws and scores by SciPy."""

import datetime
import json
from pathlib import Path

import numpy as np
import pytest
import rounds
from judging import Number, differ, fixed, num, per_cent, trace, trace_picture, trace_rows, whole
from scipy import integrate, optimize, stats
from scipy.special import expit, logit

import sim
from sim.evidence.polls import polls
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


def poll(side, asks, times, waves, **more):
    dated = [{"date": date, "soft": figure(soft), **rest} for date, soft, rest in waves]
    return {"title": "Would yield", "of": side, "asks": asks, "by": f"Askers of {side}",
            "question": "Enough?", "n": figure(400), "error_times": figure(times),
            "waves": dated, **more}  # fmt: skip


POLLS = {
    "one": poll(
        "mainland", "end_war", 2,
        [("2025-01-04", 0.3, {}), ("2025-01-12", 0.34, {"n": figure(900)}), ("2025-01-20", 0.3, {}),
         ("2025-02-02", 0.33, {}), ("2025-02-20", 0.38, {"n": figure(250)}),
         ("2025-03-10", 0.6, {})],
        patterns={
            "blow": {"title": "Blow", "first": "2025-01-12", "last": "2025-01-20"},
            "end": {"title": "End", "first": "2025-02-20", "last": "2025-03-10"},
            "all": {"title": "All", "first": "2025-01-04", "last": "2025-02-20"},
        },
    ),
    "other": poll("island", "concede", 1.5, [("2025-01-03", 0.5, {}), ("2025-01-16", 0.48, {}),
                                  ("2025-02-03", 0.52, {})]),
}  # fmt: skip


@pytest.fixture(scope="module")
def scenario():
    return sim.load(
        MINIMAL,
        ["end=2025-03-15", f"events={json.dumps({'hit': BLOW})}", f"polls={json.dumps(POLLS)}",
         f"publics={json.dumps({'island': public(0.5), 'mainland': public(0.3)})}"],
    )  # fmt: skip


def test_publics_against_polls_are_those_of_plain_wars(scenario):
    found = polls.compare_with_polls(polls.Ensemble(scenario, 700, 4, 1), UNTIL)
    told = found.figures["polls"]
    assert found.figures["wars"] == 700 * 13
    for name in scenario.polls:
        plain = Plain(scenario, name, 700, 4)
        wanted = plain.answer()
        assert list(scores_of(told[name])) == pytest.approx(list(scores_of(wanted)), abs=GRID)
        assert list(differ(unscored(told[name]), unscored(wanted))) == []
        fan = found.fans[name]
        for k, date in enumerate(fan["date"]):
            line = plain.lines[(date - scenario.start).days]
            for which, chosen in (("prior", plain.prior), ("fitted", plain.fitted)):
                at = [fan[f"{which}_{end}"][k] for end in ENDS]
                assert at == pytest.approx(np.quantile(100 * line[chosen], [*ENDS.values()]))
    trace_polls(scenario, found.figures)
    trace_picture_of_polls(scenario, found)


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


class Plain:
    """What `sim validate polls` tells of one poll."""

    def __init__(self, scenario, name, count, seed):
        self.scenario, self.poll, self.seed, self.count = (
            scenario,
            scenario.polls[name],
            seed,
            count,
        )
        side = self.side = self.poll.of
        about = (
            f"publics.{side}.{self.poll.asks}.",
            f"minds.{side}.expected_loss",
            f"minds.{side}.foresight",
        )
        if side == BLOW["on"]:
            about += ("events.hit.",)
        ranged = {path: figure for path, figure in figures(scenario) if figure.is_drawn}
        self.laws = {p: rounds.law_of(f) for p, f in ranged.items() if p.startswith(about)}
        self.units = {path: ranged[path].unit for path in self.laws}
        self.times = self.poll.error_times.value
        self.day = [(wave.date - scenario.start).days for wave in self.poll.waves]
        self.seen = np.array([wave.soft.value for wave in self.poll.waves])
        self.n = np.array([float((w.n or self.poll.n).value) for w in self.poll.waves])
        self.fits = sum(wave.date <= UNTIL for wave in self.poll.waves)

    def error(self, share, n):
        return self.times / np.sqrt(n * share * (1 - share))

    def answer(self):
        kept: list[np.ndarray] = []

        def agreement(_, runs, places):
            given = self.values(places)
            war = sim.War(self.scenario, runs, self.seed, figures=given)
            lines = []
            while war.running:
                war.step()
                lines.append(getattr(war.negotiators[self.side].public, self.poll.asks).copy())
            kept.append(np.array(lines))
            total = 0.0
            for k in range(self.fits):
                share = lines[self.day[k]]
                law = stats.norm(logit(share), self.error(share, self.n[k]))
                total = total + law.logpdf(logit(self.seen[k]))
            return total

        places, weight = rounds.aimed(
            list(self.laws), 7, lambda _: np.arange(self.count), self.seed, agreement
        )
        self.lines = np.hstack(kept)
        self.prior = rounds.kept(np.full(self.count, 1 / self.count))
        self.fitted = rounds.kept(weight)
        waves = [self.wave(k) for k in range(len(self.seen))]
        later = waves[self.fits :]
        return {
            "title": self.poll.title, "by": self.poll.by, "side": self.side,
            "effective_runs": rounds.worth(weight),
            "waves": waves,
            "fit": scored(waves[: self.fits], "model"),
            "forecast": {way: scored(later, way) for way in ("model", "carried", "trend")}
            if later else None,
            "patterns": {name: self.pattern(one) for name, one in self.poll.patterns.items()},
            "figures": {
                path: {"unit": self.units[path], "prior": ends(drawn[self.prior]),
                       "fitted": ends(drawn[self.fitted])}
                for path, drawn in self.values(places).items()
            },
        }  # fmt: skip

    def values(self, places):
        pairs = zip(self.laws.items(), places, strict=True)
        return {path: law(stats.norm.cdf(row)) for (path, law), row in pairs}

    def wave(self, k):
        own = self.lines[self.day[k]]
        chosen = {"prior": self.prior, "model": self.fitted}
        laws = {way: self.foreseen(own[runs], k) for way, runs in chosen.items()}
        if k >= self.fits:
            laws |= {"carried": self.carried(k), "trend": self.trend(k)}
        told = {
            "date": str(self.poll.waves[k].date),
            "part": "fit" if k < self.fits else "forecast",
            "poll": 100 * self.seen[k],
        }
        for way, law in laws.items():
            interval = {name: 100 * expit(at(law, p)) for name, p in ENDS.items()}
            told[way] = interval
            if way != "prior":
                told[way] = interval | {
                    "inside": bool(interval["low"] <= 100 * self.seen[k] <= interval["high"]),
                    "error": interval["median"] - 100 * self.seen[k],
                    "crps": crps(law, self.seen[k]),
                }
        return told

    def foreseen(self, shares, k):
        return stats.norm(logit(shares), self.error(shares, self.n[k]))

    def carried(self, k):
        last = self.fits - 1
        share = self.seen[last]
        sd = np.hypot(self.error(share, self.n[last]), self.error(share, self.n[k]))
        return stats.norm(np.array([logit(share)]), sd)

    def trend(self, k):
        """The error of a new point about a line by least squares; of waves known no better."""
        x, y = np.array(self.day[: self.fits], float), logit(self.seen[: self.fits])
        line = stats.linregress(x, y)
        scatter = np.sum((y - line.intercept - line.slope * x) ** 2) / (len(x) - 2)
        floor = np.mean(self.error(self.seen[: self.fits], self.n[: self.fits]) ** 2)
        beyond = 1 + 1 / len(x) + (self.day[k] - x.mean()) ** 2 / np.sum((x - x.mean()) ** 2)
        middle = line.intercept + line.slope * self.day[k]
        sd = np.sqrt(max(scatter, floor) * beyond)
        return stats.t(len(x) - 2, np.array([middle]), sd)

    def pattern(self, asked):
        dates = [wave.date for wave in self.poll.waves]
        one, other = dates.index(asked.first), dates.index(asked.last)
        before, after = (self.lines[self.day[k]][self.fitted] for k in (one, other))
        change = 100 * (self.seen[other] - self.seen[one])
        sampled = self.of_change(one, other, self.seen[one], self.seen[other])
        law = stats.norm(100 * (after - before), self.of_change(one, other, before, after))
        low, high = at(law, 0.05), at(law, 0.95)
        own, error = ends(100 * (after - before)), stats.norm.ppf(0.95) * sampled
        if not low <= change <= high:
            verdict = "missed"
        elif abs(change) <= error or own["median"] / change >= 0.5:
            verdict = "met"
        else:
            verdict = "errors only"
        return {
            "title": asked.title, "first": str(asked.first), "last": str(asked.last),
            "part": "fit" if asked.last <= UNTIL else "forecast", "poll": change,
            "poll_error": error, "own": own, "foreseen": {"low": low, "high": high},
            "verdict": verdict,
        }  # fmt: skip

    def of_change(self, one, other, before, after):
        each = [100 * self.times * np.sqrt(p * (1 - p) / self.n[k])
                for k, p in ((one, before), (other, after))]  # fmt: skip
        return np.hypot(*each)


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


def scored(waves, way):
    told = [wave[way] for wave in waves]
    errors = np.array([one["error"] for one in told])
    return {
        "waves": len(told),
        "inside": sum(one["inside"] for one in told),
        "mean_error": errors.mean(),
        "mean_distance": abs(errors).mean(),
        "crps": np.mean([one["crps"] for one in told]),
    }


# --- the words ---------------------------------------------------------------------------------


def trace_polls(scenario, found):
    sections = {section.heading: section for section in words.polls_sections(scenario, found)}
    answer = list(sections["Answer"].lines)
    assert answer[0] == scenario.question
    for poll, line in zip(found["polls"].values(), answer[2::2], strict=True):
        about = f"{scenario.sides[poll['side']].title}, {poll['by']}"
        assert line.startswith(about)
        trace_answer(poll, line)
        trace_rows(sections[f"{about}: wave by wave"].rows, [wave_row(w) for w in poll["waves"]])
        for row, wave in zip(sections[f"{about}: wave by wave"].rows, poll["waves"], strict=True):
            assert (row[-1] == "inside") == wave["model"]["inside"]
        trace_patterns(poll, sections[f"{about}: patterns"].rows)
        scores = [("fitted waves: the model", score_row(poll["fit"]))]
        if poll["forecast"]:
            titles = ("the model", "the last wave fitted, carried forward",
                      "a straight line through the waves fitted")  # fmt: skip
            scores += [
                (f"forecast: {title}", score_row(score))
                for title, score in zip(titles, poll["forecast"].values(), strict=True)
            ]
        trace_rows(sections[f"{about}: scores"].rows, scores)
        last = sections[f"{about}: what the fitted waves say of the figures"]
        trace(last.lines[0], [Number(poll["effective_runs"], 0.5)])
        for row, (path, one) in zip(last.rows, poll["figures"].items(), strict=True):
            assert row[0] == path
            numbers = [num(one[of][end]) for of in ("prior", "fitted") for end in MIDDLE_FIRST]
            trace(" ; ".join(row[2:]), numbers)
    counts = [found["wars"], found["seed"], found["runs"]]
    trace(sections["How"].lines[0], [whole(n) for n in counts], "(Rubin 1988)", str(UNTIL))


MIDDLE_FIRST = ("median", "low", "high")


def trace_answer(poll, line):
    told = poll["forecast"]
    if told is None:
        trace(line, [], str(UNTIL))
        return
    counts = [whole(told["model"][key]) for key in ("inside", "waves")]
    distances = [fixed(told[way]["mean_distance"], 1) for way in ("model", "carried", "trend")]
    trace(line, counts + distances, str(UNTIL), "90 %")
    beaten = [way for way in ("carried", "trend") if told["model"]["crps"] < told[way]["crps"]]
    assert ("better than" in line) == bool(beaten)
    assert (" and a straight line" in line) == (len(beaten) == 2)
    for verdict, said in (("met", "Patterns met: "), ("missed", "MISSED: ")):
        titles = [one["title"] for one in poll["patterns"].values() if one["verdict"] == verdict]
        assert (f"{said}{'; '.join(titles)}" in line) == bool(titles)


def wave_row(wave):
    numbers = [Number(wave["poll"], 0.5)]
    numbers += [Number(wave["prior"][end], 0.5) for end in MIDDLE_FIRST]
    numbers += [fixed(wave["model"][end], 1) for end in (*MIDDLE_FIRST, "error")]
    return wave["date"], numbers


def score_row(score):
    return [whole(score["waves"]), whole(score["inside"]),
            *(fixed(score[key], 1) for key in ("mean_error", "mean_distance", "crps"))]  # fmt: skip


def trace_patterns(poll, rows):
    for row, one in zip(rows, poll["patterns"].values(), strict=True):
        assert row[0] == one["title"]
        numbers = [Number(one["poll"], 0.5), Number(one["poll_error"], 0.5)]
        numbers += [fixed(one["own"][end], 1) for end in MIDDLE_FIRST]
        numbers += [fixed(one["foreseen"][end], 1) for end in ("low", "high")]
        trace(" ; ".join(row[3:]), numbers)


def trace_picture_of_polls(scenario, found):
    of = [told["forecast"]["model"] for told in found.figures["polls"].values() if told["forecast"]]
    numbers = [whole(sum(one[key] for one in of)) for key in ("inside", "waves")]
    others, dates = [whole(found.figures["wars"]), whole(found.figures["seed"])], []
    for told in found.figures["polls"].values():
        last = told["waves"][-1]
        model = last["model"]
        numbers += [per_cent(last["poll"] / 100), per_cent(model["median"] / 100)]
        numbers += [fixed(model["low"], 0), per_cent(model["high"] / 100)]
        others.append(fixed(told["effective_runs"], 0))
        dates.append(last["date"])
    axis = f"Date ({scenario.start.year})"
    names = ["its 90 % interval", "hold 90 %", axis, *dates]
    trace_picture(draw_polls(scenario, found.figures, found.fans), numbers, others, names)
