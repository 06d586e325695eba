"""The notebook as a page of the site: its cells, and what they give when they are run."""

import logging
import re
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from nbclient import NotebookClient

_TIMEOUT_S = 300
_STYLE = re.compile(r"<style.*?</style>", re.DOTALL)


def as_markdown(file: Path, is_run: bool) -> str:
    """A notebook as a page in Markdown, each cell with its outputs where it `is_run`.

    Raises CellExecutionError where a cell fails.
    """
    notebook = nbformat.read(file, as_version=4)
    if is_run:
        logging.getLogger("traitlets").setLevel(logging.WARNING)  # not which kernel it is
        with TemporaryDirectory() as folder:
            NotebookClient(
                notebook,
                timeout=_TIMEOUT_S,
                resources={"metadata": {"path": folder}},
                extra_arguments=["--log-level=ERROR"],
            ).execute()
    cells = [_cell(cell) for cell in notebook.cells]
    how = "run when this site was built" if is_run else "without what its cells give"
    about = f"*The notebook [{file.name}]({file.name}), {how}.*"
    return "\n\n".join([cells[0], about, *cells[1:]])


def _cell(cell: Any) -> str:
    if cell.cell_type == "markdown":
        return str(cell.source)
    outputs = (_output(output) for output in cell.outputs)
    return "\n\n".join([f"```python\n{cell.source}\n```", *filter(None, outputs)])


def _output(output: Any) -> str:
    """What a cell gives: a picture, a table, or text."""
    if output.output_type == "stream":
        return f"```text\n{output.text.rstrip()}\n```"
    if "image/png" in output.data:
        data = "".join(output.data["image/png"].split())
        alt = escape(output.metadata.get("image/png", {}).get("alt", ""))
        return _raw(f'<img src="data:image/png;base64,{data}" alt="{alt}">')
    if "text/html" in output.data:
        return _raw(_STYLE.sub("", output.data["text/html"]))
    return f"```text\n{output.data['text/plain'].rstrip()}\n```"


def _raw(html: str) -> str:
    return f'```{{raw}} html\n<div class="output">{html}</div>\n```'
