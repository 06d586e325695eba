"""Templates filled in: whatever is put into one is text, and never taken for HTML."""

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).with_name("templates")


def fill(template: str | Path, **content: Any) -> str:
    """The text of a template with its content in its places: of `templates/`, or at a path."""
    file = _TEMPLATES / template
    return _environment(file.parent).get_template(file.name).render(content)


def text_of(name: str | Path) -> str:
    """A file as it is: of `templates/`, or at a path."""
    return (_TEMPLATES / name).read_text(encoding="utf-8")


@functools.cache
def _environment(folder: Path) -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
