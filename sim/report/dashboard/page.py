"""The page: settings to the left, what the wars say to the right.

What is large goes to the browser as JSON in a string: Solara looks through lists and dictionaries
at every change of anything.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import solara

from sim.report.dashboard.desk import Desk
from sim.report.dashboard.document import OWN
from sim.report.dashboard.settings import groups_of, switches_of
from sim.report.dashboard.state import command_of, is_long, link_of
from sim.scenario.document import LARGEST_FILE_BYTES

_CSS = Path(__file__).with_name("page.css")


@solara.component_vue("panel.vue")
def Panel(  # noqa: N802
    scenario: str,
    scenarios: list[str],
    title: str,
    groups: str,
    switches: list[dict[str, Any]],
    changes: dict[str, Any],
    errors: dict[str, str],
    wrong: list[str],
    runs: int,
    seed: str,
    largest: int,
    download: dict[str, Any] | None,
    event_choose: Callable[[str], None],
    event_set_field: Callable[[dict[str, str]], None],
    event_set_figure: Callable[[dict[str, str]], None],
    event_flip: Callable[[dict[str, Any]], None],
    event_reset: Callable[[str], None],
    event_reset_all: Callable[[Any], None],
    event_open_yaml: Callable[[dict[str, Any]], None],
    event_export_yaml: Callable[[Any], None],
) -> None:
    """The settings."""


@solara.component_vue("bar.vue")
def Bar(  # noqa: N802
    running: bool,
    share: float,
    note: str,
    failed: bool,
    ready: bool,
    pinned: str,
    link: str,
    kept: bool,
    event_run: Callable[[Any], None],
    event_stop: Callable[[Any], None],
    event_pin: Callable[[Any], None],
    event_unpin: Callable[[Any], None],
) -> None:
    """What runs, what is pinned, and the link to it."""


@solara.component_vue("raid.vue")
def Raid(  # noqa: N802
    raids: list[dict[str, str]],
    raid: str,
    page: str,
    busy: bool,
    event_choose_raid: Callable[[str], None],
) -> None:
    """One raid: its map, its losses, what became of its drones."""


@solara.component_vue("diary.vue")
def Diary(  # noqa: N802
    days: str,
    sides: list[str],
    charts: list[dict[str, Any]],
    war: int,
    busy: bool,
    error: str,
    event_open_war: Callable[[str], None],
) -> None:
    """One war day by day."""


@solara.component
def Layout(children: list[Any]) -> Any:  # noqa: N802
    """Nothing around the page."""
    return solara.Div(children=children)


@solara.component
def Page() -> None:  # noqa: N802
    """The whole page of one reader."""
    router = solara.use_router()
    desk = solara.use_memo(lambda: Desk(router.search or ""), [])

    def first() -> Callable[[], None]:
        desk.fight()
        return desk.leave

    solara.use_effect(first, [])
    solara.Title("Raids & Talks")
    solara.Style(_CSS)
    with solara.Div(classes=["rt"]):
        _Settings(desk)
        with solara.v.Html(tag="main", class_="rt-main"):
            _Wars(desk)
            _Answer(desk)
            Diary(**desk.diary.value, event_open_war=desk.open_war)
            _Numbers(desk)
            _Command(desk)


@solara.component
def _Settings(desk: Desk) -> None:  # noqa: N802
    state = desk.state.value
    document = state.document(desk.stage.offers)
    groups = solara.use_memo(lambda: json.dumps(groups_of(document)), [document.text])
    names = list(desk.stage.offers)
    Panel(
        scenario=state.scenario,
        scenarios=[*names, OWN] if state.text else names,
        title=document.scenario.title,
        groups=groups,
        switches=switches_of(document),
        changes=dict(state.changes),
        errors=desk.errors.value,
        wrong=desk.wrong.value,
        runs=state.runs,
        seed=str(state.seed),
        largest=LARGEST_FILE_BYTES,
        download=desk.download.value,
        event_choose=desk.choose,
        event_set_field=desk.set_field,
        event_set_figure=desk.set_figure,
        event_flip=desk.flip,
        event_reset=desk.reset,
        event_reset_all=desk.reset_all,
        event_open_yaml=desk.open_yaml,
        event_export_yaml=desk.export_yaml,
    )


@solara.component
def _Wars(desk: Desk) -> None:  # noqa: N802
    state, work = desk.state.value, desk.work.value
    pinned = ""
    if state.pinned is not None:
        document = state.document(desk.stage.offers)
        pinned = ", ".join(document.overrides(state.pinned)) or "the scenario as it is"
    Bar(
        running=work.share is not None,
        share=work.share or 0.0,
        note=work.note,
        failed=work.failed,
        ready=desk.shown.value is not None,
        pinned=pinned,
        link=link_of(state),
        kept=bool(state.text) and is_long(state),
        event_run=desk.fight,
        event_stop=desk.stop,
        event_pin=desk.pin,
        event_unpin=desk.unpin,
    )


@solara.component
def _Answer(desk: Desk) -> None:  # noqa: N802
    shown = desk.shown.value
    if shown is None:
        solara.HTML(tag="p", unsafe_innerHTML="The first wars are being fought …", classes=["note"])
        return
    kind = "rt-answer" if shown.is_of(desk.state.value) else "rt-answer stale"
    with solara.v.Html(tag="div", class_=kind):
        solara.HTML(tag="div", unsafe_innerHTML=shown.pages.above)
        Raid(**desk.raid.value, event_choose_raid=desk.choose_raid)
        solara.HTML(tag="div", unsafe_innerHTML=shown.pages.below)


@solara.component
def _Numbers(desk: Desk) -> None:  # noqa: N802
    shown = desk.shown.value
    if shown is not None:
        page = shown.pages.rest
        solara.HTML(tag="section", unsafe_innerHTML=page, classes=["rt-numbers"])


@solara.component
def _Command(desk: Desk) -> None:  # noqa: N802
    state = desk.state.value
    command = command_of(state, desk.stage.offers)
    with solara.v.Html(tag="section", class_="rt-command"):
        solara.v.Html(tag="h3", children=["The same at a terminal"])
        solara.v.Html(tag="code", children=[command])
