"""What is on the screen, as data, and its way into a link and back."""

import base64
import binascii
import hashlib
import shlex
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from urllib.parse import parse_qsl, quote, urlencode

from sim.report.dashboard.document import (
    OWN,
    Changes,
    Document,
    Value,
    document_of,
    formatted,
    own_document,
)
from sim.scenario.errors import ScenarioError
from sim.scenario.shipped import named
from sim.scenario.text.document import LARGEST_FILE_BYTES

RUNS, MOST_RUNS = 200, 10_000
SEED, LARGEST_SEED = 1, 2**62 - 1
LONGEST_LINK = 100_000
_MOST_DIGITS = 30  # as written; Python itself reads no number of thousands
LONGEST_TEXT = 6000
"""Of one's own scenario in a link, packed: servers and programs cut what is much longer."""

Offers = Mapping[str, Path]
"""The scenarios to choose from, by name."""


@dataclass(frozen=True)
class State:
    """A scenario on offer (or one's own text), runs, seed, what is changed, and what was pinned.

    `raid` is the one that is looked at; "" for that in focus. `read` is the document as it was when
    the reader turned to it: its file may be edited meanwhile.
    """

    scenario: str
    text: str = ""
    runs: int = RUNS
    seed: int = SEED
    changes: Changes = field(default_factory=dict)
    pinned: Changes | None = None
    raid: str = ""
    read: Document | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        """A text is the reader's own, whatever scenario is named with it."""
        if self.text:
            object.__setattr__(self, "scenario", OWN)

    def document(self, offers: Offers) -> Document:
        """The document behind it. Raises ScenarioError."""
        if self.read is not None:
            return self.read
        return own_document(self.text) if self.text else document_of(offers[self.scenario])

    def with_change(self, path: str, value: Value | None) -> "State":
        """With one thing set, or, for None, as the scenario has it again."""
        others = {key: old for key, old in self.changes.items() if key != path}
        return replace(self, changes=others if value is None else {**others, path: value})


def link_of(state: State) -> str:
    """The query of a link to this state; one's own text, where it is too long, by its digest."""
    pairs = [("scenario", state.scenario)]
    if state.text:
        pairs = [
            ("kept", digest_of(state.text)) if is_long(state) else ("yaml", _packed(state.text))
        ]
    if state.runs != RUNS:
        pairs.append(("runs", str(state.runs)))
    if state.seed != SEED:
        pairs.append(("seed", str(state.seed)))
    if state.raid:
        pairs.append(("raid", state.raid))
    pairs += [("set", _pair(*change)) for change in state.changes.items()]
    if state.pinned is not None:
        pairs += [("pin", _pair(*change)) for change in state.pinned.items()] or [("pin", "")]
    return urlencode(pairs, quote_via=quote, safe="=/")


def is_long(state: State) -> bool:
    """Whether one's own text is too long for a link, and is stored by the server while it runs."""
    return len(_packed(state.text)) > LONGEST_TEXT


