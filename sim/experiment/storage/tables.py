"""Tables on disk: Parquet files with dictionaries for words and null for NaN."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import feather

from sim.experiment.errors import ExperimentError
from sim.experiment.record import OF_FIRST_CHUNK, Record

if TYPE_CHECKING:
    from sim.war.outcomes import Table

Packed = dict[str, pa.Table]
"""The tables of a chunk as they are written and sent."""

_SMALL_CELLS = 10_000_000  # at most, of a table that is kept in memory once read
_KEPT_COLUMNS = 8  # of large tables: an answer reads some of them several times
_ROW_GROUP = 20_000  # rows at least, so that a million runs have few groups


# --- writing ---------------------------------------------------------------------------------


def packed(tables: "Mapping[str, Table | pa.Table]") -> Packed:
    """The tables of a chunk as they are written, which are small to send between processes."""
    return {name: _arrow(table) for name, table in tables.items()}


def write_part(table: "Table | pa.Table", file: Path) -> None:
    """Write a table of a chunk as an Arrow (Feather) file, in half the time of Parquet."""
    feather.write_feather(_arrow(table), str(file), compression="lz4")


def read_part(file: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a table of a chunk, or some of its columns."""
    return feather.read_table(str(file), columns, memory_map=True, use_threads=False)


def join(parts: Sequence[Path], target: Path) -> None:
    """Write the rows of several chunks into one Parquet file, some chunks to a row group."""
    waiting: list[pa.Table] = []
    with _writer(target, read_part(parts[0]).schema) as writer:
        for part in parts:
            waiting.append(read_part(part))
            if sum(map(len, waiting)) >= _ROW_GROUP or part is parts[-1]:
                writer.write_table(pa.concat_tables(waiting).unify_dictionaries())
                waiting.clear()


def _arrow(table: "Table | pa.Table") -> pa.Table:
    """A table of columns as an Arrow table, with dictionaries for words and null for NaN.

    Pandas reads null as NaN; other tools would take NaN for a number, and the largest.
    """
    if isinstance(table, pa.Table):
        return table
    return pa.table({name: _column(values) for name, values in table.items()})


def _column(values: Any) -> pa.Array:
    if isinstance(values, pd.Categorical):
        numbers = pa.array(values.codes).dictionary_encode()  # by first appearance, as strings
        words = pa.array(values.categories.to_numpy(object), pa.string())
        return pa.DictionaryArray.from_arrays(numbers.indices, words.take(numbers.dictionary))
    column = pa.array(values, from_pandas=True)
    return column.dictionary_encode() if pa.types.is_string(column.type) else column


def _writer(file: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A writer of a Parquet file with dictionaries for words only: for numbers they add size."""
    words = [field.name for field in schema if pa.types.is_dictionary(field.type)]
    return pq.ParquetWriter(file, schema, compression="zstd", use_dictionary=words)


# --- reading ---------------------------------------------------------------------------------


def read_table(file: Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Read a table from a file, or some of its columns."""
    return pq.read_table(file, columns=None if columns is None else list(columns)).to_pandas()


def rows_of_runs(file: Path, table: str, first: int, last: int) -> pa.Table:
    """The rows of runs `first` to `last` - 1, just as a chunk of these runs holds them."""
    rows = [("run", ">=", first), ("run", "<", last)]
    read = pq.read_table(file, filters=None if table in OF_FIRST_CHUNK else rows)
    columns = {}
    for name in read.column_names:
        column = read[name].combine_chunks()
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode().dictionary_encode()  # with the words of these rows
        columns[name] = column
    return pa.table(columns)


def frames_of(chunks: "Iterable[Mapping[str, Table | pa.Table]]") -> dict[str, pd.DataFrame]:
    """The tables of several chunks, concatenated, as they would be read from disk."""
    parts: dict[str, list[pa.Table]] = {}
    for tables in chunks:
        for name, table in packed(tables).items():
            parts.setdefault(name, []).append(table)
    return {
        name: pa.concat_tables(tables).unify_dictionaries().to_pandas()
        for name, tables in parts.items()
    }


def shape_of(file: Path) -> tuple[int, list[str]]:
    """The number of rows and the columns of a table's file. Raises ExperimentError if damaged."""
    read = _opened(file)
    return read.metadata.num_rows, list(read.schema_arrow.names)


def _opened(file: Path) -> pq.ParquetFile:
    """Open a table's file. Raises ExperimentError if it is none."""
    problem = ExperimentError(f"{file.name} is damaged, expected the table that a command wrote")
    if not file.is_file():  # opening a pipe would block
        raise problem
    try:
        return pq.ParquetFile(file)
    except (OSError, pa.ArrowException):
        raise problem from None


class Frames(Mapping[str, pd.DataFrame]):
    """The tables of a folder by name, each read when it is first needed."""

    def __init__(self, folder: Path, files: Iterable[str]) -> None:
        self.files = {file.removesuffix(".parquet"): _opened(folder / file) for file in files}
        self._read: dict[str, pd.DataFrame] = {}
        self._names: dict[str, list[str]] = {}
        self._columns: dict[tuple[str, str], pd.Series[Any]] = {}

    def __getitem__(self, table: str) -> pd.DataFrame:
        if table not in self._read:
            self._read[table] = self.files[table].read().to_pandas()
        return self._read[table]

    def names(self, table: str) -> list[str]:
        """The names of a table's columns; none if there is no such table."""
        if table in self.files and table not in self._names:
            self._names[table] = list(self.files[table].schema_arrow.names)
        return self._names.get(table, [])

    def column(self, table: str, name: str) -> "pd.Series[Any]":
        """One column of a table, which is kept until others have been read since."""
        column = self._columns.pop((table, name), None)
        if column is None:
            read = self.files[table].read(columns=[name], use_threads=False)
            column = read.column(0).to_pandas().rename(name)
            if len(self._columns) == _KEPT_COLUMNS:
                del self._columns[next(iter(self._columns))]
        self._columns[table, name] = column
        return column

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)


def _is_small(file: pq.ParquetFile) -> bool:
    return bool(file.metadata.num_rows * file.metadata.num_columns <= _SMALL_CELLS)


class OnDisk(Record):
    """A record on disk that reads only what is needed of its large tables."""

    frames: Frames

    def _in_memory(self, table: str) -> pd.DataFrame | None:
        file = self.frames.files.get(table)
        return self.frames[table] if file is not None and _is_small(file) else None

    def _names(self, table: str) -> list[str]:
        return self.frames.names(table)

    def _blocks(self, table: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        file = self.frames.files.get(table)
        if file is None or _is_small(file):
            yield from super()._blocks(table, columns)
            return
        for group in range(file.metadata.num_row_groups):
            yield file.read_row_group(group, columns=list(dict.fromkeys(columns))).to_pandas()

    def column(self, table: str, name: str) -> "pd.Series[Any]":
        file = self.frames.files.get(table)
        if file is None or _is_small(file):
            return super().column(table, name)
        self._check_columns(table, [name])
        return self.frames.column(table, name)

    def _columns(self, table: str, columns: Sequence[str]) -> pd.DataFrame:
        file = self.frames.files.get(table)
        if file is None or _is_small(file):
            return super()._columns(table, columns)
        return file.read(columns=list(dict.fromkeys(columns)), use_threads=False).to_pandas()
