"""README, findings and paper say what the shipped results and the pages they sum up say."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.scenario.sources import read_sources
from tests.pages import ROOT, called

DAY = "the raid's day"

STATED = {
    "README.md": (
        "hardens Ukraine with a chance of {ukraine} % ({ukraine_before} % before",
        "Russia with {russia} % ({russia_before} %)",
        "both, as the article says, with {both} % ({both_before} %)",
        "none of the fourteen mechanisms weighed do {waves} waves of polls",
        "thirteen meetings without a deal change the odds threefold",
        "{theories_ukraine} % of the {theories} combinations of mechanisms harden Ukraine,"
        " {theories_russia} % harden Russia, and {theories_both} % harden both",
    ),
    "docs/findings.md": (
        "hardens Ukraine with a chance of {ukraine} %, Russia with {russia} %, and both, as the"
        " article says, with {both} %",
        "these chances are {ukraine_before_pm} %, {russia_before_pm} % and {both_before_pm} %",
        "They rest on {waves} waves of polls and thirteen meetings",
        "the odds of none of the fourteen mechanisms threefold",
        "is expected to tell {best_bits} ±{best_bits_error} of the {unknown} bits",
        "all {theories} combinations",
        "harden Ukraine under {theories_ukraine} % of them and Russia under {theories_russia} %,"
        " and both, as the article says, under {theories_both} %",
        "softens Ukraine under {softens_ukraine} % and Russia under {softens_russia} %",
        "by no more than {region} of the stakes",
        "each theory counting alike, {wars_ukraine} % harden Ukraine and {wars_russia} % Russia",
        "the two are {weighed_ukraine} and {weighed_russia} %",
        "it loses {city_100} in three years",
        "With {base_price} million dollars the loss in a raid falls from {base_open} to"
        " {base_best}",
        "brings a ceasefire in {talk_after} % of the wars, one a month after in {talk_month} %, and"
        " no meeting in {talk_none} %",
    ),
    "docs/paper.md": (
        "all {theories} combinations",
        "holds {waves} waves of polls and {meetings} meetings",
        "none of {weighed_mechanisms} mechanisms",
        "for punishment ({odds_cost}) and fall most for sunk costs ({odds_sunk})",
        "the {scored} waves from 2024 on with a CRPS of {crps_all} points, a random walk without"
        " them with {crps_none}",
        "find it in at most {most_found} % of the records",
        "hardens Ukraine with a chance of {ukraine} % ({ukraine_before} % before), Russia with"
        " {russia} % ({russia_before} %) and both with {both} % ({both_before} %)",
        "{theories_ukraine} % of the combinations harden Ukraine that day, {theories_russia} %"
        " Russia and {theories_both} % both",
        "learning, decides {learning_decides} % of the variance",
        "for Russia sunk costs decide {sunk_decides} %",
        "an uncertainty of {unknown} bits",
        "is expected to tell {best_bits}.",
        "against a raider with 10 million loses {city_100} whatever it buys",
        "spends {base_price} million dollars on teams, dummies and metal hangars loses"
        " {base_best_alone} in a raid",
        "brings a ceasefire in {talk_after} % of the wars",
    ),
}
"""What pages say of shipped results, by the names of `facts`."""

VALIDATION = "docs/validation.md"
PASSED_ON = {
    "README.md": (
        ("Of 66 that were kept for validation, 45 lie inside", VALIDATION, "| 45 of 66 |"),
        ("of 15 independent ones among them, 10 do", VALIDATION, "| 45 of 66 | 10 of 15 |"),
        ("All 15 figures used for tuning", VALIDATION, "| 15 of 15 |"),
        (
            "in all three classes of weapon, but better by the 5 % that was the goal in one class"
            " only",
            VALIDATION,
            "(never seen) | Shahed type | 184 | 6.95 | 7.05 | 1.5 %",
        ),
        (
            "of 170 drones sent at Israel in April 2024 the model lets 5 to 53 through",
            VALIDATION,
            "Israel, April 2024, drones | 170 | 0 | 22 (5 to 53)",
        ),
        ("by the end of 2025 in 92 % of the wars", VALIDATION, " 92.5 ±"),
        ("The forecast misses Ukraine's plateau of 2025", VALIDATION, "plateau of 2025 | −5"),
    ),
    "docs/findings.md": (
        ("it is 13 and 3 %", "docs/experiments.md", "`commitment` on | 12.8 ±1.5 | 2.5 ±0.7 |"),
    ),
    "docs/paper.md": (
        ("Of 66 reported figures kept for validation 45 lie inside", VALIDATION, "| 45 of 66 |"),
        ("of 15 independent ones 10", VALIDATION, "| 45 of 66 | 10 of 15 |"),
        ("by the end of 2025 in 92 % of the wars", VALIDATION, " 92.5 ±"),
        ("met in 4 of 9 cases", VALIDATION, " 4 of 9 cases"),
    ),
    "docs/responsible-use.md": (
        ("Of 66 reported figures that were kept for validation 45", VALIDATION, "| 45 of 66 |"),
        ("met in 4 of 9 cases", VALIDATION, " 4 of 9 cases"),
        ("(no source in hand) | 70 (22 to 132) |", VALIDATION, "| 252 | 70 (22 to 132) |"),
    ),
    "docs/trace.md": (
        (
            "of the 66 that were kept for validation 15 are independent",
            VALIDATION,
            "| 45 of 66 | 10 of 15 |",
        ),
    ),
}
"""What pages say, where it stands in full, and how it is said there."""

PLAIN = (
    "On 1 June 2025",
    "a factor of three",
    "the first half of 2026",
    "a raider with 10 million",
    "A city with 100 million dollars",
    "the model's central 90 %",
    "5 % of",
)
"""Numbers in the paper that state no result."""


def page(name: str) -> str:
    """A page in one line, without emphasis, code blocks and the targets of links."""
    text = re.sub(r"^```.*?^```$", "", (ROOT / name).read_text(), flags=re.M | re.S)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return " ".join(text.replace("*", "").split())


def answer(name: str) -> Any:
    """The answer of a shipped experiment, as `--json` gives it."""
    return json.loads((ROOT / "results" / name / "answer.json").read_text())


def table(file: str, index: str) -> pd.DataFrame:
    """A table of the shipped weighing."""
    return pd.read_csv(ROOT / "results" / "weighing" / f"{file}.csv").set_index(index)


def per_cent(share: float, error: float | None = None, digits: int = 0) -> str:
    """A share as a percentage, with its error where there is one."""
    of_error = "" if error is None else f" ±{100 * error:.{digits}f}"
    return f"{100 * share:.{digits}f}{of_error}"


def bare(number: float, digits: int) -> str:
    """A number below one as pages write it: without the zero before its point."""
    return f"{number:.{digits}f}".removeprefix("0")


def million(usd: float) -> str:
    """A sum in millions of dollars."""
    return f"${usd / 1e6:.0f} M"


def of_the_record() -> dict[str, str]:
    """What the weighing says."""
    told, rows = answer("weighing"), table("headline", "law")
    mechanisms, scores = table("mechanisms", "mechanism"), table("scores", "model")
    best = table("next", "kind").sort_values("bits").iloc[-1]
    alone = table("news", "true").loc[told["mechanisms"]]
    facts = {}
    for law, after in (("after", ""), ("before", "_before")):
        on_the_day = rows[rows["moment"] == DAY].loc[law].set_index("of")
        for of, name in (("r_u", "ukraine"), ("r_d", "russia")):
            share, error = on_the_day.loc[of, ["harder", "harder ±"]]
            facts[f"{name}{after}_pm"] = per_cent(share, error)
            facts[f"{name}{after}"] = per_cent(share, None if after else error)
        both = told["headline"][law]["both"]
        facts[f"both{after}_pm"] = per_cent(both["value"], both["error"])
        facts[f"both{after}"] = per_cent(both["value"], None if after else both["error"])
    return {
        **facts,
        "waves": str(sum(told["waves"].values())),
        "meetings": str(told["meetings"]),
        "weighed_mechanisms": str(len(told["mechanisms"])),
        "odds_cost": bare(mechanisms["bayes_factor"]["cost"], 2),
        "odds_sunk": bare(mechanisms["bayes_factor"]["sunk"], 2),
        "scored": str(scores["waves"]["everything"]),
        "crps_all": f"{scores['crps']['everything']:.2f}",
        "crps_none": f"{scores['crps']['none']:.2f}",
        "most_found": per_cent(alone["found"].max()),
        "unknown": f"{told['unknown_bits']:.2f}",
        "best_bits": bare(best["bits"], 3),
        "best_bits_error": bare(best["bits ±"], 3),
    }


def of_theories() -> dict[str, str]:
    """What the combinations of mechanisms say of the raid's day."""
    told = answer("theories")
    day, wars, decide = told["verdicts"][DAY], told["weighed"][DAY], told["mechanisms_decide"]
    return {
        "theories": f"{2 ** len(told['mechanisms']):,}",
        "region": bare(told["region"]["half_width"], 3),
        "theories_ukraine": per_cent(day["r_u"]["hardens"], day["r_u"]["hardens_error"]),
        "theories_russia": per_cent(day["r_d"]["hardens"], day["r_d"]["hardens_error"]),
        "theories_both": per_cent(day["both harden"], day["both harden_error"]),
        "softens_ukraine": per_cent(day["r_u"]["softens"], day["r_u"]["softens_error"]),
        "softens_russia": per_cent(day["r_d"]["softens"], day["r_d"]["softens_error"]),
        "wars_ukraine": per_cent(wars["r_u"]["alike"]["share"]),
        "wars_russia": per_cent(wars["r_d"]["alike"]["share"]),
        "weighed_ukraine": per_cent(wars["r_u"]["weighed"]["share"]),
        "weighed_russia": per_cent(wars["r_d"]["weighed"]["share"]),
        "learning_decides": per_cent(decide["r_u"][DAY]["learning"]["alone"]),
        "sunk_decides": per_cent(decide["r_d"][DAY]["sunk"]["alone"]),
    }


