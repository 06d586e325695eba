"""The command that makes a document of results."""

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from sim.cli.options import Out, ToFile
from sim.cli.terminal import answering, called_folder, waiting
from sim.render.terminal import print_line

Format = Literal["html", "md", "tex"]


def report(
    result: Annotated[
        str,
        typer.Argument(
            help="A folder of results or the start of its name; the newest if several fit.",
            metavar="RESULT",
        ),
    ],
    form: Annotated[
        Format, typer.Option("--format", help="html is a page; md and tex are tables for a paper.")
    ] = "html",
    to: ToFile = None,
    out: Out = "results",
) -> None:
    """Write one document about results, to read, print or send.

    It contains the answer, what the answer rests on, and every figure used.
    """
    from sim.experiment.storage.disk import replacing, writing_into
    from sim.render.html import as_html
    from sim.render.latex import as_latex
    from sim.render.markdown import as_markdown
    from sim.report.page.contents import document_of

    folder = called_folder(result, out)
    file = Path(to) if to else folder / f"report.{form}"
    results = Path(os.path.relpath(folder, file.parent)).as_posix()
    with answering(str(folder), str(file)), waiting("writing", is_quiet=False):
        document = document_of(folder)
        text = {
            "html": lambda: as_html(document),
            "md": lambda: as_markdown(document, results),
            "tex": lambda: as_latex(document, results),
        }[form]()
        with writing_into(file.parent), replacing(file) as temporary:
            temporary.write_text(text, encoding="utf-8")
    print_line(str(file), style="dim")
