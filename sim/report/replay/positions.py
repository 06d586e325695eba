"""Why each side would accept what it would: each mechanism's term, and its changes."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from sim.render.document import Section
from sim.report.numbers import signed
from sim.scenario.schema import Scenario

_SMALL = 5e-4
_MEANS = {
    "cost": "losses make fighting on costly",
    "learning": "battles show who is winning",
    "commitment": "promises do not bind, and strength may shift",
    "reference": "prospects compared with a reference point",
    "image": "humiliation makes it costly to concede",
    "rally": "rally round the flag",
    "threshold": "a little violence softens, much violence hardens",
    "sunk": "losses must not have been in vain",
    "weariness": "the war lasts long",
    "turbulence": "movement and losses together harden",
    "spiral": "each side answers the other's hardening",
    "sacred": "some values are not for trade",
    "audience": "public vows are costly to break",
    "resurrection": "the leader's office is at stake",
    "patrons": "what patrons give, threaten and advise",
}


def in_words(mechanism: str) -> str:
    """A mechanism's name and meaning; only the name for a mechanism of the user's own."""
    means = _MEANS.get(mechanism)
    return f"{mechanism}: {means}" if means else mechanism.replace("_", " ")


def share(value: float) -> str:
    """A share of the stakes with two decimals."""
    return f"{value:.2f}".replace("-", "−")


def change(value: float) -> str:
    """A change of a share, with its sign."""
    return "0" if abs(value) < _SMALL else signed(value)


class Position(NamedTuple):
    """A side's reservation, and each mechanism's contribution to it."""

    reservation: float
    terms: dict[str, float]

    @property
    def base(self) -> float:
        """The reservation without any mechanism: prospects minus cost of war."""
        return self.reservation - sum(self.terms.values())


def position_sections(
    scenario: Scenario, meeting: Mapping[Hashable, Any], before: Mapping[Hashable, Any], since: str
) -> Iterator[Section]:
    """What moved both sides to their positions at a meeting from those `before`."""
    sides = [(_position(meeting, x), _position(before, x, meeting)) for x in "ud"]
    pairs = zip(scenario.titles, sides, strict=True)
    sentences = [_changes(title, now, then, since) for title, (now, then) in pairs]
    names = sides[0][0].terms
    if not names:
        sentences = ["No mechanism is switched on, so no event moves a position."]
    yield Section("What moved the positions", sentences)
    bases = (cell for now, _ in sides for cell in (f"{now.base:.3f}", ""))
    rows = [
        ("prospects less the cost of fighting on", *bases),
        *((in_words(name), *_cells(sides, change, _term(name))) for name in names),
        ("would accept at least", *_cells(sides, "{:.3f}".format, lambda p: p.reservation)),
    ]
    heads = [head for title in scenario.titles for head in (title, f"since {since}")]
    yield Section("What makes up the least that each accepts", [], ("", *heads), rows)


def _position(
    figures: Mapping[Hashable, Any], letter: str, meeting: Mapping[Hashable, Any] | None = None
) -> Position:
    """A side's position, with the terms present in a meeting; the gate `ripeness` has none."""
    names = [str(n)[2:-2] for n in meeting or figures if str(n).startswith("h_")]
    terms = {n: float(figures[f"h_{n}_{letter}"]) for n in names if n != "ripeness"}
    return Position(float(figures[f"r_{letter}"]), terms)


def _term(name: str) -> Callable[[Position], float]:
    """The contribution of a mechanism to a position."""
    return lambda position: position.terms[name]


def _cells(
    sides: Iterable[tuple[Position, Position]],
    formatted: Callable[[float], str],
    value_of: Callable[[Position], float],
) -> Iterator[str]:
    """A value for both sides now, each with its change."""
    for now, then in sides:
        yield formatted(value_of(now))
        yield change(value_of(now) - value_of(then))


def _changes(title: str, now: Position, then: Position, since: str) -> str:
    """A sentence on what moved a side since, the largest first."""
    moved = {name: term - then.terms[name] for name, term in now.terms.items()}
    total = now.reservation - then.reservation
    order = sorted((n for n in moved if abs(moved[n]) >= _SMALL), key=lambda n: -abs(moved[n]))
    parts = (
        ", ".join(f"{name} {change(moved[name])}" for name in order) or "no mechanism noticeably"
    )
    if abs(total) >= _SMALL:
        way = "harder" if total > 0.0 else "softer"
        return f"{title}: {way} by {abs(total):.3f} since {since}: {parts}."
    if order:
        return f"{title}: as hard as at {since} in total, but moved by: {parts}."
    return f"{title}: nothing moved it since {since}."
