"""The answer of a run: in plain words first, then the tables that it is based on."""

import shlex
from collections.abc import Sequence

from sim.experiment.record import Record
from sim.render.document import Figures, Part, Section
from sim.report.answers.cards import (
    at_the_table,
    by_side,
    cards_in_words,
    cards_section,
    what_patrons_did,
)
from sim.report.answers.comparison import OF_A_RAID, OF_ITS_DAY
from sim.report.answers.history import history_sections
from sim.report.answers.kind import Kind, Place
from sim.report.answers.summary import summarise
from sim.report.numbers import (
    ESTIMATE,
    chance,
    estimate_cells,
    number,
    percent,
    reported_value,
    spread,
    unit_of,
    verdict,
    with_error,
)
from sim.scenario.columns import POSITIONS, held_back_of, raids_by_column
from sim.scenario.schema import Scenario, Screening, snake

TABLES = (
    *("history", "reported", "drones", "money", "positions", "mechanisms", "cards", "talks"),
    "campaign",
)
"""The names of the parts of a run's summary, in the order in which they are printed."""

_MOST_REPORTED = 4  # so that the short answer fits on a screen of 40 lines
_OF_COSTS = ("map", "losses_against_reports", "flow", "fates", "cost_exchange")
_OF_TALKS = ("positions",)
_ROLES = ("underdog", "favourite")


class Run(Kind):
    """The costs and effects of raids; `figures` are the summary of the record."""

    kind = "run"
    lives_without_scenario = False

    @classmethod
    def of(cls, record: Record) -> "Run":
        """The answer from a record."""
        return cls(record.scenario.title, (record.scenario,), summarise(record))

    def sections(self) -> list[Section]:
        """The answer first, then the tables; every number with its interval and its error."""
        scenario, summary = self.scenario, self.figures
        raids = flown_raids(scenario, summary)
        of_raids: list[Section] = []
        for raid in raids.items():
            of_raids += costs_sections(scenario, *raid) + minds_sections(scenario, *raid)
        return [
            answer_sections(scenario, summary),
            *history_sections(scenario),
            *reports_sections(scenario, summary["reported"], tuple(raids)),
            *of_raids,
            talks_sections(scenario, summary),
            certainty_sections(summary),
        ]

    def brief(self) -> list[Section]:
        """The answer about the first raid, compared with reports, for one screen."""
        scenario, summary = self.scenario, self.figures
        raids = flown_raids(scenario, summary)
        first = dict(list(raids.items())[:1])
        answer = answer_sections(scenario, summary, first)
        others = [scenario.raids[name].title for name in raids if name not in first]
        if others:
            answer.lines.append(f"Other raids that flew: {'; '.join(others)}.")
        return [answer, _reports_counted(scenario, summary["reported"])]

    def headline(self) -> list[str]:
        """What the first of the flown raids cost, and its effect on the talks, a sentence each."""
        scenario, summary = self.scenario, self.figures
        settled = f"a settlement comes about in {chance(summary['settlement']['deal'])} of the wars"
        raids = flown_raids(scenario, summary)
        if not raids:
            read = "The record of the war is read, and no raid is simulated"
            return [f"{'No raid was flown' if scenario.history is None else read}; {settled}."]
        name, raid = next(iter(raids.items()))
        costs = _costs_in_short(scenario, summary, name, raid)
        if not raid["terms"]:
            return [costs, f"No mechanism is switched on, so it moves no position; {settled}."]
        sides = "; it ".join(
            f"hardens {title} in {_ways(raid, role, 'leaves it unmoved', 'softens it')}"
            for role, title in zip(_ROLES, scenario.titles, strict=True)
        )
        zone = (
            f"narrows the zone of agreement in {chance(raid['zone_narrowed'])} and widens it in "
            f"{chance(raid['zone_widened'])}"
        )
        return [
            costs,
            f"Of the wars in which it flew its day {sides}; it {zone}. In the end {settled}.",
            *cards_in_words(scenario, raid)[:2],
        ]

    def parts(self, place: Place) -> list[Part]:
        """Costs, talks, the raid's own effect, and how certain all that is."""
        scenario, summary = self.scenario, self.figures
        raids = flown_raids(scenario, summary)
        costs = [part for raid in raids.items() for part in costs_sections(scenario, *raid)]
        minds = [part for raid in raids.items() for part in minds_sections(scenario, *raid)]
        reported = reports_sections(scenario, summary["reported"], tuple(raids))
        analyses = place.analyses()
        sure = [certainty_sections(summary)]
        if not analyses:
            sure.append(_no_analyses(scenario, place.manifest))
        talks = [talks_sections(scenario, summary), *minds]
        return [
            Part(
                "What happened",
                place.pictures("plots", _OF_COSTS),
                [*history_sections(scenario), *reported, *costs],
            ),
            Part("What it did to the talks", place.pictures("plots", _OF_TALKS), talks),
            *_paired(scenario, place),
            Part("How sure", [], sure),
            *analyses,
        ]


