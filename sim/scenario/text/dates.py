"""Dates as they are written: YYYY-MM-DD, of a publication YYYY or YYYY-MM too, and periods."""

import calendar
import contextlib
import datetime
import re
from typing import Any

_FORM = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_FORM_OF_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
_FORM_IN_PART = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)


def date_of(written: Any) -> datetime.date:
    """The date of a text YYYY-MM-DD, or that YAML has read as one. Raises ValueError.

    A number or a moment is none: the second 1736035200 of an era is somebody's slip.
    """
    if type(written) is datetime.date:
        return written
    if isinstance(written, str) and _FORM.fullmatch(written):
        with contextlib.suppress(ValueError):
            return datetime.date.fromisoformat(written)
    raise ValueError(f"{quoted(written)} is no date, expected YYYY-MM-DD")


def is_date_in_part(written: Any) -> bool:
    """Whether it is a date, a month or a year, as a publication has it."""
    text = str(written)
    if type(written) not in (datetime.date, str, int) or not _FORM_IN_PART.fullmatch(text):
        return False
    try:
        datetime.date.fromisoformat(text + "-01-01"[len(text) - 4 :])  # the first of it
    except ValueError:
        return False
    return True


Period = tuple[datetime.date, datetime.date]
"""First and last day."""


def period_of(written: str) -> Period:
    """The period of a text YYYY-MM, or YYYY-MM-DD/YYYY-MM-DD with both days in it.

    Raises ValueError.
    """
    with contextlib.suppress(ValueError):
        if _FORM_OF_MONTH.fullmatch(written):
            first = date_of(f"{written}-01")
            return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])
        begin, _, end = written.partition("/")
        first, last = date_of(begin), date_of(end)
        if first <= last:
            return first, last
    raise ValueError(f"{quoted(written)} is no period, expected YYYY-MM or YYYY-MM-DD/YYYY-MM-DD")


def quoted(written: Any) -> str:
    """What stands in place of a date, as an error quotes it."""
    is_moment = isinstance(written, datetime.datetime)
    return (written.isoformat() if is_moment else repr(written))[:40]
