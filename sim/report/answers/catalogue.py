"""The catalogue of results for the screen: a table of all, or everything about one."""

from collections.abc import Sequence

from sim.experiment.storage.catalogue import Entry
from sim.experiment.storage.check import Checked
from sim.experiment.storage.manifest import digests_of
from sim.experiment.storage.store import check_tables
from sim.experiment.storage.tables import shape_of
from sim.render.document import Section

_MOST_COLUMNS = 5
_MOST_CHOICES = 12


def catalogue_sections(entries: Sequence[Entry]) -> list[Section]:
    """One row per folder of results."""
    rows = [
        {
            "name": entry.name,
            "kind": entry.kind,
            "runs": f"{entry.manifest.get('runs') or 0:,}",
            "seed": str(entry.manifest.get("seed", "")),
            "made, UTC": created(entry),
            "state": "finished" if entry.is_complete else "unfinished",
            "version of the model": "this" if entry.is_current else "another",
            "size": size(entry.size_bytes),
            "set": _some(entry.overrides),
        }
        for entry in entries
    ]
    return [Section.of("Results", [] if rows else ["None."], rows)]


def entry_sections(entry: Entry) -> list[Section]:
    """Its provenance, and what its tables contain. Raises ExperimentError if one is damaged."""
    manifest = entry.manifest
    check_tables(entry.folder, manifest)
    keys = ("scenario", "experiment", "kind", "runs", "runs_done", "seed", "points", "overrides")
    facts = [(key, str(manifest[key])) for key in keys if manifest.get(key) not in (None, [])]
    facts += [("made, UTC", created(entry))] if entry.written_at else []
    facts += [(f"version of {name}", str(v)) for name, v in manifest.get("versions", {}).items()]
    shapes = {name: shape_of(entry.folder / name) for name in digests_of(manifest)}
    files = [
        (name, f"{rows:,}", f"{len(columns):,}", _some(columns))
        for name, (rows, columns) in shapes.items()
    ]
    state = "finished" if entry.is_complete else "unfinished: the same command resumes it"
    first = files[0][0] if files else "runs.parquet"
    return [
        Section("Made of", [state], ("", "is"), facts),
        Section("Tables", [], ("file", "rows", "columns", "such as"), files),
        Section("To read one", [f'pandas.read_parquet("{entry.folder}/{first}")']),
    ]


def checks_sections(checked: Sequence[Checked]) -> list[Section]:
    """One row per folder checked, and a line for each remark on it."""
    rows = [
        {
            "name": one.folder.name,
            "state": one.state,
            "runs": "" if one.runs is None else f"{one.runs:,}",
            "files held against their digests": f"{one.files:,}",
        }
        for one in checked
    ]
    faults = [f"{one.folder.name}: {line}" for one in checked for line in one.faults]
    notes = [f"{one.folder.name}: {line}" for one in checked for line in one.notes]
    return [
        Section.of("Results", [] if rows else ["None."], rows),
        Section("Wrong", faults),
        Section("Further", notes),
    ]


def choice_text(entries: Sequence[Entry]) -> list[str]:
    """One line for each of the results that match a name, the newest first."""
    lines = [
        _choice(entry) for entry in sorted(entries, key=lambda one: one.written_at, reverse=True)
    ]
    more = len(lines) - _MOST_CHOICES
    return lines[:_MOST_CHOICES] + ([f"  and {more} more: sim results"] if more > 0 else [])


def _choice(entry: Entry) -> str:
    runs, seed = entry.manifest.get("runs") or 0, entry.manifest.get("seed", "unknown")
    parts = [
        f"{runs:,} runs",
        f"seed {seed}",
        f"made {created(entry)} UTC" if entry.written_at else "",
        "" if entry.is_complete else "unfinished",
        "" if entry.is_current else "by another version of the model",
        f"set {_some(entry.overrides)}" if entry.overrides else "",
    ]
    return f"  {entry.name}: {', '.join(part for part in parts if part)}"


def created(entry: Entry) -> str:
    """The time at which results were created, to the second, in UTC."""
    return entry.written_at[:19].replace("T", " ")


def _some(columns: Sequence[str]) -> str:
    more = ", ..." if len(columns) > _MOST_COLUMNS else ""
    return ", ".join(columns[:_MOST_COLUMNS]) + more


def size(size_bytes: float) -> str:
    """A size in bytes as text, with a suitable unit."""
    for unit in ("B", "kB", "MB"):
        if size_bytes < 1000:
            return f"{size_bytes:.0f} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.1f} GB"
