"""A calibration made a second time: plain wars round by round, laws by SciPy, sums over all wars.

Luck is drawn at the addresses that docs/odd.md gives; the rest is written from the documents.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rounds
from judging import (
    Number,
    differ,
    err,
    fixed,
    num,
    per_cent,
    share,
    trace,
    trace_picture,
    trace_rows,
    whole,
)
from rounds import Z95
from scipy import stats

import sim
from sim.evidence.calibration import calibration
from sim.report.answers import calibration as words
from sim.report.plots.analysis.corner import draw_corner
from sim.scenario.schema import figures

MINIMAL = Path(__file__).parents[2] / "scenarios" / "minimal.yaml"
P_HIT, P_KILL, GUNS, P_WORKS = (
    "weapons.drone.p_hit",
    "units.gun.p_kill.drone",
    "sites.airfield.defence.gun.count",
    "weapons.drone.p_works",
)
LAWS = {
    f"{P_HIT}.law": "uniform",
    f"{P_KILL}.law": "normal",
    "units.gun.range.law": "pert",
    "weapons.drone.unit_cost.law": "lognormal",
}
EARLY = "talks.meetings={early: 2025-01-03, meeting: 2025-01-08}"  # some settle before the raid
ENDS = {"low": 0.05, "lower": 0.25, "median": 0.5, "upper": 0.75, "high": 0.95}


def report(outcome, used_for, value, *ends):
    whole_range = {"low": ends[0], "high": ends[1]} if ends else {}
    figure = {"value": value, "assumed": "a test", **whole_range}
    return {"outcome": outcome, "by": "a test", "kind": "claim", "used_for": used_for,
            "figure": figure}  # fmt: skip


REPORTED = {
    "destroyed": report("planes_destroyed", "tuning", 9, 5, 14),
    "said": report("planes_destroyed", "tuning", 14),
    "shot": report("dawn_shot_down", "tuning", 8),
    "hit": report("planes_hit", "validation", 15),
    "lost": report("mainland_lost_usd", "validation", 2e8, 1e8, 3e8),
    "else": report("dawn_first_failed", "context", 5),
}
ASKED = {
    "named": ((P_HIT, P_KILL, GUNS), (), False, 3200, 0.4, 2),
    "found": ((), ("shot", "hit"), True, 6400, 0.4, 5),
    "too far": ((P_HIT, P_WORKS), ("hit",), True, 2400, 0.2, 3),
}


def scenario_of(case):
    given = REPORTED | ({"hit": report("planes_hit", "validation", 26, 22, 30)} if case == "too far"
                        else {})  # fmt: skip
    laws = [f"{path}={law}" for path, law in LAWS.items()]
    return sim.load(MINIMAL, [*laws, EARLY, f"reported={json.dumps(given)}"])


@pytest.mark.parametrize("case", ASKED)
def test_a_calibration_is_that_of_plain_wars(case, tmp_path, monkeypatch):
    vary, against, spend, runs, error, seed = ASKED[case]
    scenario = scenario_of(case)
    asked = calibration.request_of(scenario, vary, against, spend, runs, seed, error)
    ratios, differ_from_zero = [], calibration.differ_from_zero
    monkeypatch.setattr(calibration, "differ_from_zero", lambda r, error, wars: (
        ratios.append(r / error) or differ_from_zero(r, error, wars)
    ))  # fmt: skip
    found, drawn, _ = calibration.answer(asked, tmp_path, 1)
    paths = vary or tuple(found["figures"])
    if not vary:
        hung_on, t = Plain(scenario, paths, against, runs, seed, error).hung_on()
        assert list(paths) == hung_on
        assert ratios[0] == pytest.approx(t, abs=1e-6)
    plain = Plain(scenario, paths, against, runs, seed, error)
    wanted = plain.answer()
    assert list(differ({key: found[key] for key in wanted}, wanted)) == []
    drawn_again = plain.drawn[list(drawn.columns)]
    pd.testing.assert_frame_equal(drawn, drawn_again, check_dtype=False, rtol=1e-6)
    trace_calibration(found)
    judge_tables(found)
    trace_corner(found, drawn, scenario)


# --- the judge ---------------------------------------------------------------------------------


class Plain:
    """What `sim calibrate` answers, from plain wars of eight rounds."""

    def __init__(self, scenario, paths, against, runs, seed, error):
        self.scenario, self.paths, self.seed, self.error = scenario, list(paths), seed, error
        self.of_round = runs // 8
        self.ranged = {p: f for p, f in figures(scenario) if f.is_drawn}
        self.laws = {path: rounds.law_of(figure) for path, figure in self.ranged.items()}
        self.reports = {n: r for n, r in scenario.reported.items() if r.used_for != "context"}
        self.against = against or [n for n, r in self.reports.items() if r.used_for == "tuning"]
        self.first = self.wars(np.arange(self.of_round), {})
        self.measured = {name: self.measure(one) for name, one in self.reports.items()}

    def wars(self, runs, given, **luck):
        war = sim.War(self.scenario, runs, self.seed, figures=given, **luck)
        return pd.DataFrame(war.run().recorder.runs())

    def seen(self, wars, outcome):
        """An outcome; what a raid did is missing where it did not fly."""
        values = wars[outcome].astype(float)
        return values.where(wars["dawn_flown"] > 0) if outcome.startswith("dawn_") else values

    def measure(self, report):
        """Middle and standard error of a report."""
        figure = report.figure
        if figure.low is not None:
            return (figure.low + figure.high) / 2, (figure.high - figure.low) / 2 / Z95
        seen = self.seen(self.first, report.outcome).dropna()
        least = 1.0 if (seen % 1 == 0).all() else 0.0
        return figure.value, max(self.error * figure.value, least)

    def log_agreement(self, wars):
        """Log density of the reports; those of one outcome are an even mixture."""
        by_outcome: dict[str, list] = {}
        for name in self.against:
            by_outcome.setdefault(self.reports[name].outcome, []).append(self.measured[name])
        total = np.zeros(len(wars))
        for outcome, told in by_outcome.items():
            each = [stats.norm(middle, sd).pdf(self.seen(wars, outcome)) for middle, sd in told]
            with np.errstate(divide="ignore"):
                total += np.log(np.nan_to_num(np.mean(each, axis=0)))
        return total

    def fly(self):
        wars = []

        def agreement(_, runs, places):
            given = {path: self.laws[path](stats.norm.cdf(row))
                     for path, row in zip(self.paths, places, strict=True)}  # fmt: skip
            wars.append(self.wars(runs, given))
            return self.log_agreement(wars[-1])

        def runs_of(k):
            return np.arange(k * self.of_round, (k + 1) * self.of_round)

        self.places, self.weight = rounds.aimed(self.paths, 8, runs_of, self.seed, agreement)
        self.every = pd.concat(wars, ignore_index=True)

    def answer(self):
        self.fly()
        self.effective = rounds.worth(self.weight)
        runs = np.arange(len(self.weight))
        self.place = {
            path: stats.norm.ppf(rounds.drawn(path, self.seed, runs)) for path in self.ranged
        }
        self.place |= dict(zip(self.paths, self.places, strict=True))
        self.value = {p: self.laws[p](stats.norm.cdf(z)) for p, z in self.place.items()}
        others = [path for path in self.ranged if path not in self.paths]
        moved = self.moved(others)
        reports = self.beside()
        held = [one for one in reports.values()
                if one["used_for"] == "validation" and not one["is_used"]]  # fmt: skip
        return {
            "effective": self.effective,
            "largest_weight": self.weight.max(),
            "against": list(self.against),
            "spent": [n for n in self.against if self.reports[n].used_for == "validation"],
            "conflict": self.conflict(),
            "figures": {path: self.entry(path, moved[path]) for path in self.paths},
            "others": {path: self.entry(path, True) for path in others if moved[path]},
            "others_of": len(others),
            "correlations": self.correlations([path for path in self.paths if moved[path]]),
            "suggested": {path: self.suggested(path) for path in self.ranged if moved[path]},
            "reports": reports,
            "held_out": {"of": len(held)}
            | {when: sum(one[when]["inside"] for one in held) for when in ("before", "after")},
        }

    def moved(self, others):
        """Where mean or spread is another than by the own law, 5 % of those called so in error."""
        told = {}
        w = self.weight
        aimed, plain = [], []
        for path in self.paths:
            z = self.place[path]
            mean, sd = moments(z, w)
            squares = (z - mean) ** 2
            of_sd = np.sqrt(np.sum((w * (squares - sd**2)) ** 2)) / (2 * sd)
            aimed += [mean / np.sqrt(np.sum((w * (z - mean)) ** 2)), (sd - 1) / of_sd]
        for path in others:
            u = rounds.drawn(path, self.seed, np.arange(len(w)))
            error = np.sqrt(np.sum(w**2))
            plain += [np.sqrt(12) * (w @ u - 0.5) / error,
                      np.sqrt(12) * (w @ abs(2 * u - 1) - 0.5) / error]  # fmt: skip
        for paths, t in ((self.paths, aimed), (others, plain)):
            found = stand_out(t, int(self.effective)).reshape(-1, 2).any(axis=1)
            told |= dict(zip(paths, found, strict=True))
        return told

    def entry(self, path, is_told):
        values, w, law = self.value[path], self.weight, self.laws[path]
        fine = law((np.arange(2000) + 0.5) / 2000)
        mean, sd = moments(values, w)
        of_mean = np.sqrt(np.sum((w * (values - mean)) ** 2))
        of_sd = np.sqrt(np.sum((w * ((values - mean) ** 2 - sd**2)) ** 2)) / (2 * sd)
        return {
            "title": words_of(self.scenario, path),
            "unit": self.ranged[path].unit,
            "value": self.ranged[path].value,
            "prior": {name: float(law(p)) for name, p in ENDS.items()},
            "posterior": interval(values, w),
            "shift": (mean - fine.mean()) / fine.std(),
            "shift ±": Z95 * of_mean / fine.std(),
            "shrinkage": 1 - sd / fine.std(),
            "shrinkage ±": Z95 * of_sd / fine.std(),
            "is_told": is_told,
        }

    def correlations(self, paths):
        rows = []
        for k, first in enumerate(paths):
            for second in paths[k + 1 :]:
                cov = np.cov([self.place[first], self.place[second]], aweights=self.weight, ddof=0)
                x, y = (
                    (self.place[p] - moments(self.place[p], self.weight)[0]) / np.sqrt(cov[j, j])
                    for j, p in enumerate((first, second))
                )
                r = cov[0, 1] / np.sqrt(cov[0, 0] * cov[1, 1])
                bent = self.weight * (x * y - r * (x**2 + y**2) / 2)
                error = np.sqrt((bent**2).sum())
                rows.append({"first": first, "second": second, "r": r, "±": Z95 * error})
        told = stand_out([row["r"] / row["±"] * Z95 for row in rows], int(self.effective))
        rows = [row | {"is_told": bool(one)} for row, one in zip(rows, told, strict=True)]
        return sorted(rows, key=lambda row: abs(row["r"]), reverse=True)

    def suggested(self, path):
        low, value, high = (
            float(f"{quantile(self.value[path], self.weight, p):.4g}") for p in (0.025, 0.5, 0.975)
        )
        said = {"value": value, "low": low, "high": high}
        said |= {"law": "normal"} if low < high else {}
        said |= {"unit": self.ranged[path].unit} if self.ranged[path].unit != "1" else {}
        text = f"posterior against {', '.join(self.against)}; by itself, correlations left out"
        return said | {"assumed": text}

    def conflict(self):
        """How often all outcomes together, reported with their errors, are as far out."""
        outcomes = list(dict.fromkeys(self.reports[name].outcome for name in self.against))
        told = [
            [self.measured[n] for n in self.against if self.reports[n].outcome == outcome]
            for outcome in outcomes
        ]
        middle = np.array([np.mean([m for m, _ in one]) for one in told])
        squares = [np.mean([s**2 for _, s in one]) + np.var([m for m, _ in one]) for one in told]
        seen = pd.DataFrame({one: self.seen(self.first, one) for one in outcomes}).dropna()
        luck = np.random.default_rng(1).standard_normal((len(outcomes), len(seen)))
        would_be = seen + (np.sqrt(squares)[:, None] * luck).T
        inverse = np.linalg.inv(np.atleast_2d(would_be.cov()))
        apart = would_be - would_be.mean()
        far = [row @ inverse @ row for row in apart.to_numpy()]
        real = middle - would_be.mean().to_numpy()
        told = share(np.array(far) >= real @ inverse @ real)
        missing = 1 - len(seen) / len(self.first)
        return told | {"is_conflict": told["share"] < 0.05, "not_happened": missing}

    def beside(self):
        kept = rounds.kept(self.weight)
        values = pd.DataFrame({path: values[kept] for path, values in self.value.items()})
        wars = self.every.assign(round=self.every["run"] // self.of_round)
        self.drawn = wars.iloc[kept].reset_index(drop=True).join(values)
        counts = pd.Series(kept).value_counts().sort_index()
        luck = self.seed ^ (1 << 61)
        given = {path: values[counts.index] for path, values in self.value.items()}
        again = self.wars(counts.index.to_numpy(), given, luck=luck)
        even = np.full(len(self.first), 1 / len(self.first))
        return {
            name: {
                "outcome": report.outcome, "by": report.by, "kind": report.kind,
                "used_for": report.used_for, "value": report.figure.value,
                "low": report.figure.value if report.figure.low is None else report.figure.low,
                "high": report.figure.value if report.figure.high is None else report.figure.high,
                "middle": self.measured[name][0], "sd": self.measured[name][1],
                "is_assumed": report.figure.low is None, "is_used": name in self.against,
                "before": self.held(name, self.first, even),
                "after": self.held(name, again, counts.to_numpy() / 2000),
                "then": self.held(name, self.every, self.weight),
            }
            for name, report in self.reports.items()
        }  # fmt: skip

    def held(self, name, wars, weight):
        report, (middle, sd) = self.reports[name], self.measured[name]
        values = self.seen(wars, report.outcome).to_numpy()
        there = ~np.isnan(values) & (weight > 0)
        values, w = values[there], weight[there] / weight[there].sum()
        ends = interval(values, w)
        above = stats.norm.cdf((values - middle) / sd)
        mean, _ = moments(above, w)
        error = np.sqrt(np.sum((w * (above - mean)) ** 2))
        return ends | {
            "inside": bool(ends["low"] <= report.figure.value <= ends["high"]),
            "p": min(1.0, 2 * mean, 2 * (1 - mean)),
            "p ±": 2 * Z95 * error,
        }

    def hung_on(self):
        """The figures with most of the outcomes' variance, of those whose ranks go with them, and
        the t of each outcome's correlation with each figure."""
        outcomes = dict.fromkeys(self.reports[name].outcome for name in self.against)
        runs, rows = self.first["run"].to_numpy(), []
        for path in self.ranged:
            u = pd.Series(rounds.drawn(path, self.seed, runs))
            for outcome in outcomes:
                values = self.seen(self.first, outcome)
                there = values.notna()
                r = u[there].corr(values[there].rank())
                t = r * np.sqrt((there.sum() - 2) / (1 - r**2))
                rows.append((path, outcome, r, t, there.sum()))
        table = pd.DataFrame(rows, columns=["path", "outcome", "r", "t", "n"])
        table["found"] = stand_out(table["t"], table["n"].to_numpy())
        strength = (table["r"] ** 2).groupby(table["path"]).sum()
        found = table.groupby("path")["found"].any()
        t = np.concatenate([of["t"] for _, of in table.groupby("outcome", sort=False)])
        return list(strength[found].sort_values(ascending=False).index[:12]), t


