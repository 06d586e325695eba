"""Calibration: closed-form posteriors are found, the truth is covered, and nothing is hidden."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import ndtr, ndtri

from sim.evidence.calibration import calibration, weighted
from sim.evidence.calibration.calibration import answer, request_of
from sim.evidence.calibration.measurement import ReportedOutcome, measured
from sim.evidence.calibration.population import flown_in_rounds
from sim.evidence.calibration.posterior import title_of
from sim.experiment.errors import ExperimentError
from sim.report.answers.calibration import Calibration, ranges_as_yaml
from sim.report.plots.analysis.corner import draw_corner
from sim.scenario.load import load
from sim.scenario.sample import Sample
from sim.scenario.schema import figures
from tests.examples import examples

pytestmark = pytest.mark.usefixtures("sketched")

P_WORKS, P_HIT, P_KILL = "weapons.dart.p_works", "weapons.dart.p_hit", "units.gun.p_kill.dart"


def report(outcome, value, low=None, high=None, used_for="tuning"):
    ends = "" if low is None else f", low: {low}, high: {high}"
    return (
        f"{{outcome: {outcome}, by: a test, kind: independent, used_for: {used_for}, "
        f"figure: {{value: {value}{ends}, assumed: for a test}}}}"
    )


def reported(**entries):
    """An override that gives a scenario these reports and no others."""
    inside = ", ".join(f"{name}: {entry}" for name, entry in entries.items())
    return f"reported={{{inside}}}"


def normal(value, sd):
    """The ends of a range that is read as a normal error of `sd`."""
    half = sd * float(ndtri(0.975))
    return value, value - half, value + half


def asked(scenario, *vary, against=(), spend=False, runs=4000, seed=1, error=0.2):
    return request_of(scenario, vary, against, spend, runs, seed, error)


@pytest.fixture(scope="module")
def told(tmp_path_factory, war_text):
    """The tiny war calibrated against two reports, with one held out."""
    folder = tmp_path_factory.mktemp("calibrated")
    (folder / "sources.yaml").write_text("field2025: {title: A}\nprice2024: {title: B}\n")
    (folder / "war.yaml").write_text(war_text)
    overrides = [
        reported(
            hit=report("dawn_aircraft_hit", 6),
            shot=report("dawn_shot_down", 5),
            broken=report("dawn_aircraft_destroyed", 3, used_for="validation"),
            other=report("dawn_aircraft_damaged", 3, used_for="context"),
        )
    ]
    scenario = load(folder / "war.yaml", overrides)
    question = asked(scenario, P_WORKS, P_HIT, P_KILL)
    figures_, posterior, kept_in = answer(question, folder, 1)
    return SimpleNamespace(
        scenario=scenario, asked=question, folder=folder, figures=figures_, posterior=posterior,
        kept_in=kept_in,
    )  # fmt: skip


# --- weighted numbers --------------------------------------------------------------------------


@examples(50)
@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(1, 9)), min_size=2, max_size=30))
def test_weights_are_as_good_as_repeats(pairs):
    values, repeats = (np.array(column, float) for column in zip(*pairs, strict=True))
    weight = repeats / repeats.sum()
    each = np.repeat(values, repeats.astype(int))
    assert weighted.mean(values, weight)[0] == pytest.approx(each.mean(), abs=1e-12)
    assert weighted.spread(values, weight)[0] == pytest.approx(each.std(), abs=1e-9)
    ordered = weighted.Ordered(values, weight)
    for p in (0.05, 0.25, 0.5, 0.75, 0.95):
        assert ordered.quantile(p) == np.quantile(each, p, method="inverted_cdf")


def test_errors_of_weighted_numbers_cover():
    """Draws from N(0, 1.5) weighed to N(0.5, 1): 95 % intervals cover in about 95 %."""
    luck = np.random.default_rng(3)
    truth = {"mean": 0.5, "spread": 1.0, "median": 0.5, "low": 0.5 + ndtri(0.05)}
    hits = dict.fromkeys(truth, 0)
    repeats = 300
    for _ in range(repeats):
        values = luck.normal(0.0, 1.5, 1500)
        weight = stats.norm.pdf(values, 0.5) / stats.norm.pdf(values, 0.0, 1.5)
        weight /= weight.sum()
        ends = weighted.interval(values, weight)
        found = {
            "mean": (lambda m, e: (m, 1.96 * e))(*weighted.mean(values, weight)),
            "spread": (lambda m, e: (m, 1.96 * e))(*weighted.spread(values, weight)),
            "median": (ends["median"], ends["median ±"]),
            "low": (ends["low"], ends["low ±"]),
        }
        for name, (value, half) in found.items():
            hits[name] += abs(value - truth[name]) <= half
    for name, count in hits.items():
        assert 0.91 * repeats <= count <= 0.985 * repeats, name


# --- reports as measurements -------------------------------------------------------------------


def test_a_report_is_read_as_a_measurement(read):
    scenario = read(
        overrides=[
            reported(a=report("z_end", 10, 8, 14), b=report("z_end", 40), c=report("z_end", 0))
        ]
    )
    ranged, bare, nothing = scenario.reported.values()
    told = measured("a", ranged, 0.2, True)
    assert (told.middle, told.is_assumed) == (11.0, False)
    assert told.sd == pytest.approx(6.0 / 3.919927969)
    assert measured("b", bare, 0.2, True)[:2] == (40.0, 8.0)
    assert measured("b", bare, 0.01, True).sd == 1.0  # of a count
    assert measured("b", bare, 0.01, False).sd == pytest.approx(0.4)
    with pytest.raises(ExperimentError, match="expected low and high"):
        measured("c", nothing, 0.2, False)


def test_of_two_reports_either_may_be_right():
    heard = ReportedOutcome("x", ("a", "b"), np.array([10.0, 40.0]), np.array([1.0, 2.0]))
    x = np.array([10.0, 25.0, 40.0, np.nan])
    density = 0.5 * stats.norm.pdf(x, 10.0, 1.0) + 0.5 * stats.norm.pdf(x, 40.0, 2.0)
    assert np.exp(heard.log_kernel(x)[:3]) == pytest.approx(density[:3])
    assert heard.log_kernel(x)[3] == -np.inf
    assert heard.moments == (25.0, pytest.approx(np.sqrt(2.5 + 225.0)))


# --- closed forms ------------------------------------------------------------------------------


def binomial_posterior(n, seen, sd):
    """Mean and standard deviation of p ~ U(0, 1), x ~ Bin(n, p), seen ~ N(x, sd): each x is as
    likely before, and leaves Beta(x + 1, n - x + 1)."""
    x = np.arange(n + 1)
    weight = stats.norm.pdf(seen, x, sd)
    weight /= weight.sum()
    mean = (x + 1) / (n + 2)
    square = mean * (x + 2) / (n + 3)
    middle = float(weight @ mean)
    return middle, float(np.sqrt(weight @ square - middle**2))


def toy(n, seen, sd, seed):
    """Agreement of wars that are nothing but Bin(n, p), by the binomial's own inverse."""

    def agreement(aimed, runs):
        p = ndtr(aimed.places(seed, runs)[0])
        luck = np.random.default_rng([seed, aimed.round_]).random(len(runs))
        return stats.norm.logpdf(seen, stats.binom.ppf(luck, n, p), sd)

    return agreement


