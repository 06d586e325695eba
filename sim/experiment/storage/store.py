"""Results on disk: a folder named by its content, complete or resumable, never half-written.

While an ensemble is under way its chunks lie in `chunks/`, each written once by an atomic rename.
When the last one is written, they are joined into one Parquet file per table, the manifest is
written and the chunks are removed. A keyboard interrupt leaves a readable part: the chunks so far,
joined.
"""

import contextlib
import itertools
import json
import logging
import os
import re
import shlex
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.experiment.errors import ExperimentError
from sim.experiment.record import OF_FIRST_CHUNK, TABLES, Record
from sim.experiment.storage.disk import (
    digest,
    reading_from,
    remove,
    remove_if_empty,
    replacing,
    writing_into,
)
from sim.experiment.storage.manifest import (
    MANIFEST,
    damage,
    describe,
    digests_of,
    is_of_this_model,
    read_manifest,
)
from sim.experiment.storage.tables import (
    Frames,
    OnDisk,
    Packed,
    join,
    read_part,
    read_table,
    rows_of_runs,
    write_part,
)
from sim.experiment.storage.version import model_version
from sim.scenario.errors import ScenarioError
from sim.scenario.schema import Scenario, figures
from sim.scenario.stored import content_hash, from_stored, stored

if TYPE_CHECKING:
    from sim.war.outcomes import Table

_MARKER = re.compile(r"\d{9,}\.done")
MOST_LEFT_RUNS = 25_000
"""How many runs are joined after an interrupt, which takes a second or two."""

NO_RESULTS = "no results here, expected the manifest.json that a command wrote"
_log = logging.getLogger(__name__)


class Chunks:
    """Tables that are written chunk by chunk and joined when the last chunk is written.

    A chunk's marker, written last, holds the digests of its files: a chunk of which a byte was lost
    or changed counts as missing, which is logged.
    """

    def __init__(self, folder: Path, tables: Sequence[str]) -> None:
        self.folder, self.tables = folder, tables
        self._parts = folder / "chunks"

    def has(self, chunk: int) -> bool:
        """Whether a chunk is written and undamaged; a damaged one loses its marker."""
        if not self._marker(chunk).exists():
            return False
        try:
            digests = json.loads(self._marker(chunk).read_text(encoding="utf-8"))
            whole = bool(digests) and all(
                digest(self._file(chunk, table)) == expected for table, expected in digests.items()
            )
        except (OSError, ValueError, AttributeError):
            whole = False
        if not whole:
            _log.warning("%s: part %d is damaged, it is made anew", self.folder, chunk)
            self._marker(chunk).unlink(missing_ok=True)
        return whole

    def write(self, chunk: int, tables: "Mapping[str, Table] | Packed") -> None:
        """Write a chunk; it counts only once its marker, the last file, is written."""
        self._parts.mkdir(parents=True, exist_ok=True)
        digests = {}
        for name, table in tables.items():
            if not table:
                continue
            with replacing(self._file(chunk, name)) as temporary:
                write_part(table, temporary)
                digests[name] = digest(temporary)
        with replacing(self._marker(chunk)) as temporary:
            temporary.write_text(json.dumps(digests), encoding="utf-8")

    def read(self, chunk: int, table: str, columns: Sequence[str]) -> pd.DataFrame:
        """Some columns of a table of a written chunk."""
        return read_part(self._file(chunk, table), columns).to_pandas()

    def copy(self, other: "Chunks", chunks: Iterable[int]) -> None:
        """Copy those of some chunks that another folder has."""
        for chunk in chunks:
            if not other.has(chunk):
                continue
            self._parts.mkdir(parents=True, exist_ok=True)
            files = [other._file(chunk, table) for table in other.tables]
            for file in (*files, other._marker(chunk)):  # the marker last
                if file.exists():
                    with replacing(self._parts / file.name) as temporary:
                        shutil.copyfile(file, temporary)

    def remove(self, chunks: Iterable[int]) -> None:
        """Remove some chunks, and their folder if none is left in it."""
        for chunk in chunks:
            self._marker(chunk).unlink(missing_ok=True)
            for table in self.tables:
                self._file(chunk, table).unlink(missing_ok=True)
        if not self.written():
            self.drop()

    def written(self) -> list[int]:
        """The chunks that have their marker, in order."""
        markers = (file for file in self._parts.glob("*.done") if _MARKER.fullmatch(file.name))
        return sorted(int(marker.stem) for marker in markers)

    def join(self, chunks: Sequence[int]) -> list[str]:
        """Join chunks in order, one table per core; returns the names of the files."""
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            joined = list(threads.map(self._join, self.tables, itertools.repeat(chunks)))
        return [file for file in joined if file is not None]

    def _join(self, table: str, chunks: Sequence[int]) -> str | None:
        """Join the chunks of a table; returns the name of the file, None if no chunk has it."""
        parts = [file for chunk in chunks if (file := self._file(chunk, table)).exists()]
        target = self.folder / f"{table}.parquet"
        if not parts:
            target.unlink(missing_ok=True)  # of an earlier interrupt, with other chunks
            return None
        with replacing(target) as temporary:
            join(parts, temporary)
        return target.name

    def drop(self) -> None:
        """Remove all chunks, once they are joined and described."""
        remove(self._parts)

    def _marker(self, chunk: int) -> Path:
        return self._parts / f"{chunk:09d}.done"

    def _file(self, chunk: int, table: str) -> Path:
        return self._parts / f"{chunk:09d}.{table}.arrow"


