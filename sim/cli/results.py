"""Commands about results on disk: list them, show one, drop what nothing finds again."""

from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import AsJson, Out
from sim.cli.terminal import answering, called_folder, print_json, print_sections, say

if TYPE_CHECKING:
    from sim.experiment.shelf import Entry


def listing(context: typer.Context, out: Out = "results", as_json: AsJson = False) -> None:
    """List results: what they are of, when made, whole or not, by which version of the model."""
    if context.invoked_subcommand is not None:
        return
    from sim.experiment.shelf import entries
    from sim.report.shelf import shelf_in_words

    found = entries(out)
    if as_json:
        print_json([_plain(entry) for entry in found])
    else:
        print_sections(f"Results in {out}", shelf_in_words(found))


def show(
    name: Annotated[
        str,
        typer.Argument(
            help="A folder of results, or the start of its name; of several the one made last."
        ),
    ],
    out: Out = "results",
    as_json: AsJson = False,
) -> None:
    """Show what made some results, and what their tables hold."""
    from sim.experiment.shelf import entry_of
    from sim.report.shelf import entry_in_words

    entry = entry_of(called_folder(name, out))
    if as_json:
        print_json(entry.manifest)
    else:
        with answering(name, out):
            sections = entry_in_words(entry)
        print_sections(entry.name, sections)


def gc(
    out: Out = "results",
    yes: Annotated[bool, typer.Option("--yes", help="Remove them, do not just name them.")] = False,
) -> None:
    """Remove results that another version of the model made: no command finds them again."""
    from sim.experiment.shelf import drop, entries
    from sim.report.shelf import shelf_in_words, size

    stale = [entry for entry in entries(out) if not entry.is_current and entry.is_dated]
    print_sections(f"Results in {out} of another version of the model", shelf_in_words(stale))
    if not yes:
        say("nothing removed; --yes removes these" if stale else "nothing to remove", style="dim")
        return
    drop(stale)
    say(f"removed {len(stale)}, {size(sum(entry.size_bytes for entry in stale))}", style="dim")


def _plain(entry: "Entry") -> dict[str, object]:
    return {
        "name": entry.name,
        "kind": entry.kind,
        "runs": entry.manifest.get("runs"),
        "seed": entry.manifest.get("seed"),
        "made": entry.made or None,
        "overrides": entry.overrides,
        "complete": entry.is_complete,
        "current": entry.is_current,
        "size_bytes": entry.size_bytes,
    }
