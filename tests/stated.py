"""What every accepted scenario keeps, said again by hand: it shares no code with the schema."""

import datetime
import functools
import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

INF = math.inf
SHARE, COUNT, ANY = (0.0, 1.0, False), (0.0, 1e7, True), (-1e15, 1e15, False)
SMALLEST = 1e-15  # in size, of what is not 0
AMOUNT, DAYS, MINUTES = (0.0, 1e15, False), (0.0, 1e5, False), (0.0, 1e5, False)
SOME, SOME_COUNT = (SMALLEST, 1e15, False), (1.0, 1e7, True)
SOME_DAYS, SOME_KM = (SMALLEST, 1e5, False), (SMALLEST, 20100.0, False)
_BY_SIDE = r"(\.[a-z][a-z0-9_-]*)?"

BOUNDS: tuple[tuple[str, tuple[float, float, bool]], ...] = (
    (r"sides\..*\.stock", COUNT),
    (r"sides\..*\.(production|per_day|experience_effect)", AMOUNT),
    (r"sides\..*\.response", (0.0, 10.0, False)),
    (r"sides\..*\.(aid\.share|p_answers|experience_per_raid)", SHARE),
    (r"sides\..*\.after_breakdown", SOME),
    (r"sides\..*\.delay", DAYS),
    (r"sides\..*\.(alert_lasts|experience_lasts)", SOME_DAYS),
    (r"weapons\..*\.(unit_cost|signature|jam_susceptibility)", AMOUNT),
    (r"weapons\..*\.speed", (1.0, 1e5, False)),
    (r"weapons\..*\.(p_works|p_hit|p_destroy)", SHARE),
    (r"assets\..*\.value", AMOUNT),
    (r"assets\..*\.repair_cost", SHARE),
    (r"assets\..*\.repair_time", SOME_DAYS),
    (r"units\..*\.range", SOME_KM),
    (r"units\..*\.detection_rate", (0.0, INF, False)),
    (r"units\..*\.(reaction|service)", MINUTES),
    (r"units\..*\.channels", SOME_COUNT),
    (r"units\..*\.(max_shots|salvo)", (1.0, 200.0, True)),
    (r"units\..*\.magazine", COUNT),
    (r"units\..*\.(resupply|round_cost|loss_rate)", AMOUNT),
    (r"units\..*\.p_kill\.[^.]*", SHARE),
    (r"sites\..*\.(count|decoy_targets)", COUNT),
    (r"sites\..*\.(protection|readiness|dispersal)", SHARE),
    (r"raids\..*\.carriers_per_site", SOME_COUNT),
    (r"raids\..*\.(carrier_cost|budget|found)", AMOUNT),
    (r"raids\..*\.prepared", DAYS),
    (r"raids\..*\.(p_forewarn|share)", SHARE),
    (r"raids\..*\.standoff", SOME_KM),
    (r"raids\..*\.count", COUNT),
    (r"raids\..*\.window", MINUTES),
    (r"raids\..*\.visibility", AMOUNT),
    (r"events\..*\.loss", SHARE),
    (r"events\..*\.(worth|price)", AMOUNT),
    (r"history\.front\.rung_km2", SOME),
    (r"history\..*", AMOUNT),
    (r"reports\..*", AMOUNT),
    (r"front\.rungs", SOME_COUNT),
    (r"front\.start", COUNT),
    (r"front\.p_.*", SHARE),
    (r"front\.strength_effect", AMOUNT),
    (r"minds\..*\.(p_win|demand)", SHARE),
    (r"minds\..*\.cost", AMOUNT),
    (r"minds\..*", SOME),
    (r"publics\..*\.share", (1e-6, 1.0 - 1e-6, False)),
    (r"publics\..*\.(per_decade|rally)", ANY),
    (r"publics\..*\.(onset|rally_lasts)", SOME_DAYS),
    (r"publics\..*\.sunk", AMOUNT),
    (r"publics\..*\.sunk_scale", SOME),
    (r"mechanisms\.rally\.per_surprise" + _BY_SIDE, (-1.0, 1.0, False)),
    (r"mechanisms\.\w+\.lasts" + _BY_SIDE, SOME_DAYS),
    (r"mechanisms\.\w+\.(days_per_loss|still_for|horizon)" + _BY_SIDE, DAYS),
    (
        r"mechanisms\.\w+\.(discount|rises|falls|most|share|stake|guarantee|culpability)"
        + _BY_SIDE,
        SHARE,
    ),
    (r"mechanisms\.\w+\.patience" + _BY_SIDE, (1e-6, 1.0 - 1e-6, False)),
    (r"mechanisms\.\w+\.decisiveness" + _BY_SIDE, (0.0, 10.0, False)),
    (r"mechanisms\.commitment\.pause" + _BY_SIDE, ANY),
    (r"mechanisms\.resurrection\.line" + _BY_SIDE, ANY),
    (r"mechanisms\.\w+\.sensitivity" + _BY_SIDE, (0.01, 10.0, False)),
    (
        r"mechanisms\.\w+\.(loss_aversion|turns_at|scale|many_moves|many_losses)" + _BY_SIDE,
        SOME,
    ),
    (
        r"mechanisms\.(cost|learning|image|threshold|weariness|turbulence|spiral|sacred|audience|"
        r"ripeness|commitment|resurrection)\.\w+" + _BY_SIDE,
        AMOUNT,
    ),
    (r"mechanisms\..*", ANY),
    (r"patrons\.[^.]*\.(p_win|guarantee|threat\.credibility|sanctions\.credibility)", SHARE),
    (r"patrons\.[^.]*\.(aid\.(part|prospects|foreseen)|counsel\.own_source)", SHARE),
    (r"patrons\.[^.]*\.(confidence|expected_loss|expected_gain|foresight)", SOME),
    (r"patrons\.[^.]*\.(weight|stake|price|hears\..*|aid\.relief|sanctions\.cost)", AMOUNT),
    (r"patrons\.[^.]*\.aid\.response", (0.0, 10.0, False)),
    (r"patrons\.[^.]*\.entrapment\.per_loss", AMOUNT),
    (r"patrons\.[^.]*\.entrapment\.lasts", SOME_DAYS),
    (r"patrons\.[^.]*\.proposal\.lean", (-1.0, 1.0, False)),
    (r"patrons\.[^.]*\.patience", SOME_COUNT),
    (r"talks\.patience", SOME_COUNT),
    (r"talks\.protocol\.(underdog_weight|patience.*)", SHARE),
    (r"talks\.protocol\.(credence|inference).*", SHARE),
    (r"talks\.protocol\.bluff.*", SOME),
    (r"talks\.protocol\.fades.*", AMOUNT),
    (r"talks\.protocol\.rounds", (1.0, 1000.0, True)),
    (r"talks\.protocol\.exponent.*", SOME),
    (r"talks\.issues\.[^.]*\.ideal.*", ANY),
    (r"talks\.issues\.[^.]*\.salience.*", SOME),
    (r"talks\.length\.most", MINUTES),
    (r"talks\.length\.hopeless.*", SOME),
    (r"talks\.ceasefire\.p_.*", SHARE),
    (r"talks\.truce\.length", DAYS),
    (r"talks\..*\.gain\..*", ANY),
    (r"talks\.exchanges\.[^.]*\.(held|most).*", COUNT),
    (r"reported\..*", ANY),
    (r"polls\.[^.]*\.waves\.\d+\.soft", (1e-6, 1.0 - 1e-6, False)),
    (r"polls\.[^.]*\.waves\.\d+\.hard", SHARE),
    (r"polls\..*\.n", SOME_COUNT),
    (r"polls\..*\.error_times", SOME),
    (r"polls\..*\.wording", AMOUNT),
    (r"discrepancy\..*", AMOUNT),
)
"""Of each figure, by its path: the least, the most, and whether it is whole."""


