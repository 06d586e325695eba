"""Read the rows of a CSV file of nights, as spreadsheets and people write them.

Accepts commas, semicolons or tabs, a byte order mark, columns in any order and others among them,
and empty rows. A cell is read if its meaning is clear. A row with an ambiguous cell is left out and
reported, and so is a duplicate.
"""

import csv
import datetime
import io
import itertools
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from sim.scenario.text.regular_file import NotOrdinary, read_ordinary

COLUMNS = ("time_start", "time_end", "model", "launched", "destroyed", "not_reach_goal")
COUNTS_THAT_MAY_BE_THERE = ("is_shahed", "still_attacking", "num_hit_location")
MAY_BE_THERE = (*COUNTS_THAT_MAY_BE_THERE, "target")
COUNTS = (*COLUMNS[3:], *COUNTS_THAT_MAY_BE_THERE)
MOST_LAUNCHED = 10_000
LARGEST_FILE_BYTES = 50_000_000

_YEARS = range(2000, 2100)
_SEPARATORS = ",;\t"
_NOTHING = ("", "-", "–", "?", "nan", "na", "n/a", "none", "null")
_ABOUT = re.compile(r"^[~≈]\s*")
_THOUSANDS = re.compile(r"\d{1,3}(?:[ ,']\d{3})+")
_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(\d{1,2}):(\d\d)(?::(\d\d))?)?")


class NightsError(ValueError):
    """An unusable file of nights, or date: one line that names place and fault."""


class _UnreadError(Exception):
    """An unreadable cell: its column, its text and what is expected."""

    def __init__(self, column: str, text: str, expected: str) -> None:
        self.column = column
        super().__init__(f"{column}: {text[:60]!r}, expected {expected}")


@dataclass(frozen=True)
class Row:
    """A row as read: the night on which it ended, the model, and the counts, None if missing."""

    night: datetime.date
    model: str
    launched: int | None
    destroyed: int | None
    not_reach_goal: int | None
    is_shahed: int | None
    still_attacking: int | None
    num_hit_location: int | None
    target: str


@dataclass
class Notes:
    """Notes on a file: the number of rows left out by reason, and lines that name them."""

    left_out: dict[str, int] = field(default_factory=dict)
    by_row: list[str] = field(default_factory=list)

    def leave_out(self, why: str, line: str = "") -> None:
        """Count a row that is left out, and name it if it could be corrected in the file."""
        self.left_out[why] = self.left_out.get(why, 0) + 1
        if line:
            self.by_row.append(line)


def read_rows(path: str | Path, notes: Notes) -> Iterator[Row]:
    """The usable rows of a file, each once; `notes` collects the others.

    Raises NightsError if it is no such file, lacks a column, or has no readable row.
    """
    try:
        text = read_ordinary(path, LARGEST_FILE_BYTES).decode("utf-8-sig")
        yield from _read(str(path), io.StringIO(text, newline=""), notes)
    except NotOrdinary as error:
        raise NightsError(f"{path}: {error.strerror}") from None
    except OSError as error:
        raise NightsError(
            f"{path}: cannot be read ({error.strerror}), expected a CSV file"
        ) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise NightsError(f"{path}: not a CSV file in UTF-8 ({error})") from None