def test_rounds_find_the_posterior_of_a_binomial():
    """Seen is far in a corner, so that the aim has to move: within the error, which is small."""
    truth = np.array(binomial_posterior(200, 4.0, 1.5))
    repeats, values, errors = 12, [], []
    for seed in range(repeats):
        found = flown_in_rounds(["p"], 6, 1000, seed, toy(200, 4.0, 1.5, seed))
        p = ndtr(found.places[0])
        told = np.array([weighted.mean(p, found.weight), weighted.spread(p, found.weight)])
        values.append(told[:, 0])
        errors.append(told[:, 1])
    scatter = np.std(values, axis=0, ddof=1)
    assert (np.abs(np.mean(values, axis=0) - truth) < 3.5 * scatter / np.sqrt(repeats)).all()
    assert (scatter < 0.04 * truth).all()
    assert (scatter < 2.0 * np.mean(errors, axis=0)).all()
    prior_only = flown_in_rounds(["p"], 1, 6000, 5, toy(200, 4.0, 1.5, 5))
    assert found.effective > 4.0 * prior_only.effective


def test_a_thinned_raid_has_the_binomial_posterior(read, tmp_path):
    """20 darts that work with p ~ U(0, 1) and meet no defence; how many failed was reported."""
    law = "{value: 0.5, low: 0, high: 1, law: uniform, assumed: a test}"
    scenario = read(
        overrides=[
            f"{P_WORKS}={law}",
            reported(failed=report("dawn_first_failed", *normal(6, 3.0))),
        ]
    )
    found = answer(asked(scenario, P_WORKS, runs=8000), tmp_path, 1).figures
    mean, sd = binomial_posterior(20, 14.0, 3.0)
    one = found["figures"][P_WORKS]
    own_mean = 0.5 + one["shift"] * np.sqrt(1.0 / 12.0)
    own_sd = (1.0 - one["shrinkage"]) * np.sqrt(1.0 / 12.0)
    scale = np.sqrt(1.0 / 12.0) * 1.5  # three standard errors
    assert abs(own_mean - mean) < one["shift ±"] * scale < 0.02
    assert abs(own_sd - sd) < one["shrinkage ±"] * scale < 0.02
    assert one["is_told"]


