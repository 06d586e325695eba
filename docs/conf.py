"""The documents as a site: `make docs` builds it into site/, and nothing in it needs a network."""

import os
import re
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

import sim

sys.path.insert(0, str(Path(__file__).parent))
import notebook
import reference

project = "Raids & Talks"
author = "The Raids & Talks founders"
copyright = author
release = version = sim.__version__

extensions = ["myst_parser"]
myst_heading_anchors = 4
myst_fence_as_directive = ["math"]
nitpicky = True

html_theme = "furo"
html_title = f"{project} {version}"
html_math_renderer = "mathml"
html_copy_source = False
html_show_sphinx = False
html_static_path = ["static"]
html_css_files = ["site.css"]

# Files outside docs/ that have a page of their own on the site.
ELSEWHERE = {"../CONTRIBUTING.md": "contributing.md", "../CHANGELOG.md": "changelog.md"}
# The notebook's cells take some twenty seconds: with TOUR=unrun they stand without their outputs.
IS_TOUR_RUN = os.environ.get("TOUR") != "unrun"


def written_page(app: Sphinx, page: str, text: list[str]) -> None:
    """Put in place of a page what the code says, or lead its links to pages of the site."""
    if page in reference.PAGES:
        text[0] = reference.PAGES[page]()
    if page == "tour":
        text[0] = notebook.as_markdown(reference.TOUR, IS_TOUR_RUN)
    for file, there in ELSEWHERE.items():
        text[0] = text[0].replace(f"]({file}", f"]({there}")
    text[0] = re.sub(r"\[([^\]]+)\]\((\.\./[^)]+)\)", _without_folder, text[0])


def _without_folder(link: re.Match[str]) -> str:
    """The words of a link to a folder of the repository, which a site cannot show."""
    return link[1] if (Path(__file__).parent / link[2]).is_dir() else link[0]


class CitedSources(SphinxTransform):
    """Every key of the register of sources in a text leads to its entry."""

    default_priority = 250
    left_alone = nodes.literal_block | nodes.reference | nodes.title | addnodes.pending_xref

    def apply(self, **kwargs: Any) -> None:
        if self.env.docname == "sources":
            return
        for text in list(self.document.findall(nodes.Text)):
            if isinstance(text.parent, nodes.literal):
                self._link(text.parent, whole=True)
            elif not self._is_left_alone(text):
                self._link(text, whole=False)

    def _is_left_alone(self, node: nodes.Node) -> bool:
        while node.parent is not None:
            node = node.parent
            if isinstance(node, self.left_alone):
                return True
        return False

    def _link(self, node: nodes.Node, whole: bool) -> None:
        said, made, end = node.astext(), [], 0
        if whole and not reference.KEY.fullmatch(said):
            return
        for found in reference.KEY.finditer(said):
            key = found[0]
            if key not in reference.register():
                logging.getLogger(__name__).warning(
                    "%s is not in the register of sources", key, location=self.env.docname
                )
                continue
            cited = nodes.reference(refuri=f"sources.html#{nodes.make_id(key)}", internal=True)
            cited += nodes.inline(key, key) if not whole else nodes.literal(key, key)
            made += [nodes.Text(said[end : found.start()]), cited]
            end = found.end()
        if made:
            node.parent.replace(node, [*made, nodes.Text(said[end:])])


def in_line(writer: Any, node: nodes.math) -> None:
    """An expression in a line, as MathML, which browsers draw by themselves."""
    writer.body.append(convert(node.astext()))
    raise nodes.SkipNode


def on_its_own(writer: Any, node: nodes.math_block) -> None:
    """An equation of its own, as MathML."""
    writer.body.append(f'<div class="math">{convert(node.astext(), display="block")}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    app.connect("source-read", written_page)
    app.add_transform(CitedSources)
    app.add_html_math_renderer("mathml", (in_line, None), (on_its_own, None))
