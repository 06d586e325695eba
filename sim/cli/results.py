"""Commands about results on disk: list, show, check them, drop what nothing finds again."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import AsJson, Out
from sim.cli.terminal import answering, called_folder
from sim.render.json import print_json
from sim.render.terminal import print_line, print_sections

if TYPE_CHECKING:
    from sim.experiment.storage.catalogue import Entry


def listing(context: typer.Context, out: Out = "results", as_json: AsJson = False) -> None:
    """List results: what they are of, when made, finished or not, by which version of the model."""
    if context.invoked_subcommand is not None:
        return
    from sim.experiment.storage.catalogue import entries
    from sim.report.answers.catalogue import catalogue_sections

    found = entries(out)
    if as_json:
        print_json([_plain(entry) for entry in found])
    else:
        print_sections(f"Results in {out}", catalogue_sections(found))


def show(
    name: Annotated[
        str,
        typer.Argument(
            help="A folder of results or the start of its name; the newest if several fit."
        ),
    ],
    out: Out = "results",
    as_json: AsJson = False,
) -> None:
    """Show how results were made and what their tables contain."""
    from sim.experiment.storage.catalogue import entry_of
    from sim.report.answers.catalogue import entry_sections

    entry = entry_of(called_folder(name, out))
    with answering(name, out):
        sections = entry_sections(entry)
    if as_json:
        print_json(entry.manifest)
    else:
        print_sections(entry.name, sections)


def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Folders of results or their names. Default: all in the folder of the results.",
            metavar="[FOLDER]...",
        ),
    ] = None,
    out: Out = "results",
    as_json: AsJson = False,
) -> None:
    """Check that stored results are complete and unchanged.

    The exit code is 1 if some are not.
    """
    from sim.experiment.storage.catalogue import entries, published
    from sim.experiment.storage.check import check as check_folder
    from sim.report.answers.catalogue import checks_sections

    with answering(out, out):
        folders = [called_folder(name, out) for name in names or ()]
        if names is None:
            folders = [*(entry.folder for entry in entries(out)), *published(out)]
        checked = [check_folder(folder) for folder in folders]
    if as_json:
        print_json(
            [one._asdict() | {"folder": str(one.folder), "is_well": one.is_well} for one in checked]
        )
    else:
        print_sections("Results checked", checks_sections(checked))
    bad = sum(not one.is_well for one in checked)
    if bad:
        message = f"{bad} of {len(checked)} not complete, expected their commands to be run again"
        print(message, file=sys.stderr)
        raise typer.Exit(1)


def gc(
    out: Out = "results",
    yes: Annotated[
        bool, typer.Option("--yes", help="Remove them instead of only naming them.")
    ] = False,
) -> None:
    """Remove results of another version of the model.

    No command finds these results again.
    """
    from sim.experiment.storage.catalogue import drop, entries
    from sim.report.answers.catalogue import catalogue_sections, size

    stale = [entry for entry in entries(out) if not entry.is_current and entry.is_dated]
    print_sections(f"Results in {out} of another version of the model", catalogue_sections(stale))
    if not yes:
        print_line(
            "nothing was removed; --yes removes these" if stale else "there is nothing to remove",
            style="dim",
        )
        return
    with answering(out, out):
        drop(stale)
    print_line(
        f"removed {len(stale)}, {size(sum(entry.size_bytes for entry in stale))}", style="dim"
    )


def _plain(entry: "Entry") -> dict[str, object]:
    return {
        "name": entry.name,
        "kind": entry.kind,
        "runs": entry.manifest.get("runs"),
        "seed": entry.manifest.get("seed"),
        "made": entry.written_at or None,
        "overrides": entry.overrides,
        "complete": entry.is_complete,
        "current": entry.is_current,
        "size_bytes": entry.size_bytes,
    }
