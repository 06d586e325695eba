"""Links to what is on the screen, and states from links."""

import base64
import binascii
import hashlib
import zlib
from collections import defaultdict
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from sim.report.dashboard.document import (
    OWN,
    Changes,
    Value,
    document_of,
    formatted,
    own_document,
)
from sim.report.dashboard.state import RUNS, SEED, Offers, State, runs_of, seed_of
from sim.scenario.errors import ScenarioError
from sim.scenario.text.document import LARGEST_FILE_BYTES

LONGEST_LINK = 100_000
LONGEST_TEXT = 6000
"""Longest own scenario in a link, packed: servers and programs truncate longer links."""


def link_of(state: State) -> str:
    """The query of a link to this state; an own text that is too long is replaced by its digest."""
    pairs = [_scenario_pair(state)]
    if state.runs != RUNS:
        pairs.append(("runs", str(state.runs)))
    if state.seed != SEED:
        pairs.append(("seed", str(state.seed)))
    if state.raid:
        pairs.append(("raid", state.raid))
    pairs += [("set", written) for written in _written(state.changes)]
    if state.pinned is not None:
        pairs += [("pin", written) for written in _written(state.pinned) or [""]]
    return urlencode(pairs, quote_via=quote, safe="=/")


def is_long(text: str) -> bool:
    """Whether an own text is too long for a link, and is stored by the server while it runs."""
    return len(_packed(text)) > LONGEST_TEXT


def digest_of(text: str) -> str:
    """The name under which a text is stored."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def state_of(
    link: str, offers: Offers, first: str, stored_texts: Mapping[str, str] = MappingProxyType({})
) -> tuple[State, list[str]]:
    """The state in a link, and what of it cannot be used; `first` is shown without a link.

    `stored_texts` are long texts of readers, by their digest.
    """
    if len(link) > LONGEST_LINK:
        wrong = [f"link: has over {LONGEST_LINK} characters, expected fewer"]
        return State(first, document_of(offers[first])), wrong
    given, wrong = _given(link, offers, stored_texts)
    texts = given["yaml"] + given["kept"]
    name = OWN if texts else (given["scenario"] or [first])[-1]
    try:
        document = own_document(texts[-1]) if texts else document_of(offers[name])
    except ScenarioError as error:
        wrong += [f"link: {problem.path}: {problem.message}" for problem in error.problems[:3]]
        return State(first, document_of(offers[first])), wrong
    raid = (given["raid"] or [""])[-1]
    if raid and raid not in document.scenario.raids:
        wrong.append(f"link: raid: {raid[:40]!r} is no raid of this scenario, left out")
        raid = ""
    changes, bad = document.sound(dict(given["set"]))
    pinned, more = document.sound(dict(filter(None, given["pin"])))
    runs, seed = (given["runs"] or [RUNS])[-1], (given["seed"] or [SEED])[-1]
    state = State(name, document, runs, seed, changes, pinned if given["pin"] else None, raid)
    return state, [*wrong, *(f"link: {line}" for line in (*bad, *more))]


def _given(
    link: str, offers: Offers, stored_texts: Mapping[str, str]
) -> tuple[defaultdict[str, list[Any]], list[str]]:
    """The contents of a link by key, in order, and what of it cannot be read."""
    readers: dict[str, Callable[[str], Any]] = {
        "scenario": lambda name: _found(name, offers),
        "yaml": _unpacked,
        "kept": lambda digest: _stored(digest, stored_texts),
        "runs": runs_of,
        "seed": seed_of,
        "raid": str,
        "set": _change,
        "pin": lambda written: _change(written) if written else None,
    }
    given: defaultdict[str, list[Any]] = defaultdict(list)
    wrong = []
    for key, written in parse_qsl(link, keep_blank_values=True):
        if key not in readers:
            wrong.append(f"link: {key[:40]!r} is not known, left out")
            continue
        try:
            given[key].append(readers[key](written))
        except ValueError as error:
            wrong.append(f"link: {key}: {error}")
    return given, wrong


def _scenario_pair(state: State) -> tuple[str, str]:
    text = state.own_text
    if not text:
        return "scenario", state.scenario
    return ("kept", digest_of(text)) if is_long(text) else ("yaml", _packed(text))


def _found(name: str, offers: Offers) -> str:
    if name not in offers:
        raise ValueError(f"{name[:40]!r} is not on offer, expected {', '.join(offers)}")
    return name


def _stored(digest: str, stored_texts: Mapping[str, str]) -> str:
    if digest not in stored_texts:
        raise ValueError("is no longer kept here, expected the file opened again")
    return stored_texts[digest]


def _written(changes: Changes) -> list[str]:
    return [
        f"{path}={str(value).lower() if isinstance(value, bool) else formatted(value)}"
        for path, value in changes.items()
    ]


def _change(written: str) -> tuple[str, Value]:
    path, sign, value = written.partition("=")
    if not sign:
        raise ValueError(f"{written[:40]!r} is no change, expected PATH=VALUE")
    if value in ("true", "false"):
        return path, value == "true"
    try:
        return path, float(value)
    except ValueError:
        raise ValueError(f"{value[:20]!r} is no number or switch") from None


def _packed(text: str) -> str:
    packed = zlib.compress(text.encode("utf-8"), 9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _unpacked(written: str) -> str:
    """The text in a link, never longer than a scenario may be. Raises ValueError."""
    try:
        raw = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
        text = zlib.decompressobj().decompress(raw, LARGEST_FILE_BYTES + 1).decode("utf-8")
    except (binascii.Error, zlib.error, UnicodeDecodeError, ValueError):
        text = ""
    if not text:
        raise ValueError("is no scenario, expected the whole link")
    return text