def stand_out(t, wars):
    """Benjamini and Hochberg's step-up procedure at 5 % on two-sided t-tests."""
    p = 2 * stats.t.sf(np.abs(np.asarray(t, float)), wars - 1)
    order = np.argsort(p)
    passed = p[order] <= 0.05 * np.arange(1, len(p) + 1) / len(p)
    found = np.zeros(len(p), bool)
    if passed.any():
        found[order[: np.flatnonzero(passed)[-1] + 1]] = True
    return found


def moments(values, weight):
    mean = np.average(values, weights=weight)
    return mean, np.sqrt(np.average((values - mean) ** 2, weights=weight))


def quantile(values, weight, p):
    """The least value up to which so much of the weight lies."""
    upto = pd.Series(weight).groupby(np.asarray(values)).sum().cumsum()
    return upto.index[(upto >= p * (1 - 1e-12)).to_numpy()][0]


def interval(values, weight):
    told = {}
    for name, p in ENDS.items():
        at = quantile(values, weight, p)
        half = Z95 * np.sqrt(np.sum((weight * ((values <= at) - p)) ** 2))
        ends = [p - half, p + half]
        error = None
        if ends[0] > 0 and ends[1] < 1:
            error = max(abs(quantile(values, weight, end) - at) for end in ends)
        told |= {name: at, f"{name} ±": error}
    return told


