"""Nights to come: what is said of them, what is kept of it, and the defence as a scenario."""

import datetime
import json

import numpy as np
import pytest
from test_sequential import rows_of, written

import sim
from sim.evidence.nights import national_scenario as national
from sim.evidence.nights import visibility
from sim.evidence.nights.file import read_nights
from sim.evidence.nights.forecasting import (
    Sizes,
    append_to_log,
    forecast_nights,
    law_of,
    learned_to,
    sizes_told,
)
from sim.evidence.nights.rows import NightsError
from sim.report.answers.forecast import NightsForecast
from sim.report.plots.analysis.nights_to_come import draw_nights_to_come
from sim.scenario.load import load

AS_OF = datetime.date(2025, 5, 24)


@pytest.fixture(scope="module")
def rows():
    return rows_of(64, first=AS_OF - datetime.timedelta(60))


@pytest.fixture(scope="module")
def file(rows, tmp_path_factory):
    return written(tmp_path_factory.mktemp("nights") / "nights.csv", rows)


@pytest.fixture(scope="module")
def figures(file):
    return forecast_nights(file, AS_OF, {"shahed": Sizes(100, 100)})


def test_a_forecast_is_json_and_of_the_days_asked(figures):
    assert json.loads(json.dumps(figures)) == figures
    shahed = figures["classes"]["shahed"]
    dates = [one["date"] for one in shahed["ahead"].values()]
    assert dates == [str(AS_OF + datetime.timedelta(days)) for days in (1, 7, 30)]
    for entry in figures["classes"].values():
        for one in entry["ahead"].values():
            assert one["low_90"] <= one["low_50"] <= one["median"] <= one["high_50"]
            assert one["median"] == one["quantiles"][49]
            assert one["high_90"] <= entry["launched"]["high"]
    assert set(figures["not_forecast"]) == {"cruise"}


def test_later_rows_change_no_forecast(figures, rows, tmp_path):
    early = [row for row in rows if row[0] <= AS_OF]
    other = forecast_nights(written(tmp_path / "nights.csv", early), None, {
        "shahed": Sizes(100, 100)
    })  # fmt: skip
    ahead = {name: entry["ahead"] for name, entry in figures["classes"].items()}
    last = datetime.date.fromisoformat(other["as_of"])
    assert last <= AS_OF
    if last == AS_OF:
        assert ahead == {name: entry["ahead"] for name, entry in other["classes"].items()}


def test_sizes_that_are_not_told_are_those_of_late(figures, file):
    nights = read_nights(file).classes["ballistic"]
    days = (nights.day <= AS_OF.toordinal()) & (nights.day > AS_OF.toordinal() - 60)
    entry = figures["classes"]["ballistic"]
    assert not entry["launched"]["told"]
    assert entry["launched"]["high"] == nights.launched[days].max()
    assert entry["flown_lately"] == pytest.approx(days.sum() / 60)


def test_a_range_of_sizes_is_all_of_them_alike(file):
    learned = learned_to(file, "shahed", AS_OF)
    night = AS_OF + datetime.timedelta(1)
    both = law_of(learned, night, [20, 40])
    few, many = law_of(learned, night, [20]), law_of(learned, night, [40])
    assert both[:21] == pytest.approx((few + many[:21]) / 2)
    assert both[21:] == pytest.approx((1 + many[21:]) / 2)


@pytest.mark.parametrize(
    ("word", "found"),
    [("shahed=120", Sizes(120, 120)), ("cruise=5:20", Sizes(5, 20))],
)
def test_sizes_are_read(word, found):
    assert list(sizes_told([word]).values()) == [found]


@pytest.mark.parametrize(
    "words",
    [["rockets=1"], ["shahed"], ["shahed=0"], ["shahed=9:3"], ["shahed=1", "shahed=2"],
     ["shahed=1.5"], ["cruise=3:"], ["shahed=99999"]],
)  # fmt: skip
def test_sizes_that_mean_nothing_are_named(words):
    if words == ["cruise=3:"]:
        assert sizes_told(words)["cruise"] == Sizes(3, 3)
        return
    with pytest.raises(NightsError, match=r"--launched .*expected"):
        sizes_told(words)


