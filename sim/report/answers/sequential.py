"""The verdict on nights forecast one by one, each then learned from: first if the goal is met."""

from sim.evidence.nights.oddities import MARKS
from sim.evidence.nights.titles import CLASSES, SEQUENTIAL
from sim.render.document import Figures, Section
from sim.report.answers.kind import Kind, Pictures
from sim.report.answers.nights import of_the_file, percent_of, score_rows, size_words, worst_nights
from sim.report.numbers import number


class Sequential(Kind):
    """The quality of a filter's forecasts of nights, compared with simple ones that learn alike."""

    kind = "nights-sequential"
    is_of_scenario = False
    asks = "Does the filter foretell each night better than a regression that forgets?"
    called = "Nights forecast one by one"
    made_by = ("file", "after", "first", "last", "rows")

    def sections(self) -> list[Section]:
        """The verdict, the table of the goal, all forecasters, parts of the nights, the method."""
        classes = self.figures["classes"]
        return [
            Section("Answer", _answer(self.figures)),
            _goal(classes),
            _scores(classes),
            *(_parts(name, entry, "by_half", "half-year") for name, entry in classes.items()),
            *(_parts(name, entry, "by_month", "month") for name, entry in classes.items()),
            *(_parts(name, entry, "by_size", "launched") for name, entry in classes.items()),
            *(worst_nights(name, entry) for name, entry in classes.items()),
            *(_odd(name, entry) for name, entry in classes.items()),
            Section("How", _how(self.figures)),
        ]

    def headline(self) -> list[str]:
        return _answer(self.figures)[1:]

    def pictures(self) -> Pictures:
        from sim.report.plots.analysis.sequential import (
            draw_defence,
            draw_nights_and_forecasts,
            draw_skill,
        )

        return {
            "skill": draw_skill(self.figures),
            "fan": draw_nights_and_forecasts(self.figures),
            "defence": draw_defence(self.figures),
        }


def _answer(figures: Figures) -> list[str]:
    low, high = figures["goal"]["coverage_90"]
    asked = 100 * (1 - figures["goal"]["crps_of_forgetting"])
    since = f"after {figures['after']}" if figures["after"] else "but the first 20 of a class"
    lines = [
        f"Every night {since}, to {figures['last']}, forecast from what was launched and from all "
        "nights before it. The goal, one night ahead: a CRPS at least "
        f"{asked:.0f} % below that of the best regression that forgets, and 90 % intervals that "
        f"cover {100 * low:.0f} to {100 * high:.0f} %; 7 and 30 days ahead: no worse than it."
    ]
    for name, entry in figures["classes"].items():
        met = "met" if entry["goal_met"] else "NOT met"
        further = "; ".join(
            f"{days} days ahead {gain_words(entry['horizons'][days]['gain'])}"
            for days in ("7", "30")
        )
        lines.append(
            f"{CLASSES[name]}: the goal is {met}. On {entry['nights']:,} nights the CRPS is "
            f"{entry['crps']:.3g} against {entry['crps_forgetting']:.3g} "
            f"({gain_words(entry['gain'])}), and the 90 % intervals cover "
            f"{percent_of(entry['coverage_90'])}; {further}. {_of_mechanism(entry)}"
        )
    lines += [f"{CLASSES[name]}: not judged, {why}." for name, why in figures["not_judged"].items()]
    return lines


def gain_words(gain: float) -> str:
    """By how much one CRPS is better or worse than another."""
    return f"{100 * abs(gain):.1f} % {'better' if gain >= 0 else 'worse'}"


def _of_mechanism(entry: Figures) -> str:
    alone = entry["crps_filter_alone"]
    words = gain_words(1 - entry["crps"] / alone) if alone else "0.0 % better"
    return f"Beside the same filter with no mechanism it is {words}."


def _goal(classes: Figures) -> Section:
    rows = [
        {
            "": CLASSES[name] if days == "1" else "",
            "days ahead": days,
            "CRPS": f"{one['crps']:.3f}",
            "best that forgets": f"{one['crps_forgetting']:.3f}",
            "its half-life": f"{one['best_half_life_days']}",
            "gain": f"{100 * one['gain']:+.1f} %",
            "90 %": percent_of(one["coverage_90"]),
        }
        for name, entry in classes.items()
        for days, one in entry["horizons"].items()
    ]
    lines = ["The best of three half-lives is chosen in hindsight, which favours the regression."]
    return Section.of("The goal", lines, rows)


def _scores(classes: Figures) -> Section:
    rows = score_rows(classes, SEQUENTIAL, ("coverage_50", "coverage_90"))
    lines = [
        "One night ahead. Coverage of the 50 % and 90 % intervals; CRPS in drones or missiles, "
        "and minus the log probability of the outcome; smaller is better. The last rows take a "
        "part out."
    ]
    return Section("Scores", lines, ("", "50 %", "90 %", "CRPS", "log score"), rows)


def _parts(name: str, entry: Figures, key: str, what: str) -> Section:
    rows = [
        (
            row["part"] if "part" in row else size_words(row["from"], row["to"]),
            number(row["nights"]),
            number(row["launched"]),
            number(row["leaked"]),
            f"{row['crps']:.3f}",
            f"{row['crps_forgetting']:.3f}",
            f"{100 * row['gain']:+.1f} %",
            percent_of(row["coverage_90"]),
        )
        for row in entry[key]
    ]
    columns = (what, "nights", "launched", "leaked", "CRPS", "best that forgets", "gain", "90 %")
    return Section(f"{CLASSES[name]}: by {what}", [], columns, rows)


def _odd(name: str, entry: Figures) -> Section:
    """What was unusual about the worst nights, and how often such nights lie outside."""
    rows = [
        (
            MARKS[row["mark"]],
            number(row["nights"]),
            percent_of(row["outside_share"]),
            "" if row["others_outside_share"] is None else percent_of(row["others_outside_share"]),
            f"{row['p']:.2g}",
        )
        for row in entry["oddities"]
    ]
    lines = [
        f"{row['night']}: " + ("; ".join(f"{mark} ({text})" for mark, text in row["odd"].items())
                               or "nothing that the columns tell")
        for row in entry["worst"]
    ]  # fmt: skip
    columns = ("a night that is ...", "nights", "outside 90 %", "others", "p")
    return Section(f"{CLASSES[name]}: unusual features", lines, columns, rows)


def _how(figures: Figures) -> list[str]:
    return [
        "For the night that is forecast the numbers launched are known, with their kinds and, "
        "where it is reported, how many are armed; outcomes only of nights before. Leaked = "
        "launched - destroyed - not_reach_goal. Drones still in the air when the report was made "
        "count as leaked, as they do in the file.",
        "The filter mixes members that see a raid by the law of a night and members that see "
        "only its size; the weight of each is how likely it made the nights before (forgetting 2 "
        "% a day). No random numbers are drawn, so there is no seed.",
        *of_the_file(figures),
    ]