def _paired(scenario: Scenario, place: Place) -> list[Part]:
    """The raid's effect from a comparison published next to it, or how to get one."""
    raid = scenario.focus or next(iter(scenario.raids), None)
    if raid is None:
        return []
    line = (
        f"{OF_ITS_DAY} The effect of the raid itself is the difference to the same wars without "
        f"it: sim compare {scenario.name} --without raids.{raid} --publish FOLDER, with FOLDER "
        "beside the folder of these results, and it stands here."
    )
    return [place.comparison(raid) or Part(OF_A_RAID, (), [Section("", [line])])]


def _no_analyses(scenario: Scenario, manifest: Figures) -> Section:
    """How to add the outcomes' sensitivity to the page."""
    changes = "".join(f" --set {shlex.quote(override)}" for override in manifest["overrides"])
    line = (
        f"This was not asked about these wars. sim sensitivity {scenario.name} --method pawn "
        f"--runs {manifest['runs']} --seed {manifest['seed']}{changes} asks it, and sim "
        "discover asks in which wars something happens; their answers then appear here."
    )
    return Section("The figures on which it depends", [line])


def _reports_counted(scenario: Scenario, reports: Figures) -> Section:
    """One row per outcome: the model's distribution, and how many reports lie inside it."""
    by_outcome: dict[str, list[Figures]] = {}
    for entry in reports.values():
        if entry["model"] is not None:
            by_outcome.setdefault(entry["outcome"], []).append(entry)
    first = f"{snake(scenario.focus)}_" if scenario.focus else ""
    order = sorted(by_outcome, key=lambda outcome: not outcome.startswith(first))
    rows = [
        (
            outcome.replace("_", " "),
            spread(entries[0]["model"], unit_of(outcome)),
            f"{sum(entry['inside_90'] for entry in entries)} of {len(entries)}",
        )
        for outcome in order[:_MOST_REPORTED]
        for entries in (by_outcome[outcome],)
    ]
    left = f", {len(rows)} of {len(order)} outcomes" if len(order) > len(rows) else ""
    columns = ("", "the model", "inside")
    return Section(f"Reports inside the model's 90 %{left}", [], columns, rows)


def flown_raids(scenario: Scenario, summary: Figures) -> Figures:
    """The figures of the raids that flew in any run, the one in focus first."""
    order = sorted(scenario.raids, key=lambda name: name != scenario.focus)
    raids = summary["raids"]
    return {name: raids[name] for name in order if raids[name]["flown"]["share"]}


def _costs_in_short(scenario: Scenario, summary: Figures, name: str, raid: Figures) -> str:
    attacker = scenario.sides[raid["by"]].title
    defender = scenario.sides[scenario.enemy_of(raid["by"])].title
    losses = " and ".join(
        f"destroys {spread(kind['destroyed'])} {group.replace('_', ' ')}"
        for group, kind in raid["losses"].items()
    )
    return (
        f"{scenario.raids[name].title} {losses or 'hits nothing'}, and costs {attacker} "
        f"{spread(raid['spent_usd'], 'USD')} and {defender} {spread(raid['lost_usd'], 'USD')} "
        f"(median, Monte Carlo error, and where 90 % of the {raid['spent_usd']['runs']:,} wars lie "
        f"in which it flew, of {summary['runs']:,})."
    )


