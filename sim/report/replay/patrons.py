"""What patrons believe and press for, and the answers they get at a meeting."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from sim.render.document import Section
from sim.report.replay.positions import share
from sim.scenario.schema import Patron, Scenario, snake


def patron_sections(scenario: Scenario, meeting: Mapping[Hashable, Any]) -> Iterator[Section]:
    """Who holds the cards in whose view, and the answers to each patron's proposal."""
    if not scenario.patrons_on:
        return
    expects = [
        f"{title} expects {share(meeting[f'p_{letter}'])} of the stakes from fighting on"
        for letter, title in zip("ud", scenario.titles, strict=True)
    ]
    lines = [f"{'; '.join(expects)}."]
    lines += [_of_patron(scenario, *named, meeting) for named in scenario.patrons_on.items()]
    yield Section("What patrons believe", lines)


def _of_patron(
    scenario: Scenario, name: str, patron: Patron, meeting: Mapping[Hashable, Any]
) -> str:
    client = scenario.sides[patron.backs].title
    believes = f"{patron.title} thinks that {client} gets {share(meeting[f'p_{snake(name)}'])}."
    pressure = float(meeting[f"pressure_{snake(name)}"])
    threat = "" if patron.threat is None else " None of its threats is credible today."
    if pressure > 0.0:
        threat = f" A refusal would end its aid with a probability of {share(pressure)}."
    return f"{believes}{threat}{_answers(scenario, name, patron, meeting)}"


def _answers(scenario: Scenario, name: str, patron: Patron, meeting: Mapping[Hashable, Any]) -> str:
    if patron.proposal is None or meeting["agreed"]:
        return ""
    what = (
        "a ceasefire"
        if patron.proposal.kind == "ceasefire"
        else "a division according to this belief"
    )
    answers = (
        f"{title} {'would accept' if meeting[f'{snake(name)}_accepted_{letter}'] else 'does not'}"
        for letter, title in zip("ud", scenario.titles, strict=True)
    )
    return f" It proposes {what}: {', '.join(answers)}."