def digest_of(text: str) -> str:
    """The name under which a text is stored."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def state_of(
    link: str, offers: Offers, first: str, stored_texts: Mapping[str, str] = MappingProxyType({})
) -> tuple[State, list[str]]:
    """The state a link holds, and what of it cannot be used; `first` is on show without a link.

    `stored_texts` are long texts of readers, by their digest.
    """
    if len(link) > LONGEST_LINK:
        message = f"link: has over {LONGEST_LINK} characters, expected fewer"
        return State(first, read=document_of(offers[first])), [message]
    wrong: list[str] = []
    state = State(first)
    changes: dict[str, Value] = {}
    pinned: dict[str, Value] | None = None
    for key, written in parse_qsl(link, keep_blank_values=True):
        try:
            if key == "scenario":
                state = replace(state, scenario=_offered(written, offers))
            elif key == "yaml":
                state = replace(state, text=_unpacked(written))
            elif key == "kept":
                state = replace(state, text=_stored_text(written, stored_texts))
            elif key == "runs":
                state = replace(state, runs=runs_of(written))
            elif key == "seed":
                state = replace(state, seed=seed_of(written))
            elif key == "raid":
                state = replace(state, raid=written)
            elif key == "set":
                changes |= _change(written)
            elif key == "pin":
                pinned = (pinned or {}) | (_change(written) if written else {})
            else:
                wrong.append(f"link: {key[:40]!r} is not known, left out")
        except ValueError as error:
            wrong.append(f"link: {key}: {error}")
    try:
        document = state.document(offers)
    except ScenarioError as error:
        wrong += [f"link: {problem.path}: {problem.message}" for problem in error.problems[:3]]
        return State(first, read=document_of(offers[first])), wrong
    if state.raid and state.raid not in document.scenario.raids:
        wrong.append(f"link: raid: {state.raid[:40]!r} is no raid of this scenario, left out")
        state = replace(state, raid="")
    good, bad = document.sound(changes)
    state = replace(state, changes=good, read=document)
    if pinned is not None:
        sound, more = document.sound(pinned)
        bad += more
        state = replace(state, pinned=sound)
    return state, [*wrong, *(f"link: {line}" for line in bad)]


def command_of(state: State, offers: Offers) -> str:
    """The command that plays the same wars at a terminal."""
    file = OWN if state.text else str(offers[state.scenario])
    is_shipped = named(state.scenario) == offers.get(state.scenario)
    words = [
        "sim",
        "run",
        state.scenario if is_shipped else file,
        "--runs",
        str(state.runs),
        "--seed",
        str(state.seed),
    ]
    for override in state.document(offers).overrides(state.changes):
        words += ["--set", override]
    return shlex.join(words)


def runs_of(written: str) -> int:
    """How many runs, from what was typed. Raises ValueError."""
    return _whole(written, 2, MOST_RUNS)


def seed_of(written: str) -> int:
    """A seed, from what was typed. Raises ValueError."""
    return _whole(written, 0, LARGEST_SEED)


def war_of(written: str, runs: int) -> int:
    """The number of one of so many wars, from what was typed. Raises ValueError."""
    return _whole(written, 0, runs - 1)


def _whole(written: str, least: int, most: int) -> int:
    """A number that is read once, and then checked against its bounds."""
    text = written.strip().replace(",", "").replace("\u202f", "")
    if not (text.isascii() and text.removeprefix("-").isdigit()):
        raise ValueError(f"{written[:20]!r} is no whole number, expected {least} to {most:,}")
    number = int(text) if len(text) <= _MOST_DIGITS else None
    if number is None or not least <= number <= most:
        raise ValueError(f"{written[:20]!r} is out of bounds, expected {least} to {most:,}")
    return number


def _offered(name: str, offers: Offers) -> str:
    if name not in offers:
        raise ValueError(f"{name[:40]!r} is not on offer, expected {', '.join(offers)}")
    return name


def _stored_text(digest: str, stored_texts: Mapping[str, str]) -> str:
    if digest not in stored_texts:
        raise ValueError("is no longer kept here, expected the file opened again")
    return stored_texts[digest]


def _pair(path: str, value: Value) -> str:
    if isinstance(value, bool):
        return f"{path}={'true' if value else 'false'}"
    return f"{path}={formatted(value)}"


def _change(written: str) -> dict[str, Value]:
    path, sign, value = written.partition("=")
    if not sign:
        raise ValueError(f"{written[:40]!r} is no change, expected PATH=VALUE")
    if value in ("true", "false"):
        return {path: value == "true"}
    try:
        return {path: float(value)}
    except ValueError:
        raise ValueError(f"{value[:20]!r} is no number or switch") from None


def _packed(text: str) -> str:
    packed = zlib.compress(text.encode("utf-8"), 9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _unpacked(written: str) -> str:
    """A text out of a link; never more of it than a scenario may have. Raises ValueError."""
    problem = ValueError("is no scenario, expected the whole link")
    try:
        raw = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
        text = zlib.decompressobj().decompress(raw, LARGEST_FILE_BYTES + 1).decode("utf-8")
    except (binascii.Error, zlib.error, UnicodeDecodeError, ValueError):
        raise problem from None
    if not text:
        raise problem
    return text
