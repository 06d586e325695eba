"""Nights not seen made a second time: sums by pandas, the law of a night from its formulas, laws of
counts by SciPy, the drift stepped week by week.

What each figure is guessed to be and how wide is taken from the model as data. The likeliest
figures, the weights of the draws about them and the drift they end with are made again from the
nights: the drift is summed out on a grid, week by week, where the model has Laplace's
approximation. The forecasts follow from the draws as they are found.
"""

import csv
import datetime

import numpy as np
import pandas as pd
import pytest
from judging import Number, differ, fixed, num, per_cent, trace, trace_picture, trace_rows, whole
from scipy import optimize, stats
from scipy.special import expit, logit

from sim import draws
from sim.evidence.nights import validation as nights
from sim.report.answers.nights import Nights
from sim.report.plots.analysis.nights import draw_nights

DRAWS, SEED = 25, 6
HEAD = ("time_start", "time_end", "model", "launched", "destroyed", "not_reach_goal")
MODELS = {"shahed": "Shahed-136/131", "ballistic": "Iskander-M"}
SIZES = {"shahed": (1, 51, 151, 301, 501), "ballistic": (1, 3, 11)}
WITHOUT = {"without_massing": ["massing"], "without_decoys": ["decoys"],
           "without_both": ["massing", "decoys"]}  # fmt: skip
ERRORS = ["coverage_50", "coverage_90", "inside_50", "inside_90", "crps", "log_score"]


def rows_of(seed, count=44):
    """Random nights of two classes; some in two rows, some that do not tell what was lost."""
    luck = np.random.default_rng(seed)
    day, rows = datetime.date(2024, 6, 1), []
    for k in range(count):
        day += datetime.timedelta(int(luck.integers(1, 5)))
        for part in range(1 + (k % 9 == 4)):
            size = int(luck.integers(5 + part, 200))
            leaked = int(luck.binomial(size, luck.beta(2, 12)))
            lost = int(luck.binomial(size - leaked, 0.2))
            told = "" if k < 4 or k % 7 == 3 else lost
            rows.append((day, day, MODELS["shahed"], size, size - leaked - lost, told))
        if k % 5:
            few = int(luck.integers(1, 16))
            rows.append((day, day, MODELS["ballistic"], few, int(luck.binomial(few, 0.3)), ""))
    return rows


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """The rows, the day of training, the answer, and the fits behind it in their order."""
    rows, fits, made = rows_of(2), [], nights.fit
    file = tmp_path_factory.mktemp("nights") / "nights.csv"
    with file.open("w", newline="") as out:
        csv.writer(out).writerows([HEAD, *rows])
    until = sorted({row[0] for row in rows})[-16]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nights, "fit", lambda *asked: fits.append(made(*asked)) or fits[-1])
        found = nights.validate_nights(file, until, SEED, DRAWS)
    return (
        rows,
        until,
        found,
        dict(zip(MODELS, zip(fits[::2], fits[1::2], strict=True), strict=True)),
    )


@pytest.mark.parametrize("name", MODELS)
def test_forecasts_of_nights_are_those_of_plain_laws(judged, name):
    rows, until, found, fits = judged
    known, later = Plain(rows, name).parted(until)
    entry = found["classes"][name]
    wanted = answer(name, known, later, until, *fits[name])
    told = {key: entry[key] for key in wanted}
    told["reliability"] = {who: entry["reliability"][who] for who in wanted["reliability"]}
    assert list(differ(told, wanted)) == []
    of_baselines = {f"{error}_{baseline}" for baseline in BASELINES for error in ERRORS}
    assert set(entry) - of_baselines == {*wanted, "goal_met", "no_worse"}
    for baseline, laws in BASELINES.items():
        scores = [scored(*one) for one in zip(laws(known, later, until), later, strict=True)]
        told = summed(scores)
        assert entry["reliability"][baseline] == pytest.approx(reliability(scores), abs=5e-3)
        for error in ERRORS:  # a search ends near the top, not on it
            assert entry[f"{error}_{baseline}"] == pytest.approx(told[error], rel=5e-3, abs=2e-3)
    assert entry["goal_met"] == (entry["no_worse"] and 0.85 <= entry["coverage_90"] <= 0.95)
    least = min(entry["crps_last_month"], entry["crps_regression"])
    assert entry["no_worse"] == (entry["crps"] <= least)


