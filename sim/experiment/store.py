"""Results on disk: a folder named by its content, written whole or resumed, never half-written.

While an ensemble is under way its chunks lie in `chunks/`, each written once by an atomic rename.
When the last is there they are joined to one Parquet file a table, the manifest is written and
the chunks go. What interrupts the work leaves a readable part: the chunks so far, joined.
"""

import datetime
import hashlib
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import sim
from sim.experiment.errors import ExperimentError
from sim.experiment.record import OF_FIRST_CHUNK, TABLES, Record
from sim.experiment.version import model_version
from sim.scenario.load import as_kept, content_hash, from_kept
from sim.scenario.ordinary import read_ordinary
from sim.scenario.schema import Scenario, figures

if TYPE_CHECKING:
    from sim.war.outcomes import Table

Packed = dict[str, pa.Table]
"""The tables of a chunk as they are written and sent."""

_SMALL_CELLS = 10_000_000  # of a table that is kept in memory once it is read
_ROW_GROUP = 20_000  # rows at least, so that a million runs have few
_LARGEST_MANIFEST_BYTES = 100_000_000
_LIBRARIES = ("mesa", "numpy", "scipy", "numba", "pydantic", "pyarrow", "pandas")


class Chunks:
    """Tables that are written chunk by chunk and joined when the last is there.

    A chunk's marker, written last, holds the digests of its files: a chunk that lost or changed a
    byte, by whatever accident, is one that is not there. `damaged` are those so found.
    """

    def __init__(self, folder: Path, tables: Sequence[str]) -> None:
        self.folder, self.tables = folder, tables
        self.damaged: list[int] = []
        self._parts = folder / "chunks"

    def has(self, chunk: int) -> bool:
        """Whether a chunk is written and whole."""
        if not self._marker(chunk).exists():
            return False
        try:
            digests = json.loads(self._marker(chunk).read_text(encoding="utf-8"))
            whole = all(_digest(self._file(chunk, t)) == d for t, d in digests.items())
        except (OSError, ValueError, AttributeError):
            whole = False
        if not whole:
            self._marker(chunk).unlink(missing_ok=True)
            self.damaged.append(chunk)
        return whole

    def write(self, chunk: int, tables: "Mapping[str, Table | pa.Table]") -> None:
        """Write a chunk; it counts only when its marker, the last file, is there."""
        self._parts.mkdir(parents=True, exist_ok=True)
        digests = {}
        for name, table in tables.items():
            if not table:
                continue
            rows = _arrow(table)
            with replacing(self._file(chunk, name)) as temporary:
                with _writer(temporary, rows.schema, "lz4") as writer:  # quick, and soon joined
                    writer.write_table(rows)
                digests[name] = _digest(temporary)
        with replacing(self._marker(chunk)) as temporary:
            temporary.write_text(json.dumps(digests), encoding="utf-8")

    def read(self, chunk: int, table: str, columns: Sequence[str]) -> pd.DataFrame:
        """Some columns of a table of a chunk that is there."""
        return pq.read_table(self._file(chunk, table), columns=list(columns)).to_pandas()

    def copy(self, other: "Chunks", chunks: Iterable[int]) -> None:
        """Take over what another has of some chunks; the other keeps them."""
        for chunk in chunks:
            if not other.has(chunk):
                continue
            self._parts.mkdir(parents=True, exist_ok=True)
            tables = [other._file(chunk, table) for table in other.tables]
            for file in (*tables, other._marker(chunk)):  # the marker last
                if file.exists():
                    with replacing(self._parts / file.name) as temporary:
                        shutil.copyfile(file, temporary)

    def remove(self, chunks: Iterable[int]) -> None:
        """Remove some chunks, and the folder with them if nothing is left in it."""
        for chunk in chunks:
            self._marker(chunk).unlink(missing_ok=True)
            for table in self.tables:
                self._file(chunk, table).unlink(missing_ok=True)
        for folder in (self._parts, self.folder):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()

    def written(self) -> list[int]:
        """The chunks that have their marker, in order."""
        return sorted(int(marker.stem) for marker in self._parts.glob("*.done"))

    def join(self, chunks: Sequence[int]) -> list[str]:
        """Join chunks in their order; returns the names of the files."""
        files = []
        for table in self.tables:
            parts = [file for chunk in chunks if (file := self._file(chunk, table)).exists()]
            if parts:
                target = self.folder / f"{table}.parquet"
                with replacing(target) as temporary:
                    _join(parts, temporary)
                files.append(target.name)
        return files

    def drop(self) -> None:
        """Remove the parts, once they are joined and described."""
        shutil.rmtree(self._parts, ignore_errors=True)

    def _marker(self, chunk: int) -> Path:
        return self._parts / f"{chunk:09d}.done"

    def _file(self, chunk: int, table: str) -> Path:
        return self._parts / f"{chunk:09d}.{table}.parquet"