# --- simulated truth ---------------------------------------------------------------------------


def assert_ranks_are_even(ranks, repeats):
    """Ranks of the truth in its posterior are uniform, and the 90 % interval covers in 90 %."""
    covers = int(np.sum((ranks >= 0.05) & (ranks <= 0.95)))
    low, high = stats.binom.ppf([0.001, 0.999], repeats, 0.9)
    assert low <= covers <= high
    counts = np.histogram(ranks, 10, (0.0, 1.0))[0]
    assert stats.chisquare(counts).pvalue > 0.001


def test_the_truth_is_covered_by_rounds():
    """Simulation-based calibration of the rounds: p from its law, one war, one report of it."""
    repeats, ranks = 250, []
    luck = np.random.default_rng(7)
    for seed in range(repeats):
        p = luck.random()
        seen = luck.binomial(40, p) + luck.normal(0.0, 2.0)
        found = flown_in_rounds(["p"], 4, 300, seed, toy(40, seen, 2.0, seed))
        ranks.append(float(found.weight @ (ndtr(found.places[0]) < p)))
    assert_ranks_are_even(np.array(ranks), repeats)


def test_the_truth_is_covered_by_wars(read):
    """The same of real wars: each of some is the truth once, the others are weighed by its report.

    One table of wars by the scenario's own laws serves all repeats.
    """
    scenario = read(overrides=[reported(hit=report("dawn_aircraft_hit", *normal(6, 1.0)))])
    question = asked(scenario, P_HIT, runs=800)
    repeats, wars = 300, 9000
    columns = calibration.run_chunk(question, None, 0, 0, wars + repeats)["wars"]
    hit = columns["dawn_aircraft_hit"]
    figure = Sample(scenario, 1, np.arange(wars + repeats))[P_HIT]
    luck, ranks = np.random.default_rng(11), []
    for truth in range(wars, wars + repeats):
        seen = hit[truth] + luck.normal(0.0, 4.0)
        heard = ReportedOutcome("x", ("hit",), np.array([seen]), np.array([4.0]))
        weight = np.exp(heard.log_kernel(hit[:wars]))
        ranks.append(float(weight @ (figure[:wars] < figure[truth]) / weight.sum()))
    assert_ranks_are_even(np.array(ranks), repeats)