def test_a_log_is_appended_to_and_never_rewritten(figures, tmp_path):
    log, said = tmp_path / "log.jsonl", datetime.datetime(2024, 11, 1, tzinfo=datetime.UTC)
    log.write_text("what stood there\n")
    for _ in range(2):
        assert append_to_log(log, figures, said) == 6
    first, *lines = log.read_text().splitlines()
    assert first == "what stood there"
    assert len(lines) == 12
    told = json.loads(lines[0])
    assert told["said"] == "2024-11-01T00:00:00+00:00"
    assert told["class"] == "shahed"
    assert told["as_of"] == str(AS_OF)
    assert len(told["quantiles"]) == 99
    assert told["launched"]["told"]


def test_the_words_and_the_picture_say_it(figures, tmp_path):
    night = figures["classes"]["shahed"]["ahead"]["1"]
    line = NightsForecast("", (), figures).sections()[0].lines[0]
    assert f"of 100 launched {night['median']} are expected" in line
    assert f"{night['low_90']} to {night['high_90']}" in line
    assert draw_nights_to_come(figures).write_to(tmp_path, "fan", ("svg",))[0].is_file()


def test_the_command_forecasts_logs_and_writes_a_scenario(command, file, tmp_path):
    log, to = tmp_path / "log.jsonl", tmp_path / "national.yaml"
    asked = ("forecast", "nights", file, "--as-of", AS_OF, "--log", log, "--json",
             "--scenario", "massive-assault", "--to", to)  # fmt: skip
    found = command(*asked)
    assert found.code == 0, found.err
    assert found.json["as_of"] == str(AS_OF)
    assert len(log.read_text().splitlines()) == 6
    scenario = load(to)
    assert list(scenario.raids) == ["massive-assault", "second-night", "third-night"]
    assert command("check", to).code == 0
    assert "# cruise: left out, " in to.read_text()
    wanted = command("forecast", "nights", file, "--as-of", datetime.date(2025, 5, 26), "--quiet",
                     "--visibility", "massive-assault", "--to", tmp_path / "lines")  # fmt: skip
    assert wanted.code == 0, wanted.err
    line = (tmp_path / "lines").read_text().splitlines()[-1]
    assert line.startswith("raids.third-night.waves.shahed.visibility: {value: ")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--scenario", "massive-assault"), "expected both or neither"),
        (("--to", "x.yaml"), "expected both or neither"),
        (
            ("--scenario", "massive-assault", "--visibility", "massive-assault", "--to", "x.yaml"),
            "both are given, expected one",
        ),
        (("--visibility", "minimal", "--to", "x.yaml"), "no wave after"),
        (("--launched", "shahed=0"), "expected counts from 1"),
        (("--as-of", "2020-01-01"), "no night up to 2020-01-01"),
        (("--log", "/dev/null/x"), "cannot be appended to"),
        (("--scenario", "minimal", "--to", "x.yaml"), "no raid after"),
    ],
)
def test_what_cannot_be_forecast_is_one_line(command, file, more, message):
    found = command("forecast", "nights", file, *more)
    assert found.code == 2
    assert message in found.err
    assert len(found.err.splitlines()) == 1


# --- how visible a scenario's own waves must be --------------------------------------------------


@pytest.fixture(scope="module")
def learned_twice(file):
    return {name: learned_to(file, name, AS_OF) for name in ("shahed", "ballistic")}


def test_waves_as_visible_as_fitted_let_through_what_is_forecast(learned_twice):
    scenario = load("massive-assault")
    asked = [wave for wave in visibility.asked_of(scenario, AS_OF) if wave.raid == "third-night"]
    ((wave, found),) = visibility.visibilities(scenario, asked, learned_twice).items()
    assert wave == ("third-night", "shahed", "shahed", datetime.date(2025, 5, 27), 60)
    assert found.low < found.value < found.high
    assert found.distance < 0.15
    fitted = f"{{value: {found.value}, low: {found.low}, high: {found.high}, law: lognormal, " \
             "assumed: fitted}"  # fmt: skip
    war = load("massive-assault", [f"{wave.path}={fitted}"])
    came = sim.run(war, runs=200, seed=5, workers=1).runs["third_night_shahed_through"]
    law = law_of(learned_twice["shahed"], wave.night, [60])
    median = int(np.searchsorted(law, 0.5))
    assert (came < median).mean() - 0.2 < 0.5 < (came <= median).mean() + 0.2