class Results:
    """A folder of results named by content: chunks while under way, then tables and a manifest."""

    def __init__(self, out: str | Path, name: str, hashed: str, tables: Sequence[str]) -> None:
        self.hash, self.tables = hashed, tables
        self.folder = Path(out) / f"{name}-{hashed[:12]}"
        self.chunks = Chunks(self.folder, tables)

    def manifest(self) -> dict[str, Any]:
        """The manifest, empty where there is none or it cannot be read."""
        return read_manifest(self.folder)

    @property
    def is_complete(self) -> bool:
        """Whether everything is there, joined and described."""
        manifest = self.manifest()
        files = (self.folder / name for name in manifest.get("files", ()))
        return (
            manifest.get("hash") == self.hash
            and manifest.get("complete") is True
            and all(file.is_file() for file in files)
        )

    @property
    def is_undamaged(self) -> bool:
        """Whether each file of whole results has the digest its manifest tells."""
        digests = self.manifest()["sha256"]
        return all(_digest(self.folder / name) == told for name, told in digests.items())

    @property
    def is_whole(self) -> bool:
        """Whether everything is there and each file as it was written."""
        return self.is_complete and self.is_undamaged

    def table(self, name: str) -> pd.DataFrame:
        """One of the tables, empty where nothing was written of it."""
        file = self.folder / f"{name}.parquet"
        return pq.read_table(file).to_pandas() if file.exists() else pd.DataFrame()

    def finish(self, said: Mapping[str, Any], chunks: Sequence[int]) -> bool:
        """Join these chunks and describe them, if all of them are there; else False.

        They may be gone when another process has finished the same work meanwhile.
        """
        try:
            all_there = set(chunks) <= set(self.chunks.written())
            files = self.chunks.join(chunks) if all_there else []
        except FileNotFoundError:
            files = []
        if not files:
            return False
        self._describe({**said, "complete": True}, files)
        self.chunks.drop()
        return True

    def _describe(self, said: Mapping[str, Any], files: list[str]) -> None:
        for name in files:
            _flush(self.folder / name)
        digests = {name: _digest(self.folder / name) for name in files}
        made = datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")
        what = {"hash": self.hash, "made": made, "files": files, "sha256": digests}
        write_manifest(self.folder, {**said, **what, **provenance()})

    def clear(self) -> None:
        """Drop the tables, to compute them again; what analyses of them wrote beside them stays."""
        (self.folder / "manifest.json").unlink(missing_ok=True)
        for table in self.tables:
            (self.folder / f"{table}.parquet").unlink(missing_ok=True)
        self.chunks.drop()