@pytest.mark.thorough
def test_the_truth_is_covered_by_the_whole_command(read, tmp_path):
    """Forty wars in which the raid flew, each calibrated against its two reports."""
    repeats, inside = 40, 0
    luck = np.random.default_rng(2)
    blank = read(
        overrides=[reported(a=report("dawn_aircraft_hit", 6), b=report("dawn_shot_down", 5))]
    )
    many = np.arange(900_000, 900_000 + 3 * repeats)
    truths = calibration.run_chunk(asked(blank, P_HIT), None, 0, many[0], many[-1] + 1)["wars"]
    figure = Sample(blank, 1, many)[P_HIT]
    for place in np.flatnonzero(truths["dawn_flown"])[:repeats]:
        seen = {
            name: normal(truths[outcome][place] + luck.normal(0.0, 2.0), 2.0)
            for name, outcome in (("a", "dawn_aircraft_hit"), ("b", "dawn_shot_down"))
        }
        scenario = read(
            overrides=[
                reported(
                    a=report("dawn_aircraft_hit", *seen["a"]),
                    b=report("dawn_shot_down", *seen["b"]),
                )
            ]
        )
        found = answer(asked(scenario, P_HIT, runs=4800, seed=int(place) + 2), tmp_path, 1).figures
        ends = found["figures"][P_HIT]["posterior"]
        inside += ends["low"] <= figure[place] <= ends["high"]
    low, high = stats.binom.ppf([0.001, 0.999], repeats, 0.9)
    assert low <= inside <= high


# --- what is said ------------------------------------------------------------------------------


def test_what_reports_tell_nothing_of_is_said(told):
    """Hits tell of p_hit, and that the raid flew of what leaders expect, who might have settled
    before; nothing tells of prices, or of a mechanism that is off."""
    assert told.figures["figures"][P_HIT]["is_told"]
    assert "minds.bears.p_win" in told.figures["others"]
    assert not {"weapons.dart.unit_cost", "assets.plane.value"} & set(told.figures["others"])
    assert "mechanisms.rally.per_surprise" not in told.figures["others"]
    others = told.figures["others_of"]
    assert others + 3 == sum(figure.is_drawn for _, figure in figures(told.scenario))
    words = " ".join(Calibration("", (), told.figures).sections()[0].lines)
    assert "tell nothing about" in words


def test_a_figure_alone_that_decides_nothing_is_the_prior(read, tmp_path):
    scenario = read(overrides=[reported(hit=report("dawn_aircraft_hit", 6))])
    path = "weapons.dart.unit_cost"
    found = answer(asked(scenario, path), tmp_path, 1)
    one = found.figures["figures"][path]
    assert not one["is_told"]
    assert abs(one["shrinkage"]) < 2.0 * one["shrinkage ±"]
    assert found.figures["suggested"].get(path) is None
    words = Calibration("", (), found.figures).sections()
    assert f"tell nothing about {path}: the prior remains" in " ".join(words[0].lines)


def test_figures_that_give_and_take_go_together(read, tmp_path):
    """Works and hits are known only by their product: what one gains the other loses."""
    wide = "{value: 0.6, low: 0.2, high: 1, law: uniform, assumed: a test}"
    scenario = read(
        overrides=[
            f"{P_WORKS}={wide}",
            f"{P_HIT}={wide}",
            reported(hit=report("dawn_aircraft_hit", *normal(6, 0.5))),
        ]
    )
    found = answer(asked(scenario, P_WORKS, P_HIT, runs=8000), tmp_path, 1).figures
    (pair,) = found["correlations"]
    assert pair["is_told"]
    assert pair["r"] + pair["±"] < -0.1


def test_reports_that_contradict_the_ranges_are_called_so(read, tmp_path):
    """More hit than there are: of 6 to 14 planes 30. Wars come as near as they can."""
    scenario = read(overrides=[reported(hit=report("dawn_aircraft_hit", *normal(20, 2.5)))])
    found = answer(asked(scenario, P_HIT, runs=8000), tmp_path, 1).figures
    assert found["conflict"]["is_conflict"]
    first = Calibration("", (), found).sections()[0].lines[0]
    assert first.startswith("The reports contradict the ranges: only")
    assert "hit (p" in first