@functools.cache
def bounds_of(path: str) -> tuple[float, float, bool]:
    """The stated bounds of a figure."""
    for pattern, bounds in BOUNDS:
        if re.fullmatch(pattern, path):
            return bounds
    raise AssertionError(f"{path}: no bound is stated")


def figures_in(told: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every figure of a scenario told as plain data, with its path."""
    if isinstance(told, dict):
        if "value" in told and "assumed" in told:
            yield path, told
            return
        for name, inner in told.items():
            yield from figures_in(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(told, list | tuple):
        for place, inner in enumerate(told):
            yield from figures_in(inner, f"{path}.{place}")


def check_scenario(told: dict[str, Any], sources: set[str]) -> None:
    """Hold a scenario, as plain data, against every bound that is stated of it."""
    for path, figure in figures_in(told):
        _check_figure(path, figure, sources)
    _check_dates(told)
    _check_names(told)
    assert {side["role"] for side in told["sides"].values()} == {"underdog", "favourite"}


def _check_figure(path: str, figure: dict[str, Any], sources: set[str]) -> None:
    least, most, is_whole = bounds_of(path)
    value, low, high = figure["value"], figure["low"], figure["high"]
    assert (low is None) == (high is None), path
    for number in (value, *((low, high) if low is not None else ())):
        assert abs(number) <= 1e15 or number == INF, (path, number)
        assert isinstance(number, float), (path, number)
        assert least <= number <= most, (path, number)
        assert number == 0 or abs(number) >= SMALLEST, (path, number)
        assert not math.isinf(number) or most == INF, (path, number)
        assert not is_whole or number % 1 == 0, (path, number)
    if low is None:
        assert figure["law"] is None, path
    else:
        assert low <= value <= high < INF, (path, low, value, high)
        assert figure["law"] != "lognormal" or low > 0, path
    cited = figure["source"] or ()
    cited = {cited} if isinstance(cited, str) else set(cited)
    assert cited <= sources, path
    assert cited or figure["assumed"].strip(), path


def _check_dates(told: dict[str, Any]) -> None:
    start, end = told["start"], told["end"]
    assert start <= end
    assert (end - start).days < 4000
    assert told["war_began"] is None or told["war_began"] <= start

    def dates(here: Any) -> Iterator[datetime.date]:
        if isinstance(here, dict):
            for inner in here.values():
                yield from dates(inner)
        elif isinstance(here, list | tuple):
            for inner in here:
                yield from dates(inner)
        elif isinstance(here, datetime.date):
            yield here

    rest = {key: part for key, part in told.items() if key not in ("start", "end", "war_began")}
    assert all(start <= date <= end for date in dates(rest))
    meetings = list((told["talks"] or {"meetings": {}})["meetings"].values())
    assert len(set(meetings)) == len(meetings)
    for poll in told["polls"].values():
        asked = [wave["date"] for wave in poll["waves"]]
        assert asked == sorted(set(asked))
        assert all(
            pattern["first"] in asked
            and pattern["last"] in asked
            and pattern["first"] < pattern["last"]
            for pattern in poll["patterns"].values()
        )


def _check_names(told: dict[str, Any]) -> None:
    """What is named stands in the scenario, on the side it must."""
    sides, sites, raids = told["sides"], told["sites"], told["raids"]
    sections = (
        "sides", "weapons", "assets", "units", "sites", "launch_areas", "raids", "events",
        "reported", "polls", "patrons",
    )  # fmt: skip
    for section in sections:
        for name in told[section]:
            assert re.fullmatch(r"[a-z][a-z0-9_-]{0,59}", name, re.ASCII), (section, name)
    assert told["focus"] is None or told["focus"] in raids
    for section in ("reports", "minds", "publics", "discrepancy"):
        assert told[section] is None or set(told[section]) == set(sides)
    for side in sides.values():
        assert set(side["arsenal"]) <= set(told["weapons"])
    for patron in told["patrons"].values():
        assert patron["backs"] in sides
    for unit in told["units"].values():
        assert set(unit.get("p_kill", ())) <= set(told["weapons"])
    for site in (*sites.values(), *told["launch_areas"].values()):
        assert site["side"] in sides
        assert -90 <= site["position"]["lat"] <= 90
        assert -180 <= site["position"]["lon"] <= 180
        assert set(site.get("assets", ())) <= set(told["assets"])
        assert set(site.get("defence", ())) <= set(told["units"])
    for raid in raids.values():
        assert raid["by"] in sides
        assert raid["waves"]
        for wave in raid["waves"].values():
            _check_wave(told, raid, wave)
    for name, side in sides.items():
        for policy in (side["tempo"], side["retaliation"]):
            assert policy is None or raids[policy["raid"]]["by"] == name


def _check_wave(told: dict[str, Any], raid: dict[str, Any], wave: dict[str, Any]) -> None:
    assert wave["weapon"] in told["weapons"]
    assert wave["at"]
    assert len(set(wave["at"])) == len(wave["at"])
    assert all(told["sites"][site]["side"] != raid["by"] for site in wave["at"])
    assert set(wave["at_assets"]) <= set(told["assets"])
    assert (wave["count"] is None) != (wave["budget"] is None)
    if raid["delivery"]["kind"] == "direct":
        assert told["launch_areas"][wave["launch_from"]]["side"] == raid["by"]
    if wave["decoys"] is not None:
        assert told["weapons"][wave["decoys"]["weapon"]]["decoy"]


def check_drawn(told: dict[str, Any], drawn: Any) -> None:
    """What was drawn of each figure stays in its range, whole where it counts."""
    for path, figure in figures_in(told):
        least, most = (figure["value"] if figure[end] is None else figure[end]
                       for end in ("low", "high"))  # fmt: skip
        values = drawn[path]
        assert np.all((values >= least) & (values <= most)), (path, values)
        assert not bounds_of(path)[2] or np.all(values % 1 == 0), (path, values)


_MAY_BE_MISSING = re.compile(
    r".*_(day|minutes|leak_share|exchange)|.*_(before|after|by)_.*", re.DOTALL
)
_SHARES = re.compile(r"(end_war|concede|share_held|pressure)_.*|.*_leak_share")
_FATES = (
    "compromised", "failed", "jammed", "shot_down", "decoy_spent", "missed", "wasted",
    "damaged_target", "destroyed_target",
)  # fmt: skip


def check_outcomes(told: dict[str, Any], table: dict[str, Any]) -> None:
    """A table of outcomes, by column: finite where nothing is missing, and every drone counted."""
    for name, column in table.items():
        values = np.asarray(column, np.float64)
        assert not np.isinf(values).any(), (name, values)
        assert not np.isnan(values).any() or _MAY_BE_MISSING.fullmatch(name), (name, values)
        known = values[~np.isnan(values)]
        if _SHARES.fullmatch(name):
            assert np.all((known >= 0.0) & (known <= 1.0)), (name, values)
        if name.endswith(("_usd", "_ordered", "_hit", "_destroyed", "_minutes", *_FATES)):
            assert np.all(known >= 0.0), (name, values)
    for raid, block in told["raids"].items():
        for wave in block["waves"]:
            word = f"{raid}_{wave}".replace("-", "_")
            ended = sum(table[f"{word}_{fate}"] for fate in _FATES)
            assert np.array_equal(ended, table[f"{word}_ordered"]), (word, ended)