def words_of(scenario, path):
    """Titles along a path, by hand for the figures of this scenario."""
    titles = {"drone": "Drone", "gun": "Gun", "airfield": "Airfield of the mainland",
              "plane": "Aeroplane", "island": "Island", "mainland": "Mainland"}  # fmt: skip
    silent = {"weapons", "units", "sites", "assets", "defence", "sides"}
    parts = (titles.get(part, part.replace("_", " ")) for part in path.split("."))
    kept = zip(path.split("."), parts, strict=True)
    return ": ".join(text for part, text in kept if part not in silent)


# --- the words ---------------------------------------------------------------------------------


def trace_calibration(found):
    sections = {s.heading: s for s in words.Calibration("", (), found).sections()}
    lines = list(sections["Answer"].lines)
    conflict, reports = found["conflict"], found["reports"]
    farthest = min(found["against"], key=lambda name: reports[name]["before"]["p"])
    first = [per_cent(conflict["share"], 1), per_cent(conflict["share_error"], 1),
             err(reports[farthest]["before"]["p"])]  # fmt: skip
    assert farthest in lines[0]
    assert ("contradict" in lines[0]) == conflict["is_conflict"]
    trace(lines.pop(0), first)
    if conflict["share"] > 0.95:
        trace(lines.pop(0), [])
    learned = {p: one for p, one in found["figures"].items() if one["is_told"]} | found["others"]
    if learned:
        most = sorted(learned, key=lambda path: learned[path]["shrinkage"], reverse=True)[:3]
        numbers = []
        for path in most:
            one = learned[path]
            unit, after, before = one["unit"], one["posterior"], one["prior"]
            numbers += [plain(after["median"], unit), err(after["median ±"])]
            ends = [of[end] for of in (after, before) for end in ("low", "high")]
            numbers += [plain(end, unit) for end in ends]
        numbers += [whole(len(learned) - 3)] if len(learned) > 3 else []
        trace(lines.pop(0), numbers, "90 %")
    untold = [path for path, one in found["figures"].items() if not one["is_told"]]
    if untold:
        assert all(path in lines[0] for path in untold)
        trace(lines.pop(0), [])
    left = found["others_of"] - len(found["others"])
    trace(lines.pop(0), [whole(found["others_of"]), whole(left)])
    held = found["held_out"]
    if held["of"]:
        trace(lines.pop(0), [whole(held[key]) for key in ("of", "before", "after")], "90 %")
    if found["spent"]:
        trace(lines.pop(0), [])
    assert not lines
    trace_figures(sections["Figures before and after"], found["figures"])
    assert sections["Figures before and after"].lines[0].startswith(f"{len(found['figures'])} ")
    if found["others"]:
        heading = "Other figures about which the reports tell something"
        trace_figures(sections[heading], found["others"])
    pairs = [pair for pair in found["correlations"] if pair["is_told"]][:10]
    if pairs:
        trace_rows(sections["Figures that are correlated"].rows,
                   [(f"{p['first']}, {p['second']}", [fixed(p["r"], 2), fixed(p["±"], 2)])
                    for p in pairs])  # fmt: skip
    trace_reports(sections["Reports calibrated against"], reports, True)
    trace_reports(sections["Reports held out"], reports, False)
    trace_how(sections["How sure"].lines, found)


