"""What pydantic finds wrong, in our words and at the place in the file."""

import types
import typing
from typing import Any

from pydantic import BaseModel, ValidationError

from sim.scenario.errors import ScenarioError
from sim.scenario.figure import Block, did_you_mean
from sim.scenario.schema import Mechanisms
from sim.scenario.text.document import Document, Place


def refusal(document: Document, root: type[Block], error: ValidationError) -> ScenarioError:
    """The error to raise where a document is none of what `root` describes."""
    for details in error.errors(include_url=False):
        if not _is_echo(details):
            _explain(document, root, details)
    return ScenarioError(dict.fromkeys(document.problems))


def _explain(document: Document, root: type[Block], details: Any) -> None:
    path = _written_path(document.data, details["loc"])
    if any(path[:depth] in document.unread for depth in range(len(path) + 1)):
        return
    kind, message = details["type"], details["msg"]
    if kind == "extra_forbidden":
        known = _known_keys(root, path[:-1])
        hint = did_you_mean(str(path[-1]), known) or ", expected one of the schema's"
        message = f"the key is not known{hint}"
    elif kind == "missing":
        message = "is missing, expected it here"
        if len(path) == 3 and path[::2] == ("mechanisms", "path"):
            hint = did_you_mean(str(path[1]), Mechanisms.model_fields)
            message = f"is missing: {path[1]} is not a built-in mechanism{hint or ', '} " + (
                "expected the path FILE.py:FUNCTION of your own"
            )
    elif kind in ("model_type", "model_attributes_type", "dict_type"):
        message = f"{_quoted(details)} is no block, expected keys followed by values"
    elif kind in ("too_short", "too_long"):
        context = details["ctx"]
        bound = context.get("min_length", context.get("max_length"))
        word = "least" if kind == "too_short" else "most"
        message = f"has {context['actual_length']} entries, expected at {word} {bound}"
    elif kind == "bool_type":
        message = f"{_quoted(details)} is no switch, expected true or false"
    elif kind in ("tuple_type", "list_type"):
        message = f"{_quoted(details)} is no list, expected one, such as [A, B]"
    elif kind == "string_pattern_mismatch":
        message = _PATTERNS.get(path[-1], _A_NAME)
    elif "union_tag" in kind:
        known = details["ctx"].get("expected_tags", "a known kind")
        message = f"kind is missing or not known, expected {known}"
    elif details["type"] not in _OWN_ERRORS:
        message = f"{_quoted(details)} does not fit: {message[:1].lower()}{message[1:]}"
    document.problem(path, message)


def _written_path(data: Any, loc: tuple[str | int, ...]) -> Place:
    """A location of pydantic's as the path in the file: without the tags of unions."""
    path: list[str | int] = []
    here: Any = data
    for part in loc:
        is_there = isinstance(here, dict) and part in here
        if not is_there and part in _UNION_TAGS:
            continue
        path.append(part)
        is_item = isinstance(here, list) and isinstance(part, int) and part < len(here)
        here = here[part] if is_there or is_item else None
    return tuple(path)


_A_NAME = "is no name, expected small letters, digits, '-' and '_', a letter first"
_PATTERNS: dict[str | int, str] = {
    "path": "names no function of a file, expected FILE.py:FUNCTION",
}


def _quoted(details: Any) -> str:
    text = repr(details.get("input"))
    return text if len(text) <= 40 else text[:37] + "..."


def _is_echo(details: Any) -> bool:
    """Whether a list counts as too short only because its items are wrong, each with its error."""
    written = details.get("input")
    return details["type"] == "too_short" and isinstance(written, list) and bool(written)


_OWN_ERRORS = frozenset(
    {
        "figure_provenance",
        "figure_range",
        "figure_law",
        "figure_number",
        "figure_form",
        "figure_bounds",
        "unit",
        "unknown_source",
        "register",
        "text",
        "attitudes",
        "unknown_name",
        "date",
        "date_outside",
        "missing_side",
        "weapon",
        "wave",
        "campaign",
        "roles",
        "ceasefire",
        "history",
        "period",
        "series",
    }
)
_UNION_TAGS = (
    "[key]",
    "(figure)",
    "(by side)",
    "shooter",
    "jammer",
    "direct",
    "covert",
    "nash",
    "rubinstein",
    "concession",
    "mediator",
    "blow",
    "sweetener",
    "gesture",
)


def _known_keys(root: type[Block], path: Place) -> tuple[str, ...]:
    """The keys the schema knows at a place."""
    here: list[Any] = [root]
    for part in path:
        here = [inner for kind in here for inner in _inside(kind, part)]
    blocks = [kind for kind in here if isinstance(kind, type) and issubclass(kind, BaseModel)]
    return tuple(dict.fromkeys(name for block in blocks for name in block.model_fields))


def _inside(kind: Any, part: str | int) -> list[Any]:
    if isinstance(kind, type) and issubclass(kind, Block):
        field = kind.model_fields.get(str(part))
        return _kinds(field.annotation) if field else []
    if typing.get_origin(kind) in (dict, tuple):
        return _kinds(typing.get_args(kind)[-1 if typing.get_origin(kind) is dict else 0])
    return []


def _kinds(annotation: Any) -> list[Any]:
    """The block, dict and tuple types an annotation may hold."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _kinds(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return [kind for arg in typing.get_args(annotation) for kind in _kinds(arg)]
    return [annotation]
