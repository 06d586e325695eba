"""What a scenario says without effect is told in a line, and is without effect."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.scenario.schema import Scenario
from sim.scenario.without_effect import silent_meanings
from sim.war.model import War

ROOT = Path(__file__).parents[2]
X = "assumed: for a test"
F = f"{{value: 0.5, {X}}}"
DAYS = f"{{value: 5, unit: day, {X}}}"
WEAPON = (
    f"{{title: W, unit_cost: {{value: 1 USD, {X}}}, speed: {{value: 100 km/h, {X}}}, p_works: {F}, "
    f"signature: {F}, jam_susceptibility: {F}, p_hit: {F}, p_destroy: {F}}}"
)
RAID = (
    f"{{title: R, by: hares, delivery: {{kind: direct}}, waves: {{w: {{weapon: dart, count: "
    f"{{value: 1, {X}}}, at: [north], launch_from: wood}}}}}}"
)
FRONT = f"{{rungs: {{value: 9, {X}}}, p_move: {F}, p_underdog_advances: {F}, start: {{%s, {X}}}}}"
WEARINESS = f"mechanisms.weariness={{on: true, per_decade: {F}, days_per_loss: {DAYS}}}"
SUNK = f"mechanisms.sunk={{on: true, most: {F}, scale: {F}}}"
RIPE = f"mechanisms.ripeness={{on: true, hurts_at: {F}, still_for: {DAYS}, sees_over: {F}}}"
TURBULENCE = (
    f"mechanisms.turbulence={{on: true, strength: {F}, many_moves: {F}, many_losses: {F}, "
    f"lasts: {DAYS}}}"
)
PUBLIC = (
    f"{{end_war: {{share: {F}, per_decade: {F}, onset: {DAYS}, rally: {F}, rally_lasts: {DAYS}}}, "
    f"concede: {{share: {F}, per_decade: {F}, onset: {DAYS}, sunk: {F}, sunk_scale: {F}}}}}"
)
WANDERS = f"{{end_war: {F}, concede: {F}}}"
GIFT = f"title: G, by: bears, date: 2025-01-06, worth: {F}"
AIR = "sides.bears.air_defence={%s}"
WAVE = "raids.dawn.waves.first.at_assets=[%s]"
DEPOT = f"assets.depot={{title: D, group: depots, value: {{value: 1 USD, {X}}}, repair_cost: {F}}}"
CEASEFIRE = f"talks.ceasefire={{p_violation: {{value: 0, {X}}}, p_collapse: {F}}}"
LOOK = "no unit there has to look before it sees"

SAID: dict[str, tuple[list[str], str]] = {
    "weariness": ([WEARINESS], "mechanisms.weariness: counts the days of war from start, 2025-01-"),
    "publics": ([f"publics={{hares: {PUBLIC}, bears: {PUBLIC}}}"], "publics: counts the days of w"),
    "discrepancy": (
        [f"discrepancy={{hares: {WANDERS}, bears: {WANDERS}}}"],
        "discrepancy: will have no effect: it is compared with polls, and there are none",
    ),
    "old war": (["war_began=2022-02-24", SUNK], "mechanisms.sunk: counts losses from start, 2025-"),
    "stillness": (["war_began=2022-02-24", RIPE], "mechanisms.ripeness: counts days without a mo"),
    "war_began": (["war_began=2022-02-24"], "war_began: will have no effect: neither weariness n"),
    "arsenal": (
        [f"weapons.jet={WEAPON}", f"sides.hares.arsenal.jet={{stock: {{value: 1, {X}}}}}"],
        "sides.hares.arsenal.jet: will have no effect: no raid by hares flies it",
    ),
    "aid": (
        [f"sides.hares.aid={{share: {F}, response: {F}}}"],
        "sides.hares.aid: will have no effect: it pays for production, and there is none",
    ),
    "aid without learning": (
        [
            f"sides.hares.aid={{share: {F}, response: {F}}}",
            f"sides.hares.arsenal.dart.production={{value: 1 /day, {X}}}",
        ],
        "sides.hares.aid: will have no effect: it follows the share a side expects, which only",
    ),
    "retaliation": (
        [f"sides.hares.retaliation={{raid: dawn, p_answers: {F}, delay: {DAYS}}}"],
        "sides.hares.retaliation: will have no effect: nothing strikes hares",
    ),
    "alert": ([AIR % f"alert_lasts: {DAYS}"], "sides.bears.air_defence.alert_lasts: will have no"),
    "experience": (
        [AIR % f"experience_per_raid: {F}"],
        "experience_per_raid: will have no effect: there is no experience_effect",
    ),
    "its effect": (
        [AIR % f"experience_effect: {F}"],
        "experience_effect: will have no effect: there is no experience_per_raid",
    ),
    "its end": ([AIR % f"experience_lasts: {DAYS}"], "experience_lasts: will have no effect: it n"),
    "weapon": ([f"weapons.jet={WEAPON}"], "weapons.jet: will have no effect: no raid flies it"),
    "asset": ([DEPOT], "assets.depot: will have no effect: it stands at no site"),
    "unit": (
        [f"units.ear={{kind: jammer, title: E, range: {{value: 1 km, {X}}}, loss_rate: "
         f"{{value: 1 /h, {X}}}}}"],
        "units.ear: will have no effect: it stands at no site",
    ),
    "launch area": (
        [f"launch_areas.den={{title: D, side: hares, position: {{lat: 50, lon: 36, {X}}}}}"],
        "launch_areas.den: will have no effect: no wave comes from it",
    ),
    "p_kill": (["units.gun.p_kill={}"], "weapons.dart: flies unopposed by the guns and missiles"),
    "dispersal": (
        [f"sites.north.dispersal={F}"],
        "sites.north.dispersal: will have no effect: bears is never on the alert",
    ),
    "readiness": (
        [f"sites.south.readiness={F}"],
        f"sites.south.readiness: will have no effect: {LOOK}",
    ),
    "seen at once": (
        [f"units.gun.detection_rate={{value: .inf 1/h, {X}}}", f"sites.north.readiness={F}"],
        f"sites.north.readiness: will have no effect: {LOOK}",
    ),
    "empty site": (
        [f"sites.hill={{title: H, side: bears, position: {{lat: 50, lon: 36, {X}}}}}"],
        "sites.hill: will have no effect: nothing stands there and no wave is sent at it",
    ),
    "protection": (
        ["raids.dawn.waves.first.at=[north]", f"sites.south.assets.plane.protection={F}"],
        "sites.south.assets.plane.protection: will have no effect: no wave is sent at it",
    ),
    "never flies": (
        [f"raids.dusk={RAID}"],
        "raids.dusk: never flies: it has no date, and no tempo or retaliation calls it",
    ),
    "at_assets": (
        [DEPOT, WAVE % "plane, depot"],
        "waves.first.at_assets: will have no effect: no 'depot' stands at north",
    ),
    "for nothing": ([DEPOT, WAVE % "depot"], "raids.dawn.waves.first: has no target at north"),
    "gesture": (
        [f"events={{word: {{kind: gesture, {GIFT}}}}}"],
        "events.word: will have no effect: a gesture acts through sacred, which is off",
    ),
    "sweetener": (
        [f"events={{loan: {{kind: sweetener, {GIFT.replace('-06', '-09')}, price: {F}}}}}"],
        "events.loan: will have no effect: no meeting follows it, and sacred is off",
    ),
    "front": ([f"front={FRONT % 'value: 9'}"], "front.start: is at an end of the ladder, so th"),
    "front in part": ([f"front={FRONT % 'value: 3, low: 0, high: 5'}"], "front.start: may be at"),
    "no mechanism": (["mechanisms.cost.on=false"], "mechanisms: none is on, so that nothing th"),
    "ideals": (
        [f"talks.issues.land.ideal={{hares: {F}, bears: {F}}}"],
        "talks.issues.land: has one ideal for both sides, yet is bargained over as if",
    ),
    "collapse": ([CEASEFIRE], "talks.ceasefire.p_collapse: will have no effect: no raid flies"),
    "report": (
        ["reported.their_count.outcome=dawn_planes_hit"],
        "reported.their_count: will have no effect: no run has an outcome 'dawn_planes_hit'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", SAID)
def test_what_is_silently_meant_is_said(read: Callable[..., Scenario], what: str) -> None:
    overrides, line = SAID[what]
    assert not silent_meanings(read())
    said = silent_meanings(read(overrides=overrides))
    assert [told for told in said if line in told], said


def test_what_needs_talks_or_a_front_is_said_without_them(read: Callable[..., Scenario]) -> None:
    no_stop = ["talks.ceasefire", "front"]
    said = silent_meanings(read(overrides=[TURBULENCE, RIPE], without=no_stop))
    assert "mechanisms.turbulence: only softens: without a front nothing moves" in said
    assert "mechanisms.ripeness: finds the front still at all times: there is none" in said
    said = silent_meanings(read(overrides=[RIPE], without=["talks"]))
    no_table = "mechanisms.ripeness: will have no effect: there is no meeting to come to in earnest"
    assert no_table in said


@pytest.mark.parametrize("what", [w for w, (_, line) in SAID.items() if "will have no" in line])
def test_what_will_have_no_effect_has_none(read: Callable[..., Scenario], what: str) -> None:
    """The outcomes are those of the war without it."""
    overrides, _ = SAID[what]
    if what == "report":
        return
    ground = overrides[:-1]
    with_it, without = read(overrides=overrides), read(overrides=ground)
    tables = [War(scenario, 40).run().recorder.runs() for scenario in (with_it, without)]
    for column, values in tables[1].items():
        np.testing.assert_array_equal(tables[0][column], values, err_msg=column)


SHIPPED = {
    "air-base": 5,
    "city-budget": 0,
    "city-defence": 4,
    "deep-strike": 2,
    "hmeimim-2018": 0,
    "india-pakistan": 3,
    "istanbul-talks": 3,
    "karabakh-2020": 1,
    "massive-assault": 2,
    "minimal": 0,
    "public-opinion": 0,
    "spiderweb": 4,
    "two-regions": 0,
    "when-to-talk": 2,
}


@pytest.mark.parametrize("name", SHIPPED)
def test_what_shipped_scenarios_trigger_is_known(name: str) -> None:
    """docs/scenarios' silent meanings are stated; one more or less is to be looked at."""
    page = (ROOT / "docs" / "commands.md").read_text()
    said = silent_meanings(sim.load(name))
    assert len(said) == SHIPPED[name], said
    for line in said:
        assert f"`{line.partition(':')[0]}`" in page, line