def test_reports_out_of_reach_end_it_in_one_line(read, tmp_path):
    scenario = read(overrides=[reported(hit=report("dawn_aircraft_hit", *normal(300, 0.5)))])
    with pytest.raises(ExperimentError, match=r"wars' worth of .* hit is hardest to reach \(p 0\)"):
        answer(asked(scenario, P_HIT, runs=1600), tmp_path, 1)


def test_reports_held_out_stand_beside(told):
    reports = told.figures["reports"]
    assert [name for name, one in reports.items() if one["is_used"]] == ["hit", "shot"]
    assert "other" not in reports
    assert told.figures["held_out"]["of"] == 1
    broken = reports["broken"]
    for when in ("before", "after", "then"):
        assert 0.0 <= broken[when]["p"] <= 1.0
        assert broken[when]["low"] <= broken[when]["median"] <= broken[when]["high"]
    hit = reports["hit"]
    widths = {when: hit[when]["high"] - hit[when]["low"] for when in ("before", "after", "then")}
    assert widths["then"] < widths["after"] <= widths["before"]


def test_validation_is_spent_only_by_will(told):
    with pytest.raises(ExperimentError, match="is kept for validation, for which it could"):
        asked(told.scenario, against=["broken"])
    assert asked(told.scenario, against=["broken"], spend=True).against == ("broken",)


def test_spent_validation_is_said(told, tmp_path):
    question = asked(told.scenario, P_HIT, against=["broken"], spend=True)
    found = answer(question, tmp_path, 1).figures
    assert found["spent"] == ["broken"]
    assert found["held_out"]["of"] == 0
    words = " ".join(Calibration("", (), found).sections()[0].lines)
    assert "they can no longer validate anything" in words


def test_figures_are_chosen_by_what_outcomes_hang_on(told, tmp_path):
    question = asked(told.scenario, runs=8000)
    found = answer(question, tmp_path, 1).figures
    assert not found["is_named"]
    assert {P_HIT, P_KILL} <= set(found["figures"])
    assert not [path for path in found["figures"] if path.startswith(("minds.", "mechanisms."))]


def test_suggested_ranges_can_be_set(told):
    lines = [line for line in ranges_as_yaml(told.figures).splitlines() if line[0] != "#"]
    assert lines
    overrides = [line.replace(": ", "=", 1) for line in lines]
    known = dict(figures(load(told.folder / "war.yaml", overrides)))
    for path, one in told.figures["suggested"].items():
        assert known[path].is_drawn
        assert known[path].value == pytest.approx(one["value"])
        assert "posterior against hit, shot" in known[path].provenance


def test_draws_are_the_posterior(told):
    """Median of the draws within the error of the median told, for each figure."""
    for path, one in told.figures["figures"].items():
        after = one["posterior"]
        assert abs(told.posterior[path].median() - after["median"]) <= after["median ±"]
    assert set(told.posterior) >= {path for path, f in figures(told.scenario) if f.is_drawn}
    on_disk = pd.read_parquet(told.kept_in / "posterior.parquet")
    pd.testing.assert_frame_equal(on_disk, told.posterior)


def test_titles_of_figures_are_words(told):
    assert title_of(told.scenario, P_KILL) == "Gun: p kill: Dart"
    assert title_of(told.scenario, "minds.hares.p_win") == "minds: Hares: p win"


def test_the_corner_shows_what_is_told(told):
    picture = draw_corner(told.figures, told.posterior, told.scenario)
    every = told.figures["figures"] | told.figures["others"]
    shown = min(6, sum(one["is_told"] for one in every.values()))
    assert len(picture.axes) == shown * (shown + 1) / 2
    assert "Dart: p hit" in picture.description
    nothing = {path: one | {"is_told": False} for path, one in told.figures["figures"].items()}
    without = told.figures | {"figures": nothing, "others": {}}
    assert draw_corner(without, told.posterior, told.scenario) is None