class Store(Results):
    """The folder of one ensemble: a scenario, a seed, a number of runs and a model version."""

    def __init__(
        self, out: str | Path, scenario: Scenario, runs: int, seed: int, with_days: bool
    ) -> None:
        self.scenario, self.runs, self.seed, self.with_days = scenario, runs, seed, with_days
        self.out = out
        self.wars = content_hash(scenario, seed, with_days, model_version())
        hashed = content_hash(scenario, runs, seed, with_days, model_version())
        super().__init__(out, scenario.name, hashed, TABLES)

    def has_chunk(self, first: int) -> bool:
        """Whether the chunk that starts at a run is written."""
        return self.chunks.has(first)

    @classmethod
    def of_folder(cls, folder: Path) -> "Store":
        """The store whose folder this is, by its manifest. Raises KeyError where it does not say.

        The model may have been another version then: what is there is still read.
        """
        said = read_manifest(folder)
        store = cls(folder.parent, from_kept(said), said["runs"], said["seed"], said["days"])
        store.folder, store.hash = folder, said["hash"]
        return store

    def read(self) -> Record:
        """The record as it is on disk, whole or in part."""
        return _OnDisk(self.scenario, self.seed, self.runs, _Frames(self.folder))

    def longest_sibling(self) -> "Store | None":
        """The whole and undamaged results beside these that hold most runs of the same wars."""
        folders = Path(self.out).glob(f"{self.scenario.name}-*")
        said = [said for f in folders if (said := read_manifest(f)).get("wars") == self.wars]
        for runs in sorted((each["runs"] for each in said), reverse=True):
            other = Store(self.out, self.scenario, runs, self.seed, self.with_days)
            if runs != self.runs and other.is_whole:
                return other
        return None

    def lend(self, first: int, last: int) -> "dict[str, pa.Table]":
        """The tables of runs `first` to `last` - 1 as the chunk that holds just these has them.

        Fans and split, which are of the first chunk, are lent with it.
        """
        lent = {}
        for table in self.tables:
            file = self.folder / f"{table}.parquet"
            if not file.exists() or (first > 0 and table in OF_FIRST_CHUNK):
                continue
            rows = [("run", ">=", first), ("run", "<", last)]
            read = pq.read_table(file, filters=None if table in OF_FIRST_CHUNK else rows)
            if len(read):
                lent[table] = _as_written(read)
        return lent

    def said(self, complete: bool) -> dict[str, Any]:
        """What the manifest says of the ensemble."""
        return {
            "scenario": self.scenario.name,
            "wars": self.wars,
            "complete": complete,
            "runs": self.runs,
            "seed": self.seed,
            "days": self.with_days,
            "drawn": {
                path: {"law": figure.law or "triangular", "value": figure.value,
                       "low": figure.low, "high": figure.high, "unit": figure.unit}
                for path, figure in figures(self.scenario) if figure.is_drawn
            },
            **as_kept(self.scenario),
        }  # fmt: skip

    def finish(self, said: Mapping[str, Any], chunks: Sequence[int]) -> bool:
        """Join the chunks, run by run, and describe them, if all of these are there."""
        return super().finish({**said, "runs_done": self.runs}, chunks)

    def leave(self) -> None:
        """Make what is done so far readable, as an interrupted ensemble."""
        files = self.chunks.join(self.chunks.written())
        rows = pq.read_metadata(self.folder / "runs.parquet").num_rows if files else 0
        self._describe({**self.said(complete=False), "runs_done": rows}, files)


def provenance() -> dict[str, Any]:
    """What made a result: versions, commit and platform."""
    return {
        "versions": {
            "raids-and-talks": sim.__version__,
            "model": model_version(),
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in _LIBRARIES},
        },
        "commit": _commit(),
        "platform": platform.platform(),
    }


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Describe a folder of results in its manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(folder / "manifest.json") as temporary:
        temporary.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a folder, empty where there is none, or none that a command has written."""
    try:
        found = json.loads(read_ordinary(folder / "manifest.json", _LARGEST_MANIFEST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if _is_manifest(found) else {}


def _is_manifest(found: Any) -> bool:
    """Whether each thing that manifests say has its kind, and files are named within the folder."""
    if not isinstance(found, dict):
        return False
    are_kinds = all(
        isinstance(found[key], kind) and not isinstance(found[key], bool)
        for key, kind in _KINDS_IN_MANIFEST.items()
        if key in found
    )
    return are_kinds and all(
        isinstance(name, str) and Path(name).name == name
        for key in ("files", "sha256")
        for name in found.get(key, ())
    )


_KINDS_IN_MANIFEST: dict[str, type | tuple[type, ...]] = {
    "runs": (int, type(None)),
    **dict.fromkeys(("runs_done", "seed"), int),
    **dict.fromkeys(("scenario", "kind", "hash", "made", "scenario_text"), str),
    **dict.fromkeys(("overrides", "files", "changes"), list),
    **dict.fromkeys(("versions", "sha256", "scenario_as_run", "sources", "code", "asked"), dict),
}


def tables_in(folder: Path) -> list[tuple[str, int, list[str]]]:
    """The name of each table's file, how many rows it has, and its columns.

    Raises ExperimentError where one is damaged.
    """
    found = []
    for file in sorted(folder.glob("*.parquet")):
        read = _opened(file)
        found.append((file.name, read.metadata.num_rows, list(read.schema_arrow.names)))
    return found


def _opened(file: Path) -> pq.ParquetFile:
    """A table's file. Raises ExperimentError where it is none."""
    problem = ExperimentError(f"{file.name} is damaged, expected the table that a command wrote")
    if not file.is_file():  # nor is a pipe waited for
        raise problem
    try:
        return pq.ParquetFile(file)
    except (OSError, pa.ArrowException):
        raise problem from None