def plain(value, unit):
    return num(value, "USD" if unit == "USD" else "")


def trace_figures(section, told):
    rows = []
    for path, one in told.items():
        unit, before, after = one["unit"], one["prior"], one["posterior"]
        numbers = [plain(before[end], unit) for end in ("median", "low", "high")]
        numbers += [plain(after["median"], unit), err(after["median ±"])]
        numbers += [plain(after[end], unit) for end in ("lower", "upper")]
        for end in ("low", "high"):
            numbers += [plain(after[end], unit), err(after[f"{end} ±"])]
        numbers += [per_cent(one["shrinkage"]), per_cent(one["shrinkage ±"])]
        if one["is_told"]:
            numbers += [fixed(one["shift"], 2), fixed(one["shift ±"], 2)]
        rows.append((path if unit in ("1", "USD") else f"{path}, {unit}", numbers))
    trace_rows(section.rows, rows)


def trace_reports(section, reports, is_used):
    rows = []
    for name, one in reports.items():
        if one["is_used"] is not is_used:
            continue
        unit = "USD" if one["outcome"].endswith("_usd") else ""
        ends = [one["low"], one["high"]] if one["low"] != one["high"] else []
        numbers = [num(value, unit) for value in (one["value"], *ends)]
        for when in ("before", "after", "then"):
            numbers += [num(one[when][end], unit) for end in ("low", "high")]
            if when != "then":
                numbers += [fixed(one[when]["p"], 2), fixed(one[when]["p ±"], 2)]
        rows.append((name, numbers))
    trace_rows(section.rows, rows)
    inside = [one["after"]["inside"] for one in reports.values() if one["is_used"] is is_used]
    assert [("inside" in row) for row in section.rows] == inside