def of_choices() -> dict[str, str]:
    """What the shipped choices and games recommend, and at which price."""
    city = answer("city-budget")["budgets"][0]
    value, low, high = (million(city[name]) for name in ("value", "low", "high"))
    base = next(b["best"] for b in answer("air-base")["budgets"] if b["budget_usd"] == 1e8)
    lost = base["objectives"]["defender_lost_usd"]
    bases = pd.read_csv(ROOT / "results" / "air-base" / "options.csv")
    as_it_is = bases[bases["option"] == "bases: one base; shelters: in the open"].iloc[0]
    talks = pd.read_csv(ROOT / "results" / "when-to-talk" / "options.csv").set_index("option")
    when = {
        name: per_cent(*talks.loc[option, ["ceasefire_day", "ceasefire_day ±"]], digits=1)
        for name, option in (
            ("talk_after", "a meeting the day after"),
            ("talk_month", "a meeting a month after"),
            ("talk_none", "nothing more"),
        )
    }
    assert base["levels"] == {"bases": "one base, 12 teams, dummies", "shelters": "metal hangars"}
    return {
        **when,
        "city_100": f"{value} ({low} to {high})",
        "base_price": f"{base['objectives']['price_usd']['mean'] / 1e6:.0f}",
        "base_best_alone": million(lost["mean"]),
        "base_best": f"{million(lost['mean'])} ±{lost['error'] / 1e6:.0f}",
        "base_open": f"{million(as_it_is['defender_lost_usd'])}"
        f" ±{as_it_is['defender_lost_usd ±'] / 1e6:.0f}",
    }


