"""The page: settings to the left, results of the wars to the right.

Large data goes to the browser as JSON in a string, because Solara walks through lists and
dictionaries at every change of anything.
"""

import functools
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import solara

from sim.report.dashboard.document import OWN, Document
from sim.report.dashboard.link import is_long, link_of
from sim.report.dashboard.session import Session
from sim.report.dashboard.settings import groups_of, switches_of
from sim.report.dashboard.state import command_of
from sim.scenario.text.document import LARGEST_FILE_BYTES

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
    stored: bool,
    event_run: Callable[[Any], None],
    event_stop: Callable[[Any], None],
    event_pin: Callable[[Any], None],
    event_unpin: Callable[[Any], None],
) -> None:
    """What is running, what is pinned, and the link to it."""


@solara.component_vue("raid.vue")
def Raid(  # noqa: N802
    raids: list[dict[str, str]],
    raid: str,
    page: str,
    event_choose_raid: Callable[[str], None],
) -> None:
    """One raid: its map, its losses, the fates of its drones."""


@solara.component_vue("diary.vue")
def Diary(  # noqa: N802
    days: str,
    sides: tuple[str, ...],
    charts: Sequence[dict[str, Any]],
    war: int,
    busy: bool,
    error: str,
    event_open_war: Callable[[str], None],
) -> None:
    """One war day by day."""


@solara.component_vue("choice.vue")
def Choice(title: str, budgets: list[str], pages: str) -> None:  # noqa: N802
    """What to choose with each budget, selected by a slider."""


@solara.component
def Layout(children: list[Any]) -> Any:  # noqa: N802
    """No frame around the page."""
    return solara.Div(children=children)


@solara.component
def Page() -> None:  # noqa: N802
    """The whole page of one reader."""
    router = solara.use_router()
    session = solara.use_memo(lambda: Session(router.search or ""), [])

    def first() -> Callable[[], None]:
        session.fight()
        return session.leave

    solara.use_effect(first, [])
    solara.Title("Raids & Talks")
    solara.Style(_CSS)
    with solara.Div(classes=["rt"]):
        _Settings(session)
        with solara.v.Html(tag="main", class_="rt-main"):
            _Wars(session)
            _Results(session)
            Diary(**session.diary.value._asdict(), event_open_war=session.open_war)
            _Numbers(session)
            _Choices(session)
            _Command(session)


@functools.lru_cache(maxsize=64)
def _groups_as_json(document: Document) -> str:
    """The figures of a scenario, serialised once for all readers."""
    return json.dumps(groups_of(document))


@solara.component
def _Settings(session: Session) -> None:  # noqa: N802
    state = session.state.value
    document = state.document
    groups = _groups_as_json(document)
    names = list(session.config.offers)
    Panel(
        scenario=state.scenario,
        scenarios=[*names, OWN] if state.own_text else names,
        title=document.scenario.title,
        groups=groups,
        switches=switches_of(document),
        changes=dict(state.changes),
        errors=session.errors.value,
        wrong=session.wrong.value,
        runs=state.runs,
        seed=str(state.seed),
        largest=LARGEST_FILE_BYTES,
        download=session.download.value,
        event_choose=session.choose,
        event_set_field=session.set_field,
        event_set_figure=session.set_figure,
        event_flip=session.flip,
        event_reset=session.reset,
        event_reset_all=session.reset_all,
        event_open_yaml=session.open_yaml,
        event_export_yaml=session.export_yaml,
    )


@solara.component
def _Wars(session: Session) -> None:  # noqa: N802
    state, progress = session.state.value, session.progress.value
    pinned = ""
    if state.pinned is not None:
        pinned = ", ".join(state.document.overrides(state.pinned)) or "the scenario as it is"
    Bar(
        running=progress.share is not None,
        share=progress.share or 0.0,
        note=progress.note,
        failed=progress.failed,
        ready=session.last.value is not None,
        pinned=pinned,
        link=link_of(state),
        stored=is_long(state.own_text),
        event_run=session.fight,
        event_stop=session.stop,
        event_pin=session.pin,
        event_unpin=session.unpin,
    )


@solara.component
def _Results(session: Session) -> None:  # noqa: N802
    last = session.last.value
    if last is None:
        solara.HTML(
            tag="p", unsafe_innerHTML="The first wars are being simulated …", classes=["note"]
        )
        return
    kind = "rt-answer" if last.is_of(session.state.value) else "rt-answer stale"
    with solara.v.Html(tag="div", class_=kind):
        solara.HTML(tag="div", unsafe_innerHTML=last.pages.above)
        Raid(**session.raid.value._asdict(), event_choose_raid=session.choose_raid)
        solara.HTML(tag="div", unsafe_innerHTML=last.pages.below)


@solara.component
def _Numbers(session: Session) -> None:  # noqa: N802
    if session.last.value is not None:
        page = session.last.value.pages.rest
        solara.HTML(tag="section", unsafe_innerHTML=page, classes=["rt-numbers"])


@solara.component
def _Choices(session: Session) -> None:  # noqa: N802
    for chosen in session.config.choices.get(session.state.value.scenario, ()):
        pages = json.dumps(chosen.pages)
        Choice(title=chosen.title, budgets=chosen.budgets, pages=pages)


@solara.component
def _Command(session: Session) -> None:  # noqa: N802
    command = command_of(session.state.value, session.config.offers)
    with solara.v.Html(tag="section", class_="rt-command"):
        solara.v.Html(tag="h3", children=["The same on the command line"])
        solara.v.Html(tag="code", children=[command])