@pytest.mark.parametrize("drifting", [False, True], ids=["the law", "no mechanism"])
@pytest.mark.parametrize("name", MODELS)
def test_the_fit_of_nights_is_the_likeliest(judged, name, drifting):
    rows, until, _, fits = judged
    (known, _), fitted = Plain(rows, name).parted(until), fits[name][drifting]
    here, size = loss(fitted.best, fitted, known), len(fitted.best)
    if size <= 10:  # a search over more takes long
        found = optimize.minimize(loss, np.zeros(size), (fitted, known), options={"gtol": 0.01})
        assert here == pytest.approx(found.fun, abs=0.01)
        assert fitted.best == pytest.approx(found.x, abs=0.15)
    for move in 0.5 * np.vstack([np.eye(size), -np.eye(size)]):
        assert loss(fitted.best + move, fitted, known) > here


@pytest.mark.parametrize("drifting", [False, True], ids=["the law", "no mechanism"])
def test_draws_of_a_fit_weigh_and_end_as_the_nights_have_it(judged, drifting):
    rows, until, _, fits = judged
    (known, _), fitted = Plain(rows, "ballistic").parted(until), fits["ballistic"][drifting]
    count, size = fitted.z.shape
    normal = normals("nights.ballistic.figures", count, size + 1)
    ends = [Drift(fitted.law, z, known) for z in fitted.z]
    log_weight = [end.log_evidence - z @ z / 2 + u @ u / 2
                  for end, z, u in zip(ends, fitted.z, normal[:, :-1], strict=True)]  # fmt: skip
    weight = np.exp(log_weight - np.max(log_weight))
    weight = np.minimum(weight, weight.mean() * np.sqrt(count))
    assert fitted.weight == pytest.approx(weight / weight.sum(), rel=0.1)
    for drift, end, u in zip(fitted.drift, ends, normal[:, -1], strict=True):
        assert drift == pytest.approx(end.mean + end.sd * u, abs=0.6 * end.sd)


def test_draws_of_a_fit_lie_about_it_as_the_loss_bends(judged):
    rows, until, _, fits = judged
    (known, _), (_, fitted) = Plain(rows, "ballistic").parted(until), fits["ballistic"]
    count, size = fitted.z.shape
    apart, steps = fitted.z - fitted.best, 0.1 * np.eye(size)
    bend = [[sum(a * b * loss(fitted.best + a * i + b * j, fitted, known) / 0.04
                 for a in (1, -1) for b in (1, -1)) for j in steps] for i in steps]  # fmt: skip
    normal = normals("nights.ballistic.figures", count, size + 1)[:, :-1]
    root = np.linalg.lstsq(normal, apart)[0].T
    assert np.allclose(normal @ root.T, apart)
    assert root @ root.T == pytest.approx(np.linalg.inv(bend), rel=0.05, abs=0.02)


def test_the_words_of_nights_are_traced(judged):
    _, until, found, _ = judged
    sections = Nights("", (), found).sections()
    answer_lines = [line for line in sections[0].lines if line]
    goal = [per_cent(end) for end in found["goal"]]
    dates = [found["first"], found["last"], str(until)]
    trace(answer_lines[0].replace("85 to 95 %", "85 % to 95 %"), goal, "90 %", *dates)
    for line, entry in zip(answer_lines[1:], found["classes"].values(), strict=False):
        trace_verdict(line, entry)
    assert "Cruise missiles: not judged" in answer_lines[-1]
    trace(answer_lines[-1], [whole(0), whole(20)], str(until))
    trace_scores(sections[1], found["classes"])
    parts = iter(sections[2:])
    for part, entry in [(part, entry) for part in (trace_by_size, trace_worst, trace_figures)
                        for entry in found["classes"].values()]:  # fmt: skip
        part(next(parts), entry)
    how = sections[-1].lines
    worth = [Number(entry["even_draws"], 0.5) for entry in found["classes"].values()]
    trace(how[1], [whole(DRAWS), whole(SEED), *worth])
    trace(how[2], [whole(found["rows"]), *(whole(n) for n in found["left_out"].values())])


def test_the_words_of_the_picture_of_nights_are_traced(judged):
    _, until, found, _ = judged
    classes = found["classes"].values()
    numbers = [whole(sum(entry["goal_met"] for entry in classes)), whole(len(classes))]
    for entry in classes:
        numbers += [fixed(entry["coverage_50"], 2), fixed(entry["coverage_90"], 2)]
        numbers += [whole(entry["nights"])]
        numbers += [three(entry[f"crps{who}"]) for who in ("", "_last_month", "_regression")]
    others = [whole(found["rows"]), whole(DRAWS), whole(SEED)]
    names = ["the 50 % intervals", "the 90 % intervals", str(until), found["first"], found["last"]]
    trace_picture(draw_nights(found), numbers, others, names)