@cache
def facts() -> dict[str, str]:
    """Numbers of the shipped results as pages write them, by a name."""
    return {**of_the_record(), **of_theories(), **of_choices()}


@pytest.mark.parametrize("name", STATED)
def test_a_page_says_what_the_shipped_results_say(name: str) -> None:
    text = page(name)
    said = [template.format(**facts()) for template in STATED[name]]
    assert [one for one in said if one not in text] == []


def test_no_mechanism_has_its_odds_changed_threefold() -> None:
    factors = table("mechanisms", "mechanism")["bayes_factor"]
    assert factors.between(1 / 3, 3).all()
    assert factors.idxmax() == "cost"
    assert factors.idxmin() == "sunk"


def test_what_the_paper_calls_one_family_is_one() -> None:
    (family,) = answer("weighing")["families"]
    assert set(family) == {*answer("weighing")["mechanisms"], "none"}


@pytest.mark.parametrize("name", PASSED_ON)
def test_a_page_says_what_is_said_in_full_elsewhere(name: str) -> None:
    for said, elsewhere, there in PASSED_ON[name]:
        assert said in page(name)
        assert there in page(elsewhere)


# --- the paper ---------------------------------------------------------------------------------


def parts_of_the_paper() -> tuple[str, str]:
    """What the paper says, and its list of references."""
    text, _, references = page("docs/paper.md").partition("## References")
    return text, references


def test_the_paper_has_no_other_number() -> None:
    text, _ = parts_of_the_paper()
    said = [template.format(**facts()) for template in STATED["docs/paper.md"]]
    said += [one for one, _, _ in PASSED_ON["docs/paper.md"]]
    for one in sorted((*said, *PLAIN), key=len, reverse=True):
        text = text.replace(one, "")
    text = re.sub(r"`[^`]*`|\b(?:19|20)\d\d\b", "", text)
    assert re.findall(r".{0,30}\d.{0,30}", text) == []


def test_the_paper_counts_what_comes_along() -> None:
    counted = {"Fifteen scenarios": "scenarios", "ten experiments": "experiments"}
    there = {
        name: [file for file in (ROOT / name).glob("*.yaml") if file.name != "sources.yaml"]
        for name in counted.values()
    }
    assert (len(there["scenarios"]), len(there["experiments"])) == (15, 10)
    assert all(said in parts_of_the_paper()[0] for said in counted)


