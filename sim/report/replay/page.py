"""The page of a replay: one war with its raids drone by drone, and its talks as minutes."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import sim
from sim.experiment.replay import Replay
from sim.raid.arrays import THROUGH
from sim.render.document import CaptionedSvg, Document, Part, Section
from sim.render.html import as_html
from sim.render.template import text_of
from sim.report.numbers import full_date, short_date
from sim.report.plots.picture import Picture
from sim.report.plots.run.course import draw_course
from sim.report.plots.run.timeline import draw_timeline
from sim.report.replay.ending import end_of, talks_in_short
from sim.report.replay.event_tables import event_sections
from sim.report.replay.flown_raid import FlownRaid, raids_in
from sim.report.replay.meetings import protocol_of
from sim.report.replay.player import player_of
from sim.scenario.columns import HITS

MOST_DRAWN = 8
"""Raids that are drawn and animated: those that hit most. The others are in a table."""

_MOST_NAMED = 3
_TEMPLATES = Path(__file__).with_name("templates")
_OF_TIMELINE = "Drones by the site to which they were sent, from launch to fate, in minutes."
_OF_COURSE = "Positions in this war on the evening of each day, in shares of the stakes."


def as_page(replay: Replay) -> str:
    """The page of a replay: self-contained HTML, complete without its script."""
    html = as_html(document_of(replay))
    style, script = (text_of(_TEMPLATES / f"replay.{kind}") for kind in ("css", "js"))
    html = html.replace("</style>", f"{style}</style>", 1)
    return html.replace("</body>", f"<script>\n{script}</script>\n</body>", 1)


def document_of(replay: Replay) -> Document:
    """The document of the page."""
    record = replay.record
    scenario = record.scenario
    raids = list(raids_in(replay))
    played = _played(raids)
    parts = [_raid(replay, raid) for raid in played]
    others = [raid for raid in raids if raid not in played]
    if others:
        parts.append(_others(others))
    citation = (
        f"Raids & Talks {sim.__version__}, {scenario.name}, run {replay.run}, seed {record.seed}"
    )
    provenance = [
        ("scenario", scenario.name),
        ("run", str(replay.run)),
        ("chosen", replay.chosen),
        ("seed", str(record.seed)),
        ("fought again", replay.sameness),
        ("drones, events", f"{len(replay.drones):,}, {len(replay.events):,}"),
        ("scenario's question", " ".join(scenario.question.split())),
    ]
    question = (
        f"One war of the many: {replay.chosen}, seed {record.seed}, fought again and "
        f"{replay.sameness}."
    )
    answer = [_raids_in_short(raids), talks_in_short(replay)]
    return Document(
        f"{scenario.title}: replay of run {replay.run}",
        question,
        answer,
        [*parts, *_positions(replay), *protocol_of(replay), *end_of(replay), _limits()],
        citation,
        provenance,
    )


def _played(raids: list[FlownRaid]) -> list[FlownRaid]:
    """The raids that are drawn, in the order of days: all, or those that hit most."""
    chosen = sorted(raids, key=lambda raid: -_numbers(raid)[1])[:MOST_DRAWN]
    return [raid for raid in raids if raid in chosen]


def _raid(replay: Replay, raid: FlownRaid) -> Part:
    note = f"run {replay.run}, seed {replay.record.seed}"
    timeline = draw_timeline(raid.scenario, raid.scene.raid, raid.drones, raid.events, note)
    return Part(
        f"{full_date(raid.date)}: {raid.definition.title}",
        [player_of(raid), _with_caption(timeline, "timeline", _OF_TIMELINE)],
        list(event_sections(raid)),
    )


def _others(raids: list[FlownRaid]) -> Part:
    rows = [
        (short_date(raid.date), raid.definition.title, *(f"{n:,}" for n in _numbers(raid)))
        for raid in raids
    ]
    lines = [f"The {MOST_DRAWN} raids that hit most are drawn above; events.csv contains all."]
    columns = ("date", "raid", "sent", "hit", "destroyed", "stopped or failed")
    return Part("The other raids", (), [Section("Raids that are not drawn", lines, columns, rows)])


def _positions(replay: Replay) -> Iterator[Part]:
    course = draw_course(replay.record, f"run {replay.run}, seed {replay.record.seed}")
    if course is not None:
        yield Part("Positions from day to day", [_with_caption(course, "course", _OF_COURSE)])


def _limits() -> Part:
    lines = [
        "One war among many that the same figures allow: what it shows happened in it and need not "
        "in another. What is likely stands in the report of all of them.",
        "The model is no account of what happened, and holds no instruction for building, arming, "
        "hiding or steering a weapon. Ways and places are those of public aggregates.",
    ]
    return Part("What this page does not show", (), [Section("Limits", lines)])


def _with_caption(picture: Picture, name: str, how_to_read: str) -> CaptionedSvg:
    """A picture with a caption for the page."""
    with TemporaryDirectory() as folder:
        file, _ = picture.write_to(Path(folder), name, ("svg",))
        svg = file.read_text(encoding="utf-8")
    return CaptionedSvg(
        file=name,
        svg=svg,
        title=picture.title,
        description=picture.description,
        caption=f"{picture.title.rstrip('.')}. {how_to_read}",
    )


# --- in short ----------------------------------------------------------------------------------


def _raids_in_short(raids: list[FlownRaid]) -> str:
    """The raids, in a sentence."""
    if not raids:
        return "No raid was flown."
    if len(raids) <= _MOST_NAMED:
        return f"{'; '.join(map(_in_short, raids))}."
    sums = [sum(_numbers(raid)[k] for raid in raids) for k in range(4)]
    most = max(raids, key=lambda raid: _numbers(raid)[1])
    return (
        f"{len(raids)} raids were flown: {_fates_in_words(*sums)}; most hit that of "
        f"{full_date(most.date)}, with {_numbers(most)[1]}."
    )


def _in_short(raid: FlownRaid) -> str:
    title = raid.definition.title.split(",")[0]
    return f"{title} ({raid.date.day} {raid.date:%b}): {_fates_in_words(*_numbers(raid))}"


def _fates_in_words(sent: int, hit: int, destroyed: int, stopped: int) -> str:
    """The fates of drones, as text."""
    hits = f"{hit:,} hit a target and destroyed {destroyed:,}" if hit else "none hit a target"
    return f"of {sent:,} sent {hits}, {stopped:,} were stopped or failed"


def _numbers(raid: FlownRaid) -> tuple[int, int, int, int]:
    """How many drones were sent, hit, destroyed something, and were stopped or failed."""
    fates = raid.drones["fate"]
    hit, stopped = int(fates.isin(HITS).sum()), int((~fates.isin(THROUGH)).sum())
    return len(fates), hit, int((fates == "destroyed_target").sum()), stopped