def trace_how(lines, found):
    numbers = [whole(found["runs"]), whole(8), whole(found["seed"])]
    numbers += [Number(found["effective"], 0.5), per_cent(found["largest_weight"], 1)]
    trace(lines[0], numbers)
    outcomes = {found["reports"][name]["outcome"] for name in found["against"]}
    trace(lines[1], [whole(len(found["against"])), whole(len(outcomes))], "95 %")
    lines = lines[2:-1]
    assumed = [name for name in found["against"] if found["reports"][name]["is_assumed"]]
    if assumed:
        trace(lines.pop(0), [whole(len(assumed)), per_cent(found["error"])], "by 1 at least")
    if found["conflict"]["not_happened"]:
        trace(lines.pop(0), [per_cent(found["conflict"]["not_happened"], 1)])
    assert not lines


def judge_tables(found):
    """The files have the numbers of the answer, and ranges.yaml what is suggested."""
    tables = words.calibration_tables(found)
    told = found["figures"] | found["others"]
    for row in tables["posterior"].to_dict("records"):
        one = told.pop(row["figure"])
        wanted = {f"before {k}": v for k, v in one["prior"].items()}
        wanted |= {f"after {k}": v for k, v in one["posterior"].items()}
        wanted |= {k: one[k] for k in ("shift", "shift ±", "shrinkage", "shrinkage ±")}
        assert list(differ({key: row[key] for key in wanted}, wanted)) == []
    assert not told
    for row in tables["reports"].to_dict("records"):
        one = found["reports"][row["report"]]
        wanted = {f"{w} {k}": v for w in ("before", "after", "then") for k, v in one[w].items()}
        assert list(differ({key: row[key] for key in wanted}, wanted)) == []
    lines = [line for line in words.ranges_as_yaml(found).splitlines() if line[0] != "#"]
    assert [line.split(": ", 1)[0] for line in lines] == list(found["suggested"])


def trace_corner(found, drawn, scenario):
    told = [one for one in (found["figures"] | found["others"]).values() if one["is_told"]]
    shown = sorted(told, key=lambda one: -one["shrinkage"])[:6]
    numbers, others = [], [whole(found[key]) for key in ("runs", "seed")]
    others += [whole(len(found["against"])), fixed(found["effective"], 0)]
    others += [whole(len(shown)), whole(len(told))] if len(told) > len(shown) else []
    for one in shown:
        for when in ("prior", "posterior"):
            ends = [one[when][end] for end in ("median", "low", "high")]
            numbers += [num(end, "USD") for end in ends]
            others += [err(end) for end in ends] if one["unit"] == "USD" else []
    names = ["median and 90 %", "50 and 90 % after, 90 % before", *(one["title"] for one in shown)]
    trace_picture(draw_corner(found, drawn, scenario), numbers, others, names)