# --- the judge ---------------------------------------------------------------------------------


class Night(tuple):
    """Day, launched, leaked, whether lost drones count, how many are told lost, launched lately."""

    day, launched, leaked, counts_lost, lost, tempo = (
        property(lambda self, k=k: self[k]) for k in range(6)
    )


class Plain:
    """The nights of one class, summed by pandas."""

    def __init__(self, rows, name):
        table = pd.DataFrame(rows, columns=HEAD).replace("", np.nan)
        table = table[table["model"] == MODELS[name]].drop(columns=["time_start", "model"])
        lost = table.groupby("time_end")["not_reach_goal"].sum(min_count=1)
        sums = table.fillna({"not_reach_goal": 0}).groupby("time_end").sum()
        day = np.array([date.toordinal() for date in sums.index])
        n = sums["launched"].to_numpy(float)
        stopped = (sums["destroyed"] + sums["not_reach_goal"]).to_numpy(float)
        first = n[day < day[0] + 60].sum() / 60
        tempo = [
            first * np.exp((day[0] - d) / 60) + np.sum(n[:k] / 60 * np.exp((day[:k] - d) / 60))
            for k, d in enumerate(day)
        ]
        counted = lost.notna().cummax().to_numpy()
        leaked = np.maximum(n - stopped, 0)
        told = np.minimum(lost.to_numpy(float), n - leaked)
        self.nights = [Night(one) for one in zip(day, n, leaked, counted, told, tempo, strict=True)]

    def parted(self, until):
        known = [night for night in self.nights if night.day <= until.toordinal()]
        return known, [night for night in self.nights if night.day > until.toordinal()]


def values_at(law, z):
    """Every figure; `z` (..., figures) in standard deviations of what is guessed of it."""
    values = dict(law.fixed)
    for k, (name, one) in enumerate(law.figures.items()):
        by = {"log": lambda s, one=one: np.exp(np.log(one.guess) + one.sd * s),
              "logit": lambda s, one=one: expit(logit(one.guess) + one.sd * s),
              "plain": lambda s, one=one: one.guess + one.sd * s}[one.scale]  # fmt: skip
        values[name] = by(z[..., k])
    return values


def fates(v, night, drift):
    """Shares leaked and shot of a night, as docs/nights and the docstring of `shares` have them."""
    t = (night.day - datetime.date(2024, 1, 1).toordinal()) / 365.25
    n, g = night.launched, np.exp(v["growth"] * t)
    u = g * np.exp(drift) * (1 + v["massing"] * n / (n + v["massing_half"]))
    c = v["channels"] * u * (night.tempo / 10) ** v["response"]
    in_use = 1 / (1 + np.exp(-(365.25 * t - v["decoys_from"]) / v["decoys_within"]))
    d = v["decoys"] * in_use * n / (n + v["decoys_half"])
    j = (1 - d) * np.exp(-v["jam"] * g)
    f = j + d * np.exp(-v["decoys_fall"])
    s = 1 - np.exp(-v["looks"] * u)
    load = n * f * s * v["service_min"] / v["window_min"]
    busy = stats.gamma.pdf(load, c + 1) / stats.gamma.sf(load, c + 1)  # Erlang's B, any channels
    q = s * (1 - busy) * v["p_kill"]
    return j * (1 - q), f * q


def chance_and_spread(v, night, drift, counts_lost):
    leaked, shot = fates(v, night, drift)
    p = np.clip(leaked if counts_lost else 1 - shot, 1e-9, 1 - 1e-9)
    return p, v["spread"] / (1 + night.launched / v["spread_half"])


