"""A weighing for the screen: what the record says about each mechanism, and what it cannot say."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from sim.evidence.weighing.names import CARRIED, EVERYTHING, LINE, NONE
from sim.render.document import Figures, Section
from sim.report.answers.kind import Kind, Pictures
from sim.report.numbers import number, percent
from sim.report.words import listed, within

_FRAMES = ("mechanisms", "scores", "headline", "studies", "foretold", "matrix", "news", "next")
_UNEVEN = 0.01
_MOST_NEXT = 15


class Weighing(Kind):
    """What the record says about each mechanism."""

    kind = "weighing"
    called = "{war}: theories weighed"
    heading = "Mechanism by mechanism"
    files_of: ClassVar = {
        "mechanisms": "mechanisms.csv",
        "scores": "scores.csv",
        "waves": "waves.csv",
        "headline": "headline.csv",
        "studies": "studies.csv",
        "foretold": "foretold.csv",
        "matrix": "matrix.csv",
        "ranks": "ranks.csv",
        "news": "news.csv",
        "next": "next.csv",
    }
    made_by = ("experiment", "scenario", "runs", "runs_alone", "seed", "effective", "tail")
    shown = _FRAMES
    words_in = ("verdict", "asks", "item", "of", "month", "step", "most")
    elsewhere = (
        "What each mechanism does to one raid: sim experiment theories. What each predicts under "
        "one stimulus: sim experiment impulse.",
    )

    def sections(self) -> list[Section]:
        """The answer first, then the mechanisms, the forecasts, recovery, and how certain it is."""
        figures, frames = self.figures, self.frames
        tables = [
            ("mechanisms", _mechanisms),
            ("scores", _scores),
            ("headline", _headline),
            ("studies", _studies),
            ("foretold", _foretold),
            ("matrix", _recovery),
            ("matrix", _pairs),
            ("news", _news),
            ("next", _next),
        ]
        sections = [
            section(figures, frames[name])
            for name, section in tables
            if name in frames and not frames[name].empty
        ]
        return [
            Section("Answer", [figures["question"], "", *answer_lines(figures, frames)]),
            *(section for section in sections if section.rows),
            Section("How sure", _how(figures, frames)),
        ]

    def pictures(self) -> Pictures:
        from sim.report.plots.analysis import weighing as plots

        figures, frames = self.figures, self.frames
        pictures = {
            "strengths": plots.draw_strengths(figures, frames["mechanisms"]),
            "forecasts": plots.draw_scores(figures, frames["waves"], self.scenario),
        }
        if "studies" in frames and not frames["studies"].empty:
            pictures["events"] = plots.draw_events(figures, frames["studies"])
        if "matrix" in frames:
            pictures["matrix"] = plots.draw_matrix(figures, frames["matrix"])
            pictures["ranks"] = plots.draw_ranks(figures, frames["ranks"])
        return pictures


# --- the answer ----------------------------------------------------------------------------------


def answer_lines(figures: Figures, frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """What was learned, what was not, and whether mechanisms forecast better than none."""
    lines = [] if figures["is_converged"] else [_not_converged(figures), ""]
    mechanisms, scores = frames["mechanisms"], frames["scores"]
    told = [_raid(figures, frames["headline"]), ""] if "headline" in frames else []
    settle = ["", _settles(figures, frames["next"])] if "next" in frames else []
    return [
        *lines, *told, _learned(mechanisms), "", _forecasts(scores), "", _apart(figures),
        *_power(figures, frames), *settle,
    ]  # fmt: skip


def _raid(figures: Figures, table: pd.DataFrame) -> str:
    """The chances that the raid hardened each side, with the record and without it."""
    day = table[table["moment"] == table["moment"].iloc[0]].set_index(["law", "of"])
    head = figures["headline"]

    def words(of: str) -> str:
        after, before = day.loc[("after", of)], day.loc[("before", of)]
        chance = percent(after["harder"], after["harder ±"])
        return f"{chance} ({percent(before['harder'])} before)"

    both, before = (percent(head[law]["both"]["value"]) for law in ("after", "before"))
    return (
        f"Given the record, the chance that the raid of {head['scenario']} hardened the underdog "
        f"by more than {head['region']:g} of the stakes is {words('r_u')}, the favourite "
        f"{words('r_d')}, both {both} ({before}), and that it narrowed the zone "
        f"{words('z')}. The difference is what the record adds; the rest was assumed."
    )


def _not_converged(figures: Figures) -> str:
    return (
        f"NOT CONVERGED: the effective number of wars is {figures['effective']:.0f}, and the tail "
        f"of their weights has shape {figures['tail']:.2f}. Nothing below can be relied on. Use "
        "more runs (runs: in the file) or narrower ranges."
    )


def _learned(table: pd.DataFrame) -> str:
    """The mechanisms that the record speaks for and against, and how many it is silent on."""
    parts = []
    for verdict, words in (("for", "speaks for"), ("against", "speaks against")):
        names = table[table["verdict"] == verdict]["mechanism"].tolist()
        if names:
            parts.append(f"It {words} {listed(names)} by a factor of three or more.")
    silent = int((table["verdict"] == "silent").sum())
    ordered = table.sort_values("bayes_factor")
    least, most = ordered.iloc[0], ordered.iloc[-1]
    whole = (
        f"For none of the {len(table)} mechanisms does the record change the odds that it acts by "
        "a factor of three"
        if silent == len(table)
        else f"The record says next to nothing about {silent} of the {len(table)} mechanisms: the "
        "odds that they act change by less than a factor of three"
    )
    ends = (
        f"the odds rise most for {most['mechanism']} (times {most['bayes_factor']:.2g}) and fall "
        f"most for {least['mechanism']} (times {least['bayes_factor']:.2g})"
    )
    return " ".join([*parts, f"{whole}; {ends}."])


def _forecasts(scores: pd.DataFrame) -> str:
    by = scores.set_index("model")
    every, none, carried = (by.loc[name] for name in (EVERYTHING, NONE, CARRIED))
    better = "better" if every["crps"] < none["crps"] else "no better"
    return (
        f"Each of {none['waves']:.0f} waves was forecast from all before it. Everything together "
        f"forecasts {better} than a random walk in which no mechanism acts: CRPS "
        f"{every['crps']:.2f} against {none['crps']:.2f} points ({carried['crps']:.2f} for the "
        f"last wave carried forward, {by.loc[LINE]['crps']:.2f} for a straight line)."
    )


def _apart(figures: Figures) -> str:
    if "families" not in figures:
        return (
            "This run did not ask which theories these polls could tell apart at all: sim weigh "
            "--recover."
        )
    with_none = next(members for members in figures["families"] if NONE in members)
    others = [members for members in figures["families"] if NONE not in members]
    alike = [name for name in with_none if name != NONE]
    told = "; ".join(listed(members) for members in others)
    sentence = (
        f"Even if one of them held, polls at these dates could not tell {listed(alike)} from no "
        "mechanism at all"
        if alike
        else "Polls at these dates could tell each mechanism from none, if it held"
    )
    return f"{sentence}. What they could tell: {told}." if told else f"{sentence}."


def _power(figures: Figures, frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """How often at most the record would speak for a theory that is true by itself."""
    if "news" not in frames:
        return []
    news = frames["news"].dropna(subset="found")
    alone = news[~news["true"].isin(list(figures["pairs"]))]
    if alone.empty:  # no synthetic record could be weighed
        return []
    best = alone.sort_values("found", kind="stable").iloc[-1]
    return [
        "",
        "Silence is not a verdict: if one theory held by itself, the record would raise its odds "
        f"threefold in at most {percent(best['found'])} of made-up records ({best['true']}).",
    ]


def _settles(figures: Figures, table: pd.DataFrame) -> str:
    """The most informative next observation, and how much it would tell."""
    best = table.iloc[0].to_dict()
    polls = table[table["kind"] == "poll"].iloc[0].to_dict()
    words = (
        f"Of {len(table)} observations that may come, the one that would tell most of which theory "
        f"holds is {_observation(figures, best)}: {best['bits']:.3f} ±{best['bits ±']:.3f} of the "
        f"{figures['unknown_bits']:.2f} bits that are unknown"
    )
    if best["kind"] == "poll":
        return f"{words}."
    return f"{words}. Of polls it is {_observation(figures, polls)}: {polls['bits']:.4f} bits."


def _observation(figures: Figures, row: Mapping[Any, Any]) -> str:
    """An observation as text."""
    if row["kind"] == "round":
        return f"a round in {row['month']} with {row['of']} of the stakes for the underdog"
    done = figures["steps"].get(row["step"])
    after = f", after {within(done)}" if done else ""
    return f"\u201c{figures['items'][row['of']]}\u201d in {row['month']}{after}"


# --- tables --------------------------------------------------------------------------------------


def _mechanisms(figures: Figures, table: pd.DataFrame) -> Section:
    scales = [f"at_scale_{scale:g}" for scale in figures["scales"]]
    columns = (
        "", "acts, of one half before", "odds times", "by polls alone",
        *(f"if scale {scale:g}" for scale in figures["scales"]),
        "strength if it acts", "90 % from", "to", "before", "from", "to", "bits", "alone, times",
        "the record is", *(("family",) if "family" in table else ()),
    )  # fmt: skip
    rows = [
        (
            row["mechanism"],
            f"{row['acts']:.2f} ±{row['acts ±']:.2f}",
            *(f"{row[word]:.2g}" for word in ("bayes_factor", "by_polls", *scales)),
            *(
                f"{row[f'{when}_{end}']:.2f}"
                for when in ("strength", "before")
                for end in ("median", "low", "high")
            ),
            f"{row['bits']:.2f}",
            f"{row['alone']:.2g}",
            row["verdict"],
            *((row["family"],) if "family" in table else ()),
        )
        for row in table.sort_values("bayes_factor", ascending=False).to_dict("records")
    ]
    lines = [
        "A strength of 1 is what the scenario's figures say. Odds times: the Bayes factor of "
        "acting against not acting, with all other mechanisms uncertain. Alone: the Bayes factor "
        "of this mechanism alone against none. Bits: what was learned about the strength, 0 if "
        "the record leaves it as it was. The record is silent if the odds change by less than a "
        "factor of 3."
    ]
    return Section("Mechanisms before and after the record", lines, columns, rows)


def _scores(figures: Figures, table: pd.DataFrame) -> Section:
    columns = ("", "log score", "CRPS, points", "in the 90 %", "all waves, log odds to none",
               "averaged", "stacked")  # fmt: skip
    rows = [
        (
            row["model"],
            f"{row['log_score']:+.3f}",
            f"{row['crps']:.2f}",
            percent(row["inside"]),
            *(
                "-" if pd.isna(row[word]) else form.format(row[word])
                for word, form in (
                    ("evidence", "{:+.2f}"), ("averaged", "{:.2f}"), ("stacked", "{:.2f}"),
                )
            ),
        )
        for row in table.to_dict("records")
    ]  # fmt: skip
    lines = [
        f"Forecasts of each wave from {figures['scored_from']} on, from all waves before it; for "
        "items with three waves before. Averaged: the probability of each model given all waves, "
        "all being equally likely beforehand. Stacked: the mixture of models that would have "
        "forecast best."
    ]
    return Section("Forecasts", lines, columns, rows)


def _headline(figures: Figures, table: pd.DataFrame) -> Section:
    names = {"r_u": "underdog's reservation", "r_d": "favourite's reservation", "z": "zone narrows"}
    columns = ("", "record", "harder", "softer", "mean effect", "median", "90 % from", "to")
    order = table.groupby(["moment", "of"], sort=False).ngroup()
    rows = [
        (
            f"{names[row['of']]}, {row['moment']}",
            row["law"],
            *(percent(row[way], row[f"{way} ±"]) for way in ("harder", "softer")),
            *(f"{row[word]:+.4f}" for word in ("mean", "median", "low", "high")),
        )
        for row in table.iloc[order.argsort(kind="stable")].to_dict("records")
    ]
    lines = [
        f"Wars of {figures['headline']['scenario']} with its raid and without it on shared luck, "
        "with the strengths and mechanism figures of the prior and those that the record leaves.",
        _how_long(figures["headline"], names),
    ]
    return Section("The raid, weighed", lines, columns, rows)


def _how_long(headline: Figures, names: Mapping[str, str]) -> str:
    """How long the mean effect stays above half of its value on the day of the raid."""
    parts = []
    for law in ("before", "after"):
        days = headline[law]["half_life_days"]
        told = (
            f"{name} {'not by the end' if days[word] is None else f'after {days[word]:.0f} days'}"
            for word, name in names.items()
        )
        parts.append(f"{law} the record: {', '.join(told)}")
    return f"The mean effect is half of that of the day, {'; '.join(parts)}."


def _studies(figures: Figures, table: pd.DataFrame) -> Section:
    columns = ("", "item", "before, %", "effect, points", "95 % from", "to", "waves",
               "placebos", "as large")  # fmt: skip
    rows = [
        (
            figures["studies"][row["event"]],
            f"{row['side']}: {figures['items'][row['item']]}",
            f"{row['before']:.0f}",
            *(f"{row[word]:+.1f}" for word in ("effect", "low", "high")),
            f"{row['waves']:.0f}",
            f"{row['placebos']:.0f}",
            "-" if pd.isna(row["as_large"]) else percent(row["as_large"]),
        )
        for row in table.to_dict("records")
    ]
    lines = [
        "The step of each item's waves after an event, beyond a random walk; in points from the "
        "last wave before. The interval is a bound: such an event moves the item by no more (95 "
        "%). As large: the share of placebo dates with a step of as many standard deviations."
    ]
    return Section("Events", lines, columns, rows)


def _foretold(figures: Figures, table: pd.DataFrame) -> Section:
    """What each mechanism alone predicted for an event: the range, and the best prediction."""
    table = table[table["mechanism"] != NONE]
    rows = []
    for (event, item), part in table.groupby(["event", "item"], sort=False):
        up, down = (part.loc[part["effect"].agg(word)] for word in ("idxmax", "idxmin"))
        best, worst = (part.loc[part["log_odds"].agg(word)] for word in ("idxmax", "idxmin"))
        rows.append(
            (
                figures["studies"][event],
                figures["items"][item],
                *(
                    f"{one['mechanism']} {one['effect']:+.1f} "
                    f"({one['low']:+.1f} to {one['high']:+.1f})"
                    for one in (up, down)
                ),
                *(f"{one['mechanism']} {np.exp(one['log_odds']):.2g}" for one in (best, worst)),
            )
        )
    lines = [
        "What each mechanism alone predicted from all waves before the event: the change by its "
        "rule, in points, median and 90 %. Odds: the odds of the observed step as predicted, "
        "against no step at all."
    ]
    columns = ("", "item", "most upwards", "most downwards", "best, odds", "worst, odds")
    return Section("What each theory predicted about the events", lines, columns, rows)


def _recovery(figures: Figures, table: pd.DataFrame) -> Section:
    chances = table.pivot(index="true", columns="held", values="chance")
    names = list(dict.fromkeys(table["true"]))
    rows = [
        (f"{place} {true}", *(f"{chances.loc[true, held]:.2f}" for held in names))
        for place, true in enumerate(names, start=1)
    ]
    lines = [
        f"The mean probability of each model (columns, by number) in {figures['recovered']} "
        "made-up records of each (rows), with the dates, items and errors of the real polls; "
        "models equal before.",
        "Families of theories that are not told apart (the truth is the likelier of two in fewer "
        "than four of five records on average; a family that includes none cannot be told from "
        "no mechanism at all): "
        + "; ".join(listed(members) for members in figures["families"])
        + ".",
    ]
    columns = ("true", *map(str, range(1, len(names) + 1)))
    return Section("Which theories the polls could tell apart", lines, columns, rows)


def _pairs(figures: Figures, table: pd.DataFrame) -> Section:
    """The results for records in which two theories act, and what each pair is told apart from."""
    table = table.set_index(["true", "held"])
    rows = []
    for pair, members in figures["pairs"].items():
        rivals = (pair, *members, NONE)
        rows.append(
            (
                pair,
                *(f"{table.loc[(pair, held), 'chance']:.2f}" for held in rivals),
                *(percent(table.loc[(pair, held), "told apart"]) for held in rivals[1:]),
            )
        )
    lines = [
        "For records in which both act: the mean probability of the pair, of either alone and of "
        "none, all models being equally likely beforehand; and how often the pair is likelier "
        "than one of these, where half of the time would be luck."
    ]
    columns = ("", "the pair", "the first", "the second", "none", "told from the first",
               "from the second", "from none")  # fmt: skip
    return Section("Two theories at once", lines, columns, rows)


def _news(figures: Figures, table: pd.DataFrame) -> Section:
    """How often the record would speak for a mechanism that acts, and for one that does not."""
    rows = [
        (
            row["true"],
            str(row["records"]),
            *(
                "-" if pd.isna(row[word]) else percent(row[word])
                for word in ("found", "all_found", "false")
            ),
        )
        for row in table.to_dict("records")
    ]
    lines = [
        "Made-up records are weighed with all mechanisms uncertain. The table gives the share of "
        "them in which the odds rise threefold for a mechanism that acts, for every one that "
        "acts, and for one that does not."
    ]
    columns = ("true", "records", "found", "all found", "another is")
    return Section("Would a true theory be found?", lines, columns, rows)


def _next(figures: Figures, table: pd.DataFrame) -> Section:
    best = table.drop_duplicates(["kind", "of", "step"])
    rows = [
        (
            str(place + 1),
            _observation(figures, row),
            f"{row['bits']:.4f} ±{row['bits ±']:.4f}",
            f"{row['most']} {row['most_bits']:.4f} ±{row['most_bits ±']:.4f}"
            if isinstance(row["most"], str)
            else "-",
        )
        for place, row in enumerate(best.head(_MOST_NEXT).to_dict("records"))
    ]
    lines = [
        f"The {len(rows)} most telling of {len(best)}, each in its most telling month. Bits: the "
        "expected information about which one mechanism, or none, holds, each as likely as the "
        f"record leaves it ({figures['unknown_bits']:.2f} bits are unknown). Last column: the "
        "mechanism about which it tells most whether it acts, with all mechanisms uncertain. ± is "
        "the Monte Carlo error (95 %)."
    ]
    columns = ("", "observation", "bits", "about which mechanism most, bits")
    return Section("What would settle it", lines, columns, rows)


def _how(figures: Figures, frames: Mapping[str, pd.DataFrame]) -> list[str]:
    waves = ", ".join(f"{count} of {name}" for name, count in figures["waves"].items())
    lines = [
        f"{figures['runs']:,} wars with several mechanisms, in ten rounds of which the last five "
        f"are aimed at wars with large weights, and {figures['runs_alone']:,} of each alone and "
        f"of none; seed {figures['seed']}. The effective number of wars is "
        f"{figures['effective']:,.0f}; the tail of the weights has shape {figures['tail']:.2f} "
        "(0.7 is too heavy).",
        f"Observed: {waves}; {figures['meetings']} meetings. ± is the Monte Carlo error (95 %). "
        "The prior has each mechanism act in half of the wars; the ranges of all figures, the "
        "spread of a public's reservations and how far attitudes wander by themselves are "
        "assumed.",
    ]
    if "ranks_p" in figures:
        uneven = [name for name, p in figures["ranks_p"].items() if p < _UNEVEN]
        none = frames["news"].set_index("true").loc[NONE].to_dict()
        most = max(none[name] for name in figures["ranks_p"])
        lines += [
            f"Simulation-based calibration, {10 * figures['recovered']:,} made-up records, of "
            f"which {figures['ranks_left_out']} could not be weighed: the ranks of the true "
            f"strengths are {'uneven for ' + listed(uneven) if uneven else 'even'} "
            f"(least p {number(min(figures['ranks_p'].values()))}).",
            f"Of {none['records']:.0f} made-up records of no mechanism "
            f"({none['left_out']:.0f} more could not be weighed) "
            f"{percent(none['false'], places=1)} speak for some mechanism by a factor of three, "
            f"at most {percent(most, places=1)} for one.",
        ]
    return lines
