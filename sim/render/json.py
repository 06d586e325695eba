"""Figures as JSON, with substitutes for numbers that JSON lacks."""

import json
import math
from typing import Any


def as_json(figures: Any) -> str:
    """Figures as JSON text: infinity is the string "inf", and NaN is null."""
    return json.dumps(_plain(figures), indent=1, allow_nan=False, default=str)


def print_json(figures: Any) -> None:
    """Print figures as one JSON object."""
    print(as_json(figures))


def _plain(figures: Any) -> Any:
    if isinstance(figures, dict):
        return {key: _plain(value) for key, value in figures.items()}
    if isinstance(figures, list):
        return [_plain(value) for value in figures]
    if isinstance(figures, float) and math.isnan(figures):
        return None
    return "inf" if figures == math.inf else figures