def test_each_reference_is_cited_and_each_citation_has_its_reference() -> None:
    text, references = parts_of_the_paper()
    listed = set(re.findall(r"- ((?:ter )?[A-Z]\w+),.*?\((\d{4})\)\.", references))
    cited = re.findall(
        r"((?:ter )?[A-Z]\w+)(?: et al\.| and [A-Z]\w+|, [A-Z]\w+,? and [A-Z]\w+)? (\d{4})\b", text
    )
    assert len(listed) == references.count("- ") > 15
    assert set(cited) - {("June", "2025")} == listed


def test_a_key_beside_a_reference_is_that_of_its_source() -> None:
    _, references = parts_of_the_paper()
    register = read_sources(ROOT / "scenarios" / "sources.yaml")
    for entry in references.split(" - ")[1:]:
        for key in re.findall(r"`(\w+)`", entry):
            year = re.search(r"\((\d{4})\)", entry)
            assert year
            assert key.endswith(year[1])
            first_author = re.split(r"\W", entry)[0].lower()
            assert first_author in register[key]["title"].lower()


# --- what takes minutes: 10,000 wars, and all that was reported ---------------------------------


def of_the_raid(run: Any) -> list[str]:
    """What README and findings say of losses and money, from `sim run --json`."""
    raid, claim = run["raids"]["spiders-web"], run["reported"]["sbu_hit"]
    hit, destroyed = (raid["losses"]["aircraft"][of] for of in ("hit", "destroyed"))

    def span(of: Any) -> str:
        return f"({of['low']:.0f} to {of['high']:.0f})"

    def sums(of: Any, scale: float, unit: str, digits: int) -> str:
        low, high = of["low"] / scale, of["high"] / scale
        told = f"${of['median'] / scale:.1f} {unit}"
        return f"{told} (${low:.{digits}f} {unit} to ${high:.{digits}f} {unit})"

    return [
        f"destroys {destroyed['median']:.0f} aircraft {span(destroyed)}",
        f"hits {hit['median']:.0f} {span(hit)}",
        f"{per_cent(claim['reached'], digits=1)} ±",
        f"Ukraine {sums(raid['spent_usd'], 1e6, 'M', 2)}",
        f"Russia {sums(raid['lost_usd'], 1e9, 'bn', 1)} in aircraft",
    ]


def of_the_positions(pairs: Any) -> list[str]:
    """What findings say of positions and of a ceasefire, from `sim compare --json`."""
    day, last = (pairs["days"][date]["effects"] for date in ("2025-06-01", "2025-07-23"))
    stopped = pairs["settlement"]["ceasefire_share"]

    def mean(of: Any) -> str:
        return f"{bare(abs(of['mean']), 3)} ±{bare(max(of['mean_error'], 0.001), 3)}"

    return [
        f"rises by {mean(day['r_u'])} in the mean (median {bare(day['r_u']['median'], 3)}); it"
        f" rises in {per_cent(day['r_u']['above_zero'])} % of the wars",
        f"Russia's rises by {mean(day['r_d'])} in the mean, but its median effect is"
        f" {bare(day['r_d']['median'], 3)}",
        f"falls in {per_cent(day['r_d']['below_zero'])} % of the wars and rises in"
        f" {per_cent(day['r_d']['above_zero'])} %",
        f"move apart by {mean(day['z'])} in the mean (median {bare(-day['z']['median'], 3)})",
        f"In public Russia demands {mean(day['demand_d'])} more that day",
        f"than without the raid by {mean(last['r_d'])}, in {per_cent(last['r_d']['below_zero'])} %",
        f"the two sides are {mean(last['z'])} nearer",
        f"public demand still stands {mean(last['demand_d'])} higher",
        f"in {per_cent(stopped['changed']['mean'])} % of the wars with the raid and in"
        f" {per_cent(stopped['base']['mean'])} % of those without",
    ]


@pytest.mark.thorough
def test_findings_say_what_10_000_wars_say(tmp_path: Path) -> None:
    asked = ("scenarios/spiderweb.yaml", "--runs", "10000", "--json")
    run = called(["run", *asked, "--out", str(tmp_path)], ROOT).json
    pairs = called(["compare", *asked, "--without", "raids.spiders-web"], ROOT).json
    readme, findings = page("README.md"), page("docs/findings.md")
    raid = of_the_raid(run)
    assert [said for said in raid if said not in readme or said not in findings] == []
    assert [said for said in of_the_positions(pairs) if said not in findings] == []


@pytest.mark.thorough
def test_as_many_reported_figures_lie_inside_as_pages_say() -> None:
    held = called(["validate", "reported", "--json"], ROOT).json.values()

    def inside(of: str) -> str:
        tallies = [one for each in held for use, one in each["tally"].items() if of in use]
        return f"{sum(t['inside'] for t in tallies)} of {sum(t['of'] for t in tallies)}"

    counted = [inside(of) for of in ("tuning", "validation", "validation, independent")]
    assert f"| all | {' | '.join(counted)} | {inside('context')} |" in page("docs/validation.md")
