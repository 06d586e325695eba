"""Values of YAML scalars: numbers, switches, dates and words."""

import datetime
from typing import Any

_SWITCHES = {"true": True, "false": False}
_BASES = {"0x": 16, "0o": 8, "0b": 2}


def value_of(kind: str, written: str) -> Any:
    """What is written, read as of a kind, such as int. Raises ValueError where it is no such."""
    match kind:
        case "null":
            return None
        case "bool":
            return _switch(written)
        case "int":
            return _whole(written.replace("_", ""))
        case "float":
            return _number(written.replace("_", "").lower())
        case "timestamp":
            return datetime.date.fromisoformat(written)
    return written


def _switch(written: str) -> bool:
    if written.lower() not in _SWITCHES:
        raise ValueError(f"{written!r} is no switch, expected true or false")
    return _SWITCHES[written.lower()]


def _whole(written: str) -> int:
    sign = -1 if written.startswith("-") else 1
    digits = written.lstrip("+-")
    return sign * int(digits, _BASES.get(digits[:2], 10))


def _number(written: str) -> float:
    if written.endswith((".inf", ".nan")):
        return float(written.replace(".", ""))
    return float(written)