def _read(path: str, file: TextIO, notes: Notes) -> Iterator[Row]:
    header, separator, skipped = _header(path, file)
    names = [*COLUMNS, *(name for name in MAY_BE_THERE if name in header)]
    wanted = [header.index(name) for name in names]
    met: dict[tuple[str, ...], int] = {}
    is_any = False
    reader = csv.reader(file, delimiter=separator)
    for fields in reader:
        line = skipped + reader.line_num
        cells = [_plain(cell) for cell in fields]
        if not any(cells):
            continue
        while len(cells) > len(header) and not cells[-1]:
            cells.pop()
        if len(cells) != len(header):
            expected = f"{len(header)} as in the line of names"
            place = f"row {line}: {len(cells)} fields, expected {expected}"
            notes.leave_out("rows that cannot be read", f"{place}: left out")
            continue
        same = tuple(_canonical(cell) for cell in cells)
        if same in met:
            place = f"row {line}: equal to row {met[same]}, counted once"
            notes.leave_out("rows equal to another", place)
            continue
        met[same] = line
        try:
            row = _row(dict(zip(names, (cells[place] for place in wanted), strict=True)))
        except _UnreadError as error:
            notes.leave_out("rows that cannot be read", f"row {line}: {error}: left out")
            continue
        about = [name for name, place in zip(names, wanted, strict=True)
                 if name in COUNTS and _ABOUT.match(cells[place])]  # fmt: skip
        if about:
            notes.by_row.append(f"row {line}: {', '.join(about)} told as about so many: so read")
        is_any = True
        yield row
    if not is_any:
        first = f" ({notes.by_row[0]})" if notes.by_row else ""
        raise NightsError(f"{path}: no row that can be read{first}, expected one a night and model")


def _header(path: str, file: TextIO) -> tuple[list[str], str, int]:
    """The names of the columns, their separator, and the number of lines read so far."""
    line, skipped = file.readline(), 1
    if re.fullmatch(r"sep=.\s*", line):  # how a spreadsheet declares its separator
        line, skipped = file.readline(), 2
    read = {sep: _names(line, sep) for sep in _SEPARATORS}
    separator = max(read, key=lambda sep: len(set(read[sep]) & set(COLUMNS)))
    missing = [name for name in COLUMNS if name not in read[separator]]
    if missing:
        raise NightsError(
            f"{path}:{skipped}:1: no column {missing[0]!r}, expected {', '.join(COLUMNS)}"
        )
    return read[separator], separator, skipped


def _names(line: str, separator: str) -> list[str]:
    cells: Iterable[str] = itertools.chain(*csv.reader([line], delimiter=separator))
    return [_plain(cell).lower() for cell in cells]


def _plain(cell: str) -> str:
    """A cell with all white space as single plain spaces, and none at its ends."""
    return re.sub(r"[\s\u200b\ufeff]+", " ", cell).strip()


def _canonical(cell: str) -> str:
    """A cell in the form used for comparison: equal numbers look alike however they are written."""
    try:
        return repr(float(cell))
    except ValueError:
        return cell


def _row(cells: dict[str, str]) -> Row:
    """Parse the cells of a row, given by column. Raises _UnreadError."""
    end = "time_end" if cells["time_end"] else "time_start"
    counts = {name: _count(name, cells.get(name, "")) for name in COUNTS}
    target = cells.get("target", "")
    return Row(_night(end, cells[end]), cells["model"], **counts, target=target)


def _count(column: str, text: str) -> int | None:
    """A whole number, or None if the cell is empty. Raises _UnreadError."""
    if text.lower() in _NOTHING:
        return None
    written = _ABOUT.sub("", text)
    if _THOUSANDS.fullmatch(written):
        written = re.sub(r"\D", "", written)
    written = re.sub(r"(?<=\d),(?=0{1,2}$)", ".", written)  # 3,0 with a decimal comma
    try:
        number = float(written)
    except ValueError:
        number = math.nan
    if not (0 <= number <= MOST_LAUNCHED and number == int(number)):
        expected = f"a whole number from 0 to {MOST_LAUNCHED:,}, or nothing"
        raise _UnreadError(column, text, expected)
    return int(number)


def _night(column: str, text: str) -> datetime.date:
    """The date of a time, year first. Raises _UnreadError."""
    try:
        date = _date(text)
    except ValueError:
        date = datetime.date.min
    if date.year not in _YEARS:
        expected = "a date, YYYY-MM-DD, with or without HH:MM, from 2000 to 2099"
        raise _UnreadError(column, text, expected)
    return date


def _date(text: str) -> datetime.date:
    written = _DATE.fullmatch(text)
    if written is None:
        return datetime.datetime.fromisoformat(text).date()
    year, month, day, hour, minute, second = (int(part or 0) for part in written.groups())
    return datetime.datetime(year, month, day, hour, minute, second).date()