def test_waves_of_no_class_and_of_before_are_not_asked_for():
    assert visibility.asked_of(load("minimal"), AS_OF) == []
    raids = {wave.raid for wave in visibility.asked_of(load("spiderweb"), AS_OF)}
    assert raids == {"massive-assault", "reprisal"}
    later = datetime.date(2025, 5, 26)
    nights = {wave.raid for wave in visibility.asked_of(load("massive-assault"), later)}
    assert nights == {"third-night"}


def test_a_visibility_is_written_as_a_scenario_reads_it(learned_twice):
    wave = visibility.Asked("third-night", "shahed", "shahed", datetime.date(2025, 5, 27), 60)
    found = {wave: visibility.Visibility(2.0, 0.5, 8.0, (1, 2, 3), (1, 2, 4), 0.05)}
    *told, line = visibility.as_lines(found, {"shahed": 'of "nights"'}).splitlines()
    assert "through 1, 2, 3; forecast 1, 2, 4; 0.050" in told[-1]
    path, _, figure = line.partition(": ")
    read = load("massive-assault", [f"{path}={figure}"]).raids["third-night"].waves["shahed"]
    assert read.visibility.high == 8.0
    assert read.visibility.assumed == 'of "nights"'


# --- the defence as a scenario -------------------------------------------------------------------


@pytest.fixture(scope="module")
def learned(file):
    return learned_to(file, "shahed", AS_OF)


def mean_of(defence):
    """The mean share that leaks, over looks as the file has them: lognormal, cut to its range."""
    sigma = np.log(defence.looks_high / defence.looks_low) / (2 * 1.96)
    x = np.linspace(-1.96, 1.96, 4001)
    weight = np.exp(-(x**2) / 2)
    return float(defence.leaked(defence.looks * np.exp(sigma * x)) @ weight / weight.sum())


@pytest.mark.parametrize(("group", "size"), [("shahed", 40), ("shahed", 400), ("ballistic", 8)])
def test_the_kernel_flown_with_a_written_defence_gives_its_law(
    learned_twice, tmp_path, group, size
):
    learned = learned_twice[group]
    night = AS_OF + datetime.timedelta(1)
    file = tmp_path / "national.yaml"
    file.write_text(
        national.as_yaml(
            "A nation",
            {learned.group: learned},
            AS_OF,
            {"night": national.Raided(night, {learned.group: size})},
            "60 nights",
        )
    )
    runs = 600
    came = sim.run(sim.load(file), runs=runs, seed=3).runs[f"night_{group}_destroyed_target"]
    defence = national.defence_for(learned, night, size)
    error = came.std() / np.sqrt(runs)
    assert came.mean() == pytest.approx(size * mean_of(defence), abs=4 * error)
    law = law_of(learned, night, [size])
    for q in (0.25, 0.5, 0.75, 0.95):
        place = int(np.quantile(came, q))
        width = 4 * np.sqrt(q * (1 - q) / runs) + 0.03  # one lognormal law for the whole mixture
        assert (law[place - 1] if place else 0.0) - width <= q <= law[place] + width


def test_a_defence_is_written_for_later_nights_only(learned):
    raid = national.Raided(AS_OF, {"shahed": 9})
    with pytest.raises(NightsError, match=r"raids\.night: not after"):
        national.as_yaml("A nation", {"shahed": learned}, AS_OF, {"night": raid}, "60 nights")


def test_more_looks_let_fewer_through_and_larger_raids_meet_more(learned):
    night = AS_OF + datetime.timedelta(1)
    small, large = (national.defence_for(learned, night, size) for size in (20, 500))
    assert small.leaked(0.5) > small.leaked(1.0) > small.leaked(2.0)
    assert large.channels >= small.channels
    assert large.decoys > small.decoys
