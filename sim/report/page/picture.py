"""A picture out of a folder of results, perhaps of a stranger's: accepted if it only draws."""

import re
from pathlib import Path
from xml.etree import ElementTree

from sim.experiment.errors import ExperimentError
from sim.scenario.text.regular_file import read_ordinary

_LARGEST_BYTES = 50_000_000
_DRAWS = {
    "svg", "g", "path", "rect", "line", "circle", "ellipse", "polygon", "polyline", "text", "tspan",
    "use", "defs", "clipPath", "image", "style", "title", "desc", "metadata", "RDF", "Work", "type",
    "format", "creator", "Agent", "description", "date", "rights",
}  # fmt: skip
_WITHIN = re.compile(r"#|data:image/png;base64,")
_READ_OTHERWISE = re.compile(r"<\?|<!(?!--\s)")  # in HTML than in XML
_LEADS_OUT = re.compile(r"\\|@|url\((?!#)|expression", re.IGNORECASE)


def svg_of(file: Path) -> str:
    """The text of a picture. Raises ExperimentError where it is none or does more than draw."""
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
    """Whether an element draws or describes, runs nothing and fetches nothing."""
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
