"""Tables as CSV in which a spreadsheet takes no text for a formula."""

import re
from collections.abc import Mapping
from io import StringIO

import pandas as pd

_FORMULA = re.compile(r"'*(?!'*([+-]{1,2}|[+-][\d.]+(e[+-]?\d+)?)$)[=+\-@\t\r]")
"""The start of what a spreadsheet computes, or of what looks quoted when it is read again, but
not a bare sign or number."""


def as_csv(table: pd.DataFrame, float_format: str | None = None) -> str:
    """A table as text; a word that begins with =, +, - or @ is prefixed by an apostrophe.

    A spreadsheet would compute it, or even start a program. Numbers and signs stay unchanged.
    """
    safe = table.rename(columns=_quoted)
    for name in safe.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in safe.dtypes]]:
        safe[name] = safe[name].astype(object).map(_quoted)
    return str(safe.to_csv(index=False, lineterminator="\n", float_format=float_format))


def from_csv(text: str, kinds: Mapping[str, type] | None = None) -> pd.DataFrame:
    """The table written by `as_csv`; `kinds` are the types of some columns."""
    table = pd.read_csv(StringIO(text), dtype=kinds).rename(columns=_bare)
    for name in table.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes]]:
        table[name] = table[name].map(_bare)
    return table


def _quoted(word: object) -> object:
    return f"'{word}" if isinstance(word, str) and _FORMULA.match(word) else word


def _bare(word: object) -> object:
    return word[1:] if isinstance(word, str) and _FORMULA.match(word[1:]) else word