class _Frames(Mapping[str, pd.DataFrame]):
    """The tables of a folder, each read when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self.files = {
            table: _opened(file)
            for table in TABLES
            if (file := folder / f"{table}.parquet").exists()
        }
        self._read: dict[str, pd.DataFrame] = {}

    def __getitem__(self, table: str) -> pd.DataFrame:
        if table not in self._read:
            self._read[table] = self.files[table].read().to_pandas()
        return self._read[table]

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)


class _OnDisk(Record):
    """A record that reads of its large tables no more than is asked for."""

    frames: _Frames

    def _names(self, table: str) -> list[str]:
        file = self.frames.files.get(table)
        return [] if file is None else list(file.schema_arrow.names)

    def _blocks(self, table: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        file = self.frames.files.get(table)
        if file is None or file.metadata.num_rows * file.metadata.num_columns <= _SMALL_CELLS:
            yield from super()._blocks(table, columns)
            return
        for group in range(file.metadata.num_row_groups):
            yield file.read_row_group(group, columns=list(dict.fromkeys(columns))).to_pandas()


def _digest(file: Path) -> str:
    """The SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _flush(file: Path) -> None:
    """Have a file on the disk itself, so that no power cut leaves a manifest without it."""
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())


class replacing:  # noqa: N801  (used like a function)
    """A temporary path that takes the target's place when the block ends well."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.temporary = target.with_name(f".{target.name}.{os.getpid()}")

    def __enter__(self) -> Path:
        return self.temporary

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            os.replace(self.temporary, self.target)
        else:
            self.temporary.unlink(missing_ok=True)


def packed(tables: "Mapping[str, Table | pa.Table]") -> Packed:
    """The tables of a chunk as they are written, small to send from one process to another."""
    return {name: _arrow(table) for name, table in tables.items()}


def _arrow(table: "Table | pa.Table") -> pa.Table:
    """A table of columns as Arrow, words as dictionaries, what is not a number as null.

    Pandas reads null as NaN; other tools would take NaN for a number, and the largest.
    """
    if isinstance(table, pa.Table):
        return table
    columns = {name: pa.array(values, from_pandas=True) for name, values in table.items()}
    words = {
        name: column.dictionary_encode()
        for name, column in columns.items()
        if pa.types.is_string(column.type)
    }
    return pa.table(columns | words)


def _as_written(table: pa.Table) -> pa.Table:
    """Rows read out of a larger file as they were in their chunk, with the words of these rows."""
    columns = {}
    for name in table.column_names:
        column = table[name].combine_chunks()
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode().dictionary_encode()
        columns[name] = column
    return pa.table(columns)


def _writer(file: Path, schema: pa.Schema, compression: str) -> pq.ParquetWriter:
    """What writes a Parquet file; numbers without dictionaries, which would only make it larger."""
    words = [field.name for field in schema if pa.types.is_dictionary(field.type)]
    return pq.ParquetWriter(file, schema, compression=compression, use_dictionary=words)


def _join(parts: list[Path], target: Path) -> None:
    """Write the rows of several Parquet files into one, some of them together a row group."""
    held: list[pa.Table] = []
    with _writer(target, pq.read_schema(parts[0]), "zstd") as writer:
        for part in parts:
            held.append(pq.read_table(part))
            if sum(map(len, held)) >= _ROW_GROUP or part is parts[-1]:
                writer.write_table(pa.concat_tables(held).unify_dictionaries())
                held.clear()


def frames_of(chunks: "Iterable[Mapping[str, Table | pa.Table]]") -> dict[str, pd.DataFrame]:
    """The tables of several chunks one under the other, as they would be read from disk."""
    parts: dict[str, list[pa.Table]] = {}
    for tables in chunks:
        for name, table in packed(tables).items():
            parts.setdefault(name, []).append(table)
    return {
        name: pa.concat_tables(tables).unify_dictionaries().to_pandas()
        for name, tables in parts.items()
    }


def _commit() -> str | None:
    """The commit of the source tree the package is imported from, if it is one."""
    root = Path(sim.__file__).parent.parent
    if not (root / ".git").exists():
        return None
    try:
        found = subprocess.run(
            ["git", "-C", str(root), "rev-parse", "HEAD"],
            capture_output=True, encoding="utf-8", timeout=10, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip() or None