@pytest.mark.usefixtures("undrawn")
def test_commands_say_it_first(
    command: Callable[..., Any], tmp_path: Path, write: Callable[[str], Path], war_text: str
) -> None:
    line = "raids.dusk: never flies: it has no date, and no tempo or retaliation calls it"
    given = (write(war_text), "--set", f"raids.dusk={RAID}")
    run = (*given, "--runs", "20", "--out", tmp_path / "out", "--workers", "1")
    assert line in command("check", *given).out
    assert line in command("check", *given, "--json").json["warnings"]
    assert line in command("run", *run).err
    assert line in command("run", *run, "--json").json["warnings"]
    assert command("run", *run, "--quiet").err == ""
    compared = command("compare", *given, "--runs", "20", "--workers", "1", "--json")
    assert line in compared.json["warnings"]
    vary = ("--vary", "weapons.dart.p_hit=0.2,0.4", "--outcome", "aircraft_hit")
    assert line in command("sweep", *run, *vary).err


@pytest.mark.usefixtures("undrawn")
def test_a_run_names_what_has_no_effect_in_one_line_and_check_says_why(
    command: Callable[..., Any], tmp_path: Path, write: Callable[[str], Path], war_text: str
) -> None:
    given = (write(war_text), "--set", f"weapons.jet={WEAPON}", "--set", DEPOT)
    why = "weapons.jet: will have no effect: no raid flies it"
    run = command("run", *given, "--runs", "20", "--out", tmp_path / "out", "--workers", "1")
    assert run.err.splitlines() == [
        "without effect: weapons.jet, assets.depot (run sim check to see why)"
    ]
    assert why in command("check", *given).out