# --- the command -------------------------------------------------------------------------------


def two_reports(hit=6, shot=5):
    return (
        "--set",
        reported(hit=report("dawn_aircraft_hit", hit), shot=report("dawn_shot_down", shot)),
    )


def files_of(folder):
    """Every file but the manifest, which says when and where."""
    return {
        file.name: file.read_bytes()
        for file in sorted(folder.iterdir())
        if file.name != "manifest.json"
    }


def test_results_depend_on_neither_workers_nor_interruption(told, tmp_path):
    """Two workers, and one that is broken off in each round, leave the same bytes as one."""
    question = asked(told.scenario, P_HIT, runs=2400)
    whole = answer(question, tmp_path / "one", 1)
    two = answer(question, tmp_path / "two", 2)
    broken, seen = None, 0

    def break_off(done, wanted):
        nonlocal seen
        assert wanted == 2400
        if done > seen:
            seen = done
            raise KeyboardInterrupt

    while broken is None:
        try:
            broken = answer(question, tmp_path / "broken", 1, break_off)
        except KeyboardInterrupt:
            assert not list((tmp_path / "broken").rglob("manifest.json"))
    assert seen == 2400
    assert files_of(whole.folder) == files_of(two.folder) == files_of(broken.folder)
    assert whole.figures == two.figures == broken.figures
    again = answer(question, tmp_path / "one", 1)
    assert again.figures == whole.figures
    pd.testing.assert_frame_equal(again.posterior, whole.posterior)


def test_the_command_answers_and_publishes(command, write, war_text, tmp_path):
    file, out, shown = write(war_text), tmp_path / "out", tmp_path / "shown"
    line = ("calibrate", file, *two_reports(), "--runs", 4000, "--out", out, "--workers", 1)
    first = command(*line, "--vary", P_HIT, "--publish", shown)
    assert first.code == 0
    assert first.err == ""
    assert "The ranges reach the reports" in first.out
    (folder,) = out.iterdir()
    names = {file.name for file in folder.iterdir()}
    tables = {"wars.parquet", "again.parquet", "posterior.parquet", "manifest.json"}
    assert tables <= names
    answers = {"answer.json", "posterior.csv", "reports.csv", "ranges.yaml", "corner.png"}
    assert answers <= {file.name for file in shown.iterdir()}
    second = command(*line, "--vary", P_HIT, "--json")
    assert second.json["figures"][P_HIT]["is_told"]
    assert second.json["folder"] == str(folder)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--vary", "weapons.dart.p_hot"), "is no figure, did you mean 'weapons.dart.p_hit'"),
        (("--vary", "weapons.dart.speed"), "has no range, expected one"),
        (("--against", "hut"), "--against hut: is no report, did you mean 'hit'"),
        (("--runs", "300"), "--runs 300: too few, expected at least 800"),
        (("--set", "reported={}"), "nothing is reported of it, expected a reported: section"),
        (
            ("--set", reported(a=report("z_end", 3, used_for="validation"))),
            "no report is marked used_for: tuning",
        ),
        (("--set", reported(a=report("dawn_hits", 3))), "no 'dawn_hits' among the outcomes"),
        (("--set", reported(a=report("z_end", 0))), "0 without a range does not say how far off"),
        (
            ("--set", reported(a=report("z_end", 3, used_for="context")), "--against", "a"),
            "is there for context",
        ),
    ],
)
def test_bad_input_is_one_line(command, write, war_text, tmp_path, options, said):
    out = tmp_path / "out"
    line = ("calibrate", write(war_text), *two_reports(), "--runs", 800, *options, "--out", out)
    outcome = command(*line, "--workers", 1)
    assert outcome.code == 2
    assert said in outcome.err
    assert outcome.err.count("\n") == 1
    assert not list(tmp_path.rglob("manifest.json"))