def _ways(raid: Figures, role: str, stays: str, softens: str) -> str:
    """The shares of the wars in which a side hardened, stayed and softened, as text."""
    hardened, unmoved, softened = (
        chance(raid[f"{role}_{way}"]) for way in ("hardened", "unmoved", "softened")
    )
    return f"{hardened}, {stays} in {unmoved} and {softens} in {softened}"


def answer_sections(scenario: Scenario, summary: Figures, raids: Figures | None = None) -> Section:
    """The question, and the costs and effects of the dated raids, or of `raids`, in sentences."""
    lines = [summary["question"], ""]
    for name, raid in (flown_raids(scenario, summary) if raids is None else raids).items():
        if scenario.raids[name].date is not None or name == scenario.focus:
            lines += [*_raid_in_words(scenario, summary, name, raid), ""]
    if scenario.talks is not None:
        settlement = summary["settlement"]
        stopped = ""
        if scenario.talks.ceasefire is not None:
            stopped = f", ceasefire in {chance(settlement['ceasefire'])}, both"
        lines.append(
            f"Settlement in {chance(settlement['deal'])} of the wars{stopped} by {scenario.end}."
        )
        if isinstance(scenario.talks.protocol, Screening):
            lines.append(_ignorance(summary["meetings"]))
    lines += what_patrons_did(scenario, summary)
    on = ", ".join(summary["mechanisms"])
    theories = (
        f"the mechanisms switched on ({on})" if on else "no mechanism, so minds stay as they are,"
    )
    lines.append(f"All this under {theories} and the ranges of the scenario.")
    return Section("Answer", lines)


def _ignorance(meetings: Figures) -> str:
    """How often talks failed although a deal was possible, and for lack of one, by meeting."""
    parts = (
        f"{name} {chance(m['failed_with_room'])} and {chance(m['failed_without_room'])}"
        for name, m in meetings.items()
        if m["held"]
    )
    return (
        "Neither side knows what the other would accept. Talks failed although a deal was "
        f"possible, and because none was, in {'; '.join(parts)} of the meetings held."
    )


def _raid_in_words(scenario: Scenario, summary: Figures, name: str, raid: Figures) -> list[str]:
    title = scenario.raids[name].title
    losses = "; ".join(
        f"destroyed {spread(kind['destroyed'])} {group.replace('_', ' ')} "
        f"and hit {spread(kind['hit'])}"
        for group, kind in raid["losses"].items()
    )
    attacker = scenario.sides[raid["by"]].title
    defender = scenario.sides[scenario.enemy_of(raid["by"])].title
    lines = [
        f"{title} {losses or 'hit nothing'}. Brackets hold 90 % of the wars in which it flew, ± is "
        "the Monte Carlo error.",
        *_claims(summary, name),
        f"It cost {attacker} {spread(raid['spent_usd'], 'USD')} and "
        f"{defender} {spread(raid['lost_usd'], 'USD')} in losses and "
        f"{spread(raid['fired_usd'], 'USD')} in rounds: {spread(raid['loss_exchange'])} USD lost "
        "for a USD spent.",
    ]
    moved = [_hardening(scenario, raid)] if raid["terms"] else []
    return [*lines, *moved, *cards_in_words(scenario, raid)]


def _hardening(scenario: Scenario, raid: Figures) -> str:
    """The effect of the day of a raid on both sides' positions."""
    sides = " of these wars; it ".join(
        f"hardened {title} in {_ways(raid, role, 'left it unmoved', 'softened it')}"
        for role, title in zip(_ROLES, scenario.titles, strict=True)
    )
    narrowed, stayed, widened = (
        chance(raid[f"zone_{way}"]) for way in ("narrowed", "unmoved", "widened")
    )
    zone = f"narrowed in {narrowed}, stayed in {stayed} and widened in {widened}"
    change = raid["positions"]["z"]["change"]
    mean = with_error(change["mean"], change["mean_error"], "share")
    return (
        f"The day {sides}; the zone of agreement Z {zone}, its mean change being {mean}."
        f"{_many_days(raid)}"
    )