class Drift:
    """What the nights say of the drift at given figures: it is summed out on a grid, week by week.

    Weeks end with the last night. x' = c x + a kick, c = exp(-7 / drift_days), such that each week
    has standard deviation `drift`. A week's nights are reports of one x: leaked of launched, and
    where it is told lost of all that did not leak.
    """

    GRID = np.linspace(-5.0, 5.0, 121)  # standard deviations

    def __init__(self, law, z, known):
        v, width = values_at(law, z), self.GRID[1] - self.GRID[0]
        keeps = np.exp(-7 / v["drift_days"])
        step = stats.norm.pdf(self.GRID[:, None], keeps * self.GRID, np.sqrt(1 - keeps**2)) * width
        by_week = self.by_week(v, known)
        p = stats.norm.pdf(self.GRID) * width
        self.log_evidence = 0.0
        for week in range(max(by_week), -1, -1):
            log = by_week.get(week, np.zeros(len(p)))
            p = p * np.exp(log - log.max())
            self.log_evidence += np.log(p.sum()) + log.max()
            p /= p.sum()
            self.mean = v["drift"] * (p @ self.GRID)
            self.sd = np.sqrt(p @ (v["drift"] * self.GRID - self.mean) ** 2)
            p = step @ p

    def by_week(self, v, known):
        """Log chance of the reports of a week at each drift; the last week is 0."""
        night = Night(np.array(part, float)[:, None] for part in zip(*known, strict=True))
        leaked, shot = fates(v, night, v["drift"] * self.GRID)
        p = np.clip(np.where(night.counts_lost, leaked, 1 - shot), 1e-9, 1 - 1e-9)
        spread = v["spread"] / (1 + night.launched / v["spread_half"])
        log = law_of_counts(night.launched, p, spread).logpmf(night.leaked)
        if "lost_spread" in v:
            of_stopped = np.clip((1 - leaked - shot) / (1 - leaked), 1e-9, 1 - 1e-9)
            stopped = night.launched - night.leaked
            lost = law_of_counts(stopped, of_stopped, v["lost_spread"]).logpmf(night.lost)
            log += np.where(np.isnan(night.lost), 0.0, lost)
        weeks = ((night.day[-1] - night.day) // 7).ravel()
        return {week: log[weeks == week].sum(axis=0) for week in weeks.astype(int)}


def loss(z, fitted, known):
    """Minus the log of the prior, which is normal, and of what the nights say of figures."""
    return z @ z / 2 - Drift(fitted.law, z, known).log_evidence


def law_of_counts(n, p, spread):
    return stats.betabinom(n, p * (1 / spread - 1), (1 - p) * (1 / spread - 1))


def normals(actor, rows, columns):
    u = draws.uniforms(SEED, np.arange(rows), 0, draws.actor_id(actor), draws.FIGURE, columns)
    return stats.norm.ppf(u)


def foreseen(name, fitted, later, **changed):
    """The chance and the spread of each later night in each draw."""
    v = values_at(fitted.law, fitted.z) | changed
    last = fitted.last_day
    week = [int(np.ceil((night.day - last) / 7)) for night in later]
    keeps = np.exp(-7 / v["drift_days"])
    walk = [fitted.drift]
    for normal in normals(f"nights.{name}.drift", len(fitted.z), max(week)).T:
        walk.append(keeps * walk[-1] + v["drift"] * np.sqrt(1 - keeps**2) * normal)
    return [chance_and_spread(v, night, walk[k], fitted.counts_lost)
            for night, k in zip(later, week, strict=True)]  # fmt: skip


def mixed(fitted, later, laws):
    """P(at most k) of each night, over all draws."""
    return [fitted.weight @ [law_of_counts(night.launched, p, s).cdf(np.arange(night.launched + 1))
                             for p, s in zip(*np.broadcast_arrays(*law), strict=True)]
            for night, law in zip(later, laws, strict=True)]  # fmt: skip


def scored(upto, night):
    came = int(night.leaked)
    chances = np.diff(upto, prepend=0.0)
    counts = np.arange(len(upto))
    apart = chances @ abs(counts - came)
    between = 2 * np.sum(upto[:-1] * (1 - upto[:-1]))  # of two draws of the forecast
    ends = {p: int(np.argmax(upto >= p - 1e-12)) for p in (0.05, 0.25, 0.5, 0.75, 0.95)}
    below = upto[came - 1] if came else 0.0
    return {
        "below": below, "upto": upto[came], "crps": apart - between / 2,
        "log_score": -np.log(max(upto[came] - below, 1e-12)),
        "median": ends[0.5], "low_90": ends[0.05], "high_90": ends[0.95],
        "inside_50": ends[0.25] <= came <= ends[0.75],
        "inside_90": ends[0.05] <= came <= ends[0.95],
    }  # fmt: skip


def covered(scores, low, high):
    """The part of what came that lies between two levels of its forecasts."""
    parts = []
    for one in scores:
        stretch = min(one["upto"], high) - max(one["below"], low)
        parts.append(max(stretch, 0.0) / max(one["upto"] - one["below"], 1e-12))
    return np.mean(parts)


def reliability(scores):
    """How much of what came lies in the central intervals of 5, 10, ... 95 %."""
    return [covered(scores, 0.5 - k / 40, 0.5 + k / 40) for k in range(1, 20)]


def summed(scores):
    table = pd.DataFrame(scores)
    means = {key: float(table[key].mean()) for key in ERRORS[2:]}
    return {"coverage_50": covered(scores, 0.25, 0.75), "coverage_90": covered(scores, 0.05, 0.95),
            **means}  # fmt: skip


def answer(name, known, later, until, fitted, drifting):
    """What is told of one class, but for the two baselines."""
    laws = foreseen(name, fitted, later)
    n = np.array([night.launched for night in later])
    came = np.array([night.leaked for night in later])
    scores = [scored(*one) for one in zip(mixed(fitted, later, laws), later, strict=True)]
    plain = mixed(drifting, later, foreseen(name, drifting, later))
    drift_scores = [scored(*one) for one in zip(plain, later, strict=True)]
    others = summed(drift_scores)
    expected = np.array([np.broadcast_to(p, fitted.weight.shape) @ fitted.weight for p, _ in laws])
    return {
        "trained_nights": len(known), "nights": len(later), "launched": n.sum(),
        "leaked": came.sum(), "leaked_share": came.sum() / n.sum(),
        "forecast_share": n @ expected / n.sum(),
        **summed(scores), **{f"{key}_no_mechanism": value for key, value in others.items()},
        "reliability": {"model": reliability(scores), "no_mechanism": reliability(drift_scores)},
        "pit": [covered(scores, k / 10, (k + 1) / 10) for k in range(10)],
        "worst": worst(later, scores),
        "by_size": by_size(name, fitted, later, n, came, expected),
        "figures": spans(fitted),
        "even_draws": 1 / np.sum(fitted.weight**2),
    }  # fmt: skip


def worst(later, scores):
    tails = [min(one["upto"], 1 - one["below"]) for one in scores]
    order = sorted(range(len(later)), key=lambda k: (tails[k], -scores[k]["crps"]))[:5]
    return [
        {"night": str(datetime.date.fromordinal(int(later[k].day))), "launched": later[k].launched,
         "leaked": later[k].leaked, "tail": tails[k],
         **{key: scores[k][key] for key in ("median", "low_90", "high_90", "crps")}}
        for k in order
    ]  # fmt: skip


def by_size(name, fitted, later, n, came, expected):
    parts = {"forecast_share": expected}
    for word, off in WITHOUT.items():
        laws = foreseen(name, fitted, later, **dict.fromkeys(off, 0.0))
        parts[word] = np.array([np.broadcast_to(p, fitted.weight.shape) @ fitted.weight
                                for p, _ in laws])  # fmt: skip
    rows = []
    for low, high in zip(SIZES[name], [*SIZES[name][1:], None], strict=True):
        of = (n >= low) & (n < (high or np.inf))
        if of.any():
            shares = {word: n[of] @ p[of] / n[of].sum() for word, p in parts.items()}
            rows.append({"from": low, "to": high and high - 1, "nights": of.sum(),
                         "launched": n[of].sum(), "leaked_share": came[of].sum() / n[of].sum(),
                         **shares})  # fmt: skip
    return rows


def spans(fitted):
    """Each figure before and after: a guess with 90 %, and quantiles of the weighed draws."""
    found = {}
    values = values_at(fitted.law, fitted.z)
    size = len(fitted.law.figures)
    ends = {"low": -1.645, "high": 1.645}
    before = {side: values_at(fitted.law, np.full(size, z)) for side, z in ends.items()}
    for name, one in fitted.law.figures.items():
        upto = pd.Series(fitted.weight).groupby(values[name]).sum().cumsum()
        low, median, high = (upto.index[np.searchsorted(upto, p)] for p in (0.05, 0.5, 0.95))
        found[name] = {
            "guess": one.guess, "guess_low": before["low"][name],
            "guess_high": before["high"][name], "low": low, "median": median, "high": high,
            "assumed": one.assumed,
        }  # fmt: skip
    return found


# --- baselines ---------------------------------------------------------------------------------


def last_month(known, later, until):
    recent = [night for night in known if night.day > until.toordinal() - 30]
    recent = recent if len(recent) >= 10 else known[-10:]
    p = (sum(night.leaked for night in recent) + 0.5) / (sum(n.launched for n in recent) + 1)

    def loss(x):
        return -sum(law_of_counts(n.launched, p, expit(x)).logpmf(n.leaked) for n in recent)

    spread = expit(optimize.minimize_scalar(loss, bounds=(-9, 5), method="bounded").x)
    return [law_of_counts(n.launched, p, spread).cdf(np.arange(n.launched + 1)) for n in later]


def regression(known, later, _):
    def laws(b, some):
        size = np.array([night.launched for night in some])
        years = (np.array([n.day for n in some]) - datetime.date(2024, 1, 1).toordinal()) / 365.25
        p = np.clip(expit(b[0] + b[1] * np.log(size) + b[2] * years), 1e-9, 1 - 1e-9)
        spread = expit(np.clip(b[3], -9, 5))
        return stats.betabinom(size, p * (1 / spread - 1), (1 - p) * (1 / spread - 1))

    leaked = np.array([night.leaked for night in known])
    best = np.array([-1.0, 0.0, 0.0, -2.0])
    for _ in range(4):  # a simplex may stop short of the top, and is set up anew
        best = optimize.minimize(
            lambda b: -laws(b, known).logpmf(leaked).sum(), best, method="Nelder-Mead",
            options={"maxiter": 2000, "initial_simplex": best + 0.5 * np.eye(5, 4, -1)},
        ).x  # fmt: skip
    return [laws(best, [night]).cdf(np.arange(night.launched + 1)) for night in later]


BASELINES = {"last_month": last_month, "regression": regression}


# --- the words ---------------------------------------------------------------------------------


def three(value):
    """A number to three figures, however small."""
    return Number(value, 0.5 * 10.0 ** (np.floor(np.log10(abs(value))) - 2) if value else 0.0)


def trace_verdict(line, entry):
    scores = [three(entry[f"crps{who}"]) for who in ("", "_last_month", "_regression")]
    shares = [per_cent(entry[key], 1) for key in ("leaked_share", "forecast_share")]
    rows = entry["by_size"]
    fall = [fixed(rows[k][key], 3) for key in ("leaked_share", "forecast_share", "without_both")
            for k in (0, -1)]  # fmt: skip
    covered_90 = per_cent(entry["coverage_90"], 1)
    trace(line, [whole(entry["nights"]), covered_90, *scores, three(entry["crps_no_mechanism"]),
                 *shares, *fall], "the 90 % intervals")  # fmt: skip
    beaten = [entry["crps"] < entry[f"crps_{who}"] for who in ("last_month", "regression")]
    assert line.count("(beaten)") == sum(beaten)
    assert line.count("(NOT beaten)") == 2 - sum(beaten)
    assert ("the goal is met" in line) == entry["goal_met"]
    assert ("does not help" in line) == (entry["crps"] >= entry["crps_no_mechanism"])
    assert ("(inside" in line) == (0.85 <= entry["coverage_90"] <= 0.95)


def trace_scores(section, classes):
    rows = iter(section.rows)
    for entry in classes.values():
        trace(next(rows)[0], [whole(entry["nights"])])
        for suffix in ("", "_last_month", "_regression", "_no_mechanism"):
            numbers = [per_cent(entry[f"{key}{suffix}"], 1) for key in ERRORS[:4]]
            numbers += [fixed(entry[f"{key}{suffix}"], 3) for key in ERRORS[4:]]
            trace(" ; ".join(next(rows)[1:]), numbers)


def trace_by_size(section, entry):
    for row, one in zip(section.rows, entry["by_size"], strict=True):
        trace(row[0], [whole(one["from"])] + ([whole(one["to"])] if one["to"] else []))
        numbers = [num(one["nights"]), num(one["launched"])]
        numbers += [fixed(one[key], 3) for key in ("leaked_share", "forecast_share", *WITHOUT)]
        trace(" ; ".join(row[1:]), numbers)


def trace_worst(section, entry):
    rows = []
    for one in entry["worst"]:
        numbers = [num(one["launched"]), num(one["leaked"])]
        numbers += [whole(one[key]) for key in ("median", "low_90", "high_90")]
        rows.append((one["night"], [*numbers, fixed(one["tail"], 4), fixed(one["crps"], 1)]))
    trace_rows(section.rows, rows)


def trace_figures(section, entry):
    trace(section.lines[0], [whole(entry["trained_nights"])], "90 %")
    for row, one in zip(section.rows, entry["figures"].values(), strict=True):
        order = ("guess", "guess_low", "guess_high", "median", "low", "high")
        trace(" ; ".join(row[1:3]), [num(one[key]) for key in order])
