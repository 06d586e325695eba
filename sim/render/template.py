"""Templates filled in: whatever is put into one is text, and never taken for HTML."""

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).with_name("templates")


def fill(template: str, **content: Any) -> str:
    """The text of a template of `templates/` with its content in its places."""
    return _environment().get_template(template).render(content)


def text_of(name: str) -> str:
    """A file of `templates/` as it is."""
    return (_TEMPLATES / name).read_text(encoding="utf-8")


@functools.cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