def _many_days(raid: Figures) -> str:
    """For a raid on many days: that its day is the first, and the change by the end."""
    days, end = raid["days_flown"], raid["to_the_end"]["z"]
    if not days["runs"] or days["high"] <= 1.0:
        return ""
    return (
        f" That is the first of {spread(days)} days on which it flew; from the eve of it to the "
        "end of the war the mean change of Z, by all that happened, is "
        f"{with_error(end['mean'], end['mean_error'], 'share')}."
    )


def _claims(summary: Figures, raid: str) -> list[str]:
    """The place of the attacker's claims of hits in the model's distribution."""
    claims: dict[tuple[float, str, float], list[str]] = {}
    for entry in summary["reported"].values():
        outcome = entry["outcome"]
        is_hit = outcome.startswith(f"{snake(raid)}_") and outcome.endswith("_hit")
        is_some = is_hit and entry["value"] > 0.0  # every war reaches 0
        if is_some and entry["kind"] == "claim" and entry["model"] is not None:
            what = outcome.removeprefix(f"{snake(raid)}_").replace("_", " ")
            claims.setdefault((entry["value"], what, entry["reached"]), []).append(entry["by"])
    return [
        f"{percent(reached, places=1)} of these wars reach the {number(value)} {what} claimed by "
        f"{'; '.join(who)}."
        for (value, what, reached), who in claims.items()
    ]


def reports_sections(scenario: Scenario, reports: Figures, raids: Sequence[str]) -> list[Section]:
    """Reported figures compared with the model: a table per raid, and one for the campaign."""
    raid_of = raids_by_column(scenario)
    by_raid: dict[str | None, list[Figures]] = {raid: [] for raid in (*raids, None)}
    for entry in reports.values():
        by_raid.setdefault(raid_of.get(entry["outcome"]), []).append(entry)
    return [_reported(scenario, by_raid[raid], raid) for raid in (*raids, None)]


def _reported(scenario: Scenario, reports: Sequence[Figures], raid: str | None) -> Section:
    """Reports about a raid, or, for None, those about the whole campaign."""
    rows: list[tuple[str, ...]] = []
    last = ""
    for entry in reports:
        outcome = entry["outcome"]
        if outcome != last:
            short = outcome.removeprefix("" if raid is None else f"{snake(raid)}_")
            model = "no such outcome"
            if entry["model"] is not None:
                model = spread(entry["model"], unit_of(outcome))
            rows.append((f"{short.replace('_', ' ')}: the model", model, "", "", ""))
        rows.append(_reported_row(entry))
        last = outcome
    columns = ("who says so", "how many", "kind, used for", "90 %", "wars below")
    about = "the whole campaign" if raid is None else scenario.raids[raid].title
    return Section(f"Reported figures and the model: {about}", [], columns, rows, "reported")


def _reported_row(entry: Figures) -> tuple[str, ...]:
    place, below = "", ""
    if entry["model"] is not None:
        place, below = verdict(entry), percent(entry["below"], places=1)
    kind = f"{entry['kind']}, {entry['used_for']}"
    return f"  {entry['by']}", reported_value(entry), kind, place, below


def costs_sections(scenario: Scenario, name: str, raid: Figures) -> list[Section]:
    """The fates of a raid's drones, and the money and claims."""
    title = scenario.raids[name].title
    fates = [
        (f"{wave} {fate.replace('_', ' ')}", *estimate_cells(estimate))
        for wave, by_fate in raid["fates"].items()
        for fate, estimate in by_fate.items()
        if estimate["mean"]
    ]
    names = ("came through", "came through by Hughes' salvo model", "by Armstrong's")
    fates += [
        (label, *estimate_cells(estimate))
        for label, estimate in zip(names, raid["leakers"].values(), strict=True)
    ]
    words = ("spent", "lost", "fired")
    money = [(f"{word}, USD", *estimate_cells(raid[f"{word}_usd"], "USD")) for word in words]
    money += [
        ("lost for a USD spent", *estimate_cells(raid["loss_exchange"])),
        ("lost and fired for a USD spent", *estimate_cells(raid["cost_exchange"])),
        ("hits the attacker claims", *estimate_cells(raid["claimed_hit"])),
        ("hits the defender admits", *estimate_cells(raid["admitted_hit"])),
    ]
    lines = [f"Flown in {chance(raid['flown'])} of the wars; the tables are about these."]
    return [
        Section(f"{title}: drones and missiles", lines, ("", *ESTIMATE), fates, "drones"),
        Section(f"{title}: money and claims", [], ("", *ESTIMATE), money, "money"),
    ]