class Results:
    """A folder of results named by content: chunks while under way, then tables and a manifest."""

    def __init__(self, out: str | Path, name: str, hashed: str, tables: Sequence[str]) -> None:
        self.hash, self.tables = hashed, tables
        self.folder = Path(out) / f"{name}-{hashed[:12]}"
        self.chunks = Chunks(self.folder, tables)
        self._is_locked = False

    def manifest(self) -> dict[str, Any]:
        """The manifest; empty if it is missing or cannot be read."""
        return read_manifest(self.folder)

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the exclusive lock of the folder; waits for another process that holds it."""
        if self._is_locked:
            yield
            return
        with writing_into(self.folder):
            self._is_locked = True
            try:
                yield
            finally:
                self._is_locked = False
        remove_if_empty(self.folder)

    def find(self) -> bool:
        """Whether the results are complete and undamaged: each file is compared with its digest.

        To be called while `writing`: damage is logged, and the tables are removed, to be computed
        again.
        """
        manifest = self.manifest()
        if not self._is_described(manifest):
            return False
        if damaged := damage(self.folder, manifest["sha256"]):
            _log.warning("%s: %s; it is made anew", self.folder, "; ".join(damaged))
            self.clear()
            return False
        self.chunks.drop()
        return True

    @property
    def is_complete(self) -> bool:
        """Whether the results are complete and undamaged; damage is neither logged nor removed."""
        manifest = self.manifest()
        return self._is_described(manifest) and not damage(self.folder, manifest["sha256"])

    def _is_described(self, manifest: Mapping[str, Any]) -> bool:
        """Whether a manifest says that the results are complete; no file is read."""
        files = manifest.get("files", [])
        return (
            manifest.get("hash") == self.hash
            and manifest.get("complete") is True
            and set(files) == set(manifest.get("sha256", {}))
            and bool(files)
        )

    def table(self, name: str) -> pd.DataFrame:
        """A table by name, empty if nothing was written of it."""
        file = f"{name}.parquet"
        is_there = file in self.manifest().get("files", ())
        return read_table(self.folder / file) if is_there else pd.DataFrame()

    def finish(self, description: Mapping[str, Any], chunks: Sequence[int]) -> None:
        """Join these chunks, all of which must exist, and write the manifest."""
        self._join({**description, "complete": True}, chunks)
        self.chunks.drop()

    def _join(self, description: Mapping[str, Any], chunks: Sequence[int]) -> None:
        """Join chunks and write the manifest, which is removed while the tables change."""
        (self.folder / MANIFEST).unlink(missing_ok=True)
        files = self.chunks.join(chunks)
        describe(self.folder, {**description, "hash": self.hash}, files)

    def clear(self) -> None:
        """Remove the tables, to compute them again; what analyses wrote into the folder stays."""
        remove(self.folder / MANIFEST)
        for table in self.tables:
            remove(self.folder / f"{table}.parquet")
        self.chunks.drop()


class Store(Results):
    """The folder of one ensemble: a scenario, a seed, a number of runs and a model version."""

    def __init__(
        self, out: str | Path, scenario: Scenario, runs: int, seed: int, with_days: bool
    ) -> None:
        self.scenario, self.runs, self.seed, self.with_days = scenario, runs, seed, with_days
        self.out = out
        self.wars = content_hash(scenario, seed, with_days, model_version())
        super().__init__(out, scenario.name, self.named(), TABLES)

    def named(self) -> str:
        """The hash of everything that decides the results."""
        return content_hash(self.scenario, self.runs, self.seed, self.with_days, model_version())

    def has_chunk(self, first: int) -> bool:
        """Whether the chunk that starts at a run is written."""
        return self.chunks.has(first)

    @classmethod
    def of_folder(cls, folder: Path) -> "Store":
        """The store of an existing folder, by its manifest. Raises KeyError if that lacks a key.

        Results of another version of the model can still be read.
        """
        manifest = read_manifest(folder)
        scenario = from_stored(manifest)
        store = cls(folder.parent, scenario, manifest["runs"], manifest["seed"], manifest["days"])
        store.folder, store.hash = folder, manifest["hash"]
        return store

    def read(self) -> Record:
        """The record as it is on disk, complete or in part."""
        files = [
            file
            for file in self.manifest().get("files", ())
            if file.removesuffix(".parquet") in TABLES
        ]
        return OnDisk(self.scenario, self.seed, self.runs, Frames(self.folder, files))

    @contextlib.contextmanager
    def lender(self) -> Iterator["Store | None"]:
        """The complete results in the same place with the most runs of the same wars, or None.

        No process writes into them meanwhile; results that one is writing are passed over.
        """
        folders = Path(self.out).glob(f"{self.scenario.name}-*")
        manifests = [read_manifest(folder) for folder in folders]
        same = [manifest for manifest in manifests if manifest.get("wars") == self.wars]
        lengths = {runs for each in same if isinstance(runs := each.get("runs"), int) and runs > 0}
        for runs in sorted(lengths - {self.runs}, reverse=True):
            other = Store(self.out, self.scenario, runs, self.seed, self.with_days)
            with reading_from(other.folder, waits=False) as is_free:
                if is_free and other.is_complete:
                    yield other
                    return
        yield None

    def lend(self, first: int, last: int) -> Packed:
        """The tables of runs `first` to `last` - 1, just as a chunk of these runs holds them.

        Fans and split belong to the first chunk and are lent with it.
        """
        lent = {}
        for file in self.manifest()["files"]:
            table = file.removesuffix(".parquet")
            if first > 0 and table in OF_FIRST_CHUNK:
                continue
            rows = rows_of_runs(self.folder / file, table, first, last)
            if len(rows):
                lent[table] = rows
        return lent

    def description(self, complete: bool) -> dict[str, Any]:
        """What the manifest says about the ensemble."""
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
            **stored(self.scenario),
        }  # fmt: skip

    def finish(self, description: Mapping[str, Any], chunks: Sequence[int]) -> None:
        """Join the chunks in order of runs, and write the manifest."""
        super().finish({**description, "runs_done": self.runs}, sorted(chunks))

    def leave(self) -> None:
        """Make what is done so far readable, as an interrupted ensemble.

        Of many chunks only the first are joined, as the user is waiting. All chunks stay.
        """
        done, runs = [], 0
        for chunk in self.chunks.written():
            if runs < MOST_LEFT_RUNS and self.chunks.has(chunk):
                done.append(chunk)
                runs += len(self.chunks.read(chunk, "runs", ["run"]))
        self._join({**self.description(complete=False), "runs_done": runs}, done)


def read(folder: Path) -> Record:
    """Read the runs of a folder of results, complete or in part, and check each file's digest.

    Raises ExperimentError, in one line with its remedy, if the folder holds no runs of a scenario,
    or a file of it is damaged.
    """
    with reading_from(folder):
        manifest = read_manifest(folder)
        if not manifest:
            raise ExperimentError(NO_RESULTS)
        if (kind := manifest.get("kind", "run")) != "run":
            raise ExperimentError(f"{kind!r} results contain no runs, expected those of sim run")
        if "scenario_as_run" not in manifest:
            raise ExperimentError(
                f"made by a version that stored no scenario, expected {anew(manifest)}"
            )
        check_tables(folder, manifest)
        try:
            store = Store.of_folder(folder)
        except KeyError as missing:
            raise ExperimentError(
                f"its manifest.json has no {missing}, expected one that a command wrote"
            ) from None
        except ScenarioError:
            if is_of_this_model(manifest):
                raise
            raise ExperimentError(unread(manifest)) from None
        if is_of_this_model(manifest) and store.named() != manifest["hash"]:
            other = "manifest.json is not as it was written: its hash is another"
            raise ExperimentError(f"{other}, expected {anew(manifest)}")
        return store.read()


def check_tables(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Check tables by the manifest of their folder. Raises ExperimentError if one is damaged."""
    if damaged := damage(folder, digests_of(manifest)):
        raise ExperimentError(f"{'; '.join(damaged)}, expected {anew(manifest)}")


def unread(manifest: Mapping[str, Any]) -> str:
    """The message that another model version made what this one cannot read, with the remedy."""
    version = manifest.get("versions", {}).get("model", "unknown")
    return (
        f"made by another version of the model ({version}), which kept other columns than this one "
        f"({model_version()}) reads, expected {anew(manifest)}"
    )


def anew(manifest: Mapping[str, Any]) -> str:
    """How to compute results again, by what their manifest says; for runs, the command."""
    changes = [str(change) for change in manifest.get("overrides", ())]
    has_all = {"scenario", "runs", "seed"} <= manifest.keys()
    is_run = manifest.get("kind", "run") == "run" and has_all
    if not is_run or any(change.startswith("without ") for change in changes):
        return "the command that made it again, which makes it anew"
    parts = [
        f"sim run {manifest['scenario']} --runs {manifest['runs']} --seed {manifest['seed']}",
        *(["--days"] if manifest.get("days") else []),
        *(f"--set {shlex.quote(change)}" for change in changes),
    ]
    return f"`{' '.join(parts)}`, which makes it anew"
