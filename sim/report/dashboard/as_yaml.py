"""Plain data as YAML; read again, it is the same data."""

import datetime
import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

_PLAIN_KEY = re.compile(r"[a-z_][a-z0-9_-]*", re.IGNORECASE)
_PLAIN_TEXT = re.compile(r"[A-Za-z](?:[A-Za-z0-9 ()/_-]*[A-Za-z0-9)])?")
_NO_TEXT = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_HIDDEN = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")
_WIDTH = 100


def as_yaml(data: Mapping[str, Any], depth: int = 0) -> Iterator[str]:
    """A mapping as lines: what is short in one line, anything else in a block of its own."""
    for key, value in data.items():
        head = f"{'  ' * depth}{_key(key)}:"
        line = f"{head} {_flow(value)}"
        if isinstance(value, Mapping) and value and len(line) > _WIDTH:
            yield head
            yield from as_yaml(value, depth + 1)
        else:
            yield line


def _flow(value: Any) -> str:
    """A value in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else f"{'-' if value < 0 else ''}.inf"
    return _word(value) if isinstance(value, str) else repr(value)


def _key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else _quoted(key)


def _word(text: str) -> str:
    """Text as it is where nobody could read it as anything else."""
    is_plain = _PLAIN_TEXT.fullmatch(text) and text.lower() not in _NO_TEXT
    return text if is_plain else _quoted(text)


def _quoted(text: str) -> str:
    """Text between double quotes, which JSON and YAML write alike but for what YAML hides."""
    written = json.dumps(text, ensure_ascii=False)
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", written)