def minds_sections(scenario: Scenario, name: str, raid: Figures) -> list[Section]:
    """Positions before and after the day of a raid, and each mechanism's contribution to them."""
    title = scenario.raids[name].title
    positions = [
        (f"{position} {when}", *estimate_cells(estimate, "share"))
        for position, moments in raid["positions"].items()
        for when, estimate in moments.items()
    ]
    terms = [
        (f"{mechanism}, r_{letter}", *estimate_cells(estimate, "share"))
        for mechanism, sides in raid["terms"].items()
        for letter, estimate in sides.items()
    ]
    if not terms:
        return []
    added = f"{title}: what each mechanism added that day"
    return [
        Section(f"{title}: positions of the day", [], ("", *ESTIMATE), positions, "positions"),
        Section(added, [], ("", *ESTIMATE), terms, "mechanisms"),
        *cards_section(scenario, title, raid),
    ]


def talks_sections(scenario: Scenario, summary: Figures) -> Section:
    """The meetings: held, settled and exchanged, and the positions at the table."""
    lines, rows = [], []
    for name, meeting in summary["meetings"].items():
        head = f"{name}, {meeting['date']}: held in {100 * meeting['held']:.1f} % of the wars"
        if not meeting["held"]:
            lines.append(head)
            continue
        lines.append(
            f"{head}; settled in {chance(meeting['agreed'])} of these"
            f"{_other_results(scenario, meeting)}."
        )
        for position in (*POSITIONS, "room"):
            rows.append((f"{name} {position}", *estimate_cells(meeting[position], "share")))
    return Section("Talks", lines, ("", *ESTIMATE), rows, "talks")


def _other_results(scenario: Scenario, meeting: Figures) -> str:
    """Other results of a meeting: a ceasefire, exchanges, truces, and how long it took."""
    parts = []
    if scenario.talks is not None and scenario.talks.ceasefire is not None:
        stops = ", ".join(by_side(scenario, meeting, "ceasefire"))
        parts.append(f"would cease fire on the line: {stops}")
    for title, column in zip(scenario.titles, held_back_of(scenario), strict=False):
        parts.append(f"{title} would but for what a yes shows: {chance(meeting[column])}")
    parts += [
        f"{spread(meeting[column])} {column.removesuffix('_exchanged')} exchanged each"
        for column in scenario.exchanged
    ]
    if scenario.talks is not None and scenario.talks.truce is not None:
        parts.append(f"local truce in {chance(meeting['truce'])}")
    if meeting["minutes"]["runs"]:
        left = " and ".join(by_side(scenario, meeting, "walked_out"))
        parts.append(f"{spread(meeting['minutes'])} minutes, walked out: {left}")
    return "".join(f"; {part}" for part in parts) + at_the_table(scenario, meeting)


def certainty_sections(summary: Figures) -> Section:
    """Every outcome of the campaign with its Monte Carlo errors and its epistemic share."""
    lines = [
        f"{summary['runs']:,} runs, seed {summary['seed']}. ± is the Monte Carlo error (95 %): "
        "how far the result of infinitely many runs may lie to either side. The last column is "
        "the share of an outcome's variance that comes from unknown figures; the rest is luck.",
    ]
    epistemic = {
        name: percent(share["share"], share["error"])
        for name, share in summary["epistemic_share"].items()
    }
    rows = [
        (name, *estimate_cells(estimate, unit_of(name)), epistemic.get(name, ""))
        for name, estimate in summary["outcomes"].items()
    ]
    if not summary["complete"]:
        lines.append(f"UNFINISHED: {summary['runs']:,} of {summary['runs_asked']:,} runs.")
    columns = ("", *ESTIMATE, "epistemic")
    return Section("The whole campaign, and how certain it is", lines, columns, rows, "campaign")
