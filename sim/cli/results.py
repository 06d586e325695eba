"""Commands about results on disk: list them, show one, drop what nothing finds again."""

from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import AsJson, Out
from sim.cli.terminal import answering, print_json, print_sections, say, stop

if TYPE_CHECKING:
    from sim.experiment.shelf import Entry


def listing(context: typer.Context, out: Out = "results", as_json: AsJson = False) -> None:
    """List results: what they are of, whole or not, and by which version of the model."""
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
    name: Annotated[str, typer.Argument(help="A folder of results, or the start of its name.")],
    out: Out = "results",
    as_json: AsJson = False,
) -> None:
    """Show what made some results, and what their tables hold."""
    from sim.experiment.shelf import called, entries
    from sim.report.shelf import entry_in_words

    found = entries(out)
    chosen = called(name, found)
    if len(chosen) != 1:
        known = ", ".join(entry.name for entry in chosen or found) or "none"
        stop(f"{name}: {len(chosen)} results of this name in {out}, expected one of {known}")
    if as_json:
        print_json(chosen[0].manifest)
    else:
        with answering(name, out):
            sections = entry_in_words(chosen[0])
        print_sections(chosen[0].name, sections)


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
        "complete": entry.is_complete,
        "current": entry.is_current,
        "size_bytes": entry.size_bytes,
    }
