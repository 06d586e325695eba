"""Pictures from a folder of results, possibly a stranger's: accepted only if they merely draw."""

import re
from collections.abc import Iterator, Sequence
from html import unescape
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

from sim.experiment.errors import ExperimentError
from sim.experiment.storage.answer_files import sums_of
from sim.render.document import CaptionedSvg
from sim.report.page.captions import caption_of
from sim.scenario.text.regular_file import read_ordinary

_LARGEST_BYTES = 50_000_000
_DRAWS = {
    "svg", "g", "path", "rect", "line", "circle", "ellipse", "polygon", "polyline", "text", "tspan",
    "use", "defs", "clipPath", "pattern", "image", "style", "title", "desc", "metadata", "RDF",
    "Work", "type", "format", "creator", "Agent", "description", "date", "rights",
}  # fmt: skip
_WITHIN = re.compile(r"#|data:image/png;base64,")
_READ_OTHERWISE = re.compile(r"<\?|<!(?!--\s)")  # means something else in HTML than in XML
_LEADS_OUT = re.compile(r"\\|@|url\((?!#)|expression", re.IGNORECASE)


def figures_in(
    folder: Path, within: str = "", names: Sequence[str] | None = None
) -> Iterator[CaptionedSvg]:
    """The pictures `within` a folder of results: those in `names`, in that order, else all."""
    inner = folder / within
    listed = sums_of(inner)
    files = sorted(file for file in inner.glob("*.svg") if listed is None or file.name in listed)
    chosen = files if names is None else [inner / f"{name}.svg" for name in names]
    for file in chosen:
        if file.exists():
            svg = svg_of(file)
            title, description = (_metadata(svg, word) for word in ("title", "description"))
            place = PurePosixPath(within, file.stem)
            yield CaptionedSvg(str(place), svg, title, description, caption_of(file.stem, title))


def _metadata(svg: str, word: str) -> str:
    """A field of a picture's metadata, as plain text; empty if there is none."""
    found = re.search(rf"<dc:{word}>(.*?)</dc:{word}>", svg, re.DOTALL)
    return " ".join(unescape(found[1]).split()) if found else ""


def svg_of(file: Path) -> str:
    """The text of a picture. Raises ExperimentError if it is none or does more than draw."""
    problem = ExperimentError(f"{file.name} is no picture a command drew, expected it removed")
    try:
        svg = read_ordinary(file, _LARGEST_BYTES).decode("utf-8")
        root = ElementTree.fromstring(svg[svg.index("<svg") :])
    except (OSError, ValueError, ElementTree.ParseError):
        raise problem from None
    if _READ_OTHERWISE.search(svg, svg.index("<svg")) or not all(map(_only_draws, root.iter())):
        raise problem
    return svg


def _only_draws(element: ElementTree.Element) -> bool:
    """Whether an element only draws or describes, and neither runs nor fetches anything."""
    if _name(element.tag) not in _DRAWS:
        return False
    if _name(element.tag) == "style" and _LEADS_OUT.search(element.text or ""):
        return False
    for attribute, value in element.attrib.items():
        name = _name(attribute)
        if name == "href" and not _WITHIN.match(value):
            return False
        if name.startswith("on") or (name != "href" and _LEADS_OUT.search(value)):
            return False
    return True


def _name(written: str) -> str:
    """A name without its namespace."""
    return written.rpartition("}")[2]
