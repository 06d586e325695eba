"""Fill in templates; everything put into one is escaped as text."""

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).with_name("templates")


def fill(template: str | Path, **content: Any) -> str:
    """A template filled with its content: from `templates/`, or at a path."""
    file = _TEMPLATES / template
    return _environment(file.parent).get_template(file.name).render(content)


def text_of(name: str | Path) -> str:
    """The text of a file, unchanged: from `templates/`, or at a path."""
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
